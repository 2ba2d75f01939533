"""The pages' code for other libraries runs as it stands."""

import pytest

from tests.helpers.pages import LIBRARIES, code_of

CODE = code_of("ecosystem")


@pytest.mark.filterwarnings("error:Rows of X|X has columns|The columns of X|By the values of X")
@pytest.mark.filterwarnings("ignore")  # the libraries' own
@pytest.mark.parametrize("block", CODE, ids=lambda block: block.name)
def test_code_runs(block, tmp_path, monkeypatch, capsys):
    for library in sorted(block.imports() - LIBRARIES["test"]):
        pytest.importorskip(library, reason="the extra ecosystem brings it")
    monkeypatch.chdir(tmp_path)  # some of it writes files
    block.run()
    block.check_output(capsys.readouterr().out)


def test_each_library_has_code():
    imported = set().union(*(block.imports() for block in CODE))
    assert imported >= {"aeon", "darts", "mlflow", "mlforecast", "skforecast", "sktime"}
