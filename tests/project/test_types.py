"""The types that ``py.typed`` promises: a user's script, with right and wrong uses."""

import re
import subprocess
import sys

import pytest

pytest.importorskip("mypy", reason="the extra dev brings it")

RIGHT = """
from typing import assert_type

import numpy as np

from skrnn import (
    RNNClassifier, RNNRegressor, RowsToSequences, SequencePadder, SequenceScaler, SlidingWindow,
    TokenEncoder, flatten_steps, sliding_windows,
)
from skrnn.cells import Cell, ElmanCell, GRUCell
from skrnn.interop import from_weights

X = np.zeros((10, 5, 2))
assert_type(RNNRegressor(8, cell="gru").fit(X, np.zeros(10)), RNNRegressor)
assert_type(RNNRegressor().partial_fit(X, np.zeros(10)), RNNRegressor)
assert_type(RNNClassifier(hidden_size=(8, 4)).fit(X, ["a", "b"] * 5), RNNClassifier)
assert_type(SlidingWindow(3).fit(X[0]), SlidingWindow)
assert_type(RowsToSequences(n_features_per_step=[1, 1]).fit(X[0]), RowsToSequences)
assert_type(RowsToSequences(5, first="oldest").transform(X[..., 0]), np.ndarray)
assert_type(SequenceScaler().fit(X), SequenceScaler)
assert_type(SequencePadder().fit(X), SequencePadder)
assert_type(TokenEncoder("char", start=True).fit(["a text", "another"]), TokenEncoder)
assert_type(TokenEncoder(str.split, vocabulary={"a": 1}).transform([["a", "list"]]), np.ndarray)
weights: dict[str, np.ndarray] = RNNRegressor().get_weights()
assert_type(from_weights(weights, RNNRegressor()), RNNRegressor)
assert_type(from_weights(weights, RNNClassifier(), classes=[0, 1]), RNNClassifier)
assert_type(RNNRegressor().set_weights(weights), RNNRegressor)
prediction, state = RNNRegressor().step(X[0, 0])
assert_type(state, np.ndarray)
windows, targets = sliding_windows(X[0], length=2, stride=2, dilation=1)
flat: tuple[np.ndarray, ...] = flatten_steps(X, X[..., 0])
cell: Cell = GRUCell()
RNNRegressor(cell=ElmanCell)
"""

WRONG = {  # a line, and what mypy says of it
    "RNNRegressor(hidden_units=8)": "hidden_units",
    "RNNRegressor('8')": "hidden_size|incompatible type",
    "RNNRegressor().fit(X)": "Missing positional argument",
    "SlidingWindow(spacing=2)": "spacing",
    "sliding_windows(X[0], length='3')": "incompatible type",
}


def errors(path):
    command = [sys.executable, "-m", "mypy", "--config-file", "", "--cache-dir", str(path.parent)]
    command += ["--disallow-untyped-calls", "--follow-imports=silent", "--ignore-missing-imports"]
    return subprocess.run([*command, str(path)], capture_output=True, text=True).stdout


def test_a_user_script_is_typed(tmp_path):
    script = tmp_path / "right.py"
    script.write_text(RIGHT)
    out = errors(script)
    assert "Success" in out, out
    script = tmp_path / "wrong.py"
    head = "import numpy as np\nfrom skrnn import RNNRegressor, SlidingWindow, sliding_windows\n"
    script.write_text(f"{head}X, y = np.zeros((10, 5, 2)), np.zeros(10)\n" + "\n".join(WRONG))
    out = errors(script)
    for line, (code, text) in enumerate(WRONG.items(), 4):
        own = re.findall(rf"wrong.py:{line}: error: (.*)", out)
        assert any(re.search(text, message) for message in own), f"{code}\n{out}"
