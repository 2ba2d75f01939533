"""The L2 penalty, whose strength is given or follows the noise."""

from typing import NamedTuple

import numpy as np

_LARGEST_SHARE = 0.9  # of the targets that the effective number of weights may take away
_FIRST = 0.3  # of the ratio to the noise, which counts at first


class PenaltyRule(NamedTuple):
    """What is penalized, and how much."""

    alpha: float  # the strength, or its ratio to the noise
    follows_noise: bool = False
    with_readout: bool = False


class Penalty:
    r"""The penalty of E networks.

    .. math:: \frac{\alpha}{2N} \lVert w \rVert^2

    with the penalized weights w and the sum N of the weights of the targets of one output. Where
    it follows the noise of each network:

    .. math:: \alpha = c \, s^2, \quad s^2 = \frac{2 W L}{W - \gamma}

    with the loss L without penalty, which is half the mean squared error, the sum W of the weights
    of all targets, and the effective number of weights γ. At first s² is that of a constant. It
    falls to half at most in one update. MacKay, "Bayesian interpolation", Neural Computation 4
    (1992), has s² and γ, and adapts c as well. Until `tighten`, less than c counts: with all of it,
    weights that are still far from what they are to find may be pulled to 0, which is a minimum,
    too.

    Parameters
    ----------
    alpha : float
        The strength α, or c where it follows the noise.
    mask : ndarray of shape (P,)
        1 for penalized weights, 0 for others.
    n_outputs : int
    total : float
        Sum of the weights of all targets.
    constant_loss : float or None
        L of the best constant, where α follows the noise; None: α stays as it is.

    Attributes
    ----------
    strength : ndarray of shape (E,)
        α of each network.
    noise : ndarray of shape (E,)
        s² of each network, not bounded.
    """

    def __init__(
        self,
        alpha: float,
        mask: np.ndarray,
        *,
        n_outputs: int,
        total: float,
        constant_loss: float | None = None,
    ):
        self._alpha, self._total, self.follows_noise = alpha, total, constant_loss is not None
        self._mask, self._dtype, self._n_outputs = mask > 0, mask.dtype, n_outputs
        noise = 1.0 if constant_loss is None else 2 * constant_loss
        self.noise, self.strength = np.array([noise]), np.zeros(1)
        self._decay = np.zeros((1, len(mask)), mask.dtype)
        self.begin(1, may_change=False)

    def begin(self, n_networks: int, *, may_change: bool) -> None:
        """Begin the training of E networks, for a solver whose objective may change or not."""
        self._may_change = may_change and self.follows_noise
        self.noise = np.repeat(self.noise[:1], n_networks)
        self._bounded = self.noise.copy()
        self._ratio = np.full(n_networks, self._alpha * (_FIRST if self._may_change else 1))
        self._set_strength()

    def keep(self, going: np.ndarray) -> None:
        """Keep some of the networks (E,) only."""
        self.noise, self._bounded = self.noise[going], self._bounded[going]
        self._ratio, self.strength = self._ratio[going], self.strength[going]
        self._decay = self._decay[going]

    def tighten(self, e: int) -> bool:
        """Let all of c count for a network from its next update on; False: it does already."""
        if not self._may_change or self._ratio[e] == self._alpha:
            return False
        self._ratio[e] = self._alpha
        return True

    def is_current(self, e: int) -> bool:
        """Whether the strength is what noise and ratio ask for; False after `tighten`."""
        return bool(self.strength[e] == self._asked()[e])

    def _asked(self):
        return self._ratio * (self._bounded if self.follows_noise else 1.0)

    def _set_strength(self):
        self.strength = self._asked()
        of_loss = (self.strength * self._n_outputs / self._total).astype(self._dtype)
        self._decay = of_loss[:, np.newaxis] * self._mask  # (E, P)

    def decay(self, e: int) -> np.ndarray:
        """What multiplies the weights (P,) of a network in the gradient."""
        return self._decay[e]

    def of(self, e: int, theta: np.ndarray) -> float:
        """The penalty of a network (P,)."""
        return 0.5 * float(np.dot(theta, self.decay(e) * theta))

    def add(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Add the gradient (E, P) of the penalty, and return the penalty (E,)."""
        decayed = self._decay * theta
        gradient += decayed
        return 0.5 * np.array([float(np.dot(*own)) for own in zip(theta, decayed, strict=True)])

    def follow(self, e: int, loss: float, n_effective: float) -> None:
        """Set the noise of a network, and its strength if that may change."""
        n_effective = min(max(n_effective, 0.0), _LARGEST_SHARE * self._total)
        self.noise[e] = 2 * loss * self._total / (self._total - n_effective)
        if self._may_change:
            self._bounded[e] = max(self.noise[e], self._bounded[e] / 2)
            self._set_strength()
