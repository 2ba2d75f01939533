"""Vocabularies of tokens: which tokens have an id, and sequences of ids in one array."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Set
from itertools import chain, compress, repeat
from numbers import Integral, Number
from typing import Any

import numpy as np

from .._validation.numbers import as_numbers, is_missing
from .._validation.ragged import is_ragged
from .._validation.texts import check_hashable, check_no_token_missing

UNKNOWN = 0  # id of tokens outside the vocabulary
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # Unicode's sign for what is unknown


def count_tokens(sequences: list) -> Counter:
    """How often each token occurs in sequences of tokens."""
    try:
        counts = Counter(chain.from_iterable(sequences))
    except TypeError as error:
        check_hashable(sequences, error)
    check_no_token_missing(sequences, counts)
    return counts


def learn(
    counts: Counter, first: int, max_features: int | None, min_frequency: int
) -> dict[Hashable, int]:
    """Ids, from ``first`` on, of the tokens by falling count; ties are sorted."""
    if not counts:
        raise ValueError(
            "X has no tokens: pass texts that aren't empty, or change analyzer or token_pattern."
        )
    frequent = [token for token, count in counts.items() if count >= min_frequency]
    if not frequent:
        token, count = counts.most_common(1)[0]
        raise ValueError(
            f"min_frequency={min_frequency} leaves no tokens: the most frequent one, {token!r}, "
            f"occurs {count} times. Lower min_frequency."
        )
    ordered = _sorted(frequent, lambda token: -counts[token])
    return _numbered(ordered[:max_features], first)


def given(vocabulary: Any, first: int) -> dict[Hashable, int]:
    """Ids, from ``first`` on, of the tokens that a user names."""
    tokens = vocabulary.tolist() if isinstance(vocabulary, np.ndarray) else list(vocabulary)
    if not tokens:
        raise ValueError("vocabulary is empty: name one token at least, or pass None.")
    try:
        counts = Counter(tokens)
    except TypeError as error:
        raise TypeError(f"vocabulary must be a flat list of tokens: {error}.") from error
    if any(map(is_missing, tokens)):
        raise ValueError("vocabulary has a missing token, None or NaN: leave it out.")
    if isinstance(vocabulary, Mapping):
        return _given_ids(vocabulary, first)
    token, count = counts.most_common(1)[0]
    if count > 1:
        raise ValueError(f"vocabulary has the token {token!r} {count} times: name it once.")
    return _numbered(_sorted(tokens) if isinstance(vocabulary, Set) else tokens, first)


def _given_ids(vocabulary: Mapping, first: int) -> dict[Hashable, int]:
    """A mapping's tokens in the order of their ids, which must be all from ``first`` on."""
    expected, ids = range(first, first + len(vocabulary)), vocabulary.values()
    if not all(isinstance(own, Integral) for own in ids) or set(ids) != set(expected):
        raise ValueError(
            f"vocabulary must map its {len(vocabulary)} tokens to the ids {first} to "
            f"{first + len(vocabulary) - 1}, each once, with these start and stop: 0 is the "
            "unknown token. Pass the tokens alone, as sorted(vocabulary, key=vocabulary.get)."
        )
    return _numbered(sorted(vocabulary, key=vocabulary.__getitem__), first)


def _sorted(tokens: Iterable, rank: Callable[[Any], int] = lambda token: 0) -> list:
    """Tokens by rank, then numbers, then others by their type."""

    def key(token: Any) -> tuple:
        kind = "" if isinstance(token, Number) else type(token).__name__
        return rank(token), kind, token

    try:
        return sorted(tokens, key=key)
    except TypeError as error:
        raise TypeError(
            f"Tokens of X must be of types that can be sorted: {error}. Pass strings or numbers, "
            "or vocabulary=[...] in the order that you choose."
        ) from error


def _numbered(tokens: Iterable, first: int) -> dict[Hashable, int]:
    return {token: id_ for id_, token in enumerate(tokens, first)}


