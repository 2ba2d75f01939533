"""Examples, each run in a process of its own, and the figures that they print."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name, tmp_path, *arguments):
    """What a copy of the example prints; its picture is then in tmp_path/output."""
    script = tmp_path / Path(name).name
    for path in [EXAMPLES / name, *(EXAMPLES / name).parent.glob("_*.py")]:
        (tmp_path / path.name).write_text(path.read_text())
    result = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", script, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "output" / f"{script.stem}.png").stat().st_size > 10_000
    return result.stdout


def figure(output, line):
    """The first number of a row of the table."""
    return float(re.search(rf"^{re.escape(line)}.*?(\d+\.\d+)", output, flags=re.MULTILINE)[1])


def figures(output, line):
    """All numbers of a row of the table."""
    text = re.search(rf"^{re.escape(line)}.*$", output, flags=re.MULTILINE)[0]
    return np.array([float(number) for number in re.findall(r"\d+\.\d+", text)])
