"""Targets of regression: numbers, their loss and their scale."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from .._engine.losses import LOSSES, HuberLoss, Loss, PinballLoss
from .._engine.target_statistics import TargetStatistics
from .._sklearn.user_warnings import warn_user
from .._validation.misread import warn_of_many_targets
from .._validation.sample_weight import check_weights
from .._validation.sequences import Sequences
from .._validation.targets import check_targets
from .targets import Outputs, Targets, targets_with_loss

REGRESSION_CONSTRAINTS: dict = {
    "loss": [StrOptions(set(LOSSES))],
    "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
    "huber_delta": [Interval(Real, 0, None, closed="neither")],
    "normalize_y": ["boolean"],
}
_LARGEST_SCALED = 100  # root mean square, in the unit of the scale


@dataclass(frozen=True)
class RegressionOutputs(Outputs):
    """The conversion of the network's outputs to predictions.

    Attributes
    ----------
    loss : Loss
    y_ndim : int
        Dimensions of y.
    lists_quantiles : bool
        Whether the outputs are those of a list of quantiles of one target, be it of one.
    mean, scale : ndarray of shape (K,)
        Offset and scale of the targets.
    has_scale : ndarray of bool of shape (K,)
        Whether the scale is that of targets. It is 1 until they tell it.
    scaling : dict or None
        Parameters that determine the scale.
    """

    loss: Loss
    y_ndim: int
    lists_quantiles: bool
    mean: np.ndarray
    scale: np.ndarray
    has_scale: np.ndarray
    scaling: dict[str, Any] | None = None

    @property
    def n_targets(self) -> int:
        """J: all quantiles of a list have one target."""
        return 1 if self.loss.shares_target else len(self.mean)

    def attributes(self) -> dict[str, Any]:
        """Public attributes of the fitted estimator."""
        return {"y_mean_": self.mean, "y_scale_": self.scale}

    def rescaling(self, before: Outputs) -> tuple[np.ndarray, np.ndarray] | None:
        """As `Outputs.rescaling`; outputs in no scale yet are taken for outputs in the new one."""
        if not isinstance(before, RegressionOutputs):
            return None
        old, new = (before.mean, before.scale), (self.mean, self.scale)
        if not before.has_scale.any() or all(map(np.array_equal, old, new)):
            return None
        factor, shift = self.loss.rescaling(*old, *new)
        return np.where(before.has_scale, factor, 1), np.where(before.has_scale, shift, 0)

    def predictions(self, output: np.ndarray) -> np.ndarray:
        """Predictions in the unit of y, from outputs (..., K)."""
        y = self.loss.predicted(output) * self.scale
        y += self.mean
        return y if y.dtype == output.dtype else y.astype(output.dtype)


@dataclass
class RegressionTargets(Targets):
    """The targets of a regression; see `Targets`."""

    loss: Loss
    y_ndim: int
    lists_quantiles: bool
    normalize: bool
    scaling: dict[str, Any]

    def statistics(self, rows: Any) -> TargetStatistics | None:
        """Statistics of some ``rows``, if the targets are scaled."""
        if not self.normalize:
            return None
        weight = None if self.weight is None else self.weight[rows]
        return TargetStatistics.of(self.values[rows], weight)

    def scale(
        self,
        statistics: TargetStatistics | None,
        before: Outputs | None,
        *,
        incremental: bool,
        feedback: bool,
    ) -> RegressionOutputs:
        """Find the mean and the scale, and convert to them."""
        y, K = self.values, self.values.shape[2]
        mean, scale, has_scale = np.zeros(K), np.ones(K), np.ones(K, bool)
        if statistics is not None:
            mean, scale = self.loss.scale(statistics)
            has_scale = self.loss.has_scale(statistics)
        kept = np.zeros(K, bool)
        if isinstance(before, RegressionOutputs) and len(before.mean) == K:
            kept[:] = True
            if incremental and statistics is not None:
                kept = before.has_scale & feedback
            old, new = (before.mean, before.scale, before.has_scale), (mean, scale, has_scale)
            mean, scale, has_scale = (np.where(kept, *own) for own in zip(old, new, strict=True))
        elif self.normalize and not incremental:
            self.loss.check_scale(has_scale)
        outputs = RegressionOutputs(
            self.loss, self.y_ndim, self.lists_quantiles, mean, scale, has_scale, self.scaling
        )
        self.convert(outputs)
        if self.normalize and kept.any():
            self._check_size(y[..., kept])
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

    @staticmethod
    def _check_size(y):
        """Warn of a scale that stays, although scaled targets are far larger."""
        size = np.sqrt(np.nanmean(y**2)) if np.isfinite(y).any() else 0
        if size > _LARGEST_SCALED:
            warn_user(
                f"y is about {size:.3g} times as large as the scale y_scale_, which stays where "
                "training resumes. Recurrent networks learn badly from such targets: start again, "
                "with typical targets first, or scale y and set normalize_y=False."
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


def lists_quantiles(estimator: Any) -> bool:
    """Whether a list asks for quantiles of one target, with an axis of their own."""
    return estimator.loss == "quantile" and np.ndim(estimator.quantile) > 0


def unscaled_outputs(estimator: Any, n_outputs: int, per_step: bool) -> RegressionOutputs:
    """The conversion of outputs that are in the unit of y, by the estimator's loss."""
    loss = make_loss(estimator)
    is_list = lists_quantiles(estimator)
    if isinstance(loss, PinballLoss) and is_list and len(loss.quantiles) != n_outputs:
        raise ValueError(
            f"quantile={estimator.quantile!r} has {len(loss.quantiles)} quantiles, but the weights "
            f"have {n_outputs} outputs: each quantile needs one."
        )
    y_ndim = 3 if per_step else max(min(n_outputs, 2), 1 + is_list)
    constants = np.zeros(n_outputs), np.ones(n_outputs), np.ones(n_outputs, bool)
    return RegressionOutputs(loss, y_ndim, is_list, *constants)


def regression_targets(
    estimator: Any, y: ArrayLike, sequences: Sequences, sample_weight: ArrayLike | None
) -> RegressionTargets:
    """Check the targets (N,), (N, K) or (N, T, K), and return them with their loss."""
    y = check_targets(estimator, y, sequences)
    warn_of_many_targets(estimator, sequences, y)
    loss = make_loss(estimator)
    loss.check(y)
    y_ndim, is_list = y.ndim, lists_quantiles(estimator)
    if is_list:
        y_ndim = max(y.ndim, 2)
        y = for_each_quantile(loss, y.reshape(len(y), 1) if y.ndim == 1 else y)
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
        lists_quantiles=is_list,
        normalize=normalize,
        scaling=scaling_of(loss, normalize),
    )


def for_each_quantile(loss: Loss, y: np.ndarray) -> np.ndarray:
    """Targets (..., 1), once for each output: all quantiles have the same target."""
    assert isinstance(loss, PinballLoss)
    if y.shape[-1] > 1:
        raise ValueError(
            f"Several quantiles are for one target, but y has {y.shape[-1]}: pass a "
            "single number as quantile, or fit an estimator for each column of y."
        )
    return np.broadcast_to(y, (*y.shape[:-1], len(loss.quantiles)))


def scaling_of(loss: Loss, normalize: bool) -> dict[str, Any]:
    """Settings that determine the scale; several quantiles of one target have its scale."""
    return {
        "loss": "centered" if loss.centers else "not centered",
        "normalize_y": normalize,
        "quantile": loss.shares_target,
    }
