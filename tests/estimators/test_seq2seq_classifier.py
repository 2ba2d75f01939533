"""Seq2SeqClassifier: scikit-learn's checks, learning against baselines, lengths, searches."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import Seq2SeqClassifier, TokenEncoder
from skrnn.cells import ElmanCell
from tests.helpers.fits import nothing_to_learn, unconverged

pytestmark = [pytest.mark.core, unconverged]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")  # array API not enabled
@pytest.mark.filterwarnings("ignore:X has values as large")  # some checks draw X around 100
@nothing_to_learn  # most checks draw y at random
@parametrize_with_checks(
    [
        Seq2SeqClassifier(),
        # after more iterations, rounding errors grow too large for check_sample_weight_equivalence
        Seq2SeqClassifier(solver="lbfgs", max_iter=30),
        Seq2SeqClassifier((8, 6), bidirectional=True, attention="dot", beam_width=3, max_iter=200),
    ]
)
def test_check_estimator(estimator, check):
    check(estimator)


def small(**params):
    return Seq2SeqClassifier(**{"hidden_size": 4, "max_iter": 3, "random_state": 0} | params)


def words_of(rng, n, letters="abc", longest=5):
    return ["".join(rng.choice(list(letters), rng.randint(1, longest + 1))) for _ in range(n)]


def texts(labels):
    return ["".join(own) for own in labels]


def pairs(rng, n=24):
    """Numbers (n, 5, 1), and labels of any length, of which some have none."""
    return rng.normal(size=(n, 5, 1)), [rng.choice(list("uvw"), i % 4) for i in range(n)]


# --- learning ---


def test_words_are_reversed_and_doubled(rng):
    """A classifier that sees all letters, one-hot, can't say a word of its own length."""
    words = words_of(rng, 500)
    X, y = TokenEncoder("char").fit_transform(words), [list(2 * w[::-1]) for w in words]
    model = Seq2SeqClassifier(embedding_size=4, batch_size=50, max_iter=60, random_state=0)
    model.fit(X[:400], y[:400])
    commonest = max(y[400:], key=y[400:].count)
    assert model.score(X[400:], y[400:]) > 0.9 > 3 * np.mean([own == commonest for own in y[400:]])


@pytest.mark.parametrize("attention", [None, "dot"])
def test_labels_of_one_length_are_learned_better_than_by_linear_models(rng, attention):
    """Which step is the largest, the second largest and so on: no linear function of them."""
    X = rng.uniform(-1, 1, size=(800, 4, 1))
    y = X[:, :, 0].argsort(axis=1)[:, :2]
    model = Seq2SeqClassifier(attention=attention, batch_size=50, max_iter=60, random_state=0)
    model.fit(X[:600], y[:600])
    assert model.predict(X[:3]).shape == (3, 2)
    linear = [LogisticRegression().fit(X[:600, :, 0], y[:600, j]) for j in range(2)]
    right = [own.predict(X[600:, :, 0]) == y[600:, j] for j, own in enumerate(linear)]
    assert 1 - model.score(X[600:], y[600:]) < 0.5 * (1 - np.mean(right[0] & right[1]))


def test_one_label_of_a_class_without_steps(rng):
    """One to many: the covariates set the state of the decoder."""
    kind = rng.randint(3, size=(90, 1))
    X, y = np.eye(3)[kind[:, 0]], [list(("no", "perhaps", "yes")[k]) for k in kind[:, 0]]
    model = Seq2SeqClassifier(16, static_features=[0, 1, 2], max_iter=60, random_state=0)
    model.fit(X, y)
    assert texts(model.predict(np.eye(3))) == ["no", "perhaps", "yes"]


def test_a_wider_beam_finds_likelier_sequences(rng):
    words = words_of(rng, 60, "ab", 3)
    X = TokenEncoder("char").fit_transform(words)
    model = small(embedding_size=3, max_iter=8, length_penalty=0).fit(X, [list(w) for w in words])
    likelihoods = []
    for width in (1, 2, 8):
        model.set_params(beam_width=width)
        likelihoods.append(model.decode(X)[1][:, 0])
    assert (likelihoods[2] >= likelihoods[0] - 1e-9).all()
    assert likelihoods[2].mean() > likelihoods[0].mean()
    sequences, log_proba = model.decode(X, n_best=5)
    assert [len(own) for own in sequences] == [5] * 60
    assert log_proba.shape == (60, 5)
    assert (np.diff(log_proba, axis=1) <= 0).all()
    for best, own in zip(sequences, model.predict(X), strict=True):
        assert len(set(texts(best))) == 5
        assert_array_equal(best[0], own)


