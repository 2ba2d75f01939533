"""Runs of the command line."""

import pytest

from skrnn._cli.main import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder, capsys):
    """Run a command; return its exit code, what it prints, and the lines that it says."""

    def run(*arguments):
        code = main(["forecast", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err.splitlines()

    return run


@pytest.fixture
def refused(run):
    """Run a command that fails; return its one line."""

    def refused(*arguments):
        code, out, lines = run(*arguments)
        assert (code, out, len(lines)) == (2, "", 1), (code, out, lines)
        return lines[0]

    return refused
