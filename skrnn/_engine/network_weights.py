"""The weights of a network: where they lie, their names, and which values they begin with."""

from typing import NamedTuple

import numpy as np

from .attention import head_of
from .embedding import Embedding
from .initial_state import InitialState
from .losses import Loss
from .parameters import ParameterLayout
from .stack import Stack
from .tape import LayerWeights
from .topology import Topology


class PreparedWeights(NamedTuple):
    """Views of parameters, ready for forward runs as long as the parameters don't change."""

    n_networks: int  # E
    views: dict[str, np.ndarray]
    of_directions: list[LayerWeights]


class NetworkWeights:
    """What `Network` knows of its weights, without running.

    Parameters
    ----------
    topology : Topology
    loss : Loss

    Attributes
    ----------
    directions : list of Direction
        Of all layers.
    embedding : Embedding or None
        What tokens are looked up in.
    layout : ParameterLayout
        Where each weight lies in ``theta``.
    state_size : int
        R, the numbers in the state of one sequence.
    """

    def __init__(self, topology: Topology, loss: Loss):
        self.topology, self.loss, self._head = topology, loss, head_of(topology)
        self.directions = [d for layer in topology.layers() for d in layer]
        names, cells = [d.name for d in self.directions], [d.cell for d in self.directions]
        state_layout = Stack(topology, 1, 1).state_layout
        self.state_size = state_layout.size
        self._initial_state = InitialState(topology, names, state_layout)
        self.embedding = Embedding(topology) if topology.embedding_size else None
        shapes: dict[str, tuple[int, ...]] = {}
        if self.embedding is not None:
            shapes |= self.embedding.parameter_shapes()
        self._weight_keys = []
        for name, cell in zip(names, cells, strict=True):
            own = {weight: f"{name}/{weight}" for weight in cell.parameter_shapes()}
            shapes |= {own[weight]: shape for weight, shape in cell.parameter_shapes().items()}
            shapes |= self._initial_state.parameter_shapes(name)
            self._weight_keys.append(own)
        self.layout = ParameterLayout(shapes | self._head.parameter_shapes(topology))

    def prepare(self, theta: np.ndarray) -> PreparedWeights:
        """Parameters (P,) or (E, P), prepared for many forward runs."""
        E = theta.size // theta.shape[-1]
        views = self.layout.views(theta if E > 1 else theta.reshape(-1))
        layers = []
        for direction, keys in zip(self.directions, self._weight_keys, strict=True):
            own = {weight: views[key] for weight, key in keys.items()}
            layers.append(LayerWeights(own, direction.cell.prepare(own)))
        return PreparedWeights(E, views, layers)

    def initial_parameters(
        self, rng: np.random.RandomState, memory: float | None = None
    ) -> np.ndarray:
        """Random parameters (P,).

        With a ``memory``, in steps, gated units keep their state over 2 to so many steps, with
        time constants that are spread evenly on a logarithmic scale: Tallec and Ollivier, "Can
        recurrent neural networks warp time?", ICLR 2018.
        """
        theta = np.zeros(self.layout.size, self.topology.dtype)
        views = self.layout.views(theta)
        if self.embedding is not None:
            for key, value in self.embedding.initial_weights(rng).items():
                views[key][...] = value
        for direction, keys in zip(self.directions, self._weight_keys, strict=True):
            initial = direction.cell.initial_weights(rng)
            self._check_weights(direction.cell, "initial_weights", initial)
            if memory is not None:
                log_odds = rng.uniform(0, np.log(max(1.0, memory - 1)), direction.cell.hidden_size)
                direction.cell.set_memory(initial, log_odds)
            for weight, value in initial.items():
                views[keys[weight]][...] = value
            for key, value in self._initial_state.initial_weights(direction.name, rng).items():
                views[key][...] = value
        for key, value in self._head.initial_weights(self.topology, rng).items():
            views[key][...] = value
        self._check_names()
        return theta

    @staticmethod
    def _check_weights(cell, method, found):
        """Raise ValueError unless a method of a cell returns something for each weight."""
        expected = cell.parameter_shapes()
        if set(found) != set(expected):
            raise ValueError(
                f"{type(cell).__name__}.{method} must return an entry for each of the weights "
                f"{sorted(expected)} of parameter_shapes, got {sorted(found)}."
            )

    def _check_names(self):
        """Raise ValueError if a weight has no name: it would be neither penalized nor returned."""
        reached = np.zeros(self.layout.size)
        for view in self.named_weights(reached).values():
            view[...] = 1
        lost = [name for name, view in self.layout.views(reached).items() if not view.all()]
        if lost:
            raise ValueError(
                f"{type(self.topology.cell).__name__}.named_weights must return views that cover "
                f"all weights of parameter_shapes, but not all of {', '.join(lost)} are reached. "
                "Name every weight, by slices rather than copies."
            )

    def named_weights(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Views of ``theta`` by their textbook names. Names of biases end in "bias"."""
        views = self.layout.views(theta)
        named = {} if self.embedding is None else self.embedding.named_weights(views)
        for (name, cell, _), keys in zip(self.directions, self._weight_keys, strict=True):
            own = cell.named_weights({weight: views[key] for weight, key in keys.items()})
            named |= {f"{name}.{weight}": view for weight, view in own.items()}
            named |= self._initial_state.named_weights(name, views)
        return named | self._head.named_weights(views)

    def penalized(self, *, readout: bool = False) -> np.ndarray:
        """1 for each penalized weight, 0 for all others, shape (P,).

        Biases and initial states are free. So is the readout, unless ``readout`` or the loss says
        otherwise.

        Small weights before the nonlinearity and free ones after it pull the network towards a
        linear map of its inputs. A penalty on the readout would pull it towards a constant, and
        make it buy its output with nonlinearity instead. Some losses need that penalty: their
        `Loss.penalizes_readout` says so.
        """
        mask = np.zeros(self.layout.size, self.topology.dtype)
        for name, view in self.named_weights(mask).items():
            if name.startswith("readout") and not (readout or self.loss.penalizes_readout):
                continue
            if not name.endswith(("bias", "initial_state")):
                view[...] = 1
        return mask

    def rescaled(self, theta: np.ndarray, factor: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """Parameters (P,) with which the outputs are ``factor * y + shift``, (K,) each.

        No cell may read the outputs.
        """
        theta = theta.copy()
        self._head.rescale(self.layout.views(theta), factor, shift)
        return theta