@pytest.mark.parametrize(
    ("letters", "params", "size"),
    [("uv", {}, 3), ("uvwxyz", {}, 4), ("uv", {"hidden_size": (2, 9)}, 2)],
)
def test_vectors_of_labels_are_as_large_as_tells_them_apart(rng, letters, params, size):
    y = [list(letters)] * 24
    weights = small(**params).fit(pairs(rng)[0], y).get_weights()
    assert weights["decoder.embedding"].shape == (len(letters) + 1, size)
    X = np.arange(24).reshape(12, 2)
    weights = small(embedding_size=5).fit(X, y[:12]).get_weights()
    assert weights["decoder.embedding"].shape == (len(letters) + 1, 5)


# --- lengths ---


def test_the_container_decides_whether_sequences_have_an_end(rng):
    X, _ = pairs(rng)
    y = rng.choice(list("uvw"), size=(24, 3))
    fixed, free = small().fit(X, y), small().fit(X, list(y))
    boxed = np.empty(24, object)
    boxed[:] = list(y)
    assert (fixed.n_outputs_, free.n_outputs_) == (3, 4)
    assert fixed.predict(X).shape == (24, 3)
    assert isinstance(free.predict(X), list)
    series = pd.Series(y.tolist(), index=range(24, 0, -1)), pl.Series(y.tolist())
    for other in (boxed, y.tolist(), [tuple(own) for own in y], *series):
        model = small().fit(X, other)
        assert texts(model.predict(X)) == texts(free.predict(X))
        assert model.classes_.dtype == y.dtype
    one = small().fit(X, y[:, 0])
    assert one.predict(X).shape == (24,)
    with pytest.warns(DataConversionWarning):
        column = small().fit(X, y[:, :1])
    assert_array_equal(column.predict(X), one.predict(X))
    assert one.score(X, y[:, 0]) == np.mean(one.predict(X) == y[:, 0])


def test_padding_after_the_last_label_is_no_label(rng):
    X, y = pairs(rng)
    numbers = [np.array(["uvw".index(k) for k in own], float) for own in y]
    padded = [np.append(own, [np.nan] * (4 - len(own))) for own in numbers]
    one, other = small().fit(X, numbers), small().fit(X, padded)
    assert_array_equal(one.parameters_, other.parameters_)
    assert one.score(X, numbers) == other.score(X, padded)


def test_shorter_sequences_train_as_if_alone(rng):
    """What follows the end of a sequence has no effect, whatever the longest one is."""
    X, y = pairs(rng)
    model, weights = small(solver="lbfgs"), np.r_[np.ones(23), 0]
    model.fit(X, y, sample_weight=weights)
    longer = [*y[:-1], np.repeat("u", 9)]
    expected = small(solver="lbfgs").fit(X, longer, sample_weight=weights)
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-6)


def test_sequences_without_a_step_to_read_do_not_train(rng):
    X, y = pairs(rng)
    X[5] = np.nan
    model = small().fit(X, y)
    expected = small().fit(X, y, sample_weight=np.arange(24) != 5)
    assert_allclose(model.parameters_, expected.parameters_, rtol=1e-9)


def test_predictions_end_after_max_steps(rng):
    X, y = pairs(rng)
    y = [["u", "v"]] * 24
    model = small(max_iter=1).fit(X, y)
    weights = model.get_weights()
    weights["decoder.readout.bias"][-1] = -1000  # it never ends
    model.set_weights(weights)
    assert {len(own) for own in model.predict(X)} == {4}  # twice the longest
    assert {len(own) for own in model.set_params(max_steps=7).predict(X)} == {7}
    weights["decoder.readout.bias"][-1] = 1000
    model.set_weights(weights)
    assert {len(own) for own in model.predict(X)} == {0}
    model.set_params(max_steps=10**12)  # nothing is made for steps that aren't written
    assert {len(own) for own in model.predict(X)} == {0}


