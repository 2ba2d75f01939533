"""The pages that users read: their code, commands, outputs and links."""

import ast
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from numpy.testing import assert_allclose

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
WRITTEN = [path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts]
GUIDES = [README, *sorted(WRITTEN)]  # their code runs
PAGES = [*GUIDES, *sorted(ROOT.glob("[!R]*.md")), ROOT / "benchmarks/README.md"]

FENCE = re.compile(r"^(`{3,})([^`\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
DECIMAL = re.compile(r"-?\d+\.\d+")
LIBRARIES = {  # by extra; all others are of "ecosystem"
    "test": {
        *("joblib", "matplotlib", "numpy", "pandas", "polars", "pyarrow", "rich", "scipy"),
        *("skops", "sklearn", "skrnn", *sys.stdlib_module_names),
    },
    "onnx": {"onnx", "onnxruntime", "skl2onnx"},
}


class Block(NamedTuple):
    """A block of code or commands on a page."""

    page: Path
    line: int  # of its first line, from 1
    code: str
    output: str | None  # what it prints: a block of text that follows at once

    @property
    def name(self):
        """Where it is, as editors write it."""
        return f"{name(self.page)}:{self.line}"

    def run(self):
        """Run Python in a namespace of its own, with the page's lines in tracebacks."""
        exec(compile("\n" * (self.line - 1) + self.code, self.page, "exec"), {})

    def check_output(self, printed):
        """Compare what was printed with the page: decimals depend on the processor a little."""
        if self.output is None:
            return
        words, expected = (DECIMAL.sub("0.0", text).split() for text in (printed, self.output))
        assert words == expected, printed
        numbers, expected = (
            [float(number) for number in DECIMAL.findall(text)] for text in (printed, self.output)
        )
        assert_allclose(numbers, expected, rtol=0.02, atol=0.02)

    def imports(self):
        """The packages that Python imports."""
        found = set()
        for node in ast.walk(ast.parse(self.code)):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.split(".")[0])
        return found

    def extra(self):
        """The extra that brings all that Python imports."""
        others = self.imports() - LIBRARIES["test"]
        if not others:
            return "test"
        return "onnx" if others <= LIBRARIES["onnx"] else "ecosystem"


def blocks_of(page, language):
    """The blocks of a page in a language."""
    text, found = page.read_text(), []
    fences = list(FENCE.finditer(text))
    for fence, after in pairwise([*fences, None]):
        if fence[2] == language:
            follows = after and after[2] == "text" and not text[fence.end() : after.start()].strip()
            line = text.count("\n", 0, fence.start()) + 2
            found.append(Block(page, line, fence[3], after[3] if follows else None))
    return found


def code_of(extra):
    """The blocks of Python in all guides whose imports an extra brings."""
    found = [block for page in GUIDES for block in blocks_of(page, "python")]
    return [block for block in found if block.extra() == extra]


def name(page):
    """The path of a page in the repository."""
    return page.relative_to(ROOT).as_posix()
