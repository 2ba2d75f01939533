"""Early stopping on windows that know their rows: which samples are trained on."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, train_test_split
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, RNNRegressor, SequencePadder, SequenceScaler, SlidingWindow
from skrnn import sliding_windows as cut
from tests.helpers.fits import unconverged
from tests.helpers.oracle_overlap import overlapping

pytestmark = [pytest.mark.core, unconverged]


@pytest.fixture
def used(monkeypatch):
    """The rows that each fit trains on and holds out."""
    from skrnn._estimators import fit

    splits, original = [], fit.split_last

    def split_last(*args, **kwargs):
        splits.append(original(*args, **kwargs))
        return splits[-1]

    monkeypatch.setattr(fit, "split_last", split_last)
    return splits


def model(estimator=RNNRegressor, **parameters):
    options = {"solver": "adam", "max_iter": 1, "early_stopping": True, "random_state": 0}
    return estimator(2, **options | parameters)


def exact(split, rows):
    """Nothing shares a row with the validation set, and all else is used."""
    kept, held_out = split
    shares = overlapping(rows, held_out)
    shares[held_out] = True
    assert_array_equal(kept, np.flatnonzero(~shares))


def rows_of(n, length, horizon=1, stride=1, dilation=1):
    """The rows that windows and their targets are made of, by hand."""
    reach = (length - 1) * dilation
    return [
        {start + k * dilation for k in range(length)}
        | {start + reach + 1 + h for h in range(horizon)}
        for start in range(0, n - reach - horizon, stride)
    ]


SERIES = {
    "constant": lambda rng: np.full(300, 0.5),
    "binary": lambda rng: rng.randint(0, 2, size=300).astype(float),
    "normal": lambda rng: rng.normal(size=300),
}


@pytest.mark.parametrize("kind", SERIES)
@pytest.mark.parametrize(
    ("length", "horizon", "stride", "dilation"),
    [(8, 1, 1, 1), (8, 5, 1, 1), (3, 9, 2, 1), (6, 1, 1, 4), (5, 2, 3, 3), (2, 1, 1, 1)],
)
def test_windows_cut_by_sliding_windows(rng, used, kind, length, horizon, stride, dilation):
    X, y = cut(SERIES[kind](rng), length, horizon, stride=stride, dilation=dilation)
    rows = rows_of(300, length, horizon, stride, dilation)
    model().fit(X, y)
    exact(used[-1], rows)
    # validation sets in the midst: the last of each class
    labels = np.arange(len(X)) // 25 % 2
    model(RNNClassifier).fit(X, labels)
    exact(used[-1], rows)


def test_constant_and_binary_series_give_the_same_weights_as_the_rest_alone(rng):
    X, y = cut(rng.randint(0, 2, size=200).astype(float), 6)
    n_held_out = int(np.ceil(0.1 * len(X)))
    early = model().fit(X, y)
    n_kept = len(X) - n_held_out - 6
    alone = model(early_stopping=False).fit(X[:n_kept], y[:n_kept])
    assert_array_equal(early.parameters_, alone.parameters_)


@pytest.mark.parametrize("steps", [[SequenceScaler()], [SequencePadder()]])
def test_transformers_pass_the_rows_on(rng, used, steps):
    X, y = cut(np.full(200, 1.0), 6)
    make_pipeline(*steps, model()).fit(X, y)
    exact(used[-1], rows_of(200, 6))


def test_splits_of_scikit_learn_pass_the_rows_on(rng, used):
    X, y = cut(rng.randint(0, 2, size=300).astype(float), 6)
    rows = np.array(rows_of(300, 6))
    X_train, _, y_train, _ = train_test_split(X, y, shuffle=False)
    model().fit(X_train, y_train)
    exact(used[-1], rows[: len(X_train)])
    for train, _ in TimeSeriesSplit(3).split(X):
        model().fit(X[train], y[train])
        exact(used[-1], rows[train])
    used.clear()
    GridSearchCV(model(), {"alpha": [0, 1]}, cv=TimeSeriesSplit(3), refit=False).fit(X, y)
    for split, (train, _) in zip(used, [*TimeSeriesSplit(3).split(X)] * 2, strict=True):
        exact(split, rows[train])


def test_shuffled_windows_of_one_series(rng, used):
    """Exact there as well; and there is a word about what is lost."""
    X, y = cut(rng.normal(size=400), 4)
    order = rng.permutation(len(X))
    with pytest.warns(UserWarning, match=r"only \d+ of 396 samples.*shuffle=False"):
        model().fit(X[order], y[order])
    exact(used[-1], np.array(rows_of(400, 4))[order])
    X, y = cut(rng.normal(size=400), 60)
    order = rng.permutation(len(X))
    with pytest.raises(ValueError, match=r"leaves none of 340 samples.*shuffle=False"):
        model().fit(X[order], y[order])


@pytest.mark.parametrize("layout", ["sequence", "flat"])
@pytest.mark.parametrize("delay", [0, 2])
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("order", ["in turn", "one by one", "at random"])
def test_windows_of_a_panel(rng, used, layout, delay, dilation, order):
    """50 series with some rows missing, and few values: nothing but the rows tells."""
    n_series, length = 50, 4
    ids = np.repeat(np.arange(n_series), 30) if order == "one by one" else None
    if order == "in turn":
        ids = np.tile(np.arange(n_series), 30)[rng.uniform(size=n_series * 30) > 0.05]
    elif order == "at random":
        ids = rng.randint(n_series, size=n_series * 30)
    X = np.c_[ids, rng.randint(0, 2, size=len(ids))].astype(float)
    window = SlidingWindow(length, delay=delay, dilation=dilation, groups=0, layout=layout)
    make_pipeline(window, model()).fit(X, rng.normal(size=len(X)))
    rows = []
    for i, name in enumerate(ids):
        past = np.flatnonzero(ids[: i + 1] == name)[::-1]
        rows.append({past[lag] for lag in delay + dilation * np.arange(length) if lag < len(past)})
        rows[-1].add(i)  # that of the target
    exact(used[-1], rows)


def test_rows_in_front_of_a_fold_count(rng, used):
    X = np.full((130, 1), 0.5)
    window = SlidingWindow(8, delay=10, context="continue").fit(X[:30])
    model().fit(window.transform(X[30:] + 0.1), np.arange(100.0))
    rows = [{i} | set(range(i - 17, i - 9)) for i in range(100)]
    exact(used[-1], rows)


def test_other_samples_are_all_used(rng, used):
    for X in (rng.randint(0, 2, size=(90, 8, 1)), rng.poisson(2, size=(90, 8, 2))):
        model().fit(X, rng.normal(size=90))
        assert_array_equal(used[-1][0], np.arange(81))
        model(RNNClassifier).fit(X, np.arange(90) % 2)
        assert len(used[-1][0]) == 80


def test_a_class_of_one_sample(rng):
    X, y = rng.normal(size=(30, 4, 1)), np.array(["common"] * 29 + ["rare"])
    with pytest.raises(ValueError, match=r"class 'rare' has only one.*leave it out"):
        model(RNNClassifier).fit(X, y)
    X, y = cut(rng.normal(size=30), 4)
    y = np.where(np.arange(len(X)) < 24, "common", "rare")
    with pytest.raises(ValueError, match="leaves none of class 'rare' of 26 samples of 4 steps"):
        model(RNNClassifier).fit(X, y)


def test_rows_of_frames(rng, used):
    """The names travel as before, beside the rows."""
    X = pd.DataFrame({"a": np.ones(60), "b": np.zeros(60)})
    estimator = make_pipeline(SlidingWindow(5), model()).fit(X, rng.normal(size=60))
    assert list(estimator[-1].feature_names_in_) == ["a", "b"]
    exact(used[-1], [set(range(max(0, i - 4), i + 1)) for i in range(60)])
