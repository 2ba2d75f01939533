"""TokenEncoder: ids, the way back, the vocabulary."""

import pickle
import re
import unicodedata
from collections import Counter

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import TokenEncoder

pytestmark = pytest.mark.core

nan = np.nan
TEXTS = ["to be, or not to be", "that is the question", "", "to die, to sleep"]
LISTS = [[60, 62, "rest", 60], [], [62, (64, 67)]]


def random_texts(rng, n, alphabet="abcde ,é\n"):
    return ["".join(rng.choice(list(alphabet), rng.randint(12))) for _ in range(n)]


def naive(sequences, tokens, *, start, stop, unknown="token"):
    """The ids of sequences, one after the other, by positions in a list of tokens."""
    first = 1 + start + stop
    rows = []
    for own in sequences:
        ids = [tokens.index(token) + first if token in tokens else 0 for token in own]
        if unknown == "skip":
            ids = [i for i in ids if i]
        rows.append([1] * start + ids + [1 + start] * stop)
    longest = max(1, *map(len, rows))
    return np.array([row + [nan] * (longest - len(row)) for row in rows])


# ids


@pytest.mark.parametrize("start", [False, True])
@pytest.mark.parametrize("stop", [False, True])
@pytest.mark.parametrize("unknown", ["token", "skip"])
@pytest.mark.parametrize("analyzer", ["word", "char", str.split])
def test_ids_are_those_of_a_loop(rng, analyzer, unknown, stop, start):
    texts, others = random_texts(rng, 40), random_texts(rng, 9, "abxy ,é")
    settings = {"max_features": 6, "handle_unknown": unknown, "start": start, "stop": stop}
    encoder = TokenEncoder(analyzer, **settings).fit(texts)
    cut = {"char": list, "word": re.compile(r"\w+|[^\w\s]").findall}.get(analyzer, str.split)
    counts = Counter(token for text in texts for token in cut(text))
    tokens = sorted(sorted(counts), key=counts.get, reverse=True)[:6]  # a stable sort
    first = 1 + start + stop
    assert list(encoder.vocabulary_.items()) == [(t, i) for i, t in enumerate(tokens, first)]
    assert encoder.n_tokens_ == first + 6
    assert (encoder.start_, encoder.stop_) == (1 if start else None, 1 + start if stop else None)
    n_unknown = counts.total() - sum(counts[token] for token in tokens)
    assert_array_equal(
        encoder.counts_, [n_unknown, *[40] * (start + stop), *(counts[token] for token in tokens)]
    )
    for own in (texts, others, others[:1]):
        expected = naive(map(cut, own), tokens, start=start, stop=stop, unknown=unknown)
        ids = encoder.transform(own)
        assert ids.dtype == np.float32
        assert_array_equal(ids, expected)
    assert_array_equal(clone(encoder).fit_transform(texts), encoder.transform(texts))


def test_counts_are_those_of_count_vectorizer(rng):
    texts = random_texts(rng, 50)
    own = TokenEncoder().fit(texts)
    vectorizer = CountVectorizer(token_pattern=r"\w+|[^\w\s]", lowercase=False).fit(texts)
    counts = vectorizer.transform(texts).sum(axis=0)
    assert set(own.vocabulary_) == set(vectorizer.vocabulary_)
    for token, i in own.vocabulary_.items():
        assert own.counts_[i] == np.asarray(counts).ravel()[vectorizer.vocabulary_[token]]


def test_a_word_is_one_and_so_is_a_sign():
    assert list(TokenEncoder().fit(["It's 3.5, señor_1!"]).vocabulary_) == sorted(
        ["It", "'", "s", "3", ".", "5", ",", "señor_1", "!"]
    )
    group = TokenEncoder(token_pattern=r"(\w+)-").fit(["a-b-c"])
    assert list(group.vocabulary_) == ["a", "b"]
    assert list(TokenEncoder(lowercase=True).fit(["The the THE"]).vocabulary_) == ["the"]


@pytest.mark.parametrize("analyzer", ["word", "char", list])
def test_texts_that_look_the_same_are_the_same(analyzer):
    composed, decomposed = "déjà Å", "de\u0301ja\u0300 A\u030a"
    assert len(decomposed) > len(composed)
    encoder = TokenEncoder(analyzer).fit([composed])
    assert_array_equal(encoder.transform([decomposed]), encoder.transform([composed]))
    assert clone(encoder).fit([decomposed]).vocabulary_ == encoder.vocabulary_
    assert all(unicodedata.is_normalized("NFC", token) for token in encoder.vocabulary_)
    # tokens of lists are what they are
    assert len(TokenEncoder().fit([[composed, decomposed]]).vocabulary_) == 2


def test_code_points_beyond_the_basic_plane_are_one_token():
    ids = TokenEncoder("char").fit_transform(["a😀", "\ud800"])  # and lone surrogates are tokens
    assert_array_equal(ids, [[1, 3], [2, nan]])


def test_tokens_of_several_types_are_sorted_by_type():
    encoder = TokenEncoder().fit([["b", (2, 1), 3, "a", 2.5, (1, 9), True]])
    assert list(encoder.vocabulary_) == [True, 2.5, 3, "a", "b", (1, 9), (2, 1)]


