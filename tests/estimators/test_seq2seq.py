"""Seq2SeqRegressor: scikit-learn's checks, learning against baselines, shapes, errors."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import RNNRegressor, Seq2SeqRegressor
from tests.helpers.fits import nothing_to_learn
from tests.helpers.oracle_encoder_decoder import predict

pytestmark = pytest.mark.core


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # array API not enabled
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # tiny data sets
@pytest.mark.filterwarnings("ignore:X has values as large")  # some checks draw X around 100
@nothing_to_learn  # most checks draw y at random
@parametrize_with_checks(
    [
        # after more iterations, rounding errors grow too large for check_sample_weight_equivalence
        Seq2SeqRegressor(max_iter=100),
        Seq2SeqRegressor(solver="lbfgs", max_iter=30),
        Seq2SeqRegressor((8, 6), bidirectional=True, attention="dot", max_iter=100),
        Seq2SeqRegressor(teacher_forcing=0.5, max_iter=100),
    ]
)
def test_check_estimator(estimator, check):
    check(estimator)


# --- learning ---


def ridge_score(X, y, X_test, y_test):
    """R² over all steps, as `Seq2SeqRegressor.score` has it: not the mean over the columns."""
    return r2_score(y_test.ravel(), Ridge().fit(X, y).predict(X_test).ravel())


def small(**params):
    return Seq2SeqRegressor(**{"hidden_size": 3, "max_iter": 3, "random_state": 0} | params)


def pairs(rng, n=12, n_steps=5, n_outputs=2, n_target_steps=4):
    return rng.normal(size=(n, n_steps, 1)), rng.normal(size=(n, n_target_steps, n_outputs))


def test_sorting_is_learned_better_than_by_a_linear_model(rng):
    """The order of numbers is no linear function of them."""
    X = rng.uniform(-1, 1, size=(600, 4, 1))
    y = np.sort(X[:, :, 0], axis=1)
    linear = ridge_score(X[:400, :, 0], y[:400], X[400:, :, 0], y[400:])
    scores = [
        Seq2SeqRegressor(random_state=seed).fit(X[:400], y[:400]).score(X[400:], y[400:])
        for seed in range(3)
    ]
    assert 1 - np.median(scores) < 0.5 * (1 - linear)


def test_attention_sorts_sequences_of_different_lengths(rng):
    lengths = rng.randint(3, 7, size=600)
    X = [rng.uniform(-1, 1, size=(n, 1)) for n in lengths]
    y = [np.sort(x[:, 0]) for x in X]
    model = Seq2SeqRegressor(attention="dot", bidirectional=True, random_state=0)
    model.fit(X[:500], y[:500])
    assert model.score(X[500:], y[500:]) > 0.9
    assert model.predict(X[500:]).shape == (100, 6)


def test_the_next_values_of_a_noisy_sine_are_predicted_nearly_as_by_ridge(rng):
    """A linear model knows all that can be known; the noise alone has R² near 0.93."""
    series = np.sin(np.arange(500) / 4) + 0.2 * rng.normal(size=500)
    windows = np.lib.stride_tricks.sliding_window_view(series, 50)
    X, y = windows[:, :40, np.newaxis], windows[:, 40:]
    train, test = slice(0, 350), slice(400, None)
    linear = ridge_score(X[train, :, 0], y[train], X[test, :, 0], y[test])
    model = Seq2SeqRegressor(random_state=0).fit(X[train], y[train])
    assert model.score(X[test], y[test]) > linear - 0.05


def test_curves_of_parameters_are_learned_better_than_by_a_linear_model(rng):
    """One to many: no step is read, and the covariates set the decoder's state."""
    size, rate = rng.uniform(0.5, 2, size=(2, 400))
    y = size[:, np.newaxis] * np.sin(rate[:, np.newaxis] * np.arange(15) / 4)
    X = np.column_stack([size, rate])
    linear = ridge_score(X[:300], y[:300], X[300:], y[300:])
    model = Seq2SeqRegressor(static_features=[0, 1], max_iter=200, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(X[:300], y[:300])
    assert 1 - model.score(X[300:], y[300:]) < 0.3 * (1 - linear)


def test_predictions_read_predictions(rng):
    """As the equations have it, in the unit of y, with NaN for missing steps."""
    X, y = pairs(rng)
    X[3, 2:], X[5, 0] = np.nan, np.nan
    y = 100 + 5 * y
    model = small(cell="lstm", attention="dot", bidirectional=True).fit(X, y)
    weights = model.get_weights()
    for x, found in zip(X, model.predict(X), strict=True):
        expected = predict(model._topology, weights, x, n_steps=4)
        assert_allclose(found, model.y_mean_ + model.y_scale_ * expected, rtol=1e-10)


def test_attention_is_that_of_the_equations(rng):
    X, y = pairs(rng)
    X[3, 2:], X[5, 0] = np.nan, np.nan
    model = small(attention="dot", bidirectional=True).fit(X, y)
    weights = model.get_weights()
    for x, found in zip(X, model.attention_weights(X), strict=True):
        looked, valid = [], ~np.isnan(x[:, 0])
        predict(model._topology, weights, x, n_steps=4, looked=looked)
        assert_allclose(found[:, valid], looked, rtol=1e-9)
        assert not found[:, ~valid].any()
    ensemble = small(attention="dot", n_init=2, ensemble=True).fit(X, y)
    assert_allclose(ensemble.attention_weights(X).sum(axis=2), 1)
    with pytest.raises(ValueError, match="set attention='dot'"):
        small().fit(X, y).attention_weights(X)


def test_attention_beyond_all_bounds_is_refused(rng):
    """As `predict` refuses it, without a warning."""
    X, y = pairs(rng)
    model = small(attention="dot", cell="elman", activation="relu").fit(X, y)
    for method in (model.predict, model.attention_weights):
        with pytest.raises(ValueError, match="grows beyond all bounds"):
            method(1e200 * X)


def test_attention_to_the_step_that_is_asked_for(rng):
    """Reversed, the first target is the last input."""
    X = rng.uniform(-1, 1, size=(1000, 5, 1)).astype(np.float32)
    y = X[:, ::-1, 0]
    model = Seq2SeqRegressor(attention="dot", bidirectional=True, batch_size=50, random_state=0)
    model.fit(X[:800], y[:800])
    assert model.score(X[800:], y[800:]) > 0.9
    mean = model.attention_weights(X[800:]).mean(axis=0)  # (S, T)
    assert_array_equal(mean.argmax(axis=1), np.arange(5)[::-1])


@pytest.mark.parametrize("loss", ["absolute_error", "huber", "poisson", "quantile"])
def test_other_losses_are_learned(rng, loss):
    X = rng.uniform(size=(300, 3, 1))
    y = 1 + 2 * X[:, ::-1, 0]
    model = Seq2SeqRegressor(16, loss=loss, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.8


def test_several_quantiles_are_in_order_and_have_their_share(rng):
    X = rng.uniform(size=(400, 3, 1))
    y = X[:, :2, 0] + 0.3 * rng.normal(size=(400, 2))
    model = Seq2SeqRegressor(8, loss="quantile", quantile=[0.1, 0.5, 0.9], random_state=0)
    found = model.fit(X, y).predict(X)
    assert found.shape == (400, 2, 3)
    assert (np.diff(found, axis=2) >= 0).all()
    inside = (found[..., 0] <= y) & (y <= found[..., 2])
    assert 0.75 < inside.mean() < 0.85
    assert model.score(X, y) > 0.2
    assert model.fit(X, y[:, 0]).predict(X).shape == (400, 3)


# --- shapes ---


def test_predictions_have_the_shape_of_y(rng):
    X, y = pairs(rng)
    ragged = [own[: 1 + i % 4] for i, own in enumerate(y)]
    cases = [
        (y[:, 0, 0], (12,)),
        (y[:, :, 0], (12, 4)),
        (y, (12, 4, 2)),
        (ragged, (12, 4, 2)),
        ([own[:, 0] for own in ragged], (12, 4)),
    ]
    for targets, shape in cases:
        assert small().fit(X, targets).predict(X).shape == shape


def test_ends_of_a_list_equal_nan_after_the_end(rng):
    X, y = pairs(rng)
    padded, parts = y.copy(), []
    for i, own in enumerate(padded):
        own[1 + i % 4 :] = np.nan
        parts.append(y[i, : 1 + i % 4])
    one, other = small().fit(X, padded), small().fit(X, parts)
    assert_array_equal(one.predict(X), other.predict(X))
    assert one.score(X, padded) == other.score(X, parts)


def test_targets_after_the_end_of_a_sequence_have_no_effect(rng):
    """Whatever the longest sequence of a fit is, shorter ones are trained as if alone."""
    X, y = pairs(rng)
    short = y.copy()
    short[:, 2:] = np.nan
    model = small(solver="lbfgs").fit(X, short)
    expected = small(solver="lbfgs").fit(X, y[:, :2])
    assert_allclose(model.predict(X)[:, :2], expected.predict(X), rtol=1e-6)


def test_score_counts_all_steps_that_have_a_target(rng):
    X, y = pairs(rng)
    model = small().fit(X, y)
    y[3, 2:], y[4, 1:] = np.nan, np.nan
    known = ~np.isnan(y).any(axis=2)
    found, true = model.predict(X)[known], y[known]
    residual = ((true - found) ** 2).sum(axis=0) / ((true - true.mean(axis=0)) ** 2).sum(axis=0)
    assert_allclose(model.score(X, y), 1 - residual.mean())


def test_score_goes_beyond_the_steps_of_the_fit(rng):
    """As in cross-validation, where the longest sequence may be among those held out."""
    X, y = pairs(rng)
    model = small().fit(X, y[:, :2])
    longer = small().fit(X, y)
    longer.set_weights(model.get_weights())
    longer.y_mean_, longer.y_scale_ = model.y_mean_, model.y_scale_
    longer._outputs = model._outputs
    assert_allclose(model.score(X, y), longer.score(X, y))


def test_layouts_of_x_agree(rng):
    X, y = pairs(rng)
    rows = small().fit(X[:, :, 0], y)
    assert_array_equal(rows.predict(X[:, :, 0]), small().fit(X, y).predict(X))
    static = np.concatenate([X, np.repeat(X[:, :1] ** 2, 5, axis=1)], axis=2)
    flat = np.column_stack([X[:, 0, 0] ** 2, X[:, :, 0]])
    one = small(static_features=[1]).fit(static, y).predict(static)
    assert_array_equal(one, small(static_features=[0]).fit(flat, y).predict(flat))
    alone = small(static_features=[0, 1])
    covariates = rng.normal(size=(12, 2))
    repeated = np.repeat(covariates[:, np.newaxis], 3, axis=1)
    expected = alone.fit(covariates, y).predict(covariates)
    assert_array_equal(clone(alone).fit(repeated, y).predict(repeated), expected)


def test_single_precision(rng):
    X, y = pairs(rng)
    model = small(attention="dot").fit(X.astype(np.float32), y)
    assert model.parameters_.dtype == model.predict(X.astype(np.float32)).dtype == np.float32
    double = small(attention="dot").fit(X.astype(np.float32).astype(float), y)
    assert_allclose(model.predict(X.astype(np.float32)), double.predict(X), atol=1e-3)


# --- the conventions of scikit-learn ---


@pytest.mark.parametrize("params", [{}, {"attention": "dot"}, {"teacher_forcing": 0.3}])
def test_fits_are_reproducible_and_survive_a_pickle(rng, params):
    X, y = pairs(rng)
    model = small(**params, dropout=0.2).fit(X, y)
    again = clone(model).fit(X, y)
    assert_array_equal(model.predict(X), again.predict(X))
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    other = clone(model).set_params(random_state=1).fit(X, y)
    assert not np.array_equal(other.predict(X), model.predict(X))
    name = type(model).__name__
    assert repr(model).startswith(f"{name}(")
    moved = clone(model).set_params(random_state=7).fit(X, y)
    assert_array_equal(moved.set_weights(model.get_weights()).predict(X), model.predict(X))


def test_the_share_of_teacher_forcing_matters(rng):
    X, y = pairs(rng)
    found = [small(teacher_forcing=p).fit(X, y).predict(X) for p in (0.0, 0.5, 1.0)]
    assert not np.array_equal(found[0], found[1])
    assert not np.array_equal(found[1], found[2])


def test_grid_search_over_lists(rng):
    X = [rng.normal(size=(2 + i % 3, 1)) for i in range(30)]
    y = [np.cumsum(x[:, 0]) for x in X]
    search = GridSearchCV(small(), {"attention": [None, "dot"], "alpha": [0.1, 10]}, cv=3)
    search.fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("params", [{}, {"attention": "dot", "bidirectional": True}])
def test_weights_equal_repetition(rng, params):
    X, y = pairs(rng)
    repeat = np.arange(12) % 3
    weighted = small(**params, max_iter=8).fit(X, y, sample_weight=repeat)
    keep = np.repeat(np.arange(12), repeat)
    repeated = small(**params, max_iter=8).fit(X[keep], y[keep])
    assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-7)
    assert_allclose(weighted.score(X, y, repeat), weighted.score(X[keep], y[keep]))


def test_early_stopping_keeps_the_lowest_loss_of_predictions(rng):
    X = rng.uniform(-1, 1, size=(120, 4, 1))
    y = np.sort(X[:, :, 0], axis=1)
    model = Seq2SeqRegressor(8, early_stopping=True, max_iter=10, random_state=0)
    model.fit(X[:90], y[:90], X_val=X[90:], y_val=y[90:])
    residuals = (model.predict(X[90:]) - y[90:]) / model.y_scale_
    best = min(model.validation_loss_curve_)
    assert_allclose(0.5 * np.mean(residuals**2), best, rtol=1e-9)
    assert model.fit(X, y).n_left_out_ == 0
    assert len(model.validation_loss_curve_) == model.n_iter_


def test_restarts_keep_the_best_and_an_ensemble_is_their_mean(rng):
    X, y = pairs(rng)
    best = small(n_init=3).fit(X, y)
    assert best.loss_ <= small().fit(X, y).loss_
    ensemble = small(n_init=3, ensemble=True).fit(X, y)
    weights = ensemble.get_weights()
    found = []
    for e in range(3):
        own = {k.split(".", 1)[1]: w for k, w in weights.items() if k.startswith(f"network{e}.")}
        found.append(small().fit(X, y).set_weights(own).predict(X))
    assert_allclose(ensemble.predict(X), np.mean(found, axis=0), rtol=1e-9)


def test_partial_fit_equals_fit_with_all_data_in_each_call(rng):
    X, y = pairs(rng)
    whole = small(max_iter=4, teacher_forcing=0.6).fit(X, y)
    parts = small(teacher_forcing=0.6)
    for _ in range(4):
        parts.partial_fit(X, y)
    assert_array_equal(parts.predict(X), whole.predict(X))


def test_partial_fit_keeps_the_scale_and_the_longest_sequence(rng):
    X, y = pairs(rng)
    model = small().partial_fit(X, y)
    scale = model.y_scale_
    model.partial_fit(X, 3 * y[:, :2])
    assert_array_equal(model.y_scale_, scale)
    assert model.predict(X).shape == (12, 4, 2)


def test_warm_start_resumes(rng):
    X, y = pairs(rng)
    whole = small(max_iter=6).fit(X, y)
    parts = small(max_iter=3, warm_start=True).fit(X, y).fit(X, y)
    assert_array_equal(parts.predict(X), whole.predict(X))
    assert parts.n_iter_ == 6
    with pytest.raises(ValueError, match="weights of shapes"):
        parts.set_params(attention="dot").fit(X, y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_target_per_sequence_is_that_of_a_decoder_with_one_step(rng):
    """Its decoder adds nothing to what a regressor can learn."""
    X = rng.normal(size=(200, 5, 1))
    y = X[:, -1, 0] - X[:, -2, 0]
    model = Seq2SeqRegressor(8, max_iter=100, random_state=0).fit(X[:150], y[:150])
    other = RNNRegressor(8, solver="adam", random_state=0).fit(X[:150], y[:150])
    assert model.score(X[150:], y[150:]) > other.score(X[150:], y[150:]) - 0.05


# --- errors ---


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"cell": "jordan"}, "use another cell"),
        ({"solver": "lm"}, "The 'solver' parameter"),
        ({"attention": "additive"}, "The 'attention' parameter"),
        ({"teacher_forcing": 1.5}, "The 'teacher_forcing' parameter"),
        ({"alpha": "auto"}, "The 'alpha' parameter"),
        ({"solver": "lbfgs", "teacher_forcing": 0.5}, "teacher_forcing=0.5 draws"),
        ({"static_features": [0], "attention": "dot"}, "set attention=None"),
        ({"static_features": [0], "bidirectional": True}, "set bidirectional=False"),
    ],
)
def test_parameters_that_are_refused(rng, params, text):
    X, y = pairs(rng)
    X[:] = X[:, :1]
    with pytest.raises(ValueError, match=text):
        small(**params).fit(X, y)


