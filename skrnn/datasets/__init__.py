"""Small time series that come with the package, loaded as in `sklearn.datasets`."""

from ._loaders import load_airline, load_sunspots, load_weather

__all__ = ["load_airline", "load_sunspots", "load_weather"]
