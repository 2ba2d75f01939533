"""Warnings of training that didn't converge, learned nothing, or nothing that holds."""

from typing import TYPE_CHECKING

from sklearn.exceptions import ConvergenceWarning

from .._sklearn.user_warnings import warn_user
from .._training.training_run import TrainingRun
from .judgement import NOTHING_LEARNED, does_not_hold, learned_nothing
from .linear_rival import clearly_better_rival
from .solver_choice import schedule_of

if TYPE_CHECKING:
    from .restarts import Restarts

_LONG = 50  # steps
_LARGE_ALPHA = 1000  # the penalty outweighs the loss
_NEARLY_NONE = 1e-6  # of the variance of the target: an error of 0.1 % of its deviation


def report(restarts: "Restarts", run: TrainingRun, *, is_alone: bool) -> None:
    """Warn of a training run that didn't converge, learned nothing or nothing that holds.

    ``is_alone`` says that all of the prediction is the network's.
    """
    estimator, n_epochs = restarts.estimator, len(run.loss_curve)
    message = doubt = nothing = None
    short = run.outcome == "max_iter" and estimator.max_iter <= estimator.n_iter_no_change
    if run.outcome == "diverged":
        message = (
            f"The loss was no longer finite after {n_epochs} epochs; the best weights before "
            f"that are kept. {fix_of_growth(restarts, run)}"
        )
    elif run.outcome in ("converged", "max_iter") and run.worsened:
        message = (
            f"The loss rose from {run.best:.3g} to {run.loss_curve[-1]:.3g}; the best "
            f"weights are kept. {fix_of_growth(restarts, run)}"
        )
    elif run.outcome in ("converged", "max_iter") and not short:
        is_done = _is_free_of_noise(restarts, run) or _is_over(restarts)
        if run.outcome == "max_iter" and not is_done:
            message = (
                f"Maximum iterations ({estimator.max_iter}) reached and the optimization "
                "hasn't converged yet. Raise max_iter or tol."
            )
        if is_alone:
            doubt, nothing = _judge(restarts, run)
    if message:
        warn_user(f"{message} {nothing}" if nothing else message, ConvergenceWarning)
    elif nothing:
        warn_user(nothing, ConvergenceWarning, about=NOTHING_LEARNED)
    if doubt:
        warn_user(doubt)


def _judge(restarts, run):
    """A message of what was learned and doesn't hold, or else of nothing that was learned."""
    network, sets_of_run = restarts.network, restarts.sets[run.part]
    training, validation = zip(sets_of_run, restarts.baselines_of(run.part), strict=True)
    if restarts.estimator.early_stopping:
        doubt = does_not_hold(network, training, validation, run)
        if doubt:
            return doubt, None
    sets = {"training set": training}
    if validation[0] is not None and not restarts.estimator.early_stopping:
        sets["validation set"] = validation
    nothing = learned_nothing(network, sets, run)
    rival = None
    if validation[0] is not None:
        rival = clearly_better_rival(network, training[0], *validation, loss=run.kept_loss)
    if nothing:
        return None, f"{nothing} {rival or _how_to_learn(restarts)}"
    return None, rival


def _how_to_learn(restarts):
    """What to do about a network that hasn't learned anything."""
    estimator, fixes = restarts.estimator, ["scale X", "raise n_init"]
    if restarts.network.topology.n_tokens:
        fixes[0] = f"raise embedding_size={estimator.embedding_size}"
    if estimator.alpha != "auto" and estimator.alpha > 0:
        fixes.append(f"lower alpha={estimator.alpha}")
    if restarts.longest >= _LONG:
        how = ", by SequencePatcher for example"
        if restarts.network.topology.n_tokens:
            how = ""  # a patch would have several tokens
        fixes.append(f"shorten the sequences of {restarts.longest} steps{how}")
    return f"If X tells of y, {', '.join(fixes[:-1])} or {fixes[-1]}."


def _is_over(restarts):
    """Whether a schedule has led training to its end."""
    own = schedule_of(restarts.estimator, incremental=restarts.incremental)
    return not restarts.solver.full_batch and own == "cosine"


def _is_free_of_noise(restarts, run):
    """Whether the penalty follows a noise that has all but vanished, and still falls."""
    constant = restarts.baselines_of(run.part)[0].loss
    return restarts.penalty.follows_noise and run.noise < _NEARLY_NONE * 2 * constant


def fix_of_growth(restarts: "Restarts", run: TrainingRun) -> str:
    """What to do about a loss that grows."""
    estimator = restarts.estimator
    fix = "Scale X (StandardScaler or MinMaxScaler before this step)"
    if restarts.network.topology.n_tokens:
        fix = "Lower hidden_size"
    if restarts.penalty.alpha > _LARGE_ALPHA:
        fix += f", lower alpha={restarts.penalty.alpha}"
    if not restarts.solver.full_batch:
        fix += f", lower learning_rate_init={estimator.learning_rate_init}"
        if estimator.clip_norm is None and estimator.clip_value is None:
            fix += ", set clip_norm"
    if not getattr(estimator, "normalize_y", True):
        fix += ", set normalize_y=True or scale y"
    if estimator.activation not in ("tanh", "logistic"):
        fix += f", or use a bounded activation instead of {estimator.activation!r}"
    norms = run.gradient_norm_curve
    grew = f" The norm of the gradient was {norms[-1]:.3g} at last." if norms else ""
    return f"{fix}.{grew}"