@nothing_to_learn
@pytest.mark.parametrize("params", [{"attention": "dot"}, {"static_features": [0, 1]}])
def test_a_sequence_is_predicted_alone_as_among_others(rng, params):
    X = [rng.normal(size=(1 + i % 6, 1)) for i in range(24)]
    if "static_features" in params:  # there is no encoder
        X = rng.normal(size=(24, 2))
    _, y = pairs(rng)
    model = small(**params, beam_width=3, max_iter=20).fit(X, y)
    together, log_proba = model.decode(X, n_best=3)
    for i in range(24):
        alone, own = model.decode(X[i : i + 1], n_best=3)
        assert texts(alone[0]) == texts(together[i])
        assert_allclose(own[0], log_proba[i], rtol=1e-6)


def test_score_is_the_share_of_sequences_that_are_right_throughout(rng):
    words = words_of(rng, 60, "ab", 3)
    X = TokenEncoder("char").fit_transform(words)
    y = [list(word) for word in words]
    model = small(embedding_size=3, max_iter=30, batch_size=10).fit(X, y)
    right = [list(own) == true for own, true in zip(model.predict(X), y, strict=True)]
    assert 0.1 < np.mean(right) < 0.9
    assert model.score(X, y) == np.mean(right)
    weights = rng.uniform(size=60)
    assert_allclose(model.score(X, y, weights), np.average(right, weights=weights))
    strange = [["x", *own] for own in y]
    assert model.score(X, strange) == 0
    unseen = [["aa" if label == "b" else label for label in own] for own in y]  # sorted before "b"
    with_b = ["b" in own for own in y]
    assert model.score(X, unseen) == np.mean(right & ~np.array(with_b)) < np.mean(right)
    empty = np.mean([len(own) == 0 for own in model.predict(X)])
    assert model.score(X, [[]] * 60) == empty < 1


# --- the conventions of scikit-learn ---


def test_scikit_learn_knows_that_labels_are_needed():
    assert Seq2SeqClassifier().__sklearn_tags__().target_tags.required


@pytest.mark.parametrize(
    "params", [{}, {"attention": "dot"}, {"teacher_forcing": 0.3}, {"n_init": 2, "ensemble": True}]
)
def test_fits_are_reproducible_and_survive_a_pickle(rng, params):
    X, y = pairs(rng)
    model = small(**params, dropout=0.2).fit(X, y)
    again, other = clone(model).fit(X, y), clone(model).set_params(random_state=1).fit(X, y)
    assert_array_equal(model.parameters_, again.parameters_)
    assert not np.array_equal(model.parameters_, other.parameters_)
    assert texts(pickle.loads(pickle.dumps(model)).predict(X)) == texts(model.predict(X))
    assert texts(other.set_weights(model.get_weights()).predict(X)) == texts(model.predict(X))


def test_object_arrays_get_object_arrays(rng):
    """So that cross_val_predict can join predictions of any lengths."""
    X, y = pairs(rng)
    boxed = np.empty(len(y), object)
    boxed[:] = y
    found = small().fit(X, boxed).predict(X)
    assert found.dtype == object
    for one, other in zip(found, small().fit(X, y).predict(X), strict=True):
        assert_array_equal(one, other)
    folds = cross_val_predict(small(), X, boxed, cv=2)
    expected = small().fit(X[12:], y[12:]).predict(X[:12])
    assert [own.tolist() for own in folds[:12]] == [own.tolist() for own in expected]
    same = np.empty(24, object)
    same[:] = [["u", "v"], ["v", "w"]] * 12
    assert small().fit(X, same).predict(X).shape == (24,)  # whatever the lengths
    sequences, _ = small(beam_width=2).fit(X, boxed).decode(X[:2], n_best=2)
    assert [len(own) for own in sequences] == [2, 2]
    assert all(isinstance(own, list) for own in (sequences, *sequences))


def test_searches_over_lists_of_labels(rng):
    words = words_of(rng, 30, "ab", 3)
    y = [list(word) for word in words]
    pipe = make_pipeline(TokenEncoder("char"), small(embedding_size=3))
    search = GridSearchCV(pipe, {"seq2seqclassifier__attention": [None, "dot"]}, cv=3)
    assert np.isfinite(search.fit(words, y).cv_results_["mean_test_score"]).all()
    assert np.isfinite(cross_val_score(pipe, words, np.array(y, object), cv=3)).all()
    assert np.isfinite(cross_val_score(pipe, words, [np.array(own) for own in y], cv=3)).all()


