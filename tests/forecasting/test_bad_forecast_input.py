"""What can't be forecast gets an error with the parameter, the value and the fix."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline

from skrnn import Forecaster
from tests.helpers.series import months, panel, seasonal, walk

pytestmark = pytest.mark.filterwarnings("ignore:skill_=", "ignore:There are .* training windows")
N = 72
Y = seasonal(N)


def linear(**parameters):
    return Forecaster(Ridge(), **parameters)


def replaced(row, value, y=Y):
    y = y.copy()
    y.iloc[row] = value
    return y


def at(index):
    return pd.Series(Y.to_numpy(), index)


FITS = {
    "unsorted": (lambda: Y[::-1], r"y.*2015-12-01.*2015-11-01.*sort_index"),
    "duplicate": (lambda: pd.concat([Y[:9], Y[8:]]), r"y.*2010-09-01.*twice.*groupby"),
    "no frequency": (
        lambda: at(months(N)[:-1].append(pd.DatetimeIndex(["2015-12-05"]))),
        r"y.*'MS'.*2015-12-05.*asfreq.*reset_index\(drop=True\)",
    ),
    "hours off the grid": (
        lambda: at(pd.date_range("2024-01-01", periods=N, freq="h") + pd.to_timedelta(
            np.where(np.arange(N) == 7, 7, 0), "min")),
        r"y.*'h'.*07:07.*asfreq",
    ),
    "numbers that could be days but for one": (lambda: at(np.arange(20230131, 20230131 + N)), None),
    "counted rows from 202301 on": (lambda: at(pd.RangeIndex(202301, 202301 + N))[:9], None),
    "uneven integers": (lambda: at(np.r_[0:70, 75, 83]), None),
    "naive clock in spring": (
        lambda: at(pd.date_range("2024-03-30", periods=N + 1, freq="h").drop("2024-03-31 02:00")),
        r"y.*2024-03-31 02:00.*tz_localize",
    ),
    "naive clock in autumn": (
        lambda: at(pd.date_range("2024-10-26", periods=N, freq="h", tz="Europe/Berlin")
                   .tz_localize(None)),
        r"y.*2024-10-27 02:00.*tz_localize",
    ),
    "days as numbers": (
        lambda: at(pd.date_range("2023-01-31", periods=N).strftime("%Y%m%d").astype(int)),
        r"y, such as 20230131,.*y\.index = pd\.to_datetime\(y\.index\.astype\(str\), "
        r"format='%Y%m%d'\).*reset_index\(drop=True\)",
    ),
    "months as numbers": (
        lambda: at(months(N).strftime("%Y%m").astype("uint32")),
        r"y, such as 201001,.*y\.index = pd\.PeriodIndex\(y\.index\.astype\(str\), freq='M'\)",
    ),
    "days as numbers, with ids": (
        lambda: panel().rename(lambda month: int(f"{month:%Y%m}"), level=1),
        r"of y, such as 201001,.*before an id is added",
    ),
    "quarters as text": (
        lambda: at(pd.period_range("2000Q1", periods=N, freq="Q").astype(str)),
        r"'2000Q1'.*y\.index = pd\.PeriodIndex\(y\.index, freq='Q'\)",
    ),
    "months as text": (
        lambda: at(months(N).strftime("%Y%m")),
        r"'201001'.*pd\.PeriodIndex\(y\.index, freq='M'\)",
    ),
    "days first": (
        lambda: at(pd.date_range("2023-01-01", periods=N).strftime("%d.%m.%Y")),
        r"'01.01.2023'.*pd\.to_datetime\(y\.index, dayfirst=True\)",
    ),
    "dates as text": (
        lambda: at(pd.date_range("2023-01-01", periods=N).strftime("%m/%d/%Y")),
        r"'01/01/2023'.*pd\.to_datetime\(y\.index\);",
    ),
    "days in a column of text": (
        lambda: pd.DataFrame({"Date": months(N).strftime("%d.%m.%Y"), "Open": range(N)}),
        r"'Date' of y holds dates as text, such as '01.01.2010'.*"
        r"y\.set_index\(pd\.to_datetime\(y\['Date'\]\)\)\['Open'\]",
    ),
    "quarters in a column of text": (
        lambda: pd.DataFrame({"q": ["2000Q1", "2000Q2"] * 9, "Open": 1.0}),
        r"'q' of y.*y\.set_index\(pd\.PeriodIndex\(y\['q'\], freq='Q'\)\)\['Open'\]",
    ),
    "ids in a column": (
        lambda: pd.DataFrame({"shop": "no 1", "Open": range(N)}),
        r"'shop' of y holds text.*set_index\(\['shop', time\]\)",
    ),
    "ids in a column of pandas' strings": (
        lambda: pd.DataFrame(
            {"shop": pd.array(["no 1"] * 9 + [pd.NA], "string"), "Open": range(10)}
        ),
        r"'shop' of y holds text.*set_index\(\['shop', time\]\)",
    ),
    "infinity": (lambda: replaced(9, np.inf), "y.*infinite.*row 9.*NaN"),
    "text": (lambda: Y.astype(str), "y.*text.*astype"),
    "thousands": (
        lambda: (Y * 100).map("{:,.2f}".format),
        r"text.*is '\d,\d{3}\.\d\d' at 2010-01-01.*"
        r"use pd\.to_numeric\(y\.str\.replace\(',', ''\)\), or .*read_csv\(\.\.\., thousands=','\)",
    ),
    "decimal commas": (
        lambda: Y.map("{:.2f}".format).str.replace(".", ","),
        r"text.*at 2010-01-01.*\(y\.str\.replace\(',', '\.'\)\).*decimal=','\)",
    ),
    "text for what is missing": (
        lambda: replaced(7, "n/a", Y.astype(object)),
        r"text.*is 'n/a' at 2010-08-01.*pd\.to_numeric\(y, errors='coerce'\).*na_values=\['n/a'\]",
    ),
    "numbers as text in a column": (
        lambda: pd.DataFrame({"Open": replaced(7, "-", Y.astype(str))}),
        r"'Open' of y.*is '-' at 2010-08-01.*pd\.to_numeric\(y\['Open'\], errors='coerce'\)",
    ),
    "numbers as text in a list": (
        lambda: ["1.5", "2", "?"] * 20,
        r"text.*is '\?' in row 2.*pd\.to_numeric\(pd\.Series\(y\), errors='coerce'\)",
    ),
    "list of text": (lambda: ["1", "2", "3"] * 20, "y.*text.*astype"),
    "categories": (lambda: (Y > 20).astype("category"), "y.*categories.*RNNClassifier"),
    "booleans": (lambda: Y > 20, "y.*booleans"),
    "complex": (lambda: Y.to_numpy() * 1j, "y.*complex"),
    "dates": (lambda: pd.Series(months(N)), "y.*dates"),
    "empty list": (list, "y is empty"),
    "empty series": (lambda: Y[:0], "y is empty"),
    "all missing": (lambda: Y * np.nan, f"y has no values: all {N}"),
    "a missing column": (lambda: pd.DataFrame({"a": Y, "b": np.nan}), "'b' of y has no values"),
    "a missing series": (lambda: panel().where(lambda s: s.index.get_level_values(0) != "b"),
                         "'b' of y has no values"),
    "three dimensions": (lambda: np.zeros((9, 2, 2)), "y.*3 dimensions"),
    "no dimension": (lambda: 3.0, "y.*0 dimensions"),
    "columns twice": (lambda: pd.concat([Y, Y], axis=1), "y.*'sales' twice"),
    "dates first": (lambda: panel().swaplevel(), r"y.*\(id, time\).*swaplevel"),
    "three levels": (lambda: pd.concat({1: panel()}), "y.*levels"),
    "a table with ids": (lambda: panel().to_frame(), r"y\['sales'\]"),
    "an id that is missing": (lambda: panel().rename({"b": np.nan}, level=0), "y.*no id"),
}  # fmt: skip


@pytest.mark.parametrize("case", FITS)
def test_what_fit_refuses(case):
    make, message = FITS[case]
    forecaster = linear()
    if message is None:  # gaps of integers are missing labels
        assert not np.isnan(forecaster.fit(make()).predict(3)).any()
        return
    with pytest.raises(ValueError, match=f"(?s){message}"):
        forecaster.fit(make())
    assert not hasattr(forecaster, "regressor_")
    with pytest.raises(ValueError, match=f"(?s){message}"):
        forecaster.backtest(make())


@pytest.mark.parametrize("model", [LogisticRegression(), make_pipeline(LogisticRegression())])
def test_classifiers(model):
    for call in ("fit", "backtest"):
        with pytest.raises(ValueError, match=r"regressor=.*must be a regressor.*classifier"):
            getattr(Forecaster(model), call)(Y)


def test_arguments_in_the_order_of_other_estimators():
    X, y = pd.DataFrame({"price": walk(N), "promo": 1.0 * (np.arange(N) % 5 == 0)}, Y.index), Y
    for call in ("fit", "backtest"):
        with pytest.warns(
            UserWarning, match=r"y has 2 columns, and X is one series: y comes first"
        ):
            getattr(linear(), call)(X, y)
        with pytest.warns(UserWarning, match=r"y has 1 column, and X is one series: y comes"):
            getattr(linear(), call)(X[["promo"]], y)
        getattr(linear(), call)(X, y.to_frame())
        getattr(linear(), call)(y, X)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (None, TypeError, "y is None: pass an array"),
        ("sales", TypeError, "y is a str, which can't become an array"),
        ({"a": [1, 2]}, TypeError, r"y is a dict, .*: pass list\(y\.values\(\)\), or a DataFrame"),
        (3 + 4j, ValueError, "y has complex values"),
    ],
)
def test_what_is_no_series(y, error, message):
    with pytest.raises(error, match=message):
        linear().fit(y)


class TestFewRows:
    """A fit needs a window and 2 rows more."""

    @pytest.mark.parametrize(
        ("settings", "needed"),
        [
            ({}, 14),
            ({"difference": 2}, 16),
            ({"deseasonalize": "difference"}, 26),
            ({"strategy": "direct", "horizon": 5}, 18),
        ],
    )
    @pytest.mark.filterwarnings("ignore:season=12 takes")
    def test_rows_needed_and_rows_given(self, settings, needed):
        short = linear(window=12, season=12, **settings)
        with pytest.raises(
            ValueError, match=rf"window=12.*{needed} rows.*y has {needed - 1}.*short"
        ):
            short.fit(walk(needed - 1))
        assert not np.isnan(short.fit(walk(needed)).predict(3)).any()

    def test_leading_and_trailing_gaps_do_not_count(self):
        y = walk(20)
        y.iloc[[0, 1, 2, -1, -2, -3, -4]] = np.nan
        with pytest.raises(ValueError, match=r"14 rows.*13"):
            linear(window=12).fit(y)

    def test_a_table_of_rows_that_are_series(self):
        y = np.ones((10, 40))
        message = r"needs 14 rows.*y has 10 rows and 40 columns; rows are time steps: pass y\.T"
        with pytest.raises(ValueError, match=message):
            linear(window=12).fit(y)
        linear(window=12).fit(y.T)

    def test_the_series_is_named(self):
        y = pd.concat([panel(30, "ab"), panel(11, ["short"])])
        with pytest.raises(ValueError, match=r"14 rows.*series 'short' of y has 11"):
            linear(window=12).fit(y)

    @pytest.mark.parametrize(
        ("settings", "y", "message"),
        [
            ({}, panel(2, "ab"), r"window=1 needs 3 .*has 2: leave these series out, or use more"),
            ({}, walk(2), r"window=1 needs 3 .*y has 2: use more rows\.$"),
            ({"difference": 9}, walk(9), r"window=3 needs 14 .*y has 9: use more rows\.$"),
            ({"window": 2}, walk(3), r"window=2 needs 4 .*y has 3: shorten the window, or use"),
            ({"window": 2}, panel(3, "ab"), "shorten the window, or leave these series out"),
        ],
    )
    def test_a_window_is_shortened_only_where_that_helps(self, settings, y, message):
        with pytest.raises(ValueError, match=message) as caught:
            linear(**settings).fit(y)
        if "shorten" in str(caught.value):
            linear(window=1, calibration=0).fit(y)

    def test_another_history_needs_a_window(self):
        forecaster = linear(window=12, difference=1).fit(Y)
        with pytest.raises(ValueError, match=r"13 rows.*y has 12"):
            forecaster.predict(3, y=Y[:12])
        assert len(forecaster.predict(3, y=Y[:13])) == 3

    @pytest.mark.parametrize("difference", [0, 1])
    def test_gaps_may_leave_no_target(self, difference):
        y = Y.where(np.arange(N) % 2 == 0) if difference else Y.where(np.arange(N) < 9)
        y.iloc[-1 - difference] = 20.0
        settings = {"window": 12, "difference": difference}
        if difference:
            with pytest.raises(ValueError, match=r"window=12.*gap.*interpolate"):
                linear(**settings).fit(y)
        else:
            assert not linear(**settings).fit(y).predict(3).isna().any()

    def test_gaps_may_leave_no_target_before_the_calibration(self):
        y = Y.copy()
        y.iloc[2:50] = np.nan
        forecaster = linear(window=6).fit(y)
        assert forecaster.skill_ is None
        with pytest.raises(ValueError, match=r"residuals.*calibration=0.4"):
            forecaster.predict_interval(2)


class TestLogarithm:
    @pytest.mark.parametrize("value", [0.0, -3.5])
    def test_needs_positive_values(self, value):
        with pytest.raises(ValueError, match=rf"y is {value:g} at 2011-06-01.*log=True.*log=False"):
            linear(log=True).fit(replaced(17, value))
        y = pd.DataFrame({"a": Y, "b": replaced(17, value)})
        with pytest.raises(ValueError, match=f"'b' of y is {value:g} at 2011-06-01"):
            linear(log=True).fit(y)

    @pytest.mark.parametrize("log", [True, "auto"])
    def test_needs_them_later_as_well(self, log):
        t = np.arange(N)
        y = pd.Series(np.exp(0.05 * t) * (2 + np.sin(t)), months(N))
        forecaster = linear(log=log).fit(y[:60])
        assert forecaster.log_
        later = y[60:].copy()
        later.iloc[3] = -1.0
        before = forecaster.predict(4)
        for call in (
            lambda: forecaster.update(later),
            lambda: forecaster.predict(2, y=pd.concat([y[:60], later])),
        ):
            with pytest.raises(ValueError, match=r"y is -1 at 2015-04-01.*logarithm.*log=False"):
                call()
        assert_array_equal(forecaster.predict(4), before)


class TestForecasts:
    @pytest.mark.parametrize("steps", [0, -3])
    def test_there_is_one_step_at_least(self, steps):
        with pytest.raises(ValueError, match=f"steps={steps} must be at least 1"):
            linear().fit(Y).predict(steps)

    @pytest.mark.parametrize("steps", ["2015-12", "2010-01", pd.Timestamp("2015-12-01")])
    def test_steps_begin_after_the_end(self, steps):
        message = rf"steps={re.escape(repr(steps))}.* is not after end_=2015-12-01"
        with pytest.raises(ValueError, match=message):
            linear().fit(Y).predict(steps)

    @pytest.mark.parametrize(
        ("steps", "error", "message"),
        [
            (None, TypeError, "steps=None must be a whole number of steps or the last label"),
            (True, TypeError, "steps=True must be a whole number of steps or the last label"),
            ("soon", ValueError, "steps='soon' is no date"),
        ],
    )
    def test_steps_that_are_none(self, steps, error, message):
        with pytest.raises(error, match=message):
            linear().fit(Y).predict(steps)

    @pytest.mark.parametrize(
        ("steps", "kind"),
        [
            (Y[-3:], r"Series of shape \(3,\)"),
            (Y.to_frame(), r"DataFrame of shape \(72, 1\)"),
            (Y.to_numpy(), r"ndarray of shape \(72,\)"),
            (months(14), r"DatetimeIndex of shape \(14,\)"),
            ([3], "list of length 1"),
        ],
    )
    def test_what_is_passed_in_the_place_of_steps(self, steps, kind):
        """Without the data in the text."""
        message = f"steps is a {kind}: pass a number of steps, or the label of the last one, first"
        with pytest.raises(TypeError, match=message) as error:
            linear().fit(Y).predict(steps)
        assert len(str(error.value)) < 140

    @pytest.mark.parametrize("steps", [5.0, np.float32(5), np.nan])
    def test_steps_that_are_floats(self, steps):
        with pytest.raises(TypeError, match=f"steps={steps} is a float: pass an int"):
            linear().fit(Y).predict(steps)

    def test_how_a_text_was_read(self):
        y = pd.Series(Y.to_numpy(), pd.date_range("2023-01-20", periods=N))  # to 2023-04-01
        wanted = r"steps='03.04.2023', read as 2023-03-04 00:00:00, is not after end_=2023-04-01"
        with pytest.raises(ValueError, match=wanted):
            linear().fit(y).predict("03.04.2023")

    @pytest.mark.parametrize("coverage", [0, 1, -0.5, 90, "wide", None, np.nan, True])
    def test_coverage(self, coverage):
        with pytest.raises(ValueError, match=f"coverage={coverage!r} must be between 0 and 1"):
            linear().fit(Y).predict_interval(3, coverage=coverage)

    @pytest.mark.parametrize(
        ("quantiles", "message"),
        [
            ([0.1, 1], "quantiles=1 must be between 0 and 1"),
            ([0.0], "quantiles=0.0 must be between 0 and 1"),
            ([], "quantiles is empty: pass probabilities"),
            ([10, 50], "quantiles=10 must be between 0 and 1"),
            (1.0, "quantiles=1.0 must be between 0 and 1"),
            (["median"], "quantiles='median' must be between 0 and 1"),
        ],
    )
    def test_quantiles(self, quantiles, message):
        with pytest.raises(ValueError, match=message):
            linear().fit(Y).predict_quantiles(3, quantiles=quantiles)

    def test_before_fit(self):
        for call in (
            lambda own: own.predict(1),
            lambda own: own.predict_interval(1),
            lambda own: own.predict_quantiles(1),
            lambda own: own.predict_insample(),
            lambda own: own.update(Y),
            lambda own: own.score(Y),
            lambda own: own.training_windows(Y),
        ):
            with pytest.raises(NotFittedError):
                call(linear())

    def test_no_calibration_no_intervals(self):
        with pytest.raises(ValueError, match="calibration=0 "):
            linear(calibration=0).fit(Y).predict_interval(3)

    def test_histories_of_another_form(self):
        y = pd.DataFrame({"a": Y, "b": walk(N)})
        for own, other, message in [
            (Y, panel(), "form|level"),
            (
                panel(),
                Y,
                r"form|level|no ids, but .* keep the id in the index, as in y\[\['id'\]\]",
            ),
            (y, Y, "form|column"),
            (Y, Y.to_numpy(), "index"),
            (Y, Y.reset_index(drop=True), "labels of y"),
        ]:
            for method in ("score", "update"):
                with pytest.raises(ValueError, match=message):
                    getattr(linear().fit(own), method)(other)
            if other is not Y or own is not y:
                with pytest.raises(ValueError, match=message):
                    linear().fit(own).predict(2, y=other)


class TestFolds:
    @pytest.mark.parametrize(
        ("refit", "error"),
        [*((n, ValueError) for n in (-1, 0)), *((own, TypeError) for own in (0.5, "yes", None))],
    )
    def test_refit(self, refit, error):
        with pytest.raises(error, match=f"refit={refit!r} must be"):
            linear().backtest(Y, refit=refit)

    def test_splits_that_mix_past_and_future(self):
        with pytest.raises(ValueError, match=r"cv.*TimeSeriesSplit"):
            linear().backtest(Y, cv=5)

    @pytest.mark.parametrize(
        ("fold", "message"),
        [
            ((range(50), []), "no rows to forecast in fold 1"),
            (([], range(50)), "no rows to fit on in fold 1"),
            ((range(50), np.zeros(N, bool)), "no rows to forecast in fold 1"),
            ((np.ones(9, bool), range(50, 52)), rf"mask.*\(9,\).*fit on in fold 1.*{N} rows"),
            ((range(50), [50.0]), r"\[50.0\].*forecast in fold 1.*numbers"),
            ((range(50), [50, N]), f"row {N} .*forecast in fold 1.*0 to {N - 1}"),
        ],
    )
    def test_folds_that_hold_no_rows_of_y(self, fold, message):
        with pytest.raises(ValueError, match=message):
            linear().backtest(Y, cv=[(range(40), range(40, 44)), fold])

    def test_no_folds(self):
        with pytest.raises(ValueError, match="cv has no folds"):
            linear().backtest(Y, cv=[])

    @pytest.mark.parametrize("cv", [None, TimeSeriesSplit(2, test_size=3)])
    def test_too_few_rows(self, cv):
        with pytest.raises(
            ValueError, match=r"cv=TimeSeriesSplit\(.*\) can't split the 5 rows of y"
        ):
            linear().backtest(Y[:5], cv=cv)

    def test_parameters(self):
        with pytest.raises(ValueError, match="'window' parameter"):
            linear(window="all").backtest(Y)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"strategy": "direct"}, "horizon"),
            ({"horizon": 3}, "horizon=3.*direct"),
            ({"multivariate": True}, "multivariate=True.*unstack"),
        ],
    )
    def test_parameters_that_do_not_go_together(self, settings, message):
        with pytest.raises(ValueError, match=message):
            linear(**settings).fit(panel())


class TestNothingChanges:
    """A fit or an update that fails leaves the forecaster as it was."""

    @pytest.mark.parametrize(
        ("fail", "message"),
        [
            (lambda own: own.fit(replaced(3, np.inf)), "y has an infinite value, in row 3"),
            (
                lambda own: own.fit(Y[:4].reset_index(drop=True), np.zeros((9, 1))),
                "X has 9 rows, but 4 are needed",
            ),
            (lambda own: own.set_params(log=True).fit(-Y), "y is -.*logarithm.*log=False"),
            (lambda own: own.update(Y), "y begins at 2010-01-01.*, which is not after"),
            (lambda own: own.update(Y[-3:]), "y begins at 2015-10-01.*, which is not after"),
            (lambda own: own.update(seasonal(80)[-3:].astype(str)), "y holds text"),
            (
                lambda own: own.update(-seasonal(80)[-8:], np.zeros((8, 1))),
                "X was passed, but fit had no X",
            ),
            (
                lambda own: own.set_params(window=10**6).update(seasonal(80)[-8:], refit=True),
                "window=1000000 needs 1000002 rows.*y has 80",
            ),
        ],
    )
    def test_after_an_error(self, fail, message):
        forecaster = linear(window=6).fit(Y)
        before = forecaster.predict_interval(5)
        state = pickle.dumps(forecaster._fitted)
        with pytest.raises(ValueError, match=message):
            fail(forecaster)
        assert_array_equal(forecaster.predict_interval(5), before)
        assert pickle.dumps(forecaster._fitted) == state
        assert forecaster.end_ == Y.index[-1]


class NotANumber(Ridge):
    """Predicts NaN from windows that hold its third forecast."""

    def predict(self, X):
        self.n_calls_ = getattr(self, "n_calls_", 0) + 1
        return np.full(len(X), np.nan if self.n_calls_ == 3 else 0.0)


def test_a_regressor_that_predicts_nan():
    own = Forecaster(NotANumber(), calibration=0).fit(seasonal(40))
    with pytest.raises(ValueError, match="regressor predicts NaN 3 steps ahead"):
        own.predict(5)
