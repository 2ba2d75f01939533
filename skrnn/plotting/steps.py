"""Names of the steps that an encoder-decoder has read and written."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._transformers.token_encoder import TokenEncoder
from .._transformers.vocabulary import REPLACEMENT, tokens_by_id
from .._validation.sequences import Sequences

_END = "(end)"
_VISIBLE = {" ": "\N{OPEN BOX}", "\n": "\N{PILCROW SIGN}", "\t": "\N{RIGHTWARDS ARROW}", "": "''"}

Names = list[list[Any]]  # of the steps of each sample


def shown(name: Any) -> str:
    """What stands for a token, a label or a number at an axis; nothing for None."""
    if name is None:
        return ""
    if isinstance(name, float | np.floating):
        return f"{name:.3g}"
    return _VISIBLE.get(str(name), str(name))


def names_read(
    sequences: Sequences, encoder: TokenEncoder | None, *, of_tokens: bool
) -> tuple[Names, str]:
    """Names of the steps of each sequence up to the last valid one, and what they are.

    Steps are named by their tokens or numbers, or counted if they have several numbers. A missing
    one has the name None.
    """
    mask, valid = sequences.mask, sequences.mask.valid()  # (N, T)
    stops = np.maximum(mask.stop, 1).tolist()
    if sequences.X.shape[2] != 1:
        return [list(range(stop)) for stop in stops], "step read"
    values = np.where(valid, sequences.X[:, :, 0], 0)  # (N, T)
    table: Any = values.astype(int if of_tokens else float).tolist()
    if of_tokens and encoder is not None:
        tokens = _tokens_by_id(encoder)
        if values.max() >= len(tokens):
            raise ValueError(
                f"X has the token {values.max():.0f}, but encoder has n_tokens_={len(tokens)}: "
                "pass the encoder that has made X."
            )
        table = [[tokens[id] for id in row] for row in table]
    rows = zip(table, valid, stops, strict=True)
    return [
        [name if known else None for name, known in zip(row[:stop], flags, strict=False)]
        for row, flags, stop in rows
    ], "read"


def _tokens_by_id(encoder: TokenEncoder) -> list[Any]:
    if not isinstance(encoder, TokenEncoder):
        raise TypeError(f"encoder={encoder!r} must be a fitted TokenEncoder.")
    check_is_fitted(encoder)
    return tokens_by_id(encoder.vocabulary_, encoder.start_, encoder.stop_, REPLACEMENT)


def names_written(predicted: Any, n_steps: int) -> tuple[Names | None, str]:
    """Names of the steps of each prediction, and what they are; None if steps have several numbers.

    An end has no name yet.
    """
    if isinstance(predicted, np.ndarray) and predicted.dtype != object:
        N = len(predicted)
        if predicted.size != N * n_steps:
            return None, "step written"
        predicted = predicted.reshape(N, n_steps)
    return [own.tolist() for own in predicted], "written"


def with_names(weights: list[np.ndarray], read: Any, written: Any) -> dict[str, Any]:
    """Weights without steps that nobody read or wrote, and as many names, with those of ends."""
    for name, names in (("read", read), ("written", written)):
        if names is not None and len(names) != len(weights):
            raise ValueError(
                f"{name} has names for {len(names)} samples, but weights has {len(weights)}: pass "
                "names for each sample."
            )
    weights = [_of_steps_written(own, i) for i, own in enumerate(weights)]
    if read is not None:
        read = [list(own) for own in read]
        for i, (own, names) in enumerate(zip(weights, read, strict=True)):
            n = len(names)
            if not 0 < n <= own.shape[1] or own[:, n:].any():
                raise ValueError(
                    f"read[{i}] names {n} steps, but weights[{i}] has {own.shape[1]} columns: name "
                    "each step with a weight."
                )
            weights[i] = own[:, :n]
    if written is not None:
        written = [list(own) for own in written]
        for i, (own, names) in enumerate(zip(weights, written, strict=True)):
            if len(own) - len(names) not in (0, 1):
                raise ValueError(
                    f"written[{i}] names {len(names)} steps, but weights[{i}] has {len(own)} rows "
                    "that aren't NaN: name each of them, or all but the end."
                )
            names += [_END] * (len(own) - len(names))
    return {"weights": weights, "read": read, "written": written}


def _of_steps_written(weights: np.ndarray, i: int) -> np.ndarray:
    """The rows (S, T) of weights that aren't NaN."""
    shape = weights.shape
    if weights.ndim == 2:
        weights = weights[~np.isnan(weights).all(axis=1)]
    if weights.ndim != 2 or not weights.size or np.isnan(weights).any():
        raise ValueError(
            f"weights[{i}], of the shape {shape}, must be (n_target_steps, n_steps), without NaN "
            "but after the end, as attention_weights returns them."
        )
    return weights
