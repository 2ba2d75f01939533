"""Which cell?
===========

A grid search over all of them, and over one that is written here.

The cells are compared on the sunspots of 315 years, forecast one year ahead, on three time
series splits with three seeds each. The script adds a minimal gated unit to the cells of the
package (Zhou et al., "Minimal gated unit for recurrent neural networks", International Journal of
Automation and Computing 13, 2016). It shows how to write a cell: its equations, forward and
backward. The package provides masks, stacks, truncation, solvers and the rest.

Run it with ``python examples/own_cell.py``; it draws ``examples/output/own_cell.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from skrnn import RNNRegressor, SlidingWindow
from skrnn.cells import CELLS, Cell, Outer
from skrnn.datasets import load_sunspots

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
OUTPUT.mkdir(exist_ok=True)


# %%
# The cell: f_t = σ(W_f [x_t; 1; h_{t-1}]), n_t = φ(W_n [x_t; 1; f_t h_{t-1}]),
# h_t = h_{t-1} + f_t (n_t - h_{t-1})
class MinimalGatedUnit(Cell):
    """One gate that both forgets and lets in."""

    n_gates = 2  # f and n
    has_direct_path = True  # h_{t-1} acts on h_t without a weight, too

    def parameter_shapes(self):
        shape = self.hidden_size, self.n_inputs + 1 + self.hidden_size
        return {"W_f": shape, "W_n": shape}

    def initial_weights(self, rng):
        return {"W_f": self.initial_gate(rng), "W_n": self.initial_gate(rng)}

    def named_weights(self, weights):
        parts = {gate: Cell.named_weights(self, {"W": W}) for gate, W in weights.items()}
        return {f"{gate[-1]}.{k}": view for gate, own in parts.items() for k, view in own.items()}

    def buffers(self):  # name: steps beyond T, rows
        H = self.hidden_size
        return {"f": (0, H), "n": (0, H), "gated": (0, self.n_inputs + 1 + H)}

    def prepare(self, weights):
        return weights["W_f"], weights["W_n"]

    def project(self, prepared, tape, steps):
        tape.gated[steps, : self.n_inputs + 1] = tape.operand[steps, : self.n_inputs + 1]

    def forward_views(self, tape):  # argument of forward: an array with a view per step
        return {
            "operand": tape.operand[:-1],
            "h_masked": tape.recurrent[:-1],  # h_{t-1}, with the recurrent mask if there is one
            "gated": tape.gated,
            "gated_h": tape.gated[:, self.n_inputs + 1 :],
            "f": tape.f,
            "n": tape.n,
            "h_old": tape.state[:-1],
            "h": tape.state[1:],
        }

    def forward(self, prepared, operand, h_masked, gated, gated_h, f, n, h_old, h):
        W_f, W_n = prepared
        f[...] = 1 / (1 + np.exp(-(W_f @ operand)))
        np.multiply(f, h_masked, out=gated_h)
        self.activation.apply(W_n @ gated, n)
        h[...] = h_old + f * (n - h_old)

    def prepare_backward(self, weights):
        return [W[:, self.n_inputs + 1 :].T for W in weights.values()]

    def local_derivatives(self, prepared, tape, steps):  # tape.local ends up as dL/dz
        H, f = self.hidden_size, tape.f[steps]
        tape.local[steps, :H] = f * (1 - f)
        self.activation.derivative(tape.n[steps], tape.local[steps, H:])
        tape.local[steps, H:] *= f

    def backward_views(self, tape):
        H, local = self.hidden_size, tape.local
        gates = {"dz_f": local[:, :H], "dz_n": local[:, H:], "f": tape.f, "n": tape.n}
        return {**gates, "h_old": tape.state[:-1], "h_masked": tape.recurrent[:-1]}

    def backward(self, prepared, d_states, d_recurrent, dz_f, dz_n, f, n, h_old, h_masked):
        (dh,), (U_f, U_n) = d_states, prepared
        dz_n *= dh
        d_gated = U_n @ dz_n
        dz_f *= dh * (n - h_old) + d_gated * h_masked
        d_recurrent[...] = U_f @ dz_f + d_gated * f
        dh *= 1 - f

    def input_gradient(self, weights, tape, steps, out):
        W_x = np.vstack([W[:, : self.n_inputs] for W in weights.values()])
        np.matmul(W_x.T, tape.local[steps], out=out)

    def weight_gradients(self, tape, steps):
        H, local = self.hidden_size, tape.local[steps]
        gate, candidate = local[:, :H], local[:, H:]
        return {"W_f": Outer(gate, tape.operand[steps]), "W_n": Outer(candidate, tape.gated[steps])}


# %%
# All cells in one grid: by name, and the new one by class
X, y = load_sunspots(return_X_y=True, as_frame=True)  # a year, and the year after it
pipe = Pipeline(
    [("scale", MinMaxScaler()), ("window", SlidingWindow(12)), ("rnn", RNNRegressor(4))]
)
folds = TimeSeriesSplit(3, test_size=50)
grid = {"rnn__cell": [*CELLS, MinimalGatedUnit], "rnn__random_state": range(3)}
search = GridSearchCV(
    pipe.set_output(transform="pandas"),
    grid,
    cv=folds,
    scoring="neg_root_mean_squared_error",
    refit=False,
    n_jobs=2,
)
search.fit(X, y)
errors = -search.cv_results_["mean_test_score"].reshape(-1, 3)  # cells, seeds
seconds = search.cv_results_["mean_fit_time"].reshape(-1, 3).mean(axis=1)
names = [*CELLS, "minimal gated unit"]
persistence = np.mean(
    [root_mean_squared_error(y.iloc[test], X.iloc[test]) for _, test in folds.split(X)]
)

print(f"{'cell':20s} RMSE, median (range of 3 seeds)   seconds per fit")
for name, error, time in zip(names, errors, seconds, strict=True):
    low, middle, high = np.percentile(error, [0, 50, 100])
    print(f"{name:20s} {middle:5.2f}  ({low:5.2f} to {high:5.2f})               {time:6.2f}")
print(f"{'persistence':20s} {persistence:5.2f}")

# %%
# The picture
figure, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
order = np.argsort(np.median(errors, axis=1))
for place, i in enumerate(order):
    ax.barh(place, np.median(errors[i]), color="C1" if names[i] not in CELLS else "C0")
    ax.plot(errors[i], np.full(3, place), "k.", markersize=4)
ax.axvline(persistence, color="0.4", linestyle="--", label="persistence")
ax.set_yticks(range(len(names)), [names[i] for i in order])
ax.invert_yaxis()
ax.set(xlabel="RMSE one year ahead, median of 3 seeds (dots)", title="Sunspots: which cell?")
ax.legend()
figure.savefig(OUTPUT / "own_cell.png", dpi=120)
print(f"picture: {OUTPUT / 'own_cell.png'}")
# sphinx_gallery_thumbnail_path = '../examples/own_cell.png'
