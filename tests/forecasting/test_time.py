"""Time as users have it: clocks that change, and tables with missing days."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from skrnn import Forecaster

pytestmark = pytest.mark.filterwarnings("ignore:skill_=", "ignore:There are .* training windows")


def of_the_hour(index):
    return 20 + 5 * np.sin(2 * np.pi * index.hour / 24)


@pytest.mark.parametrize("start", ["2024-03-01", "2024-10-01", "2024-03-20", "2024-10-20"])
@pytest.mark.parametrize("freq", ["h", "30min"])
def test_a_day_is_counted_by_the_local_clock(start, freq):
    hours = pd.date_range(start, periods=2000, freq=freq, tz="Europe/Berlin")
    n = 30 * 24 if freq == "h" else 20 * 48
    y = pd.Series(of_the_hour(hours), hours)
    forecast = Forecaster(Ridge(), calibration=0).fit(y[:n]).predict(120)
    assert_allclose(forecast, y[n : n + 120], atol=1e-9)


def test_the_season_begins_with_the_first_hour():
    hours = pd.date_range("2024-03-10 05:00", periods=700, freq="h", tz="Europe/Berlin")
    own = Forecaster(Ridge(), log=False, calibration=0)
    own.fit(pd.Series(of_the_hour(hours), hours))
    assert_allclose(own.seasonal_, of_the_hour(hours[:24]) - 20, atol=1e-9)


def test_another_history_has_the_same_local_clock():
    hours = pd.date_range("2024-03-01", periods=1000, freq="h", tz="Europe/Berlin")
    y = pd.Series(of_the_hour(hours), hours)
    own = Forecaster(Ridge(), calibration=0).fit(y[:600])
    assert_allclose(own.predict(48, y=y[700:900]), y[900:948], atol=1e-9)  # after the change
    own = Forecaster(Ridge(), calibration=0).fit(y[800:])
    assert_allclose(own.predict(48, y=y[500:720]), y[720:768], atol=1e-9)  # long before the fit


class TestMissingDays:
    """Days that neither y nor X has."""

    days = pd.date_range("2024-01-01", periods=100).delete([85, 92])
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"promo": rng.randint(0, 2, 98)}, days)
    y = pd.Series(rng.normal(size=98) + 3 * X["promo"], days)

    def test_are_scored(self):
        own = Forecaster(Ridge()).fit(self.y[:80], self.X[:80])
        filled = self.X.asfreq("D").ffill()
        assert_allclose(own.score(self.y[80:], self.X[80:]), own.score(self.y[80:], filled[80:]))

    def test_are_no_reason_for_a_search_to_fail(self):
        cv = TimeSeriesSplit(2, test_size=10)
        search = GridSearchCV(Forecaster(Ridge()), {"window": [3, 7]}, cv=cv, error_score="raise")
        search.fit(self.y, self.X)
        assert np.isfinite(search.cv_results_["mean_test_score"]).all()

    def test_are_appended(self):
        own = Forecaster(Ridge()).fit(self.y[:80], self.X[:80])
        own.update(self.y[80:95], self.X[80:95])
        assert_allclose(
            own.predict(3, self.X[95:]), own.predict(3, self.X, y=self.y[:95]), rtol=1e-12
        )

    def test_a_label_that_y_has_is_needed(self):
        own = Forecaster(Ridge()).fit(self.y[:80], self.X[:80])
        with pytest.raises(ValueError, match="2024-03-30 00:00:00 is missing"):
            own.score(self.y[80:], self.X[80:].drop(pd.Timestamp("2024-03-30")))
