"""Which samples are held out, and which overlap with them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skrnn import sliding_windows
from skrnn._training import holdout
from tests.helpers.fits import unconverged

pytestmark = [pytest.mark.core, unconverged]


def split_last(X, *args, **kwargs):
    """Rows to train on and to validate on."""
    return holdout.split_last(X, *args, **kwargs)


@pytest.mark.parametrize(
    ("stride", "n_left_out"), [(1, 9), (2, 4), (3, 3), (9, 1), (10, 0), (25, 0)]
)
def test_windows_across_the_boundary_are_left_out(stride, n_left_out):
    """No step of the validation set's windows is one of training's."""
    series = np.random.RandomState(0).normal(size=(600, 2))
    X = np.array([series[i : i + 10] for i in range(0, 590, stride)])
    steps = np.array([np.arange(i, i + 10) for i in range(0, 590, stride)])
    kept, held_out = split_last(X, 0.2)
    assert not set(steps[kept].ravel()) & set(steps[held_out].ravel())
    assert_array_equal(held_out, np.arange(len(X) - int(np.ceil(0.2 * len(X))), len(X)))
    assert held_out[0] - (kept[-1] + 1) == n_left_out


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_windows_with_steps_left_out(dilation, stride):
    rows = np.arange(500)
    series = np.random.RandomState(0).normal(size=500)
    X, _ = sliding_windows(series, 8, dilation=dilation, stride=stride)
    steps, _ = sliding_windows(rows, 8, dilation=dilation, stride=stride)
    kept, held_out = split_last(X, 0.1)
    assert not set(steps[kept].ravel()) & set(steps[held_out].ravel())
    assert (kept[-1] + 1) > 0.75 * len(X)


def test_windows_of_several_series_in_turns():
    rng = np.random.RandomState(0)
    series = rng.normal(size=(4, 100))
    windows = np.stack([sliding_windows(own, 8)[0] for own in series], axis=1)  # (92, 4, 8, 1)
    kept, held_out = split_last(windows.reshape(-1, 8, 1), 0.25)
    assert held_out[0] - (kept[-1] + 1) == 4 * 7
    # one series after the other
    kept, held_out = split_last(windows.swapaxes(0, 1).reshape(-1, 8, 1), 0.3)
    assert held_out[0] - (kept[-1] + 1) == 7


def test_windows_of_a_series_that_rarely_changes():
    rng = np.random.RandomState(0)
    X, _ = sliding_windows((rng.uniform(size=600) > 0.9) * rng.normal(size=600), 10)
    for fraction in np.linspace(0.05, 0.5, 20):
        kept, held_out = split_last(X, fraction)
        assert held_out[0] - (kept[-1] + 1) == 9


def test_sequences_of_tokens_are_no_windows():
    rng = np.random.RandomState(0)
    X = np.eye(2)[rng.randint(0, 2, size=(200, 12))]
    kept, held_out = split_last(X, 0.1)
    assert (kept[-1] + 1) == held_out[0] == 180


def test_other_samples_are_all_used():
    rng = np.random.RandomState(0)
    for X in (rng.normal(size=(50, 6, 1)), np.ones((50, 6, 1)), np.full((50, 6, 1), np.nan)):
        kept, held_out = split_last(X, 0.1)
        assert (kept[-1] + 1) == held_out[0] == 45
    with pytest.raises(ValueError, match="leaves none of 3 samples of 2 steps"):
        split_last(rng.normal(size=(3, 2, 1)), 0.9)
