"""The perplexity of sequences of tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._sklearn.pipelines import last_step
from .classification import SequenceClassifierMixin


def neg_perplexity(model: Any, X: ArrayLike, y: ArrayLike | None = None) -> float:
    r"""Perplexity of sequences with the sign changed, so that higher is better.

    .. math:: -\exp\Bigl(-\frac 1 n \sum \log p(y_t \mid x_1, \dots, x_t)\Bigr)

    over the n labels of all steps. It is -1 for labels that are foreseen for certain, and -V for a
    guess among V tokens: Jelinek et al., "Perplexity - a measure of the difficulty of speech
    recognition tasks", J. Acoust. Soc. Am. 62 (1977). It has the form of a scorer:
    ``cross_val_score(model, X, scoring=neg_perplexity)``. Memory is bounded for any number of
    tokens.

    Parameters
    ----------
    model : RNNClassifier or Pipeline
        Fitted classifier, or a pipeline or search that ends in one.
    X : array-like or list of arrays
        Sequences, as the model's `predict` takes them.
    y : array-like or list of arrays, default=None
        True labels. None is for a fit without y: the label of each step is then the next token.

    Returns
    -------
    score : float
        The negative perplexity.

    Raises
    ------
    ValueError
        If X or y are malformed, y is None after a fit with y, or y has labels that `fit` didn't
        have.
    TypeError
        If the model doesn't end in an RNNClassifier.

    See Also
    --------
    RNNClassifier.score : Mean log-likelihood of a token, if y is None.

    Examples
    --------
    Tokens that follow one another in a circle, and leave nothing to guess:

    >>> import numpy as np
    >>> from skrnn import RNNClassifier, neg_perplexity
    >>> X = (np.arange(12) + np.arange(40)[:, None]) % 5
    >>> model = RNNClassifier(16, embedding_size=4, random_state=0).fit(X)
    >>> round(neg_perplexity(model, X), 1)
    -1.0
    """
    own, X, _ = last_step(model, X)
    if not isinstance(own, SequenceClassifierMixin):
        raise TypeError(
            f"model must be an RNNClassifier, or a fitted Pipeline or search that ends in one, "
            f"got {own!r}."
        )
    return -float(np.exp(-own._log_likelihood(X, y)))
