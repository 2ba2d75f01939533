"""The validation set that a user may pass to `fit`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .._validation.sample_weight import finite_weights
from .._validation.sequences import Sequences, check_sequences
from .targets import Targets


class ValidationSet(NamedTuple):
    """What was passed to `fit` as X_val, y_val and sample_weight_val."""

    X: Any = None
    y: Any = None
    sample_weight: Any = None

    def is_passed(self, *, early_stopping: bool, without_y: bool) -> bool:
        """Whether there is one; ValueError if a part of it is missing, or nothing needs it.

        ``without_y`` says that a fit makes its targets of X.
        """
        parts = {"X_val": self.X, "y_val": self.y, "sample_weight_val": self.sample_weight}
        passed = [name for name, part in parts.items() if part is not None]
        if without_y and self.y is not None:
            raise ValueError("y_val is provided, but y is not: pass both, or none of them.")
        needed = ["X_val"] if without_y else ["X_val", "y_val"]
        missing = [name for name in needed if name not in passed]
        if passed and missing:
            raise ValueError(
                f"{passed[0]} is provided, but {missing[0]} was not provided: pass both X_val and "
                "y_val, or none of them."
            )
        if passed and not early_stopping:
            raise ValueError(
                "X_val and y_val are passed to fit while at the same time early_stopping is "
                "False: set early_stopping=True, or leave them out."
            )
        return bool(passed)

    def check(
        self, estimator: Any, sequences: Sequences, targets: Targets
    ) -> tuple[Sequences, Targets]:
        """Return its checked sequences and targets, which match those to train on."""
        with _about("X_val"):
            own = check_sequences(estimator, self.X, reset=False).astype(sequences.X.dtype)
        with _about("y_val" if self.sample_weight is None else "y_val, sample_weight_val"):
            judged = targets.of_validation(estimator, self.y, own, self.sample_weight)
            if judged.per_step != targets.per_step or judged.n_outputs != targets.n_outputs:
                raise ValueError(
                    f"got {_kind(judged)}, but y has {_kind(targets)}: pass the same kind."
                )
            judged.weight = finite_weights(judged.weight, own.X.dtype)
        return own, judged


def _kind(targets):
    n, per_step = targets.n_outputs, targets.per_step
    return f"targets for {n} outputs of each {'step' if per_step else 'sequence'}"


@contextmanager
def _about(names: str) -> Iterator[None]:
    """Put the names of arguments in front of error texts."""
    try:
        yield
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{names}: {error}") from error
