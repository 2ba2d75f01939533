"""Texts and lists of tokens that users pass."""

from collections.abc import Collection, Sequence
from typing import Any, NoReturn

import numpy as np

from .containers import check_container, columns_of
from .numbers import is_missing


def read_texts(X: Any) -> tuple[list, bool]:
    """Return each sample as a str, or each as a list of tokens, and whether they are texts."""
    items = _items(X)
    if not items:
        raise ValueError("X has no samples: pass one text, or one list of tokens, at least.")
    if set(map(type, items)) == {str}:  # as most are
        return items, True
    samples = [_sample(item, f"X[{i}]") for i, item in enumerate(items)]
    are_texts = [isinstance(own, str) for own in samples]
    if len(set(are_texts)) > 1:
        i = are_texts.index(not are_texts[0])
        one, other = ("a text", "a list of tokens")[:: 1 if are_texts[0] else -1]
        raise ValueError(
            f"X[0] is {one}, but X[{i}] is {other}: pass texts throughout, or lists throughout."
        )
    return samples, are_texts[0]


def _items(X):
    """The samples of X as a list."""
    if isinstance(X, str) or (isinstance(X, np.ndarray) and X.ndim == 0):
        raise ValueError(
            "Iterable over texts expected, but X is a single string: pass a list of texts, [X]."
        )
    check_container(X, "X")
    if columns_of(X) is not None:
        raise ValueError(
            f"X is a {type(X).__name__}, a table: pass its column of texts, such as X['text'], or "
            "rows of tokens as X.to_numpy()."
        )
    if not hasattr(X, "__iter__") and hasattr(X, "__array__"):
        X = np.asarray(X)
    if isinstance(X, np.ndarray):
        items = X.tolist()  # None where it is masked
        if X.ndim == 2 and X.shape[1] == 1 and any(isinstance(own, str) for (own,) in items):
            raise ValueError(
                f"X has the shape {X.shape}, a column: pass X[:, 0] if it holds texts, or "
                "X.tolist() if each sample is one token."
            )
        return items
    if not hasattr(X, "__iter__"):
        raise TypeError(f"X is {X!r}: pass a list of texts, or of lists of tokens.")
    return X.to_pylist() if hasattr(X, "to_pylist") else list(X)  # pyarrow's scalars aren't str


def _sample(item, name):
    """A text as a str, or tokens as a list."""
    if isinstance(item, str):
        return str(item)
    if isinstance(item, bytes):
        raise TypeError(f"{name} is bytes: decode it, for example by {name}.decode('utf-8').")
    if isinstance(item, Sequence):
        return list(item)
    if len(getattr(item, "shape", ())) > 1:
        raise ValueError(
            f"{name} has {len(item.shape)} dimensions: each sample must be a text or a flat list "
            "of tokens."
        )
    if len(getattr(item, "shape", ())) == 1:
        return item.tolist() if hasattr(item, "tolist") else list(item)
    if not hasattr(item, "__iter__") and is_missing(item):
        raise ValueError(
            f"{name} is {item!r}: a text can't be missing. Remove the sample, or pass '' if it has "
            "no tokens."
        )
    raise TypeError(f"{name} is {item!r}: each sample must be a text or a list of tokens.")


def check_hashable(sequences: list, error: TypeError) -> NoReturn:
    """Raise TypeError that says which token isn't hashable, or else the error itself."""
    for i, tokens in enumerate(sequences):
        for t, token in enumerate(tokens):
            try:
                hash(token)
            except TypeError:
                raise TypeError(
                    f"X[{i}][{t}] is a {type(token).__name__}, which can't be a token: tokens must "
                    "be hashable, such as strings, numbers or tuples. X is a list of texts, or of "
                    "flat lists of tokens."
                ) from None
    raise error


def check_no_token_missing(sequences: list, distinct: Collection) -> None:
    """Raise ValueError if one of the distinct tokens is missing, and say where it is."""
    if set(map(type, distinct)) <= {str} or not any(map(is_missing, distinct)):
        return
    found = (
        (i, t, token)
        for i, tokens in enumerate(sequences)
        for t, token in enumerate(tokens)
        if is_missing(token)
    )
    i, t, token = next(found)
    raise ValueError(
        f"X[{i}][{t}] is {token!r}: a token can't be missing. Pass lists that end with the last "
        "token: they may have any lengths."
    )
