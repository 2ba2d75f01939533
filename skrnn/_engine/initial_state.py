"""The state before the first step: learned, set by static covariates, or 0."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..cells._initializers import glorot_uniform
from ..cells._weight_gradients import Outer
from .state import StateLayout
from .topology import Topology


class InitialState:
    r"""What each direction of each layer starts from.

    .. math:: s_0 = b_0 + W_s x_s

    with the learned b_0 and the static covariates x_s, where the topology has them.

    Parameters
    ----------
    topology : Topology
    names : list of str
        Names of the directions.
    layout : StateLayout
    """

    def __init__(self, topology: Topology, names: list[str], layout: StateLayout):
        self._learned, self._n_static = topology.learn_initial_state, topology.n_static
        self._parts = {name: layout.of_direction(i) for i, name in enumerate(names)}

    def parameter_shapes(self, name: str) -> dict[str, tuple[int, int]]:
        """Return the names and shapes of one direction's weights."""
        part = self._parts[name]
        rows, shapes = part.stop - part.start, {}
        if self._learned:
            shapes[f"{name}/initial_state"] = rows, 1
        if self._n_static:
            shapes[f"{name}/static"] = rows, self._n_static
        return shapes

    def initial_weights(self, name: str, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Glorot's weights of the static covariates; a learned state begins at 0."""
        shape = self.parameter_shapes(name).get(f"{name}/static")
        return {} if shape is None else {f"{name}/static": glorot_uniform(rng, *shape)}

    def named_weights(self, name: str, views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of one direction's weights under their public names."""
        named: dict[str, np.ndarray] = {}
        if self._learned:
            named[f"{name}.initial_state"] = views[f"{name}/initial_state"][:, 0]
        if self._n_static:
            named[f"{name}.static"] = views[f"{name}/static"]
        return named

    def forward(
        self, views: Mapping[str, np.ndarray], static: np.ndarray | None, n_sequences: int
    ) -> np.ndarray | None:
        """The packed state (R, 1) or (R, B), or None for 0.

        ``static`` is (M, B). For E networks the result is (R, E*B), with ``n_sequences`` for
        each.
        """
        if not (self._learned or self._n_static):
            return None
        parts = []
        for name in self._parts:
            value = views[f"{name}/initial_state"] if self._learned else 0  # (..., rows, 1)
            if self._n_static and static is not None:
                value = value + np.matmul(views[f"{name}/static"], static)  # (..., rows, B)
            parts.append(value)
        state = np.concatenate(parts, axis=-2)
        if state.ndim > 2:  # (E, R, 1 or B)
            state = np.broadcast_to(state, (*state.shape[:2], n_sequences))
            state = state.swapaxes(0, 1).reshape(state.shape[1], -1)
        return state

    def weight_gradients(
        self, d_state: np.ndarray, static: np.ndarray | None
    ) -> Iterator[tuple[str, Outer]]:
        """Each weight's gradient, from the derivative ``d_state`` (R, B) by the initial state."""
        operands = {}  # (1, rows, B) each: what a weight multiplies
        if self._learned:
            operands["initial_state"] = np.ones((1, 1, d_state.shape[1]), d_state.dtype)
        if static is not None and self._n_static:
            n_copies = d_state.shape[1] // static.shape[1]
            operands["static"] = np.tile(static, n_copies)[np.newaxis]
        for name, part in self._parts.items():
            for weight, operand in operands.items():
                yield f"{name}/{weight}", Outer(d_state[np.newaxis, part], operand)
