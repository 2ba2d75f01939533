"""A linear model on the same steps, which the network of a classifier has to beat."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy
from .._engine.linear_part import LinearPart
from .._engine.network import Network
from .._training.baseline import Baseline
from .._training.dataset import SequenceData

_MOST_COLUMNS, _MOST_NUMBERS = 2000, 2**21  # of what it learns from: more takes long
_CLEARLY = 0.7  # of the network's loss
_LITTLE = 0.5  # of what the rival gains on the frequencies of the classes
_STRENGTH = 0.1  # by 1, a few hundred samples with noise are fitted too closely
_EVIDENCE = 6.0  # logarithm of a likelihood ratio, 400: a few samples tell too little


def clearly_better_rival(
    network: Network,
    training: SequenceData,
    validation: SequenceData,
    constant: Baseline,
    *,
    loss: float,
) -> str | None:
    """A message if logistic regression has a far lower loss on the validation set.

    ``loss`` is the network's there, and ``constant`` that of the frequencies of the classes. There
    is no message for labels per step, several labels, tokens, very long sequences and very many.
    """
    topology = network.topology
    if type(network.loss) not in (CrossEntropy, BinaryCrossEntropy) or training.per_step:
        return None
    n_columns = training.longest * topology.n_inputs + topology.n_static
    if topology.n_tokens or training.inputs is not None or not 0 < n_columns <= _MOST_COLUMNS:
        return None
    loss_to_beat = min(loss, constant.loss)
    if (
        constant.n_targets * loss_to_beat < _EVIDENCE
        or len(training.rows) * n_columns > _MOST_NUMBERS
    ):
        return None
    part = LinearPart(replace(topology, linear_steps=training.longest))
    X, y, weight = _samples(training, part)
    X_val, y_val, weight_val = _samples(validation, part)
    classes = np.unique(y)
    if len(classes) < 2 or not np.isin(y_val, classes).all():
        return None
    model = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=10_000))
    weights = dict.fromkeys(("standardscaler", "logisticregression"), weight)
    model.fit(X, y, **{f"{step}__sample_weight": own for step, own in weights.items()})
    rival = log_loss(y_val, model.predict_proba(X_val), sample_weight=weight_val, labels=classes)
    evidence = constant.n_targets * (loss_to_beat - rival)
    gains_little = constant.loss - loss < _LITTLE * (constant.loss - rival)
    if evidence < _EVIDENCE or not (rival <= _CLEARLY * loss or gains_little):
        return None
    return (
        "A linear model does better: on held-out samples, the log loss of LogisticRegression(C="
        f"{_STRENGTH}) on all steps is {rival:.3g}, and that of the network is {loss:.3g}. Use the "
        "linear model, or more sequences."
    )


def _samples(data: SequenceData, part: LinearPart) -> tuple[Any, Any, Any]:
    """Inputs (n, T*D+M), the oldest first, classes (n,) and weights (n,)."""
    batch = data.batch(data.rows)
    inputs = part.inputs(batch.x, batch.missing, batch.static, 1)[0].T.astype(float)
    weight = np.ones(len(inputs)) if batch.weight is None else batch.weight[0, 0].astype(float)
    known = weight > 0
    return inputs[known], batch.y[0, 0, known].astype(int), weight[known]
