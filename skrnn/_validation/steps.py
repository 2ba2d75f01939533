"""Steps of sequences: how many a row holds, and which are valid."""

import numpy as np

from .._engine.blocks import blocks
from .._engine.masking import StepMask, valid_and_partial_steps


def as_steps(X: np.ndarray, n_features_per_step: int) -> np.ndarray:
    """Return sequences (N, T, D), also from rows (N, T*D) with one sequence each."""
    if X.ndim > 2:
        return X
    if X.shape[1] % n_features_per_step:
        raise ValueError(
            f"n_features_per_step={n_features_per_step} doesn't divide the "
            f"{X.shape[1]} columns of X: a row holds one sequence, step after step, "
            "with n_features_per_step values each."
        )
    return X.reshape(len(X), -1, n_features_per_step)


def check_steps(
    X: np.ndarray, input_name: str = "X", names: list[str] | None = None
) -> tuple[float, StepMask]:
    """Return the largest absolute value of X (N, T, D), and which steps are valid.

    ``names`` are those of the D features. Raises ValueError on inf, and on steps that are NaN in
    some features only.
    """
    largest, mask = 0.0, StepMask(*X.shape[:2])
    for rows in blocks(len(X), X[0].size):  # so that a check never doubles the memory
        block = X[rows]
        largest = np.fmax(largest, np.fmax.reduce(block, axis=None))
        largest = np.fmax(largest, -np.fmin.reduce(block, axis=None))
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(block.sum()):
                continue
        if np.isinf(block).any():
            i, t, d = np.argwhere(np.isinf(block))[0]
            raise ValueError(
                f"Input {input_name} contains infinity or a value too large for {X.dtype!r}: "
                f"sample {rows.start + i}, step {t}, feature {d}."
            )
        valid, partial = valid_and_partial_steps(block)
        if partial.any():
            i, t = np.argwhere(partial)[0]
            sample = rows.start + i
            unknown = np.flatnonzero(np.isnan(block[i, t])).tolist()
            features = unknown if names is None else [names[d] for d in unknown]
            raise ValueError(
                f"Input {input_name} contains NaN in some features only of sample {sample}, "
                f"step {t}: in {features}. A step is valid or missing as a whole: impute the "
                "missing features, by SequenceScaler(SimpleImputer()) or, before SlidingWindow, by "
                "SimpleImputer(). Or set the whole step to NaN to mask it. Static covariates "
                "belong in static_features."
            )
        mask.set_rows(rows.start, valid)
    return largest, mask
