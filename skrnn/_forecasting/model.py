"""What a forecaster learns, and its forecasts on the scale of levels."""

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from .._estimators.blas_threads import threads_of
from .._panels.calendar import calendar_names, calendar_of
from .context import Group
from .covariates import CovariateEncoder, unique_names
from .guard import bounds_of
from .history import History, joined
from .learning import Learned, check_positive, learn, learn_all
from .recursion import forecast
from .settings import Settings
from .shared_season import SharedSeason
from .window_regressor import Inside, fit_on_windows, predictor_of
from .windows import Windows, names_of_columns, training_windows

_CHUNK_NUMBERS = 2**22  # of trajectories that are forecast as one batch


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
    series, shared = learn_all(groups, settings, like)
    model = ForecastModel(None, settings, length, series, encoder, shared)
    histories = model.histories(groups)
    windows = model.windows(histories)
    fitted = fit_on_windows(regressor, windows, model.names(histories[0]), inside)
    return model._replace(regressor=fitted, n_windows=len(windows.y)).with_drift(like)
