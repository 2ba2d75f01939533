"""What passes between an encoder and a decoder, and how a decoder goes on by itself."""

from typing import Any, NamedTuple

import numpy as np

from .attention import Memory
from .network import Network, Run
from .stepper import Stepper


class Encoded(NamedTuple):
    """What an encoder hands over."""

    run: Run | None
    state: np.ndarray | None  # (R, B); None: the decoder's own
    memory: Memory | None


class Decoded(NamedTuple):
    """What a decoder has written, reading its own predictions."""

    outputs: np.ndarray  # (S, K, B), or what a search makes of them

    def final_state(self) -> np.ndarray:
        """Nothing (0, B): no sequence goes on."""
        return np.empty((0, self.outputs.shape[2]), self.outputs.dtype)


class Decoding:
    """A decoder that goes on step by step, from what an encoder has handed over."""

    def __init__(self, decoder: Network, theta: np.ndarray, encoded: Encoded, static: Any):
        self._run, self._static = Stepper(decoder), static
        self._run.use(theta)
        self._state, self._memory = encoded.state, encoded.memory

    def advance(self, read: np.ndarray) -> np.ndarray:
        """Outputs (1, K, B) after one step that reads (1, J, B)."""
        given: Any = {"state": self._state, "static": self._static, "memory": self._memory}
        outputs, self._state = self._run(read, **given)
        return outputs

    def repeat(self, n: int) -> None:
        """Go on with ``n`` columns for each sequence."""
        if self._state is not None:
            self._state = np.repeat(self._state, n, axis=1)
        if self._static is not None:
            self._static = np.repeat(self._static, n, axis=1)
        if self._memory is not None:
            values, missing = self._memory
            missing = None if missing is None else np.repeat(missing, n, axis=0)
            self._memory = Memory(np.repeat(values, n, axis=0), missing)

    def follow(self, columns: np.ndarray) -> None:
        """Go on from the states of these columns, each of the same sequence as before."""
        assert self._state is not None
        self._state = self._state[:, columns]
