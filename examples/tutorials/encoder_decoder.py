"""Many to many of other lengths: an encoder and a decoder
=======================================================

A sequence becomes a sequence of another length, such as a sentence and its translation. One
network, the *encoder*, reads all of it. Its last state is the first one of another network, the
*decoder*, which writes until it ends by itself, and at each step reads what it wrote before. Keras'
example [1]_ teaches it to add: it reads "52+9" and writes "61".

Run it with ``python examples/tutorials/encoder_decoder.py``; it draws
``examples/tutorials/output/encoder_decoder.png``.

.. [1] https://keras.io/examples/nlp/addition_rnn
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from _shapes import draw_shape
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skrnn import Seq2SeqClassifier, TokenEncoder

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
N_TRAIN, N_TEST = 4500, 500


def sums(rng, n):
    """So many different questions, such as "52+9", and their answers."""
    answers, pairs = {}, set()
    while len(answers) < n:
        a, b = (rng.randint(10 ** rng.randint(1, 3)) for _ in range(2))
        if (min(a, b), max(a, b)) not in pairs:
            pairs.add((min(a, b), max(a, b)))
            answers[f"{a}+{b}"] = str(a + b)
    return list(answers), list(answers.values())


# %%
# The sums
# --------
#
# X are texts, and y lists of characters. As a list, y says that the network has to learn where an
# answer ends. The questions are read from their end, as in Keras' example, so that the digits that
# are written first are read last.
#
# .. list-table::
#    :header-rows: 1
#
#    * - Keras' example
#      - skrnn
#    * - a class that turns characters into one-hot rows, padded with spaces
#      - ``TokenEncoder(...)``; no padding
#    * - ``LSTM(128)``, which reads
#      - the encoder of ``Seq2SeqClassifier(128, cell="lstm")``
#    * - ``RepeatVector(4)``: the same state at each of the steps to write
#      - the decoder's first state, and then what it has written
#    * - ``LSTM(128, return_sequences=True)``, ``Dense(12, activation="softmax")``
#      - the decoder, and its readout
#    * - ``fit`` with a validation set, 55 epochs for two digits
#      - ``fit(X, y)``, 12 epochs whose step size falls to 0
questions, answers = sums(np.random.RandomState(0), N_TRAIN + N_TEST)
y = [list(answer) for answer in answers]
train, test = slice(N_TRAIN), slice(N_TRAIN, None)
model = make_pipeline(
    TokenEncoder(lambda text: list(text[::-1])),
    Seq2SeqClassifier(
        128,
        cell="lstm",
        embedding_size=16,
        alpha=0.01,
        learning_rate="cosine",
        max_iter=12,
        random_state=0,
    ),
)
model.fit(questions[train], y[train])

# %%
# Is it better? The baseline is a logistic regression for each character of the answer, on the
# characters of the question. Keras' figure is the share of characters that are right.
X, padded = (
    np.array([list(text.rjust(width)) for text in texts])
    for texts, width in ((questions, 5), (answers, 3))
)
linear = make_pipeline(
    OneHotEncoder(), MultiOutputClassifier(LogisticRegression(max_iter=300))
).fit(X[train], padded[train])
written = {
    "logistic regression": ["".join(own).strip() for own in linear.predict(X[test])],
    "skrnn": ["".join(own) for own in model.predict(questions[test])],
}
places, right = {}, {}  # shares of characters by their place, and of all characters and answers
for name, own in written.items():
    characters = np.array([list(text.rjust(3)[:3]) for text in own])
    places[name] = (characters == padded[test]).mean(axis=0)
    whole = np.mean([text == answer for text, answer in zip(own, answers[test], strict=True)])
    right[name] = [f"{places[name].mean():.3f}", f"{whole:.3f}"]
table = pd.DataFrame({"tutorial": ["0.99", "–"], **right}, ["characters", "answers"]).T
print(f"Shares of {N_TEST} sums that are right")
print(table.to_string())

# %%
# What else it thinks of where it is least sure: the three likeliest answers, by a search in which
# the decoder follows several beginnings at once.
encoder, network = model.set_params(seq2seqclassifier__beam_width=3)
sequences, log_proba = network.decode(encoder.transform(questions[test]), n_best=3)
for i in np.argsort(log_proba[:, 0])[:3]:
    thoughts = [
        f"{''.join(own)} ({np.exp(log_p):.0%})"
        for own, log_p in zip(sequences[i], log_proba[i], strict=True)
    ]
    print(f"{questions[test][i]} = {answers[test][i]}: {', '.join(thoughts)}")

# %%
# On the left, the shape: e are the states of the encoder, and d those of the decoder. Dashed inputs
# are what it wrote one step before. On the right, the share of characters that are right by
# their place.
figure, (shape, result) = plt.subplots(
    1, 2, figsize=(9, 3), width_ratios=[1.7, 1], layout="constrained"
)
draw_shape(
    shape,
    ["9", "+", "2", "5", "", "6", "1"],
    ["", "", "", "", "6", "1", "end"],
    states=["$e_1$", "$e_2$", "$e_3$", "$e_4$", "$d_1$", "$d_2$", "$d_3$"],
    own_inputs=[5, 6],
)
shape.set_title("Read 52+9 from its end, then write 61")
for shift, color, (name, shares) in zip((-0.2, 0.2), ("C3", "C0"), places.items(), strict=True):
    result.bar(np.arange(3) + shift, shares, 0.4, color=color, label=name)
result.set(title="Share that is right", xticks=range(3), ylim=(0, 1.5), yticks=[0, 0.5, 1])
result.set_xticklabels(["hundreds", "tens", "ones"])
result.legend(loc="upper center", fontsize=8)
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "encoder_decoder.png", dpi=100)
print(f"picture: {OUTPUT / 'encoder_decoder.png'}")
