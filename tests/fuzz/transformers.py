"""Cases of the transformers of sequences."""

import re
import unicodedata

import numpy as np
import pandas as pd
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from skrnn import (
    RowsToSequences,
    SequencePadder,
    SequencePatcher,
    SequenceScaler,
    TokenEncoder,
    flatten_steps,
)

from . import data
from .draw import chance, one_of
from .watch import REFUSED, expect

SCALERS = [None, StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler()]


def described(X):
    """What replays show of the sequences."""
    shapes = [x.shape for x in X.sequences[:3]]
    return f"{X.container} of {X.kind} {shapes} {X.dtype} {X.size}"


def fit_transform(watch, own, X):
    """What a transformer that is fitted on X makes of it, or REFUSED."""
    if watch.unchanged("fit", own, own.fit, X.value) is REFUSED:
        return REFUSED
    return watch.unchanged("transform", own, own.transform, X.value)


def scaled(rng, watch, notes):
    """`SequenceScaler` keeps what is missing, and can be undone."""
    X, scaler = data.sequences(rng, static=False), one_of(rng, SCALERS)
    own = SequenceScaler(scaler, **X.parameters)
    watch.names |= set(own.get_params())
    notes += [own, described(X)]
    got = fit_transform(watch, own, X)
    if got is REFUSED:
        return
    sequences = split(X, got)
    for x, s in zip(X.sequences, sequences, strict=True):
        if not np.array_equal(np.isnan(x), np.isnan(s)):
            watch.find("scaling changes which steps are missing", f"{x.tolist()} to {s.tolist()}")
            return
        if not np.isfinite(s[~np.isnan(x)]).all():
            watch.find("scaled to infinity", f"{x.tolist()}")
            return
    if isinstance(X.value, list | tuple) and X.kind == "list" and not isinstance(got, list):
        watch.find("container of scaled sequences", f"{type(got)} for {type(X.value)}")
    if X.size not in ("normal", "binary", "counts"):
        return
    back = watch.call("inverse_transform", own.inverse_transform, got)
    if back is not REFUSED:
        expect(
            watch,
            "inverse of scaling",
            split(X, back),
            X.sequences,
            1e-4 if X.dtype == np.float32 else 1e-9,
        )


def split(X, values):
    """The sequences (n_steps, D) in what a transformer has returned."""
    parts = [np.asarray(own) for own in values]
    return [own.reshape(-1, X.n_features) for own in parts]


def padded(rng, watch, notes):
    """`SequencePadder` moves the steps of each sequence to one side, and cuts the others."""
    X = data.sequences(rng, static=False)
    own = SequencePadder(
        one_of(rng, [None, None, 1, 3, 20]),
        side=one_of(rng, ["left", "right"]),
        truncation=one_of(rng, [None, "left", "right"]),
    )
    watch.names |= set(own.get_params())
    if X.kind == "rows" and X.n_features > 1:
        return
    notes += [own, described(X)]
    got = fit_transform(watch, own, X)
    if got is REFUSED:
        return
    steps = X.sequences
    if X.kind != "list":  # missing steps around are padding already
        steps = [trimmed(x) for x in steps]
    length = own.length or max(1, *map(len, steps))
    if got.shape != (len(steps), length, X.n_features):
        watch.find(
            "shape of padded sequences", f"{got.shape}, not {(len(steps), length, X.n_features)}"
        )
        return
    for row, x in zip(np.asarray(got), steps, strict=True):
        x = x[max(0, len(x) - length) :] if own.truncation == "left" else x[:length]
        gap = ((length - len(x), 0) if own.side == "left" else (0, length - len(x)), (0, 0))
        expect(watch, "padded sequence", row, np.pad(x, gap, constant_values=np.nan))


