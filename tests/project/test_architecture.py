"""The architecture: which way imports point, how long files are, which names are known."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import skrnn

PACKAGE = Path(skrnn.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# from the bottom up: a room may import from lower levels only, and from itself
LEVELS = [
    ["cells", "_saving"],
    ["_engine"],
    ["_training", "_sklearn", "datasets"],
    ["_validation"],
    ["_estimators", "_transformers"],
    ["_panels"],
    ["_forecasting"],
    ["regressor", "classifier", "seq2seq", "plotting"],
    ["interop", "forecaster"],
    ["_cli"],
    ["__init__", "__main__"],
]
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
NUMPY_AND_SCIPY_ONLY = {"cells", "_engine", "_training"}


def room(path):
    """The folder, or the module beside them, that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """(room, top-level name, whether it is at module level) of everything a file imports."""
    tree = ast.parse(path.read_text())
    package = ["skrnn", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield None, alias.name.split(".")[0], top
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module or "").split(".")] if node.module else base
            if module[0] != "skrnn":
                yield None, module[0], top
            elif len(module) > 1:
                yield module[1], None, top
            else:
                for alias in node.names:
                    yield alias.name, None, top


def test_every_room_has_a_level():
    assert {room(path) for path in MODULES} == set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = room(path)
    for target, _, _ in imports(path):
        if target is not None and target != here:
            assert LEVEL[target] < LEVEL[here], f"{here} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_from_outside(path):
    allowed = {"numpy", "scipy"} | sys.stdlib_module_names
    if room(path) not in NUMPY_AND_SCIPY_ONLY:
        allowed |= {"sklearn", "joblib", "threadpoolctl"}
    for _, name, top in imports(path):
        if name is not None and name not in allowed:
            assert not top, f"{name} is an extra: import it where it is used"
            assert room(path) not in NUMPY_AND_SCIPY_ONLY


def test_every_cell_is_registered():
    """A cell's name is that of its file."""
    files = {p.stem for p in (PACKAGE / "cells").glob("[a-z]*.py")}
    assert set(skrnn.cells.CELLS) == files
    for name, cell in skrnn.cells.CELLS.items():
        assert getattr(importlib.import_module(f"skrnn.cells.{name}"), cell.__name__) is cell
        assert cell.__name__ in skrnn.cells.__all__


def test_few_entries():
    """One can see the architecture at a glance."""
    entries = [p for p in PACKAGE.iterdir() if p.name != "__pycache__"]
    assert len(entries) <= 21


def without_docstrings(text):
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def test_no_cell_is_known_by_name_outside_its_file():
    """Not in a word below the estimators; in these, in docstrings and as a default only."""
    names = [p.stem for p in (PACKAGE / "cells").glob("[a-z]*.py")]
    assert names
    for path in MODULES:
        if room(path) in ("cells", "interop"):  # the latter knows what others call them
            continue
        text = path.read_text()
        if room(path) not in NUMPY_AND_SCIPY_ONLY:
            text = re.sub(r"cell: [^=]+='\w+'", "", without_docstrings(text))
        words = set(re.findall(r"[a-z_]+", re.sub(r"cell\b", "", text.lower())))
        assert not words & set(names), path


@pytest.mark.parametrize(
    "path",
    [
        p
        for folder in ("skrnn", "tests", "examples", "benchmarks")
        for p in ROOT.glob(f"{folder}/**/*.py")
    ],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_files_stay_small(path):
    limit = 400 if path.is_relative_to(PACKAGE) else 800
    assert len(path.read_text().splitlines()) <= limit


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_pages_name_files_that_exist(page):
    folders = "skrnn", "tests", "examples", "benchmarks", "docs"
    files = [f"/{path.as_posix()}" for folder in folders for path in (ROOT / folder).rglob("*.py")]
    named = set(re.findall(r"`([\w/]+\.py)`", (ROOT / page).read_text()))
    assert named
    assert not {name for name in named if not any(path.endswith(f"/{name}") for path in files)}


def test_import_is_lean():
    """Nothing but scikit-learn and what it brings."""
    code = (
        "import sys, sklearn.base, sklearn.metrics; before = set(sys.modules); import skrnn; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    new = set(out.stdout.split()) - set(sys.stdlib_module_names)
    assert new <= {"skrnn", "numpy", "scipy", "sklearn"}
