"""Models of MLflow, whose files are those of skops."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import Forecaster, RNNRegressor, SlidingWindow
from tests.helpers.fits import unconverged
from tests.helpers.saving import FAST, FRAME, SERIES

TRUSTED = ["skrnn.Forecaster", "skrnn.RNNRegressor", "skrnn.SlidingWindow"]


@pytest.fixture
def mlflow(monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        return pytest.importorskip("mlflow.sklearn")


def through_mlflow(mlflow, model, path):
    options = {"serialization_format": "skops", "skops_trusted_types": TRUSTED}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="mlflow")
        mlflow.save_model(model, path, pip_requirements=["skrnn"], **options)
        return mlflow.load_model(path)


@unconverged
def test_a_pipeline_continues_after_the_fitted_rows(mlflow, tmp_path):
    scaler = StandardScaler().set_output(transform="pandas")
    pipe = make_pipeline(scaler, SlidingWindow(4, delay=1), RNNRegressor(**FAST))
    pipe.fit(FRAME[:30], FRAME.price[:30])
    loaded = through_mlflow(mlflow, pipe, tmp_path / "model")
    expected = pipe.predict(FRAME[30:])
    assert np.isfinite(expected).all()
    assert_array_equal(loaded.predict(FRAME[30:]), expected)


@unconverged
@pytest.mark.filterwarnings("ignore:skill_=")  # of a short fit
def test_forecasts_have_their_dates(mlflow, tmp_path):
    forecaster = Forecaster(RNNRegressor(**FAST), window=4).fit(SERIES)
    loaded = through_mlflow(mlflow, forecaster, tmp_path / "model")
    pd.testing.assert_series_equal(loaded.predict(3), forecaster.predict(3), check_exact=True)


@unconverged
def test_training_goes_on(mlflow, tmp_path):
    X = FRAME.to_numpy().reshape(10, 8)
    model = RNNRegressor(**FAST, solver="adam").partial_fit(X, X[:, 0])
    loaded = through_mlflow(mlflow, model, tmp_path / "model").partial_fit(X, X[:, 0])
    assert_array_equal(loaded.parameters_, model.partial_fit(X, X[:, 0]).parameters_)
