"""Handwritten digits, row by row
==============================

8 steps of 8 pixels, and one label for each sequence.

The split is that of scikit-learn's example with a support vector machine: the first half of
`load_digits` to train, the second to test, unshuffled. Writers differ between the halves.

Run it with ``python examples/digits.py``, for about half a minute; it draws
``examples/output/digits.png``. An argument sets the number of seeds.
"""

# %%
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.svm import SVC

from skrnn import RNNClassifier

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
OUTPUT.mkdir(exist_ok=True)
SEEDS = range(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

# %%
# Pixels from -1 to 1: zeros for paper would leave many input weights unused
digits = load_digits()
X = (digits.images / 8 - 1).astype("f4")  # (1797, 8, 8): sequences, steps, pixels
y, half = digits.target, len(digits.images) // 2
rows = digits.data / 16

# %%
# Baselines on flat rows of 64 pixels
baselines = {
    "logistic regression": LogisticRegression(max_iter=1000).fit(rows[:half], y[:half]),
    "support vector machine": SVC(gamma=0.256).fit(rows[:half], y[:half]),  # 0.001 * 16²
}
print("accuracy on the second half")
for name, model in baselines.items():
    print(f"  {name:28} {model.score(rows[half:], y[half:]):.4f}")

# %%
# Both directions, so that the head sees the states at both ends; dropout, as 898 digits are few.
# The step size falls to 0 in max_iter epochs, so there is no reason to stop before.
scores, seconds = [], []
for seed in SEEDS:
    model = RNNClassifier(
        64,
        cell="gru",
        bidirectional=True,
        dropout=0.5,
        recurrent_dropout=0.4,
        alpha=0.01,
        batch_size=64,
        learning_rate="cosine",
        max_iter=120,
        n_iter_no_change=120,
        random_state=seed,
    )
    start = time.perf_counter()
    model.fit(X[:half], y[:half])
    seconds.append(time.perf_counter() - start)
    scores.append(model.score(X[half:], y[half:]))
print(f"  RNN, median of {len(scores)} seed(s)      {np.median(scores):.4f}")
print(f"  RNN, each                    {' '.join(f'{score:.4f}' for score in scores)}")
print(f"seconds of a fit: {np.median(seconds):.1f}")

# %%
# The confusion matrix, and the errors with the greatest confidence
p = model.predict_proba(X[half:])
predicted = model.classes_[p.argmax(axis=1)]
wrong = np.flatnonzero(predicted != y[half:])
wrong = wrong[np.argsort(-p[wrong].max(axis=1))][:8]

figure, axes = plt.subplot_mosaic(
    [["matrix", *"abcd"], ["matrix", *"efgh"]],
    figsize=(11, 4.4),
    width_ratios=[3.4, 1, 1, 1, 1],
    layout="constrained",
)
ConfusionMatrixDisplay.from_predictions(
    y[half:], predicted, ax=axes["matrix"], cmap="Blues", colorbar=False
)
axes["matrix"].set(
    title=f"Second half of the digits, the last of {len(SEEDS)} seeds", xlabel="read as"
)
axes["matrix"].set(ylabel="written")
for name in "abcdefgh":
    axes[name].axis("off")
for i, name in zip(wrong, "abcdefgh", strict=False):
    axes[name].imshow(digits.images[half + i], cmap="gray_r")
    axes[name].set_title(f"{y[half + i]}, read as {predicted[i]}\n({p[i].max():.0%})", fontsize=9)
figure.savefig(OUTPUT / "digits.png", dpi=110)
print(f"picture: {OUTPUT / 'digits.png'}")
# sphinx_gallery_thumbnail_path = '../examples/digits.png'
