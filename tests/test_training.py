"""Restarts, early stopping, online learning and resuming, weights, washout, gradients' norms."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from test_faults import interrupt

import skrnn
from skrnn import RNNRegressor, SlidingWindow, sliding_windows
from skrnn._training.holdout import split_last
from skrnn.cells import CELLS
from skrnn.datasets import load_sunspots

pytestmark = [
    pytest.mark.core,
    pytest.mark.filterwarnings("ignore:Maximum iterations:sklearn.exceptions.ConvergenceWarning"),
]

FIRST_ORDER = ["adam", "rmsprop", "sgd"]


def make_data(per_step=False, *, masked=True, dtype=float):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(50, 7, 2)).astype(dtype)
    y = np.tanh(np.cumsum(X.sum(axis=2), axis=1))[..., np.newaxis] + 0.1 * rng.normal(
        size=(50, 7, 1)
    )
    if masked:
        X[3, :4] = X[7, 5:] = X[9, 2] = X[11] = np.nan
    return X, y if per_step else y[:, -1, 0]


def same(a, b):
    """Bit for bit, all that is left of a fit."""
    assert_array_equal(a.parameters_, b.parameters_)
    for name in ("loss_curve_", "validation_loss_curve_", "gradient_norm_curve_", "n_iter_"):
        assert getattr(a, name) == getattr(b, name), name


def close(a, b):
    """To rounding, all that is left of a fit: BLAS may choose another kernel for other shapes."""
    rtol = 1e-10 if a.parameters_.dtype == np.float64 else 1e-3
    assert_allclose(a.parameters_, b.parameters_, rtol=rtol, atol=rtol)
    for name in ("loss_curve_", "gradient_norm_curve_"):
        assert_allclose(getattr(a, name), getattr(b, name), rtol=rtol, atol=rtol, err_msg=name)
    assert a.n_iter_ == b.n_iter_


# --- restarts ---

RESTARTS = [
    {},
    {"solver": "lm", "loss": "huber"},
    {"solver": "lbfgs"},
    {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 2, "tol": 0.05},
    {"solver": "rmsprop", "learning_rate": "invscaling", "batch_size": 1},
    {"solver": "adam", "batch_size": 3, "cell": "lstm", "learn_initial_state": True},
    {"solver": "adam", "batch_size": 16, "cell": "gru", "hidden_size": (3, 2)},
    {"solver": "adam", "batch_size": 20, "cell": "gru_reset_before", "bidirectional": True},
    {"solver": "adam", "cell": "jordan", "clip_value": 0.01},
    {"solver": "adam", "cell": "peephole_lstm"},
    {"solver": "adam", "hidden_size": 1, "batch_size": 2},
    {"solver": "adam", "dropout": 0.3, "recurrent_dropout": 0.3, "batch_size": 20},
    {"solver": "adam", "early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 2},
    {"solver": "lm", "loss": "quantile", "quantile": [0.2, 0.8]},
]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize("parameters", RESTARTS, ids=lambda p: "-".join(map(str, p.values())))
def test_restarts_as_a_batch_equal_one_after_another(parameters, per_step, dtype, monkeypatch):
    """To rounding, over few epochs: whatever else is trained in the same calls."""
    X, y = make_data(per_step, dtype=dtype)
    model = RNNRegressor(3, max_iter=6, random_state=0).set_params(**parameters)
    single = clone(model).fit(X, y)
    together = clone(model).set_params(n_init=5).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.fitting._BATCHED_WORK", 0)
    apart = clone(model).set_params(n_init=5).fit(X, y)
    close(together, apart)
    judged = "validation_loss_curve_" if model.early_stopping else "loss_curve_"
    best = min if model.early_stopping else (lambda curve: curve[-1])
    assert best(getattr(together, judged)) <= best(getattr(single, judged))


def test_restarts_are_judged_in_the_same_blocks(monkeypatch):
    """Of a validation set that is too large for one batch."""
    X, y = make_data(per_step=True)
    model = RNNRegressor(3, n_init=4, early_stopping=True, validation_fraction=0.4, max_iter=6)
    monkeypatch.setattr("skrnn._training.objective._BLOCK_NUMBERS", 700)
    together = clone(model).set_params(random_state=0).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.fitting._BATCHED_WORK", 0)
    close(together, clone(model).set_params(random_state=0).fit(X, y))


def test_restarts_with_truncation(monkeypatch):
    X, y = make_data(per_step=True)
    model = RNNRegressor(3, n_init=3, bptt_steps=2, batch_size=20, max_iter=3, random_state=0)
    together = clone(model).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.fitting._BATCHED_WORK", 0)
    close(together, clone(model).fit(X, y))


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_restarts(name, monkeypatch):
    X, y = make_data()
    model = RNNRegressor(3, cell=name, n_init=3, max_iter=5, random_state=0)
    together = clone(model).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.fitting._BATCHED_WORK", 0)
    close(together, clone(model).fit(X, y))


def test_restarts_find_better_minima():
    """On the airline's passengers, where the start decides, in the training loss."""
    series = skrnn.datasets.load_airline().series
    X, y = sliding_windows(MinMaxScaler().fit_transform(np.reshape(series, (-1, 1)))[:, 0], 12)
    models = [RNNRegressor(4, alpha=0.01, random_state=seed) for seed in range(4)]
    losses = {n: [m.set_params(n_init=n).fit(X, y).loss_ for m in models] for n in (1, 8)}
    assert np.mean(losses[8]) < 0.9 * np.mean(losses[1])


