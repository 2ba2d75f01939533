"""What to say of kept weights that do badly on the training set or on the validation set."""

import numpy as np

from .._engine.network import Network
from .._training.baseline import Baseline
from .._training.dataset import SequenceData
from .._training.objective import losses
from .._training.training_run import TrainingRun, rounding_floor

NOTHING_LEARNED = "nothing learned"  # what a warning is about
_UNLIKE = 3  # times the training loss; samples of one kind differ by less
_CONSTANT = 1e-12  # variance of targets that were to have 1, and don't vary
_SMALL = 0.02  # of the loss of a constant prediction: too little to matter

Set = tuple[SequenceData, Baseline]


def does_not_hold(network: Network, training: Set, validation: Set, run: TrainingRun) -> str | None:
    """A message if weights of early stopping are no better than a constant, or fit one set alone.

    Each set has the loss of the best constant prediction of the training set.
    """
    (data, scale), (judging, constant) = training, validation
    held_out = judging.X is data.X
    name = "validation set (the last samples)" if held_out else "validation set"
    found = (
        f"With early_stopping=True, the kept weights have a loss of {run.best:.3g} on the {name}"
    )
    if run.best > constant.loss:
        return (
            f"{found}, where the best constant prediction of the training set has "
            f"{constant.loss:.3g}: what was learned doesn't hold there. {_fix(run, held_out)}"
        )
    if run.best > _SMALL * scale.loss:
        trained = float(losses(network, run.kept[np.newaxis], data)[0])
        if run.best > _UNLIKE * trained:
            times = f"{run.best / trained:.3g} times that" if trained else "far above that"
            return (
                f"{found}, {times} of {trained:.3g} on the training set: these samples are unlike "
                f"those trained on. {_fix(run, held_out)}"
            )
    return None


def learned_nothing(network: Network, sets: dict[str, Set], run: TrainingRun) -> str | None:
    """A message if the loss on a set isn't clearly below that of the best constant prediction."""
    if run.has_learned:
        return None
    what, theta = network.loss.constant_name, run.kept[np.newaxis]
    for where, (data, baseline) in sets.items():
        if baseline.loss <= rounding_floor(theta.dtype):
            continue  # of a constant target, nothing is to be learned
        with np.errstate(all="ignore"):
            loss = float(losses(network, theta, data)[0])
        if loss > baseline.limit:
            return (
                f"The network has learned next to nothing: on the {where}, its loss is "
                f"{loss:.3g}, and that of {what} is {baseline.loss:.3g}."
            )
    return None


def no_better_than_a_constant(
    name: str, errors: dict[str, float], n_targets: float, error_name: str
) -> str | None:
    """A message if the error of a model on folds isn't clearly below that of a constant."""
    constant, best = errors.get("constant", 0), errors.get(name, 0)
    if constant <= _CONSTANT or best < Baseline(constant, n_targets).limit:
        return None
    return (
        f"X says next to nothing of y: on held-out folds, the {error_name} is {best:.3g}, and that "
        f"of a constant from the others is {constant:.3g}, for targets of variance 1. Use other "
        "or longer sequences, or more of them."
    )


def _fix(run, held_out):
    first = "Transform X_val as X was transformed."
    if held_out:
        first = (
            "If the series drifts, forecast its differences, or train on the last samples as well, "
            "by early_stopping=False."
        )
    longer = "raise max_iter, " if run.outcome == "max_iter" else ""
    return f"{first} Otherwise, {longer}raise alpha, lower hidden_size, or use more samples."
