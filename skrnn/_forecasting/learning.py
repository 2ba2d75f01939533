"""What is learned of each series before the regressor sees it."""

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from .._panels.names import series_name
from .context import Group
from .settings import Settings
from .shared_season import SharedSeason
from .transformation import Growth, Transformation, find_transformation


class Learned(NamedTuple):
    """What the fit has learned of one series."""

    transformation: Transformation
    levels: np.ndarray  # (n,), whose changes bound forecasts
    drift: float = 0.0  # its share in forecasts


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


def learn_all(groups, settings, like):
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
