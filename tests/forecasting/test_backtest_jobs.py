"""Backtests whose folds run side by side: the same bits, and little on its way to each of them."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib.parallel import ThreadingBackend
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit

from skrnn import Forecaster, RNNRegressor
from tests.helpers.series import covariates, seasonal, walk

pytestmark = pytest.mark.filterwarnings("ignore:skill_=", "ignore:There are .* training windows")
N = 72
BOTH = pd.DataFrame({"a": seasonal(N), "b": walk(N)})
WIDE = BOTH.where(np.arange(N)[:, np.newaxis] >= [0, 20])  # one begins later
LONG = WIDE.unstack().dropna().rename_axis(["id", "time"])
TABLE = covariates(N)
OF_IDS = pd.concat(dict.fromkeys("ab", TABLE), names=LONG.index.names).loc[LONG.index]
CV = TimeSeriesSplit(4, test_size=6)


def network(**parameters):
    parameters = {"window": 5, **parameters}
    return Forecaster(RNNRegressor(2, alpha=10, max_iter=3, random_state=0), **parameters)


CASES = {
    "a series": (network(), seasonal(N), None),
    "an array": (network(), WIDE.to_numpy(), None),
    "columns": (network(), WIDE, None),
    "columns with covariates": (network(multivariate=True), BOTH, TABLE),
    "ids with covariates": (network(calendar="month"), LONG, OF_IDS),
    "another regressor": (Forecaster(Ridge(), strategy="direct", horizon=3), seasonal(N), TABLE),
}


@pytest.mark.parametrize("backend", ["loky", "threading"])
@pytest.mark.parametrize("case", CASES)
def test_the_bits_are_the_same(case, backend, tmp_path):
    """Also where joblib shares all arrays as files that can't be written to."""
    forecaster, y, X = CASES[case]
    files = {"max_nbytes": 1, "temp_folder": tmp_path} if backend == "loky" else {}
    for refit in (True, 3, False):
        expected = forecaster.backtest(y, X, cv=CV, refit=refit)
        with joblib.parallel_config(backend, **files):
            found = forecaster.backtest(y, X, cv=CV, refit=refit, n_jobs=2)
        assert_frame_equal(found, expected, check_exact=True)
        assert found.attrs == expected.attrs


class Sizes(ThreadingBackend):
    """Threads that get pickles, and note how long these are."""

    def __init__(self, **options):
        super().__init__(**options)
        self.found = []

    def submit(self, func, callback=None):
        sent = pickle.dumps(func)
        self.found.append(len(sent))
        return super().submit(pickle.loads(sent), callback)


def sizes_of(forecaster, *data, **options):
    backend = Sizes()
    with joblib.parallel_config(backend, n_jobs=2):
        forecaster.backtest(*data, **options)
    return backend.found


class TestWhatAFoldCarries:
    def test_is_no_more_than_the_rows_that_it_reads(self):
        """Not windows of 50 rows, and not the rest of y."""
        y = pd.Series(np.random.RandomState(0).normal(size=20_000)).cumsum()
        forecaster = Forecaster(Ridge(), window=50)
        empty = min(sizes_of(forecaster, y[:80], cv=TimeSeriesSplit(2, test_size=3)))
        sizes = sizes_of(forecaster, y, cv=TimeSeriesSplit(3, test_size=10))
        assert all(size < y.nbytes + 2 * empty for size in sizes)
        cv = TimeSeriesSplit(3, test_size=10, max_train_size=500)
        assert all(size < y[:500].nbytes + 2 * empty for size in sizes_of(forecaster, y, cv=cv))

    def test_has_its_own_covariates_only(self):
        y = pd.Series(np.random.RandomState(0).normal(size=5000)).cumsum()
        X = pd.DataFrame(np.random.RandomState(1).normal(size=(5000, 20)))
        cv = TimeSeriesSplit(3, test_size=10, max_train_size=300)
        sizes = sizes_of(Forecaster(Ridge()), y, X, cv=cv)
        assert all(size < 1.2 * X[:310].to_numpy().nbytes for size in sizes)

    def test_has_rows_once_for_all_folds_of_a_fit(self):
        y = pd.Series(np.random.RandomState(0).normal(size=20_000)).cumsum()
        cv = TimeSeriesSplit(20, test_size=10)
        one, twenty = (
            sizes_of(Forecaster(Ridge()), y, cv=own, refit=False)
            for own in (TimeSeriesSplit(2, test_size=10), cv)
        )
        assert len(one) == len(twenty) == 1
        assert twenty[0] < 1.1 * one[0]

    def test_has_nothing_of_an_earlier_fit(self):
        y, cv = seasonal(N), TimeSeriesSplit(2, test_size=3)
        expected = sizes_of(Forecaster(Ridge()), y, cv=cv)
        fitted = Forecaster(Ridge()).fit(pd.Series(np.arange(5000.0)))
        assert max(sizes_of(fitted, y, cv=cv)) < 1.5 * max(expected) < 8 * 5000


def test_the_fits_of_one_backtest_use_all_jobs():
    assert len(sizes_of(network(), seasonal(N), cv=CV)) == 4
    assert len(sizes_of(network(), seasonal(N), cv=CV, refit=2)) == 2


@pytest.mark.parametrize(
    ("n_jobs", "error", "match"),
    [
        (0, ValueError, "n_jobs=0 leaves nobody to fit: pass a number"),
        (1.5, TypeError, "n_jobs=1.5 must be a whole number"),
        ("all", TypeError, "n_jobs='all' must be a whole number"),
        (True, TypeError, "n_jobs=True must be a whole number"),
    ],
)
def test_what_is_no_number_of_jobs(n_jobs, error, match):
    with pytest.raises(error, match=match):
        network().backtest(seasonal(N), n_jobs=n_jobs)


def test_errors_of_a_fold_come_through():
    with pytest.raises(ValueError, match="window=60 needs 62 rows of each series"):
        network(window=60).backtest(seasonal(N), cv=TimeSeriesSplit(2), n_jobs=2)


def test_fits_in_several_threads_at_once_are_those_of_one():
    """As in a worker of a cluster that has several threads."""
    y, forecaster = seasonal(N), network()
    expected = forecaster.backtest(y, cv=CV)["forecast"]
    parallel = joblib.Parallel(4, backend="threading")
    for found in parallel(
        joblib.delayed(lambda: forecaster.backtest(y, cv=CV)["forecast"])() for _ in range(8)
    ):
        assert_array_equal(found, expected)