# --- in pieces ---


@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive", "cosine"])
@pytest.mark.parametrize("solver", FIRST_ORDER)
def test_passes_one_by_one_equal_one_go(solver, learning_rate):
    """Optimizer's moments, order of batches, dropout and patience, through a pickle each time."""
    X, y = make_data(per_step=True)
    model = RNNRegressor(
        4, solver=solver, learning_rate=learning_rate, batch_size=8, max_iter=8, dropout=0.2,
        n_iter_no_change=3, tol=0.05, random_state=0,
    )  # fmt: skip
    expected = clone(model).set_params(n_iter_no_change=10**6 if learning_rate != "adaptive" else 3)
    expected.fit(X, y)
    model.set_params(n_iter_no_change=expected.n_iter_no_change)
    for _ in range(expected.n_iter_):
        model = pickle.loads(pickle.dumps(model.partial_fit(X, y)))
    same(model, expected)
    assert_array_equal(model.predict(X), expected.predict(X))


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["lm", *FIRST_ORDER])
def test_two_halves_equal_one_go(solver, early_stopping):
    X, y = make_data()
    model = RNNRegressor(
        4, solver=solver, batch_size=8, max_iter=14, early_stopping=early_stopping,
        n_iter_no_change=9, validation_fraction=0.2, random_state=0,
    )  # fmt: skip
    expected = clone(model).fit(X, y)
    model.set_params(warm_start=True, max_iter=5).fit(X, y)
    model = pickle.loads(pickle.dumps(model)).set_params(max_iter=9).fit(X, y)
    same(model, expected)


def test_lbfgs_goes_on_from_the_weights():
    X, y = make_data()
    model = RNNRegressor(4, solver="lbfgs", max_iter=5, warm_start=True, random_state=0).fit(X, y)
    first = model.loss_
    assert model.fit(X, y).loss_ < first
    assert model.n_iter_ == 10


def test_weights_that_were_put_in_are_what_training_goes_on_from():
    X, y = make_data()
    model = RNNRegressor(4, solver="adam", max_iter=3, random_state=0).fit(X, y)
    model.set_weights({name: 0 * w for name, w in model.get_weights().items()})
    model.set_params(learning_rate_init=1e-9).partial_fit(X, y)
    assert max(np.abs(w).max() for w in model.get_weights().values()) < 1e-7


