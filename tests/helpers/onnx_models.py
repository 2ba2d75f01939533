"""Models of ONNX, checked and run by onnxruntime, beside the estimators that they were made of."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import is_classifier

onnx = pytest.importorskip("onnx", reason="the extra onnx brings it")
onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx brings it")

TOLERANCE = 3e-5  # of float32, in units of the largest prediction

onnxruntime.set_default_logger_severity(4)  # it writes errors beside raising them


def run(model, X):
    """Outputs by name, of a model of ONNX."""
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # several wait for one another on a busy machine
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"X": np.asarray(X, np.float32)}), strict=True))


def assert_same(model, estimator, X):
    """Assert that a model of ONNX predicts what the estimator predicts."""
    found = run(model, X)
    expected = {"variable": estimator.predict}
    if is_classifier(estimator):
        expected = {"label": estimator.predict, "probabilities": estimator.predict_proba}
    assert list(found) == list(expected)
    for (name, predict), declared in zip(expected.items(), model.graph.output, strict=True):
        y = predict(X)
        sizes = declared.type.tensor_type.shape.dim
        assert found[name].shape == y.shape
        assert len(sizes) == y.ndim
        assert all(d.dim_value in (0, n) for d, n in zip(sizes, y.shape, strict=True))
        if name == "label":
            assert_array_equal(found[name], y)
            assert found[name].dtype.kind == y.dtype.kind.replace("U", "O")
        else:
            assert found[name].dtype == np.float32
            size = max(1.0, np.abs(y).max())
            assert_allclose(found[name] / size, y / size, atol=TOLERANCE, rtol=0)


def shifted(estimator, rng, size=0.4):
    """The estimator with other weights, so that each of them has a say in its predictions."""
    weights = estimator.get_weights()
    for name, w in weights.items():
        if not name.endswith("scale"):
            weights[name] = w + size * rng.normal(size=w.shape)
    return estimator.set_weights(weights)
