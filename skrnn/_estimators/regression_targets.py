"""Targets of regression: numbers, their loss and their scale."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._engine.losses import LOSSES, HuberLoss, Loss, PinballLoss
from .._sklearn import warn_user
from .._validation.misread import warn_of_many_targets
from .._validation.sample_weight import check_weights
from .._validation.sequences import Sequences
from .._validation.targets import check_targets
from .targets import Outputs, Targets, targets_with_loss

_LARGEST_SCALED = 100  # root mean square, in the unit of the scale


@dataclass(frozen=True)
class RegressionOutputs(Outputs):
    """The conversion of the network's outputs to predictions.

    Attributes
    ----------
    loss : Loss
    y_ndim : int
        Dimensions of y.
    several_quantiles : bool
        Whether the outputs are quantiles of one target.
    mean, scale : ndarray of shape (K,)
        Offset and scale of the targets.
    scaling : dict or None
        Parameters that determine the scale.
    """

    loss: Loss
    y_ndim: int
    several_quantiles: bool
    mean: np.ndarray
    scale: np.ndarray
    scaling: dict[str, Any] | None = None

    def attributes(self) -> dict[str, Any]:
        """Public attributes of the fitted estimator."""
        return {"y_mean_": self.mean, "y_scale_": self.scale}

    def predictions(self, output: np.ndarray) -> np.ndarray:
        """Predictions in the unit of y, from outputs (..., K)."""
        y = self.loss.predicted(output) * self.scale + self.mean
        return y.astype(output.dtype, copy=False)


@dataclass
class RegressionTargets(Targets):
    """The targets of a regression; see `Targets`."""

    loss: Loss
    y_ndim: int
    several_quantiles: bool
    normalize: bool
    scaling: dict[str, Any]

    def scale(self, rows: Any, before: Outputs | None, *, incremental: bool) -> RegressionOutputs:
        """Find the mean and the scale, and convert to them."""
        y, weight = self.values, None if self.weight is None else self.weight[rows]
        resumes = isinstance(before, RegressionOutputs) and len(before.mean) == y.shape[2]
        if isinstance(before, RegressionOutputs) and resumes:
            mean, scale = before.mean, before.scale
        else:
            mean, scale = self.loss.scale(y[rows], weight, self.normalize)
        quantiles = self.several_quantiles
        outputs = RegressionOutputs(self.loss, self.y_ndim, quantiles, mean, scale, self.scaling)
        self.convert(outputs)
        if self.normalize and (resumes or incremental):
            self._check_scale(resumes=resumes)
        return outputs

    def of_validation(
        self, estimator: Any, y: Any, sequences: Sequences, sample_weight: Any
    ) -> "RegressionTargets":
        """Check the targets of a validation set."""
        return regression_targets(estimator, y, sequences, sample_weight)

    def convert(self, outputs: Outputs) -> None:
        """Subtract the mean and divide by the scale, in place."""
        assert isinstance(outputs, RegressionOutputs)
        with np.errstate(over="ignore", invalid="ignore"):
            self.values -= outputs.mean
            self.values /= outputs.scale
        if np.isinf(self.values).any():
            raise ValueError(
                f"y overflows when it is scaled by {np.abs(outputs.scale).max():.3g}: divide y by "
                "a constant."
            )

    def _check_scale(self, *, resumes: bool) -> None:
        """Warn of a scale that stays, although it says little of these targets."""
        size = np.sqrt(np.nanmean(self.values**2)) if np.isfinite(self.values).any() else 0
        if resumes and size > _LARGEST_SCALED:
            warn_user(
                f"y is about {size:.3g} times as large as the scale y_scale_ that the first call "
                "found, which stays where training resumes. Recurrent networks learn badly from "
                "such targets: start again, with typical targets first, or scale y and set "
                "normalize_y=False."
            )
        # of a column that varies, the largest is 1 at least: their mean square is 1
        largest = np.fmax.reduce(np.abs(self.values), axis=(0, 1))  # (K,)
        if not resumes and self.loss.centers and (largest < 0.5).any():
            warn_user(
                "y doesn't vary in the first call of partial_fit, which determines its scale: "
                "y_scale_ is 1, and stays so. If later targets are much larger or smaller, little "
                "is learned. Begin with targets that vary, or scale y and set normalize_y=False."
            )


def make_loss(estimator: Any) -> Loss:
    """The loss with the estimator's parameters."""
    name, quantiles = estimator.loss, estimator.quantile
    if name == "huber":
        return HuberLoss(float(estimator.huber_delta))
    if name != "quantile":
        return LOSSES[name]()
    try:
        q = np.asarray(quantiles, float)
    except (TypeError, ValueError):
        q = np.empty(0)
    ascending = q.ndim == 1 and q.size and (np.diff(q) > 0).all() and 0 < q[0] and q[-1] < 1
    if np.ndim(quantiles) and not ascending:
        raise ValueError(
            f"quantile must be a number between 0 and 1, or a list of them in ascending "
            f"order, got {quantiles!r}."
        )
    return PinballLoss(np.atleast_1d(q))


def _has_several_quantiles(estimator):
    """Whether the outputs are quantiles of one target, as a list asks for."""
    return estimator.loss == "quantile" and np.ndim(estimator.quantile) > 0


def unscaled_outputs(estimator: Any, n_outputs: int, per_step: bool) -> RegressionOutputs:
    """The conversion of outputs that are in the unit of y, by the estimator's loss."""
    loss = make_loss(estimator)
    several = _has_several_quantiles(estimator)
    if isinstance(loss, PinballLoss) and several and len(loss.quantiles) != n_outputs:
        raise ValueError(
            f"quantile={estimator.quantile!r} has {len(loss.quantiles)} quantiles, but the weights "
            f"have {n_outputs} outputs: each quantile needs one."
        )
    y_ndim = 3 if per_step else max(min(n_outputs, 2), 1 + several)
    return RegressionOutputs(loss, y_ndim, several, np.zeros(n_outputs), np.ones(n_outputs))


def regression_targets(
    estimator: Any, y: ArrayLike, sequences: Sequences, sample_weight: ArrayLike | None
) -> RegressionTargets:
    """Check the targets (N,), (N, K) or (N, T, K), and return them with their loss."""
    y = check_targets(estimator, y, sequences)
    warn_of_many_targets(estimator, sequences, y)
    loss = make_loss(estimator)
    loss.check(y)
    y_ndim, several = y.ndim, _has_several_quantiles(estimator)
    if isinstance(loss, PinballLoss) and several:
        if y.ndim > 1 and y.shape[-1] > 1:
            raise ValueError(
                f"Several quantiles are for one target, but y has {y.shape[-1]}: pass a "
                "single number as quantile, or fit an estimator for each column of y."
            )
        y_ndim = max(y.ndim, 2)
        y = y.reshape(len(y), 1) if y.ndim == 1 else y
        # one output for each quantile, all with the same target
        y = np.broadcast_to(y, (*y.shape[:-1], len(loss.quantiles)))
    per_step, normalize = y.ndim == 3, bool(estimator.normalize_y)
    weight = check_weights(sample_weight, sequences, per_step)
    values = targets_with_loss(y, sequences, int(estimator.washout))  # (N, S, K)
    return RegressionTargets(
        values,
        weight,
        per_step,
        values.shape[2],
        strata=None,
        loss=loss,
        y_ndim=y_ndim,
        several_quantiles=several,
        normalize=normalize,
        scaling={
            "loss": "centered" if loss.centers else "not centered",
            "normalize_y": normalize,
            # of one target, all of them have its scale
            "quantile": values.shape[2] > 1 and several,
        },
    )
