"""What files hold of fitted estimators, and what comes back from them."""

import copy
import io
import json
import pickle
import re
import warnings
import zipfile
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

import skrnn
from skrnn import Forecaster, RNNRegressor, SlidingWindow, TokenEncoder
from tests.helpers.fits import same, unconverged
from tests.helpers.saving import ADAM, CASES, FAST, FRAME, X, Y
from tests.helpers.toy_cell import LeakyCell

pytestmark = pytest.mark.core

PUBLIC = [f"skrnn.{name}" for name in skrnn.__all__]
PUBLIC += [f"skrnn.cells.{name}" for name in skrnn.cells.__all__]


def skops():
    """The module that reads and writes files of skops."""
    return pytest.importorskip("skops.io")


def through_joblib(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    return joblib.load(file)


def through_skops(estimator):
    return skops().loads(skops().dumps(estimator), trusted=PUBLIC)


WAYS = {
    "pickle": lambda estimator: pickle.loads(pickle.dumps(estimator)),
    "joblib": through_joblib,
    "deepcopy": copy.deepcopy,
    "skops": through_skops,
}


@cache
def fitted(case):
    """The fitted estimator of a case, and what it gives."""
    estimator, data, call = CASES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so short fits have learned nothing
        estimator = clone(estimator).fit(*data)
    return estimator, call(estimator)


def assert_same(found, expected):
    """Two predictions are the same, bit for bit, and so are their labels."""
    assert type(found) is type(expected)
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_exact=True, check_freq=True)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected, check_exact=True, check_freq=True)
    elif isinstance(expected, list):
        assert list(map(list, found)) == list(map(list, expected))
    else:
        assert_array_equal(found, expected)
        assert found.dtype == expected.dtype


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_what_comes_back_predicts_the_same(case, way):
    estimator, expected = fitted(case)
    restored = WAYS[way](estimator)
    assert_same(CASES[case][2](restored), expected)
    assert vars(restored).keys() == vars(estimator).keys()
    for name, value in vars(estimator).items():
        assert type(getattr(restored, name)) is type(value), name
    for name in ("loss_curve_", "validation_loss_curve_", "gradient_norm_curve_"):
        assert getattr(restored, name, None) == getattr(estimator, name, None)


@pytest.mark.parametrize("case", CASES)
def test_pickles_name_no_private_module(case):
    assert b"skrnn._" not in pickle.dumps(fitted(case)[0])


@pytest.mark.parametrize("case", CASES)
def test_files_of_skops_name_public_classes_only(case):
    file = skops().dumps(fitted(case)[0])
    assert set(skops().get_untrusted_types(data=file)) <= set(PUBLIC)
    schema = json.loads(zipfile.ZipFile(io.BytesIO(file)).read("schema.json"))
    for module, name in named(schema):
        if module.split(".")[0] in ("skrnn", "pandas"):
            assert f"{module}.{name}" in PUBLIC


def named(node):
    """The module and name of each class that a file of skops names."""
    if isinstance(node, dict):
        if "__module__" in node:
            yield node["__module__"], node["__class__"]
        for own in node.values():
            yield from named(own)
    elif isinstance(node, list):
        for own in node:
            yield from named(own)


def test_names_in_files_stay():
    """Files of earlier versions have these: keep them when something of ours gets another name."""
    names = {}
    for estimator, _ in map(fitted, CASES):
        state = estimator.__getstate__()
        parts = state.get("_skrnn_fitted", {})
        names.setdefault(type(estimator).__name__, set()).update(parts)
        collect_names(state, names)
    lines = [f"{name}: {' '.join(sorted(names[name]))}".rstrip() for name in sorted(names)]
    known = Path(__file__).with_name("saved_names.txt").read_text().splitlines()
    assert lines == known


def collect_names(value, names):
    """Add the fields of each type that a state names."""
    if isinstance(value, dict):
        if "type" in value:
            names.setdefault(value["type"], set()).update(value.keys() - {"type"})
        value = list(value.values())
    elif type(value).__module__ == "skrnn":
        value = [value.__getstate__()]
    for own in value if isinstance(value, list | tuple) else ():
        collect_names(own, names)


# --- training that goes on ---


@unconverged
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("solver", ["adam", "rmsprop", "sgd", "lm"])
def test_training_goes_on_as_if_it_had_never_been_saved(solver, way):
    options = {"hidden_size": 3, "alpha": 1.0, "batch_size": 8, "dropout": 0.2 * (solver != "lm")}
    if solver == "lm":
        del options["batch_size"]
    model = RNNRegressor(
        **options, solver=solver, max_iter=12, n_iter_no_change=12, random_state=0, warm_start=True
    )
    expected = clone(model).fit(X, Y)
    model.set_params(max_iter=5).fit(X, Y)
    model = WAYS[way](model).set_params(max_iter=7).fit(X, Y)
    same(model, expected)


