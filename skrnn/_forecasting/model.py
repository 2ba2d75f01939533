"""What a forecaster learns, and its forecasts on the scale of levels."""

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from .._estimators.blas_threads import threads_of
from .._panels.names import series_name
from .covariates import CovariateEncoder, Table, calendar_names, calendar_of, unique_names
from .drift import FEW_WINDOWS, SHARE, wanders
from .guard import bounds_of
from .history import History, joined
from .recursion import forecast
from .seasonal_pattern import rows_for
from .shared_season import SharedSeason
from .transformation import Growth, Transformation, find_transformation
from .window_regressor import Inside, fit_on_windows, predictor_of
from .windows import Windows, names_of_columns, training_windows

_DEFAULT_WINDOW = 10  # steps, without a season
_LEAST_ROWS = 2  # beyond a window
_CHUNK_NUMBERS = 2**22  # of trajectories that are forecast as one batch


class Group(NamedTuple):
    """Series that one window reads together: one or, if multivariate, all."""

    ids: tuple[Hashable, ...]  # K of them
    values: np.ndarray  # (n, K), gaps NaN
    start: int  # position of the first row
    clock: Any
    table: Table | None = None  # covariates of these rows and of later ones

    @property
    def end(self) -> int:
        """Position of the last row."""
        return self.start + len(self.values) - 1

    def label(self, row: int) -> Any:
        """The label of a row."""
        return self.clock.labels(self.start + row, 1)[0]

    def first(self, n_rows: int) -> "Group":
        """Its first rows."""
        table = None if self.table is None else self.table.rows(slice(0, n_rows))
        return self._replace(values=self.values[:n_rows], table=table)


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


class Learned(NamedTuple):
    """What the fit has learned of one series."""

    transformation: Transformation
    levels: np.ndarray  # (n,), whose changes bound forecasts
    drift: float = 0.0  # its share in forecasts


