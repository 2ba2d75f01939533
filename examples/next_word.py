"""The next word
=============

A network continues "I love recurrent neural …", and then writes on.

The tutorials' exercise with words. `TokenEncoder` numbers the words, and the classifier learns the
next one at each step, without y: a text is its own label. `generate` goes on, here from ten random
starts. The picture has the probabilities of the word that follows.

Run it with ``python examples/next_word.py``; it draws ``examples/output/next_word.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, TokenEncoder

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
TEXTS = [
    "I love recurrent neural networks",
    "I love long walks in the rain",
    "recurrent neural networks read a text word by word",
    "neural networks learn from examples",
    "the rain in the night reads like a long text",
    "I read a long text about the rain",
    "networks of neurons learn long words",
]
BEGUN = ["I love recurrent neural", "the rain in", "I read a"]
N_STARTS = 10

# %%
# Ten networks, each from its own random start
written, probabilities = [], []
for seed in range(N_STARTS):
    pipe = make_pipeline(
        TokenEncoder(stop=True), RNNClassifier(16, embedding_size=8, random_state=seed)
    )
    pipe.fit(TEXTS)  # no y: the label of each word is the next one
    encoder, model = pipe
    prefixes = encoder.transform(BEGUN)
    tokens = model.generate(prefixes, 8, temperature=0, stop=encoder.stop_)
    written.append(encoder.inverse_transform(tokens))
    n_words = len(BEGUN[0].split())  # the encoder adds the stop, which `generate` takes off
    probabilities.append(model.predict_proba(prefixes)[0, n_words - 1])
right = sum(own[0].split()[:1] == ["networks"] for own in written)
print(f"I love recurrent neural networks: {right} of {N_STARTS} starts")
for begun, rest in zip(BEGUN, written[0], strict=True):
    print(f"{begun} … {rest}")
print(f"perplexity of a word, of the texts learned: {np.exp(-pipe.score(TEXTS)):.2f}")

# %%
# Warmer draws are less sure
for temperature in (0.5, 1.0, 1.5):
    tokens = model.generate(
        prefixes[:1, :2], 8, temperature=temperature, stop=encoder.stop_, random_state=1
    )
    print(f"temperature {temperature}: I love … {encoder.inverse_transform(tokens)[0]}")

# %%
# The picture: what follows "I love recurrent neural", as a mean of the starts
mean = np.mean(probabilities, axis=0)
words = {number: word for word, number in encoder.vocabulary_.items()}
best = np.argsort(mean)[-8:]
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.barh([words.get(number, "(end)") for number in best], mean[best])
ax.set(xlabel="probability", title="I love recurrent neural …", xlim=(0, 1))
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "next_word.png", dpi=120)
print(f"picture: {OUTPUT / 'next_word.png'}")
