"""Forecasts of series: transformations, windows, recursion, intervals, backtests."""
