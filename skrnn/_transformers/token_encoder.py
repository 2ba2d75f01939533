"""Texts and lists of tokens as sequences of numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._sklearn.decorators import fit_context
from .._sklearn.fitted_copy import fitted_copy, of_one_fit
from .._sklearn.tasks import single_task
from .._sklearn.user_warnings import warn_user
from .._validation.annotated_array import annotated
from .._validation.texts import read_texts
from .base import SequenceTransformer
from .cutting import cut_texts
from .vocabulary import (
    REPLACEMENT,
    UNKNOWN,
    count_tokens,
    encode,
    given,
    learn,
    padded,
    read_ids,
    tokens_by_id,
)


class TokenEncoder(SequenceTransformer):
    r"""Turn texts, or lists of tokens, into sequences of ids.

    A token is a word, a sign, a note: what a step of a sequence is. Each has an id, a whole number:

    - 0 is the unknown token, always;
    - then come the start token and the stop token, if asked for;
    - then the tokens of `fit`, the most frequent first. Equally frequent ones are sorted.

    An id is a name, not a magnitude: 7 isn't more than 6. Put a network with ``embedding_size``
    after the encoder, which learns a vector for each token. Without it, networks read ids as
    numbers, and learn little.

    Shorter sequences end with NaN, which networks take for missing steps. No id means padding.

    Parameters
    ----------
    analyzer : {"word", "char"} or callable, default="word"
        What cuts texts into tokens. "word": `token_pattern`. "char": each code point is a token.
        A callable takes a text and returns a list of tokens. All get texts in Unicode's normal
        form NFC, in which "é" is one code point. Lists of tokens are taken as they are.

    token_pattern : str, default="\w+|[^\w\s]"
        Regular expression of a token, for ``analyzer="word"`` only. If it has a capturing group,
        the group is the token. The default makes words, and signs of their own.

    lowercase : bool, default=False
        Whether texts become lowercase before they are cut.

    max_features : int, default=None
        Largest number of tokens that get an id, apart from unknown, start and stop: the most
        frequent ones. None: all. Ignored if there is a `vocabulary`.

    min_frequency : int, default=1
        Tokens that occur less often are unknown. Ignored if there is a `vocabulary`.

    vocabulary : iterable or mapping, default=None
        The tokens that get an id. A list has them in the order of their ids, and a set is sorted.
        A mapping has their ids, as `vocabulary_` of an encoder with the same `start` and `stop`.
        None: the tokens of `fit`.

    handle_unknown : {"token", "error", "skip"}, default="token"
        What `transform` makes of tokens outside the vocabulary. "token": the id 0. "error": a
        ValueError. "skip": nothing, as if they weren't there.

    start : bool, default=False
        Whether a start token precedes each sequence.

    stop : bool, default=False
        Whether a stop token ends each sequence.

    dtype : dtype, default=np.float32
        Type of the ids, np.float32 or np.float64. Networks compute in it.

    Attributes
    ----------
    vocabulary_ : dict
        The id of each token, in the order of the ids, without unknown, start and stop.

    counts_ : ndarray of shape (`n_tokens_`,)
        How often the token of each id occurs in X of `fit`. The first is the number of unknown
        tokens.

    n_tokens_ : int
        Number of ids: tokens, unknown, and start and stop if asked for.

    start_ : int or None
        The id of the start token, if there is one.

    stop_ : int or None
        The id of the stop token, if there is one.

    See Also
    --------
    RNNClassifier : With ``embedding_size``, it reads the tokens, and learns the next one without y.
    SequencePadder : Move the missing steps to the other side, or cut sequences.
    sklearn.feature_extraction.text.CountVectorizer : How often each token occurs, in no order.

    Notes
    -----
    Names are those of :class:`~sklearn.feature_extraction.text.CountVectorizer` and
    :class:`~sklearn.preprocessing.OrdinalEncoder`. Unlike there, `lowercase` is False, single
    letters and punctuation are tokens, and a callable `analyzer` gets texts after NFC and
    `lowercase`.

    Networks recognise the array that `transform` returns, some samples of it, and what
    `SequencePadder` makes of it: `fit` warns if ``embedding_size`` isn't set. Other copies are
    plain arrays of numbers, which a network reads without a warning.

    Sequences have no names of columns. So there is no ``get_feature_names_out``, and `set_output`
    changes nothing.

    Examples
    --------
    >>> from skrnn import TokenEncoder
    >>> texts = ["I love neural networks", "I love recurrent neural networks"]
    >>> encoder = TokenEncoder().fit(texts)
    >>> encoder.vocabulary_
    {'I': 1, 'love': 2, 'networks': 3, 'neural': 4, 'recurrent': 5}
    >>> ids = encoder.transform(["I love music", "networks"])
    >>> ids
    array([[ 1.,  2.,  0.],
           [ 3., nan, nan]], dtype=float32)
    >>> encoder.inverse_transform(ids)
    ['I love �', 'networks']

    Characters, with a start and a stop:

    >>> encoder = TokenEncoder("char", start=True, stop=True)
    >>> encoder.fit_transform(["abba", "a"])
    array([[ 1.,  3.,  4.,  4.,  3.,  2.],
           [ 1.,  3.,  2., nan, nan, nan]], dtype=float32)
    >>> encoder.n_tokens_, encoder.start_, encoder.stop_
    (5, 1, 2)

    Lists of tokens, here pitches and rests:

    >>> encoder = TokenEncoder().fit([[60, 62, "rest", 60], [62]])
    >>> encoder.inverse_transform(encoder.transform([[62, "rest"]]))
    [[62, 'rest']]
    """

    _takes_sequences = False
    _private = {"_of_texts": "of_texts"}

    counts_: np.ndarray
    n_tokens_: int
    start_: int | None
    stop_: int | None
    vocabulary_: dict[Any, int]

    _parameter_constraints: dict = {
        "analyzer": [StrOptions({"word", "char"}), callable],
        "token_pattern": [str],
        "lowercase": ["boolean"],
        "max_features": [Interval(Integral, 1, None, closed="left"), None],
        "min_frequency": [Interval(Integral, 1, None, closed="left")],
        "vocabulary": ["array-like", set, frozenset, Mapping, None],
        "handle_unknown": [StrOptions({"token", "error", "skip"})],
        "start": ["boolean"],
        "stop": ["boolean"],
        "dtype": "no_validation",  # by _float_type, which says why integers won't do
    }

    def __init__(
        self,
        analyzer: Literal["word", "char"] | Callable[[str], Iterable[Any]] = "word",
        *,
        token_pattern: str = r"\w+|[^\w\s]",
        lowercase: bool = False,
        max_features: int | None = None,
        min_frequency: int = 1,
        vocabulary: Iterable[Any] | Mapping[Hashable, int] | None = None,
        handle_unknown: Literal["token", "error", "skip"] = "token",
        start: bool = False,
        stop: bool = False,
        dtype: DTypeLike = np.float32,
    ):
        self.analyzer = analyzer
        self.token_pattern = token_pattern
        self.lowercase = lowercase
        self.max_features = max_features
        self.min_frequency = min_frequency
        self.vocabulary = vocabulary
        self.handle_unknown = handle_unknown
        self.start = start
        self.stop = stop
        self.dtype = dtype

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn which tokens there are.

        Parameters
        ----------
        X : array-like of str, or list of lists of tokens
            Texts: a list, an array, a Series. Or sequences of tokens, which may be of any hashable
            type: lists of any lengths, or the rows of an array.

        y : None
            Ignored.

        Returns
        -------
        self : TokenEncoder
            The fitted transformer.

        Raises
        ------
        ValueError
            If X is a single string or a table, if a text or token is missing, or if no token gets
            an id; if `vocabulary` is malformed.
        TypeError
            If samples are neither texts nor lists, or if tokens aren't hashable.
        """
        with single_task(self, X, y), fitted_copy(self) as new:
            new._learn(X)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: ArrayLike, y: object = None) -> np.ndarray:
        """Learn which tokens there are, and turn them into ids.

        The same as `fit` and then `transform`, but texts are cut only once.

        Parameters
        ----------
        X : array-like of str, or list of lists of tokens
            Texts or sequences of tokens, as in `fit`.

        y : None
            Ignored.

        Returns
        -------
        ids : ndarray of shape (n_samples, n_steps)
            The ids of each sample, and then NaN, as from `transform`.

        Raises
        ------
        ValueError
            As in `fit` and `transform`.
        TypeError
            As in `fit`.
        """
        with single_task(self, X, y), fitted_copy(self) as new:
            ids = new._encode(new._learn(X))
        return ids

    def _learn(self, X: Any) -> list:
        """Learn from X; return its sequences of tokens."""
        _float_type(self.dtype)
        samples, self._of_texts = read_texts(X)
        sequences = self._cut(samples)
        counts = count_tokens(sequences)
        self.start_ = 1 if self.start else None
        self.stop_ = (2 if self.start else 1) if self.stop else None
        first = 1 + bool(self.start) + bool(self.stop)
        if self.vocabulary is None:
            max_features = None if self.max_features is None else int(self.max_features)
            ids = learn(counts, first, max_features, int(self.min_frequency))
        else:
            ids = given(self.vocabulary, first)
            self._warn_of_unreachable(ids)
        self.vocabulary_ = ids
        self.n_tokens_ = first + len(ids)
        self.counts_ = np.full(self.n_tokens_, len(samples))  # that of start and stop
        self.counts_[first:] = [counts[token] for token in ids]
        self.counts_[UNKNOWN] = counts.total() - self.counts_[first:].sum()
        return sequences

    def _encode(self, sequences: list) -> np.ndarray:
        """The ids (N, longest) of sequences of tokens."""
        ids, lengths = encode(sequences, self.vocabulary_, self.handle_unknown)
        made = padded(ids, lengths, self.start_, self.stop_, _float_type(self.dtype))
        return annotated(made, None, of_tokens=True)  # even if all are as long by chance

    @of_one_fit
    def transform(self, X: ArrayLike) -> np.ndarray:
        """Turn tokens into ids.

        Parameters
        ----------
        X : array-like of str, or list of lists of tokens
            Texts or sequences of tokens, whichever `fit` had.

        Returns
        -------
        ids : ndarray of shape (n_samples, n_steps)
            The ids of each sample, and then NaN. ``n_steps`` is that of the longest one, or 1 if
            none has tokens.

        Raises
        ------
        ValueError
            As in `fit`; or if a token is unknown and ``handle_unknown="error"``.
        TypeError
            As in `fit`.
        """
        check_is_fitted(self)
        samples, of_texts = read_texts(X)
        if of_texts != self._of_texts:
            one, other = ("texts", "lists of tokens")[:: 1 if of_texts else -1]
            raise ValueError(f"X has {one}, but TokenEncoder was fitted on {other}: pass {other}.")
        return self._encode(self._cut(samples))

    @of_one_fit
    def inverse_transform(self, X: ArrayLike) -> list[Any]:
        """Turn ids into texts or lists of tokens.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps) or list of sequences
            Ids, and NaN where there is no token. Sequences in a list may have any lengths.

        Returns
        -------
        texts : list of str or list of lists
            Texts if `fit` had texts, otherwise lists of tokens; start, stop and NaN left out.
            Tokens are joined by spaces, and characters by nothing. The unknown token is "�" in
            texts and None in lists.

        Raises
        ------
        ValueError
            If a value is no id.
        """
        check_is_fitted(self)
        ids, lengths = read_ids(X, self.n_tokens_)
        kept = ~np.isin(ids, [own for own in (self.start_, self.stop_) if own is not None])
        unknown = REPLACEMENT if self._of_texts else None
        tokens = tokens_by_id(self.vocabulary_, self.start_, self.stop_, unknown)
        if self._of_texts:
            tokens = list(map(str, tokens))
        found = [tokens[own] for own in ids[kept].tolist()]
        ends = np.concatenate([[0], np.cumsum(kept)])[np.cumsum(lengths)].tolist()
        parts = [found[i:j] for i, j in zip([0, *ends], ends, strict=False)]
        between = "" if isinstance(self.analyzer, str) and self.analyzer == "char" else " "
        return [between.join(own) for own in parts] if self._of_texts else parts

    def _cut(self, samples: list) -> list:
        """The tokens of each sample: a list, or a str of single characters."""
        if not self._of_texts:
            return samples
        return cut_texts(samples, self.analyzer, self.token_pattern, self.lowercase)

    def _warn_of_unreachable(self, tokens: Iterable) -> None:
        """Warn if the analyzer never makes one of the tokens of texts."""
        if not self._of_texts or callable(self.analyzer):  # which may depend on what is around
            return
        cuts = self._cut([token if isinstance(token, str) else "" for token in tokens])
        for token, own in zip(tokens, cuts, strict=True):
            if list(own) != [token]:
                warn_user(
                    f"vocabulary has {token!r}, which no text contains: analyzer="
                    f"{self.analyzer!r} and lowercase={self.lowercase} make {list(own)} of it."
                )
                return

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True  # these three are those of CountVectorizer
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = False
        tags.transformer_tags.preserves_dtype = []
        return tags


def _float_type(dtype: Any) -> np.dtype:
    """The dtype of the ids, which must have NaN."""
    try:
        known = None if dtype is None else np.dtype(dtype)
    except TypeError:
        known = None
    if known not in (np.float32, np.float64):
        raise ValueError(
            f"dtype={dtype!r} must be np.float32 or np.float64: where there is no token, there is "
            "NaN, which integers don't have."
        )
    return np.dtype(known)
