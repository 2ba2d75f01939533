"""A fitted forecaster: series, a model, residuals; forecasts in the unit of y."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .calibration import Calibration
from .context import Context, Group
from .history import History
from .learning import check_positive
from .metrics import seasonal_scale
from .model import ForecastModel

# ids, scales and steps of K series → what is added to their levels, (K, n_steps, J)
Spread = Callable[[Sequence[Hashable], Sequence[float], int], np.ndarray]


class Fitted(NamedTuple):
    """What `Forecaster.fit` leaves behind."""

    context: Context
    model: ForecastModel
    calibration: Calibration | None
    multivariate: bool
    names: list[Any] | None  # of the columns of X

    @property
    def needs_no_later_covariates(self) -> bool:
        """Whether all of X is constant in each series."""
        return self.names is not None and len(self.model.settings.static) == len(self.names)

    def check(self, context: Context) -> None:
        """Raise ValueError if values can't be brought to the scale of the forecasts."""
        for group in context.groups(self.multivariate):
            for id_ in group.ids:
                check_positive(group, id_, self.model.settings, self.model.series.get(id_))

    def forecasts(
        self, context: Context, n_steps: Sequence[int], spread: Spread | None = None
    ) -> list[np.ndarray]:
        """The next values (n_steps_i,) of each series, or (n_steps_i, J) with a spread."""
        groups = context.groups(self.multivariate)
        ends = [own.end for own in context.panel.series]
        lasts = [end + n for end, n in zip(ends, n_steps, strict=True)]
        K = len(groups[0].ids)
        longest = max(max(lasts[i * K : (i + 1) * K]) - g.end for i, g in enumerate(groups))
        if self.model.encoder is not None:
            tables = [g.table.rows(slice(0, len(g.values) + longest)) for g in groups if g.table]
            self.model.encoder.warn_of_unknown(tables)
        histories = self.model.histories(groups, longest)
        rows = [np.array([len(history.levels) - 1]) for history in histories]
        levels = self.model.forecast(histories, rows, longest)
        found: list[np.ndarray] = []
        for group, history, own in zip(groups, histories, levels, strict=True):
            values = self._values(group, history, own[0], spread)  # (longest, K[, J])
            for k in range(K):
                i = len(found)
                first = ends[i] - group.end
                found.append(values[first : first + n_steps[i], k])
        return found

    def one_step_ahead(self, context: Context) -> list[np.ndarray]:
        """Forecasts (n,) of each row from those before, NaN where these are too few."""
        groups = context.groups(self.multivariate)
        histories = self.model.histories(groups)
        first = self.model.length + histories[0].order - 1
        rows = [np.arange(first, len(history.levels) - 1) for history in histories]
        levels = self.model.forecast(histories, rows, 1)
        found: list[np.ndarray] = []
        for group, history, own, at in zip(groups, histories, levels, rows, strict=True):
            values = history.values(own[:, 0], group.start + at + 1)
            for k in range(len(group.ids)):
                series = context.panel.series[len(found)]
                inside = np.full(len(series.values), np.nan)
                inside[group.start - series.start + at + 1] = values[:, k]
                found.append(inside)
        return found

    def mase(self, truths: list[np.ndarray], forecasts: list[np.ndarray]) -> float:
        """Mean absolute errors in units of the seasonal naive forecast's, as a mean of series."""
        errors = []
        pairs = zip(self.context.panel.series, truths, forecasts, strict=True)
        for series, truth, forecast in pairs:
            if not np.isnan(truth).all():
                scale = seasonal_scale(series.values, self.model.settings.season)
                errors.append(float(np.nanmean(np.abs(truth - forecast))) / scale)
        return float(np.mean(errors))

    @staticmethod
    def _values(group: Group, history: History, levels: np.ndarray, spread: Spread | None) -> Any:
        positions = group.end + 1 + np.arange(len(levels))
        if spread is None:
            return history.values(levels, positions)
        scales = [own.scale for own in history.transformations]
        added = spread(group.ids, scales, len(levels)).transpose(2, 1, 0)  # (J, n_steps, K)
        values = history.values(levels + added, np.broadcast_to(positions, added.shape[:2]))
        return values.transpose(1, 2, 0)