def encode(sequences: list, vocabulary: dict, unknown: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids (sum of lengths,) of all tokens, and the lengths (N,) of the sequences."""
    lengths = np.fromiter(map(len, sequences), np.intp, len(sequences))
    tokens = chain.from_iterable(sequences)
    try:
        ids = np.fromiter(map(vocabulary.get, tokens, repeat(UNKNOWN)), np.intp, lengths.sum())
    except TypeError as error:
        check_hashable(sequences, error)
    known = ids != UNKNOWN
    if known.all():
        return ids, lengths
    check_no_token_missing(sequences, set(compress(chain.from_iterable(sequences), ~known)))
    stops = np.cumsum(lengths)
    if unknown == "error":
        k = known.argmin()
        i = int(np.searchsorted(stops, k, side="right"))
        t = int(k - (stops[i] - lengths[i]))
        raise ValueError(
            f"X[{i}] has the token {sequences[i][t]!r} at step {t}, which isn't in vocabulary_: "
            "fit on texts that have it, lower min_frequency, raise max_features, or set "
            "handle_unknown='token' or 'skip'."
        )
    if unknown == "skip":
        n_known = np.concatenate([[0], np.cumsum(known)])
        ids, lengths = ids[known], n_known[stops] - n_known[stops - lengths]
    return ids, lengths


def tokens_by_id(
    vocabulary: Mapping[Any, int], start: int | None, stop: int | None, unknown: Any
) -> list[Any]:
    """The token of each id, of a vocabulary in the order of its ids; ``unknown`` is that of 0."""
    ids = {"(start)": start, "(stop)": stop}
    return [unknown, *(name for name, id in ids.items() if id is not None), *vocabulary]


def padded(
    ids: np.ndarray, lengths: np.ndarray, start: int | None, stop: int | None, dtype: Any
) -> np.ndarray:
    """Return ids (N, longest) between start and stop, with NaN after each sequence."""
    begin = 0 if start is None else 1
    ends = lengths + begin
    n_steps = max(1, int(ends.max()) + (stop is not None))
    out = np.full((len(lengths), n_steps), np.nan, dtype)
    if start is not None:
        out[:, 0] = start
    if stop is not None:
        out[np.arange(len(out)), ends] = stop
    steps = np.arange(n_steps)
    out[(steps >= begin) & (steps < ends[:, np.newaxis])] = ids
    return out


def read_ids(X: Any, n_tokens: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids (sum of lengths,) that aren't missing, and how many each sample has, (N,)."""
    if is_ragged(X):
        rows = [as_numbers(x, f"X[{i}]") for i, x in enumerate(X)]
    else:
        rows = list(np.atleast_1d(as_numbers(X, "X")))
    for i, x in enumerate(rows):
        if x.ndim != 1 and (x.ndim != 2 or x.shape[1] != 1):
            fix = " Of a single sequence, pass [X]." if x.ndim == 0 else ""
            raise ValueError(
                f"X[{i}] has the shape {x.shape}: each sample must be a sequence of ids, "
                f"(n_steps,).{fix}"
            )
    values = np.concatenate([np.ravel(x) for x in rows] or [np.empty(0)])
    stops = np.cumsum([len(x) for x in rows], dtype=np.intp)
    with_token = np.flatnonzero(~np.isnan(values))
    found = values[with_token]
    wrong = ~((found >= 0) & (found < n_tokens) & (found == np.floor(found)))
    if wrong.any():
        k = with_token[wrong.argmax()]
        i = int(np.searchsorted(stops, k, side="right"))
        t = k - (stops[i] - len(rows[i]))
        raise ValueError(
            f"X[{i}] has the value {values[k]:g} at step {t}, which is no id: ids are the integers "
            f"from 0 to {n_tokens - 1}, as n_tokens_={n_tokens}, and NaN where there is no token."
        )
    return found.astype(np.intp), np.diff(np.searchsorted(with_token, stops), prepend=0)
