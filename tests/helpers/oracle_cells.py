"""All cells and topologies from their equations, one sequence and one step at a time.

An oracle for outputs and states: it shares no code with the engine, reads the weights by the
names and in the gates' order that the documentation gives, and knows no batch.
"""

import numpy as np

F = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "identity": lambda z: z,
}
sigma = F["logistic"]


def elman(w, x, state, f, seen, cell):
    return (f(w["input"] @ x + w["recurrent"] @ seen + w["bias"]),)


def jordan(w, x, state, f, seen, cell):
    return f(w["input"] @ x + w["recurrent"] @ seen + w["bias"]), state[1]


def leaky(w, x, state, f, seen, cell):
    new = f(w["input"] @ x + w["recurrent"] @ seen + w["bias"])
    return ((1 - cell.leak) * state[0] + cell.leak * new,)


def lstm(w, x, state, f, seen, cell):
    o, i, forget, g = np.split(w["input"] @ x + w["recurrent"] @ seen + w["bias"], 4)
    c = sigma(forget) * state[1] + sigma(i) * f(g)
    return sigma(o) * f(c), c


def peephole_lstm(w, x, state, f, seen, cell):
    o, i, forget, g = np.split(w["input"] @ x + w["recurrent"] @ seen + w["bias"], 4)
    p_o, p_i, p_f = np.split(w["peephole"], 3)
    c = sigma(forget + p_f * state[1]) * state[1] + sigma(i + p_i * state[1]) * f(g)
    return sigma(o + p_o * c) * f(c), c


def _gates(w, x, seen):
    return np.split(sigma(w["gates.input"] @ x + w["gates.recurrent"] @ seen + w["gates.bias"]), 2)


def gru(w, x, state, f, seen, cell):
    r, z = _gates(w, x, seen)
    recurrent = w["candidate.recurrent"] @ seen + w["candidate.recurrent_bias"]
    n = f(w["candidate.input"] @ x + w["candidate.bias"] + r * recurrent)
    return ((1 - z) * n + z * state[0],)


def gru_reset_before(w, x, state, f, seen, cell):
    r, z = _gates(w, x, seen)
    n = f(w["candidate.input"] @ x + w["candidate.bias"] + w["candidate.recurrent"] @ (r * seen))
    return ((1 - z) * n + z * state[0],)


STEPS = {
    "ElmanCell": elman,
    "JordanCell": jordan,
    "LeakyCell": leaky,
    "LSTMCell": lstm,
    "PeepholeLSTMCell": peephole_lstm,
    "GRUCell": gru,
    "GRUResetBeforeCell": gru_reset_before,
}


class Lane:
    """One direction of one layer: its weights and its state."""

    def __init__(self, topology, weights, name, H, mask=None):
        self.cell, self.f = topology.cell, F[topology.activation]
        self.w = {k.removeprefix(f"{name}."): v for k, v in weights.items() if k.startswith(name)}
        kind = type(topology.cell).__name__
        self.equations = STEPS[kind]
        self.recurrent = 1 if kind == "JordanCell" else 0
        sizes = [H]
        if "LSTM" in kind:
            sizes.append(H)
        if kind == "JordanCell":
            sizes.append(topology.n_outputs)
        initial = self.w.get("initial_state", np.zeros(sum(sizes)))
        self.state = tuple(np.split(initial, np.cumsum(sizes)[:-1]))
        self.mask = 1 if mask is None else mask

    def step(self, x):
        seen = self.mask * self.state[self.recurrent]
        self.state = self.equations(self.w, x, self.state, self.f, seen, self.cell)
        return self.state[0]

    def output_feedback(self, y):
        h, c = self.state
        self.state = h, self.cell.decay * c + y


def outputs(topology, weights, x, dropped=None, recurrent=None):
    """y_1, ..., y_T (T, K) of one sequence x (T, D), and the output where it ends (K,).

    ``dropped`` are masks of the layers' outputs, ``recurrent`` the recurrent masks.
    """
    V, b = weights["readout.input"], weights["readout.bias"]
    n_layers, two = len(topology.hidden_sizes), topology.bidirectional
    names = [".forward", ".backward"] if two else [""]
    recurrent = iter(recurrent or [None] * n_layers * len(names))
    dropped = dropped or [1] * n_layers
    lanes = [
        [Lane(topology, weights, f"layer{i}{name}", H, next(recurrent)) for name in names]
        for i, H in enumerate(topology.hidden_sizes)
    ]
    missing = np.isnan(x).all(axis=1)
    if not two:
        y = []
        for t, values in enumerate(x):
            if not missing[t]:
                for (lane,), mask in zip(lanes, dropped, strict=True):
                    values = lane.step(values) * mask
            y.append(V @ (lanes[-1][0].state[0] * dropped[-1]) + b)
            if not missing[t] and type(topology.cell).__name__ == "JordanCell":
                for (lane,) in lanes:
                    lane.output_feedback(y[-1])
        return np.array(y), y[-1]
    values = x
    for (ahead, back), mask in zip(lanes, dropped, strict=True):
        times = range(len(x))
        forward = [ahead.state[0] if missing[t] else ahead.step(values[t]) for t in times]
        backward = [back.state[0] if missing[t] else back.step(values[t]) for t in times[::-1]]
        end = np.concatenate([forward[-1], backward[-1]]) * mask
        values = np.concatenate([forward, backward[::-1]], axis=1) * mask
    return values @ V.T + b, V @ end + b
