"""The recipes for data larger than memory, as they are written, on many files."""

import subprocess
import sys

import pytest

from tests.helpers.pages import ROOT, blocks_of

PAGE = ROOT / "docs/howto/clusters.md"
BLOCKS = [block.code for block in blocks_of(PAGE, "python")]
LIBRARIES = "dask.dataframe", "pyarrow.dataset"
SIZES = "N_PARTS, N, LENGTH = 3, 20_000, 10"
ROWS, COLUMNS = 50_000, 8  # of a file

# In a process of its own: the block on some files, then on many. What the second time takes beyond
# the peak of the first one is what the number of files matters for.
SCRIPT = """
import os, resource, sys

def peak(code, n, folder):
    os.mkdir(folder)
    os.chdir(folder)
    exec(compile(code.replace(SIZES, f"N_PARTS, N, LENGTH = {n}, ROWS, 10"), folder, "exec"), {})
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

code = sys.stdin.read()
few = peak(code, 12, "few")
print(peak(code, 60, "many") - few)
"""


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is another elsewhere")
def test_memory_does_not_grow_with_the_number_of_files(library, tmp_path):
    """And all windows are seen, and something is learned: the recipe asserts it."""
    pytest.importorskip(library, reason="the extra cluster brings it")
    (block,) = (block for block in BLOCKS if f"import {library}" in block)
    assert SIZES in block
    script = SCRIPT.replace("SIZES", repr(SIZES)).replace("ROWS", str(ROWS))
    result = subprocess.run(
        [sys.executable, "-c", script],
        input=block,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    added = (60 - 12) * ROWS * COLUMNS * 8
    files = sum(path.stat().st_size for path in tmp_path.rglob("*.parquet"))
    assert files > added
    assert int(result.stdout) < 0.25 * added
