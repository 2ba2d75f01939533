"""How wrong forecasts were, from origins after the data that a copy was fitted on."""

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from .._panels.season import LongerSeason
from .context import Group
from .covariates import CovariateEncoder
from .history import History
from .learning import Learned
from .metrics import last_season, seasonal_scale
from .model import fit_model
from .settings import Settings
from .window_regressor import Inside
from .windows import NoWindowsError

_MOST_STEPS = 1000
_MOST_NUMBERS = 2**23  # residuals that are kept
_ENOUGH = 400  # forecasts of a series, if more would read too much: neighbours tell the same
_MOST_INPUTS = 2**25  # that forecasts read, beyond these
_SEASONS = 3  # that the copy is fitted on, if there are so many
_STEPS = 10  # that count for the skill, without a season


class TooFewResidualsError(ValueError):
    """Intervals need more residuals than there are; its attributes say what would work."""

    def __init__(
        self, n_steps: int, coverage: float, needed: int, n_residuals: int, most_steps: int
    ) -> None:
        super().__init__(n_steps, coverage, needed, n_residuals, most_steps)  # for unpickling
        self.n_steps, self.coverage = n_steps, coverage
        self.needed, self.n_residuals = needed, n_residuals
        self.most_steps = most_steps  # with this coverage; 0 if there are too few for any
        # of these steps; 0 if there are no residuals
        self.highest_coverage = float(np.floor(1000 * n_residuals / (n_residuals + 1)) / 1000)

    def __str__(self) -> str:
        works = [f"steps <= {self.most_steps}"] if self.most_steps else []
        if self.n_residuals:
            works.append(f"coverage <= {_with_quantiles(self.highest_coverage)}")
        return (
            f"steps={self.n_steps} with coverage={_with_quantiles(self.coverage)} needs "
            f"{self.needed} residuals of forecasts as many steps ahead, but calibration has "
            f"{self.n_residuals}: use {' or '.join(works)}{', ' if works else ''}more rows, or a "
            "larger calibration."
        )


class Calibration(NamedTuple):
    """Absolute residuals of levels by step, and the skill of the forecasts they are of."""

    residuals: dict[Hashable, np.ndarray]  # (n_steps, n_origins), ascending, NaN at the end
    scales: dict[Hashable, float]  # of the series
    skill: float
    constant: bool = False  # whether all values repeat the last ones exactly
    longer: float = np.inf  # the error of repeating the last longer season, by that of forecasts

    def half_widths(
        self, ids: Sequence[Hashable], scales: Sequence[float], n_steps: int, coverage: float
    ) -> np.ndarray:
        """Half the widths (n_series, n_steps) of intervals of levels.

        Step k has the ``ceil((n + 1) * coverage)``-th of its n residuals, or that of an earlier
        step if it is larger. A series with too few has those of all, in units of their scales.
        """
        pooled = None
        found = np.empty((len(ids), n_steps))
        for i, (id_, scale) in enumerate(zip(ids, scales, strict=True)):
            own = _quantiles(self.residuals.get(id_), n_steps, coverage)
            if own is None:
                if pooled is None:
                    pooled = _quantiles(self._pooled(n_steps), n_steps, coverage)
                if pooled is None:
                    raise self._too_few(n_steps, coverage)
                own = pooled * scale
            found[i] = np.maximum.accumulate(own)
        return found

    def _pooled(self, n_steps):
        """Residuals of all series, in units of their scales."""
        parts = [
            np.pad(
                own[:n_steps] / self.scales[id_],
                ((0, max(0, n_steps - len(own))), (0, 0)),
                constant_values=np.nan,
            )
            for id_, own in self.residuals.items()
        ]
        return np.sort(np.hstack(parts), axis=1) if parts else None

    def _too_few(self, n_steps, coverage):
        longest = max((len(own) for own in self.residuals.values()), default=0)
        counts = np.zeros(longest, int)
        for own in self.residuals.values():
            counts[: len(own)] += np.count_nonzero(~np.isnan(own), axis=1)
        fewest = np.minimum.accumulate(counts)  # gaps of y may leave more at later steps
        needed = int(np.ceil(np.round(coverage / (1 - coverage), 9)))
        n = int(fewest[n_steps - 1]) if n_steps <= longest else 0
        works = int(np.count_nonzero(fewest >= needed))
        return TooFewResidualsError(n_steps, coverage, needed, n, works)


def _with_quantiles(coverage):
    low, high = (1 - coverage) / 2, (1 + coverage) / 2
    return f"{coverage:.3g} (the quantiles {low:.4g} and {high:.4g})"


def _quantiles(residuals, n_steps, coverage):
    """The quantile of each step (n_steps,), or None if a step has too few residuals."""
    if residuals is None or len(residuals) < n_steps:
        return None
    residuals = residuals[:n_steps]
    counts = np.count_nonzero(~np.isnan(residuals), axis=1)
    ranks = np.ceil(np.round((counts + 1) * coverage, 9)).astype(int)
    if (ranks > counts).any():
        return None
    return residuals[np.arange(n_steps), ranks - 1]