@unconverged
@pytest.mark.parametrize("way", WAYS)
def test_epochs_of_partial_fit_are_recognised(way):
    """What was seen is saved, too: calls that come again are another epoch."""
    parts = [slice(0, 8), slice(8, 16), slice(16, 24)]
    straight, saved = RNNRegressor(**ADAM), RNNRegressor(**ADAM)
    for _ in range(3):
        for part in parts:
            straight.partial_fit(X[part], 100 * Y[part])
            saved = WAYS[way](saved.partial_fit(X[part], 100 * Y[part]))
    same(saved, straight)
    assert_array_equal(saved.y_scale_, straight.y_scale_)


@pytest.mark.parametrize("way", WAYS)
def test_precision_stays(way):
    """A network of float32 reads float64 after it comes back, as before, and the other way."""
    for case, dtype in (("float32", np.float32), ("regressor", np.float64)):
        estimator, _ = fitted(case)
        restored = WAYS[way](estimator)
        assert restored.parameters_.dtype == dtype
        for own in (np.float32, np.float64):
            assert_same(restored.predict(X.astype(own)), estimator.predict(X.astype(own)))
            one, other = (e.step(X[:, 0].astype(own))[1] for e in (restored, estimator))
            assert_same(one, other)


@unconverged
def test_a_pipeline_of_skops_continues_after_the_fitted_rows():
    pipe = make_pipeline(SlidingWindow(4), RNNRegressor(**FAST)).fit(FRAME[:30], FRAME.price[:30])
    assert_array_equal(through_skops(pipe).predict(FRAME[30:]), pipe.predict(FRAME[30:]))


# --- sizes ---


@unconverged
def test_an_epoch_takes_the_bytes_of_its_numbers():
    def sizes(n_epochs):
        options = {"alpha": 0, "linear_part": False, "ensemble": False, "early_stopping": True}
        model = RNNRegressor(
            3,
            solver="adam",
            max_iter=n_epochs,
            n_iter_no_change=n_epochs,
            random_state=0,
            **options,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, Y)
        assert model.n_iter_ == n_epochs
        return len(pickle.dumps(model)), len(skops().dumps(model))

    for few, many in zip(sizes(50), sizes(150), strict=True):
        assert many - few <= 100 * 4 * 8 + 100  # three curves, and the losses of the checkpoint


def test_a_vocabulary_takes_little_more_than_its_words():
    words = [f"word{i}" for i in range(1000)]
    few, many = (len(skops().dumps(TokenEncoder().fit([words[:n]]))) for n in (100, 1000))
    assert many - few < 900 * 50


@pytest.mark.parametrize("way", WAYS)
def test_the_regressor_is_the_one_that_forecasts(way):
    estimator, expected = fitted("forecaster")
    forecaster = WAYS[way](estimator)
    forecaster.regressor_.parameters_[:] = 0
    assert not np.allclose(forecaster.predict(3), estimator.predict(3))
    assert_same(estimator.predict_interval(3), expected)


def test_series_that_share_a_clock_save_it_once():
    """The days of an exchange, of which there may be thousands, for each of many series."""
    days = pd.bdate_range("2000-01-03", periods=2000).delete([100, 205, 310])
    y = pd.DataFrame(np.random.RandomState(0).normal(size=(len(days), 20)), days)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forecaster = Forecaster(RNNRegressor(**FAST), window=4, calibration=0).fit(y)
    values_and_levels = 3 * y.size * 8
    assert len(pickle.dumps(forecaster)) < values_and_levels + 10 * len(days) * 8


# --- labels of time ---

