"""Which columns of a row are the features of which step."""

from collections.abc import Sequence

import numpy as np

from .._validation.feature_names import others
from .._validation.lag_names import Lag

_NAMELESS = "lag"  # the name of a feature whose columns have a lag as their name, and no more


def columns_by_lag(
    names: Sequence[str], lags: Sequence[Lag | None], n_steps: int | None
) -> tuple[np.ndarray, list[str]]:
    """Return columns (T, D), oldest step first, and the names of the D features, by their lags.

    Raises ValueError unless all features have the same lags, or as many at the same distances.
    """
    ages: dict[str, dict[int, int]] = {}  # feature → age → column
    for column, lag in enumerate(lags):
        if lag is None:
            continue
        own = ages.setdefault(lag.variable or _NAMELESS, {})
        if lag.age in own:
            both = [names[own[lag.age]], names[column]]
            raise ValueError(f"The columns {both} of X have the same lag: drop one of them.")
        own[lag.age] = column
    longest = max(ages.values(), key=len)
    unlike = [name for name, own in ages.items() if _distances(own) != _distances(longest)]
    if unlike:
        columns = [names[column] for name in unlike for column in ages[name].values()]
        raise ValueError(
            f"The features of X have different lags: by their names, {columns} have not those of "
            f"the others, {sorted(longest)}. Each step has all features: make the same lags of "
            f"all, or name columns that belong to no step, by static_features={columns}."
        )
    if n_steps not in (None, len(longest)):
        raise ValueError(
            f"n_steps={n_steps}, but by the names of its columns, X has {len(longest)} steps, with "
            f"the lags {sorted(longest)}. Leave out n_steps, or name columns that belong to no "
            "step in static_features."
        )
    steps = [[own[age] for age in sorted(own, reverse=True)] for own in ages.values()]  # (D, T)
    return np.array(steps).T, list(ages)


def columns_by_position(
    n_columns: int, static: Sequence[int], n_steps: int | None, blocks: Sequence[int], first: str
) -> np.ndarray:
    """Return columns (T, D), oldest step first, of rows that have one block after the other.

    Each block has T steps with as many features as ``blocks`` says. Raises ValueError if the
    columns that aren't static are more or fewer than these.
    """
    dynamic = np.arange(n_columns)[others(static, n_columns)]
    D = sum(blocks)
    T = max(1, len(dynamic) // D) if n_steps is None else n_steps
    if len(dynamic) != T * D:
        size = f"{D} features per step" if D > 1 else "1 feature per step"
        left = dynamic[T * D :].tolist()
        fix = f"name those that belong to no step, as by static_features={[*static, *left]}"
        if not left:
            fix = "they are too few: change n_steps, n_features_per_step or static_features"
        raise ValueError(
            f"X has {len(dynamic)} columns besides the {len(static)} static ones, but {T} steps "
            f"with {size} have {T * D}: {fix}."
        )
    ends = T * np.cumsum(blocks)
    parts = [block.reshape(T, -1) for block in np.split(dynamic, ends[:-1])]
    columns = np.concatenate(parts, axis=1)
    return columns[::-1] if first == "newest" else columns


def _distances(ages: dict[int, int]) -> list[int]:
    """Steps from the newest lag to each of them: the same for lags 0, 1, 2 and 1, 2, 3."""
    return sorted(age - min(ages) for age in ages)
