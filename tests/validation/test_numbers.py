"""Numbers in all containers: what is no number is refused by name, what is missing is NaN."""

import datetime
import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix

from skrnn import (
    RNNClassifier,
    RNNRegressor,
    SequencePadder,
    SequenceScaler,
    SlidingWindow,
    flatten_steps,
    sliding_windows,
)
from skrnn.interop import from_weights
from tests.helpers.data import as_objects
from tests.helpers.fits import quick, small, unconverged

pytestmark = [pytest.mark.core, unconverged]

N, T, D = 8, 4, 2
DAYS = pd.date_range("2024-01-01", periods=N)
LATER = datetime.timedelta(hours=1)
TIMES = {
    "timestamps": DAYS,
    "with a zone": DAYS.tz_localize("Europe/Paris"),
    "dates": [day.date() for day in DAYS],
    "times": [datetime.time(hour) for hour in range(N)],
    "datetimes": np.array(DAYS.to_pydatetime(), dtype=object),
    "periods": DAYS.to_period("D"),
    "time differences": DAYS - DAYS[3],
    "in seconds": (DAYS - DAYS[3]).astype("timedelta64[s]"),
    "with NaT": pd.to_timedelta([1, None] * (N // 2), unit="h"),
    "objects": np.array([LATER * i for i in range(N)], dtype=object),
    "Arrow timestamps": pd.Series(DAYS).astype("timestamp[ns][pyarrow]"),
    "Arrow durations": pd.Series(DAYS - DAYS[0]).astype("duration[ns][pyarrow]"),
    "Arrow dates": pd.Series([day.date() for day in DAYS]).astype("date32[pyarrow]"),
}


def frame_with(values, name="when"):
    return pd.DataFrame({"a": np.arange(float(N)), name: values})


# --- dates, times and time differences ---


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize(
    "call",
    [
        lambda X: small().fit(X, np.arange(float(N))),
        lambda X: quick().fit(X, np.arange(N) % 2),
        lambda X: SlidingWindow(2).fit(X),
        lambda X: SlidingWindow(2, groups="a").fit(X),
        lambda X: sliding_windows(X, 2),
        lambda X: SequenceScaler().fit(X),
        lambda X: SequencePadder().fit(X),
        lambda X: flatten_steps(X),
    ],
    ids=["regressor", "classifier", "window", "groups", "windows", "scaler", "padder", "flatten"],
)
def test_columns_of_times_are_refused_by_name(kind, call):
    with pytest.raises(ValueError, match=r"'when' of (X|series)(, position 0)? holds dates"):
        call(frame_with(TIMES[kind]))


@pytest.mark.parametrize("kind", TIMES)
def test_times_in_lists_of_frames_are_refused_by_name(kind):
    X = [frame_with(TIMES[kind])] * 2
    for call in (lambda: small().fit(X, [0.0, 1.0]), lambda: SequencePadder().fit(X)):
        with pytest.raises(ValueError, match=r"'when' of X\[0\](, position 0)? holds dates"):
            call()


@pytest.mark.parametrize("table", [pl.DataFrame, pa.table])
@pytest.mark.parametrize(
    "values",
    [[LATER * i for i in range(N)], list(DAYS.to_pydatetime()), TIMES["dates"], TIMES["times"]],
    ids=["durations", "datetimes", "dates", "times"],
)
@pytest.mark.parametrize("alone", [True, False])
def test_times_in_tables_of_others_are_refused_by_name(table, values, alone):
    X = table({"when": values} | ({} if alone else {"a": list(range(N))}))
    with pytest.raises(ValueError, match=r"Column 'when' of X(, position 0)? holds dates or times"):
        small().fit(X, np.arange(N))


@pytest.mark.parametrize("unit", ["s", "D", "ns"])
@pytest.mark.parametrize("kind", ["m8", "M8"])
def test_arrays_of_times_are_refused(unit, kind):
    rows = np.arange(N * T).reshape(N, T).astype(f"{kind}[{unit}]")
    for X in (rows, rows[..., np.newaxis], rows.tolist(), list(rows[..., np.newaxis])):
        if isinstance(X, list) and isinstance(X[0], list) and isinstance(X[0][0], int):
            continue  # NumPy lists nanoseconds as integers
        with pytest.raises(ValueError, match=r"^X.*holds dates or times"):
            small().fit(X, np.arange(N))
    for y in (rows[:, 0], rows[..., np.newaxis]):
        with pytest.raises(ValueError, match=r"y holds dates or times.*Targets must be numbers"):
            small().fit(np.zeros((N, T, 1)), y)
    with pytest.raises(ValueError, match="sample_weight holds dates or times"):
        small().fit(np.zeros((N, T, 1)), np.arange(N), sample_weight=rows[:, 0])


def test_the_index_may_hold_dates():
    X = pd.DataFrame({"a_lag1": np.arange(N), "a_lag0": np.arange(1.0, N + 1)}, DAYS)
    small().fit(X, np.arange(N))


# --- what is missing: pd.NA, None, masked ---

MISSING_STEP = {
    "nullable": lambda x: pd.DataFrame(x).astype("Float64"),
    "objects": lambda x: pd.DataFrame(x).astype(object).where(~np.isnan(x), pd.NA),
    "Arrow": lambda x: pd.DataFrame(x).astype("double[pyarrow]"),
    "None": lambda x: np.where(np.isnan(x), None, x),
    "lists": lambda x: [[None if np.isnan(v) else v for v in row] for row in x],
    "polars": lambda x: pl.DataFrame(x, nan_to_null=True),
    "masked": lambda x: np.ma.masked_invalid(x),
}


@pytest.mark.parametrize("kind", MISSING_STEP)
def test_what_is_missing_is_nan_in_every_container(rng, kind):
    X, y = rng.normal(size=(N, T, D)), rng.normal(size=N)
    X[2, 1], X[5, 0] = np.nan, np.nan
    expected = small().fit(list(X), y)
    model = small().fit([MISSING_STEP[kind](x) for x in X], y)
    assert_array_equal(model.parameters_, expected.parameters_)
    rows = X[:, :, 0]
    expected = small().fit(rows, y)
    model = small().fit(MISSING_STEP[kind](rows), y)
    assert_array_equal(model.parameters_, expected.parameters_)


@pytest.mark.parametrize("absent", [pd.NA, None, np.nan])
@pytest.mark.parametrize("container", [list, tuple, lambda v: pd.Series(v, dtype="object")])
def test_missing_targets_and_weights_are_counted(rng, absent, container):
    X, values = rng.normal(size=(N, T, D)), [1.0, 2.0, absent, absent, 5.0, 6.0, 7.0, 8.0]
    with pytest.raises(ValueError, match=r"y contains NaN: 2 of 8 targets .* first at sample 2"):
        small().fit(X, container(values))
    with pytest.raises(ValueError, match=r"y contains NaN: 2 of 8 labels .* first at sample 2"):
        quick().fit(X, container(values))
    for model, y in ((small(), np.arange(N)), (quick(), np.arange(N) % 2)):
        with pytest.raises(ValueError, match="sample_weight contains NaN"):
            model.fit(X, y, sample_weight=container(values))


def test_missing_weights_of_steps_do_not_count_as_zero(rng):
    X = list(rng.normal(size=(N, T, D)))
    weight = [[1.0, pd.NA, 1.0, 1.0]] + [[1.0] * T] * (N - 1)
    for parts in (weight, [np.array(own, dtype=object) for own in weight]):
        with pytest.raises(ValueError, match=r"sample_weight(.0.)? contains NaN"):
            small().fit(X, [x[:, :1] for x in X], sample_weight=parts)


@pytest.mark.parametrize("y", [3, np.float64(0.5), np.array(3), np.array("a"), np.array(None)])
def test_one_value_is_no_y(rng, y):
    X = rng.normal(size=(N, T, D))
    for model in (small(), quick()):
        with pytest.raises(TypeError, match=r"y is .*: pass an array or list with a target for"):
            model.fit(X, y)


def test_masked_targets_have_no_loss(rng):
    X, y = rng.normal(size=(N, T, D)), rng.normal(size=(N, T, 1))
    absent = y > 1
    expected = small().fit(X, np.where(absent, np.nan, y))
    model = small().fit(X, np.ma.masked_array(y, absent))
    assert_array_equal(model.parameters_, expected.parameters_)


def test_masked_numbers_without_nan_are_refused(rng):
    integers = np.ma.masked_array(np.arange(N * T).reshape(N, T), np.eye(N, T, dtype=bool))
    for X in (integers, list(integers[..., np.newaxis])):
        with pytest.raises(ValueError, match=r"X.* is a masked array of int64.*astype\(float\)"):
            small().fit(X, np.arange(N))
    with pytest.raises(ValueError, match="y is a masked array of int64"):
        small().fit(np.zeros((N, T, 1)), integers[:, 0])
    with pytest.raises(ValueError, match="series is a masked array of int64"):
        sliding_windows(integers[:, 0], 2)
    with pytest.raises(ValueError, match="1 of 8 labels are missing, first at sample 0"):
        quick().fit(rng.normal(size=(N, T, 1)), integers[:, 0] % 2)
    plain = np.ma.masked_array(np.arange(N * T).reshape(N, T))  # where nothing is masked
    small().fit(plain / 100, plain[:, 0])


# --- text, complex numbers, and numbers that are too large ---


def test_complex_values_are_refused_everywhere(rng):
    X, y = rng.normal(size=(N, T, D)), rng.normal(size=N)
    for bad in (X + 1j, list(X + 1j), (X + 1j).tolist(), as_objects(list(X + 1j)), X[..., 0] + 1j):
        for call in (lambda X: small().fit(X, y), SequencePadder().fit, SequenceScaler().fit):
            with pytest.raises(ValueError, match=r"Complex data not supported: X.*real and imag"):
                call(bad)
    for bad in (y + 1j, (y + 1j).tolist(), list(X[..., :1] + 1j)):
        with pytest.raises(ValueError, match="Complex data not supported: y"):
            small().fit(X, bad)
    with pytest.raises(ValueError, match="Complex data not supported: sample_weight"):
        small().fit(X, y, sample_weight=y + 1j)
    with pytest.raises(ValueError, match="Complex data not supported: series"):
        sliding_windows((y + 1j).tolist(), 2)


def test_text_is_refused_by_column_and_row(rng):
    y = rng.normal(size=N)
    X = frame_with(["1"] * 3 + ["1,234"] + ["1"] * 4, "price")
    for bad in (X, pl.DataFrame(X.to_dict("list")), X.convert_dtypes(), X.astype("category")):
        for call in (lambda X: small().fit(X, y), SlidingWindow(2).fit, SequencePadder().fit):
            with pytest.raises(ValueError, match=r"'price' of X, position 3: .*'1,234'.*encode"):
                call(bad)
    with pytest.raises(ValueError, match=r"X, row 3, column 1: could not convert.*'1,234'"):
        small().fit(X.to_numpy(), y)
    with pytest.raises(ValueError, match=r"y, position 0: .*Targets must be numbers: RNNClass"):
        small().fit(X[["a"]].to_numpy().repeat(2, axis=1), ["up"] * N)
    with pytest.raises(ValueError, match="sample_weight, position 0: could not convert"):
        small().fit(np.zeros((N, T)), y, sample_weight=["one"] * N)


def test_integers_beyond_floats_are_refused():
    huge = 10**400
    for X, where in (
        ([[huge, 1]] * N, "X, row 0, column 0"),
        ([[[huge]] * T] * N, "X, sample 0, step 0, feature 0"),
        ([np.array([[huge]], dtype=object)] * N, r"X\[0\], row 0, column 0"),
    ):
        with pytest.raises(ValueError, match=f"{where}: the value is too large for a float"):
            small().fit(X, np.arange(N))
    with pytest.raises(ValueError, match="y, position 0: the value is too large"):
        small().fit(np.zeros((N, T, 1)), [huge] * N)


def test_numbers_of_any_kind_are_taken(rng):
    rows = rng.randint(0, 9, size=(N, T))
    expected = small().fit(rows.astype(float), np.arange(N)).parameters_
    for X in (
        rows,
        rows.astype(object),
        [[Decimal(int(v)) for v in row] for row in rows],
        rows.astype(str),
        pd.DataFrame(rows).astype("Int64"),
        pd.DataFrame(rows).astype("int64[pyarrow]"),
        pa.table({str(j): rows[:, j] for j in range(T)}),
        pl.DataFrame(rows),
    ):
        assert_array_equal(small().fit(X, np.arange(N)).parameters_, expected)


def test_long_doubles_beyond_floats_are_infinite_without_a_warning():
    X = np.full((N, T, 1), np.longdouble("1e4000"))
    if not np.isfinite(X).all():
        pytest.skip("long double has the range of double here")
    for call in (lambda: SequenceScaler().fit(X), lambda: small().fit(X, np.arange(N))):
        with pytest.raises(ValueError, match="contains infinity or a value too large"):
            call()


# --- containers ---


@pytest.mark.parametrize("name", ["column_names", "collect", "compute", "to_frame", "shape"])
def test_columns_with_names_of_attributes(rng, name):
    X = pd.DataFrame(rng.randint(9, size=(N, 2)), columns=["a", name])
    for frame in (X, X.astype("Int64")):
        expected = SlidingWindow(2).fit_transform(X.to_numpy())
        assert_array_equal(SlidingWindow(2).fit_transform(frame), expected)
        expected = small().fit(X.to_numpy(), np.arange(N))
        assert_array_equal(small().fit(frame, np.arange(N)).parameters_, expected.parameters_)


class OnlyAnArray:
    """As a foreign tensor that converts itself, and does nothing else."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype=dtype)


def test_a_list_of_what_converts_itself(rng):
    X = [rng.normal(size=(2 + i % 2, 1)) for i in range(N)]
    expected = small().fit(X, np.arange(N)).parameters_
    other = small().fit([OnlyAnArray(x) for x in X], np.arange(N))
    assert_array_equal(other.parameters_, expected)


@pytest.mark.parametrize("make", [small, quick])
def test_targets_and_weights_that_convert_themselves(rng, make):
    X, y, weight = rng.normal(size=(N, T, 1)), np.arange(N) % 2, np.arange(N) + 1
    model = make().fit(X, y, weight)
    expected, score = model.parameters_, model.score(X, y)
    assert_array_equal(model.fit(X, OnlyAnArray(y), OnlyAnArray(weight)).parameters_, expected)
    assert model.score(X, OnlyAnArray(y)) == score


def test_object_arrays_are_read_as_the_lists_of_the_same(rng):
    X, y = rng.normal(size=(N, T, D)), rng.normal(size=N)
    rows, ragged = X[..., 0], [x[: 1 + i % T] for i, x in enumerate(X)]
    for items in (
        [x.tolist() for x in X],
        [x.tolist() for x in X[:1]],
        list(X[:1]),
        list(rows),
        [row.tolist() for row in rows],
        [x.tolist() for x in ragged],
        ragged,
    ):
        own = y[: len(items)]
        expected = small().fit(items, own).parameters_
        assert_array_equal(small().fit(as_objects(items), own).parameters_, expected)


def test_object_arrays_of_targets_are_read_as_the_lists_of_the_same(rng):
    X, y = rng.normal(size=(N, T, D)), rng.normal(size=(N, T, 1))
    expected = small().fit(list(X), list(y)).parameters_
    for items in (list(y), [own.tolist() for own in y]):
        model = small().fit(list(X), as_objects(items))
        assert_array_equal(model.parameters_, expected)


WRONG = {
    "groupby": (
        pd.DataFrame(np.ones((N, 2)), columns=["a", "b"]).groupby("a"),
        "GroupBy.*(groups=|_, fr)",
    ),
    "dict": ({"a": [1.0]}, r"dict.*list\(X.values\(\)\)"),
    "generator": ((i for i in range(3)), r"generator.*list\(X\)"),
    "set": ({1.0, 2.0}, r"set.*list\(X\)"),
    "text": ("abc", "str.*array or list"),
    "nothing": (None, "None"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_other_containers_are_refused_with_the_fix(rng, kind):
    bad, match = WRONG[kind]
    fitted = small().fit(rng.normal(size=(N, T, D)), np.arange(N))
    before = pickle.dumps(fitted)
    for call in (
        lambda X: fitted.fit(X, np.arange(N)),
        fitted.predict,
        SlidingWindow(2).fit,
        SequenceScaler().fit,
        SequencePadder().fit,
        flatten_steps,
    ):
        with pytest.raises(TypeError, match=f"^X is .*{match}"):
            call(bad)
    assert pickle.dumps(fitted) == before


def test_items_of_a_list_that_are_no_sequences_are_named(rng):
    good = list(rng.normal(size=(N - 1, T, D)))
    for bad, match in (
        (None, r"X\[7\] is None"),
        ("abc", r"X\[7\] is a str"),
        (3.0, r"X\[7\] is 3.0"),
        ({}, r"X\[7\] is a dict"),
        (csr_matrix(np.eye(T, D)), r"Sparse data was passed for X\[7\].*toarray"),
    ):
        for call in (
            lambda X: small().fit(X, np.arange(N)),
            SequenceScaler().fit,
            SequencePadder().fit,
            flatten_steps,
        ):
            with pytest.raises(TypeError, match=match):
                call([*good, bad])


def test_cells_that_hold_sequences_are_refused(rng):
    cells = list(rng.normal(size=(N, T)))
    for X in (pd.Series(cells), pd.DataFrame({"a": [pd.Series(own) for own in cells]})):
        with pytest.raises(ValueError, match=r"X, position 0: .*sequence.*Pass a list of"):
            small().fit(X, np.arange(N))


@pytest.mark.parametrize("call", [RNNRegressor().fit, RNNClassifier().fit])
def test_one_series_is_refused_with_the_way_to_windows(call):
    for X in (np.arange(9.0), list(range(9))):
        with pytest.raises(ValueError, match=r"Expected 2D array[\s\S]*skrnn.sliding_windows"):
            call(X, np.arange(9))


def test_one_sequence_is_refused_with_the_way_to_many(rng):
    X = rng.normal(size=(N, T, D))
    with pytest.raises(ValueError, match=r"fitted on 3-D.*One sequence is \[X\], or X\[np.n"):
        small().fit(X, np.arange(N)).predict(X[0])


@pytest.mark.parametrize(
    ("arrays", "match"),
    [
        ((None,), r"arrays\[0\] is None"),
        (("abc",), r"arrays\[0\] is a str"),
        ((3,), r"arrays\[0\] is 3: pass"),
        ((np.ones(N),), r"arrays\[0\]\[0\] is one value"),
    ],
)
def test_flatten_steps_names_its_arguments(arrays, match):
    with pytest.raises((TypeError, ValueError), match=match):
        flatten_steps(np.ones((N, T, 1)), *arrays)
    with pytest.raises(ValueError, match="'n_features_per_step' parameter of flatten_steps"):
        flatten_steps(np.ones((N, T)), n_features_per_step=0)


# --- one step, its state, and weights ---

VALUES = {
    "complex": ([1j, 2.0], ValueError, "Complex data not supported: {}"),
    "complex array": (np.array([1j, 2.0]), ValueError, "Complex data not supported: {}"),
    "None": (None, TypeError, "{} is None"),
    "text": (["last", "first"], ValueError, "{}, position 0: could not convert"),
    "one text": ("last", TypeError, "{} is a str"),
    "times": (np.array([1, 2], "m8[s]"), ValueError, "{} holds dates or times"),
    "huge": ([10**400, 1], ValueError, "{}, position 0: the value is too large"),
    "masked": (np.ma.masked_array([1, 2], [1, 0]), ValueError, "{} is a masked array"),
    "ragged": ([[1.0], [1.0, 2.0]], ValueError, "{} must be an array"),
    "sparse": (csr_matrix(np.eye(2)), TypeError, "Sparse data was passed for {}"),
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("model", [small(hidden_size=2), quick(hidden_size=2)])
def test_steps_states_and_weights_are_numbers(rng, kind, model):
    bad, error, match = VALUES[kind]
    X = rng.normal(size=(N, T, D))
    model = model.fit(X, np.arange(N) % 2)
    before = pickle.dumps(model)
    with pytest.raises(error, match=match.format("x")):
        model.step(bad)
    weights = model.get_weights() | {"layer0.bias": bad}
    with pytest.raises(error, match=match.format(r"weights\['layer0.bias'\]")):
        model.set_weights(weights)
    with pytest.raises(error, match=match.format(r"weights\['layer0.bias'\]")):
        from_weights(weights, model, classes=getattr(model, "classes_", None))
    if bad is not None:
        with pytest.raises(error, match=match.format("state")):
            model.step(X[0, 0], bad)
        with pytest.raises(error, match=match.format("initial_state")):
            model.predict(X[:2], initial_state=bad)
    assert pickle.dumps(model) == before


def test_a_masked_step_is_missing(rng):
    X = rng.normal(size=(N, T, D))
    model = small().fit(X, X[:, -1, 0])
    y, state = model.step(X[0, 0])
    again, same = model.step(np.ma.masked_all(D), state)
    assert again == y
    assert_array_equal(same, state)