def test_online_learning_beats_persistence_and_follows_a_change():
    """Chunk after chunk of a series that it never sees again."""
    rng, x = np.random.RandomState(0), np.zeros(4002)
    for t in range(2, 4002):
        sign = 1 if t < 2000 else -1
        x[t] = sign * 1.2 * x[t - 1] - 0.7 * x[t - 2] + 0.3 * rng.normal()
    X, y = sliding_windows(x, length=5)
    model = RNNRegressor(6, learning_rate_init=0.02, alpha=0, batch_size=10, random_state=0)
    errors, persistence = [], []
    for start in range(0, len(X) - 100, 100):
        chunk = slice(start, start + 100)
        if start:
            errors.append(np.mean((model.predict(X[chunk]) - y[chunk]) ** 2))
            persistence.append(np.mean((X[chunk, -1, 0] - y[chunk]) ** 2))
        model.partial_fit(X[chunk], y[chunk])
    assert np.mean(errors[12:19]) < 0.6 * np.mean(persistence[12:19])
    assert np.mean(errors[-5:]) < 0.6 * np.mean(persistence[-5:])


def test_partial_fit_refuses_what_it_cannot_do():
    X, y = make_data()
    for solver in ("lm", "lbfgs"):
        assert not hasattr(RNNRegressor(solver=solver), "partial_fit")
    with pytest.raises(ValueError, match="does not support early_stopping"):
        RNNRegressor(early_stopping=True).partial_fit(X, y)
    model = RNNRegressor(2, random_state=0).partial_fit(X, y)
    same(RNNRegressor(2, n_init=3, random_state=0).partial_fit(X, y), model)
    assert model.solver_ == "adam"
    with pytest.raises(ValueError, match="expecting 2 features"):
        model.partial_fit(X[..., :1], y)
    with pytest.raises(ValueError, match="weights of shapes"):
        model.partial_fit(X, np.c_[y, y])


@pytest.mark.parametrize("solver", ["adam", "lm", "lbfgs"])
def test_after_an_interrupt_training_goes_on_from_what_was_kept(solver, monkeypatch):
    X, y = make_data()
    model = RNNRegressor(4, solver=solver, max_iter=3, warm_start=True, random_state=0).fit(X, y)
    with monkeypatch.context() as patch:
        interrupt(patch, after=40)
        with pytest.warns(UserWarning, match="interrupted"):
            model.set_params(max_iter=1000, tol=0, n_iter_no_change=1000).fit(X, y)
    lowest = min(model.loss_curve_)
    assert lowest < 0.9 * model.loss_curve_[2]
    model.set_params(max_iter=1).fit(X, y)
    assert model.loss_ < 1.1 * lowest


def test_an_interrupt_in_a_later_restart_keeps_the_earlier_ones(monkeypatch):
    X, y = make_data()
    model = RNNRegressor(4, solver="adam", max_iter=5, n_init=3, random_state=0)
    expected = clone(model).set_params(n_init=1).fit(X, y)
    monkeypatch.setattr("skrnn._estimators.fitting._BATCHED_WORK", 0)
    interrupt(monkeypatch, after=6)  # the first one of the second restart
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, y)
    same(model, expected)


def test_other_data_are_judged_by_their_own_losses():
    """A warm start on harder data isn't compared with what was reached on easier ones."""
    X, y = make_data()
    noisy = y + np.random.RandomState(1).normal(size=50)
    for early_stopping in (False, True):
        model = RNNRegressor(
            4, solver="adam", max_iter=60, warm_start=True, random_state=0,
            early_stopping=early_stopping, validation_fraction=0.3,
        )  # fmt: skip
        before, n_first = model.fit(X, y).parameters_, model.n_iter_
        model.fit(X, noisy)
        assert model.n_iter_ > n_first + 10
        assert (model.parameters_ != before).any()


def test_what_does_not_go_together_is_refused():
    X, y = make_data(per_step=True)
    y = np.abs(y)
    model = RNNRegressor(3, solver="adam", random_state=0).partial_fit(X, y)
    before = dict(vars(model))
    with pytest.raises(ValueError, match="had a target for every step and this one has one"):
        model.partial_fit(X, y[:, -1])
    for change in ({"loss": "poisson"}, {"normalize_y": False}):
        with pytest.raises(ValueError, match=r"partial_fit goes on, .* keep loss and normalize_y"):
            clone(model).partial_fit(X, y).set_params(**change).partial_fit(X, y)
    assert vars(model) == before
    model.set_params(loss="huber").partial_fit(X.astype("f4"), y)  # in the precision it began with
    assert model.parameters_.dtype == np.float64


