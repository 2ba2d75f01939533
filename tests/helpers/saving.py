"""Fitted estimators of all kinds, and what they give: for tests of files."""

import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

from skrnn import (
    Forecaster,
    RNNClassifier,
    RNNRegressor,
    RowsToSequences,
    Seq2SeqClassifier,
    Seq2SeqRegressor,
    SequencePadder,
    SequencePatcher,
    SequenceScaler,
    SlidingWindow,
    TokenEncoder,
)
from skrnn.cells import JordanCell

FAST = {"hidden_size": 3, "alpha": 1.0, "max_iter": 3, "random_state": 0}
ADAM = {**FAST, "solver": "adam", "cell": "gru"}

RNG = np.random.RandomState(0)
X = RNG.normal(size=(24, 6, 2))
ROWS, TOKENS = X.reshape(24, 12), RNG.randint(0, 5, (24, 8, 1))
Y = X[:, :, 0].sum(axis=1)
LABELS = np.where(Y > 0, "up", "down")
WORDS = [list("ab"), list("abb")] * 12
TEXTS = ["to be or not to be", "that is the question of a long text with many more words"]
DAYS = pd.date_range("2020-01-01", periods=40, freq="D")
FRAME = pd.DataFrame({"price": np.sin(np.arange(40.0)), "volume": np.arange(40.0)}, DAYS)
GROUPS = FRAME.assign(volume=["a", "b"] * 20).rename(columns={"volume": "shop"})
MONTHS = pd.date_range("2015-01-01", periods=60, freq="MS", tz="Europe/Berlin")
WALK = np.cumsum(RNG.normal(size=60)) + RNG.normal(size=60)
SERIES = pd.Series(np.sin(np.arange(60) * np.pi / 6) + WALK, MONTHS, name="sales")
WIDE = pd.DataFrame({"north": SERIES, "south": SERIES[::-1].to_numpy()})
BY_ID = pd.concat({"a": SERIES, "b": 2 * SERIES[:50]}, names=["shop", "month"])
COVARIATES = pd.DataFrame({"open": list("yn") * 30, "price": np.arange(60.0)}, MONTHS)

WAVE = pd.Series(20 + 5 * np.sin(np.arange(60) * np.pi / 6), MONTHS)
WITH_SHORT = pd.concat({"long": WAVE, "short": WAVE[-15:]}, names=["shop", "month"])
NEW = pd.concat({"new": WAVE[-10:]}, names=["shop", "month"])


def _forecaster(**parameters):
    return Forecaster(RNNRegressor(**FAST), window=4, **parameters)


# name → the unfitted estimator, what `fit` gets, and what the fitted estimator gives
CASES = {
    "regressor": (RNNRegressor(**FAST), (X, Y), lambda e: e.predict(X)),
    "linear part": (RNNRegressor(**{**FAST, "alpha": "auto"}), (X, Y), lambda e: e.predict(X)),
    "per step": (RNNRegressor(**ADAM), (X, X), lambda e: e.predict(X)),
    "float32": (RNNRegressor(**ADAM), (X.astype("f4"), Y), lambda e: e.predict(X.astype("f4"))),
    "poisson": (RNNRegressor(**FAST, loss="poisson"), (X, abs(Y)), lambda e: e.predict(X)),
    "absolute": (RNNRegressor(**FAST, loss="absolute_error"), (X, Y), lambda e: e.predict(X)),
    "huber": (RNNRegressor(**FAST, loss="huber", huber_delta=0.5), (X, Y), lambda e: e.predict(X)),
    "quantiles": (
        RNNRegressor(**FAST, loss="quantile", quantile=[0.1, 0.9]),
        (X, Y),
        lambda e: e.predict(X),
    ),
    "Jordan": (RNNRegressor(**FAST, cell=JordanCell(0.3)), (X, Y), lambda e: e.predict(X)),
    "static": (
        RNNRegressor(**FAST, static_features=[2]),
        (np.dstack([X, np.broadcast_to(Y[:, None, None], (24, 6, 1))]), Y),
        lambda e: e.predict(np.ones((2, 6, 3))),
    ),
    "classifier": (RNNClassifier(**FAST), (X, LABELS), lambda e: e.predict_proba(X)),
    "three classes": (RNNClassifier(**ADAM), (X, np.digitize(Y, [-1, 1])), lambda e: e.predict(X)),
    "multilabel": (RNNClassifier(**ADAM), (X, (X > 0).astype(int)), lambda e: e.predict_proba(X)),
    "tokens": (
        RNNClassifier(**ADAM, embedding_size=2),
        (TOKENS,),
        lambda e: e.predict_proba(TOKENS),
    ),
    "encoder-decoder": (Seq2SeqRegressor(**FAST), (X, X[:, :3]), lambda e: e.predict(X)),
    "labels": (Seq2SeqClassifier(**FAST), (X, WORDS), lambda e: e.predict(X)),
    "windows": (SlidingWindow(4), (FRAME[:30],), lambda e: e.transform(FRAME[30:])),
    "windows of rows": (SlidingWindow(4), (ROWS,), lambda e: e.set_params(context="continue")
                        .transform(ROWS)),
    "windows of groups": (
        SlidingWindow(4, groups="shop"),
        (GROUPS[:30],),
        lambda e: e.transform(GROUPS[30:]),
    ),
    "words": (TokenEncoder(), (TEXTS,), lambda e: e.transform(TEXTS)),
    "tokens of lists": (TokenEncoder(), ([[3, 1], [2]],), lambda e: e.inverse_transform([[1, 2]])),
    "scaler": (SequenceScaler(StandardScaler()), (X,), lambda e: e.transform(X)),
    "padder": (SequencePadder(), (X,), lambda e: e.transform(X)),
    "patcher": (SequencePatcher(2), (X,), lambda e: e.transform(X)),
    "rows": (RowsToSequences(n_features_per_step=2), (ROWS,), lambda e: e.transform(ROWS)),
    "forecaster": (_forecaster(), (SERIES,), lambda e: e.predict_interval(3)),
    "forecaster of columns": (_forecaster(multivariate=True), (WIDE,), lambda e: e.predict(3)),
    "forecaster of groups": (_forecaster(), (BY_ID,), lambda e: e.predict(3)),
    "forecaster of a short series": (_forecaster(), (WITH_SHORT,), lambda e: e.predict(3, y=NEW)),
    "forecaster of an array": (_forecaster(), (SERIES.to_numpy(),), lambda e: e.predict(3)),
    "forecaster with covariates": (
        _forecaster(calendar="month"),
        (SERIES[:50], COVARIATES[:50]),
        lambda e: e.predict(3, COVARIATES[50:53]),
    ),
}  # fmt: skip
