"""The network: an initial state, a stack of recurrent layers and a head."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..cells._weight_gradients import WeightGradient
from .attention import Memory
from .background import Submit, run_at_once
from .batch import Batch
from .denormals import norm
from .dropout import Dropout, draw_dropout
from .embedding import as_indices
from .head import LinearHead
from .losses import Loss, SquaredError
from .network_weights import NetworkWeights
from .stack import Stack
from .topology import Topology
from .wide_outputs import are_wide, columns_of, loss_in_blocks

_MAX_WORKSPACES = 4  # kept for reuse: a full and a remainder batch, of training and validation


@dataclass(slots=True)
class Run:
    """One forward run of a network, in buffers that the network's next run may write over."""

    stack: Stack
    head: LinearHead
    n_steps: int  # T
    static: np.ndarray | None  # (M, B)
    tokens: np.ndarray | None  # (T, B), with an embedding
    state_was_given: bool  # rather than made by the network's own weights
    outputs: np.ndarray  # (S, K, B), or (0, K, B) if none were asked for
    step_ranges: list[tuple[int, int]]  # of each call: all steps, or one with output feedback

    def final_state(self) -> np.ndarray:
        """A copy of the state (R, B) after the last step."""
        return self.stack.final_state()


class Network(NetworkWeights):
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
    step_work : list of int
        For each direction, the multiplications of one gate per step and sequence.
    forward_rows, tape_rows : int
        Numbers per step and sequence in the buffers, without and with the backward pass.
    """

    def __init__(self, topology: Topology, loss: Loss | None = None):
        super().__init__(topology, loss or SquaredError())
        cells = [d.cell for d in self.directions]
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

    def numbers(self, n_steps: int) -> int:
        """Numbers in the buffers for a sequence of T steps, without the backward pass."""
        return max(n_steps, 1) * self.forward_rows

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
        with_outputs: bool = True,
    ) -> Run:
        """Run inputs x (T, D, B) through the network: numbers, or tokens (T, 1, B).

        ``missing`` (T, B) marks missing steps. ``state`` (R, B) is the initial state; None
        starts the sequences, with ``static`` covariates (M, B) if the network has any. The
        ``memory`` is for a head with attention. Without ``with_outputs``, the head reads the
        layers' outputs and waits.
        """
        prepared = self.prepare(theta)
        E, views, tokens = prepared.n_networks, prepared.views, None
        if self.embedding is not None:
            tokens = as_indices(x)
            x = self.embedding.forward(views, tokens)
        elif E > 1:
            x = np.tile(x, E)
        if E > 1:
            tokens, missing = _tiled(tokens, E), _tiled(missing, E)
            dropout = None if dropout is None else dropout.repeated(E)
        T, _, B = x.shape
        stack, head = self._workspace(T, B, E, dropout)
        begin = self._initial_state.forward(views, static, B // E) if state is None else state
        stack.start(prepared.of_directions, T, missing=missing, state=begin, dropout=dropout)
        head.start(views, T)
        if memory is not None:
            head.attend_to(memory)
        n_outputs = len(head.operand) if with_outputs else 0
        shape = n_outputs, self.topology.output_rows, B  # (S, K, B), all networks in B
        outputs = np.empty(shape, self.topology.dtype)
        feedback = self.topology.cell.output_feedback
        step_ranges = [(t, t + 1) for t in range(T)] if feedback else [(0, T)]
        for start, stop in step_ranges:
            h = stack.forward(x[start:stop], start, last_only=len(head.operand) == 1)
            head.read(h, start)
            if with_outputs:
                y = outputs[start:stop]
                head.forward(start, y)
                if feedback:
                    stack.feed_back(y[0], start)
        if not self.topology.per_step:
            outputs = outputs[-1:]
        return Run(stack, head, T, static, tokens, state is not None, outputs, step_ranges)

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
            dL/dx; with an embedding, (T, U, B) by the vectors.
        d_initial : ndarray of shape (R, B)
            dL/d(initial state), whether it was given or is the network's own.
        """
        stack, head, T = run.stack, run.head, run.n_steps
        sizes = _norms(dy, stack.n_networks)
        options = {"d_state": d_state, "submit": submit, "to_inputs": to_inputs}
        if not self.topology.cell.output_feedback:
            found = self._back(run, lambda start: head.backward(dy), sizes, add, **options)
        else:  # the layers read every output, so that each has a derivative
            dy, last = np.zeros((T, *dy.shape[1:]), dy.dtype), dy
            dy[T - len(last) :] = last

            def d_outputs(start):
                d = dy[start : start + 1]
                stack.feed_back_gradient(d[0], start)
                return head.backward(d)

            found = self._back(run, d_outputs, sizes, add, **options)
        for name, gradient in head.weight_gradients(dy).items():
            add(name, gradient)
        return found

    def _back(self, run, d_outputs, sizes, add, *, d_state=None, submit=None, to_inputs=False):
        """`backward` below the head; ``d_outputs(start)`` is dL/d(outputs) of a call from there."""
        stack, bptt_steps = run.stack, self.topology.bptt_steps
        first = 0
        if bptt_steps is not None and not self.topology.per_step:
            first = max(0, run.n_steps - bptt_steps)
        parts: list[np.ndarray] = []  # of dL/dx, the last steps first
        read = to_inputs or run.tokens is not None

        def add_weight(i, weight, gradient):
            add(self._weight_keys[i][weight], gradient)

        stack.start_backward(sizes, d_state)
        for start, stop in reversed(run.step_ranges):
            if stop <= first:
                break
            start = max(start, first)
            dh = d_outputs(start)
            d_inputs = stack.backward(dh, start, stop, add_weight, submit=submit, to_inputs=read)
            if d_inputs is not None:
                parts.append(d_inputs)
        stack.finish_backward(first, add_weight)
        d_initial = stack.initial_gradient(first)
        if not run.state_was_given:
            for name, gradient in self._initial_state.weight_gradients(d_initial, run.static):
                add(name, gradient)
        if not read:
            return None, d_initial
        d_x = parts[0] if len(parts) == 1 else np.concatenate(parts[::-1])
        if self.embedding is not None and run.tokens is not None:
            for name, lookup in self.embedding.weight_gradients(d_x, run.tokens[first:]):
                add(name, lookup)
        if not to_inputs:
            return None, d_initial
        return np.concatenate([np.zeros((first, *d_x.shape[1:]), d_x.dtype), d_x]), d_initial

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
        E = _count(theta)
        out.fill(0)
        views = self.layout.views(out if E > 1 else out.reshape(-1))

        def add(name, gradient):
            gradient.add_total(views[name])

        wide = self.is_wide(batch.y, E)
        run = self._run_batch(theta, batch, state, with_outputs=not wide)
        loss, _ = self.backpropagate(run, batch, add, views["readout"], submit=submit)
        return np.reshape(loss, theta.shape[:-1])[()], run.final_state()

    def losses(self, theta: np.ndarray, batch: Batch) -> np.ndarray:
        """The batch's loss for each of E networks (E, P)."""
        wide = self.is_wide(batch.y, len(theta))
        return self.losses_of(self._run_batch(theta, batch, None, with_outputs=not wide), batch)

    def is_wide(self, y: np.ndarray, n_networks: int = 1) -> bool:
        """Whether outputs for targets y (S, J, B) exist in blocks only; fed back, all are needed.

        The run must then be one without outputs.
        """
        columns = n_networks * y.shape[0] * y.shape[2]
        feedback = self.topology.cell.output_feedback
        return not feedback and are_wide(self.topology.n_outputs, columns)

    def backpropagate(
        self,
        run: Run,
        batch: Batch,
        add: Callable[[str, WeightGradient], None],
        d_readout: np.ndarray,
        submit: Submit | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The loss (E,) of a run for the targets of a batch, and dL/d(initial state).

        Gradients go to ``add``, see `backward`. Those of the readout are added to ``d_readout``
        where the outputs exist in blocks only.
        """
        E, target = run.stack.n_networks, (batch.y, batch.weight, batch.total)
        if self.is_wide(batch.y, E):
            of_each = d_readout.reshape(E, *d_readout.shape[-2:])
            share = submit or run_at_once
            found = [self._loss_in_blocks(run, batch, e, E, of_each[e], share) for e in range(E)]
            S, _, B = run.head.operand.shape
            d_read = np.empty((S, self.topology.readout_size, B), self.topology.dtype)
            parts = np.split(d_read, E, axis=-1)
            for part, own in zip(parts, found, strict=True):
                part[...] = own.d_operand.reshape(-1, S, B // E).swapaxes(0, 1)
            d_outputs, sizes = run.head.backward_below(d_read), [own.size for own in found]
            _, d_initial = self._back(run, lambda start: d_outputs, sizes, add, submit=submit)
            for name, gradient in run.head.gradients_below().items():
                add(name, gradient)
            return np.array([own.value for own in found]), d_initial
        dy = run.outputs
        if E == 1:
            loss = self.loss.value_and_gradient(dy, *target, out=dy)
        else:
            own = _networks_first(dy, E)
            loss = self.loss.value_and_gradient(own, *target, out=own)
            dy = own.transpose(1, 2, 0, 3).reshape(dy.shape)
        _, d_initial = self.backward(run, dy, add, submit=submit)
        return np.atleast_1d(loss), d_initial

    def losses_of(self, run: Run, batch: Batch) -> np.ndarray:
        """The loss (E,) of a run for the targets of a batch."""
        E = run.stack.n_networks
        if self.is_wide(batch.y, E):
            return np.array([self._loss_in_blocks(run, batch, e, E).value for e in range(E)])
        output, target = _networks_first(run.outputs, E), (batch.y, batch.weight, batch.total)
        return np.atleast_1d(self.loss.value_and_gradient(output, *target, out=output))

    def _loss_in_blocks(self, run, batch, e, n_networks, d_W=None, submit=run_at_once):
        """The loss of one of E networks, whose head has read the layers' outputs."""
        W, operand = run.head.W, run.head.operand
        part = np.split(operand, n_networks, axis=-1)[e]
        weight = None if batch.weight is None else columns_of(batch.weight)
        target = columns_of(batch.y), weight, batch.total
        W = W if W.ndim == 2 else W[e]
        return loss_in_blocks(self.loss, W, columns_of(part), *target, d_W, submit)

    def _run_batch(self, theta, batch, state, **options):
        options |= {"missing": batch.missing, "static": batch.static, "dropout": batch.dropout}
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
        dy = np.zeros((S, K, C, B), self.topology.dtype)  # dL/dy: 1 of one output in each copy
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


def _norms(dy, n_networks):
    """The norm of dL/dy (S, K, E*B), of each of E networks."""
    return [norm(dy)] if n_networks == 1 else [norm(p) for p in np.split(dy, n_networks, axis=-1)]


def _count(theta):
    """How many networks the parameters (P,) or (E, P) are for."""
    return theta.size // theta.shape[-1]
