"""What all estimators and transformers share."""

from typing import Any, ClassVar, cast

from .._saving.plain import PlainValues
from .._saving.state import restored_attributes, saved_state, version_of
from .._saving.version import __version__
from .user_warnings import warn_user

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing, where scikit-learn has no callbacks yet."""


# what `project.urls` in pyproject.toml calls the documentation
DOCUMENTATION = "https://skrnn.readthedocs.io/en/stable"


class EstimatorMixin(CallbackSupportMixin):
    """What estimators and transformers share: callbacks, links to docs, what files hold of them.

    Attributes
    ----------
    _private : dict of str to str
        Fitted attributes without a public name, and what files call them.
    _values : PlainValues
        The types of all fitted attributes that aren't plain.
    """

    _doc_link_module: ClassVar[str] = "skrnn"
    _doc_link_template: ClassVar[str] = (
        f"{DOCUMENTATION}/api/generated/skrnn.{{estimator_name}}.html"
    )
    _private: ClassVar[dict[str, str]] = {}
    _values: ClassVar[PlainValues] = PlainValues({})

    def __getstate__(self) -> dict[str, Any]:
        parent: Any = super()
        attributes = dict(parent.__getstate__())  # a fit that begins meanwhile adds to it
        return saved_state(attributes, self._private, self._values)

    def __setstate__(self, state: dict[str, Any]) -> None:
        name, parent = type(self).__name__, cast(Any, super())
        version = version_of(state)
        if version is not None:
            warn_user(
                f"This {name} was saved by skrnn {version}, and is loaded by skrnn {__version__}: "
                "it may not work, or predict otherwise. Load it by the version that saved it, or "
                "fit it again."
            )
        try:
            attributes = restored_attributes(state, self._private, self._values)
        except ValueError as error:
            raise ValueError(
                f"The saved {name} is damaged: {error}. Save the fitted estimator again, or fit "
                "it again."
            ) from error
        parent.__setstate__(attributes)
