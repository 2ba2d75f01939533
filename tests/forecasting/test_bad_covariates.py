"""Covariates that can't be read, as errors that say which rows or columns are needed."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

from skrnn import Forecaster
from tests.helpers.series import covariates, panel, seasonal

pytestmark = pytest.mark.filterwarnings("ignore:skill_=")
N, MORE = 84, 12
Y, X = seasonal(N), covariates(N + MORE)


def fitted():
    return Forecaster(Ridge()).fit(Y, X[:N])


def panel_and_covariates():
    y = panel(N)
    X = pd.concat({id: covariates(N + MORE, seed=j) for j, id in enumerate("abc")})
    X.index.names = y.index.names
    return y, X


def inside(y, X):
    return X.loc[y.index]


Q = N + 2  # the row of the third step to forecast
BAD = {
    "missing": (lambda: None, r"X is missing.*'price', 'kind'"),
    "too short": (lambda: X[: N + 3], "2017-01-01.*2017-06-01.*2017-04-01"),
    "none of them": (lambda: X[:N], "2017-01-01.*2017-06-01"),
    "a hole": (lambda: X.drop(X.index[Q]), "2017-03-01.*missing"),
    "another day": (lambda: X.shift(freq="D"), "2017-01-01.*2017-06-01.*2010-01-02"),
    "another kind of label": (
        lambda: X.reset_index(drop=True),
        "2017-01-01.*labels of X are integer such as 0, but.*Timestamp",
    ),
    "rows of several series": (lambda: pd.concat({"a": X}), r"X has the levels.*X\.loc\[id\]"),
    "unsorted": (lambda: X[::-1], r"X.*sort_index"),
    "duplicate labels": (lambda: pd.concat([X[:Q], X[Q - 1 :]]), r"2017-02-01.*twice.*groupby"),
    "NaN": (lambda: X.replace({"price": {X["price"].iloc[Q]: np.nan}}), "'price'.*nan.*fill"),
    "inf": (lambda: X.replace({"price": {X["price"].iloc[Q]: np.inf}}), "'price'.*inf.*fill"),
    "no category": (lambda: X.assign(kind=X["kind"].where(X.index != X.index[Q])), "'kind'.*fill"),
    "no text of pandas' strings": (
        lambda: X.assign(kind=X["kind"].astype("string").where(X.index != X.index[Q])),
        "'kind'.*<NA> in row.*fill",
    ),
    "another column": (lambda: X.rename(columns={"kind": "sort"}), "'sort'.*'kind'"),
    "fewer columns": (lambda: X[["price"]], r"columns \['price'\], but.*'kind'\]"),
    "more columns": (lambda: X.assign(more=1.0), "'more'.*'kind'"),
    "text for numbers": (lambda: X.assign(price="high"), "'price'.*held numbers"),
    "an array too short": (lambda: X[N : N + 5].to_numpy(), "5 rows.*6"),
    "an array too long": (lambda: X[N : N + 7].to_numpy(), "7 rows.*6"),
    "an array of other columns": (lambda: X[["price"]][N : N + 6].to_numpy(), "1 columns.*'kind'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_covariates_of_a_forecast(case):
    make, message = BAD[case]
    forecaster = fitted()
    with pytest.raises(ValueError, match=f"(?s){message}"):
        forecaster.predict(6, make())
    with pytest.raises(ValueError, match=f"(?s){message}"):
        forecaster.predict_interval(6, make())


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("too short", "2010-01-01.*2017-05-01.*2017-04-01.*missing"),
        ("a hole", "2010-01-01.*2017-05-01.*2017-03-01.*missing"),
        ("unsorted", "2010-01-01.*2017-05-01.*sort_index"),
        *((case, BAD[case][1]) for case in ("NaN", "fewer columns")),
    ],
)
def test_bad_covariates_after_another_history(case, message):
    """Which needs rows from its first one on."""
    make, _ = BAD[case]
    with pytest.raises(ValueError, match=message):
        fitted().predict(6, make(), y=Y[:-1])


class TestBadFits:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: X[: N - 1], "2016-12-01.*missing"),
            (lambda: X[1:], "2010-01-01.*missing"),
            (lambda: X[:N].drop(X.index[40]), "2013-05-01.*missing"),
            (lambda: X[: N - 1].to_numpy(), f"{N - 1} rows.*{N}"),
            (lambda: X[:N].assign(when=X.index[:N]), "'when'.*times"),
            (lambda: pd.concat([X[:N], X[:N]], axis=1), "'price' twice"),
            (lambda: X[:N].iloc[:, :0], "no columns"),
            (lambda: pd.DataFrame({"c": [1, "a"] * (N // 2)}, Y.index), "'c'.*text and other.*1"),
            (lambda: np.zeros((N, 1, 1)), "3 dimensions"),
        ],
    )
    def test_rows(self, make, message):
        with pytest.raises(ValueError, match=message):
            Forecaster(Ridge()).fit(Y, make())

    def test_covariates_that_the_fit_had_not(self):
        with pytest.raises(ValueError, match="fit had no X"):
            Forecaster(Ridge()).fit(Y).predict(3, X)

    def test_ids(self):
        y, own = panel_and_covariates()
        with pytest.raises(ValueError, match=r"y alone: \['b'\]"):
            Forecaster(Ridge()).fit(y, inside(y, own).drop("b"))
        with pytest.raises(ValueError, match=r"X alone: \['b'\]"):
            Forecaster(Ridge()).fit(y.drop("b"), inside(y, own))
        with pytest.raises(ValueError, match="levels"):
            Forecaster(Ridge()).fit(y, X[:N])
        forecaster = Forecaster(Ridge()).fit(y, inside(y, own))
        with pytest.raises(ValueError, match=r"y alone: \['c'\]"):
            forecaster.predict(2, own.drop("c"))
        with pytest.raises(ValueError, match=r"X alone: \['d'\]"):
            forecaster.predict(2, pd.concat([own, own.loc[["a"]].rename({"a": "d"})]))

    def test_the_series_whose_labels_are_missing(self):
        y, own = panel_and_covariates()
        y = y.drop(("b", Y.index[-1]))
        forecaster = Forecaster(Ridge()).fit(y, inside(y, own))
        later = own[own.index.get_level_values(1) > Y.index[-1]]
        with pytest.raises(ValueError, match=r"needs the labels 2016-12-01.* of series 'b', but"):
            forecaster.predict(2, later)

    def test_static_features(self):
        y, own = panel_and_covariates()
        with pytest.raises(ValueError, match=r"'price'.*isn't constant in series 'a'"):
            Forecaster(Ridge(), static_features=["price"]).fit(y, inside(y, own))
        with pytest.raises(ValueError, match=r"static_features.*no X"):
            Forecaster(Ridge(), static_features=["price"]).fit(y)
        with pytest.raises(ValueError, match=r"static_features.*'size'"):
            Forecaster(Ridge(), static_features="size").fit(y, inside(y, own))

    def test_calendar(self):
        for calendar in ("moth", True):
            with pytest.raises(ValueError, match=rf"calendar.*'month'.*Got {calendar!r}"):
                Forecaster(Ridge(), calendar=calendar).fit(Y)
        with pytest.raises(ValueError, match=r"'moth'.*'month'"):
            Forecaster(Ridge(), calendar=["moth"]).fit(Y)
        with pytest.raises(ValueError, match="dates"):
            Forecaster(Ridge(), calendar="month").fit(Y.to_numpy())


def as_text(form):
    """Prices with two digits, in some way of writing them, beside a column of numbers."""
    price = np.random.RandomState(0).uniform(1000, 3000, N)
    return X[:N].assign(price=[form(value) for value in price])


class TestText:
    """Of more than 20 categories."""

    @pytest.mark.parametrize(
        ("form", "code"),
        [
            ("{:.2f}".format, r"pd\.to_numeric\(X\['price'\]\)"),
            ("{:,.2f}".format, r"pd\.to_numeric\(X\['price'\]\.str\.replace\(',', ''\)\)"),
            (
                lambda value: f"{value:.2f}".replace(".", ","),
                r"pd\.to_numeric\(X\['price'\]\.str\.replace\(',', '\.'\)\)",
            ),
            (
                lambda value: f"{value:,.2f}".translate(str.maketrans(".,", ",.")),
                r"\(X\['price'\]\.str\.replace\('\.', ''\)\.str\.replace\(',', '\.'\)\)",
            ),
            (
                lambda value: "on request" if value > 2950 else f"{value:.2f}",
                r"pd\.to_numeric\(X\['price'\], errors='coerce'\)",
            ),
        ],
    )
    def test_numbers(self, form, code):
        own = as_text(form)
        message = rf"'price' of X holds numbers as text.*'\d[\d.,]+': use .*{code}.*'category'"
        for call in ("fit", "backtest"):
            with pytest.raises(ValueError, match=message):
                getattr(Forecaster(Ridge()), call)(Y, own)
        if "coerce" not in code:
            found = re.search(r"use (.*), or X", str(error_of(own)))
            read = eval(found[1], {"pd": pd, "X": own})
            assert_allclose(read, as_text(float)["price"], atol=0.005)

    def test_numbers_that_are_categories(self):
        own = as_text("{:.2f}".format)
        own["price"] = own["price"].astype("category")
        assert len(Forecaster(Ridge()).fit(Y, own).predict(2, own[:2].set_index(X.index[N:][:2])))
        own["price"] = [f"{i % 20}.5" for i in range(N)]
        Forecaster(Ridge()).fit(Y, own)
        own["price"] = [f"{i % 40}" for i in range(N)]  # shops, say
        Forecaster(Ridge()).fit(Y, own)

    @pytest.mark.filterwarnings("ignore:There are .* training windows", "ignore:.*fit didn't see")
    def test_a_category_for_most_rows(self):
        own = X[:N].assign(note=[f"note {i}" for i in range(N)])
        for call in ("fit", "backtest"):
            with pytest.warns(UserWarning, match=rf"'note' of X is text with {N} categories"):
                getattr(Forecaster(Ridge()), call)(Y, own)
        Forecaster(Ridge()).fit(Y, own.astype({"note": "category"}))
        own["note"] = [f"note {i % 40}" for i in range(N)]
        Forecaster(Ridge()).fit(Y, own)


def error_of(own):
    with pytest.raises(ValueError, match="price") as caught:
        Forecaster(Ridge()).fit(Y, own)
    return caught.value