def test_targets_that_are_refused(rng):
    X, y = pairs(rng)
    inside, empty, infinite = y.copy(), y.copy(), y.copy()
    inside[4, 1, 0], empty[5], infinite[2, 3, 1] = np.nan, np.nan, np.inf
    ragged = [own[: 1 + i % 4] for i, own in enumerate(y)]
    cases = [
        (inside, "sample 4, step 1, before the last target of the sample in step 3"),
        (empty, "1 of 12 samples have no target, first sample 5"),
        (infinite, "infinity"),
        (y[:-1], "inconsistent numbers of samples"),
        (y[..., np.newaxis], "4 dimensions"),
        ([*ragged[:-1], ragged[-1][:, 0]], r"y\[11\] has shape"),
        ([*ragged[:-1], np.empty((0, 2))], "1 of 12 samples have no target, first sample 11"),
        (None, "requires y to be passed"),
        ([["a", "b"]] * 12, "Targets must be numbers"),
    ]
    model = small().fit(X, y)
    before = model.predict(X)
    for targets, text in cases:
        with pytest.raises(ValueError, match=text):
            model.fit(X, targets)
    assert_array_equal(model.predict(X), before)


def test_weights_of_steps_are_refused(rng):
    X, y = pairs(rng)
    with pytest.raises(ValueError, match="one weight for each sequence"):
        small().fit(X, y, sample_weight=np.ones((12, 4)))


def test_other_outputs_than_in_the_fit_are_refused_by_score(rng):
    X, y = pairs(rng)
    with pytest.raises(ValueError, match="y has 1 values at each step, but fit had 2"):
        small().fit(X, y).score(X, y[..., :1])


def test_a_covariate_that_is_missing_in_part_is_refused(rng):
    X, y = rng.normal(size=(12, 2)), rng.normal(size=(12, 3))
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="static feature 1 of sample 3"):
        small(static_features=[0, 1]).fit(X, y)


def test_all_columns_may_be_static_in_an_encoder_decoder_only(rng):
    with pytest.raises(ValueError, match="nothing is left to read"):
        RNNRegressor(static_features=[0, 1]).fit(rng.normal(size=(9, 2)), np.arange(9))
