"""Pipelines of a scaler and a network become one model of ONNX, by skl2onnx."""

import doctest
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNClassifier, RNNRegressor
from skrnn.interop import register_with_skl2onnx

for package in ("onnx", "onnxruntime", "skl2onnx"):
    pytest.importorskip(package, reason="the extra onnx isn't installed")
import skl2onnx  # noqa: E402

from tests.helpers.onnx_models import assert_same, run, shifted  # noqa: E402

N, T, D = 20, 4, 2


@pytest.fixture
def rows(rng):
    """Rows of a table in another unit: a covariate, and the steps, of which some are missing."""
    X = 5 + 3 * rng.normal(size=(N, 1 + T * D)).astype(np.float32)
    X[2, 1 : 1 + D] = np.nan
    return X


def pipeline(estimator, X, y, rng):
    estimator.set_params(n_features_per_step=D, static_features=[0], max_iter=1, random_state=0)
    pipe = make_pipeline(StandardScaler(), estimator).fit(X, y)
    shifted(pipe[-1], rng)
    return pipe


def converted(pipe, X, **options):
    register_with_skl2onnx()
    return skl2onnx.to_onnx(pipe, X[:1], options={id(pipe[-1]): options} if options else None)


@pytest.mark.parametrize("cell", ["lstm", "jordan"])
@pytest.mark.parametrize("shape", [(N,), (N, 2), (N, T, 2)])
def test_regressors(rng, rows, shape, cell):
    pipe = pipeline(RNNRegressor(3, cell=cell, alpha=1.0), rows, rng.normal(size=shape), rng)
    assert_same(converted(pipe, rows), pipe, rows)


@pytest.mark.parametrize("labels", [["no", "yes"], ["a", "b", "c"], [3, 5, 9]], ids=str)
@pytest.mark.parametrize("shape", [(N,), (N, T)])
def test_classifiers(rng, rows, shape, labels):
    pipe = pipeline(RNNClassifier(3), rows, np.resize(np.array(labels), shape), rng)
    assert_same(converted(pipe, rows, zipmap=False), pipe, rows)


def test_dicts_of_probabilities(rng, rows):
    pipe = pipeline(RNNClassifier(3), rows, np.resize(np.array(["a", "b", "c"]), N), rng)
    found = run(converted(pipe, rows), rows)
    assert_array_equal(found["output_label"], pipe.predict(rows))
    p = [[row[label] for label in "abc"] for row in found["output_probability"]]
    assert_allclose(p, pipe.predict_proba(rows), atol=1e-5)


def test_float64_is_refused(rng, rows):
    pipe = pipeline(RNNRegressor(3, alpha=1.0), rows, rng.normal(size=N), rng)
    with pytest.raises(TypeError, match=r"reads float32 in ONNX.*: pass X\[:1\].astype\('float32"):
        converted(pipe, rows.astype(float))


def test_the_example_runs():
    code = re.sub(r" +# doctest: \+SKIP", "", register_with_skl2onnx.__doc__)
    example = doctest.DocTestParser().get_doctest(code, {}, "register_with_skl2onnx", None, 0)
    assert doctest.DocTestRunner().run(example).failed == 0
