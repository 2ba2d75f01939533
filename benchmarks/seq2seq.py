"""Sums as texts, as in Keras' example: time and share of answers right, against its peers.

Run ``python benchmarks/seq2seq.py``, some six minutes. 4,500 sums of numbers of up to two digits
are learned, 500 others held out, as in ``examples/addition.py``. It prints a Markdown table:
skrnn as in that example, Keras' own architecture for its 55 epochs, and in PyTorch the network of
skrnn, with teacher forcing and padded batches of as many sums. Tools that are not installed are
left out. PyTorch has one thread and two; each tool has a process of its own, and they take turns.
"""

import argparse
import json
import subprocess
import sys
import time

import numpy as np
from _tools import import_keras, installed, machine

N_TRAIN, N_TEST = 4500, 500
H, U, BATCH, EPOCHS, LEARNING_RATE = 128, 16, 64, 20, 0.005
KERAS_EPOCHS, KERAS_BATCH = 55, 32
CHARACTERS = " +0123456789"
T, S = 5, 3  # characters of a question and of an answer, at most


def sums(seed):
    """Questions, from their end, and answers."""
    rng, answers, pairs = np.random.RandomState(seed), {}, set()
    while len(answers) < N_TRAIN + N_TEST:
        a, b = (rng.randint(10 ** rng.randint(1, 3)) for _ in range(2))
        if (min(a, b), max(a, b)) not in pairs:
            pairs.add((min(a, b), max(a, b)))
            answers[f"{a}+{b}"[::-1]] = str(a + b)
    return list(answers), list(answers.values())


def codes(texts, width):
    """Numbers of characters (n, width), padded with spaces."""
    return np.array([[CHARACTERS.index(c) for c in text.ljust(width)] for text in texts])


def scores(found, true):
    """Shares of answers and of their characters that are right."""
    characters = [
        a == b
        for one, other in zip(found, true, strict=True)
        for a, b in zip(one.ljust(S), other.ljust(S), strict=False)
    ]
    right = [one == other for one, other in zip(found, true, strict=True)]
    return float(np.mean(right)), float(np.mean(characters))


def run_skrnn(seed, attention):
    from skrnn import Seq2SeqClassifier, TokenEncoder

    questions, answers = sums(seed)
    y = [list(answer) for answer in answers]
    model = Seq2SeqClassifier(
        H,
        cell="lstm",
        embedding_size=U,
        attention=attention,
        alpha=0.01,
        batch_size=BATCH,
        learning_rate_init=LEARNING_RATE,
        max_iter=EPOCHS,
        random_state=seed,
    )
    start = time.perf_counter()
    X = TokenEncoder("char").fit_transform(questions)
    model.fit(X[:N_TRAIN], y[:N_TRAIN])
    seconds = time.perf_counter() - start
    found = ["".join(own) for own in model.predict(X[N_TRAIN:])]
    return EPOCHS, seconds, scores(found, answers[N_TRAIN:])


