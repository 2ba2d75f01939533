"""The parameters of a forecaster, as they are for some series."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .._panels.calendar import PERIODS
from .._validation.booleans import plain_boolean
from .._validation.feature_names import positions_of
from .context import Context, Group
from .drift import FEW_WINDOWS, SHARE, wanders
from .seasonal_pattern import rows_for

_DEFAULT_WINDOW = 10  # steps, without a season
_LEAST_ROWS = 2  # beyond a window


class Settings(NamedTuple):
    """Parameters of a forecaster, as far as a model needs them; season 1 means none."""

    window: int | str
    horizon: int  # outputs of the regressor: 1 if recursive
    season: int
    log: bool | str
    deseasonalize: bool | str
    difference: int
    center: str | None
    calendar: tuple[str, ...]
    static: tuple[int, ...]  # columns of the table
    drift: float | str  # the share of the drift in forecasts
    season_rows: int  # that a series needs to show its season
    caused: bool = False  # whether there are covariates, which may cause the spread

    def order(self) -> int:
        """Rows before the first difference."""
        return self.difference + (self.season if self.deseasonalize == "difference" else 0)

    def length(self, n_rows: int) -> int:
        """Steps of a window, where the shortest series has so many rows."""
        if self.window != "auto":
            return int(self.window)
        preferred = self.season if self.season > 1 else _DEFAULT_WINDOW
        return max(1, min(preferred, n_rows // 3))

    def rows_needed(self, length: int) -> int:
        """Rows of the shortest series that a fit takes."""
        return length + _LEAST_ROWS + self.order() + self.horizon - 1

    def share_of_drift(self, levels: np.ndarray, n_windows: int) -> float:
        """How much of the forecasts of a series with these levels (n,) is the drift."""
        if self.drift != "auto":
            return float(self.drift)
        differs = self.season > 1 and self.deseasonalize == "difference"
        if n_windows >= FEW_WINDOWS or self.caused or self.calendar or differs:
            return 0.0
        return SHARE if wanders(levels) else 0.0

    def borrows_season(self, n_rows: int) -> bool:
        """Whether a series of so many rows takes the season of others, if they show one."""
        return 1 < self.season and n_rows < self.season_rows

    def can_fit(self, n_rows: int) -> bool:
        """Whether a series of so many rows can be fitted on, as the shortest one."""
        return n_rows >= self.rows_needed(self.length(n_rows))


def settings_of(parameters: Any, context: Context) -> Settings:
    """The parameters as they are for these series; ValueError if they don't go together."""
    groups, names = context.groups(parameters.multivariate), context.names
    season = parameters.season
    if season == "auto":
        season = season_for(groups[0].clock.season, groups)
    season = 1 if season is None else int(season)
    is_given = parameters.season not in ("auto", None)
    return Settings(
        window=parameters.window,
        horizon=_horizon_of(parameters),
        season=season,
        log=plain_boolean(parameters.log),
        deseasonalize=plain_boolean(parameters.deseasonalize),
        difference=int(parameters.difference),
        center=parameters.center,
        calendar=_calendar_of(parameters.calendar, groups),
        static=_static_of(parameters.static_features, names),
        drift=parameters.drift if parameters.drift == "auto" else float(parameters.drift),
        season_rows=rows_for(season, is_given=is_given),
        caused=names is not None,
    )


def season_for(season: int, groups: Sequence[Group]) -> int:
    """The season, if the longest series has rows for it; otherwise 1."""
    longest = max(len(group.values) for group in groups)
    return season if longest >= rows_for(season) else 1


def _horizon_of(parameters: Any) -> int:
    """Outputs of the regressor."""
    horizon, direct = parameters.horizon, parameters.strategy == "direct"
    if direct and horizon is None:
        raise ValueError("strategy='direct' needs horizon, the number of steps that are predicted.")
    if not direct and horizon is not None:
        raise ValueError(
            f"horizon={horizon} is for strategy='direct'; 'recursive' forecasts any number of "
            "steps."
        )
    return int(horizon) if direct else 1


def _static_of(columns: Any, names: list[Any] | None) -> tuple[int, ...]:
    """The positions of static covariates."""
    if columns is None:
        return ()
    if names is None:
        raise ValueError(f"static_features={columns!r} names columns of X, but there is no X.")
    return tuple(positions_of(columns, names, len(names), parameter="static_features"))


def _calendar_of(calendar: Any, groups: Sequence[Group]) -> tuple[str, ...]:
    """The parts of dates to read, each once."""
    calendar = () if calendar is None else (calendar,) if isinstance(calendar, str) else calendar
    parts = tuple(dict.fromkeys(calendar))
    unknown = [part for part in parts if part not in PERIODS]
    if unknown:
        raise ValueError(f"calendar has {unknown[0]!r}: use some of {list(PERIODS)}.")
    if parts and not groups[0].clock.calendar:
        raise ValueError(
            f"calendar={list(parts)} needs dates or periods in the index of y: make it dates "
            "by pd.to_datetime."
        )
    return parts
