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


def advice(X, fraction=0.1, **options):
    with pytest.raises(ValueError, match="leaves none") as error:
        split_last(X, fraction, **options)
    text = str(error.value)
    assert text.endswith("ass X_val and y_val to fit, or set early_stopping=False.")
    return text


def test_advice_is_what_helps():
    rng = np.random.RandomState(0)
    X, _ = sliding_windows(rng.normal(size=100), 50)
    text = advice(X, origin=X.origin)
    assert "none of 50 samples of 50 steps to train on: 5 are held out, and the others" in text
    assert "Use more samples, cut windows of 25 steps or fewer, pass" in text
    assert split_last(X[:, 25:], 0.1, origin=X.origin.shortened(25))[0].size
    # even the last one alone shares rows with all others
    assert "lower validation_fraction" not in text
    assert "shuffle=False" not in text

    X, _ = sliding_windows(rng.normal(size=100), 10)
    text = advice(X, 0.9, origin=X.origin)
    assert "lower validation_fraction to 0.45" in text
    assert split_last(X, 0.45, origin=X.origin)[0].size
    assert "shuffle=False" not in text

    order = rng.permutation(len(X))
    text = advice(X[order], 0.3, origin=X.origin.take(order))
    assert "Keep the samples in the order of time (shuffle=False)" in text
    assert "more samples" not in text

    text = advice(rng.normal(size=(3, 2, 1)), 0.9)  # of unknown origin
    assert "to train on: 3 are held out. Use more samples, lower validation_fraction to" in text
    assert "overlap" not in text
    assert "windows" not in text


def test_advice_for_each_class():
    X, _ = sliding_windows(np.random.RandomState(0).normal(size=60), 4)
    strata = (np.arange(len(X)) >= 52).astype(float)
    text = advice(X, 0.3, strata=strata, origin=X.origin, classes=["common", "rare"])
    assert "leaves none of class 'rare' of 56 samples" in text
    assert "validation_fraction" not in text.partition("to train on")[2]
