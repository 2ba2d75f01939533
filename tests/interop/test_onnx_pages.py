"""The pages' code for ONNX runs as it stands."""

import pytest

from tests.helpers.pages import LIBRARIES, code_of

CODE = code_of("onnx")


@pytest.mark.parametrize("block", CODE, ids=lambda block: block.name)
def test_code_runs(block, tmp_path, monkeypatch, capsys):
    for library in sorted(block.imports() & LIBRARIES["onnx"]):
        pytest.importorskip(library, reason="the extra onnx brings it")
    monkeypatch.chdir(tmp_path)  # some of it writes files
    block.run()
    block.check_output(capsys.readouterr().out)


def test_there_is_code():
    assert CODE
