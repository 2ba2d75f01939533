"""Types of what users pass, for those that several classes take. Checks don't read them."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..cells import Cell, CellName

_T = TypeVar("_T")
OneOrMore: TypeAlias = _T | Sequence[_T] | np.ndarray
Auto: TypeAlias = Literal["auto"]
Seed: TypeAlias = int | np.random.RandomState | None
State: TypeAlias = ArrayLike | None

CellLike: TypeAlias = CellName | type[Cell] | Cell
Activation: TypeAlias = Literal["identity", "logistic", "relu", "tanh"]
Loss: TypeAlias = Literal["squared_error", "absolute_error", "huber", "poisson", "quantile"]
Solver: TypeAlias = Literal["auto", "adam", "lbfgs", "lm", "rmsprop", "sgd"]
Seq2SeqSolver: TypeAlias = Literal["auto", "adam", "lbfgs", "rmsprop", "sgd"]
Schedule: TypeAlias = Literal["constant", "invscaling", "adaptive", "cosine"]
Attention: TypeAlias = Literal["dot"] | None
ClassWeight: TypeAlias = dict[Any, Any] | Literal["balanced"] | None
CalendarPart: TypeAlias = Literal[
    "month",
    "quarter",
    "dayofyear",
    "day_of_year",
    "day",
    "dayofweek",
    "day_of_week",
    "hour",
    "minute",
]
