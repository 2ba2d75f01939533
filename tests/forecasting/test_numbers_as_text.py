"""y that is text in a table: the error says how to read it, and that does."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

from skrnn import Forecaster

N = 40
VALUES = np.random.RandomState(0).uniform(10, 3000, N)
GERMAN = str.maketrans(".,", ",.")
SPACES = str.maketrans(",", "\u202f")

# How numbers are written, the digits that are left, and whether pandas' reader can be told.
FORMS = {
    "thousands": ("{:,.2f}".format, 2, True),
    "whole thousands": ("{:,.0f}".format, 0, True),
    "a decimal comma": (lambda v: f"{v:.2f}".translate(GERMAN), 2, True),
    "German": (lambda v: f"{v:,.2f}".translate(GERMAN), 2, True),
    "German, whole thousands": (lambda v: f"{v:,.0f}".translate(GERMAN), 0, True),
    "Swiss": (lambda v: f"{v:,.2f}".replace(",", "'"), 2, True),
    "narrow spaces": (lambda v: f"{v:,.2f}".translate(SPACES), 2, False),
    "dollars": ("${:,.2f}".format, 2, False),
    "euros": (lambda v: f"{v:,.2f}".translate(GERMAN) + " €", 2, False),
    "percent": ("{:.1f} %".format, 1, False),
    "negative in parentheses": (
        lambda v: f"{v - 1500:.2f}" if v > 1500 else f"({1500 - v:.2f})",
        2,
        False,
    ),
    "a typographic minus": (lambda v: f"{v - 1500:.2f}".replace("-", "−"), 2, False),
}


def message_of(y):
    """What `fit` says; it must not take the text for other numbers."""
    with pytest.raises(ValueError, match=r"y holds text.*use pd\.to_numeric") as caught:
        Forecaster(Ridge()).fit(y)
    return str(caught.value)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("missing", [False, True])
def test_reading(form, missing):
    write, digits, is_readable = FORMS[form]
    values = np.round(VALUES - (1500 if "minus" in form or "negative" in form else 0), digits)
    texts = [write(value) for value in VALUES]
    if missing:
        texts[5], values[5] = "closed", np.nan
    y = pd.Series(texts)
    found = re.search(
        r"use (pd\.to_numeric.*?\))(?:, or read the file by (pd\.read_csv\([^)]*\)))?\."
        r"(?: If .*)?$",
        message_of(y),
    )
    assert_allclose(eval(found[1], {"pd": pd, "y": y}), values)
    assert bool(found[2]) == is_readable
    if is_readable:
        file = io.StringIO("\n".join(["y;other"] + [f"{text};0" for text in texts]))
        reading = found[2].replace("...", "file, sep=';'")
        assert_allclose(eval(reading, {"pd": pd, "file": file})["y"], values)


def test_a_number_unlike_the_others():
    y = pd.Series([f"{value:,.2f}" for value in VALUES])
    y[7] = "1.234,5"
    assert message_of(y).endswith("once '1.234,5' is written like the others.")
