"""Private objects as plain values under names that stay, and back."""

import dataclasses
import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import labels

# the key of a dict that stands for something else, and names it
TYPE = "type"
_MANY = 8  # numbers or texts, from which on a list is saved as one value
_FEW = 32  # entries that a dict of text has at most to stay a dict
_INT64 = np.iinfo(np.int64)
_DATES: dict[str, Any] = {
    "datetime": datetime.datetime,
    "date": datetime.date,
    "time": datetime.time,
}


class PlainValues:
    """The private types that an estimator leaves behind, each by a name that stays.

    Values of these types become dicts with the ``type`` and their fields. Their fields are those of
    a dataclass or of a named tuple, otherwise the attributes, which must be the arguments of the
    constructor. Long lists of numbers become arrays. Labels of pandas become numbers. What is
    plain stays, as do objects of all other types, such as cells of one's own.

    Parameters
    ----------
    types : mapping of str to type
        The types by their names in files.
    """

    def __init__(self, types: Mapping[str, type]):
        self._types = dict(types)
        self._names = {own: name for name, own in types.items()}

    def __or__(self, other: "PlainValues") -> "PlainValues":
        """These types and others."""
        return PlainValues(self._types | other._types)

    def plain(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The plain form of each value. Objects in several places are still the same in each."""
        writer = _Writer(self._names)
        return {name: writer.of(own) for name, own in attributes.items()}

    def restored(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The values of plain forms; ValueError if one of them isn't any."""
        reader = _Reader(self._types)
        return {name: reader.of(own) for name, own in plain.items()}


class _Writer:
    """Makes values plain, each object once."""

    def __init__(self, names: dict[type, str]):
        self._names = names
        self._done: dict[int, tuple[Any, Any]] = {}  # by id: the object, and its plain form

    def of(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, float, str, np.ndarray):
            return value
        if id(value) not in self._done:
            self._done[id(value)] = value, self._plain(value)
        return self._done[id(value)][1]

    def _plain(self, value: Any) -> Any:
        if type(value) in self._names:
            own = {name: self.of(field) for name, field in _fields(value).items()}
            return {TYPE: self._names[type(value)], **own}
        if type(value) is dict:
            return self._dict(value)
        if type(value) in (list, tuple):
            return self._sequence(value)
        if isinstance(value, np.dtype):
            return {TYPE: "dtype", "name": value.name}
        for name, kind in _DATES.items():
            if type(value) is kind and getattr(value, "tzinfo", None) is None:
                return {TYPE: name, "text": value.isoformat()}
        fields = labels.fields_of(value)
        if fields is None:
            return value
        return {name: self.of(field) for name, field in fields.items()}

    def _dict(self, value: dict) -> dict:
        if len(value) <= _FEW and TYPE not in value and all(type(key) is str for key in value):
            return {key: self.of(own) for key, own in value.items()}
        parts = {"keys": list(value), "values": list(value.values())}
        return {TYPE: "dict", **{name: self._sequence(part) for name, part in parts.items()}}

    def _sequence(self, value: list | tuple) -> Any:
        kinds = {type(own) for own in value} if len(value) > _MANY else set()
        kind = {TYPE: type(value).__name__}
        if kinds in ({float}, {int}) and (kinds == {float} or _fits(value)):
            return {**kind, "numbers": np.array(value)}
        if kinds == {str}:
            return {**kind, "texts": json.dumps(value)}
        return type(value)(self.of(own) for own in value)


class _Reader:
    """Makes values of their plain forms, each object once."""

    def __init__(self, types: dict[str, type]):
        self._types = types
        self._done: dict[int, tuple[Any, Any]] = {}

    def of(self, plain: Any) -> Any:
        if type(plain) not in (dict, list, tuple):
            return plain
        if id(plain) not in self._done:
            self._done[id(plain)] = plain, self._value(plain)
        return self._done[id(plain)][1]

    def _value(self, plain: Any) -> Any:
        if type(plain) is not dict:
            return type(plain)(self.of(own) for own in plain)
        fields = {name: self.of(own) for name, own in plain.items() if name != TYPE}
        if TYPE not in plain:
            return fields
        kind = str(plain[TYPE])
        make = self._types.get(kind) or _KINDS.get(kind) or labels.KINDS.get(kind)
        if make is None:
            raise ValueError(f"it has a {kind!r}, which this version doesn't know")
        try:
            return make(**fields)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"its {kind!r} can't be read: {error}") from error


def _fields(value: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(value):
        return {own.name: getattr(value, own.name) for own in dataclasses.fields(value)}
    names = getattr(value, "_fields", None)  # of a named tuple
    return dict(vars(value)) if names is None else dict(zip(names, value, strict=True))


def _fits(numbers: list | tuple) -> bool:
    """Whether an array of integers can hold them."""
    return _INT64.min <= min(numbers) and max(numbers) <= _INT64.max


def _list(numbers: np.ndarray | None = None, texts: str = "[]") -> list:
    return json.loads(texts) if numbers is None else numbers.tolist()


_KINDS: dict[str, Callable] = {
    "dict": lambda keys, values: dict(zip(keys, values, strict=True)),
    "list": _list,
    "tuple": lambda **items: tuple(_list(**items)),
    "dtype": lambda name: np.dtype(name),
    **{name: lambda text, kind=kind: kind.fromisoformat(text) for name, kind in _DATES.items()},
}
