"""Classifiers of the next token: `fit` and `score` without y, and `neg_perplexity`."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from skrnn import RNNClassifier, TokenEncoder, neg_perplexity
from tests.helpers.fits import badly_judged, nothing_to_learn, single_steps, unconverged

pytestmark = [pytest.mark.core, unconverged, nothing_to_learn, badly_judged]

N, T, V = 24, 8, 5
GAPS = {"none": [], "front": [0, 1], "end": [6, 7], "inside": [2, 3, 5]}
TEXTS = ["I love recurrent networks", "networks love tokens", "love is recurrent", "I love"] * 5


def quick(**parameters):
    options = {"hidden_size": 4, "embedding_size": 3, "alpha": 1.0, "max_iter": 5}
    return RNNClassifier(**options | {"random_state": 0} | parameters)


@pytest.fixture
def X(rng):
    X = rng.randint(V, size=(N, T)).astype(float)
    X[:V, 4] = np.arange(V)
    return X


def with_gaps(X, where):
    X = X.copy()
    X[::2, GAPS[where]] = np.nan
    return X


def next_of(X):
    """The next token of each step, in plain loops; -1 where there is none."""
    y = np.full(X.shape, -1)
    for i, x in enumerate(X):
        steps = [t for t in range(len(x)) if not np.isnan(x[t])]
        for now, then in itertools.pairwise(steps):
            y[i, now] = x[then]
    return y


def log_likelihoods(model, X):
    """Of each token that has one before it."""
    p, y = model.predict_proba(X), next_of(X)
    return [np.log(p[i, t, y[i, t]]) for i, t in np.argwhere(y >= 0)]


@pytest.mark.parametrize("where", GAPS)
@pytest.mark.parametrize(("solver", "bptt_steps"), [("adam", None), ("adam", 3), ("lbfgs", None)])
def test_equals_a_fit_with_the_next_tokens_as_labels(X, where, solver, bptt_steps):
    X = with_gaps(X, where)
    y = next_of(X)
    model = quick(solver=solver, bptt_steps=bptt_steps)
    expected = clone(model).fit(X, np.maximum(y, 0), sample_weight=(y >= 0).astype(float))
    found = clone(model).fit(X)
    assert_array_equal(found.classes_, np.arange(V))
    assert_allclose(found.parameters_, expected.parameters_, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("where", GAPS)
def test_score_is_the_mean_log_likelihood(X, where):
    X = with_gaps(X, where)
    model = quick().fit(X)
    own = log_likelihoods(model, X)
    assert model.score(X) == pytest.approx(np.mean(own), rel=1e-12)
    assert neg_perplexity(model, X) == pytest.approx(-np.exp(-np.mean(own)), rel=1e-12)
    listed = [x[~np.isnan(x)] for x in X]
    assert model.score(listed) == pytest.approx(np.mean(own), rel=1e-12)
    labels = [y[y >= 0] for y in next_of(X)]
    shorter = [x[:-1] for x in listed]
    assert neg_perplexity(model, shorter, labels) == pytest.approx(neg_perplexity(model, X))


def test_score_weighs_sequences_and_steps(rng, X):
    model, weight = quick().fit(X), rng.randint(1, 4, size=N)
    repeated = np.repeat(np.arange(N), weight)
    assert model.score(X, sample_weight=weight) == pytest.approx(model.score(X[repeated]))
    weight = rng.uniform(size=X.shape)
    own = np.reshape(log_likelihoods(model, X), (N, T - 1))
    expected = np.average(own, weights=weight[:, :-1])
    assert model.score(X, sample_weight=weight) == pytest.approx(expected)


def test_scores_of_few_tokens_at_a_time_are_the_same(X, monkeypatch):
    model = quick().fit(X)
    expected = model.score(X), model.predict(X)
    monkeypatch.setattr("skrnn._engine.blocks.BLOCK_NUMBERS", 200)
    assert model.score(X) == pytest.approx(expected[0], rel=1e-12)
    assert_array_equal(model.predict(X), expected[1])


def test_two_tokens_share_one_output(rng):
    X = rng.randint(2, size=(N, T)).astype(float)
    model = quick().fit(X)
    assert model.n_outputs_ == 1
    assert model.score(X) == pytest.approx(np.mean(log_likelihoods(model, X)))


def test_what_follows_is_learned(rng):
    """Tokens that hang on the two before: no table of pairs of tokens foresees them."""
    X = rng.randint(2, size=(300, 20))
    for t in range(2, 20):
        flip = rng.uniform(size=300) < 0.05
        X[:, t] = (X[:, t - 1] + X[:, t - 2] + flip) % 2
    model = RNNClassifier(8, embedding_size=4, random_state=0).fit(X[:200])
    ideal = np.exp(-(0.05 * np.log(0.05) + 0.95 * np.log(0.95)))  # 1.22; a guess among two has 2
    expected = np.exp((np.log(2) + 18 * np.log(ideal)) / 19)  # the first token tells nothing
    assert -neg_perplexity(model, X[200:]) < 1.1 * expected


@pytest.mark.parametrize("n_tokens", [None, 9])
def test_partial_fit(X, n_tokens):
    model = quick(n_tokens=n_tokens, solver="adam")
    n = n_tokens or V
    for _ in range(5):
        model.partial_fit(X)
    assert_array_equal(model.classes_, np.arange(n))
    fitted = clone(model).set_params(max_iter=5).fit(X)
    assert_allclose(model.parameters_, fitted.parameters_, rtol=1e-10)
    assert_array_equal(model.partial_fit(np.minimum(X, 2)).classes_, np.arange(n))
    with pytest.raises(ValueError, match="classes are those of y"):
        clone(model).partial_fit(X, classes=np.arange(n))


def test_validation_set_without_y(X):
    model = quick(early_stopping=True).fit(X[5:], X_val=X[:5])
    best = -min(model.validation_loss_curve_)
    assert model.score(X[:5]) == pytest.approx(best)
    with pytest.raises(ValueError, match="y_val is provided, but y is not"):
        quick(early_stopping=True).fit(X[5:], X_val=X[:5], y_val=next_of(X[:5]))
    with pytest.raises(ValueError, match="y_val was not provided"):
        quick(early_stopping=True).fit(X[5:], next_of(X[5:]), X_val=X[:5])


def test_texts_stay_in_the_pipeline():
    """The encoder learns from the texts of each fold, of which none has y."""
    pipe = make_pipeline(TokenEncoder("char"), quick(hidden_size=6))
    likelihood = cross_val_score(pipe, TEXTS, cv=4)
    perplexity = cross_val_score(pipe, TEXTS, cv=4, scoring=neg_perplexity)
    assert_allclose(perplexity, -np.exp(-likelihood))
    grid = {"rnnclassifier__embedding_size": [1, 6], "tokenencoder__lowercase": [False, True]}
    search = GridSearchCV(pipe, grid, cv=3, scoring=neg_perplexity).fit(TEXTS)
    assert search.best_params_["rnnclassifier__embedding_size"] == 6
    assert neg_perplexity(search, TEXTS) == pytest.approx(search.score(TEXTS))
    best = search.best_estimator_
    assert best.score(TEXTS) == pytest.approx(np.log(-1 / neg_perplexity(best, TEXTS)))


def test_texts_of_one_length_are_followed_by_others():
    pipe = make_pipeline(TokenEncoder("char"), quick()).fit(["abcd", "bcda", "cdab"] * 3)
    for texts in (["ab"], ["abcdabcd", "dabcdabc"]):
        assert pipe.predict(texts).shape == (len(texts), len(texts[0]))


# --- what is refused ---


@single_steps
def test_nothing_to_predict(X):
    message = (
        "requires y to be passed, but the target y is None. If X holds tokens, embedding_size="
    )
    with pytest.raises(ValueError, match=message):
        quick(embedding_size=None).fit(X)
    with pytest.raises(ValueError, match="bidirectional=False"):
        quick(bidirectional=True).fit(X)
    with pytest.raises(ValueError, match="needs two tokens or more"):
        quick().fit(np.zeros((N, T)))
    with pytest.raises(ValueError, match="There is nothing to learn from"):
        quick(n_tokens=V).fit([x[:1] for x in X])
    with pytest.raises(ValueError, match="There is nothing to score"):
        quick().fit(X).score([x[:1] for x in X])


def test_scores_without_y_need_a_fit_without_y(rng, X):
    for y in (rng.randint(2, size=N), rng.randint(2, size=(N, T))):
        model = quick().fit(X, y)
        for score in (model.score, lambda X, model=model: neg_perplexity(model, X)):
            with pytest.raises(ValueError, match=r"target y is None\. Without y"):
                score(X)
    numbers = quick(embedding_size=None).fit(X, rng.randint(2, size=N))
    with pytest.raises(ValueError, match="target y is None"):
        numbers.score(X)
    with pytest.raises(NotFittedError):
        quick().score(X)


def test_labels_that_the_fit_did_not_have(X):
    model, y = quick().fit(X), np.maximum(next_of(X), 0)
    y[3, 2] = 77
    with pytest.raises(ValueError, match=r"y has labels \[77\] .*min_frequency=2"):
        neg_perplexity(model, X, y)
    with pytest.raises(ValueError, match="one for each step"):
        neg_perplexity(model, X, y[:, 0] % V)
    with pytest.raises(TypeError, match="model must be an RNNClassifier"):
        neg_perplexity(LinearRegression(), X)


def test_resumed_fits_keep_their_classes(rng, X):
    model = quick(warm_start=True, solver="adam").fit(X, rng.randint(2, size=(N, T)))
    before = model.parameters_
    with pytest.raises(ValueError, match="the classes are the tokens 0 to 4, but the fit"):
        model.fit(X)
    assert model.parameters_ is before
