"""The types that ``py.typed`` promises, by the type checkers of users, and by the values."""

import inspect
import json
import re
import shutil
import subprocess
import sys
import types
import typing
from pathlib import Path

import pytest
from sklearn.base import clone

import skrnn

from . import typed_script, wrong_script
from .test_documentation import ESTIMATORS, Y, documented

STEPS = [
    step
    for step in vars(typed_script).values()
    if inspect.isfunction(step) and step.__module__ == typed_script.__name__
]


def errors_of_mypy(folder):
    """The script, the line and the code of each error."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", "."]
    out = subprocess.run([*command, "."], cwd=folder, capture_output=True, text=True)
    assert not out.stderr, out.stderr
    found = re.findall(r"^(\w+)\.py:(\d+): error: .* \[([\w-]+)\]$", out.stdout, re.MULTILINE)
    return {(script, int(line), code) for script, line, code in found}, out.stdout


def errors_of_pyright(folder):
    """The script, the line and the rule of each error, by the defaults of pyright."""
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"]
    out = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    report = json.loads(out.stdout)
    assert report["summary"]["filesAnalyzed"] == 2
    errors = [own for own in report["generalDiagnostics"] if own["severity"] == "error"]
    found = [(Path(own["file"]).stem, own["range"]["start"]["line"], own["rule"]) for own in errors]
    return {(script, line + 1, rule) for script, line, rule in found}, out.stdout


CHECKERS = {"mypy": errors_of_mypy, "basedpyright": errors_of_pyright}


@pytest.fixture(scope="module", params=CHECKERS)
def report(request, tmp_path_factory):
    """What a checker finds in copies of both scripts, which lie outside of the repository."""
    pytest.importorskip(request.param, reason="the extra dev brings the type checkers")
    folder = tmp_path_factory.mktemp("scripts")
    for script in (typed_script, wrong_script):
        shutil.copy(script.__file__, folder)
    return CHECKERS[request.param](folder)


def test_right_uses_have_no_error(report):
    errors, out = report
    assert "typed_script" not in {script for script, _, _ in errors}, out


def test_wrong_uses_are_found(report):
    errors, out = report
    found = {(line, code) for script, line, code in errors if script == "wrong_script"}
    lines = enumerate(Path(wrong_script.__file__).read_text().splitlines(), 1)
    wrong = {i: line.split("  # ") for i, line in lines if line.startswith("    ") and "(" in line}
    assert {line for line, _ in found} == set(wrong), out
    for i, (line, codes) in wrong.items():
        assert {(i, code) for code in codes.split(", ")} & found, f"{line}\n{out}"


def is_of(value, kind):
    """Whether a value has a type, whose parts are those that the script names."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind is typing.Any:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(is_of(value, part) for part in parts)
    if origin is typing.Literal:
        return value in parts
    if origin is type:
        return issubclass(value, parts)
    if origin is tuple:
        parts = parts[:1] * len(value) if parts[1:] == (...,) else parts
        pairs = zip(value, parts, strict=True)
        return isinstance(value, tuple) and all(is_of(own, part) for own, part in pairs)
    if origin is list:
        return isinstance(value, list) and all(is_of(own, parts[0]) for own in value)
    if origin is dict:
        own = [is_of(k, parts[0]) and is_of(v, parts[1]) for k, v in value.items()]
        return isinstance(value, dict) and all(own)
    return isinstance(value, (int, float) if kind is float else kind)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_values_have_the_types_that_checkers_find(step, monkeypatch, pyplot):
    def compare(value, kind):
        assert is_of(value, kind), f"{value!r} is no {kind}"
        return value

    monkeypatch.setattr(typed_script, "assert_type", compare)
    step()


def hints_of(cls):
    """The types of attributes, by the names of the module where each class is written."""
    hints = {}
    for own in reversed(cls.__mro__):
        module = getattr(vars(own).get("__init__"), "__module__", own.__module__)
        names = vars(sys.modules[module])
        hints |= inspect.get_annotations(own, globals=names, eval_str=True)
    return hints


@pytest.mark.parametrize(("estimator", "data"), ESTIMATORS)
def test_fitted_attributes_are_typed(estimator, data):
    compare_attributes(clone(estimator).fit(data, Y))


def test_attributes_of_a_forecaster_are_typed():
    compare_attributes(skrnn.Forecaster().fit(typed_script.series))


def compare_attributes(estimator):
    """All documented attributes have a type, which is that of their value."""
    hints = hints_of(type(estimator))
    assert set(documented(inspect.getdoc(type(estimator)), "Attributes")) <= set(hints)
    for name, value in vars(estimator).items():
        if name.endswith("_"):
            assert is_of(value, hints[name]), name
