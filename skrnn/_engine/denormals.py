"""Denormal numbers: what has vanished, but isn't 0 yet, and slows everything down.

What shrinks from step to step ends up below the smallest normal number, as the derivatives of
saturated networks do on the way back through time. Many processors take 10 to 100 times as long
for each product with such a number. It doesn't go away either: 0.6 times the smallest number of all
is rounded to that number. So the time loops set it to 0 now and then. At every step, this would
cost small networks more than it gains.
"""

import functools
import math

import numpy as np

FORWARD_STEPS = 64  # after so many, states are looked through: they decay slowly
_CALLS = 4096  # numbers of a step up to which NumPy's calls cost more than the arithmetic


def rounding_constant(size: float, dtype: np.dtype) -> np.ndarray:
    """The constant for `round_off` of derivatives, given the ``size`` of those that came in.

    It rounds off what is ``eps**3`` of that size, with the dtype's relative spacing ``eps``. What
    float32 loses is then 1e-21 of the gradient, however small the whole gradient is. Float64 needs
    far less to stay clear of denormal numbers, and loses nothing above 1e-260.
    """
    relative, largest = _factors(dtype)
    constant = relative * size
    return np.array(constant if constant < largest else largest, dtype)  # where it is NaN, too


@functools.cache
def _factors(dtype):
    info = np.finfo(dtype)
    return float(info.eps) ** 2, float(info.tiny) / float(info.eps) ** 4


def steps_per_rounding(n_numbers: int) -> int:
    """Steps from one rounding of derivatives to the next, of ``n_numbers`` at each step.

    The less it costs, the more often. In between, derivatives that lose nine tenths at each step
    or more are denormal for a few steps.
    """
    return 20 if n_numbers < _CALLS else 4


def round_off(a: np.ndarray, constant: np.ndarray) -> None:
    """Round in place to multiples of ``constant * eps``, and all that is far below it to 0.

    Numbers far above the constant don't change. Two sums are the cheapest way to find the others.
    """
    a += constant
    a -= constant


def is_negligible(a: np.ndarray) -> np.ndarray:
    """Where ``a`` is denormal or nearly so: below 1e-31 in float32, 1e-292 in float64.

    Numbers near 1, and sums with them, can't feel whether it is 0 instead.
    """
    return np.abs(a) < _limit(a.dtype)


@functools.cache
def _limit(dtype):
    info = np.finfo(dtype)
    return info.tiny / info.eps


def norm(a: np.ndarray) -> float:
    """The Euclidean norm of all elements; 0 or inf where the squares leave the dtype's range."""
    return math.sqrt(np.vdot(a, a))


@functools.lru_cache(4096)
def parts(start: int, stop: int, n_steps: int) -> list[tuple[int, int]]:
    """Cut steps at the multiples of ``n_steps``: (begin, end) of each part."""
    cuts = range(start - start % n_steps + n_steps, stop, n_steps)
    return list(zip([start, *cuts], [*cuts, stop], strict=True))