def patched(rng, watch, notes):
    """`SequencePatcher` joins steps, of which the missing ones take values of valid ones."""
    X, length = data.sequences(rng, static=False), one_of(rng, [1, 2, 3, 20])
    own = SequencePatcher(length, **X.parameters)
    watch.names |= set(own.get_params())
    notes += [own, described(X)]
    got = fit_transform(watch, own, X)
    if got is REFUSED:
        return
    for x, patches in zip(X.sequences, got, strict=True):
        valid = np.flatnonzero(~np.isnan(x).all(axis=1))
        expected = np.full((-(-len(x) // length), length * X.n_features), np.nan, x.dtype)
        for p in range(len(expected)):
            steps = np.arange(p * length, (p + 1) * length)
            if np.isin(steps, valid).any():
                last = [max([v for v in valid if v <= t], default=valid[0]) for t in steps]
                expected[p] = x[last].ravel()
        # a list is padded by the longest sequence, which may be an empty one
        expect(watch, "patches", np.asarray(patches)[: len(expected)], expected)


def ordered(rng, watch, notes):
    """`RowsToSequences` undoes what others do to the order of steps, by names or parameters."""
    N, T, sizes = rng.randint(1, 15), rng.randint(1, 6), one_of(rng, [[1], [2], [1, 1], [1, 3]])
    D, n_static, newest = sum(sizes), rng.randint(3), chance(rng, 0.5)
    dtype = one_of(rng, [np.float32, np.float64])
    steps = rng.normal(size=(N, T, D)).astype(dtype)
    steps[rng.uniform(size=(N, T)) < one_of(rng, [0, 0.3])] = np.nan
    static = rng.normal(size=(N, n_static)).astype(dtype)
    turned = steps[:, ::-1] if newest else steps
    blocks = np.split(turned, np.cumsum(sizes)[:-1], axis=2)
    X = np.hstack([*(block.reshape(N, -1) for block in blocks), static])
    own = RowsToSequences(
        one_of(rng, [None, T]),
        n_features_per_step=sizes if len(sizes) > 1 else D,
        first="newest" if newest else "oldest",
        static_features=list(range(T * D, T * D + n_static)) or None,
    )
    if chance(rng, 0.5):  # names tell
        ages = range(T) if newest else range(T)[::-1]
        ends = np.cumsum(sizes)
        of_steps = [
            f"x{d}_lag{age}"
            for end, size in zip(ends, sizes, strict=True)
            for age in ages
            for d in range(end - size, end)
        ]
        names = of_steps + [f"fact{m}" for m in range(n_static)]
        X, own = pd.DataFrame(X, columns=names), RowsToSequences()
    watch.names |= {"X", *own.get_params()}
    notes += [own, f"{type(X).__name__} {X.shape} {dtype.__name__}"]
    got = watch.unchanged("fit_transform", own, own.fit_transform, X)
    if got is REFUSED:
        return
    expected = np.concatenate([steps, np.repeat(static[:, np.newaxis], T, axis=1)], axis=2)
    expected[np.isnan(steps).all(axis=2)] = np.nan
    expect(watch, "steps in order", got, expected)


def trimmed(x):
    """The steps from the first valid one to the last."""
    valid = np.flatnonzero(~np.isnan(x).all(axis=1))
    return x[valid[0] : valid[-1] + 1] if len(valid) else x[:0]


def flattened(rng, watch, notes):
    """`flatten_steps` has one value for each valid step."""
    X = data.sequences(rng, static=False)
    values = [rng.randint(9, size=len(x)) for x in X.sequences]
    watch.names |= {"X", "arrays", "arrays[0]", "n_features_per_step", "static_features"}
    notes += [described(X)]
    got = watch.call("flatten_steps", flatten_steps, X.value, values, **X.parameters)
    if got is not REFUSED:
        pairs = zip(values, X.sequences, strict=True)
        expected = [own[~np.isnan(x).all(axis=1)] for own, x in pairs]
        expect(watch, "flattened steps", got, (np.concatenate(expected),))


def cut(encoder, text):
    """The tokens of a text."""
    text = unicodedata.normalize("NFC", text.lower() if encoder.lowercase else text)
    cuts = {"word": re.compile(r"\w+|[^\w\s]").findall, "char": list}
    return cuts.get(encoder.analyzer, str.split)(text)


def encoded(rng, watch, notes):
    """`TokenEncoder` gives ids that lead back to all tokens but the unknown ones."""
    alphabet = one_of(rng, ["ab", "aé b\u0301\n", "x😀.,\ud800 "])
    texts = ["".join(rng.choice(list(alphabet), rng.randint(6))) for _ in range(rng.randint(1, 9))]
    X = texts if chance(rng, 0.6) else [list(text) for text in texts]
    unknown = one_of(rng, ["token", "skip", "error"])
    own = TokenEncoder(
        one_of(rng, ["word", "char", str.split]),
        lowercase=chance(rng, 0.3),
        max_features=one_of(rng, [None, 1, 2]),
        min_frequency=one_of(rng, [1, 1, 3]),
        vocabulary=one_of(rng, [None, None, None, ["b", "a"]]),
        handle_unknown=unknown,
        start=chance(rng, 0.5),
        stop=chance(rng, 0.5),
        dtype=one_of(rng, [np.float32, np.float64]),
    )
    watch.names |= {"X", *own.get_params()}
    notes += [own, X]
    ids = watch.unchanged("fit_transform", own, own.fit_transform, X)
    if ids is REFUSED:
        return
    expect(watch, "ids of fit and of transform", own.transform(X), ids)
    n_ends = own.start + own.stop
    tokens = X if X is not texts else [cut(own, text) for text in texts]
    expected = [[t if t in own.vocabulary_ else None for t in sample] for sample in tokens]
    if unknown == "skip":
        expected = [[t for t in sample if t is not None] for sample in expected]
    lengths = np.sum(~np.isnan(ids), axis=1)
    if lengths.tolist() != [len(sample) + n_ends for sample in expected]:
        watch.find("number of ids", f"{lengths} for {expected}")
    back = own.inverse_transform(ids)
    if X is texts:
        between = "" if own.analyzer == "char" else " "
        expected = [between.join("�" if t is None else t for t in own) for own in expected]
    if back != expected:
        watch.find("back from ids", f"{back}, not {expected}")
