"""The README's code for other libraries runs as it stands."""

import re

import pytest

from tests.helpers.readme import code_blocks

BLOCKS = code_blocks(of_other_libraries=True)
LIBRARIES = "skforecast", "mlforecast", "darts", "sktime", "aeon"


@pytest.mark.filterwarnings("error:Rows of X|X has columns|The columns of X|By the values of X")
@pytest.mark.filterwarnings("ignore")  # the libraries' own
@pytest.mark.parametrize("number", range(len(LIBRARIES)), ids=LIBRARIES)
def test_code_runs(number):
    name, block = LIBRARIES[number], BLOCKS[number]
    assert re.search(rf"^from {name}\b", block, flags=re.MULTILINE)
    pytest.importorskip(name, reason="the extra ecosystem brings it")
    exec(compile(block, f"README, {name}", "exec"), {})


def test_each_library_has_code():
    assert len(BLOCKS) == len(LIBRARIES)
