"""Sums as texts
=============

An encoder reads "52+9", and a decoder writes "61".

Keras' example of an encoder-decoder [1]: numbers of one or two digits, of which 4,500 sums are
learned and 500 others are held out. The questions are read from their end, as they are there, so
that the digits to begin with come last. An answer is right if all of its characters are. The
baseline predicts each character of the answer by a logistic regression on those of the question.

Run it with ``python examples/addition.py``; it draws ``examples/output/addition.png``. With
``python examples/addition.py 3``, it prints the median of three seeds.

[1] https://keras.io/examples/nlp/addition_rnn
"""

# %%
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skrnn import AttentionDisplay, Seq2SeqClassifier, TokenEncoder

N_SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
N_TRAIN, N_TEST, N_EPOCHS = 4500, 500, 20
OUTPUT = Path(globals().get("__file__", "")).parent / "output"


def sums(rng, n):
    """So many different questions, such as "52+9", and their answers."""
    answers, pairs = {}, set()
    while len(answers) < n:
        a, b = (rng.randint(10 ** rng.randint(1, 3)) for _ in range(2))
        if (min(a, b), max(a, b)) not in pairs:
            pairs.add((min(a, b), max(a, b)))
            answers[f"{a}+{b}"] = str(a + b)
    return list(answers), list(answers.values())


def make_model(attention, seed):
    """Characters backwards, and an LSTM of 128 units for each of encoder and decoder."""
    return make_pipeline(
        TokenEncoder(lambda text: list(text[::-1])),
        Seq2SeqClassifier(
            128,
            cell="lstm",
            embedding_size=16,
            attention=attention,
            alpha=0.01,
            learning_rate_init=0.005,
            max_iter=N_EPOCHS,
            random_state=seed,
        ),
    )


# %%
# The share of held-out answers that are right throughout
shares = {"encoder, decoder": [], "with attention": [], "logistic regression": []}
seconds = []
for seed in range(N_SEEDS):
    questions, answers = sums(np.random.RandomState(seed), N_TRAIN + N_TEST)
    y = [list(answer) for answer in answers]
    train, test = slice(0, N_TRAIN), slice(N_TRAIN, None)
    for name, attention in [("encoder, decoder", None), ("with attention", "dot")]:
        start = time.perf_counter()
        model = make_model(attention, seed).fit(questions[train], y[train])
        seconds.append(time.perf_counter() - start)
        shares[name].append(model.score(questions[test], y[test]))
    X, padded = (
        np.array([list(text.rjust(width)) for text in texts])
        for texts, width in ((questions, 5), (answers, 3))
    )
    linear = MultiOutputClassifier(LogisticRegression(max_iter=300))
    linear = make_pipeline(OneHotEncoder(), linear).fit(X[train], padded[train])
    right = (linear.predict(X[test]) == padded[test]).all(axis=1)
    shares["logistic regression"].append(right.mean())
for name, own in shares.items():
    print(f"{name}: {np.median(own):.3f} of {N_TEST} answers right (median of {N_SEEDS} seed(s))")
print(f"{np.mean(seconds) / N_EPOCHS:.2f} s for each of {N_EPOCHS} epochs")

# %%
# What the last network answers, and what else it thinks of
encoder, network = model.set_params(seq2seqclassifier__beam_width=3)
sequences, log_proba = network.decode(encoder.transform(questions[test]), n_best=3)
for i in np.argsort(log_proba[:, 0])[:3]:  # where it is least sure
    thoughts = [
        f"{''.join(own)} ({np.exp(log_p):.0%})"
        for own, log_p in zip(sequences[i], log_proba[i], strict=True)
    ]
    print(f"{questions[test][i]} = {answers[test][i]}: {', '.join(thoughts)}")

# %%
# The picture: the loss of each epoch, and where the network looks as it writes
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
left.semilogy(network.loss_curve_)
left.set(xlabel="epoch", ylabel="loss of a character", title="With attention")
AttentionDisplay.from_estimator(model, questions[test][:1], ax=right)
right.set(xlabel="read, from the end", title=f"Where it looks: {questions[test][0]}")
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "addition.png", dpi=120)
print(f"picture: {OUTPUT / 'addition.png'}")
# sphinx_gallery_thumbnail_path = '../examples/addition.png'
