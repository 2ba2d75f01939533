"""A user's script, whose values have the types that it asserts: by type checkers, and when it runs.

`test_types.py` hands it to them, and runs it.
"""

from collections.abc import Mapping
from typing import Any, Literal, assert_type

import numpy as np

import skrnn
from skrnn import (
    AttentionDisplay,
    BacktestDisplay,
    ForecastDisplay,
    Forecaster,
    LossCurveDisplay,
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
    flatten_steps,
    neg_perplexity,
    next_steps,
    sliding_windows,
)
from skrnn.cells import CELLS, Cell, ElmanCell, GRUCell, JordanCell, Outer
from skrnn.datasets import load_airline, load_alice, load_sunspots, load_weather
from skrnn.interop import from_weights

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 5, 2))
y = X[:, :, 0].sum(axis=1)
per_step = X[:, :, :1]
labels = np.where(y > 0, "up", "down")
ragged = [own[: 3 + i % 2] for i, own in enumerate(X)]
series = np.tile([1.0, 2.0, 4.0], 80)


def regression() -> None:
    model = RNNRegressor(4, cell="gru", solver="adam", loss="huber", alpha=0.1, max_iter=2)
    assert_type(model.fit(X, y), RNNRegressor)
    assert_type(model.predict(X), np.ndarray)
    assert_type(model.predict(X, return_state=True), tuple[np.ndarray, np.ndarray])
    assert_type(model.predict(ragged), Any)  # an array, or a list if it predicts each step
    assert_type(model.score(X, y), float)
    assert_type(model.get_weights(), dict[str, np.ndarray])
    assert_type(model.set_weights(model.get_weights()), RNNRegressor)
    state = None
    for x in X[0]:
        prediction, state = model.step(x, state)
        assert_type(prediction, Any)  # a number, or an array
        assert_type(state, np.ndarray)
    assert_type(model.loss_curve_, list[float])
    assert_type(model.validation_loss_curve_, list[float] | None)
    assert_type(model.n_iter_, int)
    assert_type(model.y_mean_, np.ndarray)
    chosen = RNNRegressor([2, 2], static_features=np.array([1]), n_init=1, max_iter=1)
    assert_type(chosen.partial_fit(X * [1, 0], y), RNNRegressor)
    assert_type(RNNRegressor().fit(X, y).selected_, Literal["linear", "linear+network", "network"])
    free = RNNRegressor(alpha=1.0, max_iter=1).fit(X, X)
    assert_type(free.generate(X, 3), np.ndarray)


def classification() -> None:
    model = RNNClassifier(hidden_size=(3, 2), class_weight="balanced", max_iter=1)
    assert_type(model.fit(X, labels), RNNClassifier)
    assert_type(model.fit(ragged, labels.tolist()), RNNClassifier)
    assert_type(model.classes_, np.ndarray)
    assert_type(model.predict(X), np.ndarray)
    assert_type(model.predict_proba(X), np.ndarray)
    assert_type(model.predict_log_proba(X), np.ndarray)
    assert_type(model.predict_proba(X, return_state=True), tuple[np.ndarray, np.ndarray])
    assert_type(model.predict_proba(ragged), Any)
    assert_type(model.step_proba(X[0, 0]), tuple[np.ndarray, np.ndarray])
    assert_type(model.step(X[:, 0])[1], np.ndarray)
    assert_type(model.score(X, labels), float)
    assert_type(RNNClassifier(max_iter=1).partial_fit(X, labels, ["down", "up"]), RNNClassifier)


def tokens() -> None:
    encoder = TokenEncoder("char", start=True, stop=True)
    texts = ["a text", "another"]
    assert_type(encoder.fit(texts), TokenEncoder)
    ids = encoder.fit_transform(texts)
    assert_type(ids, np.ndarray)
    assert_type(encoder.inverse_transform(ids), list[Any])
    assert_type(encoder.stop_, int | None)
    assert_type(encoder.vocabulary_, dict[Any, int])
    assert_type(TokenEncoder(str.split, vocabulary={"a": 1}).fit([["a"]]), TokenEncoder)
    model = RNNClassifier(embedding_size=2, max_iter=1).fit(ids)
    assert_type(model.generate(ids, 3, stop=encoder.stop_, random_state=0), np.ndarray)
    assert_type(model.generate([[1.0, 2.0], [1.0]], 3), Any)
    assert_type(neg_perplexity(model, ids), float)


def sequences_from_sequences() -> None:
    numbers = Seq2SeqRegressor(3, attention="dot", solver="rmsprop", max_iter=1)
    assert_type(numbers.fit(X, X[:, :3]), Seq2SeqRegressor)
    assert_type(numbers.predict(X), np.ndarray)
    assert_type(numbers.attention_weights(X), np.ndarray)
    assert_type(numbers.score(X, X[:, :3]), float)
    words = Seq2SeqClassifier(3, learning_rate="cosine", max_iter=1, beam_width=2)
    assert_type(words.fit(X, [["a", "b"], ["b"]] * 10), Seq2SeqClassifier)
    assert_type(words.predict(X), Any)  # a list, or an array, as y of `fit`
    assert_type(words.decode(X, 2), tuple[Any, np.ndarray])
    assert_type(words.classes_, np.ndarray)