def calibrate(
    regressor: Any,
    settings: Settings,
    groups: Sequence[Group],
    encoder: CovariateEncoder | None,
    like: dict[Hashable, Learned],
    fraction: float,
    inside: Inside = nullcontext,
    longer: LongerSeason | None = None,
) -> Calibration | None:
    """Forecast the last part of each series by a model of the part before, from every row.

    None if the series are too short for that. ``like`` is what the fit on all rows has learned.
    Forecasts are compared with repeating a ``longer`` season, too.
    """
    shows = [any(len(like[i].transformation.pattern) > 1 for i in g.ids) for g in groups]
    cuts = [
        _cut(len(group.values), fraction, settings, is_seasonal=own)
        for group, own in zip(groups, shows, strict=True)
    ]
    kept = [i for i, cut in enumerate(cuts) if 0 < cut < len(groups[i].values)]
    if not kept:
        return None
    groups, cuts = [groups[i] for i in kept], [cuts[i] for i in kept]
    earlier = [group.first(cut) for group, cut in zip(groups, cuts, strict=True)]
    try:
        model = fit_model(regressor, settings, earlier, encoder, like, inside)
    except NoWindowsError:
        return None
    histories = model.histories(groups)
    n_steps = min(
        max(len(g.values) - cut for g, cut in zip(groups, cuts, strict=True)), _MOST_STEPS
    )
    n_inputs = len(model.names(histories[0]))  # of a window
    n_values = n_steps * sum(len(group.ids) for group in groups)
    n_most = max(_ENOUGH, _MOST_INPUTS // (n_values * n_inputs))
    n_origins = max(10, min(_MOST_NUMBERS // n_values, n_most))
    rows = [
        _origins(history.observed, cut, n_origins, settings.season)
        for history, cut in zip(histories, cuts, strict=True)
    ]
    forecasts = model.forecast(histories, rows, n_steps)
    residuals, scales, errors = {}, {}, np.zeros(5)
    for group, history, own, levels in zip(groups, histories, rows, forecasts, strict=True):
        truth = _following(np.where(history.observed, history.levels, np.nan), own, n_steps)
        difference = np.abs(truth - levels)  # (B, n_steps, K)
        for k, (id_, found) in enumerate(zip(group.ids, history.transformations, strict=True)):
            residuals[id_], scales[id_] = np.sort(difference[:, :, k].T, axis=1), found.scale
        errors += _errors(history, own, levels, settings.season, longer)
    forecast, *naive, same_rows, repeated = errors
    skill = 1 - forecast / min(naive) if min(naive) > 0 else 0.0
    ratio = repeated / same_rows if same_rows > 0 else np.inf
    return Calibration(residuals, scales, float(skill), not min(naive) > 0, float(ratio))


def _cut(n_rows, fraction, settings, *, is_seasonal):
    """Rows of the part that the copy is fitted on, or 0 if that is impossible.

    The copy of a series that shows its season must show it, too.
    """
    cut, season = n_rows - int(np.floor(fraction * n_rows)), settings.season
    if season > 1:
        cut = max(cut, min(_SEASONS * season, n_rows - season))
    if is_seasonal and not settings.borrows_season(n_rows):
        cut = max(cut, settings.season_rows)
    needed = settings.rows_needed(settings.length(cut))
    return max(cut, needed) if needed < n_rows else 0


def _origins(observed, cut, n_most, season):
    """Rows that forecasts begin after: those from the cut on whose values aren't missing."""
    rows = np.arange(cut - 1, len(observed) - 1)
    rows = rows[observed[rows].all(axis=1)]
    if len(rows) <= n_most:
        return rows
    by_phase = np.argsort(rows % season, kind="stable")  # each k-th may be at one hour of days
    return rows[np.sort(by_phase[np.linspace(0, len(rows) - 1, n_most).astype(int)])]


def _following(values, rows, n_steps):
    """The values (B, n_steps, K) after some rows of (n, K), NaN beyond the end."""
    padded = np.vstack([values, np.full((n_steps, values.shape[1]), np.nan)])
    return padded[rows[:, np.newaxis] + np.arange(1, n_steps + 1)]


def _errors(history: History, rows, levels, season, longer):
    """Sums of absolute errors (5,): of the forecasts, of the last value and of the last season.

    The last two are those of the forecasts, and of the last longer season, where there is one.
    """
    n_steps = min(levels.shape[1], season if season > 1 else _STEPS)
    filled = history.values(history.levels, history.start + np.arange(len(history.levels)))
    truth = _following(np.where(history.observed, filled, np.nan), rows, n_steps)
    after = rows[:, np.newaxis] + np.arange(1, n_steps + 1)  # (B, n_steps)
    last = rows[:, np.newaxis]
    forecasts = history.values(levels[:, :n_steps], history.start + after)
    guesses = [forecasts, filled[last], filled[last_season(after, last, season)]]
    scale = [seasonal_scale(column, season) for column in filled.T]
    found = [np.abs(guess - truth) / scale for guess in guesses]  # (B, n_steps, K) each
    found += [np.zeros(1), np.zeros(1)]
    if longer is not None and rows[-1] - max(rows[0], longer.steps) >= longer.steps:
        known = rows >= longer.steps  # a whole cycle of them: a few could be better by chance
        earlier = last_season(after[known], last[known], longer.steps)
        repeated = np.where(history.observed, filled, np.nan)[earlier]
        found[4] = np.abs(repeated - truth[known]) / scale
        found[3] = np.where(np.isnan(found[4]), np.nan, found[0][known])
    return np.array([np.nansum(own) for own in found])
