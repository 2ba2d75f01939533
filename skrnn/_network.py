"""The network: a recurrent layer and a linear readout, with loss, gradient and Jacobian."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ._cells import Cell
from ._initializers import glorot_uniform
from ._losses import SquaredError
from ._parameters import ParameterLayout
from ._recurrent import Tape, outer_products, sum_of_outer_products

_MAX_TAPES = 4  # kept for reuse: a full and a remainder batch, whole and in chunks


class Batch(NamedTuple):
    """Sequences in the engine's layout: time first, batch last.

    S is the number of steps with an output: T with an output per step, otherwise 1.
    """

    x: np.ndarray  # (T, D, B), 0 where skipped
    skip: np.ndarray | None  # (T, B) bool; None: every step is there
    y: np.ndarray  # (S, K, B)
    weight: np.ndarray | None  # (S, K, B); None: all ones
    total: float  # W, the sum of the weights; 0: the batch has no loss

    def columns(self, part: slice) -> "Batch":
        """Some of the sequences; losses and gradients of the parts add up to the whole's."""
        x, skip, y, weight, total = self
        return Batch(
            x[..., part],
            None if skip is None else skip[:, part],
            y[..., part],
            None if weight is None else weight[..., part],
            total,
        )

    def chunks(self, n_steps: int) -> Iterator["Batch"]:
        """Runs of ``n_steps`` steps, one after another, each with a total of its own."""
        for start in range(0, len(self.x), n_steps):
            part = slice(start, start + n_steps)
            y, weight = self.y[part], None
            total = float(y.size)
            if self.weight is not None:
                weight = self.weight[part]
                total = float(weight.sum(dtype=np.float64))
            skip = None if self.skip is None else self.skip[part]
            yield Batch(self.x[part], skip, y, weight, total)