def test_rare_tokens_are_unknown():
    encoder = TokenEncoder(min_frequency=2).fit([list("aabbbc")])
    assert encoder.vocabulary_ == {"b": 1, "a": 2}
    assert_array_equal(encoder.counts_, [1, 3, 2])
    assert_array_equal(encoder.transform([list("abc")]), [[2, 1, 0]])
    assert TokenEncoder(min_frequency=2, max_features=1).fit(["a a b b"]).vocabulary_ == {"a": 1}


def test_nothing_but_empty_texts_leaves_one_step():
    encoder = TokenEncoder().fit(TEXTS)
    assert_array_equal(encoder.transform(["", " "]), [[nan], [nan]])
    assert encoder.inverse_transform([[nan], [nan]]) == ["", ""]
    assert_array_equal(TokenEncoder(stop=True).fit(TEXTS).transform([""]), [[1]])
    skip = TokenEncoder(handle_unknown="skip").fit(TEXTS)
    assert_array_equal(skip.transform(["xyz", "to xyz be"])[1], skip.transform(["to be"])[0])


@pytest.mark.parametrize("dtype", [np.float64, "float64", np.dtype("float32"), float])
def test_dtype_of_ids(dtype):
    assert TokenEncoder(dtype=dtype).fit_transform(TEXTS).dtype == np.dtype(dtype)


# the way back


@pytest.mark.parametrize("borders", [{}, {"start": True}, {"stop": True, "start": True}])
def test_back_from_ids(rng, borders):
    texts = random_texts(rng, 30)
    chars = TokenEncoder("char", **borders)
    back = chars.inverse_transform(chars.fit_transform(texts))
    assert back == texts
    words = TokenEncoder(**borders)
    ids = words.fit_transform(texts)
    spaced = [" ".join(re.findall(r"\w+|[^\w\s]", text)) for text in texts]
    assert words.inverse_transform(ids) == spaced
    assert_array_equal(words.transform(spaced), ids)
    lists = TokenEncoder(**borders)
    assert lists.inverse_transform(lists.fit_transform(LISTS)) == LISTS
    calls = TokenEncoder(lambda text: [ord(own) for own in text], **borders)
    assert calls.inverse_transform(calls.fit_transform(["ab"])) == ["97 98"]


def test_back_from_sequences_of_any_lengths():
    encoder = TokenEncoder("char", start=True, stop=True).fit(["ab"])  # a is 3, b is 4
    ids = [[1, 3, 4, 2], [nan, 4], []]
    for X in (
        ids,
        [np.array(own, float) for own in ids],
        np.array([np.array(own, float) for own in ids], dtype=object),
        np.array([[1, 3, 4, 2], [nan, nan, nan, 4], [nan] * 4]),
        np.array([[1, 3, 4, 2], [nan, nan, nan, 4], [nan] * 4])[..., np.newaxis],
    ):
        assert encoder.inverse_transform(X) == ["ab", "b", ""]
    assert encoder.inverse_transform(np.array([[3, 4], [4, 3]])) == ["ab", "ba"]


def test_unknown_tokens_keep_their_place():
    assert TokenEncoder("char").fit(["ab"]).inverse_transform([[1, 0, 2]]) == ["a�b"]
    words = TokenEncoder().fit(["a b"])
    assert words.inverse_transform([[1, 0, 2]]) == ["a � b"]
    assert_array_equal(words.transform(["a � b"]), [[1, 0, 2]])
    assert TokenEncoder().fit([["a", "b"]]).inverse_transform([[1, 0, 2]]) == [["a", None, "b"]]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1, 2], [3, 1.5]], r"X\[1\] has the value 1.5 at step 1.*from 0 to 4, as n_tokens_=5"),
        ([[1], [], [2, 2, 5]], r"X\[2\] has the value 5 at step 2"),
        ([[nan, -1]], r"X\[0\] has the value -1 at step 1"),
        ([[nan, np.inf]], r"X\[0\] has the value inf"),
        ([1, 2], r"X\[0\] has the shape \(\).*pass \[X\]"),
        (3.0, r"X\[0\] has the shape \(\)"),
        (np.ones((2, 3, 2)), r"X\[0\] has the shape \(3, 2\)"),
        ([["a", "b"]], "encode texts and lists of tokens by TokenEncoder"),
    ],
)
def test_what_is_no_id(X, message):
    with pytest.raises(ValueError, match=message):
        TokenEncoder().fit(["a b c d"]).inverse_transform(X)


# a vocabulary of the user's own


def test_vocabulary_has_the_order_of_the_user():
    settings = {"start": True, "max_features": 1, "min_frequency": 9}  # which it overrules
    encoder = TokenEncoder(vocabulary=["b", "a", "z"], **settings).fit(["a a b c"])
    assert encoder.vocabulary_ == {"b": 2, "a": 3, "z": 4}
    assert_array_equal(encoder.counts_, [1, 1, 1, 2, 0])
    assert_array_equal(encoder.transform(["z c"]), [[1, 4, 0]])
    for own in ({"b", "a"}, ("a", "b"), np.array(["a", "b"]), {"b": 2, "a": 1}):
        fitted = TokenEncoder(vocabulary=own).fit([""])
        assert list(fitted.vocabulary_.items()) == [("a", 1), ("b", 2)]
    again = TokenEncoder(vocabulary=encoder.vocabulary_, start=True).fit(TEXTS)
    assert again.vocabulary_ == encoder.vocabulary_


