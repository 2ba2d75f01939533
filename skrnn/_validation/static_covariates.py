"""Static covariates, which are constant over the steps of a sequence."""

from typing import Any

import numpy as np

from .._engine.masking import StepMask


def check_static(
    whole: np.ndarray,
    mask: StepMask,
    columns: tuple[int, ...],
    names: list[str] | None,
    dtype: Any,
) -> np.ndarray:
    """Return the static covariates (N, M), which are some columns of ``whole``.

    They are NaN where no step has them, which only sequences without a valid step may have.
    """
    shape = len(whole), mask.n_steps  # (N, T)
    static = np.empty((len(whole), len(columns)), dtype)
    for m, column in enumerate(columns):
        feature = column if names is None else repr(names[column])
        values = whole[..., column]  # (N,), or (N, T)
        values = np.broadcast_to(values[:, np.newaxis] if values.ndim < 2 else values, shape)
        low, high = np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)
        if np.isinf([low, high]).any():
            i = int(np.flatnonzero(np.isinf(low) | np.isinf(high))[0])
            raise ValueError(
                f"Input X contains infinity in the static feature {feature} of sample {i}: replace "
                "it by a finite value."
            )
        unknown = np.isnan(values)
        if unknown.any():
            unknown &= mask.valid()
        if unknown.any():
            i, t = np.argwhere(unknown)[0]
            raise ValueError(
                f"Input X contains NaN in the static feature {feature} of sample {i}, step {t}: "
                "impute it, or set the whole step to NaN to mask it."
            )
        if (low < high).any():
            i = int(np.flatnonzero(low < high)[0])
            raise ValueError(
                f"The static feature {feature} varies within sample {i}, from {low[i]:.6g} to "
                f"{high[i]:.6g}: static_features are constant over the steps of a sequence. "
                "Leave the column out of static_features to have it read at every step."
            )
        static[:, m] = low
    return static
