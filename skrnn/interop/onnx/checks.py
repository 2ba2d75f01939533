"""What can't become a model of ONNX, with what to use instead."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ...cells import CELLS, Cell, JordanCell
from ...classifier import RNNClassifier
from ...regressor import RNNRegressor
from ...seq2seq import Seq2SeqClassifier, Seq2SeqRegressor
from .._checks import full_name
from .cells import has_operator

_LARGEST, _SMALLEST = (float(getattr(np.finfo(np.float32), name)) for name in ("max", "tiny"))


def check_class(estimator: Any) -> None:
    """Raise TypeError unless an estimator is of a class that can become a model of ONNX."""
    if isinstance(estimator, Seq2SeqRegressor | Seq2SeqClassifier):
        raise TypeError(
            f"A {type(estimator).__name__} can't be converted to ONNX, as its decoder reads its "
            "own predictions until it ends. Only RNNRegressor and RNNClassifier can: predict in "
            "Python, or, for a fixed number of steps ahead, fit an RNNRegressor with one output "
            "for each."
        )
    if not isinstance(estimator, RNNRegressor | RNNClassifier):
        raise TypeError(
            f"estimator is a {full_name(estimator)}: only a fitted RNNRegressor or RNNClassifier "
            "can be converted. Of a search, pass best_estimator_. Of a pipeline, pass the last "
            "step, pipe[-1], or call skrnn.interop.register_with_skl2onnx() and skl2onnx.to_onnx."
        )


def check_fit(estimator: RNNRegressor | RNNClassifier) -> None:
    """Raise unless an estimator is fitted, and all of it has a counterpart in ONNX."""
    check_is_fitted(estimator)
    cell = estimator._topology.cell
    if not _is_known(type(cell)):
        names = ", ".join(repr(name) for name, kind in CELLS.items() if _is_known(kind))
        raise ValueError(
            f"cell={cell!r} can't be converted to ONNX, which has no operator for "
            f"{full_name(cell)}: fit with one of the cells {names}, or predict in Python."
        )
    if isinstance(estimator, RNNClassifier):
        _check_labels(estimator.classes_)
    _check_range(estimator)


def _is_known(cell: type[Cell]) -> bool:
    return has_operator(cell) or cell is JordanCell


def _check_labels(classes: np.ndarray) -> None:
    kind, size = classes.dtype.kind, classes.dtype.itemsize
    numbers, texts = kind in "biuf" and size <= 8, kind == "O" and all(map(_is_text, classes))
    if not (numbers or texts or kind == "U"):
        raise ValueError(
            f"classes_={classes.tolist()} of the type {classes.dtype} can't be converted to ONNX: "
            "fit with labels that are strings, or numbers of up to 64 bits."
        )


def _is_text(label: Any) -> bool:
    return isinstance(label, str)


def _check_range(estimator: RNNRegressor | RNNClassifier) -> None:
    """Raise ValueError if float32 can't hold the weights and scales."""
    arrays = estimator.get_weights()
    if isinstance(estimator, RNNRegressor):
        arrays |= {"y_mean_": estimator.y_mean_, "y_scale_": estimator.y_scale_}
    for name, values in arrays.items():
        size = np.abs(values)
        if size.max(initial=0) > _LARGEST or (
            name in ("y_scale_", "inputs.scale", "static.scale") and size.min() < _SMALLEST
        ):
            raise ValueError(
                f"{name} has values from {values.min():.3g} to {values.max():.3g}, and ONNX's "
                f"recurrent operators have float32, from {_SMALLEST:.3g} to {_LARGEST:.3g}: scale "
                "X and y before the fit."
            )
