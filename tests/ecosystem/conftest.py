"""Fixtures of the tests with other libraries."""

import pytest

from .readers import SEEN


@pytest.fixture(autouse=True)
def _nothing_seen():
    SEEN.clear()
