"""The state of an estimator, as files hold it."""

from collections.abc import Mapping
from typing import Any

from .plain import PlainValues
from .version import __version__

_VERSION, _PRIVATE = "_skrnn_version", "_skrnn_fitted"


def saved_state(
    attributes: Mapping[str, Any], private: Mapping[str, str], values: PlainValues
) -> dict[str, Any]:
    """The state to save: the attributes of an estimator, and the version.

    Parameters stay as they are, and fitted attributes become plain. ``private`` names the fitted
    attributes without a public name, and says what files call them.
    """
    fitted = {n: own for n, own in attributes.items() if n in private or _is_public_and_fitted(n)}
    plain = values.plain(fitted)
    state = {name: plain.get(name, own) for name, own in attributes.items() if name not in private}
    parts = {called: plain[name] for name, called in private.items() if name in plain}
    return state | ({_PRIVATE: parts} if parts else {}) | {_VERSION: __version__}


def restored_attributes(
    state: Mapping[str, Any], private: Mapping[str, str], values: PlainValues
) -> dict[str, Any]:
    """The attributes of a saved state; ValueError if it is damaged."""
    attributes = {name: own for name, own in state.items() if name not in (_PRIVATE, _VERSION)}
    fitted = {name: own for name, own in attributes.items() if _is_public_and_fitted(name)}
    names = {called: name for name, called in private.items()}
    parts = state.get(_PRIVATE, {})
    if not isinstance(parts, dict):
        raise ValueError(f"a {type(parts).__name__} is in the place of what a fit leaves behind")
    for called, own in parts.items():
        if called not in names:
            raise ValueError(f"it has a part {called!r}, which this version doesn't know")
        fitted[names[called]] = own
    return attributes | values.restored(fitted)


def version_of(state: Mapping[str, Any]) -> str | None:
    """The version that saved a state, if it isn't this one."""
    version = state.get(_VERSION, "of an unknown version")
    return None if version == __version__ else str(version)


def _is_public_and_fitted(name: str) -> bool:
    return name.endswith("_") and not name.startswith("_")
