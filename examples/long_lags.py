"""Long lags
=========

Three tasks from the literature that tell recurrent cells apart by what they remember.

1. The adding problem: 100 steps of noise, two of them marked; what is the sum of those two?
   The gated cells learn it in a few seconds. Elman's network doesn't in three times the epochs.
2. Temporal XOR: every third bit of a stream is the exclusive or of the two before it. No linear
   model predicts it, any network with a memory of two steps does. Jordan's network has only the
   output as its memory. The output should be 0.5 where the next bit is unknown, so to remember
   costs error.
3. The embedded Reber grammar: strings of a small automaton, whose last symbol but one repeats the
   second. Every cell learns the other symbols, but this one needs memory. The label of each step is
   the next symbol, and strings have different lengths.

Each cell trains from three seeds, which draw sequences, weights and batches. Scores are those of
new sequences. Run it with ``python examples/long_lags.py``, for about a minute; it draws
``examples/output/long_lags.png``. An argument sets the number of seeds.

Sources: J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990), for 2;
S. E. Fahlman, "The recurrent cascade-correlation architecture", NIPS 1991, for 3; S. Hochreiter
and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), for 1 and 3, with 1 as in
Q. V. Le, N. Jaitly and G. E. Hinton, "A simple way to initialize recurrent networks of rectified
linear units", arXiv:1504.00941 (2015).
"""

# %%
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression

