"""`step` and the names of features: of frames, series and named tuples."""

import warnings
from collections import namedtuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skrnn import RNNClassifier, RNNRegressor, SlidingWindow
from skrnn._validation.annotated_array import annotated

pytestmark = pytest.mark.core

NAMES = ["low", "size", "high"]
OTHER = r"feature names should match those that were passed during fit: got \['high', 'low', 'size'"


@pytest.fixture
def frames(rng):
    X = rng.normal(size=(12, 5, 3))
    X[..., 1] = X[:, :1, 1]
    return [pd.DataFrame(x, columns=NAMES) for x in X]


def fitted(frames, estimator=RNNRegressor, **parameters):
    options = {"static_features": "size", "max_iter": 2, "random_state": 0, **parameters}
    return estimator(3, **options).fit(frames, np.arange(len(frames)) % 3)


def steps_of(table):
    """A step of one sequence or two, by the container that it comes in."""
    row = table.iloc[0]
    return {
        "frame": table[:1],
        "frame of many": table[:2],
        "polars": pl.from_pandas(table[:1]),
        "arrow": pa.Table.from_pandas(table[:1]),
        "series": row,
        "AnnotatedArray": annotated(table.to_numpy()[:1], list(table)),
        "named tuple": namedtuple("Row", list(table))(*row),
        "itertuples": next(table.itertuples(index=False)),
        "list of series": [row, table.iloc[1]],
    }


KINDS = list(steps_of(pd.DataFrame(np.zeros((2, 3)), columns=NAMES)))


@pytest.mark.parametrize("estimator", [RNNRegressor, RNNClassifier])
@pytest.mark.parametrize("kind", KINDS)
def test_another_order_is_refused_as_in_predict(frames, kind, estimator):
    model, moved = fitted(frames, estimator), [x[["high", "low", "size"]] for x in frames]
    with pytest.raises(ValueError, match=OTHER) as of_predict:
        model.predict(moved)
    x = steps_of(moved[0])[kind]
    methods = [model.step] + ([model.step_proba] if estimator is RNNClassifier else [])
    for method in methods:
        for state in (None, model.step(frames[0].to_numpy()[: np.ndim(x)])[1]):
            with pytest.raises(ValueError, match=OTHER) as of_step:
                method(x, state)
            assert str(of_step.value) == str(of_predict.value)
    unknown = frames[0].rename(columns={"high": "close"})
    with pytest.raises(ValueError, match=r"got \['low', 'size', 'close'\], fitted on \['low'"):
        model.step(steps_of(unknown)[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_fit_is_that_of_an_array(frames, kind):
    model, x = fitted(frames), steps_of(frames[0])[kind]
    rows = np.asarray(x, float)
    for own, other in zip(model.step(x), model.step(rows), strict=True):
        assert_array_equal(own, other)
    assert np.ndim(model.step(x)[0]) == rows.ndim - 1


def test_what_has_no_names_is_taken_as_it_is(frames, rng):
    """Without a warning: step runs in loops."""
    model, values = fitted(frames), frames[0].iloc[0].to_numpy()
    unnamed = fitted([x.to_numpy() for x in frames], static_features=1)
    table = pd.DataFrame(rng.normal(size=(9, 4)), columns=list("abcd"))
    flat = RNNRegressor(3, max_iter=2).fit(table, table["a"])
    renamed = next(pd.DataFrame([values], columns=["a b", "1", "c"]).itertuples(index=False))
    with warnings.catch_warnings(action="error"):
        expected = model.step(values)[0]
        for x in (values.tolist(), tuple(values), pd.Series(values), pl.Series(values), renamed):
            assert model.step(x)[0] == expected
        assert unnamed.step(frames[0].iloc[0])[0] == unnamed.step(values)[0]
        flat.step([0.5])


def test_flat_rows_name_the_covariates_and_then_a_step(rng):
    table = pd.DataFrame(rng.normal(size=(40, 2)), columns=["sales", "promo"])
    table["size"] = 3.0
    window = SlidingWindow(4, layout="flat", static_features="size", min_periods=4)
    windows = window.set_output(transform="pandas").fit_transform(table).iloc[3:]
    model = RNNRegressor(
        3, static_features="size", n_features_per_step=2, max_iter=2, random_state=0
    ).fit(windows, table["sales"].iloc[3:])
    for step_names in (["sales_lag{}", "promo_lag{}"], ["sales", "promo"]):
        state = None
        for lag in range(3, -1, -1):
            values = windows.iloc[0][["size", f"sales_lag{lag}", f"promo_lag{lag}"]]
            x = pd.Series(values.to_numpy(), ["size", *(n.format(lag) for n in step_names)])
            prediction, state = model.step(x, state)
        assert_allclose(prediction, model.predict(windows[:1])[0])
    for names in (
        ["sales", "promo", "size"],
        ["size", "promo", "sales"],
        ["size", "sales_lag3", "promo_lag2"],
    ):
        with pytest.raises(ValueError, match=r"feature names should match .* on \['size', 'sales'"):
            model.step(pd.Series(0.0, names))


@pytest.mark.parametrize("fit_with_names", [False, True])
def test_a_dict_has_no_order(frames, fit_with_names):
    data = frames if fit_with_names else [x.to_numpy() for x in frames]
    model = fitted(data, static_features=1)
    for x in (dict.fromkeys(NAMES, 0.0), [dict.fromkeys(NAMES, 0.0)]):
        with pytest.raises(TypeError, match=r"x is a mapping .* pass pandas.Series\(x\)"):
            model.step(x)
