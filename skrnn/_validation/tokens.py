"""Tokens: whole numbers from 0 on, one at each step."""

from typing import Any

import numpy as np

from .._engine.blocks import blocks

_MOST = 2**24  # float32 holds each whole number up to here


def reads_tokens(estimator: Any, *, reset: bool) -> bool:
    """Whether X holds tokens: by the parameter in a fit, and by the fit later."""
    if not reset:
        return estimator._input_layout.n_tokens > 0
    if getattr(estimator, "embedding_size", None) is not None:
        return True
    if getattr(estimator, "n_tokens", None) is not None:
        raise ValueError(
            f"n_tokens={estimator.n_tokens} needs embedding_size: set embedding_size, such as 8, "
            "to have X read as tokens, or n_tokens=None."
        )
    return False


def check_one_token(estimator: Any, n_values: int) -> None:
    """Raise ValueError if a step has several values, beside static covariates."""
    if n_values != 1:
        raise ValueError(
            f"embedding_size={estimator.embedding_size} reads one token at each step, but a step "
            f"of X has {n_values} values: pass (n_samples, n_steps), (n_samples, n_steps, 1) or a "
            "list of 1-D sequences, name constant columns in static_features, or set "
            "embedding_size=None. Of a one-hot code, pass X.argmax(axis=2)."
        )


def check_tokens(estimator: Any, X: np.ndarray, known: int, *, reset: bool) -> int:
    """Check tokens X (N, T, 1), NaN at missing steps; return how many there are, V.

    A fit takes them from `n_tokens`, or from the largest token and those ``known`` before.
    """
    n_tokens: int | None = known
    if reset:
        n_tokens = None if estimator.n_tokens is None else int(estimator.n_tokens)
    largest = -1.0
    for rows in blocks(len(X), X.shape[1]):
        block = X[rows, :, 0]
        bad = find_no_tokens(block, n_tokens)
        if bad.any():
            negative = block < 0  # which scikit-learn has a text of its own for
            i, t = np.argwhere(negative if negative.any() else bad)[0]
            where = f"X has {block[i, t]:.15g} at sample {rows.start + i}, step {t}"
            raise no_token(where, block[i, t], n_tokens, fitted=not reset)
        largest = max(largest, float(np.fmax.reduce(block, axis=None, initial=-1)))
    return max(int(largest) + 1, known, 1) if n_tokens is None else n_tokens


def find_no_tokens(values: np.ndarray, n_tokens: int | None) -> np.ndarray:
    """Where values are neither tokens nor NaN."""
    with np.errstate(invalid="ignore"):
        most = _MOST if n_tokens is None else n_tokens
        return (values < 0) | (values >= most) | (values != np.floor(values)) & ~np.isnan(values)


def no_token(where: str, value: float, n_tokens: int | None, *, fitted: bool) -> ValueError:
    """The error of a value that is no token."""
    if value < 0:
        return ValueError(
            f"Negative values in data: {where}, but tokens are whole numbers from 0 "
            "on. Mark steps without a token by NaN, and number tokens by skrnn.TokenEncoder."
        )
    if value != np.floor(value):
        return ValueError(
            f"{where}, but with embedding_size, X holds tokens: whole numbers from 0 on. Number "
            "them by skrnn.TokenEncoder, or set embedding_size=None to have X read as numbers."
        )
    if n_tokens is None:
        return ValueError(
            f"{where}, which is too large: there may be {_MOST} tokens. Number them from 0 on, by "
            "skrnn.TokenEncoder, and see n_tokens=."
        )
    if fitted:
        return ValueError(
            f"{where}, but the fit had n_tokens_={n_tokens}: tokens are 0 to {n_tokens - 1}. Fit "
            f"with n_tokens={value + 1:.15g} or more, or let skrnn.TokenEncoder make unknown "
            "tokens 0."
        )
    return ValueError(
        f"{where}, but n_tokens={n_tokens}: tokens are 0 to {n_tokens - 1}. Set "
        f"n_tokens={value + 1:.15g} or more, or n_tokens=None for the largest token, plus 1."
    )
