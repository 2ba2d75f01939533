"""PyTorch's networks with our names for their weights: oracles of the parity tests."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skrnn.interop._weights import named_weights
from skrnn.interop.torch import _MODULES

torch = pytest.importorskip("torch", reason="PyTorch is what these tests compare with")
from torch import nn  # noqa: E402
from torch.nn.functional import scaled_dot_product_attention  # noqa: E402
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence  # noqa: E402

TOLERANCE = {"rtol": 1e-10, "atol": 1e-10}


# --- networks ---


def recurrent_layers(kind, n_inputs, hidden_size, n_layers=1, both=False, **options):
    """Layers of nn.LSTM or nn.GRU, or nn.RNN with the nonlinearity that ``kind`` names."""
    cls = {"lstm": nn.LSTM, "gru": nn.GRU}.get(kind, nn.RNN)
    if cls is nn.RNN:
        options["nonlinearity"] = kind
    options |= {"num_layers": n_layers, "bidirectional": both, "batch_first": True}
    return cls(n_inputs, hidden_size, **options)


def randomized(module, dtype=torch.float64):
    """The module with random weights that are large enough for gates to matter."""
    torch.manual_seed(1)
    for w in module.to(dtype).parameters():
        nn.init.uniform_(w, -0.7, 0.7)
    return module


class TokenNetwork(nn.Module):
    """Scores (N, T, K) of labels at each step of ragged sequences of tokens."""

    def __init__(self, kind, n_tokens, size, hidden_size, n_outputs, n_layers, both):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, size)
        self.recurrent = recurrent_layers(kind, size, hidden_size, n_layers, both)
        self.readout = nn.Linear(hidden_size * (1 + both), n_outputs)

    def forward(self, sequences):
        vectors = pack_sequence([self.embedding(x) for x in sequences], enforce_sorted=False)
        return self.readout(pad_packed_sequence(self.recurrent(vectors)[0], batch_first=True)[0])

    def named(self, read, merge=np.add):
        """What ``read`` returns of each weight, under the names of `Network.named_weights`."""
        layers = named_layers(self.recurrent, read, merge)
        readout = named_linear("readout", self.readout, read)
        return {"embedding": read(self.embedding.weight)} | layers | readout


class EncoderDecoder(nn.Module):
    """An encoder of ragged sequences, and a decoder that begins with its final states.

    A bidirectional encoder's states pass a linear map in each layer, and its outputs another one
    before the decoder attends to them.
    """

    def __init__(self, kind, n_inputs, hidden_size, n_outputs, n_layers, both, attention):
        super().__init__()
        H = hidden_size
        R = 2 * H if kind == "lstm" else H  # numbers in the state of a layer
        self.encoder = recurrent_layers(kind, n_inputs, H, n_layers, both)
        self.decoder = recurrent_layers(kind, n_outputs, H, n_layers)
        self.bridges = nn.ModuleList(nn.Linear(2 * R, R) for _ in range(both * n_layers))
        self.memory = nn.Linear(2 * H, H, bias=False) if both and attention else None
        self.attended = nn.Linear(2 * H, H) if attention else None
        self.readout = nn.Linear(H, n_outputs)

    def encode(self, sequences):
        """The decoder's initial state, what it attends to (N, T, H), and the valid steps (N, T)."""
        outputs, final = self.encoder(pack_sequence(sequences, enforce_sorted=False))
        outputs, lengths = pad_packed_sequence(outputs, batch_first=True)
        states = final if isinstance(final, tuple) else (final,)
        if self.bridges:
            states = self._bridged(states)
        memory = outputs if self.memory is None else self.memory(outputs)
        valid = torch.arange(outputs.shape[1]) < lengths[:, None]
        return states if isinstance(final, tuple) else states[0], memory, valid

    def _bridged(self, states):
        """States (layers, N, H), of states (2 layers, N, H)."""
        layers = []
        for i, bridge in enumerate(self.bridges):
            both = [s[2 * i + k] for k in (0, 1) for s in states]
            layers.append(bridge(torch.cat(both, 1)).chunk(len(states), 1))
        return tuple(torch.stack(own) for own in zip(*layers, strict=True))

    def decode(self, inputs, state, memory, valid):
        """Outputs (N, S, K) of inputs (N, S, K), and the state after them."""
        h, state = self.decoder(inputs, state)
        if self.attended is not None:
            mask = valid[:, None]
            context = scaled_dot_product_attention(h, memory, memory, attn_mask=mask, scale=1.0)
            h = torch.tanh(self.attended(torch.cat([context, h], 2)))
        return self.readout(h), state

    def forward(self, sequences, inputs):
        return self.decode(inputs, *self.encode(sequences))[0]

    def run_free(self, sequences, n_steps):
        """Outputs (N, S, K), each of which is the next input."""
        state, *memory = self.encode(sequences)
        outputs = [torch.zeros(len(sequences), 1, self.readout.out_features).double()]
        for _ in range(n_steps):
            y, state = self.decode(outputs[-1], state, *memory)
            outputs.append(y)
        return torch.cat(outputs[1:], 1)

    def named(self, read, merge=np.add):
        """What ``read`` returns of each weight, under the names of the engine's encoder-decoder."""
        decoder = named_layers(self.decoder, read, merge)
        decoder |= named_linear("readout", self.readout, read)
        if self.attended is not None:
            context, h = np.split(read(self.attended.weight), 2, axis=1)
            decoder |= {"attention.context": context, "attention.input": h}
            decoder["attention.bias"] = read(self.attended.bias)
        named = {f"decoder.{name}": a for name, a in decoder.items()}
        encoder = named_layers(self.encoder, read, merge)
        named |= {f"encoder.{name}": a for name, a in encoder.items()}
        for i, bridge in enumerate(self.bridges):
            named |= named_linear(f"bridge.layer{i}", bridge, read)
        if self.memory is not None:
            named["bridge.memory.input"] = read(self.memory.weight)
        return named


# --- names ---


def named_layers(recurrent, read, merge):
    """Of recurrent layers; ``merge`` combines the two biases that are one of ours."""
    arrays = [[read(w) for w in own] for own in recurrent.all_weights]
    named = named_weights(
        *_MODULES[type(recurrent).__name__],
        recurrent.bidirectional,
        [*arrays, [np.zeros((1, 1))]],
        merge=merge,
    )
    return {name: a for name, a in named.items() if not name.startswith("readout")}


def named_linear(name, linear, read):
    """Of a linear map with a bias."""
    return {f"{name}.input": read(linear.weight), f"{name}.bias": read(linear.bias)}


def weight_of(w):
    return w.detach().numpy()


def gradient_of(w):
    return w.grad.numpy()


def take_one(a, b):
    """The gradient by a bias that is the sum of two: either of theirs."""
    assert_allclose(a, b, **TOLERANCE)
    return a
