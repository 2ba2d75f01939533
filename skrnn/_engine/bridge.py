"""From what an encoder leaves to what a decoder takes."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..cells._initializers import glorot_uniform
from ..cells._weight_gradients import Outer


class Bridge:
    r"""Maps the final states and the outputs of a bidirectional encoder to a decoder's terms.

    .. math:: s = W_l [\overrightarrow{s}; \overleftarrow{s}; 1], \quad
        m_t = W_m [\overrightarrow{h}_t; \overleftarrow{h}_t]

    with the states s of each layer l, and the outputs h that attention reads. Those of an encoder
    in one direction pass as they are.

    Parameters
    ----------
    state_rows : list of int
        Rows of the decoder's state in each layer; empty: the states pass as they are.
    output_rows : int
        Rows of the memory that outputs are mapped to; 0: they pass as they are.
    """

    def __init__(self, state_rows: list[int], output_rows: int):
        self._state_rows, self._output_rows = state_rows, output_rows
        self._ends = np.cumsum(state_rows).tolist()

    # --- weights ---

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the weights."""
        shapes: dict[str, tuple[int, ...]] = {
            f"layer{i}": (rows, 2 * rows + 1) for i, rows in enumerate(self._state_rows)
        }
        H = self._output_rows
        return shapes | ({"memory": (H, 2 * H)} if H else {})

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Glorot's, without bias."""
        weights = {}
        for name, (rows, columns) in self.parameter_shapes().items():
            weights[name] = np.zeros((rows, columns))
            weights[name][:, : 2 * rows] = glorot_uniform(rng, rows, 2 * rows)
        return weights

    def named_weights(self, views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of the weights under their public names."""
        named = {}
        for name, W in views.items():
            if name == "memory":
                named["memory.input"] = W
            else:
                named |= {f"{name}.input": W[:, :-1], f"{name}.bias": W[:, -1]}
        return named

    # --- a batch ---

    def state(self, views: Mapping[str, np.ndarray], final: np.ndarray) -> np.ndarray:
        """The decoder's initial state (R, B), from the encoder's final state, (2R, B) or (R, B)."""
        self._operands, parts = [], []
        if not self._state_rows:
            return final
        for i, end in enumerate(self._ends):
            both = final[2 * (end - self._state_rows[i]) : 2 * end]
            self._operands.append(np.concatenate([both, np.ones_like(both[:1])]))
            parts.append(views[f"layer{i}"] @ self._operands[-1])
        return np.concatenate(parts)

    def memory(self, views: Mapping[str, np.ndarray], outputs: np.ndarray) -> np.ndarray:
        """What attention reads (T, H, B), from the encoder's outputs, (T, 2H, B) or (T, H, B)."""
        self._outputs = outputs
        return np.matmul(views["memory"], outputs) if self._output_rows else outputs

    def state_gradient(self, views: Mapping[str, np.ndarray], d: np.ndarray) -> np.ndarray:
        """dL/d(final state), from dL/d(initial state) (R, B) of the decoder."""
        if not self._state_rows:
            return d
        parts = np.split(d, self._ends[:-1])
        return np.concatenate([views[f"layer{i}"][:, :-1].T @ p for i, p in enumerate(parts)])

    def memory_gradient(self, views: Mapping[str, np.ndarray], d: np.ndarray) -> np.ndarray:
        """dL/d(outputs), from dL/d(memory) (T, H, B)."""
        return np.matmul(views["memory"].T, d) if self._output_rows else d

    def weight_gradients(
        self, d_state: np.ndarray, d_memory: np.ndarray | None
    ) -> Iterator[tuple[str, Outer]]:
        """Each weight's gradient, from the derivatives by what the maps return."""
        parts = np.split(d_state, self._ends[:-1])
        for i, (part, operand) in enumerate(zip(parts, self._operands, strict=False)):
            yield f"layer{i}", Outer(part[np.newaxis], operand[np.newaxis])
        if self._output_rows and d_memory is not None:
            yield "memory", Outer(d_memory, self._outputs)