STEPS = np.arange(30.0)
INDICES = {
    "hours in a zone": pd.date_range("2020-03-28", periods=30, freq="h", tz="Europe/Berlin"),
    "zone of zoneinfo": pd.date_range("2020", periods=30, freq="D", tz=ZoneInfo("Asia/Tokyo")),
    "a fixed offset": pd.date_range("2020", periods=30, freq="D", tz=timezone(timedelta(hours=2))),
    "weeks": pd.date_range("2020", periods=30, freq="W-WED"),
    "quarters": pd.date_range("2000", periods=30, freq="QS-FEB"),
    "two days": pd.date_range("2020", periods=30, freq=pd.DateOffset(days=2)),
    "business days": pd.bdate_range("2020", periods=30, freq="C", holidays=["2020-02-03"]),
    "irregular dates": pd.DatetimeIndex(pd.bdate_range("2020", periods=31).delete(7)),
    "seconds": pd.date_range("2020", periods=30, freq="s", unit="s"),
    "periods": pd.period_range("2020", periods=30, freq="M"),
    "time differences": pd.timedelta_range("0s", periods=30, freq="15min"),
    "integers": pd.RangeIndex(5, 65, 2),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", INDICES)
def test_labels_still_say_what_follows(kind, way):
    table = pd.DataFrame({"x": STEPS}, INDICES[kind])
    window = WAYS[way](SlidingWindow(3).fit(table[:20]))
    assert not np.isnan(window.transform(table[20:])).any()
    assert_array_equal(window.transform(table[20:])[0, :, 0], [18, 19, 20])
    if kind != "irregular dates":
        assert np.isnan(window.transform(table[21:])[0, 0, 0])


@pytest.mark.parametrize("way", WAYS)
def test_ids_keep_their_types(way):
    ids = [3, "three", date(2020, 1, 3), datetime(2020, 1, 3, 12)]
    for id_ in ids:
        table = pd.DataFrame({"x": STEPS, "id": pd.Series([id_] * 30, dtype=object)})
        window = WAYS[way](SlidingWindow(3, groups="id").fit(table))
        assert [type(key) for key in window.context_] == [type(id_)]
        assert list(window.context_) == [id_]


# --- cells, subclasses and attributes of one's own ---


class OwnRegressor(RNNRegressor):
    """A subclass with fitted attributes of its own, which no table knows."""

    def fit(self, X, y):
        self.report_ = {"type": "own", "days": [date(2020, 1, 1)], "cell": LeakyCell()}
        self.by_number_ = {1: [1.0] * 20, None: (-1, 2**63) * 5, 2: {"type": "gru_cell"}}
        self._own = (1, 2)
        return super().fit(X, y)


@unconverged
@pytest.mark.parametrize("cell", [LeakyCell, LeakyCell(0.4)])
@pytest.mark.parametrize("way", WAYS)
def test_cells_and_attributes_of_ones_own(cell, way, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PUBLIC", [*PUBLIC, *OWN])
    estimator = OwnRegressor(3, cell=cell, alpha=1.0, max_iter=3, random_state=0).fit(X, Y)
    restored = WAYS[way](estimator)
    assert_array_equal(restored.predict(X), estimator.predict(X))
    assert restored.report_ == estimator.report_
    assert restored.by_number_ == estimator.by_number_
    assert restored._own == (1, 2)
    assert type(restored.cell) is type(cell)


OWN = [f"{__name__}.OwnRegressor", "tests.helpers.toy_cell.LeakyCell"]


# --- other versions, and damage ---


@pytest.mark.parametrize("case", ["regressor", "windows"])
def test_another_version_is_named(case, monkeypatch):
    estimator, _ = fitted(case)
    monkeypatch.setattr("skrnn._saving.state.__version__", "0.0.3")
    saved = pickle.dumps(estimator)
    monkeypatch.undo()
    name = type(estimator).__name__
    message = rf"This {name} was saved by skrnn 0\.0\.3, and is loaded by .*{skrnn.__version__}"
    with pytest.warns(UserWarning, match=message) as found:
        pickle.loads(saved)
    assert found[0].filename == __file__
    state = {key: own for key, own in estimator.__getstate__().items() if "version" not in key}
    with pytest.warns(UserWarning, match="saved by skrnn of an unknown version"):
        clone(estimator).__setstate__(state)


DAMAGES = {
    "it misses ['topology']": lambda parts: parts.pop("topology"),
    "a part 'extra'": lambda parts: parts.update(extra=1),
    "a 'perceptron', which": lambda parts: parts["topology"]["cell"].update(type="perceptron"),
    "its 'regression' can't be read": lambda parts: parts["outputs"].pop("loss"),
    "its 'elman_cell' can't be read": lambda parts: parts["topology"]["cell"].update(decay=1),
    "its 'dtype' can't be read": lambda parts: parts["topology"]["dtype"].update(name="float31"),
    "but its network needs": lambda parts: parts["topology"].update(n_inputs=7),
}


@pytest.mark.parametrize("message", DAMAGES)
def test_damage_is_named(message):
    state = copy.deepcopy(fitted("regressor")[0].__getstate__())
    DAMAGES[message](state["_skrnn_fitted"])
    with pytest.raises(
        ValueError, match=f"The saved RNNRegressor is damaged: .*{re.escape(message)}"
    ):
        RNNRegressor().__setstate__(state)


def test_damage_of_the_whole():
    state = {**fitted("regressor")[0].__getstate__(), "_skrnn_fitted": [1]}
    with pytest.raises(ValueError, match="is damaged: a list is in the place"):
        RNNRegressor().__setstate__(state)
