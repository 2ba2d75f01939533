"""The network: an initial state, a stack of recurrent layers and a head."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..cells._weight_gradients import WeightGradient
from .attention import Memory, head_of
from .background import Submit, run_at_once
from .batch import Batch
from .dropout import Dropout, draw_dropout
from .head import LinearHead
from .initial_state import InitialState
from .losses import Loss, SquaredError
from .parameters import ParameterLayout
from .stack import Stack
from .topology import Topology

_MAX_WORKSPACES = 4  # kept for reuse: a full and a remainder batch, of training and validation


@dataclass(slots=True)
class Run:
    """One forward run of a network, in buffers that the network's next run may write over."""

    stack: Stack
    head: LinearHead
    n_steps: int  # T
    static: np.ndarray | None  # (M, B)
    state_was_given: bool  # rather than made by the network's own weights
    outputs: np.ndarray  # (S, K, B)
    step_ranges: list[tuple[int, int]]  # of each call: all steps, or one with output feedback

    def final_state(self) -> np.ndarray:
        """A copy of the state (R, B) after the last step."""
        return self.stack.final_state()


class Network:
    """A head on top of recurrent layers, with an output at every step or the last.

    All methods take the parameters as one flat vector ``theta`` (P,). Where it may be (E, P), E
    networks run as a batch, each on all sequences. Columns are then repeated, and B stands for
    E*B. A state is one packed array (R, B).

    Parameters
    ----------
    topology : Topology
        Layers, directions, inputs and outputs.
    loss : Loss
        What `loss_grad` minimizes.

    Attributes
    ----------
    layout : ParameterLayout
        Where each weight lies in ``theta``.
    state_size : int
        R, the numbers in the state of one sequence.
    step_work : list of int
        For each direction, the multiplications of one gate per step and sequence.
    forward_rows, tape_rows : int
        Numbers per step and sequence in the buffers, without and with the backward pass.
    """

    def __init__(self, topology: Topology, loss: Loss | None = None):
        self.topology = topology
        self.loss = loss or SquaredError()
        self._head = head_of(topology)
        self.directions = [d for layer in topology.layers() for d in layer]
        names, cells = [d.name for d in self.directions], [d.cell for d in self.directions]
        state_layout = Stack(topology, 1, 1).state_layout
        self.state_size = state_layout.size
        self._initial_state = InitialState(topology, names, state_layout)
        shapes: dict[str, tuple[int, ...]] = {}
        self._weight_keys = []
        for name, cell in zip(names, cells, strict=True):
            own = {weight: f"{name}/{weight}" for weight in cell.parameter_shapes()}
            shapes |= {own[weight]: shape for weight, shape in cell.parameter_shapes().items()}
            shapes |= self._initial_state.parameter_shapes(name)
            self._weight_keys.append(own)
        self.layout = ParameterLayout(shapes | self._head.parameter_shapes(topology))
        self.step_work = [c.hidden_size * (c.n_inputs + 1 + c.recurrent_size) for c in cells]
        self.forward_rows = topology.n_outputs + sum(
            c.n_inputs + 1 + c.recurrent_size + sum(rows for _, rows in c.buffers().values())
            for c in cells
        )
        backward_rows = sum(sum(c.backward_buffers().values()) for c in cells)
        self.tape_rows = self.forward_rows + backward_rows
        self._workspaces: dict[tuple, tuple[Stack, LinearHead]] = {}

    def twin(self) -> "Network":
        """The same network with buffers of its own, for another thread."""
        return Network(self.topology, self.loss)

    # --- parameters ---

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
        named: dict[str, np.ndarray] = {}
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
        LinearHead.rescale(self.layout.views(theta), factor, shift)
        return theta

    def draw_dropout(self, rng: np.random.RandomState, n_sequences: int) -> Dropout | None:
        """Masks for a batch in training; None if nothing is dropped."""
        return draw_dropout(self.topology, self.directions, rng, n_sequences)

    # --- forward and backward ---

    def initial_state(self, theta: np.ndarray, static: np.ndarray) -> np.ndarray:
        """The state (R, B) that sequences with ``static`` covariates (M, B) start from."""
        views, B = self.layout.views(theta.reshape(-1)), static.shape[1]
        state = self._initial_state.forward(views, static, B)
        return np.zeros((self.state_size, B), self.topology.dtype) if state is None else state

    def forward(
        self,
        theta: np.ndarray,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        state: np.ndarray | None = None,
        static: np.ndarray | None = None,
        dropout: Dropout | None = None,
        memory: Memory | None = None,
    ) -> Run:
        """Run inputs x (T, D, B) through the network.

        ``missing`` (T, B) marks missing steps. ``state`` (R, B) is the initial state; None
        starts the sequences, with ``static`` covariates (M, B) if the network has any. The
        ``memory`` is for a head with attention.
        """
        E = _count(theta)
        if E > 1:
            x, missing = np.tile(x, E), _tiled(missing, E)
            dropout = None if dropout is None else dropout.repeated(E)
        T, _, B = x.shape
        stack, head = self._workspace(T, B, E, dropout)
        views = self.layout.views(theta if E > 1 else theta.reshape(-1))
        weights = [{w: views[key] for w, key in keys.items()} for keys in self._weight_keys]
        begin = self._initial_state.forward(views, static, B // E) if state is None else state
        stack.start(weights, T, missing=missing, state=begin, dropout=dropout)
        outputs = head.start(views, T)
        if memory is not None:
            head.attend_to(memory)
        feedback = self.topology.cell.output_feedback
        step_ranges = [(t, t + 1) for t in range(T)] if feedback else [(0, T)]
        for start, stop in step_ranges:
            y = outputs[start:stop]
            h = stack.forward(x[start:stop], start, last_only=len(outputs) == 1)
            head.forward(h, start, y)
            if feedback:
                stack.feed_back(y[0], start)
        kept = outputs if self.topology.per_step else outputs[-1:]
        return Run(stack, head, T, static, state is not None, kept, step_ranges)

    def _workspace(self, n_steps, n_sequences, n_networks, dropout):
        """Buffers for a batch, used again if there are such already."""
        has_mask = dropout is not None and self.topology.recurrent_dropout > 0
        key = n_sequences, n_networks, has_mask
        if key not in self._workspaces or self._workspaces[key][0].capacity < n_steps:
            self._workspaces.pop(key, None)
            if len(self._workspaces) == _MAX_WORKSPACES:
                del self._workspaces[next(iter(self._workspaces))]
            size = self.topology, n_steps, n_sequences
            stack = Stack(*size, n_networks=n_networks, recurrent_dropout=has_mask)
            self._workspaces[key] = stack, self._head(*size)
        return self._workspaces[key]

    def backward(
        self,
        run: Run,
        dy: np.ndarray,
        add: Callable[[str, WeightGradient], None],
        *,
        d_state: np.ndarray | None = None,
        submit: Submit | None = None,
        to_inputs: bool = False,
    ) -> tuple[np.ndarray | None, np.ndarray]:
        """Derivatives by the weights, the inputs and the initial state.

        Parameters
        ----------
        run : Run
            The last run of `forward`.
        dy : ndarray of shape (S, K, B)
            dL/dy.
        add : callable
            ``add(name, gradient)`` is called with parts of each weight's gradient, in a fixed
            order.
        d_state : ndarray of shape (R, B) or None
            dL/d(final state); None is 0.
        submit : callable or None
            See `Stack.backward`.
        to_inputs : bool
            Whether dL/dx is wanted.

        Returns
        -------
        d_inputs : ndarray of shape (T, D, B) or None
            dL/dx.
        d_initial : ndarray of shape (R, B)
            dL/d(initial state), whether it was given or is the network's own.
        """
        stack, head, T = run.stack, run.head, run.n_steps
        bptt_steps, feedback = self.topology.bptt_steps, self.topology.cell.output_feedback
        first = 0
        if bptt_steps is not None and not self.topology.per_step:
            first = max(0, T - bptt_steps)
        if feedback:  # the layers read every output, so that each has a derivative
            dy, last = np.zeros((T, *dy.shape[1:]), dy.dtype), dy
            dy[T - len(last) :] = last
        parts: list[np.ndarray] = []  # of dL/dx, the last steps first

        def add_weight(i, weight, gradient):
            add(self._weight_keys[i][weight], gradient)

        stack.start_backward(dy, d_state)
        for start, stop in reversed(run.step_ranges):
            if stop <= first:
                break
            start = max(start, first)
            d = dy[start:stop] if feedback else dy
            if feedback:
                stack.feed_back_gradient(d[0], start)
            dh = head.backward(d)
            d_inputs = stack.backward(
                dh, start, stop, add_weight, submit=submit, to_inputs=to_inputs
            )
            if d_inputs is not None:
                parts.append(d_inputs)
        stack.finish_backward(first, add_weight)
        for name, gradient in head.weight_gradients(dy).items():
            add(name, gradient)
        d_initial = stack.initial_gradient(first)
        if not run.state_was_given:
            for name, gradient in self._initial_state.weight_gradients(d_initial, run.static):
                add(name, gradient)
        if not to_inputs:
            return None, d_initial
        cut = np.zeros((first, *parts[0].shape[1:]), dy.dtype)
        return np.concatenate([cut, *parts[::-1]]), d_initial

    # --- loss, gradient and Jacobian ---

    def loss_grad(
        self,
        theta: np.ndarray,
        batch: Batch,
        out: np.ndarray,
        state: np.ndarray | None = None,
        submit: Submit = run_at_once,
    ) -> tuple[float | np.ndarray, np.ndarray]:
        """The batch's loss, or E of them, and the final state; gradients go into ``out``.

        ``submit`` is that of an executor which may do a part of the work in another thread.
        """
        E, run = _count(theta), self._run_batch(theta, batch, state)
        dy, target = run.outputs, (batch.y, batch.weight, batch.total)
        if E == 1:
            loss = self.loss.value_and_gradient(dy, *target, out=dy)
        else:
            own = _networks_first(dy, E)
            loss = self.loss.value_and_gradient(own, *target, out=own)
            dy = own.transpose(1, 2, 0, 3).reshape(dy.shape)
        out.fill(0)
        views = self.layout.views(out if E > 1 else out.reshape(-1))
        self.backward(run, dy, lambda name, g: g.add_total(views[name]), submit=submit)
        return np.reshape(loss, theta.shape[:-1])[()], run.final_state()

    def losses(self, theta: np.ndarray, batch: Batch) -> float | np.ndarray:
        """The batch's loss for each of E networks (E, P)."""
        output = _networks_first(self._run_batch(theta, batch, None).outputs, len(theta))
        target = batch.y, batch.weight, batch.total
        return self.loss.value_and_gradient(output, *target, out=output)

    def _run_batch(self, theta, batch, state):
        options = {"missing": batch.missing, "static": batch.static, "dropout": batch.dropout}
        return self.forward(theta, batch.x, state=state, **options)

    def jacobian(
        self, theta: np.ndarray, batch: Batch, outputs: slice
    ) -> tuple[np.ndarray, np.ndarray]:
        """All outputs (E, S, K, B), and the derivatives (E, C, B, P) of some of the S*K.

        The Jacobian of one output per sequence costs one backward pass: it is the gradient before
        the sum over the batch. For C outputs the batch is repeated C times. ``theta`` is (E, P).
        """
        K, (T, _, B), E = self.topology.n_outputs, batch.x.shape, len(theta)
        S = T if self.topology.per_step else 1
        chosen = range(S * K)[outputs]
        C = len(chosen)
        missing, static = _tiled(batch.missing, C), _tiled(batch.static, C)
        run = self.forward(theta, np.tile(batch.x, C), missing=missing, static=static)
        dy = np.zeros((S, K, C, B), self.topology.dtype)
        for c, i in enumerate(chosen):
            dy[*divmod(i, K), c] = 1
        jacobian = np.zeros((E, C * B, self.layout.size), self.topology.dtype)
        dy = np.tile(dy.reshape(S, K, C * B), E)
        views = self.layout.views(jacobian if E > 1 else jacobian[0])
        self.backward(run, dy, lambda name, g: g.add_per_sequence(views[name]))
        output = run.outputs.reshape(S, K, E, C, B)[:, :, :, 0]
        return output.transpose(2, 0, 1, 3), jacobian.reshape(E, C, B, -1)


def _networks_first(output, n_networks):
    """A copy (E, S, K, B) of outputs (S, K, E*B)."""
    S, K, _ = output.shape
    return output.reshape(S, K, n_networks, -1).transpose(2, 0, 1, 3).copy()


def _tiled(a, n):
    return None if a is None else np.tile(a, n)


def _count(theta):
    """How many networks the parameters (P,) or (E, P) are for."""
    return theta.size // theta.shape[-1]
