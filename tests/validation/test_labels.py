"""Labels of a classifier, one for each sequence: their types, containers and errors."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning

from tests.helpers.data import labelled
from tests.helpers.fits import quick, single_steps, unconverged

pytestmark = [pytest.mark.core, unconverged]

N, T, D = 30, 6, 2
LABELS = {
    "strings": np.array(["cat", "dog", "zebra finch"]),
    "objects": np.array(["cat", "dog", "zebra finch"], dtype=object),
    "integers with gaps": np.array([-7, 3, 10**12]),
    "bytes": np.array([2, 7, 250], dtype=np.uint8),
    "floats": np.array([-1.0, 0.0, 2.0]),
    "bools": np.array([False, True]),
}
CONTAINERS = {
    "array": np.asarray,
    "list": lambda y: np.asarray(y).tolist(),
    "tuple": lambda y: tuple(y.tolist()),
    "series": lambda y: pd.Series(y, index=range(5, 5 + len(y))),
    "categorical": pd.Categorical,
    "series of categories": lambda y: pd.Series(y, dtype="category"),
}


@pytest.mark.parametrize(
    ("kind", "container"),
    # scikit-learn reads categories that are bools as floats
    [(k, c) for k in LABELS for c in CONTAINERS if not (k == "bools" and "categor" in c)],
)
def test_labels_of_any_type(rng, kind, container):
    labels = LABELS[kind]
    X, y = labelled(rng, len(labels))
    codes = np.unique(y, return_inverse=True)[1]
    expected = quick().fit(X, codes)
    model = quick().fit(X, CONTAINERS[container](labels[codes]))
    assert_array_equal(model.classes_, labels)
    assert_array_equal(model.parameters_, expected.parameters_)
    predicted = model.predict(X)
    assert_array_equal(predicted, labels[expected.predict(X)])
    assert type(predicted.tolist()[0]) is type(labels.tolist()[0])
    assert model.score(X, CONTAINERS[container](labels[codes])) == expected.score(X, codes)


def put(y, value, dtype=None):
    y = y.astype(dtype or object)
    y[4] = value
    return y


CODES = np.arange(N) % 3
BAD_Y = {
    "None": (lambda y: None, "target y is None"),
    "one class": (lambda y: np.full(N, "a"), r"y has one class only, \['a'\]"),
    "one missing": (
        lambda y: put(y, None),
        "NaN: 1 of 30 labels are missing, first at sample 4",
    ),
    "NaN of objects": (lambda y: put(y, np.nan), "Input y contains NaN: 1 of 30"),
    "NA": (lambda y: put(y, pd.NA), "Input y contains NaN: 1 of 30"),
    "NaT": (lambda y: put(y, pd.NaT), "Input y contains NaN: 1 of 30"),
    "no date": (lambda y: put(CODES, "NaT", "M8[D]"), "Input y contains NaN: 1 of 30"),
    "NA of integers": (lambda y: put(pd.Series(CODES), pd.NA, "Int64"), "Input y contains NaN: 1"),
    "missing category": (lambda y: pd.Categorical(put(y, None)), "Input y contains NaN: 1 of 30"),
    "NaN": (lambda y: put(CODES, np.nan, float), "Input y contains NaN: 1 of 30"),
    "inf": (lambda y: put(CODES, np.inf, float), "Input y contains infinity"),
    "continuous": (lambda y: CODES + 0.5 * (CODES == 1), "Unknown label type: continuous"),
    "complex": (lambda y: CODES + 1j, "Complex data not supported"),
    "4-D": (lambda y: np.zeros((N, T, 1, 1)), "y has 4 dimensions: labels are"),
    "other length": (lambda y: y[1:], "inconsistent numbers of samples"),
    "other steps": (lambda y: np.tile(y, (T + 1, 1)).T, f"y has {T + 1} steps, but X has {T}"),
    "list of other length": (lambda y: [y[:T]] * (N - 1), "inconsistent numbers of samples"),
    "list of other steps": (
        lambda y: [y[:T], y[: T - 1], *[y[:T]] * (N - 2)],
        rf"y\[1\] has {T - 1} steps, but X\[1\] has {T}",
    ),
    "list of columns": (lambda y: [y[:T, np.newaxis]] * N, r"a list of \(n_steps,\) arrays"),
    "list with a scalar": (lambda y: [*[y[:T]] * (N - 1), "a"], r"y\[29\] has 0 dimensions"),
    "list with a missing one": (lambda y: [put(y[:T], None), *[y[:T]] * (N - 1)], "contains NaN"),
}


@pytest.mark.parametrize("name", BAD_Y)
def test_bad_y_is_an_error_and_loses_nothing(rng, name):
    make, message = BAD_Y[name]
    X, y = labelled(rng)
    model = quick().fit(X, y)
    before, expected = dict(vars(model)), model.predict_proba(X)
    with pytest.raises(ValueError, match=message):
        model.fit(X, make(y))
    assert vars(model) == before
    assert_array_equal(model.predict_proba(X), expected)
    fresh = quick()
    with pytest.raises(ValueError, match=message):
        fresh.fit(X, make(y))
    assert vars(fresh) == vars(quick())


@single_steps
@pytest.mark.parametrize("n_features_per_step", [None, D, T * D])
def test_a_column_of_labels_is_raveled_with_a_warning(rng, n_features_per_step):
    X, y = labelled(rng)
    model = quick()
    if n_features_per_step:  # of rows; in the last case, rows of one step
        X = X.reshape(N, -1)
        model.set_params(n_features_per_step=n_features_per_step)
    model.fit(X, y)
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        other = clone(model).fit(X, y[:, np.newaxis])
    assert_array_equal(other.parameters_, model.parameters_)
    assert other.predict(X).shape == (N,)
