"""What the pages say is so: code and commands run as they stand, and links lead somewhere."""

import os
import re
import shlex
import subprocess
import sys
from pydoc import locate

import numpy as np
import pandas as pd
import pytest

from tests.helpers.pages import FENCE, GUIDES, PAGES, README, ROOT, blocks_of, code_of, name

CODE = code_of("test")
CONSOLES = [block for page in GUIDES for block in blocks_of(page, "console")]
COMMANDS = [block for block in CONSOLES if re.match(r"python -(m skrnn|c) ", block.code)]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # a grid's corners
@pytest.mark.parametrize("block", CODE, ids=lambda block: block.name)
def test_code_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)  # some of it writes files
    block.run()
    block.check_output(capsys.readouterr().out)


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block.name)
def test_commands_run(block, tmp_path):
    walk = 100 + np.random.RandomState(0).normal(size=200).cumsum()
    days = pd.date_range("2024-01-01", periods=200, name="Date")
    pd.DataFrame({"Open": walk}, days).to_csv(tmp_path / "data.csv")  # a file of the reader's own
    printed = ""
    for command in block.code.replace("\\\n", "").splitlines():
        arguments = shlex.split(command)
        assert arguments[0] == "python"
        done = subprocess.run(
            [sys.executable, *arguments[1:]],
            cwd=tmp_path,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        printed += done.stdout
    block.check_output(printed)


def test_scripts_in_commands_exist():
    scripts = [
        script for block in CONSOLES for script in re.findall(r"python (\w+/\S+\.py)", block.code)
    ]
    assert scripts
    for script in scripts:
        assert (ROOT / script).exists(), script


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text())):
        if link.startswith("http"):
            continue
        path, _, anchor = link.partition("#")
        generated = re.search(r"api/generated/(.+)\.rst$", path)
        if generated:
            assert locate(generated[1]) is not None, link
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def anchors_of(page):
    """The anchors of a page's headings, as GitHub and MyST make them."""
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_pages_are_in_a_table_of_contents():
    howto = ROOT / "docs/howto"
    contents = (howto / "index.md").read_text()
    for page in howto.glob("*.md"):
        assert page.stem == "index" or re.search(rf"^{page.stem}$", contents, re.MULTILINE), page


@pytest.mark.parametrize("page", [p for p in GUIDES if p.parent.name == "howto"], ids=name)
def test_pages_are_short(page):
    assert len(page.read_text().splitlines()) <= 400


def test_two_commands():
    commands = re.findall(r"<!-- (run|test) -->\n```console\n(.*)\n```", README.read_text())
    assert [name for name, _ in commands] == ["run", "test"]
    for _, command in commands:
        # a fresh machine has neither an environment nor our dependencies
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install")
