"""The penalty, and how its strength follows the noise."""

import numpy as np
import pytest

from skrnn._training.penalty import Penalty


@pytest.fixture
def penalty():
    own = Penalty(10.0, np.array([1.0, 1.0, 0.0]), n_outputs=1, total=100, constant_loss=0.5)
    own.begin(2, may_change=True)
    return own


def test_the_noise_counts_the_weights_that_are_used(penalty):
    penalty.follow(1, loss=0.2, n_effective=20)
    assert penalty.noise.tolist() == pytest.approx([1, 0.4 * 100 / 80])
    penalty.follow(1, loss=0.2, n_effective=1000)  # more than there are targets
    assert penalty.noise[1] == pytest.approx(0.4 * 100 / 10)


def test_the_strength_falls_to_half_at_most(penalty):
    assert penalty.strength.tolist() == pytest.approx([3, 3])
    for expected in (1.5, 0.75, 0.375):
        penalty.follow(0, loss=1e-9, n_effective=0)
        assert penalty.strength.tolist() == pytest.approx([expected, 3])
    penalty.follow(0, loss=0.3, n_effective=0)  # but it rises at once
    assert penalty.strength[0] == pytest.approx(3 * 0.6)


def test_all_of_the_ratio_counts_from_the_next_update_on(penalty):
    assert penalty.is_current(0)
    assert penalty.tighten(0)
    assert not penalty.is_current(0)
    assert not penalty.tighten(0)
    assert penalty.strength[0] == pytest.approx(3)
    penalty.follow(0, loss=0.4, n_effective=0)
    assert penalty.strength.tolist() == pytest.approx([8, 3])


def test_a_number_stays():
    penalty = Penalty(2.0, np.ones(3), n_outputs=1, total=100)
    penalty.begin(1, may_change=True)
    penalty.follow(0, loss=0.1, n_effective=0)
    assert not penalty.tighten(0)
    assert penalty.strength.tolist() == [2]
    theta, gradient = np.array([[1.0, 2.0, 3.0]]), np.zeros((1, 3))
    assert penalty.add(theta, gradient) == pytest.approx([2 / 200 * 14])
    assert gradient == pytest.approx(2 / 100 * theta)
