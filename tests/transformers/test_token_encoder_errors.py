"""TokenEncoder: which containers of texts it takes, and what it says of others."""

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from numpy.testing import assert_array_equal

from skrnn import RNNClassifier, RNNRegressor, TokenEncoder

pytestmark = pytest.mark.core

nan = np.nan
TEXTS = ["to be", "or not to be", ""]
LISTS = [["to", "be"], ["or", "not", "to"], []]


def column(items):
    """An object array of texts or lists."""
    out = np.empty(len(items), object)
    out[:] = items
    return out


@pytest.mark.parametrize(
    "container",
    [
        tuple,
        np.array,
        column,
        pd.Series,
        pd.Index,
        lambda texts: pd.Series(texts, dtype=object),
        lambda texts: pd.Series(texts, dtype="string"),
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: pd.Series(texts, index=[7, 3, 3]),
        lambda texts: pd.DataFrame({"text": texts})["text"],
        polars.Series,
        pyarrow.array,
        lambda texts: list(np.array(texts)),
        lambda texts: np.ma.MaskedArray(texts, mask=False),
    ],
)
def test_containers_of_texts(container):
    encoder = TokenEncoder().fit(container(TEXTS))
    assert encoder.vocabulary_ == TokenEncoder().fit(TEXTS).vocabulary_
    assert {type(token) for token in encoder.vocabulary_} == {str}
    assert_array_equal(encoder.transform(container(TEXTS)), encoder.transform(TEXTS))


@pytest.mark.parametrize(
    "container",
    [
        tuple,
        column,
        pd.Series,
        polars.Series,
        pyarrow.array,
        lambda lists: [tuple(own) for own in lists],
        lambda lists: [np.array(own, dtype=object) for own in lists],
        lambda lists: [pd.Series(own, dtype=object) for own in lists],
        lambda lists: [polars.Series(own, dtype=polars.String) for own in lists],
    ],
)
def test_containers_of_lists(container):
    encoder = TokenEncoder().fit(container(LISTS))
    assert encoder.vocabulary_ == TokenEncoder().fit(LISTS).vocabulary_
    assert_array_equal(encoder.transform(container(LISTS)), encoder.transform(LISTS))


def test_rows_of_an_array_are_lists():
    numbers = np.array([[3, 5], [5, 7]])
    encoder = TokenEncoder().fit(numbers)
    assert encoder.vocabulary_ == {5: 1, 3: 2, 7: 3}
    assert_array_equal(encoder.transform([[7, 9, 3]]), [[3, 0, 2]])
    assert TokenEncoder().fit(numbers[:, :1]).vocabulary_ == {3: 1, 5: 2}
    assert TokenEncoder().fit(np.array([["a", "b"]])).vocabulary_ == {"a": 1, "b": 2}


BAD = [
    ("a text", ValueError, r"X is a single string: pass a list of texts, \[X\]"),
    (np.array("a text"), ValueError, "X is a single string"),
    (b"a text", TypeError, "X is a bytes"),
    (None, TypeError, "X is None"),
    (3, TypeError, "X is 3: pass a list of texts"),
    ([], ValueError, "X has no samples"),
    (np.empty((0, 3)), ValueError, "X has no samples"),
    ((text for text in TEXTS), TypeError, r"X is a generator.*list\(X\)"),
    ({"a", "b"}, TypeError, "X is a set"),
    ({0: "a"}, TypeError, "X is a dict"),
    (pd.DataFrame({"text": TEXTS}), ValueError, r"X is a DataFrame, a table.*X\['text'\]"),
    (polars.DataFrame({"text": TEXTS}), ValueError, "X is a DataFrame, a table"),
    (pyarrow.table({"text": TEXTS}), ValueError, "X is a Table, a table"),
    (np.array(TEXTS).reshape(-1, 1), ValueError, r"shape \(3, 1\), a column: pass X\[:, 0\]"),
    (["a", b"b"], TypeError, r"X\[1\] is bytes: decode it"),
    (np.array([b"a"]), TypeError, r"X\[0\] is bytes"),
    (["a", None], ValueError, r"X\[1\] is None: a text can't be missing"),
    (["a", nan], ValueError, r"X\[1\] is nan: a text can't be missing"),
    (pd.Series(["a", None]), ValueError, r"X\[1\] is (nan|None): a text can't be missing"),
    (pd.Series(["a", pd.NA], dtype="string"), ValueError, r"X\[1\] is <NA>"),
    (polars.Series([None, "a"]), ValueError, r"X\[0\] is None"),
    (pyarrow.array(["a", None]), ValueError, r"X\[1\] is None"),
    (np.ma.MaskedArray(["a", "b"], mask=[0, 1]), ValueError, r"X\[1\] is None"),
    (["a", 3], TypeError, r"X\[1\] is 3: each sample must be a text or a list of tokens"),
    ([1.0, 2.0], TypeError, r"X\[0\] is 1.0: each sample must be"),
    ([{"a"}], TypeError, r"X\[0\] is \{'a'\}: each sample must be"),
    (["a", ["b"]], ValueError, r"X\[0\] is a text, but X\[1\] is a list of tokens"),
    ([["b"], ["a"], "a"], ValueError, r"X\[0\] is a list of tokens, but X\[2\] is a text"),
    ([np.ones((2, 2))], ValueError, r"X\[0\] has 2 dimensions"),
]
BAD_TOKENS = [  # of lists
    ([["a"], ["b", None]], ValueError, r"X\[1\]\[1\] is None: a token can't be missing"),
    (np.array([[1, nan]]), ValueError, r"X\[0\]\[1\] is nan: a token can't be missing"),
    ([["a"], ["b", ["c"]]], TypeError, r"X\[1\]\[1\] is a list, which can't be a token"),
    (np.ones((2, 2, 1)), TypeError, r"X\[0\]\[0\] is a list, which can't be a token"),
]
OTHER_KIND = "X has lists of tokens, but TokenEncoder was fitted on texts: pass texts"