@pytest.mark.parametrize(
    "params", [{}, {"attention": "dot", "class_weight": {"u": 3}}, {"class_weight": "balanced"}]
)
def test_weights_equal_repetition(rng, params):
    X, y = pairs(rng)
    repeat = np.arange(24) % 3
    weighted = small(**params, max_iter=8).fit(X, y, sample_weight=repeat)
    keep = np.repeat(np.arange(24), repeat)
    repeated = small(**params, max_iter=8).fit(X[keep], [y[i] for i in keep])
    assert_allclose(weighted.parameters_, repeated.parameters_, rtol=1e-7)


def test_weights_of_classes_count_labels_and_not_ends(rng):
    """A balanced fit is one with the inverse shares of the labels."""
    X, y = pairs(rng)
    y = [np.where(np.arange(len(own)) == 0, "u", own) for own in y]
    names, counts = np.unique(np.concatenate(y), return_counts=True)
    inverse = dict(zip(names.tolist(), counts.sum() / (len(names) * counts), strict=True))
    balanced = small(class_weight="balanced").fit(X, y)
    assert_allclose(balanced.parameters_, small(class_weight=inverse).fit(X, y).parameters_)
    plain = small().fit(X, y)
    assert not np.allclose(balanced.parameters_, plain.parameters_)
    ones = small(class_weight=dict.fromkeys("uvw", 1)).fit(X, y)
    assert_allclose(ones.parameters_, plain.parameters_)


def test_weights_of_classes_do_not_follow_the_steps_of_X(rng):
    X, y = pairs(rng)
    weights = {"u": 2, "v": 0.3}
    model = small(class_weight=weights).fit(X, y)
    for before, after in [(3, 0), (0, 2), (4, 1)]:
        padded = np.pad(X, ((0, 0), (before, after), (0, 0)), constant_values=np.nan)
        other = small(class_weight=weights).fit(padded, y)
        assert_allclose(other.parameters_, model.parameters_, rtol=1e-9)


def test_early_stopping_keeps_the_likeliest_labels(rng):
    words = words_of(rng, 150)
    X, y = TokenEncoder("char").fit_transform(words), [list(w) for w in words]
    model = small(hidden_size=16, embedding_size=4, early_stopping=True, max_iter=30)
    model.fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    best = min(model.validation_loss_curve_)
    everything = model.set_params(beam_width=400, max_steps=5, length_penalty=0)
    sequences, log_proba = everything.decode(X[100:], n_best=364)  # all of up to 5 letters
    total, n_labels = 0.0, sum(map(len, y[100:])) + 50
    for own, log_p, true in zip(sequences, log_proba, words[100:], strict=True):
        total -= log_p[texts(own).index(true)]
    assert_allclose(total / n_labels, best, rtol=1e-5)  # in single precision, as the tokens


def test_validation_loss_is_that_of_training_on_the_same_data(rng):
    """Both count the weights of samples and of classes."""
    X, y = pairs(rng)
    weights = rng.uniform(0, 3, size=24)
    model = small(early_stopping=True, alpha=0, learning_rate_init=1e-12, class_weight={"u": 5})
    model.fit(X, y, weights, X_val=X, y_val=y, sample_weight_val=weights)
    assert_allclose(model.validation_loss_curve_, model.loss_curve_, rtol=1e-9)


def test_partial_fit_equals_fit_with_all_data_in_each_call(rng):
    X, y = pairs(rng)
    whole = small(max_iter=4, teacher_forcing=0.6, learning_rate="constant").fit(X, y)
    parts = small(teacher_forcing=0.6)
    for _ in range(4):
        parts.partial_fit(X, y, classes=list("uvw"))
    assert_array_equal(parts.parameters_, whole.parameters_)
    parts.partial_fit(X[:2], [["u"] * 9, []])
    unnamed = small().partial_fit(X, y)
    assert_array_equal(unnamed.classes_, ["u", "v", "w"])
    with pytest.raises(ValueError, match="Name all classes there"):
        unnamed.partial_fit(X, [["x"]] * 24)
    assert parts._topology.n_steps == 10
    with pytest.raises(ValueError, match="pass the same kind of y"):
        parts.partial_fit(X, np.tile(["u", "v"], (24, 1)))


