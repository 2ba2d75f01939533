"""The network: parameters, outputs, loss, gradient and Jacobian."""

import numpy as np

from ..cells._initializers import glorot_uniform
from ..cells._weight_gradients import Outer
from .background import run_at_once
from .batch import Batch, Dropout
from .losses import Loss, SquaredError
from .parameters import ParameterLayout
from .stack import Passes
from .tape import Tape
from .topology import Topology

_MAX_PASSES = 4  # kept for reuse: a full and a remainder batch, of training and validation


class Network:
    """``y_t = W_y [h_t; 1]`` on top of recurrent layers, at every step or the last.

    Facts s of a sequence set the layers' states before the first step, ``h_0 = W_s s``.

    All methods take the parameters as one flat vector ``theta`` (P,). Where it may be (E, P),
    E nets run side by side, each on the whole batch: its columns are repeated, and where the
    text says B, it is E*B, one net's after another's. A state is a list with the states
    (rows, B) of each direction of each layer, one list after another.

    Parameters
    ----------
    topology : Topology
        Layers, directions, inputs and outputs.
    loss : Loss
        What `loss_grad` minimizes.
    """

    def __init__(self, topology: Topology, loss: Loss | None = None):
        self.topology = topology
        self.loss = loss or SquaredError()
        self.directions = [d for layer in topology.layers() for d in layer]
        shapes, self._weight_keys, self._state_rows = {}, [], []
        # numbers of the tapes per step and sequence, without and with the backward pass
        self.forward_rows, backward_rows = topology.n_outputs, 0
        for name, cell, _ in self.directions:
            own = {weight: f"{name}/{weight}" for weight in cell.parameter_shapes()}
            shapes |= {own[weight]: shape for weight, shape in cell.parameter_shapes().items()}
            self._weight_keys.append(own)
            states = Tape(cell, 0, 1, topology.dtype).states
            self._state_rows.append([state.shape[1] for state in states])
            if topology.learn_initial_state:
                shapes[f"{name}/initial_state"] = sum(self._state_rows[-1]), 1
            if topology.n_static:
                shapes[f"{name}/static"] = sum(self._state_rows[-1]), topology.n_static
            self.forward_rows += cell.n_inputs + 1 + cell.recurrent_size
            self.forward_rows += sum(rows for _, rows in cell.buffers().values())
            backward_rows += sum(cell.backward_buffers().values())
        self.tape_rows = self.forward_rows + backward_rows
        shapes["readout"] = topology.n_outputs, topology.readout_size + 1
        self.layout = ParameterLayout(shapes)
        self._passes = {}

    # --- parameters ---

    def initial_parameters(self, rng: np.random.RandomState) -> np.ndarray:
        """Random parameters (P,)."""
        theta = np.zeros(self.layout.size, self.topology.dtype)
        views = self.layout.views(theta)
        for direction, keys in zip(self.directions, self._weight_keys, strict=True):
            for weight, value in direction.cell.initial_weights(rng).items():
                views[keys[weight]][...] = value
            if self.topology.n_static:
                W_s = views[f"{direction.name}/static"]
                W_s[...] = glorot_uniform(rng, *W_s.shape)
        W_y = views["readout"]
        W_y[:, :-1] = glorot_uniform(rng, *W_y[:, :-1].shape)
        self._check_names()
        return theta

    def _check_names(self):
        """What a cell leaves unnamed would be neither penalized nor saved by its users."""
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
        """Views of ``theta`` under the textbook's names; biases' names end in "bias"."""
        views, named = self.layout.views(theta), {}
        for (name, cell, _), keys in zip(self.directions, self._weight_keys, strict=True):
            own = cell.named_weights({weight: views[key] for weight, key in keys.items()})
            named |= {f"{name}.{weight}": view for weight, view in own.items()}
            if self.topology.learn_initial_state:
                named[f"{name}.initial_state"] = views[f"{name}/initial_state"][:, 0]
            if self.topology.n_static:
                named[f"{name}.static"] = views[f"{name}/static"]
        W_y = views["readout"]
        return {**named, "readout.input": W_y[:, :-1], "readout.bias": W_y[:, -1]}

    def penalized(self) -> np.ndarray:
        """1 for each input, static and recurrent weight, 0 for all others, shape (P,).

        Small weights before the nonlinearity and free ones after it pull the network
        towards a linear map of its inputs. A penalty on the readout would pull it towards
        a constant, and make it buy its output with nonlinearity instead. That is what some
        losses need: their `Loss.penalizes_readout` says so.
        """
        mask = np.zeros(self.layout.size, self.topology.dtype)
        for name, view in self.named_weights(mask).items():
            if name.startswith("readout") and not self.loss.penalizes_readout:
                continue
            if not name.endswith(("bias", "initial_state")):
                view[...] = 1
        return mask

    def twin(self) -> "Network":
        """The same network with buffers of its own, for another thread."""
        return Network(self.topology, self.loss)

    # --- outputs ---

    def draw_dropout(self, rng: np.random.RandomState, n_sequences: int) -> Dropout | None:
        """Masks for a batch in training, as the topology has it; None: nothing is dropped."""
        rates = self.topology.dropout, self.topology.recurrent_dropout
        if not any(rates):
            return None

        def mask(rate, rows):
            if rate == 0:
                return None
            keep = rng.uniform(size=(rows, n_sequences)) >= rate
            return (keep / (1 - rate)).astype(self.topology.dtype)

        sizes = self.topology.hidden_sizes
        n_directions = len(self.directions) // len(sizes)
        outputs = (n_directions * H for H in sizes)
        recurrent = (d.cell.recurrent_size for d in self.directions)
        return Dropout(
            tuple(mask(rates[0], rows) for rows in outputs),
            tuple(mask(rates[1], rows) for rows in recurrent),
        )

    def _run(self, theta, x, skip, static, state, dropout):
        """Forward through all layers: the passes, and outputs (S, K, B)."""
        n_nets = _count(theta)
        if n_nets > 1:
            x, skip = np.tile(x, n_nets), None if skip is None else np.tile(skip, n_nets)
            dropout = None if dropout is None else dropout.repeated(n_nets)
        T, _, B = x.shape
        hides = dropout is not None and self.topology.recurrent_dropout > 0
        key = B, n_nets, hides
        if key not in self._passes or self._passes[key].capacity < T:
            self._passes.pop(key, None)
            if len(self._passes) == _MAX_PASSES:
                del self._passes[next(iter(self._passes))]
            self._passes[key] = Passes(self.topology, T, B, n_nets=n_nets, hides=hides)
        passes = self._last = self._passes[key]
        views = self.layout.views(theta if n_nets > 1 else theta.reshape(-1))
        weights = [{w: views[key] for w, key in keys.items()} for keys in self._weight_keys]
        if dropout is None:
            dropout = Dropout((None,) * len(passes.layers), (None,) * len(passes.tapes))
        initial = self._initial_states(views, static, B // n_nets) if state is None else state
        return passes, passes.forward(weights, views["readout"], x, skip, initial, dropout)

    def _initial_states(self, views, static, n_sequences):
        """Each tape's states before the first step, (rows, B or 1), or 0."""
        learned, n_static = self.topology.learn_initial_state, self.topology.n_static
        if not (learned or n_static):
            return [[0] * len(rows) for rows in self._state_rows]
        initial = []
        for (name, _, _), rows in zip(self.directions, self._state_rows, strict=True):
            value = views[f"{name}/initial_state"] if learned else 0  # (..., rows, 1)
            if n_static:
                value = value + np.matmul(views[f"{name}/static"], static)  # h_0 = W_s s
            if value.ndim > 2:  # (E, rows, B or 1)
                value = np.broadcast_to(value, (*value.shape[:2], n_sequences))
                value = value.swapaxes(0, 1).reshape(sum(rows), -1)
            initial.append(np.split(value, np.cumsum(rows)[:-1]))
        return initial

    def predict(self, theta, x, skip=None, state=None, static=None) -> np.ndarray:
        """Outputs (S, K, B)."""
        return self._run(theta, x, skip, static, state, None)[1]

    def final_state(self) -> list[list[np.ndarray]]:
        """Copies of the states (rows, B) after the last step of the batch that was just run."""
        return self._last.final_states()

    @property
    def state_size(self) -> int:
        """Numbers in the state of one sequence."""
        return sum(map(sum, self._state_rows))

    def pack_state(self, state: list[list[np.ndarray]]) -> np.ndarray:
        """A state as one array (state_size, B)."""
        return np.concatenate([rows for own in state for rows in own])

    def unpack_state(self, packed: np.ndarray) -> list[list[np.ndarray]]:
        """The state that was packed."""
        state, start = [], 0
        for own in self._state_rows:
            state.append([])
            for rows in own:
                state[-1].append(packed[start : start + rows])
                start += rows
        return state

    # --- derivatives ---

    def _backward(self, passes, dy, static, state, add, submit=None):
        """From dL/dy (S, K, B): ``add(name, product)`` parts of each parameter's gradient."""
        T, bptt_steps = passes.n_steps, self.topology.bptt_steps
        truncated = bptt_steps is not None and not self.topology.per_step
        first = max(0, T - bptt_steps) if truncated else 0

        def add_weight(i, weight, product):
            add(self._weight_keys[i][weight], product)

        add("readout", passes.backward(dy, first, add_weight, submit))
        causes = {}  # (1, rows, B) each: what a weight of its own brings into the initial state
        if self.topology.learn_initial_state:
            causes["initial_state"] = np.ones((1, 1, dy.shape[2]), dy.dtype)
        if self.topology.n_static:
            causes["static"] = np.tile(static, dy.shape[2] // static.shape[1])[np.newaxis]
        # a state that was carried on isn't the initial one
        if causes and state is None:
            gradients = passes.initial_gradients(first)
            for direction, d in zip(self.directions, gradients, strict=True):
                for cause, value in causes.items():
                    add(f"{direction.name}/{cause}", Outer(d, value))

    def loss_grad(
        self, theta: np.ndarray, batch: Batch, out: np.ndarray, state=None, submit=run_at_once
    ) -> float | np.ndarray:
        """Return the batch's loss, or E of them, and write the gradient(s) into ``out``.

        ``submit`` is that of an executor which may do a part of the work in another thread.
        """
        n_nets = _count(theta)
        passes, dy = self._run(theta, batch.x, batch.skip, batch.static, state, batch.dropout)
        target = batch.y, batch.weight, batch.total
        if n_nets == 1:
            loss = self.loss.value_and_gradient(dy, *target, out=dy)
        else:
            own = _nets_first(dy, n_nets)
            loss = self.loss.value_and_gradient(own, *target, out=own)
            dy = own.transpose(1, 2, 0, 3).reshape(dy.shape)
        out.fill(0)
        views = self.layout.views(out if n_nets > 1 else out.reshape(-1))

        def add(name, product):
            product.add_total(views[name])

        self._backward(passes, dy, batch.static, state, add, submit)
        return np.reshape(loss, theta.shape[:-1])[()]

    def losses(self, theta: np.ndarray, batch: Batch) -> np.ndarray:
        """The batch's loss for each of E nets (E, P)."""
        output = self._run(theta, batch.x, batch.skip, batch.static, None, None)[1]
        output = _nets_first(output, len(theta))
        target = batch.y, batch.weight, batch.total
        return self.loss.value_and_gradient(output, *target, out=output)

    def jacobian(
        self, theta: np.ndarray, batch: Batch, outputs: slice
    ) -> tuple[np.ndarray, np.ndarray]:
        """All outputs (E, S, K, B), and the derivatives (E, C, B, P) of some of the S*K.

        The Jacobian of one output per sequence costs one backward pass: nothing but the
        last sum over the batch tells it from the gradient. For C outputs the batch is
        repeated C times. ``theta`` is (E, P).
        """
        per_step, K = self.topology.per_step, self.topology.n_outputs
        T, _, B = batch.x.shape
        S = T if per_step else 1
        chosen = range(S * K)[outputs]
        C, E = len(chosen), len(theta)
        x = np.tile(batch.x, C)  # (T, D, C*B)
        skip = None if batch.skip is None else np.tile(batch.skip, C)
        static = None if batch.static is None else np.tile(batch.static, C)
        passes, output = self._run(theta, x, skip, static, None, None)
        dy = np.zeros((S, K, C, B), self.topology.dtype)
        for c, i in enumerate(chosen):
            dy[*divmod(i, K), c] = 1
        jacobian = np.zeros((E, C * B, self.layout.size), self.topology.dtype)
        dy = np.tile(dy.reshape(S, K, C * B), E)
        views = self.layout.views(jacobian if E > 1 else jacobian[0])
        self._backward(passes, dy, static, None, lambda n, p: p.add_per_sequence(views[n]))
        output = output.reshape(S, K, E, C, B)[:, :, :, 0]
        return output.transpose(2, 0, 1, 3), jacobian.reshape(E, C, B, -1)


def _nets_first(output, n_nets):
    """A copy (E, S, K, B) of outputs (S, K, E*B)."""
    S, K, _ = output.shape
    return output.reshape(S, K, n_nets, -1).transpose(2, 0, 1, 3).copy()


def _count(theta):
    """How many nets the parameters (P,) or (E, P) are for."""
    return theta.size // theta.shape[-1]
