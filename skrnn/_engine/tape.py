"""The tape and the time loop: one recurrent layer, in one direction, over a batch."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..cells import Cell
from ..cells._batched_weights import BatchedWeights, by_network
from .background import Submit
from .denormals import FORWARD_STEPS, is_negligible, parts, round_off, steps_per_rounding


class LayerWeights(NamedTuple):
    """The weights of one layer, in one direction, and what its cell makes of them."""

    views: Mapping[str, np.ndarray]
    prepared: Any  # for the steps forward, by `Cell.prepare`


class FirstStep(NamedTuple):
    """The first step of a layer, to be run by itself again and again."""

    x: np.ndarray  # (D, B), of the operand
    calls: Sequence[Callable[[], None]]  # what runs it, in this order
    h: np.ndarray  # (H, B), the output


class Tape:
    """Every buffer of one layer for up to T steps of B sequences, with each step's views.

    A tape is allocated once, and used for all batches of B sequences that aren't longer. A small
    recurrent network spends its time in NumPy calls, not in arithmetic. So the loop allocates and
    slices nothing, but for copies at missing steps of the backward pass. `Cell` documents the
    order in which the loop calls its methods.

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
    n_networks : int
        E, each of which has its own share of the B columns.
    recurrent_dropout : bool
        Whether a recurrent mask lies between the state and the weights.
    """

    operand: np.ndarray  # (T+1, D+1+R, B), [x_t; 1; r_t]
    x: np.ndarray  # (T, D, B), its rows x
    recurrent: np.ndarray  # (T+1, R, B), its rows r: row 0 of T+1 is the initial state
    state: np.ndarray  # (T+1, R, B), the same without the recurrent mask
    states: list[np.ndarray]  # (T+1, rows, B) each, all that is carried from step to step
    dz: np.ndarray  # (T, G*H, B), dL/dz
    d_states: list[np.ndarray]  # (rows, B) each, derivatives by the states of the step in hand

    # of the batch in hand, None if there is none
    _missing: Any  # (T, B), which steps are missing
    _any_missing: Any  # (T,), a list: whether a step is missing in any sequence
    _recurrent_mask: Any  # (R, B)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> np.ndarray:
            """A buffer that the cell has asked for."""

    def __init__(
        self,
        cell: Cell,
        n_steps: int,
        n_sequences: int,
        dtype: Any,
        *,
        backward: bool = False,
        n_networks: int = 1,
        recurrent_dropout: bool = False,
    ):
        self.cell, self._n_networks = cell, n_networks
        self._known: dict[int, np.ndarray] = {}
        T, D, R, B = n_steps, cell.n_inputs, cell.recurrent_size, n_sequences
        self.operand = np.zeros((T + 1, D + 1 + R, B), dtype)  # [x; 1; state] of each step
        self.operand[:, D] = 1
        self.x = self.operand[:-1, :D]  # (T, D, B)
        self.recurrent = self.operand[:, D + 1 :]  # (T+1, R, B)
        self.state = np.zeros((T + 1, R, B), dtype) if recurrent_dropout else self.recurrent
        for name, (extra, rows) in cell.buffers().items():
            self._add_buffer(name, np.zeros((T + extra, rows, B), dtype))
        self.states = cell.states(self)
        self._is_backward = backward
        self._has_recurrent_mask = recurrent_dropout
        self._forward_views = self._by_step(cell.forward, 1, cell.forward_views(self))
        # the buffers of the backward pass come with it: prediction has no use for them
        self._backward_views: Any = None

    def _add_buffer(self, name, array):
        if name.startswith("_") or hasattr(self, name) or name in Tape.__annotations__:
            raise ValueError(
                f"{type(self.cell).__name__} asks for a buffer {name!r}, which is a name of the "
                "tape's own: choose another."
            )
        setattr(self, name, array)

    def _by_step(self, method, n_leading, views) -> list[tuple[np.ndarray, ...]]:
        """Each step's arguments of a method, from views (T, ..., B) by the arguments' names."""
        T = len(self.x)
        if not views:
            return [()] * T
        arrays = arguments_in_order(self.cell, method, n_leading, views, T)
        steps = list(zip(*arrays, strict=True))
        self._remember(a for step in steps for a in step if a.ndim == 2)
        return steps

    def _remember(self, arrays):
        """With several networks, create one view per network of each array used in the loop."""
        if self._n_networks > 1:
            self._known |= {id(a): by_network(a, self._n_networks) for a in arrays}

    def _lend(self, prepared):
        """Let batched weights use these views."""
        for thing in prepared if isinstance(prepared, tuple) else (prepared,):
            if isinstance(thing, BatchedWeights):
                thing.known = self._known
        return prepared

    # --- forward ---

    def start(
        self,
        weights: LayerWeights,
        missing: np.ndarray | None,
        recurrent_mask: np.ndarray | None,
    ) -> None:
        """Begin a batch, from the states in row 0 of `states`.

        ``weights`` are the layer's. ``missing`` (T, B) marks steps that leave the state of their
        sequence unchanged. ``recurrent_mask`` (R, B) multiplies the state that the weights read.
        """
        self._weights, self._prepared = weights
        if self._n_networks > 1:
            self._lend(self._prepared)
        self._any_missing = None
        if missing is not None:
            missing = self._turned(missing)
            self._any_missing = missing.any(axis=1).tolist()
        self._missing, self._recurrent_mask = missing, recurrent_mask
        if self._has_recurrent_mask:
            np.multiply(self.state[0], self._recurrent_mask, out=self.recurrent[0])

    def read(self, parts: Sequence[np.ndarray], start: int, stop: int) -> None:
        """Take in the inputs of some steps: arrays (stop - start, rows, B), one on the other."""
        row = 0
        for part in parts:
            rows = part.shape[1]
            self.x[start:stop, row : row + rows] = self._turned(part)
            row += rows

    def forward(self, start: int, stop: int) -> None:
        """Run some steps."""
        step, prepared, any_missing = self.cell.forward, self._prepared, self._any_missing
        only_step = any_missing is None and not self._has_recurrent_mask
        self.cell.project(prepared, self, slice(start, stop))
        for begin, end in parts(start, stop, FORWARD_STEPS):
            if begin and begin % FORWARD_STEPS == 0:
                for state in self.states:
                    np.copyto(state[begin], 0, where=is_negligible(state[begin]))
            if only_step:
                for views in self._forward_views[begin:end]:
                    step(prepared, *views)
                continue
            for t in range(begin, end):
                step(prepared, *self._forward_views[t])
                if any_missing is not None and any_missing[t]:
                    for state in self.states:
                        np.copyto(state[t + 1], state[t], where=self._missing[t])
                self._apply_recurrent_mask(t)

    def first_step(self) -> FirstStep:
        """The first step of the batch begun, if no step is missing and none reads a mask."""
        cell, prepared = self.cell, self._prepared
        calls = [functools.partial(cell.forward, prepared, *self._forward_views[0])]
        if type(cell).project is not Cell.project:
            calls.insert(0, functools.partial(cell.project, prepared, self, slice(0, 1)))
        return FirstStep(self.x[0], calls, self.states[0][1])

    def feed_back(self, y: np.ndarray, t: int) -> None:
        """Take in the network's output (K, B) of step t, if the cell reads it."""
        old, new = self.state[t], self.state[t + 1]
        self.cell.feed_back(y, old, new)
        if self._any_missing is not None and self._any_missing[t]:
            np.copyto(new, old, where=self._missing[t])
        self._apply_recurrent_mask(t)

    def outputs(self, start: int, stop: int) -> np.ndarray:
        """The outputs h of some steps, (stop - start, H, B)."""
        return self._turned(self.states[0][1 + start : 1 + stop])

    def _turned(self, steps):
        """Steps of the sequences in the order of the loop, or the reverse."""
        return steps[::-1] if self._is_backward else steps

    def _apply_recurrent_mask(self, t):
        if self._has_recurrent_mask:
            np.multiply(self.state[t + 1], self._recurrent_mask, out=self.recurrent[t + 1])

    # --- backward ---

    def start_backward(self, d_states: Sequence[np.ndarray] | None, rounding: np.ndarray) -> None:
        """Begin the backward pass, from derivatives (rows, B) by the final states; None is 0.

        ``rounding`` is the constant of `round_off`, () or (B,).
        """
        self._rounding = rounding
        if self._backward_views is None:
            self._allocate_backward()
        self._prepared_backward = self._lend(self.cell.prepare_backward(self._weights))
        if d_states is None:
            self._all_d_states.fill(0)
        else:
            np.concatenate(d_states, out=self._all_d_states)

    def _allocate_backward(self):
        cell, (T, _, B), dtype = self.cell, self.x.shape, self.operand.dtype
        for name, rows in cell.backward_buffers().items():
            self._add_buffer(name, np.empty((T, rows, B), dtype))
        self.dz = cell.dz(self)
        ends = np.cumsum([s.shape[1] for s in self.states])
        self._all_d_states = np.empty((ends[-1], B), dtype)  # those of all states, as rows
        self.d_states = np.split(self._all_d_states, ends[:-1])
        self._steps_per_rounding = steps_per_rounding(self._all_d_states.size)
        self._d_state = self.d_states[cell.recurrent_state]  # (R, B)
        self._d_recurrent = np.empty_like(self._d_state) if cell.has_direct_path else self._d_state
        self._backward_views = self._by_step(cell.backward, 3, cell.backward_views(self))
        self._remember([self._d_recurrent])
        lost = set(cell.parameter_shapes()) - set(cell.weight_gradients(self, slice(0)))
        if lost:
            raise ValueError(
                f"{type(cell).__name__}.weight_gradients must return an entry for each weight of "
                f"parameter_shapes, but has none for {sorted(lost)}."
            )
        self._d_x = None  # (T, D, B), once asked for

    def backward(
        self,
        dh: np.ndarray,
        start: int,
        stop: int,
        n_steps: int,
        submit: Submit,
        collect: Callable[[slice], None],
    ) -> None:
        """Run some steps backwards, in blocks of ``n_steps``.

        ``dh`` (S, H, B) is dL/dh of the last S of the steps. ``submit`` has another thread
        prepare blocks ahead. ``collect(block)`` is called after each block.
        """
        blocks = _blocks(start, stop, n_steps)
        prepare, prepared = self.cell.local_derivatives, self._prepared_backward
        ready = [submit(prepare, prepared, self, block) for block in blocks[1:]]
        prepare(prepared, self, blocks[0])
        dh = self._turned(dh)
        self._loop_back(dh, stop - len(dh), blocks[0])
        collect(blocks[0])
        for block, is_ready in zip(blocks[1:], ready, strict=True):
            is_ready.result()
            self._loop_back(dh, stop - len(dh), block)
            collect(block)

    def _loop_back(self, dh, first, block):
        """Run a block of steps backwards; ``dh[0]`` is the gradient of step ``first``."""
        d_states, d_h, d_recurrent = self.d_states, self.d_states[0], self._d_recurrent
        step, prepared, views = self.cell.backward, self._prepared_backward, self._backward_views
        direct, masked = self.cell.has_direct_path, self._has_recurrent_mask
        any_missing = self._any_missing
        has_missing = any_missing is not None and any(any_missing[block])
        only_step = not (direct or masked or has_missing)
        n_steps = self._steps_per_rounding
        for begin, end in reversed(parts(block.start, block.stop, n_steps)):
            if only_step and first >= end - 1:
                if first < end:
                    d_h += dh[0]
                for arguments in reversed(views[begin:end]):
                    step(prepared, d_states, d_recurrent, *arguments)
            else:
                for t in range(end - 1, begin - 1, -1):
                    if t >= first:
                        d_h += dh[t - first]
                    is_missing = has_missing and any_missing[t]
                    if is_missing:
                        kept = self._put_aside(t, d_states)
                    step(prepared, d_states, d_recurrent, *views[t])
                    if masked:
                        d_recurrent *= self._recurrent_mask
                    if direct:
                        self._d_state += d_recurrent
                    if is_missing:
                        self._put_back(t, d_states, kept)
            if begin and begin % n_steps == 0:
                round_off(self._all_d_states, self._rounding)

    def feed_back_gradient(self, dy: np.ndarray, t: int) -> None:
        """Add to ``dy`` (K, B) of step t what came back through the output feedback."""
        is_missing = self._any_missing is not None and self._any_missing[t]
        kept = self._put_aside(t, [self._d_state]) if is_missing else ()
        self.cell.feed_back_gradient(self._d_state, dy)
        self._put_back(t, [self._d_state], kept)

    def _put_aside(self, t, d_states):
        """Set the state gradient of masked sequences to 0, so that step t adds nothing.

        Returns the old values.
        """
        kept = [d.copy() for d in d_states]
        for d in d_states:
            np.copyto(d, 0, where=self._missing[t])
        return kept

    def _put_back(self, t, d_states, kept):
        for d, value in zip(d_states, kept, strict=False):
            np.copyto(d, value, where=self._missing[t])

    def input_gradient(self, start: int, stop: int) -> np.ndarray:
        """dL/dx of some steps, (stop - start, D, B)."""
        if self._d_x is None:
            self._d_x = np.empty(self.x.shape, self.operand.dtype)
        self.cell.input_gradient(self._weights, self, slice(start, stop), self._d_x[start:stop])
        return self._turned(self._d_x[start:stop])


