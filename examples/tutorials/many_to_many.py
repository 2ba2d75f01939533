"""Many to many: an output at every step
=====================================

A network reads a sequence and gives an output at each step, from this step and all before it. The
sequences of X and y have the same length. Words get their parts of speech in this way, sensors
their alarms, and texts the word that comes next. The first part learns to add, where the state is
easy to name: it's the carry. The second part is the tutorials' next word.

Run it with ``python examples/tutorials/many_to_many.py``; it draws
``examples/tutorials/output/many_to_many.png``.
"""

# %%
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from _shapes import draw_shape
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, TokenEncoder

OUTPUT = Path(globals().get("__file__", "")).parent / "output"


def sums(rng, n, n_bits):
    """Numbers a and b as bits, lowest first: X (n, n_bits, 2), and those of a + b: (n, n_bits)."""
    a, b = rng.randint(2 ** (n_bits - 1), size=(2, n, 1))
    places = np.arange(n_bits)
    return np.stack([a >> places & 1, b >> places & 1], axis=2), (a + b) >> places & 1


# %%
# The carry
# ---------
#
# Each step has a bit of each of two numbers, the lowest first, and its label is the bit of their
# sum. Without the carry of the steps before, a step can't know it. The tutorial [1]_ prints some
# sums as it learns, and no share that is right.
#
# .. list-table::
#    :header-rows: 1
#
#    * - the tutorial, in NumPy
#      - skrnn
#    * - sums of 8 bits, drawn one after the other
#      - X (n, 8, 2) and labels y (n, 8), drawn at once
#    * - 16 sigmoid units, three weight matrices
#      - ``RNNClassifier(16)``, which has gated units
#    * - for each sum: 8 steps forward, 8 steps back, an update
#      - ``fit(X, y)``
#    * - ``round`` of each output
#      - ``predict(X)``: a label per step, (n, 8)
#
# Here, 200 sums are learned and 500 are checked. Then come longer numbers: the rule that was
# learned has no length.
#
# .. [1] Anyone can learn to code an LSTM-RNN in Python, A. Trask, 2015
rng = np.random.RandomState(0)
X_train, y_train = sums(rng, 200, n_bits=8)
X_test, y_test = sums(rng, 500, n_bits=8)
X_long, y_long = sums(rng, 500, n_bits=32)


def scaled(X):
    """Bits as -1 and 1: networks learn from zeros more slowly."""
    return 2.0 * X - 1


model = RNNClassifier(
    16, alpha=0.01, batch_size=20, learning_rate="cosine", max_iter=60, random_state=0
)
model.fit(scaled(X_train), y_train)
predicted, predicted_long = model.predict(scaled(X_test)), model.predict(scaled(X_long))

# a model of the bits of the step, and one of all bits for each step
of_step = LogisticRegression().fit(X_train.reshape(-1, 2), y_train.ravel())
flat, flat_test = (bits.reshape(len(bits), -1) for bits in (X_train, X_test))
of_all = [LogisticRegression().fit(flat, y_train[:, k]).predict(flat_test) for k in range(8)]
right = {
    "logistic regression of the step": of_step.predict(X_test.reshape(-1, 2)).reshape(-1, 8),
    "logistic regression of all bits": np.transpose(of_all),
    "skrnn": predicted,
}
shares = {
    name: [(own == y_test).mean(), (own == y_test).all(axis=1).mean()]
    for name, own in right.items()
}
shares["skrnn, 32 bits"] = [
    (predicted_long == y_long).mean(),
    (predicted_long == y_long).all(axis=1).mean(),
]
print("Addition, shares that are right")
print(pd.DataFrame(shares, ["bits", "sums"]).T.to_string(float_format="{:.3f}".format))

# %%
# The next word
# -------------
#
# A text is its own label: at each word, the label is the word that follows. The baseline is the
# word that most often follows "neural". It doesn't know which text it is in; the state does. The
# penalty is low, as four texts are to be learned by heart.
#
# .. list-table::
#    :header-rows: 1
#
#    * - tutorials, in Keras
#      - skrnn
#    * - ``Tokenizer``, then a loop that cuts prefixes, ``pad_sequences``, ``to_categorical``
#      - ``TokenEncoder()``
#    * - ``Embedding(…)``, ``SimpleRNN(…)``, ``Dense(n, activation="softmax")``
#      - ``RNNClassifier(embedding_size=8)``
#    * - ``fit(prefixes, labels)``
#      - ``fit(texts)``, without y
#    * - ``argmax`` of the last prediction, looked up in the tokenizer
#      - ``generate(begun, 1, temperature=0)``, then ``inverse_transform``
texts = [
    "I love recurrent neural networks",
    "they stain the thin neural tissue",
    "we grow some more neural tissue",
    "it records a slow neural signal",
]
begun = "I love recurrent neural"
encoder, words = make_pipeline(
    TokenEncoder(), RNNClassifier(16, embedding_size=8, alpha=0.01, tol=0.01, random_state=0)
).fit(texts)
tokens = words.generate(encoder.transform([begun]), 1, temperature=0)
followers = Counter(text.split()[-1] for text in texts)  # each time, of "neural"
table = {
    "tutorial": "networks",
    "most frequent follower": followers.most_common(1)[0][0],
    "skrnn": encoder.inverse_transform(tokens)[0],
}
print(pd.DataFrame({f"{begun} …": table}).to_string())

# %%
# On the left, the shape, with the sum 6 + 3 = 9, lowest bits first. On the right, the share of bits
# that are right by their place. A linear model can only tell whether a sum is large: its last bit.
figure, (shape, result) = plt.subplots(
    1, 2, figsize=(9, 3), width_ratios=[1.25, 1], layout="constrained"
)
draw_shape(shape, ["0, 1", "1, 1", "1, 0", "0, 0"], ["1", "0", "0", "1"])
shape.set_title("An output at each step: 6 + 3 = 9")
for name, color, marker in [("logistic regression of all bits", "C3", "x"), ("skrnn", "C0", "o")]:
    result.plot((right[name] == y_test).mean(axis=0), color=color, marker=marker, label=name)
result.set(
    title="Share that is right", xlabel="bit, lowest first", ylim=(0, 1.45), yticks=[0, 0.5, 1]
)
result.legend(loc="upper center", fontsize=8)
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "many_to_many.png", dpi=100)
print(f"picture: {OUTPUT / 'many_to_many.png'}")