def test_many_calls_leave_little_behind():
    X, y = make_data()
    model = RNNRegressor(50, solver="adam", random_state=0).fit(X, y)
    n_bytes = model.parameters_.nbytes
    assert len(pickle.dumps(model)) < 3 * n_bytes + 40_000  # weights and two moments
    before = len(pickle.dumps(model.partial_fit(X, y)))
    for _ in range(20):
        model.partial_fit(X, y)
    assert len(pickle.dumps(model)) < before + n_bytes + 20 * 60  # if the best isn't the last


def test_cosine_begins_anew_with_each_fit():
    X, y = make_data()
    options = {"solver": "sgd", "learning_rate": "cosine", "max_iter": 6, "warm_start": True}
    model = RNNRegressor(3, random_state=0, **options).fit(X, y)
    before = model.parameters_
    assert (model.set_params(max_iter=1).fit(X, y).parameters_ != before).all()


def test_what_had_converged_is_given_time_again():
    X, y = make_data()
    model = RNNRegressor(3, solver="adam", tol=0.1, warm_start=True, random_state=0).fit(X, y)
    n_first = model.n_iter_
    assert model.fit(X, y).n_iter_ >= n_first + 10


def test_search_in_processes_equals_one_process():
    X, y = make_data(masked=False)
    grid = {"solver": ["lm", "adam"], "n_init": [1, 3], "hidden_size": [2, 30]}
    searches = [
        GridSearchCV(
            RNNRegressor(max_iter=4, random_state=0), grid, cv=TimeSeriesSplit(2), n_jobs=n_jobs
        ).fit(X, y)
        for n_jobs in (1, 2)
    ]
    scores = [search.cv_results_["split1_test_score"] for search in searches]
    assert_array_equal(*scores)
    same(*(search.best_estimator_ for search in searches))


# --- early stopping ---


def test_last_samples_judge_and_the_best_weights_are_kept():
    X, y = make_data(masked=False)
    y = y + np.random.RandomState(1).normal(size=50)
    options = {"solver": "adam", "alpha": 0, "learning_rate_init": 0.1, "random_state": 0}
    options |= {"early_stopping": True, "n_iter_no_change": 15, "validation_fraction": 0.25}
    model = RNNRegressor(20, **options).fit(X, y)
    curve = model.validation_loss_curve_
    assert len(curve) == model.n_iter_ < 500
    assert int(np.argmin(curve)) < model.n_iter_ - 10
    kept, held_out = slice(0, 37), slice(37, 50)  # 13 are a quarter, rounded up
    error = (model.predict(X[held_out]) - y[held_out]) / y[kept].std()
    assert np.mean(error**2) / 2 == pytest.approx(min(curve), rel=1e-9)
    assert model.y_mean_ == pytest.approx(y[kept].mean())
    assert model.y_scale_ == pytest.approx(y[kept].std())
    # what was held out was never trained on: that is the fit of the rest for as many epochs
    n_epochs = int(np.argmin(curve)) + 1
    options |= {"early_stopping": False, "max_iter": n_epochs, "n_iter_no_change": n_epochs}
    expected = RNNRegressor(20, **options).fit(X[kept], y[kept])
    assert_array_equal(model.parameters_, expected.parameters_)


def test_early_stopping_forecasts_better_where_a_net_overfits():
    """Noise, a net that is far too large, no penalty: on later data, beside persistence."""
    rng, x = np.random.RandomState(0), np.zeros(600)
    for t in range(2, 600):
        x[t] = 1.2 * x[t - 1] - 0.6 * x[t - 2] + rng.normal()
    X, y = sliding_windows(x / x.std(), length=8)
    errors = {}
    for early_stopping in (False, True):
        model = RNNRegressor(
            30, solver="adam", alpha=0, learning_rate_init=0.03, early_stopping=early_stopping,
            validation_fraction=0.25, max_iter=150, n_iter_no_change=150, random_state=0,
        )  # fmt: skip
        model.fit(X[:300], y[:300])
        errors[early_stopping] = np.mean((model.predict(X[300:]) - y[300:]) ** 2)
    assert errors[True] < 0.8 * errors[False]
    assert errors[True] < np.mean((X[300:, -1, 0] - y[300:]) ** 2)


