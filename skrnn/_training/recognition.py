"""Windows of series, recognised by their content where nothing else tells."""

from collections import deque

import numpy as np

from .origin import Origin

_COVERED = 0.5  # of the samples have to be continued by a later one
_PROBES = 64  # samples that are tried first
_CANDIDATES = 8  # shifts that are tried with all samples, the shortest first


def recognise(X: np.ndarray) -> Origin | None:
    """The rows that samples (N, T, D) were cut from, if they are windows of series, in order.

    A window begins like the end of an earlier one, ``shift`` steps on. Among independent samples,
    what ends one and begins another does so as often in the one order as in the other. So they
    are windows if nearly all such values, and more than a few, end a sample before they begin
    one. Values that are the same at all steps don't count, as they have no direction.
    """
    N, T, _ = X.shape
    probes = np.unique(np.linspace(0, N - 1, _PROBES).astype(int))
    candidates: deque = deque(maxlen=_CANDIDATES)
    for s, ends, begins, varied in _shared_parts(X, slice(None), slice(None)):
        shared = _among(ends[probes], begins)
        if shared.mean() >= _COVERED / 2 and varied[probes[shared]].any():
            candidates.appendleft((s, ends, begins, varied))
    for s, ends, begins, varied in candidates:
        later = _later(ends, begins)
        # one step is little: samples of a slow series, one after the other, may have it alike
        least = N / 2 if s == T - 1 else 0
        if (later >= 0).mean() >= _COVERED and _in_order(ends, begins, varied) > least:
            return _joined(X, s, later)
    return None


def _shared_parts(X, earlier, later):
    """For each shift, the longest first: hashes of what windows would share.

    Yields the shift; the hashes of the last T - shift steps of some samples, and of the first ones
    of others; and whether the former vary from step to step.
    """
    T = X.shape[1]
    base = np.uint64(0x9E3779B97F4A7C15)
    power, ends, begins = np.ones(1, np.uint64), np.zeros(1, np.uint64), np.zeros(1, np.uint64)
    varied, after = np.zeros(1, bool), None
    for s in range(T - 1, 0, -1):
        step = _hashes(X[earlier, s])
        ends = step + base * ends
        begins = begins + power * _hashes(X[later, T - 1 - s])
        power = power * base
        varied = varied | (step != (step if after is None else after))
        after = step
        yield s, ends, begins, varied if s < T - 1 else ~varied  # a single step counts


def _hashes(steps):
    """A hash (N,) of each step's values (N, D)."""
    out = np.zeros(len(steps), np.uint64)
    for d, values in enumerate(steps.T):
        values = values.astype(np.float64) + 0.0  # no -0
        values[np.isnan(values)] = np.nan  # in one form
        bits = values.view(np.uint64) + np.uint64(0x9E3779B97F4A7C15 * (d + 1) % 2**64)
        for bits_right, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            bits = (bits ^ (bits >> np.uint64(bits_right))) * np.uint64(factor)
        out += bits ^ (bits >> np.uint64(31))
    return out


def _among(few, many):
    """Which of a few hashes are among many."""
    last_bits, possible = np.uint64(2**16 - 1), np.zeros(2**16, bool)
    possible[few & last_bits] = True
    return np.isin(few, many[possible[many & last_bits]])


def _later(ends, begins):
    """The next sample that begins like the end of each; -1: none."""
    N = len(ends)
    kinds, kind = np.unique(begins, return_inverse=True)
    order = np.argsort(kind, kind="stable")
    keys = kind[order] * N + order  # sorted by what begins a sample, then by the sample
    own = np.minimum(np.searchsorted(kinds, ends), len(kinds) - 1)
    known = np.flatnonzero(kinds[own] == ends)
    place = np.searchsorted(keys, own[known] * N + known + 1)
    found = np.full(N, -1)
    inside = place < N
    known, place = known[inside], place[inside]
    same = kind[order[place]] == own[known]
    found[known[same]] = order[place[same]]
    if same.any():  # series in turns: equal windows of two series are told apart by the distance
        lags, counts = np.unique((found - np.arange(N))[found >= 0], return_counts=True)
        lag = int(lags[counts.argmax()])
        rows = np.flatnonzero(ends[: N - lag] == begins[lag:])
        found[rows] = rows + lag
    return found


def _in_order(ends, begins, varied):
    """How many values end samples before they begin samples; 0 if that may be chance."""
    end_values, first_end = np.unique(ends, return_index=True)
    begin_values, first_begin = np.unique(begins, return_index=True)
    _, a, b = np.intersect1d(end_values, begin_values, assume_unique=True, return_indices=True)
    a, b = first_end[a], first_begin[b]
    forward = np.count_nonzero((a < b) & varied[a])
    backward = np.count_nonzero((a > b) & varied[a])
    # more than three standard deviations of a fair coin, and nearly unanimous
    surely = (forward - backward) ** 2 >= 12 * (forward + backward) and 8 * backward <= forward
    return forward if surely else 0


def _joined(X, shift, later):
    """The origin of windows, given the next one of each."""
    N, T, _ = X.shape
    before, steps = np.arange(N), np.zeros(N, int)  # the window before, and how far
    earlier = np.flatnonzero(later >= 0)
    before[later[earlier]] = earlier  # the nearest one
    steps[later[earlier]] = shift
    _bridge(X, shift, before, steps)
    return _laid_out(before, steps, T)


def _bridge(X, shift, before, steps):
    """Join series where some windows are missing, by at least half of a window."""
    T, N = X.shape[1], len(X)
    continued = np.zeros(N, bool)
    continued[before[steps > 0]] = True
    ends_of, begins_of = np.flatnonzero(~continued), np.flatnonzero(steps == 0)
    for s, ends, begins, varied in _shared_parts(X, ends_of, begins_of):
        if s <= shift or 2 * s > T:
            continue
        _, a, b = np.intersect1d(ends, begins, return_indices=True)
        fits = varied[a] & (ends_of[a] < begins_of[b])
        before[begins_of[b[fits]]], steps[begins_of[b[fits]]] = ends_of[a[fits]], s


def _laid_out(before, steps, T):
    """The origin of windows that are so many steps after others; 0 if they begin a series."""
    series, position = before, steps
    while (series[series] != series).any():  # twice as far each time
        position = position + position[series]
        series = series[series]
    n_rows = np.zeros(len(before), int)
    np.maximum.at(n_rows, series, position + T)
    ends = np.cumsum(n_rows)
    return Origin((ends - n_rows)[series] + position, (range(T),))
