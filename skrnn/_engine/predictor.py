"""A fitted network with its surroundings: scaled inputs, and a linear part."""

from typing import Any, NamedTuple

import numpy as np

from .decoding import Decoded
from .encoder_decoder import make_network
from .input_scale import InputScale
from .linear_part import LinearPart
from .network import Run
from .parameters import ParameterLayout
from .topology import Topology

# parameters that `Predictor.prepared` keeps and compares; products of more take longer than both
_KEPT_NUMBERS = 2**15


class PreparedPredictor(NamedTuple):
    """What `Predictor.forward` reads of the parameters, as long as they don't change."""

    networks: Any  # for each network its parameters, or what `Network.prepare` made of them
    scale: InputScale | None
    views: dict[str, np.ndarray]


class Prediction(NamedTuple):
    """What `Predictor.forward` returns of a network with surroundings."""

    outputs: np.ndarray  # (S, K, B)
    final: np.ndarray  # (R, B)

    def final_state(self) -> np.ndarray:
        """The state (R, B) after the last step."""
        return self.final


class Predictor:
    r"""A network whose inputs may be scaled, and to whose outputs a linear part may add.

    .. math:: \hat y_t = s \odot f(x_1, \dots, x_t) + g(x_{t-L+1}, \dots, x_t)

    with the network f, or the mean of several, and the linear part g.

    Training sees the network alone: its data are scaled, and its targets are what the linear part
    leaves, divided by s. The parameters (P,) are those of the network, followed by those of its
    surroundings. So is the state (R, B).

    Parameters
    ----------
    topology : Topology

    Attributes
    ----------
    network : Network or EncoderDecoder
    linear : LinearPart or None
    layout : ParameterLayout
        Where all weights lie in ``theta`` (P,).
    state_size : int
        R, the numbers in the state of one sequence.
    forward_rows : int
        Numbers per step and sequence in the buffers.
    """

    def __init__(self, topology: Topology):
        self.topology = topology
        self.network = network = make_network(topology)
        self.linear = LinearPart(topology) if topology.linear_steps else None
        E = topology.n_networks
        self.state_size, self.forward_rows = E * network.state_size, network.forward_rows
        shapes: dict[str, tuple[int, ...]] = {"networks": (E, network.layout.size)}
        if self.linear is not None:
            self.state_size += self.linear.state_size
            self.forward_rows += 2 * topology.n_inputs
            self.forward_rows += self.linear.n_columns if topology.per_step else 0
            shapes |= {"readout/scale": (topology.n_outputs,)}
            shapes |= LinearPart.parameter_shapes(topology)
        if topology.scales_inputs:
            n_columns = topology.n_scaled
            shapes |= {"inputs/mean": (n_columns,), "inputs/scale": (n_columns,)}
        self.layout = ParameterLayout(shapes)
        self._kept: tuple[bytes, PreparedPredictor] | None = None

    def twin(self) -> "Predictor":
        """The same with buffers of its own, for another thread."""
        return Predictor(self.topology)

    def numbers(self, n_steps: int) -> int:
        """Numbers in the buffers for a sequence of T steps."""
        around = self.forward_rows - self.network.forward_rows
        return max(n_steps, 1) * around + self.network.numbers(n_steps)

    # --- parameters ---

    def of_networks(self, theta: np.ndarray) -> np.ndarray:
        """The networks' part of the parameters, a view (E, P)."""
        E, P = self.topology.n_networks, self.network.layout.size
        return theta[: E * P].reshape(E, P)

    def input_scale(self, theta: np.ndarray) -> InputScale | None:
        """The scale of the inputs, if there is one."""
        return self._scale_of(self.layout.views(theta))

    def _scale_of(self, views):
        if not self.topology.scales_inputs:
            return None
        scale = InputScale(views["inputs/mean"], views["inputs/scale"])
        return scale.beside_tokens() if self.topology.n_tokens else scale

    def named_weights(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Views of ``theta`` by their public names."""
        topology, named = self.topology, dict[str, np.ndarray]()
        for e, own in enumerate(self.of_networks(theta)):
            prefix = f"network{e}." if topology.n_networks > 1 else ""
            named |= {prefix + name: w for name, w in self.network.named_weights(own).items()}
        views = self.layout.views(theta)
        if self.linear is not None:
            named["readout.scale"] = views["readout/scale"]
            named |= LinearPart.named_weights(topology, views)
        for kind in ("mean", "scale") if topology.scales_inputs else ():
            both = views[f"inputs/{kind}"]
            D = topology.n_scaled - topology.n_static
            if D:
                named[f"inputs.{kind}"] = both[:D]
            if topology.n_static:
                named[f"static.{kind}"] = both[D:]
        return named

    def prepare(self, theta: np.ndarray) -> PreparedPredictor:
        """Parameters (P,), prepared for many runs of a network that continues step by step."""
        return self._prepared(theta, [self.network.prepare(own) for own in self.of_networks(theta)])

    def prepared(self, theta: np.ndarray) -> np.ndarray | PreparedPredictor:
        """Parameters (P,) as `forward` takes them: what it made of the same numbers before.

        They may have been changed in place since, so all are compared.
        """
        if theta.size > _KEPT_NUMBERS:
            return theta
        numbers = theta.tobytes()
        if self._kept is None or self._kept[0] != numbers:
            self._kept = numbers, self.prepare(theta.copy())
        return self._kept[1]

    def _prepared(self, theta, networks):
        if self.linear is None and not self.topology.scales_inputs:
            return PreparedPredictor(networks, None, {})
        views = self.layout.views(theta)
        return PreparedPredictor(networks, self._scale_of(views), views)

    # --- predictions ---

    def initial_state(self, theta: np.ndarray, static: np.ndarray) -> np.ndarray:
        """The state (R, B) that sequences with ``static`` covariates (M, B) start from."""
        scale = self.input_scale(theta)
        if scale is not None:
            static = scale.covariates(static)
        states = [self.network.initial_state(own, static) for own in self.of_networks(theta)]
        if self.linear is not None:
            views = self.layout.views(theta)
            states.append(self.linear.initial_state(views, static, static.shape[1]))
        return np.concatenate(states)

    def forward(
        self,
        theta: np.ndarray | PreparedPredictor,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        state: np.ndarray | None = None,
        static: np.ndarray | None = None,
    ) -> Prediction | Run | Decoded:
        """Predict from inputs x (T, D, B); the arguments are those of `Network.forward`.

        ``theta`` may be what `prepare` made of it.
        """
        if isinstance(theta, np.ndarray):
            theta = self._prepared(theta, self.of_networks(theta))
        networks, scale, views = theta
        if scale is not None:
            x, static = scale.both(x, missing, static)
        E, R = len(networks), self.network.state_size
        if E == 1 and self.linear is None:
            return self.network.forward(networks[0], x, missing=missing, state=state, static=static)
        outputs, states = [], []
        for e, own in enumerate(networks):
            begin = None if state is None else state[e * R : (e + 1) * R]
            run = self.network.forward(own, x, missing=missing, state=begin, static=static)
            outputs.append(run.outputs)
            states.append(run.final_state())
        y = outputs[0] if E == 1 else np.mean(outputs, axis=0)
        if self.linear is not None:
            y = y * views["readout/scale"][:, np.newaxis]
            before = None if state is None else state[E * R :]
            if before is None:
                before = self.linear.initial_state(views, static, x.shape[2])
            states.append(self.linear.forward(views, x, missing, before, y))
        return Prediction(y, states[0] if len(states) == 1 else np.concatenate(states))
