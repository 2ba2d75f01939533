"""Promoters in DNA
================

A network finds them among sequences that have the same words in another order.

The tutorials' exercise with DNA: is a sequence of A, C, G and T a promoter, the place where reading
of a gene begins? Tutorials turn each base into a one-hot vector. `TokenEncoder("char")` numbers
the bases instead, and the network learns vectors. The data are made up after the promoters of
E. coli: "TTGACA", then 16 to 18 bases, then "TATAAT", somewhere in 60 to 80 random bases, and each
base of both boxes may be a wrong one. The others have no boxes, both in the wrong order, or both at
a wrong distance.

The baseline is a logistic regression on which k-mers occur, the words of 1 to 6 bases. It finds
boxes, but it knows neither order nor distance. The table has accuracies on new sequences, for
several random states: how many are right, and how many of each kind.

Run it with ``python examples/dna.py``; it draws ``examples/output/dna.png``.
"""

# %%
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, TokenEncoder

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
N_TRAIN, N_TEST, N_SEEDS = 2000, 1000, 3
BASES, BOXES = list("ACGT"), ["TTGACA", "TATAAT"]
KINDS = ["promoter", "no boxes", "wrong order", "wrong distance"]
RIGHT = [16, 17, 18]  # bases between the boxes of promoters
WRONG = [*range(4, 12), *range(23, 31)]
MUTATED = 0.05  # of the bases of a box are drawn at random


def dna(rng, boxes, distance):
    """A sequence with these boxes, that many bases apart, somewhere in it."""
    sequence = rng.choice(BASES, size=rng.randint(60, 81))
    at = rng.randint(len(sequence) - 12 - distance + 1)
    for box in boxes:
        mutated = rng.uniform(size=6) < MUTATED
        sequence[at : at + 6] = np.where(mutated, rng.choice(BASES, size=6), list(box))
        at += 6 + distance
    return "".join(sequence)


def of_kind(kind, rng):
    """A sequence of this kind."""
    boxes = {"no boxes": [], "wrong order": BOXES[::-1]}.get(kind, BOXES)
    return dna(rng, boxes, rng.choice(WRONG if kind == "wrong distance" else RIGHT))


def data(n, rng):
    """Sequences, half of which are promoters, and their kinds."""
    kinds = rng.choice(KINDS, size=n, p=[0.5, 0.2, 0.15, 0.15])
    return [of_kind(kind, rng) for kind in kinds], kinds


# %%
# Train and test
models = {
    # both with settings that were best on other sequences
    "k-mers": make_pipeline(
        CountVectorizer(analyzer="char", ngram_range=(1, 6), lowercase=False, binary=True),
        LogisticRegression(C=0.001, max_iter=1000),
    ),
    "network": make_pipeline(
        TokenEncoder("char"),
        RNNClassifier(
            32,
            embedding_size=8,
            alpha=0.3,
            batch_size=50,
            learning_rate="cosine",
            max_iter=20,
            n_iter_no_change=20,  # all epochs: the learning rate falls to 0 in these
        ),
    ),
}
right = {name: [] for name in models}  # (n_seeds, 1 + 4): of all, and of each kind
for seed in range(N_SEEDS):
    rng = np.random.RandomState(seed)
    X, kinds = data(N_TRAIN, rng)
    X_test, kinds_test = data(N_TEST, rng)
    for name, model in models.items():
        start = time.perf_counter()
        model[-1].set_params(random_state=seed)
        model.fit(X, kinds == "promoter")
        hits = model.predict(X_test) == (kinds_test == "promoter")
        right[name].append([hits.mean(), *(hits[kinds_test == kind].mean() for kind in KINDS)])
        seconds = time.perf_counter() - start
        print(f"random state {seed}, {name:8s} {hits.mean():.3f} right, {seconds:.1f} s")
print(f"{'mean':8s}" + "".join(f"{column:>16s}" for column in ["all", *KINDS]))
for name, shares in right.items():
    print(f"{name:8s}" + "".join(f"{share:16.3f}" for share in np.mean(shares, axis=0)))

# %%
# The picture: which distance makes a promoter, also at distances that were not in training
distances, n_each = np.arange(2, 33), 100
X = [dna(rng, BOXES, distance) for distance in distances for _ in range(n_each)]
figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
ax.axvspan(RIGHT[0] - 0.5, RIGHT[-1] + 0.5, alpha=0.15, label="promoters")
for part in WRONG[:8], WRONG[8:]:
    ax.axvspan(
        part[0] - 0.5, part[-1] + 0.5, color="0.92", label="others" if part[0] < 16 else None
    )
for name, model in models.items():
    probability = model.predict_proba(X)[:, 1].reshape(-1, n_each).mean(axis=1)
    ax.plot(distances, probability, "o-", markersize=3, label=name)
ax.set(xlabel="bases between the boxes", ylabel="probability of a promoter", ylim=(0, 1))
ax.legend(loc="upper right", fontsize="small")
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "dna.png", dpi=120)
print(f"picture: {OUTPUT / 'dna.png'}")
