"""A text, character by character
==============================

A network learns to write from four chapters of "Alice in Wonderland".

The tutorials' exercise of a text that is predicted, and then written, character by character. The
network reads chunks of the text and learns the next character at each step, without y. The last
tenth of the text is held out. The table has the perplexity of its characters: a guess among so many
equally likely ones would be as hard. The baselines are interpolated n-gram models, which mix how
often a character follows the last n - 1 ones, the last n - 2, and so on. Another tenth, the last of
the training text, says how to mix; the settings of the network were chosen on it, too.

Run it with ``python examples/characters.py``; it draws ``examples/output/characters.png``.
"""

# %%
import time
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, TokenEncoder, neg_perplexity
from skrnn.datasets import load_alice

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
SEED, CHUNK, N_SHOWN = 0, 100, 90
text = "\n".join(load_alice().data)
cut = len(text) * 9 // 10
train, held_out = text[:cut], text[cut:]
n_tokens = len(set(train)) + 1  # and unknown characters
print(f"{len(train)} characters to learn from, {n_tokens - 1} different ones; {len(held_out)} more")


# %%
# The baseline: an interpolated n-gram model
def by_length(text, source, n):
    """Probabilities (n + 1, steps) of the characters of text[n - 1 :], from counts in source.

    The first row has the same for all, and the next ones those after 0 to n - 1 characters.
    """
    lengths = range(1, n + 1)
    counts = Counter(source[i : i + k] for k in lengths for i in range(len(source) - k + 1))
    counts[""] = len(source)
    ends = range(n, len(text) + 1)
    p = [np.full(len(ends), 1 / n_tokens)]
    for k in lengths:
        grams = [text[i - k : i] for i in ends]
        known = [counts[gram[:-1]] for gram in grams]
        own = [counts[gram] / max(1, before) for gram, before in zip(grams, known, strict=True)]
        p.append(np.where(known, own, p[-1]))  # after what is new, as after one character less
    return np.array(p)


def n_gram(n):
    """Probability of each held-out character, from counts in the training text."""
    part = len(train) * 9 // 10
    p = by_length(train[part:], train[:part], n)
    weights = np.full(n + 1, 1 / (n + 1))
    for _ in range(50):  # expectation-maximization
        shares = weights[:, np.newaxis] * p
        weights = (shares / shares.sum(axis=0)).mean(axis=1)
    return weights @ by_length(train[1 - n :] + held_out, train, n)


# %%
# The network: the mean of two starts
start = time.perf_counter()
model = RNNClassifier(
    96,
    embedding_size=32,
    alpha=10,
    batch_size=16,
    learning_rate="cosine",
    max_iter=20,
    n_iter_no_change=20,  # all epochs: the learning rate falls to 0 in these
    n_init=2,
    ensemble=True,
    random_state=SEED,
)
pipe = make_pipeline(TokenEncoder("char"), model)
# each chunk ends with the character that the next one begins with: all but one are predicted
pipe.fit([train[i : i + CHUNK + 1] for i in range(0, len(train) - 1, CHUNK)])
seconds = time.perf_counter() - start

tested = [train[-1] + held_out]  # one sequence: the first held-out character is predicted, too
perplexity = -neg_perplexity(pipe, tested)
trigram = n_gram(3)
print("perplexity of a held-out character")
for name, p in ("trigram", trigram), ("5-gram", n_gram(5)):
    print(f"  {name:8s} {np.exp(-np.log(p).mean()):.2f}")
print(f"  network  {perplexity:.2f}, trained in {seconds:.1f} s")

# %%
# What it writes: the warmer, the more freely
encoder = pipe[0]
prefix = encoder.transform(["`I wonder,' said Alice"])
for temperature in (0.3, 0.6, 1.0):
    tokens = model.generate(prefix, 200, temperature=temperature, exclude=[0], random_state=SEED)
    print(f"temperature {temperature}: … {encoder.inverse_transform(tokens)[0]}")

# %%
# The picture: how surprising each character of a sentence is
first = held_out.index(". ") + 2
shown = slice(first, first + N_SHOWN)
ids = encoder.transform([held_out])[0].astype(int)
network = pipe.predict_proba(tested)[0, np.arange(len(ids)), ids]
figure, ax = plt.subplots(figsize=(11, 3), layout="constrained")
for name, p, color in ("trigram", trigram, "0.75"), ("network", network, "C0"):
    bits = -np.log2(p)
    label = f"{name}, {bits.mean():.2f} on average"
    ax.step(range(N_SHOWN), bits[shown], where="mid", color=color, label=label)
ax.set_xticks(range(N_SHOWN), held_out[shown].replace("\n", "¶"), fontsize="small")
ax.set(ylabel="bits", ylim=(0, None), xlim=(-1, N_SHOWN))
ax.set_title("How surprising is each character of a held-out sentence?", loc="left")
ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "characters.png", dpi=120)
print(f"picture: {OUTPUT / 'characters.png'}")
# sphinx_gallery_thumbnail_path = '../examples/characters.png'
