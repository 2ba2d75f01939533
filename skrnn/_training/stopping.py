"""The rules of when training ends."""

from collections.abc import Callable
from dataclasses import dataclass

from .baseline import Baseline
from .training_run import TrainingRun, rounding_floor

_LONG = 0.5  # of the epochs up to the best one: so many more are waited for a better one
_DOUBLED = 2  # times the lowest validation loss, which is hopeless
_FALLING = 0.03  # in n_iter_no_change epochs: while the loss falls by more, an end is too early
_HARDLY = 0.01  # in as many epochs: a noise that falls by less, and has far to go, gets nowhere


@dataclass(frozen=True)
class Rules:
    """When training ends.

    A loss on few validation samples is uneven, and Levenberg-Marquardt makes few, large steps. So
    with ``may_go_on``, training goes on for half as many epochs as it took to the best one. It
    also goes on while the training loss falls fast or, as there is no sign of overfitting, falls
    at all above the validation loss. It ends if the validation loss has doubled, and is the higher
    one.

    Parameters
    ----------
    max_iter : int
        Epochs at most.
    tol : float
        An epoch is an improvement if its loss is below ``(1 - tol)`` times the best one, and
        that isn't zero but for rounding.
    n_iter_no_change : int
        Epochs without improvement after which training has converged at the earliest. A run whose
        losses have never been clearly below those of the best constant may be on a plateau, and
        gets more of them.
    may_go_on : bool
        Whether training may go on for longer than that, with a validation set.
    needed : float
        The noise that a run must come down to, to be of use; infinite: any is. A run ends early if
        its noise is higher and falls by less than 1 % in `n_iter_no_change` epochs.
    baselines : callable
        ``baselines()`` returns the best constant prediction on the training set and, if there is
        one, on the validation set. Only long training asks for it.
    """

    max_iter: int
    tol: float
    n_iter_no_change: int
    may_go_on: bool
    needed: float
    baselines: Callable[[], tuple[Baseline, Baseline | None]]

    def are_out_of_reach(self, run: TrainingRun) -> bool:
        """Whether a run won't be of use."""
        noise, n = run.noise_curve, self.n_iter_no_change
        return len(noise) > n and noise[-1] > max(self.needed, (1 - _HARDLY) * noise[-1 - n])

    def met_by(self, run: TrainingRun, *, plateau: int) -> bool:
        """Whether a run has trained long enough without improvement.

        ``plateau`` times as many epochs are for a run that has learned nothing.
        """
        n, waited = self.n_iter_no_change, run.epochs_without_improvement
        patience = n if run.has_learned else plateau * n
        if waited < n or not (self.may_go_on and run.validation_loss_curve):
            return waited >= patience
        if waited < _LONG * (run.n_epochs - waited):
            return False
        loss, judged, before = run.loss_curve[-1], run.validation_loss_curve[-1], run.loss_before(n)
        if judged > max(loss, _DOUBLED * run.best) or before < rounding_floor(run.theta.dtype):
            return True
        if waited < patience:
            return False
        return loss >= before * (1 - (_FALLING if judged > loss else self.tol))
