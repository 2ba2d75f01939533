"""The house's order: which way imports point, how long files are, what is documented."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import skrnn

PACKAGE = Path(skrnn.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# from the bottom up: a module may import from lower layers only, or within a package
LAYERS = [
    ["_activations", "_background", "_initializers", "_losses", "_parameters", "_products"],
    ["cells", "_cross_entropy"],
    ["_batch", "_recurrent", "_topology"],
    ["_passes"],
    ["_network"],
    ["_data", "_parallel"],
    ["_objective"],
    ["_solvers"],
    ["_training"],
    ["_blas", "_callbacks", "_resuming"],
    ["_fitting"],
    ["_atomic", "_holdout", "_index", "_names", "_prediction", "datasets"],
    ["_columns", "_ragged", "_transforming"],
    ["_sequences"],
    ["_streaming", "_targets", "steps"],
    ["_labels"],
    ["_base", "_classification", "_regression", "plotting", "windows"],
    ["classifier", "padding", "regressor", "scaling", "windowing"],
    ["interop"],
    ["__init__"],
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
ENGINE = LEVEL["_training"]


def room(path):
    """The module or package directly below skrnn that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """(room, top-level name, whether it is at module level) of everything a file imports."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield None, alias.name.split(".")[0], top
        elif isinstance(node, ast.ImportFrom):
            depth = len(path.relative_to(PACKAGE).parts)
            if node.level == 0:
                yield None, node.module.split(".")[0], top
            elif node.level == depth:
                names = [node.module] if node.module else [a.name for a in node.names]
                for name in names:
                    yield name.split(".")[0], None, top


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = room(path)
    for target, _, _ in imports(path):
        if target is not None and target != here:
            assert LEVEL[target] < LEVEL[here], f"{here} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_from_outside(path):
    allowed = {"numpy", "scipy"} | sys.stdlib_module_names
    if LEVEL[room(path)] > ENGINE:
        allowed |= {"sklearn", "joblib", "threadpoolctl"}
    for _, name, top in imports(path):
        if name is not None and name not in allowed:
            assert not top, f"{name} is an extra: import it where it is used"
            assert LEVEL[room(path)] > ENGINE


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
        if LEVEL[room(path)] > ENGINE:
            text = re.sub(r"cell: [^=]+='\w+'", "", without_docstrings(text))
        assert not [name for name in names if name in text.lower()], path


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


def test_import_is_lean():
    """Nothing but scikit-learn and what it brings."""
    code = (
        "import sys, sklearn.base, sklearn.metrics; before = set(sys.modules); import skrnn; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    new = set(out.stdout.split()) - set(sys.stdlib_module_names)
    assert new <= {"skrnn", "numpy", "scipy", "sklearn"}