@functools.lru_cache(4096)
def _blocks(start, stop, n_steps):
    """Blocks of ``n_steps``, the last one first; the first one may be shorter."""
    return [slice(max(start, end - n_steps), end) for end in range(stop, start, -n_steps)]


def arguments_in_order(
    cell: Cell, method: Callable, n_leading: int, views: Mapping[str, np.ndarray], n_steps: int
) -> list[np.ndarray]:
    """Views (T, ...) by name, in the order of a method's arguments after the leading ones."""
    names = _argument_names(getattr(method, "__func__", method))[n_leading:]
    where = f"{type(cell).__name__}.{method.__name__}"
    lost = [name for name in names if name not in views]
    if lost:
        raise ValueError(
            f"{where} has the argument {lost[0]!r}, which {where}_views doesn't return: it "
            f"returns {sorted(views)}."
        )
    for name in names:
        if len(views[name]) != n_steps:
            raise ValueError(
                f"{where}_views returns {name!r} with {len(views[name])} views for {n_steps} "
                "steps: it needs one view per step. Of a buffer with T+1 steps, leave out the last "
                "or the first, as in tape.state[:-1] or tape.state[1:]."
            )
    return [views[name] for name in names]


@functools.cache
def _argument_names(function):
    return tuple(inspect.signature(function).parameters)[1:]  # without self