@pytest.mark.parametrize(
    ("stride", "n_left_out"), [(1, 9), (2, 4), (3, 3), (9, 1), (10, 0), (25, 0)]
)
def test_windows_across_the_boundary_are_left_out(stride, n_left_out):
    """No step of the validation set's windows is one of training's."""
    series = np.random.RandomState(0).normal(size=(600, 2))
    X = np.array([series[i : i + 10] for i in range(0, 590, stride)])
    steps = np.array([np.arange(i, i + 10) for i in range(0, 590, stride)])
    kept, held_out = split_last(X, 0.2)
    assert not set(steps[kept].ravel()) & set(steps[held_out].ravel())
    assert_array_equal(held_out, np.arange(len(X) - int(np.ceil(0.2 * len(X))), len(X)))
    assert held_out[0] - (kept[-1] + 1) == n_left_out


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_windows_with_steps_left_out(dilation, stride):
    rows = np.arange(500)
    series = np.random.RandomState(0).normal(size=500)
    X, _ = sliding_windows(series, 8, dilation=dilation, stride=stride)
    steps, _ = sliding_windows(rows, 8, dilation=dilation, stride=stride)
    kept, held_out = split_last(X, 0.1)
    assert not set(steps[kept].ravel()) & set(steps[held_out].ravel())
    assert (kept[-1] + 1) > 0.75 * len(X)


def test_windows_of_several_series_in_turns():
    rng = np.random.RandomState(0)
    series = rng.normal(size=(4, 100))
    windows = np.stack([sliding_windows(own, 8)[0] for own in series], axis=1)  # (92, 4, 8, 1)
    kept, held_out = split_last(windows.reshape(-1, 8, 1), 0.25)
    assert held_out[0] - (kept[-1] + 1) == 4 * 7
    # one series after the other
    kept, held_out = split_last(windows.swapaxes(0, 1).reshape(-1, 8, 1), 0.3)
    assert held_out[0] - (kept[-1] + 1) == 7


def test_windows_of_a_series_that_rarely_changes():
    rng = np.random.RandomState(0)
    X, _ = sliding_windows((rng.uniform(size=600) > 0.9) * rng.normal(size=600), 10)
    for fraction in np.linspace(0.05, 0.5, 20):
        kept, held_out = split_last(X, fraction)
        assert held_out[0] - (kept[-1] + 1) == 9


def test_sequences_of_tokens_are_no_windows():
    rng = np.random.RandomState(0)
    X = np.eye(2)[rng.randint(0, 2, size=(200, 12))]
    kept, held_out = split_last(X, 0.1)
    assert (kept[-1] + 1) == held_out[0] == 180


def test_other_samples_are_all_used():
    rng = np.random.RandomState(0)
    for X in (rng.normal(size=(50, 6, 1)), np.ones((50, 6, 1)), np.full((50, 6, 1), np.nan)):
        kept, held_out = split_last(X, 0.1)
        assert (kept[-1] + 1) == held_out[0] == 45
    with pytest.raises(ValueError, match="leaves none of 3 samples of 2 steps"):
        split_last(rng.normal(size=(3, 2, 1)), 0.9)


def test_early_stopping_in_a_pipeline_never_sees_the_last_windows():
    """The weights don't depend on the held-out targets, but for when training ends."""
    X, y = load_sunspots(return_X_y=True)
    X = np.reshape(X, (len(X), -1))
    pipe = make_pipeline(
        MinMaxScaler(),
        SlidingWindow(12),
        RNNRegressor(4, solver="adam", early_stopping=True, max_iter=1, random_state=0),
    )
    first = clone(pipe).fit(X, y)[-1].parameters_
    n_held_out = int(np.ceil(0.1 * len(X)))
    changed = np.array(y, float)
    changed[-n_held_out - 11 :] = 1e3  # with the windows that reach over the boundary
    assert_array_equal(clone(pipe).fit(X, changed)[-1].parameters_, first)
    changed[-n_held_out - 12] = 1e3
    assert (clone(pipe).fit(X, changed)[-1].parameters_ != first).any()


