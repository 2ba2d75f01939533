"""A fitted network with its surroundings: scaled inputs, and a linear part."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from .encoder_decoder import make_network
from .input_scale import InputScale
from .linear_part import LinearPart
from .parameters import ParameterLayout
from .stepper import Stepper
from .topology import Topology

# Parameters of single steps that are kept and compared; of more, to prepare them takes less time.
_KEPT_NUMBERS = 2**17

# what runs inputs x (T, D, B), given missing=, state= and static= as in `Network.forward`: it
# returns outputs (S, K, B) and the final state (R, B)
Forward = Callable[..., tuple[np.ndarray, np.ndarray]]


class Prediction(NamedTuple):
    """What `Predictor.forward` returns."""

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
        self._steppers: list[Stepper] = []  # of the networks, once asked for
        self._kept: tuple[bytes, Forward] = b"", self.forward

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
        theta: np.ndarray,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        state: np.ndarray | None = None,
        static: np.ndarray | None = None,
    ) -> Prediction:
        """Predict from inputs x (T, D, B); the arguments are those of `Network.forward`."""
        networks = [partial(self._forward, own) for own in self.of_networks(theta)]
        run = self._combined(networks, theta)
        return Prediction(*run(x, missing=missing, state=state, static=static))

    def stepper(self, theta: np.ndarray) -> Forward:
        """What runs single steps with these parameters (P,), until the next call of this method.

        Few parameters are kept. They may have been changed in place since, so all are compared.
        """
        numbers = theta.tobytes() if theta.size <= _KEPT_NUMBERS else b""
        if not numbers or numbers != self._kept[0]:
            self._kept = b"", self.forward  # until all is ready: an interrupt may come in between
            theta = theta.copy() if numbers else theta
            if not self._steppers:
                self._steppers = [Stepper(self.network) for _ in range(self.topology.n_networks)]
            for stepper, own in zip(self._steppers, self.of_networks(theta), strict=True):
                stepper.use(own)
            self._kept = numbers, self._combined(self._steppers, theta)
        return self._kept[1]

    def _forward(self, theta, x, **given):
        run = self.network.forward(theta, x, **given)
        return run.outputs, run.final_state()

    def _combined(self, networks: Sequence[Forward], theta: np.ndarray) -> Forward:
        """These networks with what is around them, of the parameters (P,)."""
        if len(networks) == 1 and self.linear is None and not self.topology.scales_inputs:
            return networks[0]
        views = self.layout.views(theta)
        return partial(self._run, networks, self._scale_of(views), views)

    def _run(self, networks, scale, views, x, *, missing=None, state=None, static=None):
        """Outputs (S, K, B) and final state (R, B)."""
        if scale is not None:
            x, static = scale.both(x, missing, static)
        E, R, outputs, states = len(networks), self.network.state_size, [], []
        for e, run in enumerate(networks):
            begin = None if state is None else state[e * R : (e + 1) * R]
            y, final = run(x, missing=missing, state=begin, static=static)
            outputs.append(y)
            states.append(final)
        y = outputs[0] if E == 1 else np.mean(outputs, axis=0)
        if self.linear is not None:
            y = y * views["readout/scale"][:, np.newaxis]
            before = None if state is None else state[E * R :]
            if before is None:
                before = self.linear.initial_state(views, static, x.shape[2])
            states.append(self.linear.forward(views, x, missing, before, y))
        return y, states[0] if len(states) == 1 else np.concatenate(states)
