"""The tape and the time loop: one recurrent layer, in one direction, over a batch."""

import numpy as np

from ..cells import Cell
from ..cells._weight_gradients import BatchedWeights, by_net


class Tape:
    """Every buffer of one layer for up to T steps of B sequences, with each step's views.

    Allocated once and used again for every batch of B sequences that isn't longer: a small
    recurrent net spends its time in NumPy calls, not in arithmetic, so nothing is
    allocated or sliced inside the loop.

    Parameters
    ----------
    cell : Cell
        The layer's equations, sized.
    n_steps, n_sequences : int
        T and B.
    dtype : numpy dtype
    backward : bool
        Whether the layer reads its sequences from the end. Inside, t then counts from there;
        `read`, `outputs` and the derivatives go by the sequences' own order.
    n_nets : int
        E, of which each has its own share of the B columns.
    hides : bool
        Whether a mask hides units of the state from the weights (recurrent dropout).
    """

    def __init__(
        self,
        cell: Cell,
        n_steps,
        n_sequences,
        dtype,
        *,
        backward=False,
        n_nets=1,
        hides=False,
    ):
        self.cell, self._n_nets, self._known = cell, n_nets, {}
        T, D, R, B = n_steps, cell.n_inputs, cell.recurrent_size, n_sequences
        self.operand = np.zeros((T + 1, D + 1 + R, B), dtype)  # [x_t; 1; r_t]
        self.operand[:, D] = 1
        self.x = self.operand[:-1, :D]  # (T, D, B)
        self.recurrent = self.operand[:, D + 1 :]  # (T+1, R, B), row 0 the initial state
        self.state = np.zeros((T + 1, R, B), dtype) if hides else self.recurrent
        for name, (extra, rows) in cell.buffers().items():
            self._add_buffer(name, np.zeros((T + extra, rows, B), dtype))
        self.states = cell.states(self)  # each (T+1, rows, B)
        self._order = slice(None, None, -1 if backward else 1)
        self._hides = hides
        self._forward_views = [cell.forward_views(self, t) for t in range(T)]
        self._learn(self._forward_views)
        self._backward_views = None  # with the buffers that prediction has no use for

    states = delta = d_states = None

    def _learn(self, views):
        """Make the views by net of what the loops use at each step, if there are several."""
        if self._n_nets > 1:
            arrays = (a for step in views for a in step if a.ndim == 2)
            self._known |= {id(a): by_net(a, self._n_nets) for a in arrays}

    def _lend(self, prepared):
        """Tell stacks of weights of them."""
        for thing in prepared if isinstance(prepared, tuple) else (prepared,):
            if isinstance(thing, BatchedWeights):
                thing.known = self._known
        return prepared

    def _add_buffer(self, name, array):
        if name.startswith("_") or hasattr(self, name):
            raise ValueError(
                f"{type(self.cell).__name__} asks for a buffer {name!r}, which is a name of the "
                "tape's own: choose another."
            )
        setattr(self, name, array)

    # --- forward ---

    def start(self, weights, skip, initial, hidden) -> None:
        """Begin a batch.

        ``weights`` are the layer's. ``skip`` (T, B) marks steps that leave their sequence's
        state alone, or is None. ``initial`` are the states (rows, B or 1) to start from.
        ``hidden`` (R, B) is what the state is multiplied with before weights see it.
        """
        self._weights = weights
        self._prepared = self._lend(self.cell.prepare(weights))
        self._skip = None if skip is None else skip[self._order]
        self._skips = None if skip is None else self._skip.any(axis=1).tolist()  # (T,)
        self._hidden = hidden
        for state, value in zip(self.states, initial, strict=True):
            state[0] = value
        if self._hides:
            np.multiply(self.state[0], hidden, out=self.recurrent[0])

    def read(self, parts, start, stop) -> None:
        """Take in the inputs of some steps: arrays (stop - start, rows, B), one on the other."""
        row = 0
        for part in parts:
            rows = part.shape[1]
            self.x[start:stop, row : row + rows] = part[self._order]
            row += rows

    def forward(self, start, stop) -> None:
        """Run some steps."""
        step, prepared = self.cell.forward, self._prepared
        self.cell.project(prepared, self, slice(start, stop))
        if self._skip is None and not self._hides:
            for views in self._forward_views[start:stop]:
                step(prepared, *views)
            return
        skips = self._skips
        for t in range(start, stop):
            step(prepared, *self._forward_views[t])
            if skips is not None and skips[t]:
                for state in self.states:
                    np.copyto(state[t + 1], state[t], where=self._skip[t])
            self._hide(t)

    def feed(self, y, t) -> None:
        """Take in the network's output (K, B) of step t, if the cell reads it."""
        old, new = self.state[t], self.state[t + 1]
        self.cell.feed(y, old, new)
        if self._skips is not None and self._skips[t]:
            np.copyto(new, old, where=self._skip[t])
        self._hide(t)

    def outputs(self, start, stop) -> np.ndarray:
        """The outputs h of some steps, (stop - start, H, B)."""
        return self.states[0][1 + start : 1 + stop][self._order]

    def _hide(self, t):
        if self._hides:
            np.multiply(self.state[t + 1], self._hidden, out=self.recurrent[t + 1])

    # --- backward ---

    def start_backward(self) -> None:
        """Begin the way back, with no derivative yet."""
        if self._backward_views is None:
            self._allocate_backward()
        self._prepared_backward = self._lend(self.cell.prepare_backward(self._weights))
        for d in self.d_states:
            d.fill(0)

    def _allocate_backward(self):
        cell, (T, _, B), dtype = self.cell, self.x.shape, self.operand.dtype
        for name, rows in cell.backward_buffers().items():
            self._add_buffer(name, np.empty((T, rows, B), dtype))
        self.delta = cell.delta(self)
        self.d_states = [np.empty(s.shape[1:], dtype) for s in self.states]  # (rows, B)
        self._d_state = self.d_states[cell.recurrent_state]  # (R, B)
        self._d_recurrent = np.empty_like(self._d_state) if cell.has_direct_path else self._d_state
        self._backward_views = [cell.backward_views(self, t) for t in range(T)]
        self._learn([*self._backward_views, (self._d_recurrent,)])
        self._d_x = None  # for upper layers

    def backward(self, dh, start, stop, n_steps, submit, collect) -> None:
        """Run some steps backwards, in blocks of ``n_steps``.

        ``dh`` (S, H, B) is dL/dh of the last S of the steps. ``submit`` has another thread
        prepare blocks ahead; ``collect(tape, block)`` is told of each that is done.
        """
        blocks = [slice(max(start, end - n_steps), end) for end in range(stop, start, -n_steps)]
        prepare, prepared = self.cell.local_derivatives, self._prepared_backward
        ready = [submit(prepare, prepared, self, block) for block in blocks[1:]]
        prepare(prepared, self, blocks[0])
        dh = dh[self._order]
        self._loop_back(dh, stop - len(dh), blocks[0])
        collect(self, blocks[0])
        for block, is_ready in zip(blocks[1:], ready, strict=True):
            is_ready.result()
            self._loop_back(dh, stop - len(dh), block)
            collect(self, block)

    def _loop_back(self, dh, first, block):
        """Run a block of steps backwards; ``dh`` belongs to the steps from ``first`` on."""
        d_states, d_h, d_recurrent = self.d_states, self.d_states[0], self._d_recurrent
        step, prepared, views = self.cell.backward, self._prepared_backward, self._backward_views
        direct, hides, skips = self.cell.has_direct_path, self._hides, self._skips
        masked, end = skips is not None and any(skips[block]), block.stop
        if first >= end - 1 and not (direct or hides or masked):  # nothing but the cell's step
            if first < end:
                d_h += dh[0]
            for arguments in reversed(views[block]):
                step(prepared, d_states, d_recurrent, *arguments)
            return
        for t in range(end - 1, block.start - 1, -1):
            if t >= first:
                d_h += dh[t - first]
            skipped = masked and skips[t]
            if skipped:
                kept = self._put_aside(t, d_states)
            step(prepared, d_states, d_recurrent, *views[t])
            if hides:
                d_recurrent *= self._hidden
            if direct:
                self._d_state += d_recurrent
            if skipped:
                self._put_back(t, d_states, kept)

    def feed_gradient(self, dy, t) -> None:
        """Add to ``dy`` (K, B) of step t what came back through the state that it was fed to."""
        skipped = self._skips is not None and self._skips[t]
        kept = self._put_aside(t, [self._d_state]) if skipped else ()
        self.cell.feed_gradient(self._d_state, dy)
        self._put_back(t, [self._d_state], kept)

    def _put_aside(self, t, d_states):
        """Zero what skipping sequences send back, as all is linear in it; return what it was."""
        kept = [d.copy() for d in d_states]
        for d in d_states:
            np.copyto(d, 0, where=self._skip[t])
        return kept

    def _put_back(self, t, d_states, kept):
        for d, value in zip(d_states, kept, strict=False):
            np.copyto(d, value, where=self._skip[t])

    def input_gradient(self, start, stop) -> np.ndarray:
        """dL/dx of some steps, (stop - start, D, B)."""
        if self._d_x is None:
            self._d_x = np.empty(self.x.shape, self.operand.dtype)
        self.cell.input_gradient(self._weights, self, slice(start, stop), self._d_x[start:stop])
        return self._d_x[start:stop][self._order]
