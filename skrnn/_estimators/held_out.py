"""Warnings of weights that early stopping has kept, although they do badly where it looked."""

import numpy as np

from .._engine.network import Network
from .._sklearn import warn_user
from .._training.baseline import constant_losses
from .._training.dataset import SequenceData
from .._training.objective import losses
from .._training.trainer import TrainingRun

_UNLIKE = 3  # times the training loss; samples of one kind differ by less
_SMALL = 0.02  # of the loss of a constant prediction: too little to matter


def warn_of_validation_loss(
    network: Network, training: SequenceData, validation: SequenceData, run: TrainingRun
) -> None:
    """Warn if the kept weights are no better than a constant, or fit the training set alone."""
    K = network.topology.n_outputs
    scale, constant = constant_losses(network.loss, K, training, validation)
    held_out = validation.X is training.X
    name = "validation set (the last samples)" if held_out else "validation set"
    found = (
        f"With early_stopping=True, the kept weights have a loss of {run.best:.3g} on the {name}"
    )
    if run.best > constant:
        warn_user(
            f"{found}, where the best constant prediction of the training set has {constant:.3g}: "
            f"what was learned doesn't hold there. {_fix(run, held_out)}"
        )
    elif run.best > _SMALL * scale:
        trained = float(losses(network, run.kept[np.newaxis], training)[0])
        if run.best > _UNLIKE * trained:
            warn_user(
                f"{found}, {run.best / trained:.3g} times that of {trained:.3g} on the training "
                f"set: these samples are unlike those trained on. {_fix(run, held_out)}"
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