from skrnn import RNNClassifier, RNNRegressor

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
OUTPUT.mkdir(exist_ok=True)
SEEDS = range(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
CELLS = ["elman", "jordan", "lstm", "peephole_lstm", "gru"]
COLORS = dict(zip(CELLS, ["C3", "C1", "C0", "C9", "C2"], strict=True))


def train(X, y, cell, seed, *, max_iter, estimator=RNNRegressor, **settings):
    """A network of 16 units after `max_iter` epochs, and the seconds that they took."""
    # no noise, so no penalty; no early end, as the loss stays on plateaus before it falls
    model = estimator(
        16,
        cell=cell,
        solver="adam",
        alpha=0,
        max_iter=max_iter,
        n_iter_no_change=max_iter,
        random_state=seed,
        **settings,
    )
    start = time.perf_counter()
    model.fit(X, y)
    return model, time.perf_counter() - start


def last_two(X):
    """For a linear model: rows of each step and the one before it."""
    return np.vstack([np.hstack([x, np.vstack([0 * x[:1], x[:-1]])]) for x in X])


# %%
# 1. The adding problem
n_steps, n_sequences = 100, 5000


def adding(n, rng):
    """Values and marks (n, n_steps, 2), and the sum of the two values that are marked."""
    X = np.zeros((n, n_steps, 2), "f4")  # float32 is computed in float32, in less time
    X[..., 0] = rng.uniform(size=(n, n_steps))
    half, rows = n_steps // 2, np.arange(n)
    first, second = rng.randint(half, size=n), rng.randint(half, n_steps, size=n)
    X[rows, first, 1] = X[rows, second, 1] = 1
    return X, X[rows, first, 0] + X[rows, second, 0]


# An epoch is 250 updates. Elman's network does better with a smaller step size. Its epochs take a
# third of the time, so it gets three times as many. Jordan's network doesn't learn this, and isn't
# run.
ADDING = {
    "elman": {"learning_rate_init": 0.001, "max_iter": 24},
    "lstm": {"learning_rate_init": 0.01, "max_iter": 8},
    "peephole_lstm": {"learning_rate_init": 0.01, "max_iter": 8},
    "gru": {"learning_rate_init": 0.01, "max_iter": 8},
}
adding_curves, adding_mse, adding_seconds = {}, {}, {}  # by cell, one per seed
for seed in SEEDS:
    rng = np.random.RandomState(seed)
    X, y = adding(n_sequences, rng)
    X_test, y_test = adding(5000, rng)
    adding_mse.setdefault("baseline", []).append(np.mean((y_test - 1) ** 2))
    for cell, settings in ADDING.items():
        model, seconds = train(X, y, cell, seed, batch_size=20, **settings)
        # the loss is half the mean square of the scaled target's error
        curve = 2 * np.array(model.loss_curve_) * model.y_scale_[0] ** 2
        adding_curves.setdefault(cell, []).append(curve)
        adding_mse.setdefault(cell, []).append(np.mean((model.predict(X_test) - y_test) ** 2))
        adding_seconds.setdefault(cell, []).append(seconds)


# %%
# 2. Temporal XOR
def xor_stream(n, rng, n_triples=10):
    """Bits (n, 3 n_triples, 1) and the bits that follow them; two of three are random."""
    pairs = rng.randint(2, size=(n, n_triples + 1, 2))
    triples = np.dstack([pairs, pairs[..., :1] ^ pairs[..., 1:]])
    bits = triples.reshape(n, -1, 1)[:, : 3 * n_triples + 1].astype("f4")
    return bits[:, :-1], bits[:, 1:]


def xor_scores(y, prediction):
    """Squared error and fraction right, of the bits that follow from those before."""
    y, prediction = y[:, 1::3], prediction[:, 1::3]
    return np.mean((prediction - y) ** 2), np.mean((prediction > 0.5) == (y > 0.5))


xor = {}  # scores by cell, a row per seed
for seed in SEEDS:
    rng = np.random.RandomState(seed)
    (X, y), (X_test, y_test) = xor_stream(400, rng), xor_stream(400, rng)
    for cell in CELLS:
        model, _ = train(X, y, cell, seed, batch_size=10, learning_rate_init=0.01, max_iter=30)
        xor.setdefault(cell, []).append(xor_scores(y_test, model.predict(X_test)))
    # the linear model knows which bits count; its accuracy is that of always 0 or always 1
    counts = np.tile([False, True, False], X.size // 3)
    linear = LinearRegression().fit(last_two(X)[counts], y.reshape(-1, 1)[counts])
    mse, _ = xor_scores(y_test, linear.predict(last_two(X_test)).reshape(y_test.shape))
    ones = y_test[:, 1::3].mean()
    xor.setdefault("baseline", []).append((mse, max(ones, 1 - ones)))

# %%
# 3. The embedded Reber grammar
SYMBOLS = "BEPSTVX"
ARCS = [  # from each state: symbol and next state
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": None},
]


def reber_string(rng):
    """A string, and for each symbol but the first those that could stand there."""
    branch = "TP"[rng.randint(2)]
    string, legal, state = "B" + branch, ["TP"], 0
    while state is not None:
        legal.append("".join(ARCS[state]))
        symbol = legal[-1][rng.randint(len(legal[-1]))]
        string, state = string + symbol, ARCS[state][symbol]
    return string + branch + "E", [*legal, branch, "E"]


def reber(n, rng):
    """One-hot symbols (length, 7), those that follow (length,), and the legal ones (length, 7)."""
    X, y, legal = [], [], []
    for _ in range(n):
        string, options = reber_string(rng)
        one_hot = np.array([[s == symbol for s in SYMBOLS] for symbol in string], "f4")
        X.append(one_hot[:-1])
        y.append(np.array(list(string[1:])))
        legal.append(np.array([[s in option for s in SYMBOLS] for option in options]))
    return X, y, legal


def reber_scores(y, legal, prediction):
    """Of the steps, how often the likeliest symbol is legal; of the strings, how often the last
    symbol but one is the likelier of T and P, and how often all legal symbols are likelier than
    all others.
    """
    likeliest, remembered, perfect = [], [], []
    for target, mask, output in zip(y, legal, prediction, strict=True):
        likeliest.extend(mask[np.arange(len(mask)), output.argmax(axis=1)])
        p = dict(zip(SYMBOLS, output[-2], strict=True))
        remembered.append(max("TP", key=p.get) == target[-2])
        lowest, highest = np.where(mask, output, np.inf), np.where(mask, -np.inf, output)
        perfect.append(np.all(lowest.min(axis=1) > highest.max(axis=1)))
    return np.mean(likeliest), np.mean(remembered), np.mean(perfect)


grammar = {}  # scores by cell, a row per seed
settings = {"batch_size": 10, "learning_rate_init": 0.02, "max_iter": 30}
for seed in SEEDS:
    rng = np.random.RandomState(seed)
    X, y, _ = reber(500, rng)
    X_test, y_test, legal = reber(500, rng)
    for cell in CELLS:
        model, _ = train(X, y, cell, seed, estimator=RNNClassifier, **settings)
        p = model.predict_proba(X_test)  # a list of (length, 7), in the order of SYMBOLS
        grammar.setdefault(cell, []).append(reber_scores(y_test, legal, p))
    linear = LogisticRegression().fit(last_two(X), np.concatenate(y))
    ends = np.cumsum([len(x) for x in X_test])[:-1]
    p = np.split(linear.predict_proba(last_two(X_test)), ends)
    grammar.setdefault("baseline", []).append(reber_scores(y_test, legal, p))

# %%
# The scores
print("               adding problem               temporal XOR     embedded Reber grammar")
print("               MSE: median, worst  seconds  MSE     right    legal  remembered  perfect")
for cell in ["baseline", *CELLS]:
    mse, seconds = "not run", ""
    if cell in adding_mse:
        mse = f"{np.median(adding_mse[cell]):6.4f}  {np.max(adding_mse[cell]):6.4f}"
        seconds = f"{np.mean(adding_seconds[cell]):.1f}" if cell in adding_seconds else ""
    bits = "{:.4f}  {:6.1%}".format(*np.mean(xor[cell], axis=0))
    strings = "{:6.1%}  {:10.1%}  {:7.1%}".format(*np.mean(grammar[cell], axis=0))
    print(f"{cell:14} {mse:18}  {seconds:>7}  {bits}  {strings}")
print("the last five columns and the seconds are means over seeds")
print("baseline: predict 1; a linear model of the last two bits; one of the last two symbols")

# %%
# The picture
figure, axes = plt.subplots(1, 3, figsize=(14, 4.4), width_ratios=[1.7, 1, 1], layout="constrained")
ax = axes[0]
for cell, curves in adding_curves.items():
    for curve in curves:
        epochs = range(1, len(curve) + 1)
        ax.plot(epochs, curve, color=COLORS[cell], label=cell if curve is curves[0] else None)
    ends = [len(curve) for curve in curves]
    ax.plot(ends, adding_mse[cell], "o", color=COLORS[cell], markeredgecolor="white", zorder=3)
ax.plot([], [], "o", color="0.5", markeredgecolor="white", label="fresh sequences, at the end")
for level, text in [(1 / 6, "always 1"), (0.01, "solved")]:
    ax.axhline(level, color="0.4", linestyle="--", linewidth=1)
    ax.annotate(text, (1, level), (-4, 6), ax.get_yaxis_transform(), "offset points", ha="right")
ax.set(title=f"The adding problem over {n_steps} steps", yscale="log", ylim=(1e-4, 0.5))
ax.set(xlabel=f"epoch of {n_sequences:,} sequences", ylabel="mean squared error")
ax.legend(loc="lower right")

for ax, scores, title, label in [
    (axes[1], xor, "Temporal XOR", "predictable bits that are right (%)"),
    (axes[2], grammar, "Embedded Reber grammar", "second symbol remembered (%)"),
]:
    for row, cell in enumerate(CELLS):
        right = 100 * np.array(scores[cell])[:, 1]
        ax.barh(row, right.mean(), color=COLORS[cell], alpha=0.35)  # the mean and each seed
        ax.plot(right, [row] * len(right), "o", color=COLORS[cell], markeredgecolor="white")
    ax.axvline(50, color="0.4", linestyle="--", linewidth=1)
    ax.annotate("guess", (50, 0), (4, 4), ("data", "axes fraction"), "offset points")
    ax.set(title=title, xlabel=label, xlim=(0, 105))
    ax.set_yticks(range(len(CELLS)), CELLS if ax is axes[1] else [""] * len(CELLS))
    ax.invert_yaxis()
figure.savefig(OUTPUT / "long_lags.png", dpi=120)
print(f"picture: {OUTPUT / 'long_lags.png'}")
# sphinx_gallery_thumbnail_path = '../examples/long_lags.png'
