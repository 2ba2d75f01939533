"""Covariates that can't be read, as errors that say which rows or columns are needed."""

import numpy as np
import pandas as pd
import pytest
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
    "another kind of label": (lambda: X.reset_index(drop=True), "X.*2017-01-01"),
    "rows of several series": (lambda: pd.concat({"a": X}), r"X has the levels.*X\.loc\[id\]"),
    "unsorted": (lambda: X[::-1], r"X.*sort_index"),
    "duplicate labels": (lambda: pd.concat([X[:Q], X[Q - 1 :]]), r"2017-02-01.*twice.*groupby"),
    "NaN": (lambda: X.replace({"price": {X["price"].iloc[Q]: np.nan}}), "'price'.*nan.*fill"),
    "inf": (lambda: X.replace({"price": {X["price"].iloc[Q]: np.inf}}), "'price'.*inf.*fill"),
    "no category": (lambda: X.assign(kind=X["kind"].where(X.index != X.index[Q])), "'kind'.*fill"),
    "another column": (lambda: X.rename(columns={"kind": "sort"}), "'sort'.*'kind'"),
    "fewer columns": (lambda: X[["price"]], "'price'.*'kind'"),
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
    with pytest.raises(ValueError, match=r"X"):
        forecaster.predict_interval(6, make())


@pytest.mark.parametrize("case", ["too short", "a hole", "NaN", "fewer columns", "unsorted"])
def test_bad_covariates_after_another_history(case):
    make, _ = BAD[case]
    with pytest.raises(ValueError, match="X"):
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