class Network:
    """``y_t = W_y [h_t; 1]`` on top of a recurrent layer, at every step or the last.

    All methods take the parameters as one flat vector ``theta`` (P,).

    Parameters
    ----------
    cell : Cell
        The recurrent layer's equations.
    n_inputs : int
        D, values per step.
    n_outputs : int
        K.
    per_step : bool
        Whether every step has an output, or only the last.
    dtype : numpy dtype
        float32 or float64.
    bptt_steps : int or None
        How many steps the gradient reaches back. With an output per step, batches are to
        be cut into chunks of so many.
    """

    def __init__(self, cell: Cell, n_inputs, n_outputs, *, per_step, dtype, bptt_steps=None):
        self.cell = cell
        self.n_inputs = n_inputs
        self.n_outputs = n_outputs
        self.per_step = per_step
        self.dtype = np.dtype(dtype)
        self.bptt_steps = bptt_steps
        self.loss = SquaredError()
        self.layout = ParameterLayout(
            {**cell.parameter_shapes(n_inputs), "readout": (n_outputs, cell.hidden_size + 1)}
        )
        self.tape_rows = n_inputs + 3 * cell.hidden_size  # numbers per step, roughly
        self._tapes = {}

    def initial_parameters(self, rng: np.random.RandomState) -> np.ndarray:
        """Random parameters (P,)."""
        theta = np.zeros(self.layout.size, self.dtype)
        views = self.layout.views(theta)
        for name, value in self.cell.initial_weights(self.n_inputs, rng).items():
            views[name][...] = value
        W_y = views["readout"]
        W_y[:, :-1] = glorot_uniform(rng, self.n_outputs, self.cell.hidden_size)
        return theta

    def named_weights(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Views of ``theta`` under the textbook's names; biases' names end in "bias"."""
        views = self.layout.views(theta)
        named = {f"layer0.{k}": v for k, v in self.cell.named_weights(views).items()}
        W_y = views["readout"]
        return {**named, "readout.input": W_y[:, :-1], "readout.bias": W_y[:, -1]}

    def penalized(self) -> np.ndarray:
        """1 for each input and recurrent weight, 0 for biases and the readout, shape (P,).

        Small weights before the nonlinearity and free ones after it pull the network
        towards a linear map of its inputs. A penalty on the readout would pull it towards
        a constant, and make it buy its output with nonlinearity instead.
        """
        mask = np.zeros(self.layout.size, self.dtype)
        for name, view in self.named_weights(mask).items():
            if not name.startswith("readout") and not name.endswith("bias"):
                view[...] = 1
        return mask

    def twin(self) -> "Network":
        """The same network with buffers of its own, for another thread."""
        return Network(
            self.cell,
            self.n_inputs,
            self.n_outputs,
            per_step=self.per_step,
            dtype=self.dtype,
            bptt_steps=self.bptt_steps,
        )

    def _tape(self, n_steps, n_sequences):
        key = n_steps, n_sequences
        if key not in self._tapes:
            if len(self._tapes) == _MAX_TAPES:
                del self._tapes[next(iter(self._tapes))]
            self._tapes[key] = Tape(self.cell, self.n_inputs, *key, self.dtype)
        return self._tapes[key]

    def _run(self, theta, x, skip, state):
        """Forward through the layer: views of theta, prepared weights, tape, readout operand."""
        weights = self.layout.views(theta)
        prepared = self.cell.prepare(weights)
        tape = self._last_tape = self._tape(x.shape[0], x.shape[2])
        tape.x[...] = x
        tape.forward(prepared, skip, state)
        last = tape.readout_operand if self.per_step else tape.readout_operand[-1:]
        return weights, prepared, tape, last  # (S, H+1, B)

    def predict(self, theta, x, skip=None, state=None) -> np.ndarray:
        """Outputs (S, K, B)."""
        weights, _, _, operand = self._run(theta, x, skip, state)
        return np.matmul(weights["readout"], operand)

    def final_state(self) -> list[np.ndarray]:
        """Copies of the states (rows, B) after the last step of the batch that was just run."""
        return [state[-1].copy() for state in self._last_tape.states]

    def _backward(self, weights, prepared, tape, skip, dy, operand):
        """From dL/dy (S, K, B) to the (delta, operand) pair of each weight."""
        T = len(tape.x)
        truncated = self.bptt_steps is not None and not self.per_step
        first = max(0, T - self.bptt_steps) if truncated else 0
        dh = np.matmul(weights["readout"][:, :-1].T, dy)  # (S, H, B)
        tape.backward(prepared, skip, dh, first)
        return {**self.cell.products(tape, first), "readout": (dy, operand)}

    def loss_grad(self, theta: np.ndarray, batch: Batch, out: np.ndarray, state=None) -> float:
        """Return the batch's loss and write its gradient (P,) into ``out``."""
        weights, prepared, tape, operand = self._run(theta, batch.x, batch.skip, state)
        dy = np.matmul(weights["readout"], operand)  # (S, K, B)
        loss = self.loss.value_and_gradient(dy, batch.y, batch.weight, batch.total, out=dy)
        pairs = self._backward(weights, prepared, tape, batch.skip, dy, operand)
        gradient = self.layout.views(out)
        for name, (delta, operand) in pairs.items():
            sum_of_outer_products(delta, operand, out=gradient[name])
        return loss

    def jacobian(
        self, theta: np.ndarray, batch: Batch, outputs: slice
    ) -> tuple[np.ndarray, np.ndarray]:
        """Some of the S*K outputs of each sequence (C, B), and their derivatives (C*B, P).

        The Jacobian of one output per sequence costs one backward pass: nothing but the
        last sum over the batch tells it from the gradient. For C outputs the batch is
        repeated C times.
        """
        S, K, B = batch.y.shape
        chosen = range(S * K)[outputs]
        C = len(chosen)
        x = np.tile(batch.x, C)  # (T, D, C*B)
        skip = None if batch.skip is None else np.tile(batch.skip, C)
        weights, prepared, tape, operand = self._run(theta, x, skip, None)
        output = np.matmul(weights["readout"], operand[..., :B]).reshape(S * K, B)[outputs]
        dy = np.zeros((S, K, C, B), self.dtype)
        for c, i in enumerate(chosen):
            dy[*divmod(i, K), c] = 1
        dy = dy.reshape(S, K, C * B)
        pairs = self._backward(weights, prepared, tape, skip, dy, operand)
        jacobian = np.empty((C * B, self.layout.size), self.dtype)
        views = self.layout.views(jacobian)
        for name, (delta, operand) in pairs.items():
            views[name][...] = outer_products(delta, operand)
        return output, jacobian