class ForecastModel(NamedTuple):
    """A regressor that reads windows, and what it needs around it."""

    regressor: Any
    settings: Settings
    length: int
    series: dict[Hashable, Learned]
    encoder: CovariateEncoder | None
    shared: SharedSeason | None = None  # by series that are too short to show their own
    n_windows: int = 0  # that the regressor was fitted on

    def histories(self, groups: Sequence[Group], n_more: int = 0) -> list[History]:
        """The groups on the scale of the forecasts, with covariates of some later rows.

        Series that the fit hasn't seen get a transformation of their own.
        """
        return [self._history(group, n_more) for group in groups]

    def forecast(
        self, histories: Sequence[History], rows: Sequence[np.ndarray], n_steps: int
    ) -> list[np.ndarray]:
        """Levels (B_i, n_steps, K) that follow some rows (B_i,) of each history."""
        K, F = histories[0].levels.shape[1], len(self.names(histories[0])) // self.length
        predict = predictor_of(self.regressor, self.names(histories[0]), K, self.settings.horizon)
        numbers = (self.length + n_steps) * (K + F) + 3 * n_steps * K
        size = max(1, _CHUNK_NUMBERS // numbers)
        todo = [
            (i, own[first : first + size])
            for i, own in enumerate(rows)
            for first in range(0, len(own), size)
        ]
        done: list[list[np.ndarray]] = [[] for _ in histories]
        bounds = bounds_of(
            [history.fitted for history in histories],
            [history.powers for history in histories],
            n_steps,
            caused=histories[0].covariates is not None,
        )
        horizon = self.settings.horizon
        with threads_of(1), np.errstate(all="ignore"):
            while todo:
                batch: list[tuple[int, np.ndarray]] = []
                n_now = 0
                while todo and (not batch or n_now + len(todo[0][1]) <= size):
                    batch.append(todo.pop(0))
                    n_now += len(batch[-1][1])
                parts = [
                    histories[i].trajectories(own, self.length, n_steps, horizon, bounds[i])
                    for i, own in batch
                ]
                center = self.settings.center
                levels = forecast(predict, joined(parts), n_steps, horizon=horizon, center=center)
                stops = np.cumsum([len(own) for _, own in batch])[:-1]
                for (i, _), own in zip(batch, np.split(levels, stops), strict=True):
                    done[i].append(own)
        empty = np.empty((0, n_steps, K))
        return [np.concatenate(own) if own else empty for own in done]

    def can_follow(self, n_rows: int) -> bool:
        """Whether forecasts can follow a series of so many rows."""
        return n_rows >= self.length + self.settings.order()

    def windows(self, histories: Sequence[History]) -> Windows:
        """The training windows of some series."""
        return training_windows(histories, self.length, self.settings.horizon, self.settings.center)

    def names(self, history: History) -> list[str]:
        """Names of the columns of flat windows."""
        K, calendar = history.levels.shape[1], calendar_names(self.settings.calendar)
        series = ["y"] if K == 1 else [f"y{k}" for k in range(K)]
        dynamic = unique_names([*(self.encoder.dynamic_names if self.encoder else ()), *calendar])
        static = unique_names(self.encoder.static_names) if self.encoder else []
        return names_of_columns(series, dynamic, static, self.length, self.settings.horizon)

    def with_drift(self, like: dict[Hashable, Learned] | None) -> "ForecastModel":
        """The model whose series have their share of the drift: those of ``like``, if given."""
        series = {
            id_: self._with_drift(own) if like is None else own._replace(drift=like[id_].drift)
            for id_, own in self.series.items()
        }
        return self._replace(series=series)

    def _with_drift(self, own):
        drift = self.settings.share_of_drift(own.levels, self.n_windows)
        return own._replace(drift=drift)

    def _history(self, group, n_more):
        settings, learned = self.settings, []
        for id_ in group.ids:
            known = self.series.get(id_)
            if known is None:
                known = learn(group, id_, settings, shared=self.shared)
                known = self._with_drift(known)
            else:
                check_positive(group, id_, settings, known)
            learned.append(known)
        history = History.of(
            group.values,
            group.start,
            [own.transformation for own in learned],
            np.column_stack([own.levels for own in learned]),
            np.array([own.drift for own in learned]),
        )
        n_rows, static, parts = len(group.values) + n_more, None, []
        if self.encoder is not None and group.table is not None:
            parts.append(self.encoder.dynamic(group.table.rows(slice(0, n_rows))))
            n_rows = len(parts[0])  # of a series that ends before others, there may be fewer
            static = self.encoder.static(group.table)
        if settings.calendar:
            parts.append(calendar_of(group.clock.labels(group.start, n_rows), settings.calendar))
        covariates = np.hstack(parts) if parts else None
        if covariates is not None and covariates.shape[1] == 0:
            covariates = None
        return history._replace(covariates=covariates, static=static)


def learn(
    group: Group,
    id_: Hashable,
    settings: Settings,
    *,
    growth: Growth | None = None,
    shared: SharedSeason | None = None,
) -> Learned:
    """What is learned of a series of a group.

    ``growth`` is what is known of it already, and ``shared`` the season of other series.
    """
    check_positive(group, id_, settings)
    values = group.values[:, group.ids.index(id_)]
    found = find_transformation(
        values,
        group.start,
        settings.season,
        group.clock,
        log=settings.log,
        deseasonalize=settings.deseasonalize,
        difference=settings.difference,
        growth=growth,
        season_rows=settings.season_rows,
        caused=settings.caused,
    )
    if shared is not None and settings.borrows_season(len(values)):
        found = shared.applied(found, values).scaled(values, group.start)
    return Learned(found, found.levels(values, group.start))


def check_positive(
    group: Group, id_: Hashable, settings: Settings, known: Learned | None = None
) -> None:
    """Raise ValueError if a series whose logarithm is read has a value of 0 or less."""
    log = settings.log is True if known is None else known.transformation.log
    values = group.values[:, group.ids.index(id_)]
    if log and (values <= 0).any():
        row = int(np.argmax(values <= 0))
        raise ValueError(
            f"{series_name(id_, 'y')} is {values[row]:.6g} at {group.label(row)}, but its "
            f"logarithm is forecast, by log={settings.log!r}: fit with log=False, or make values "
            "that don't count NaN."
        )


def fit_model(
    regressor: Any,
    settings: Settings,
    groups: Sequence[Group],
    encoder: CovariateEncoder | None,
    like: dict[Hashable, Learned] | None = None,
    inside: Inside = nullcontext,
) -> ForecastModel:
    """A fitted model; what the growth says, and the drift, are those of ``like``, if given."""
    length = settings.length(min(len(group.values) for group in groups))
    series, shared = _learn_all(groups, settings, like)
    model = ForecastModel(None, settings, length, series, encoder, shared)
    histories = model.histories(groups)
    windows = model.windows(histories)
    fitted = fit_on_windows(regressor, windows, model.names(histories[0]), inside)
    return model._replace(regressor=fitted, n_windows=len(windows.y)).with_drift(like)


def _learn_all(groups, settings, like):
    """What is learned of each series, by id, and the season of those too short to show one."""

    def learned(of, shared=None):
        found = {}
        for group in of:
            for id_ in group.ids:
                growth = None if like is None else like[id_].transformation.growth
                found[id_] = learn(group, id_, settings, growth=growth, shared=shared)
        return found

    parts: tuple[list, list] = [], []  # long ones, short ones
    for group in groups:
        parts[settings.borrows_season(len(group.values))].append(group)
    found = learned(parts[False])
    shared = SharedSeason.of(
        (values, found[id_].transformation)
        for group in parts[False]
        for id_, values in zip(group.ids, group.values.T, strict=True)
    )
    found |= learned(parts[True], shared)
    return {id_: found[id_] for group in groups for id_ in group.ids}, shared


def season_for(season: int, groups: Sequence[Group]) -> int:
    """The season, if the longest series has rows for it; otherwise 1."""
    longest = max(len(group.values) for group in groups)
    return season if longest >= rows_for(season) else 1