def test_warm_start_resumes(rng):
    X, y = pairs(rng)
    whole = small(max_iter=6, learning_rate="constant").fit(X, y)
    parts = small(max_iter=3, warm_start=True).fit(X, y).fit(X, y)
    assert_array_equal(parts.parameters_, whole.parameters_)


def test_the_learning_rate_falls_in_a_fit_and_stays_where_training_has_no_end(rng):
    X, y = pairs(rng)
    for rate, model in [("cosine", small()), ("constant", small(warm_start=True))]:
        expected = clone(model).set_params(learning_rate=rate).fit(X, y)
        assert_array_equal(model.fit(X, y).parameters_, expected.parameters_)
    assert not np.array_equal(small().fit(X, y).parameters_, model.parameters_)


def test_attention_is_on_the_letter_that_is_copied(rng):
    words = words_of(rng, 400, "abcdef", 5)
    X, y = TokenEncoder("char").fit_transform(words), [list(w[::-1]) for w in words]
    model = Seq2SeqClassifier(
        20,
        attention="dot",
        embedding_size=6,
        bidirectional=True,
        batch_size=50,
        learning_rate="cosine",
        max_iter=40,
        random_state=0,
    ).fit(X, y)
    assert model.score(X, y) > 0.9
    weights = model.attention_weights(X)
    assert weights.shape == (400, 5 + 1, 5)
    for own, word in zip(weights, words, strict=True):
        n = len(word)
        assert_allclose(own[:n].sum(axis=1), 1, rtol=1e-5)  # in single precision
        assert not own[:n, n:].any()
        assert np.isnan(own[n + 1 :]).all()
    of_five = np.array([own[:5] for own, word in zip(weights, words, strict=True) if len(word) > 4])
    assert_array_equal(of_five.mean(axis=0).argmax(axis=1), np.arange(5)[::-1])


class CountedCell(ElmanCell):
    """An Elman cell that counts the steps of all its layers."""

    n_steps = 0

    def forward(self, prepared, operand, h):
        CountedCell.n_steps += 1
        super().forward(prepared, operand, h)


def test_an_ensemble_is_searched_once_for_its_attention_weights(rng):
    """Each of E networks takes as many steps again as for a prediction, to read what was found."""
    X, y = pairs(rng)
    settings = {"attention": "dot", "ensemble": True, "n_init": 3, "cell": CountedCell}
    model = small(**settings).fit(X, y)
    steps = []
    for method in (model.predict, model.attention_weights):
        before = CountedCell.n_steps
        method(X)
        steps.append(CountedCell.n_steps - before)
    assert steps[0] > 0
    assert steps[1] <= 2 * steps[0]


def test_attention_weights_of_an_ensemble_are_the_mean_of_its_networks(rng):
    """Of labels that all networks predict alike, each network reads what it would alone."""
    X, y = rng.normal(size=(24, 5, 1)), np.tile(["u", "v"], (24, 1))
    settings = {"attention": "dot", "n_init": 2, "max_iter": 30}
    ensemble = small(**settings, ensemble=True).fit(X, y)
    weights, found = ensemble.get_weights(), []
    for e in range(2):
        prefix = f"network{e}."
        own = {k.removeprefix(prefix): w for k, w in weights.items() if k.startswith(prefix)}
        alone = small(**settings).fit(X, y).set_weights(own)
        assert_array_equal(alone.predict(X), ensemble.predict(X))
        found.append(alone.attention_weights(X))
    assert_allclose(ensemble.attention_weights(X), np.mean(found, axis=0), rtol=1e-12)


# --- errors ---


