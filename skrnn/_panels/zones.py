"""Labels of different time zones, which make no index of dates together."""

from typing import Any

from .names import series_name


def dates_of(labels: Any, name: str, ids: Any = None) -> Any:
    """Labels that are dates as objects as a DatetimeIndex; ValueError if their zones differ.

    ``ids`` are those of the series of each label, if there are several.
    """
    import pandas as pd

    try:
        return pd.DatetimeIndex(labels)
    except (TypeError, ValueError) as error:
        first = _zone(labels[0])
        other = next((i for i, label in enumerate(labels) if _zone(label) != first), None)
        if other is None:
            raise
        found = "; ".join(
            f"{name if ids is None else series_name(ids[i], name)} has {labels[i]}, "
            + (f"of the zone {_zone(labels[i])}" if _zone(labels[i]) else "without a zone")
            for i in (0, other)
        )
        zone = first or _zone(labels[other])
        both = first and _zone(labels[other])
        method, those = ("tz_convert", "of others") if both else ("tz_localize", "without one")
        joined = "" if ids is None else ", before the series are joined"
        raise ValueError(
            f"The labels of {name} must all be of one time zone, or of none, but {found}. Use "
            f"{method}({zone!r}) on those {those}{joined}."
        ) from error


def _zone(label: Any) -> str:
    zone = getattr(label, "tzinfo", None)
    return "" if zone is None else str(zone)