@pytest.mark.parametrize(
    ("vocabulary", "error", "message"),
    [
        ([], ValueError, "vocabulary is empty"),
        ({}, ValueError, "vocabulary is empty"),
        (["a", "b", "a"], ValueError, "vocabulary has the token 'a' 2 times"),
        ({"a": 0, "b": 1}, ValueError, "must map its 2 tokens to the ids 1 to 2, .* sorted"),
        ({"a": 1, "b": 1}, ValueError, "each once"),
        ([["a"]], TypeError, "vocabulary must be a flat list of tokens"),
        (["a", None], ValueError, "vocabulary has a missing token"),
        ({"a": 1, nan: 2}, ValueError, "vocabulary has a missing token"),
        ({"a": [1]}, ValueError, "must map its 1 tokens to the ids 1 to 1"),
        ("abc", ValueError, "'vocabulary' parameter of TokenEncoder must be"),
        (3, ValueError, "'vocabulary' parameter of TokenEncoder must be"),
    ],
)
def test_malformed_vocabularies(vocabulary, error, message):
    with pytest.raises(error, match=message):
        TokenEncoder(vocabulary=vocabulary).fit(["a b"])


@pytest.mark.parametrize(
    ("settings", "token"),
    [
        ({"lowercase": True}, "The"),
        ({}, "New York"),
        ({}, "e\u0301"),
        ({"analyzer": "char"}, "ab"),
        ({}, 3),
    ],
)
def test_a_vocabulary_that_no_text_can_have(settings, token):
    encoder = TokenEncoder(vocabulary=["a", token], **settings)
    with pytest.warns(UserWarning, match=f"vocabulary has {token!r}, which no text contains"):
        encoder.fit(["a"])
    encoder.fit([["a"]])  # lists may have it: no warning


# scikit-learn


def test_pipelines_and_searches_take_texts():
    texts, y = ["good day", "bad luck", "good luck", "bad day"] * 5, [1, 0, 1, 0] * 5
    pipe = make_pipeline(TokenEncoder(), DummyClassifier())
    grid = {"tokenencoder__analyzer": ["word", "char"], "tokenencoder__max_features": [None, 2]}
    search = GridSearchCV(pipe, grid, cv=2).fit(texts, y)
    assert len(search.predict(["good"])) == 1
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    lists = [text.split() for text in texts]
    assert np.isfinite(cross_val_score(pipe, lists, y, cv=2)).all()
    assert search.best_estimator_[0].inverse_transform([[1]])


def test_copies_are_equal():
    encoder = TokenEncoder("char", stop=True, max_features=5)
    assert repr(encoder) == "TokenEncoder(analyzer='char', max_features=5, stop=True)"
    assert repr(clone(encoder)) == repr(encoder)
    copy = pickle.loads(pickle.dumps(encoder.fit(TEXTS)))
    assert_array_equal(copy.transform(TEXTS), encoder.transform(TEXTS))
    assert copy.inverse_transform([[2, 0]]) == encoder.inverse_transform([[2, 0]])


@pytest.mark.parametrize("container", ["default", "pandas", "polars", None])
def test_set_output_is_accepted_and_changes_nothing(container):
    encoder = TokenEncoder().set_output(transform=container)
    assert isinstance(encoder.fit_transform(TEXTS), np.ndarray)
    assert isinstance(encoder.transform(TEXTS), np.ndarray)
    assert not hasattr(encoder, "get_feature_names_out")
    make_pipeline(TokenEncoder()).set_output(transform=container).fit_transform(TEXTS)


def test_not_fitted():
    for call in (TokenEncoder().transform, TokenEncoder(vocabulary=["a"]).inverse_transform):
        with pytest.raises(NotFittedError):
            call(TEXTS)


def test_tags_are_those_of_other_encoders_of_texts():
    """With these, scikit-learn's checks, which feed numbers, are skipped: see `OfNumbers`."""
    own, other = TokenEncoder().__sklearn_tags__(), CountVectorizer().__sklearn_tags__()
    assert own.input_tags == other.input_tags


class OfNumbers(TokenEncoder):
    """The same for scikit-learn's checks, which take rows of numbers for lists of tokens."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


def failing(estimator):
    """What doesn't hold of tokens."""
    columns = "samples have no columns, and may have any lengths"
    return {
        "check_n_features_in_after_fitting": columns,
        "check_n_features_in": columns,
        "check_transformer_general": columns,
        "check_estimators_empty_data_messages": columns,
        "check_fit1d": "the message is that of texts",
        "check_fit2d_predict1d": "the message is that of texts",
        "check_complex_data": "the message is that of tokens",
        "check_estimators_nan_inf": "infinity can be a token",
    }


@parametrize_with_checks([OfNumbers()], expected_failed_checks=failing)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
