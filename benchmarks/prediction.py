"""Time skrnn against PyTorch and Keras: prediction of many sequences, and step by step.

Run ``python benchmarks/prediction.py [--quick]``. It prints Markdown. Tools that are not
installed are left out.
"""

import argparse
from collections.abc import Callable
from functools import partial

import numpy as np
from _tools import (
    KERAS,
    TORCH,
    Job,
    Variants,
    import_keras,
    keras_model,
    machine,
    measure,
    print_ratios,
    print_table,
    repeated,
    torch_network,
)

MANY = [
    Job("Elman", H=8, T=60, D=1, B=8192),
    Job("LSTM", H=32, T=60, D=4, B=2048),
    Job("GRU", H=32, T=60, D=4, B=2048),
    Job("LSTM", H=128, T=100, D=8, B=2048),
]
ONE = [
    Job("LSTM", H=32, T=1, D=4, B=1),
    Job("GRU", H=32, T=1, D=4, B=1),
    Job("LSTM", H=128, T=1, D=8, B=1),
]
BATCH_SIZES = [64, 256, 1024]  # of the peers, and all at once; which one is best depends


def prepare_skrnn(job: Job) -> Variants:
    from skrnn import RNNRegressor

    X, y = job.data()
    model = RNNRegressor(
        job.H, cell=job.cell.lower(), alpha=1.0, solver="adam", max_iter=1, random_state=0
    )
    model.fit(X[:8], y[:8, 0])
    if job.B > 1:
        return {"predict": repeated(lambda: model.predict(X))}
    x, state = X[0, 0], None

    def step():
        nonlocal state
        prediction, state = model.step(x, state)
        return prediction

    return {"step": repeated(step)}


def prepare_torch(job: Job) -> Variants:
    import torch

    modules, predict = torch_network(job)
    modules.eval()
    layers, readout = modules
    x = torch.from_numpy(job.data()[0]).transpose(0, 1).contiguous()

    def in_batches(size):
        return lambda: torch.cat([predict(part) for part in x.split(size, 1)]).numpy()

    def layer_step():
        nonlocal state
        output, state = layers(x, state)
        return readout(output[-1]).numpy()

    cell, one_x = getattr(torch.nn, f"{TORCH[job.cell]}Cell")(job.D, job.H), x[0]
    state = cell_state = None

    def cell_step():
        nonlocal cell_state
        cell_state = cell(one_x, cell_state)
        return readout(cell_state[0] if job.cell == "LSTM" else cell_state).numpy()

    def on_threads(n_threads, function):
        def run(n):
            torch.set_num_threads(n_threads)
            with torch.inference_mode():
                return repeated(function)(n)

        return run

    ways = {"layer": layer_step, "cell": cell_step}
    if job.B > 1:
        ways = {f"batches of {size:,}": in_batches(size) for size in [*BATCH_SIZES, job.B]}
    threads = {"1 thread": 1, "2 threads": 2}
    return {f"{w}, {t}": on_threads(threads[t], ways[w]) for w in ways for t in threads}


def keras_steps(keras, job: Job, backend: str) -> dict[str, Callable[[], np.ndarray]]:
    """Ways to predict from one step, with the state in the model or passed in and out."""
    X, _ = job.data()
    stateful, x = keras_model(keras, job, stateful=True), keras.ops.convert_to_tensor(X)
    ways = {"stateful, call": lambda: np.asarray(stateful(x))}
    if backend != "jax":  # there, predict_on_batch starts from the same state every time
        ways["stateful, predict_on_batch"] = lambda: stateful.predict_on_batch(X)

    state = [np.zeros((1, job.H), np.float32)] * (2 if job.cell == "LSTM" else 1)
    inputs = [keras.Input(batch_shape=array.shape) for array in [X, *state]]
    layer = getattr(keras.layers, KERAS[job.cell])(job.H, return_state=True)
    h, *states = layer(inputs[0], initial_state=inputs[1:])
    passing = keras.Model(inputs, [keras.layers.Dense(1)(h), *states])

    def pass_state():
        nonlocal state
        prediction, *state = passing.predict_on_batch([X, *state])
        return prediction

    return {**ways, "state passed, predict_on_batch": pass_state}


def prepare_keras(job: Job, *, backend: str) -> Variants:
    keras = import_keras(backend)
    if job.B == 1:
        ways = keras_steps(keras, job, backend)
    else:
        X, model = job.data()[0], keras_model(keras, job)
        ways = {"predict_on_batch": lambda: model.predict_on_batch(X)}
        for size in BATCH_SIZES:
            name = f"predict, batches of {size:,}"
            ways[name] = partial(model.predict, X, batch_size=size, verbose=0)
    return {way: repeated(function) for way, function in ways.items()}


TOOLS = {
    "skrnn": prepare_skrnn,
    "PyTorch": prepare_torch,
    "Keras on JAX": partial(prepare_keras, backend="jax"),
    "Keras on TensorFlow": partial(prepare_keras, backend="tensorflow"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    n_rounds, budget = (2, 0.1) if parser.parse_args().quick else (5, 0.3)
    print(machine())
    print(f"Fastest of {n_rounds} rounds and of each tool's variants.")
    best = measure(TOOLS, MANY + ONE, n_rounds, budget)
    many, one = ({key: best[key] for key in best if key[0] in jobs} for jobs in (MANY, ONE))
    print("\n## Prediction of B sequences\n")
    print("Sequences per second; in brackets, the time, times skrnn's.\n")
    print_table(many, lambda job, seconds: f"{job.B / seconds:,.0f}")
    print_ratios(many)
    print("\n## One step of one sequence\n")
    print("Microseconds; in brackets, times skrnn's.\n")
    print_table(one, lambda job, seconds: f"{seconds * 1e6:,.1f}")
    print_ratios(one)


if __name__ == "__main__":
    main()