def run_keras(seed, backend):
    keras = import_keras(backend)
    keras.utils.set_random_seed(seed)
    questions, answers = sums(seed)
    X, y = (
        np.eye(len(CHARACTERS), dtype="f4")[codes(texts, n)]
        for texts, n in ((questions, T), (answers, S))
    )
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((T, len(CHARACTERS))),
            layers.LSTM(H),
            layers.RepeatVector(S),
            layers.LSTM(H, return_sequences=True),
            layers.Dense(len(CHARACTERS), activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    start = time.perf_counter()
    model.fit(X[:N_TRAIN], y[:N_TRAIN], batch_size=KERAS_BATCH, epochs=KERAS_EPOCHS, verbose=0)
    seconds = time.perf_counter() - start
    found = model.predict(X[N_TRAIN:], verbose=0).argmax(axis=2)
    texts = ["".join(CHARACTERS[k] for k in own).rstrip() for own in found]
    return KERAS_EPOCHS, seconds, scores(texts, answers[N_TRAIN:])


def run_torch(seed, n_threads, attention):
    import torch
    from torch import nn

    torch.set_num_threads(n_threads)
    torch.manual_seed(seed)
    questions, answers = sums(seed)
    lengths = torch.tensor([len(question) for question in questions])
    X = torch.from_numpy(codes(questions, T))
    V = len(CHARACTERS)  # the number of the end, and of the start
    written = np.full((len(answers), S + 1), -100)  # which PyTorch's loss leaves out
    for own, answer in zip(written, answers, strict=True):
        own[: len(answer)] = [CHARACTERS.index(c) for c in answer]
        own[len(answer)] = V
    y = torch.from_numpy(written)
    read = torch.cat([torch.full((len(y), 1), V), y[:, :-1].clamp(0, V)], dim=1)
    net = nn.ModuleDict(
        {
            "in": nn.Embedding(V, U),
            "encoder": nn.LSTM(U, H, batch_first=True),
            "out": nn.Embedding(V + 1, U),
            "decoder": nn.LSTM(U, H, batch_first=True),
            "context": nn.Linear(2 * H, H),
            "readout": nn.Linear(H, V + 1),
        }
    )
    adam = torch.optim.Adam(net.parameters(), LEARNING_RATE)
    n_batches = -(-N_TRAIN // BATCH)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, EPOCHS * n_batches)

    def encode(rows):
        packed = nn.utils.rnn.pack_padded_sequence(
            net["in"](X[rows]), lengths[rows], batch_first=True, enforce_sorted=False
        )
        outputs, state = net["encoder"](packed)
        if not attention:
            return None, None, state
        memory, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=T)
        mask = torch.arange(T) < lengths[rows, None]
        return memory, mask[:, None], state

    def decode(labels, memory, mask, state):
        h, state = net["decoder"](net["out"](labels), state)
        if attention:
            h_ = nn.functional.scaled_dot_product_attention(
                h, memory, memory, attn_mask=mask, scale=1.0
            )
            h = torch.tanh(net["context"](torch.cat([h_, h], dim=2)))
        return net["readout"](h), state

    start = time.perf_counter()
    for _ in range(EPOCHS):
        for rows in torch.randperm(N_TRAIN).split(BATCH):
            logits, _ = decode(read[rows], *encode(rows))
            loss = nn.functional.cross_entropy(logits.reshape(-1, V + 1), y[rows].reshape(-1))
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            adam.step()
            cosine.step()
    seconds = time.perf_counter() - start
    with torch.no_grad():
        rows = torch.arange(N_TRAIN, N_TRAIN + N_TEST)
        memory, mask, state = encode(rows)
        label, found = torch.full((N_TEST, 1), V), []
        for _ in range(S + 1):
            logits, state = decode(label, memory, mask, state)
            label = logits.argmax(dim=2)
            found.append(label[:, 0].numpy())
    texts = [
        "".join(CHARACTERS[k] if k < V else "\n" for k in own).split("\n")[0]
        for own in np.transpose(found)
    ]
    return EPOCHS, seconds, scores(texts, answers[N_TRAIN:])


RUNS = {  # name: tool, function, arguments beside the seed
    "skrnn": ("skrnn", run_skrnn, (None,)),
    "skrnn, attention": ("skrnn", run_skrnn, ("dot",)),
    "PyTorch, 1 thread": ("PyTorch", run_torch, (1, False)),
    "PyTorch, 2 threads": ("PyTorch", run_torch, (2, False)),
    "PyTorch, attention, 1 thread": ("PyTorch", run_torch, (1, True)),
    "PyTorch, attention, 2 threads": ("PyTorch", run_torch, (2, True)),
    "Keras' own, JAX": ("Keras on JAX", run_keras, ("jax",)),
    "Keras' own, TensorFlow": ("Keras on TensorFlow", run_keras, ("tensorflow",)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", nargs=2, metavar=("NAME", "SEED"), help="one run only, as JSON")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.run:
        _, function, options = RUNS[arguments.run[0]]
        print(json.dumps(function(int(arguments.run[1]), *options)))
        return
    print(machine())
    names, found = [name for name, own in RUNS.items() if own[0] in installed()], {}
    for seed in range(arguments.seeds):
        for name in names:
            command = [sys.executable, __file__, "--run", name, str(seed)]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            found.setdefault(name, []).append(json.loads(output.splitlines()[-1]))
    print(f"\nMedians of {arguments.seeds} seeds:\n")
    print("| network | epochs | seconds | of an epoch | answers right | characters right |")
    print("|---|---|---|---|---|---|")
    for name, own in found.items():
        epochs = own[0][0]
        seconds = np.median([one[1] for one in own])
        right, characters = np.median([one[2] for one in own], axis=0)
        row = [name, epochs, f"{seconds:.0f}", f"{seconds / epochs:.2f}"]
        print("|", " | ".join(map(str, [*row, f"{right:.3f}", f"{characters:.3f}"])), "|")


if __name__ == "__main__":
    main()