# --- weights of steps, washout, norms ---


def test_weights_of_steps():
    """A weight of 0 is a target that isn't there; one for the sequence is one for each step."""
    X, y = make_data(per_step=True)
    model = RNNRegressor(3, solver="lm", max_iter=5, random_state=0)
    rng = np.random.RandomState(0)
    weight = rng.randint(0, 2, size=(50, 7)).astype(float)
    expected = clone(model).fit(X, np.where(weight[..., None] > 0, y, np.nan))
    weighted = clone(model).fit(X, y, weight)
    assert_allclose(weighted.parameters_, expected.parameters_, rtol=1e-6)
    assert weighted.score(X, y, weight) == pytest.approx(
        expected.score(X, np.where(weight[..., None] > 0, y, np.nan))
    )
    own = rng.uniform(size=50)
    by_sequence = clone(model).fit(X, y, own)
    assert_array_equal(
        clone(model).fit(X, y, np.tile(own[:, None], 7)).parameters_, by_sequence.parameters_
    )
    # of ragged sequences, a list
    lengths = rng.randint(2, 8, size=50)
    X, y = make_data(per_step=True, masked=False)
    parts = [[a[:n] for a, n in zip(array, lengths, strict=True)] for array in (X, y, weight)]
    masked = np.where(np.arange(7) < lengths[:, None], 1.0, np.nan)[..., None]
    expected = clone(model).fit(X * masked, y, weight)
    assert_allclose(clone(model).fit(*parts).parameters_, expected.parameters_, rtol=1e-6)


def test_washout_leaves_out_the_first_real_steps():
    X, y = make_data(per_step=True)
    model = RNNRegressor(3, washout=3, max_iter=5, random_state=0)
    masked = y.copy()
    for own, sequence in zip(masked, X, strict=True):
        own[np.flatnonzero(~np.isnan(sequence[:, 0]))[:3]] = np.nan
    expected = clone(model).set_params(washout=0).fit(X, masked)
    assert_array_equal(model.fit(X, y).parameters_, expected.parameters_)
    with pytest.raises(ValueError, match=r"washout=3 .* one target for each sequence"):
        model.fit(X, y[:, -1])
    with pytest.raises(ValueError, match="nothing to learn from"):
        model.set_params(washout=7).fit(X, y)


def test_norms_show_gradients_that_vanish_and_explode():
    """By 1/2 and by 2 at each of 20 steps, before anything is clipped."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(60, 20, 1)) * (np.arange(20) == 0)[:, None]
    norms = {}
    for factor in (0.5, 1.0, 2.0):
        model = RNNRegressor(
            1, activation="identity", solver="sgd", learning_rate_init=1e-12, max_iter=1, alpha=0,
            clip_norm=1e-6, batch_size=60, normalize_y=False, random_state=0,
        )  # fmt: skip
        model.fit(X, X[:, 0, 0])
        weights = {name: 0 * w for name, w in model.get_weights().items()}
        weights["layer0.input"] += 1
        weights["layer0.recurrent"] += factor
        model.set_weights({**weights, "readout.input": np.ones((1, 1))})
        model.set_params(warm_start=True).fit(X, 2.0**20 * X[:, 0, 0])
        norms[factor] = model.gradient_norm_curve_[-1]
    assert norms[1.0] > 20 * norms[0.5]
    assert norms[2.0] > 1e4 * norms[1.0]


@pytest.mark.parametrize("solver", ["adam", "rmsprop", "sgd", "lm", "lbfgs"])
def test_norms_and_losses_have_one_value_an_epoch(solver):
    X, y = make_data()
    model = RNNRegressor(3, solver=solver, max_iter=6, random_state=0).fit(X, y)
    assert len(model.gradient_norm_curve_) == len(model.loss_curve_) == model.n_iter_ == 6
    assert min(model.gradient_norm_curve_) > 0
    assert model.validation_loss_curve_ is None
