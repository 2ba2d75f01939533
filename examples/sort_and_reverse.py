"""Numbers, sorted and reversed
============================

An encoder reads them all before a decoder writes the first one.

Tutorials show encoder-decoders and attention on sequences like these. A linear model sees all
numbers at once. It reverses them exactly, as each target is one of its inputs, but the order of
numbers is nothing linear. A decoder without attention knows of them what one state holds. With
attention, it looks at the numbers themselves.

Run it with ``python examples/sort_and_reverse.py``, for about half a minute; it draws
``examples/output/sort_and_reverse.png``.
"""

# %%
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from skrnn import AttentionDisplay, Seq2SeqRegressor

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
OUTPUT.mkdir(exist_ok=True)

# %%
# 8 numbers between -1 and 1; a fifth of the samples is held out
rng = np.random.RandomState(0)
X = rng.uniform(-1, 1, size=(2000, 8, 1)).astype("f4")  # sequences, steps, features
tasks = {"sorted": np.sort(X[:, :, 0], axis=1), "reversed": X[:, ::-1, 0]}
train, test = slice(0, 1600), slice(1600, None)

# %%
# R² on the held-out samples, over all targets of all steps
models = {
    "Ridge on the 8 numbers": None,
    "encoder, decoder": Seq2SeqRegressor(batch_size=50, random_state=0),
    "with attention": Seq2SeqRegressor(
        attention="dot", bidirectional=True, batch_size=50, random_state=0
    ),
}
print(f"{'R²':26}" + "".join(f"{name:>10}" for name in tasks))
readers, start = {}, time.perf_counter()
for name, model in models.items():
    scores = []
    for task, y in tasks.items():
        if model is None:
            linear = Ridge().fit(X[train, :, 0], y[train])
            predicted = linear.predict(X[test, :, 0])
            scores.append(r2_score(y[test].ravel(), predicted.ravel()))
            continue
        fitted = clone(model).fit(X[train], y[train])
        scores.append(fitted.score(X[test], y[test]))
        if model.attention is not None:
            readers[task] = fitted
    print(f"{name:26}" + "".join(f"{score:10.3f}" for score in scores))
print(f"{time.perf_counter() - start:.0f} seconds")

# %%
# Where the decoder looks, for one sample
figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
for axis, (task, model) in zip(axes, readers.items(), strict=True):
    AttentionDisplay.from_estimator(model, X[test], samples=0, ax=axis)
    axis.set_title(f"Numbers, {task}")
figure.savefig(OUTPUT / "sort_and_reverse.png", dpi=110)
print(f"picture: {OUTPUT / 'sort_and_reverse.png'}")
