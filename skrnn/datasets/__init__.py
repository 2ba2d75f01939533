"""Small time series and a text that come with the package, loaded as in `sklearn.datasets`."""

from ._loaders import load_airline, load_sunspots, load_weather
from ._texts import load_alice

__all__ = ["load_airline", "load_alice", "load_sunspots", "load_weather"]
