"""Texts, cut into tokens."""

import re
from collections.abc import Callable
from unicodedata import normalize

import numpy as np


def cut_texts(
    texts: list[str], analyzer: str | Callable, token_pattern: str, lowercase: bool
) -> list:
    """The tokens of each text: a list, or a str of single characters."""
    lowered = map(str.lower, texts) if lowercase else texts
    texts = [normalize("NFC", text) for text in lowered]
    if callable(analyzer):
        return [_analyzed(analyzer, text, i) for i, text in enumerate(texts)]
    return texts if analyzer == "char" else list(map(_pattern(token_pattern), texts))


def _analyzed(analyzer: Callable, text: str, i: int) -> list:
    """The tokens that a user's analyzer makes of a text."""
    tokens = analyzer(text)
    if isinstance(tokens, str | bytes) or not hasattr(tokens, "__iter__"):
        raise TypeError(
            f"analyzer returned {tokens!r} for X[{i}]: it must return a list of tokens, as "
            "str.split does."
        )
    return tokens.tolist() if isinstance(tokens, np.ndarray) else list(tokens)


def _pattern(token_pattern: str) -> Callable[[str], list[str]]:
    """What finds all tokens in a text."""
    try:
        pattern = re.compile(token_pattern)
    except re.error as error:
        raise ValueError(
            f"token_pattern={token_pattern!r} is no regular expression: {error}."
        ) from error
    if pattern.groups > 1:
        raise ValueError(
            f"token_pattern={token_pattern!r} has {pattern.groups} capturing groups, but a token "
            "is one of them: write (?:...) for the others."
        )
    if pattern.fullmatch(""):
        raise ValueError(
            f"token_pattern={token_pattern!r} matches the empty text, which is no token: write + "
            "for *, for example."
        )
    return pattern.findall
