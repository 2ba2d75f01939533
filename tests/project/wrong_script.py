"""A user's script that is wrong in each line, for type checkers. It is never run.

Each comment has what mypy and pyright call the error.
"""

import numpy as np

from skrnn import (
    Forecaster,
    RNNClassifier,
    RNNRegressor,
    Seq2SeqRegressor,
    SequencePadder,
    SlidingWindow,
    TokenEncoder,
    sliding_windows,
)
from skrnn.datasets import load_sunspots


def wrong(X: np.ndarray, y: np.ndarray) -> None:
    RNNRegressor(hidden_units=8)  # call-arg, reportCallIssue
    RNNRegressor("8")  # arg-type, reportArgumentType
    RNNRegressor(8, "gru")  # call-arg, reportCallIssue
    RNNRegressor(cell="gur")  # arg-type, reportArgumentType
    RNNRegressor(activation="sigmoid")  # arg-type, reportArgumentType
    RNNRegressor(loss="mse")  # arg-type, reportArgumentType
    RNNRegressor(solver="Adam")  # arg-type, reportArgumentType
    RNNRegressor(alpha="none")  # arg-type, reportArgumentType
    RNNRegressor(learning_rate=0.01)  # arg-type, reportArgumentType
    RNNRegressor().fit(X)  # call-arg, reportCallIssue
    RNNRegressor().predict(X, return_state=True).sum()  # attr-defined, reportAttributeAccessIssue
    RNNRegressor().fit(X, y).predict(X).append(1)  # attr-defined, reportAttributeAccessIssue
    RNNRegressor().fit(X, y).generate(X)  # call-arg, reportCallIssue
    RNNClassifier(loss="huber")  # call-arg, reportCallIssue
    RNNClassifier(class_weight="equal")  # arg-type, reportArgumentType
    RNNClassifier().predict_proba(X, return_state="yes")  # call-overload, reportCallIssue
    Seq2SeqRegressor(solver="lm")  # arg-type, reportArgumentType
    Seq2SeqRegressor(attention="additive")  # arg-type, reportArgumentType
    Forecaster(season="yearly")  # arg-type, reportArgumentType
    Forecaster(calendar=["week"])  # list-item, reportArgumentType
    Forecaster(strategy="rectify")  # arg-type, reportArgumentType
    SlidingWindow(spacing=2)  # call-arg, reportCallIssue
    SlidingWindow(layout="table")  # arg-type, reportArgumentType
    SlidingWindow().set_output(transform="pyarrow")  # arg-type, reportArgumentType
    SequencePadder(side="top")  # arg-type, reportArgumentType
    TokenEncoder("words")  # arg-type, reportArgumentType
    sliding_windows(y, length="3")  # arg-type, reportArgumentType
    print(load_sunspots(return_X_y=True).data)  # attr-defined, reportAttributeAccessIssue
