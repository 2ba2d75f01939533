"""Labels of time and of columns, as pandas has them, in plain values."""

import datetime
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np


def fields_of(value: Any) -> dict[str, Any] | None:
    """The type and the fields of a label, index, frequency or zone; None: it has none."""
    if isinstance(value, datetime.tzinfo):
        return _fields_of_zone(value)
    if type(value).__module__.partition(".")[0] != "pandas":
        return None
    import pandas as pd

    if isinstance(value, pd.Index):
        return _fields_of_index(value)
    if isinstance(value, pd.offsets.BaseOffset):
        return _fields_of_offset(value)
    if type(value) is pd.Timestamp:
        count = int(value.asm8.view(np.int64))
        return {"type": "timestamp", "count": count, "unit": value.unit, "zone": value.tz}
    if type(value) is pd.Timedelta:
        count = int(value.asm8.view(np.int64))
        return {"type": "timedelta", "count": count, "unit": value.unit}
    if type(value) is pd.Period:
        return {"type": "period", "ordinal": value.ordinal, "freq": value.freqstr}
    return None


def _fields_of_zone(zone: Any) -> dict[str, Any] | None:
    """Those of a zone that one library or another finds by its name."""
    if type(zone) is datetime.timezone:
        seconds = zone.utcoffset(None).total_seconds()
        return {"type": "zone", "library": "datetime", "key": None, "seconds": seconds}
    library = type(zone).__module__.partition(".")[0]
    key = getattr(zone, {"zoneinfo": "key", "pytz": "zone"}.get(library, ""), None)
    return None if key is None else {"type": "zone", "library": library, "key": key}


def _zone(library: str, key: str | None, seconds: float = 0) -> datetime.tzinfo:
    if library == "datetime":
        return datetime.timezone(datetime.timedelta(seconds=seconds))
    if library == "pytz":
        import pytz

        return pytz.timezone(key)
    return zoneinfo.ZoneInfo(str(key))


def _fields_of_offset(offset: Any) -> dict[str, Any] | None:
    """Those of a frequency: its name or, of one with options, these; None if neither tells all."""
    options = {
        name: np.array(own, "M8[D]") if name == "holidays" else own
        for name, own in offset.kwds.items()
        if name != "calendar" and own != datetime.timedelta(0)  # they are defaults
    }
    as_class = {"name": type(offset).__name__, "n": offset.n, "options": options}
    for fields in ({"name": offset.freqstr}, {**as_class, "normalize": offset.normalize}):
        try:
            if _offset(**fields) == offset:
                return {"type": "frequency", **fields}
        except (AttributeError, TypeError, ValueError):
            continue
    return None


def _offset(
    name: str, n: int | None = None, options: dict | None = None, normalize: bool = False
) -> Any:
    import pandas as pd
    from pandas.tseries.frequencies import to_offset

    if options is None:
        return to_offset(name)
    if not issubclass(getattr(pd.offsets, name), pd.offsets.BaseOffset):
        raise ValueError(f"{name!r} is no frequency of pandas")
    return getattr(pd.offsets, name)(n, normalize, **options)


def _fields_of_index(index: Any) -> dict[str, Any] | None:
    import pandas as pd

    if isinstance(index, pd.MultiIndex):
        codes = [np.array(own) for own in index.codes]
        names = list(index.names)
        return {"type": "levels", "levels": list(index.levels), "codes": codes, "names": names}
    name = {"name": index.name}
    if isinstance(index, pd.RangeIndex):
        bounds = {"start": index.start, "stop": index.stop, "step": index.step}
        return {"type": "range", **bounds, **name}
    if isinstance(index, pd.PeriodIndex):
        return {"type": "periods", "ordinals": index.asi8, "freq": index.freqstr, **name}
    if isinstance(index, pd.CategoricalIndex):
        parts = {"categories": index.categories, "codes": np.array(index.codes)}
        return {"type": "categories", **parts, "ordered": index.ordered, **name}
    if isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex):
        counts = {"counts": index.asi8, "unit": index.unit, "freq": index.freq}
        if isinstance(index, pd.TimedeltaIndex):
            return {"type": "timedeltas", **counts, **name}
        return {"type": "timestamps", **counts, "zone": index.tz, **name}
    if isinstance(index.dtype, np.dtype) and index.dtype.kind in "iufb":
        return {"type": "index", "values": index.to_numpy(), **name}
    fields = {"values": index.tolist(), "dtype": str(index.dtype), **name}
    made = _index(**fields)
    # such as a storage of text that its dtype doesn't name
    same = made.dtype == index.dtype and type(made) is type(index) and made.equals(index)
    return {"type": "index", **fields} if same else None


def _index(values: Any, name: Any, dtype: str | None = None) -> Any:
    import pandas as pd

    return pd.Index(values, dtype=dtype, name=name, tupleize_cols=False)


def _timestamps(counts: np.ndarray, unit: str, freq: Any, zone: Any, name: Any) -> Any:
    import pandas as pd

    index = pd.DatetimeIndex(counts.view(f"M8[{unit}]"))
    if zone is not None:
        index = index.tz_localize("UTC").tz_convert(zone)
    return pd.DatetimeIndex(index, freq=freq, name=name)


def _timedeltas(counts: np.ndarray, unit: str, freq: Any, name: Any) -> Any:
    import pandas as pd

    return pd.TimedeltaIndex(counts.view(f"m8[{unit}]"), freq=freq, name=name)


def _timestamp(count: int, unit: str, zone: Any) -> Any:
    import pandas as pd

    moment = pd.Timestamp(np.array([count]).view(f"M8[{unit}]")[0])
    return moment if zone is None else moment.tz_localize("UTC").tz_convert(zone)


def _timedelta(count: int, unit: str) -> Any:
    import pandas as pd

    return pd.Timedelta(np.array([count]).view(f"m8[{unit}]")[0])


def _pandas(name: str) -> Callable:
    """A class or function of pandas, imported when it is called."""

    def make(**fields: Any) -> Any:
        import pandas as pd

        made: Any = pd
        for part in name.split("."):
            made = getattr(made, part)
        return made(**fields)

    return make


def _categories(categories: Any, codes: np.ndarray, ordered: bool, name: Any) -> Any:
    import pandas as pd

    values = pd.Categorical.from_codes(codes, categories, ordered=ordered)
    return pd.CategoricalIndex(values, name=name)


KINDS: dict[str, Callable] = {
    "categories": _categories,
    "frequency": _offset,
    "index": _index,
    "levels": _pandas("MultiIndex"),
    "period": _pandas("Period"),
    "periods": _pandas("PeriodIndex.from_ordinals"),
    "range": _pandas("RangeIndex"),
    "timedelta": _timedelta,
    "timedeltas": _timedeltas,
    "timestamp": _timestamp,
    "timestamps": _timestamps,
    "zone": _zone,
}
