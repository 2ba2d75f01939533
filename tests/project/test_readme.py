"""The README's code runs as it stands, and its commands are what CI runs."""

import re
from pathlib import Path

import pytest

from tests.helpers.readme import README, code_blocks

ROOT = Path(__file__).parents[2]
BLOCKS = code_blocks(of_other_libraries=False)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # the grid's corners
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_code_runs(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some of it writes files
    if "import skops" in BLOCKS[number]:
        pytest.importorskip("skops", reason="the extra test brings it")
    exec(compile(BLOCKS[number], f"README block {number}", "exec"), {})


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)", README)
    assert links
    for link in links:
        assert link.startswith("http") or (ROOT / link).exists(), link


def test_two_commands():
    commands = re.findall(r"<!-- (run|test) -->\n```console\n(.*)\n```", README)
    assert [name for name, _ in commands] == ["run", "test"]
    for _, command in commands:
        # a fresh machine has neither an environment nor our dependencies
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install")
