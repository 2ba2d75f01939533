"""Encoder and decoder from their equations, one sequence, one step and one score at a time.

An oracle for predictions: it shares no code with the engine, and reads the weights by the names
that the documentation gives.
"""

import numpy as np

from tests.helpers.oracle_cells import Lane


def part(weights, name):
    """The weights of a part, without its name."""
    prefix = f"{name}."
    return {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}


def encode(topology, weights, x, static):
    """The states of each layer, a tuple each, and the outputs at the valid steps of x (T, D)."""
    own, bridge = part(weights, "encoder"), part(weights, "bridge")
    ways = [".forward", ".backward"] if topology.bidirectional else [""]
    values, states = [step for step in x if not np.isnan(step).all()], []
    if "embedding" in own:
        values = [own["embedding"][int(step[0])] for step in values]
    for i, H in enumerate(topology.hidden_sizes):
        read, ends = [], []
        for way in ways:
            lane = Lane(topology, own, f"layer{i}{way}", H)
            begin_from_static(lane, static)
            backward = way == ".backward"
            out = [lane.step(v) for v in (values[::-1] if backward else values)]
            read.append(out[::-1] if backward else out)
            ends.append(lane.state)
        values = [np.concatenate(both) for both in zip(*read, strict=True)]
        if topology.bidirectional:
            joined = np.concatenate([np.concatenate(end) for end in ends])
            mapped = bridge[f"layer{i}.input"] @ joined + bridge[f"layer{i}.bias"]
            states.append(tuple(np.split(mapped, len(ends[0]))))
        else:
            states.append(ends[0])
    if "memory.input" in bridge:
        values = [bridge["memory.input"] @ v for v in values]
    return states, values


def begin_from_static(lane, static):
    if "static" in lane.w:
        added = np.split(lane.w["static"] @ static, len(lane.state))
        lane.state = tuple(s + a for s, a in zip(lane.state, added, strict=True))


def predict(topology, weights, x, static=None, *, n_steps, inputs=None, looked=None):
    """y_1, ..., y_S (S, K) of one sequence x (T, D) with static covariates (M,).

    The decoder reads ``inputs`` (S, J), or its own predictions: of labels, the likeliest one. The
    list ``looked`` gets the attention at the valid steps of x, of each step.
    """
    own = part(weights, "decoder")
    lanes = [Lane(topology, own, f"layer{i}", H) for i, H in enumerate(topology.hidden_sizes)]
    memory = []
    if topology.n_inputs:
        states, memory = encode(topology, weights, x, static)
        for lane, state in zip(lanes, states, strict=True):
            lane.state = state
    else:
        for lane in lanes:
            begin_from_static(lane, static)
    y = []
    for s in range(n_steps):
        if inputs is not None:
            values = inputs[s]
        elif "embedding" in own:
            V = len(own["embedding"]) - 1
            values = [np.argmax(y[-1][:V]) if y else V]
        else:
            values = y[-1] if y else np.zeros(topology.n_outputs)
        if "embedding" in own:
            values = own["embedding"][int(values[0])]
        for lane in lanes:
            values = lane.step(values)
        if topology.attention:
            values = attend(own, values, memory, looked)
        y.append(own["readout.input"] @ values + own["readout.bias"])
    return np.array(y)


def attend(own, h, memory, looked=None):
    scores = np.array([sum(h[i] * m[i] for i in range(len(h))) for m in memory])
    shares = np.exp(scores) / sum(np.exp(scores))
    if looked is not None:
        looked.append(shares)
    context = sum((a * m for a, m in zip(shares, memory, strict=True)), start=np.zeros(len(h)))
    z = own["attention.context"] @ context + own["attention.input"] @ h + own["attention.bias"]
    return np.tanh(z)
