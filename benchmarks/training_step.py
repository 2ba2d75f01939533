"""Time skrnn against PyTorch and Keras: one training step.

Run ``python benchmarks/training_step.py [--quick]``. It prints Markdown. Tools that are not
installed are left out.
"""

import argparse
import time
from functools import partial

import numpy as np
from _tools import (
    Job,
    Variants,
    import_keras,
    keras_model,
    machine,
    measure,
    print_ratios,
    print_table,
    repeated,
    skrnn_adam,
    skrnn_network,
    torch_network,
)
from threadpoolctl import threadpool_limits

JOBS = [
    Job("Elman", H=5, T=60, D=1, B=100),
    Job("LSTM", H=16, T=60, D=1, B=32),
    Job("LSTM", H=64, T=100, D=8, B=64),
    Job("Elman", H=128, T=100, D=8, B=64),
    Job("LSTM", H=256, T=100, D=32, B=128),
    Job("GRU", H=32, T=60, D=4, B=64),
    Job("LSTM", H=32, T=60, D=4, B=64, bidirectional=True),
    Job("GRU", H=32, T=60, D=4, B=64, layers=2),
]
LEARNING_RATE = 1e-3


def skrnn_steps(job: Job) -> Variants:
    from skrnn._engine.parallel import SplitNetwork

    network, theta, batch = skrnn_network(job)
    split, update = SplitNetwork(network, n_threads=2), skrnn_adam(theta, LEARNING_RATE)
    gradient = np.empty_like(theta)

    def step():
        split.loss_grad(theta, batch, gradient)
        update(theta, gradient)

    def run(n):
        with threadpool_limits(1, "blas"):
            return repeated(step)(n)

    return {"": run}


def torch_steps(job: Job) -> Variants:
    import torch

    X, y = (torch.from_numpy(array) for array in job.data())
    x = X.transpose(0, 1).contiguous()

    def variant(n_threads, **options):
        modules, predict = torch_network(job)
        adam = torch.optim.Adam(modules.parameters(), lr=LEARNING_RATE, **options)
        loss_function = torch.nn.MSELoss()

        def step():
            adam.zero_grad()
            loss_function(predict(x), y).backward()
            adam.step()

        def run(n):
            torch.set_num_threads(n_threads)
            return repeated(step)(n)

        return run

    threads = {"1 thread": 1, "2 threads": 2}
    variants = {name: variant(n) for name, n in threads.items()}
    return variants | {f"{k}, fused Adam": variant(n, fused=True) for k, n in threads.items()}


def keras_steps(job: Job, *, backend: str) -> Variants:
    keras = import_keras(backend)
    keras.utils.set_random_seed(0)
    X, y = job.data()
    fitted, stepped = keras_model(keras, job), keras_model(keras, job)
    for model in fitted, stepped:
        model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="mse")

    def fit(n):
        rows = {"x": np.tile(X, (n, 1, 1)), "y": np.tile(y, (n, 1)), "batch_size": job.B}
        times = []  # of the epoch alone: the set-up of a fit is no training step

        def mark(epoch, logs):
            times.append(time.perf_counter())

        clock = keras.callbacks.LambdaCallback(on_epoch_begin=mark, on_epoch_end=mark)
        fitted.fit(**rows, shuffle=False, verbose=0, callbacks=[clock])
        return times[1] - times[0]

    train_on_batch = repeated(lambda: stepped.train_on_batch(X, y))
    return {"fit": fit, "train_on_batch": train_on_batch}


STEPS = {
    "skrnn": skrnn_steps,
    "PyTorch": torch_steps,
    "Keras on JAX": partial(keras_steps, backend="jax"),
    "Keras on TensorFlow": partial(keras_steps, backend="tensorflow"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    n_rounds, budget = (2, 0.2) if parser.parse_args().quick else (5, 0.3)
    print(machine())
    print(f"Fastest of {n_rounds} rounds and of each tool's variants.")
    best = measure(STEPS, JOBS, n_rounds, budget)
    print("\n## One training step\n\nMicroseconds; in brackets, times skrnn's.\n")
    print_table(best, lambda job, seconds: f"{seconds * 1e6:,.0f}")
    print_ratios(best)


if __name__ == "__main__":
    main()
