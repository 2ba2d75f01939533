"""What is printed for reports of bugs."""

import importlib.metadata
import platform
import subprocess
import sys

import numpy as np
import sklearn

import skrnn


def test_show_versions(capsys):
    skrnn.show_versions()
    out = capsys.readouterr().out
    rows = dict(line.strip().split(": ", 1) for line in out.splitlines() if ": " in line)
    assert rows["python"].startswith(platform.python_version())
    assert rows["skrnn"] == skrnn.__version__
    assert rows["numpy"] == np.__version__
    assert rows["scikit-learn"] == sklearn.__version__
    assert "num_threads" in rows


def test_what_is_not_installed(capsys, monkeypatch):
    def none(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("skrnn._saving.versions.version", none)
    skrnn.show_versions()
    assert "scipy: not installed" in capsys.readouterr().out


def test_optional_packages_are_not_imported():
    code = "import sys, skrnn; before = {*sys.modules}; skrnn.show_versions(); "
    code += "print({'onnx', 'pandas', 'skops', 'torch'} & {*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
