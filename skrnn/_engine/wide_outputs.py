"""The loss of many outputs, which exist in blocks only, as they would outgrow all else."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .background import Submit, run_at_once
from .blocks import slices
from .losses import Loss

BLOCK_NUMBERS = 2**18  # outputs of a block: 2 MB in float64, which a processor's cache holds


class BlockLoss(NamedTuple):
    """The loss of one network, with derivatives."""

    value: float
    size: float  # the norm of dL/dy
    d_operand: np.ndarray  # (H, N), without the row of the bias


def are_wide(n_outputs: int, n_columns: int) -> bool:
    """Whether K outputs at each of N steps and sequences are to be cut into blocks."""
    return n_outputs > 1 and n_outputs * n_columns > BLOCK_NUMBERS


def columns_of(a: np.ndarray) -> np.ndarray:
    """From (S, rows, B) to (rows, S*B)."""
    return a.swapaxes(0, 1).reshape(a.shape[1], -1)


def column_blocks(n_outputs: int, n_columns: int) -> list[slice]:
    """Parts of N columns with K outputs each."""
    return slices(n_columns, max(1, BLOCK_NUMBERS // n_outputs))


def reduced_in_blocks(
    reduce: Callable[[np.ndarray], np.ndarray], W: np.ndarray, operand: np.ndarray
) -> np.ndarray:
    """What ``reduce`` makes of outputs (S, K, B), one column after the other, as (S, J, B).

    ``W`` is (K, H+1), and ``operand`` (S, H+1, B).
    """
    S, _, B = operand.shape
    columns = columns_of(operand)
    parts = [
        reduce(np.matmul(W, columns[:, part])[np.newaxis])[0]  # (J, n)
        for part in column_blocks(len(W), S * B)
    ]
    return np.concatenate(parts, axis=1).reshape(-1, S, B).swapaxes(0, 1)


def loss_in_blocks(
    loss: Loss,
    W: np.ndarray,
    operand: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    total: float,
    d_W: np.ndarray | None = None,
    submit: Submit = run_at_once,
) -> BlockLoss:
    """The loss of outputs ``W @ operand`` for targets y, by `Loss.value_and_gradient`.

    ``W`` is (K, H+1), ``operand`` (H+1, N), and ``y`` and ``weight`` are (J, N). The gradient of W
    is added to ``d_W``; None: no derivatives are wanted. ``submit`` may have another thread take
    half of the columns. The sums are the same if there is none.
    """
    (K, rows), (_, N) = W.shape, operand.shape
    d_operand = np.empty((rows - 1, 0 if d_W is None else N), operand.dtype)
    parts = column_blocks(K, N)

    def add_blocks(parts, d_W):
        value, square = 0.0, 0.0
        buffer = np.empty(K * min(N, parts[0].stop - parts[0].start), operand.dtype)  # of a block
        for part in parts:
            x = operand[:, part]
            f = buffer[: K * x.shape[1]].reshape(1, K, -1)  # (1, K, n)
            np.matmul(W, x, out=f[0])
            own = None if weight is None else weight[np.newaxis, :, part]
            value += float(loss.value_and_gradient(f, y[np.newaxis, :, part], own, total, out=f))
            if d_W is not None:
                dy = f[0]
                square += float(np.vdot(dy, dy))
                np.matmul(W[:, :-1].T, dy, out=d_operand[:, part])
                d_W += np.matmul(dy, x.T)
        return value, square

    middle = (len(parts) + 1) // 2
    if middle == len(parts):
        value, square = add_blocks(parts, d_W)
    else:
        others = None if d_W is None else np.zeros_like(d_W)  # (K, H+1)
        other = submit(add_blocks, parts[middle:], others)
        value, square = map(sum, zip(add_blocks(parts[:middle], d_W), other.result(), strict=True))
        if d_W is not None:
            d_W += others
    return BlockLoss(value, math.sqrt(square), d_operand)
