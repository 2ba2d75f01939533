"""Pictures of fitted networks and of forecasts, with Matplotlib (``pip install "skrnn[plot]"``)."""

from .attention import AttentionDisplay
from .backtest import BacktestDisplay
from .forecast import ForecastDisplay
from .loss_curve import LossCurveDisplay

__all__ = ["AttentionDisplay", "BacktestDisplay", "ForecastDisplay", "LossCurveDisplay"]