def forecasts() -> None:
    forecaster = Forecaster(window=6, season=3, deseasonalize="difference", center=None)
    assert_type(forecaster.fit(series), Forecaster)
    assert_type(forecaster.predict(2), Any)  # in the container of y
    assert_type(forecaster.predict_interval(2, coverage=0.8), Any)
    assert_type(forecaster.score(series[:6]), float)
    assert_type(forecaster.update(series[:3]), Forecaster)
    assert_type(forecaster.training_windows(series)[1], np.ndarray)
    assert_type(forecaster.set_params(calendar=["month"]), Forecaster)
    assert_type(forecaster.get_params(), dict[str, Any])
    assert_type(forecaster.season_, int)
    assert_type(forecaster.skill_, float | None)


def transformers() -> None:
    assert_type(SlidingWindow(3, layout="flat", context="pad").fit(X[0]), SlidingWindow)
    assert_type(SlidingWindow(3).set_output(transform="pandas"), SlidingWindow)
    windows: np.ndarray = SlidingWindow(3).fit_transform(X[0])
    assert_type(RowsToSequences(n_features_per_step=[1, 1]).fit(windows[:, :2, 0]), RowsToSequences)
    assert_type(RowsToSequences(first="oldest").fit(X[0]).transform(X[0]), np.ndarray)
    assert_type(SequencePadder(side="left", truncation="left").fit(X, y), SequencePadder)
    assert_type(SequencePadder().fit(ragged).transform(ragged), np.ndarray)
    scaler = SequenceScaler().fit(X)
    assert_type(scaler, SequenceScaler)
    assert_type(scaler.transform(X), np.ndarray)
    assert_type(scaler.inverse_transform(X), np.ndarray)
    assert_type(scaler.transform(ragged), Any)  # a list, or an array of nested lists
    assert_type(SequencePatcher(2).fit(X).transform(X), np.ndarray)
    assert_type(scaler.n_features_in_, int)
    assert_type(sliding_windows(series, length=4, stride=2), tuple[np.ndarray, np.ndarray])
    assert_type(flatten_steps(X, per_step), tuple[np.ndarray, ...])
    assert_type(next_steps(X), tuple[np.ndarray, np.ndarray])


class Leaky(ElmanCell):
    """A cell of one's own."""

    def forward(self, prepared: Any, operand: np.ndarray, h: np.ndarray) -> None:
        prepared.dot(operand, h)
        self.activation.apply(h, h)

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        return {name: W / 2 for name, W in super().initial_weights(rng).items()}


def cells() -> None:
    assert_type(CELLS["gru"], type[Cell])
    sized = GRUCell().sized(2, 3, 1, "tanh")
    assert_type(sized, GRUCell)
    assert_type(sized.parameter_shapes(), dict[str, tuple[int, ...]])
    assert_type(sized.initial_weights(np.random.RandomState(0)), dict[str, np.ndarray])
    for cell in (Leaky, JordanCell(decay=0.3), "lstm"):
        RNNRegressor(2, cell=cell, activation="relu", max_iter=1).fit(X, y)
    total = np.zeros((1, 2, 3))
    Outer(np.ones((4, 2, 5)), np.ones((4, 3, 5))).add_total(total[0])


def datasets() -> None:
    assert_type(load_sunspots(return_X_y=True), tuple[np.ndarray, np.ndarray])
    assert_type(load_weather(return_X_y=True, as_frame=False)[1], np.ndarray)
    bunch = load_airline(as_frame=True)
    print(bunch.series, bunch["frame"], load_alice().data)


def weights() -> None:
    known: Mapping[str, np.ndarray] = RNNRegressor(2, alpha=1.0, max_iter=1).fit(X, y).get_weights()
    assert_type(from_weights(known, RNNRegressor(2)), RNNRegressor)
    assert_type(from_weights(known, RNNClassifier(2, cell="elman"), classes=[0, 1]), RNNClassifier)


def displays() -> None:
    model = RNNRegressor(2, alpha=1.0, max_iter=2).fit(X, y)
    display = LossCurveDisplay.from_estimator(model, log_scale="auto")
    assert_type(display, LossCurveDisplay)
    assert_type(display.plot(), LossCurveDisplay)
    print(display.ax_.get_title(), display.figure_.get_axes(), display.lines_[0].get_color())
    forecaster = Forecaster(window=6, season=3).fit(series)
    assert_type(ForecastDisplay.from_forecaster(forecaster, 3, n_history="auto"), ForecastDisplay)
    folds = forecaster.backtest(series)
    assert_type(BacktestDisplay.from_backtest(folds), BacktestDisplay)
    attention = AttentionDisplay.from_weights(np.full((2, 3), 1 / 3), read=["a", "b", "c"])
    assert_type(attention, AttentionDisplay)


def names() -> None:
    assert_type(skrnn.__version__, str)
    assert_type(skrnn.__all__, list[str])
