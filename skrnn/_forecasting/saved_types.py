"""What files call the private parts of fitted forecasters; these names stay."""

from .._panels.container import Container
from .._panels.dates import Calendar, Ticks
from .._panels.even_clocks import Durations, Integers, Periods
from .._panels.panel import Panel, Series
from .._panels.trading_days import TradingDays
from .._saving.plain import PlainValues
from .calibration import Calibration
from .context import Context
from .covariates import CovariateEncoder, Encoding, Table
from .fitted import Fitted
from .learning import Learned
from .model import ForecastModel
from .settings import Settings
from .shared_season import SharedSeason
from .transformation import Growth, Transformation

PRIVATE = {"_fitted": "forecasts"}
VALUES = PlainValues(
    {
        "forecasts": Fitted,
        "context": Context,
        "panel": Panel,
        "series": Series,
        "container": Container,
        "integers": Integers,
        "even_periods": Periods,
        "durations": Durations,
        "ticks": Ticks,
        "calendar": Calendar,
        "trading_days": TradingDays,
        "model": ForecastModel,
        "settings": Settings,
        "learned": Learned,
        "transformation": Transformation,
        "growth": Growth,
        "shared_season": SharedSeason,
        "calibration": Calibration,
        "covariates": Table,
        "covariate_encoder": CovariateEncoder,
        "encoding": Encoding,
    }
)