def test_labels_that_are_refused(rng):
    X, y = pairs(rng)
    array = rng.randint(3, size=(24, 3)).astype(float)
    array[4, 1] = np.nan
    inside = [np.array([1.0, np.nan, 2.0]) if i == 7 else np.ones(2) for i in range(24)]
    cases = [
        (["abc"] * 24, r"pass \[list\(s\) for s in y\]"),
        (array, "first in sample 4, step 1. Remove these samples. For sequences of different"),
        (inside, "NaN in sample 7, step 1, before the last label of the sample in step 2"),
        ([np.ones((2, 2))] * 24, r"y\[0\] has 2 dimensions"),
        ([[("u",), ("u", "v")]] * 24, r"y\[0\] has 2 dimensions"),
        ([[np.ones(1), np.ones(2)]] * 24, r"y\[0\] has 2 dimensions"),
        ([*[[1, 2]] * 23, 3], r"y\[23\] has 0 dimensions"),
        (y[:-1], "inconsistent numbers of samples"),
        (np.ones((24, 2, 2), int), "3 dimensions"),
        ([["u"]] * 24, "one class only"),
        ([[]] * 24, "one class only"),
        (None, "requires y to be passed"),
    ]
    model = small().fit(X, y)
    before = model.parameters_
    for labels, text in cases:
        with pytest.raises(ValueError, match=text):
            model.fit(X, labels)
    assert_array_equal(model.parameters_, before)
    with pytest.raises(TypeError, match="labels of several types, int, str"):
        model.fit(X, [["u"], [1]] * 12)
    for labels, text in [
        (np.tile(["u", "v"], (24, 1)), "y is an array, of sequences of one length, but fit had"),
        ([[1, 2]] * 24, "can't be compared with the classes"),
    ]:
        with pytest.raises(ValueError, match=text):
            model.score(X, labels)
    fixed = small().fit(X, np.tile(["u", "v"], (24, 1)))
    with pytest.raises(ValueError, match="y has 3 labels in each sequence, but fit had 2"):
        fixed.score(X, np.tile(["u", "v", "u"], (24, 1)))


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"cell": "jordan"}, "use another cell"),
        ({"solver": "lm"}, "The 'solver' parameter"),
        ({"beam_width": 0}, "The 'beam_width' parameter"),
        ({"length_penalty": -1}, "The 'length_penalty' parameter"),
        ({"max_steps": 0}, "The 'max_steps' parameter"),
        ({"alpha": "auto"}, "The 'alpha' parameter"),
        ({"class_weight": {"z": 2}}, "class_weight has weights for"),
        ({"embedding_size": 3}, "X has"),
        ({"hidden_size": []}, "hidden_size must be a positive integer, or one for each layer"),
        ({"hidden_size": True}, "hidden_size must be a positive integer, or one for each layer"),
    ],
)
def test_parameters_that_are_refused(rng, params, text):
    X, y = pairs(rng)
    with pytest.raises(ValueError, match=text):
        small(**params).fit(X, y)


@pytest.mark.parametrize(
    ("name", "value"), [("beam_width", 0), ("length_penalty", np.nan), ("max_steps", -3)]
)
def test_parameters_of_the_search_that_are_set_after_fit(rng, name, value):
    X, y = pairs(rng)
    model = small().fit(X, y).set_params(**{name: value})
    for method in (model.predict, model.decode):
        with pytest.raises(ValueError, match=f"The '{name}' parameter"):
            method(X)


def test_more_sequences_than_the_search_keeps_are_refused(rng):
    X, y = pairs(rng)
    model = small(beam_width=3).fit(X, y)
    for n_best in (0, 4):
        with pytest.raises(ValueError, match=f"n_best={n_best} .*from 1 to 3.*raise beam_width"):
            model.decode(X, n_best=n_best)
    for n_best in (1.5, "all", True):
        with pytest.raises(TypeError, match=f"n_best={n_best!r} must be a whole number: .*to 3"):
            model.decode(X, n_best=n_best)


def test_there_are_no_more_sequences_than_there_are(rng):
    X, _ = pairs(rng)
    model = small(beam_width=50).fit(X, rng.randint(2, size=(24, 2)))
    sequences, log_proba = model.decode(X, n_best=4)
    assert sequences.shape == (24, 4, 2)
    assert_allclose(np.exp(log_proba).sum(axis=1), 1)
    with pytest.raises(ValueError, match="there are no more sequences"):
        model.decode(X, n_best=5)


def test_there_are_no_more_sequences_with_an_end_than_there_are(rng):
    X, _ = pairs(rng)
    model = small(beam_width=50, max_steps=2).fit(X, [[0], [1, 0]] * 12)
    sequences, _ = model.decode(X, n_best=7)
    assert {len(set(map(tuple, own))) for own in sequences} == {7}  # 1 + 2 + 4
    with pytest.raises(ValueError, match=r"from 1 to 7.*there are no more sequences"):
        model.decode(X, n_best=8)


def test_unseen_labels_of_a_validation_set_are_refused(rng):
    X, y = pairs(rng)
    with pytest.raises(ValueError, match=r"y_val: y has labels \['z'\]"):
        small(early_stopping=True).fit(X, y, X_val=X, y_val=[["z"]] * 24)
