"""The tape and the time loop: one recurrent layer over a batch of sequences."""

import numpy as np

from ._cells import Cell

# Up to this many weights, T small products cost less than the copies that one big one needs
_SMALL_PRODUCT = 1024


class Tape:
    """Every buffer of one layer for T steps of B sequences, with each step's views.

    Allocated once per (T, B) and used again for every batch of that size: a small
    recurrent net spends its time in NumPy calls, not in arithmetic, so nothing is
    allocated or sliced inside the loop.
    """

    def __init__(self, cell: Cell, n_inputs: int, n_steps: int, n_sequences: int, dtype):
        self.cell = cell
        T, D, H, B = n_steps, n_inputs, cell.hidden_size, n_sequences
        self.operand = np.zeros((T + 1, D + H + 1, B), dtype)  # [x_t; h_{t-1}; 1]
        self.operand[:, -1] = 1
        self.x = self.operand[:-1, :D]  # (T, D, B)
        self.h = self.operand[:, D:-1]  # (T+1, H, B), row 0 the initial state
        self.readout_operand = self.operand[1:, D:]  # (T, H+1, B), [h_t; 1]
        for name, (extra, rows) in cell.buffers().items():
            setattr(self, name, np.empty((T + extra, rows, B), dtype))
        self.states = cell.states(self)
        self._forward_views = [cell.forward_views(self, t) for t in range(T)]
        self._backward_views = None  # with the buffers that prediction has no use for

    def _allocate_backward(self):
        T, _, B = self.x.shape
        cell, dtype = self.cell, self.operand.dtype
        self.delta = np.empty((T, cell.n_gates * cell.hidden_size, B), dtype)  # dL/dz_t
        self.d_states = [np.empty(s.shape[1:], dtype) for s in self.states]  # (rows, B)
        self._kept = [np.empty_like(d) for d in self.d_states]
        self._backward_views = [cell.backward_views(self, t) for t in range(T)]

    def forward(self, prepared, skip: np.ndarray | None, initial: list[np.ndarray] | None):
        """Run all steps; ``skip`` (T, B) marks steps that leave their sequence's state alone."""
        for i, state in enumerate(self.states):
            state[0] = 0 if initial is None else initial[i]
        step = self.cell.forward
        if skip is None:
            for views in self._forward_views:
                step(prepared, *views)
            return
        some = skip.any(axis=1)  # (T,)
        for t, views in enumerate(self._forward_views):
            step(prepared, *views)
            if some[t]:
                for state in self.states:
                    np.copyto(state[t + 1], state[t], where=skip[t])

    def backward(self, prepared, skip: np.ndarray | None, dh: np.ndarray, first: int = 0):
        """Fill ``delta`` from step T-1 down to ``first``.

        ``dh`` (S, H, B) is the loss's derivative by the last S of h_1, ..., h_T.
        """
        if self._backward_views is None:
            self._allocate_backward()
        self.cell.local_derivatives(self, first)
        T, S = len(self.x), len(dh)
        for d in self.d_states:
            d.fill(0)
        some = None if skip is None else skip.any(axis=1)  # (T,)
        step, d_states, d_h = self.cell.backward, self.d_states, self.d_states[0]
        for t in range(T - 1, first - 1, -1):
            if t >= T - S:
                d_h += dh[t - T + S]
            if some is None or not some[t]:
                step(prepared, d_states, *self._backward_views[t])
                continue
            for kept, d in zip(self._kept, d_states, strict=True):
                np.copyto(kept, d)
            step(prepared, d_states, *self._backward_views[t])
            self.delta[t][:, skip[t]] = 0
            for kept, d in zip(self._kept, d_states, strict=True):
                np.copyto(d, kept, where=skip[t])


def sum_of_outer_products(delta: np.ndarray, operand: np.ndarray, out: np.ndarray) -> None:
    """Write the sum over t and b of delta[t, :, b] ⊗ operand[t, :, b] into ``out``."""
    rows, columns = out.shape
    if rows * columns <= _SMALL_PRODUCT:
        np.matmul(delta, operand.transpose(0, 2, 1)).sum(axis=0, out=out)
        return
    left = delta.transpose(1, 0, 2).reshape(rows, -1)
    right = operand.transpose(1, 0, 2).reshape(columns, -1)
    np.dot(left, right.T, out=out)


def outer_products(delta: np.ndarray, operand: np.ndarray) -> np.ndarray:
    """The sum over t of delta[t, :, b] ⊗ operand[t, :, b] for each b: (B, rows, columns)."""
    return np.matmul(delta.transpose(2, 1, 0), operand.transpose(2, 0, 1))