@pytest.mark.parametrize(("X", "error", "message"), BAD + BAD_TOKENS)
def test_malformed_texts(X, error, message):
    encoder = TokenEncoder()
    with pytest.raises(error, match=message):
        encoder.fit(X)
    assert vars(encoder) == vars(TokenEncoder())


@pytest.mark.parametrize(
    ("fitted_on", "X", "error", "message"),
    [(TEXTS, *case) for case in BAD]
    + [(TEXTS, X, ValueError, OTHER_KIND) for X, *_ in BAD_TOKENS]
    + [(LISTS, *case) for case in BAD + BAD_TOKENS],
)
def test_malformed_texts_of_transform(fitted_on, X, error, message):
    encoder = TokenEncoder().fit(fitted_on)
    with pytest.raises(error, match=message):
        encoder.transform(X)


def test_transform_takes_what_fit_took():
    with pytest.raises(ValueError, match=r"X has texts, but .* on lists of tokens: pass lists"):
        TokenEncoder().fit(LISTS).transform(TEXTS)
    with pytest.raises(ValueError, match=r"X has lists of tokens, but .* on texts: pass texts"):
        TokenEncoder().fit(TEXTS).transform(LISTS)


def test_an_unknown_token_can_be_an_error():
    encoder = TokenEncoder(handle_unknown="error").fit(["to be", "or not"])
    encoder.transform(["not to be", "", "or"])
    message = r"X\[2\] has the token 'maybe' at step 1, which isn't in vocabulary_.*min_frequency"
    with pytest.raises(ValueError, match=message):
        encoder.transform(["", "to be", "be maybe not", "never"])
    rare = TokenEncoder(min_frequency=2, handle_unknown="error")
    with pytest.raises(ValueError, match=r"X\[1\] has the token 'not' at step 0"):
        rare.fit_transform(["to be", "not to be"])
    assert not hasattr(rare, "vocabulary_")  # as after any error


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"analyzer": "words"}, "'analyzer' parameter"),
        ({"token_pattern": None}, "'token_pattern' parameter"),
        ({"token_pattern": "("}, r"token_pattern='\(' is no regular expression"),
        ({"token_pattern": "(a)(b)"}, r"2 capturing groups.*\(\?:"),
        ({"token_pattern": r"\w*"}, "matches the empty text"),
        ({"max_features": 0}, "'max_features' parameter"),
        ({"min_frequency": 0.5}, "'min_frequency' parameter"),
        ({"min_frequency": 3}, "min_frequency=3 leaves no tokens.*'be', occurs 2 times"),
        ({"handle_unknown": "ignore"}, "'handle_unknown' parameter"),
        ({"lowercase": None}, "'lowercase' parameter"),
        ({"start": "<s>"}, "'start' parameter"),
        ({"stop": 1.5}, "'stop' parameter"),
        *(({"dtype": dtype}, "must be np.float32 or np.float64") for dtype in (int, None, "ids")),
    ],
)
def test_malformed_parameters(settings, message):
    encoder = TokenEncoder(**settings)
    with pytest.raises(ValueError, match=message):
        encoder.fit(["be", "to be"])
    assert not hasattr(encoder, "vocabulary_")


@pytest.mark.parametrize("X", [["", " \n"], [[], []]])
def test_no_token_at_all(X):
    with pytest.raises(ValueError, match="X has no tokens"):
        TokenEncoder().fit(X)


@pytest.mark.parametrize("analyzer", [str.upper, len, lambda text: None])
def test_an_analyzer_that_returns_no_list(analyzer):
    with pytest.raises(TypeError, match=r"analyzer returned .* for X\[0\]: it must return a list"):
        TokenEncoder(analyzer).fit(["a"])


def test_tokens_that_have_no_order():
    with pytest.raises(TypeError, match="Tokens of X must be of types that can be sorted"):
        TokenEncoder().fit([[1j, 2j]])
    assert TokenEncoder(vocabulary=[2j]).fit_transform([[1j, 2j]]).tolist() == [[0, 1]]


@pytest.mark.parametrize("estimator", [RNNClassifier(), RNNRegressor()])
@pytest.mark.parametrize("X", [TEXTS, LISTS, pd.Series(TEXTS), np.array(TEXTS)])
def test_estimators_name_the_encoder(estimator, X):
    with pytest.raises(ValueError, match="encode texts and lists of tokens by TokenEncoder"):
        estimator.fit(X, [0, 1, 0])
