"""The training of one network: its losses, its weights, and where it can be resumed."""

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_WORSE = 2  # times the lowest loss, above which the best weights are kept, not the last


@dataclass(frozen=True)
class Checkpoint:
    """All that it takes to resume a training run as if it had never stopped.

    Attributes
    ----------
    theta : ndarray of shape (P,)
        The parameters after the last epoch, which may not be those that were kept.
    best_theta : ndarray of shape (P,)
        Those of the epoch with the lowest loss.
    solver : object
        The solver's state.
    rng : RandomState
        Draws the next batches.
    best : float
        The lowest loss, on the validation set if there is one.
    epochs_without_improvement : int
        Epochs since that loss fell clearly.
    losses : list of float
        The training loss of each epoch so far, if there is a validation set.
    part : int
        Which of the parts of the data was held out.
    has_learned : bool
        Whether the losses have been clearly below those of the best constant prediction.
    """

    theta: np.ndarray
    best_theta: np.ndarray
    solver: Any
    rng: np.random.RandomState
    best: float
    epochs_without_improvement: int
    losses: list[float]
    part: int = 0
    has_learned: bool = False


@dataclass
class TrainingRun:
    """The training of one network, from its initial weights or from a checkpoint.

    Attributes
    ----------
    theta : ndarray of shape (P,)
        The parameters after the last epoch that was finite.
    best_theta : ndarray of shape (P,)
        Those of the epoch with the lowest loss, on the validation set if there is one.
    best : float
        That loss.
    epochs_without_improvement : int
        Epochs since that loss fell clearly.
    earlier_losses : list of float
        The training losses of the run that this one resumes, if there is a validation set.
    loss_curve, validation_loss_curve, gradient_norm_curve : list of float
        One value for each epoch.
    alpha, lowest_noise : float
        Strength of the penalty and, where it follows the noise, the lowest variance of that.
    noise_curve : list of float
        The variance of the noise after each epoch, if the penalty follows it.
    outcome : {"converged", "max_iter", "diverged", "stopped", "interrupted"} or None
        How training ended; None until it has.
    kept : ndarray of shape (P,)
        Which of the parameters to keep.
    checkpoint : Checkpoint or None
        Where to resume, if the solver can.
    part : int
        Which of the parts of the data it holds out, if there are several.
    has_learned : bool
        Whether the losses have been clearly below those of the best constant prediction.
    """

    theta: np.ndarray
    best_theta: np.ndarray = field(init=False)
    best: float = np.inf
    epochs_without_improvement: int = 0
    earlier_losses: list[float] = field(default_factory=list)
    loss_curve: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)
    gradient_norm_curve: list[float] = field(default_factory=list)
    alpha: float = 0.0
    noise_curve: list[float] = field(default_factory=list)
    lowest_noise: float = np.inf
    outcome: str | None = None
    checkpoint: Checkpoint | None = None
    part: int = 0
    has_learned: bool = False

    def __post_init__(self):
        self.best_theta = self.theta.copy()
        self.kept = self.theta

    @property
    def noise(self) -> float:
        """The variance of the noise; infinite where it isn't known."""
        return self.noise_curve[-1] if self.noise_curve else np.inf

    @property
    def worsened(self) -> bool:
        """Whether the loss ended far above its lowest value, and not far below its first."""
        if self.noise < np.inf:  # losses with different penalties can't be compared
            return self.noise > _WORSE * self.lowest_noise and not self.validation_loss_curve
        last, floor = self.loss_curve[-1], rounding_floor(self.theta.dtype)
        far_above = last > _WORSE * max(self.best, floor) and _WORSE * last > self.loss_curve[0]
        return far_above and not self.validation_loss_curve

    @property
    def kept_loss(self) -> float:
        """The loss of the parameters to keep, on the validation set if there is one."""
        return self.best if self.kept is self.best_theta else self.loss_curve[-1]

    @property
    def n_epochs(self) -> int:
        """Epochs so far, with those of the runs that it resumes, if there is a validation set."""
        return len(self.earlier_losses) + len(self.loss_curve)

    def loss_before(self, n_epochs: int) -> float:
        """The training loss of an earlier epoch; infinite before the first one."""
        i = len(self.loss_curve) - 1 - n_epochs
        if i >= 0:
            return self.loss_curve[i]
        return self.earlier_losses[i] if -i <= len(self.earlier_losses) else np.inf

    def end(self, outcome: str) -> None:
        """End the run, and choose the parameters to keep."""
        self.outcome = outcome
        failed = outcome in ("diverged", "interrupted") or (self.loss_curve and self.worsened)
        self.kept = self.best_theta if failed or self.validation_loss_curve else self.theta

    def checkpoint_with(self, solver: Any, rng: np.random.RandomState) -> Checkpoint:
        """Where to resume, with the states of the solver and of the generator of batches."""
        losses = [*self.earlier_losses, *self.loss_curve] if self.validation_loss_curve else []
        return Checkpoint(
            theta=self.theta,
            best_theta=self.best_theta,
            solver=solver,
            rng=copy.deepcopy(rng),
            best=self.best,
            epochs_without_improvement=(
                0 if self.outcome == "converged" else self.epochs_without_improvement
            ),
            losses=losses,
            part=self.part,
            has_learned=self.has_learned,
        )

    @classmethod
    def resumed(cls, checkpoint: Checkpoint, *, same_data: bool) -> "TrainingRun":
        """The run that goes on from a checkpoint; losses on other data can't be compared."""
        run = cls(checkpoint.theta.copy(), part=checkpoint.part)
        if same_data:
            run.best_theta = checkpoint.best_theta.copy()
            run.best = checkpoint.best
            run.epochs_without_improvement = checkpoint.epochs_without_improvement
            run.earlier_losses = checkpoint.losses
            run.has_learned = checkpoint.has_learned
        return run


def rounding_floor(dtype: np.dtype) -> float:
    """The loss below which differences are rounding errors."""
    return float(np.finfo(dtype).eps) ** 1.5
