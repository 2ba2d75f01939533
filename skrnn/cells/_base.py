"""The contract of a recurrent cell: its equations, and nothing else."""

import copy
import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from ._activations import ACTIVATIONS, Activation
from ._batched_weights import multiplier, multiply_steps
from ._initializers import glorot_uniform, orthogonal
from ._weight_gradients import Outer, WeightGradient


class Buffers(Protocol):
    """What a cell sees of a tape: the buffers of its layer, time first and batch last."""

    operand: np.ndarray  # (T+1, D+1+R, B)
    x: np.ndarray  # (T, D, B)
    recurrent: np.ndarray  # (T+1, R, B)
    state: np.ndarray  # (T+1, R, B)
    dz: np.ndarray  # (T, G*H, B)

    def __getattr__(self, name: str) -> np.ndarray:
        """A buffer that the cell has asked for, by its name."""


class Cell(ABC):
    """One step of a recurrent layer, forward and backward.

    A cell knows its equations. It doesn't know the time loop, masks, direction, truncation, the
    loss, the optimizer or scikit-learn, and none of them knows a cell by name. Options are
    arguments of its constructor, each stored under its own name. Sizes come from `sized`.

    It reads and writes the buffers of a tape, time first and batch last, so that a gate is a
    contiguous block of rows:

    ==================  ===============  ====================================================
    ``tape.operand``    (T+1, D+1+R, B)  ``[x_t; 1; r_t]``, what weights multiply at step t
    ``tape.x``          (T, D, B)        its rows x: the inputs
    ``tape.recurrent``  (T+1, R, B)      its rows r: the state of the step before
    ``tape.state``      (T+1, R, B)      that state as it is: the same memory, unless a
                                         recurrent mask lies between it and the weights
    ``tape.local``      (T, G*H, B)      local derivatives, which `backward` turns into dz
    ``tape.dz``         (T, G*H, B)      ``dL/dz_t``, the derivative by the weights' products
    ==================  ===============  ====================================================

    Weights read ``recurrent``; a path without weights, such as that of a gate times the old state,
    reads ``state``. `buffers` and `backward_buffers` ask for more, or for ``local`` with other
    rows. Letters: T steps, B sequences, D inputs per
    step, H hidden units, K outputs of the network, G gates, R recurrent rows.

    The methods are called in this order:

    ===============  ====================================================================
    when             what
    ===============  ====================================================================
    once             `sized`; `parameter_shapes`, `initial_weights`, `set_memory` of classifiers,
                     `named_weights`
    new buffers      `buffers`, `states`, `forward_views`
    each batch       `prepare`
    each call        `project`; with ``output_feedback`` a call runs one step, otherwise all
    each step        `forward`, then `feed_back` with ``output_feedback``
    new buffers      `backward_buffers`, `dz`, `backward_views`
    each batch       `prepare_backward`
    each block       `local_derivatives`, from the last block of steps to the first
    each step back   `feed_back_gradient` with ``output_feedback``, then `backward`
    each block       `weight_gradients`
    each call        `input_gradient`, of upper layers or where it is asked for
    ===============  ====================================================================

    The time loop hands `forward` and `backward` their arguments by name: `forward_views` and
    `backward_views` return, for each name, an array with one view per step. Nothing is sliced in
    the loop.

    ``examples/own_cell.py`` writes a minimal gated unit with it.

    Attributes
    ----------
    n_gates : int
        Number of gates, G.
    recurrent_state : int
        Which of the `states` the operand's rows r are.
    has_direct_path : bool
        Whether that state also acts on its successor without a weight, as in ``z * h``. If so,
        `backward` gets two arrays for the two derivatives; if not, they are the same array.
    output_feedback : bool
        Whether that state comes from the network's output, by `feed_back`.
    batched_weights : bool
        Whether weights may be those of E networks, (E, M, N), each with its own share of the
        columns; `multiplier` and `multiply_steps` then take the place of NumPy's products.
        Restarts of small networks are trained as a batch if so. Leave it False for a cell with
        weights that multiply element by element.
    n_inputs, hidden_size, n_outputs : int
        D, H and K, of a cell that is `sized`.
    activation : Activation
        The nonlinearity f, of a cell that is `sized`: ``apply(z, out)`` writes f(z), and
        ``derivative(h, out)`` writes f'(z), given h = f(z).

    Examples
    --------
    A cell that adds up its inputs, with h as the sum:

    >>> import numpy as np
    >>> from skrnn import RNNRegressor
    >>> from skrnn.cells import Cell, Outer
    >>> class Integrator(Cell):
    ...     has_direct_path = True
    ...
    ...     def forward_views(self, tape):
    ...         return {"x": tape.x, "old": tape.state[:-1], "new": tape.state[1:]}
    ...
    ...     def forward(self, prepared, x, old, new):
    ...         np.dot(prepared, x, out=new)
    ...         new += old
    ...
    ...     def local_derivatives(self, prepared, tape, steps):
    ...         tape.local[steps] = 1
    ...
    ...     def backward_views(self, tape):
    ...         return {"dz": tape.local}
    ...
    ...     def backward(self, prepared, d_states, d_recurrent, dz):
    ...         dz *= d_states[0]
    ...         d_recurrent.fill(0)
    ...
    ...     def parameter_shapes(self):
    ...         return {"W": (self.hidden_size, self.n_inputs)}
    ...
    ...     def initial_weights(self, rng):
    ...         return {"W": rng.normal(size=(self.hidden_size, self.n_inputs))}
    ...
    ...     def named_weights(self, weights):
    ...         return {"input": weights["W"]}
    ...
    ...     def weight_gradients(self, tape, steps):
    ...         return {"W": Outer(tape.dz[steps], tape.x[steps])}
    >>> X = np.random.RandomState(0).normal(size=(50, 6, 2))
    >>> model = RNNRegressor(1, cell=Integrator, alpha=0).fit(X, X.sum(axis=(1, 2)))
    >>> round(model.score(X, X.sum(axis=(1, 2))), 6)
    1.0
    """

    n_gates: ClassVar[int] = 1
    recurrent_state: ClassVar[int] = 0
    has_direct_path: ClassVar[bool] = False
    output_feedback: ClassVar[bool] = False
    batched_weights: ClassVar[bool] = False

    n_inputs: int
    hidden_size: int
    n_outputs: int
    activation: Activation

    def sized(self, n_inputs: int, hidden_size: int, n_outputs: int, activation: str) -> Self:
        """A copy of the cell for a layer of these sizes."""
        cell = copy.copy(self)
        cell.n_inputs, cell.hidden_size, cell.n_outputs = n_inputs, hidden_size, n_outputs
        cell.activation = ACTIVATIONS[activation]
        return cell

    @property
    def recurrent_size(self) -> int:
        """R, rows of the recurrent operand."""
        return self.hidden_size

    # --- options, for scikit-learn: cell__decay in a grid ---

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor."""
        arguments = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in arguments}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor, in place."""
        unknown = sorted(set(params) - set(self.get_params()))
        if unknown:
            raise ValueError(
                f"Invalid parameter {unknown[0]!r} for cell {self!r}. Valid parameters are: "
                f"{sorted(self.get_params())!r}."
            )
        changed = type(self)(**{**self.get_params(), **params})  # may refuse them
        vars(self).update(vars(changed))
        return self

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({options})"

    # --- weights ---

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the weights; by default one W (G*H, D+1+R) for ``[x_t; 1; r_t]``."""
        return {"W": (self.n_gates * self.hidden_size, self.n_inputs + 1 + self.recurrent_size)}

    def initial_weights(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        """Glorot inputs, no bias and orthogonal recurrence, gate by gate."""
        gates = [self.initial_gate(rng) for _ in range(self.n_gates)]
        return {"W": np.vstack(gates)}

    def initial_gate(self, rng: np.random.RandomState) -> np.ndarray:
        """Random ``[W_x, b, W_h]`` of one gate, (H, D+1+R)."""
        H, R = self.hidden_size, self.recurrent_size
        W_x = glorot_uniform(rng, H, self.n_inputs)
        W_h = orthogonal(rng, H) if R == H else glorot_uniform(rng, H, R)
        return np.hstack([W_x, np.zeros((H, 1)), W_h])

    def set_memory(self, weights: Mapping[str, np.ndarray], log_odds: np.ndarray) -> None:  # noqa: B027
        """Let each unit keep its state, rather than forget it, with these log-odds (H,).

        It changes initial weights in place. Cells without a gate for that ignore it.
        """

    def named_weights(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Views of the weights by their textbook names.

        Names of biases end in "bias": the penalty leaves these out.
        """
        W, D = weights["W"], self.n_inputs
        return {"input": W[:, :D], "recurrent": W[:, D + 1 :], "bias": W[:, D]}

    # --- forward ---

    def buffers(self) -> dict[str, tuple[int, int]]:
        """Further buffers of the tape: name to (steps beyond T, rows)."""
        return {}

    def states(self, tape: Buffers) -> list[np.ndarray]:
        """The carried states, each (T+1, rows, B), row 0 the initial one; the output h first."""
        return [tape.state]

    def prepare(self, weights: Mapping[str, np.ndarray]) -> Any:
        """Prepare the weights for the forward methods; by default `multiplier`.

        It serves one batch or more, until the weights change.
        """
        return multiplier(weights["W"])

    def project(self, prepared: Any, tape: Buffers, steps: slice) -> None:  # noqa: B027
        """Compute what doesn't depend on earlier steps, for many steps at once."""

    @abstractmethod
    def forward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        """For each argument of `forward` by name, an array (T, ..., B) with a view per step."""

    @abstractmethod
    def forward(self, *args: Any, **kwargs: Any) -> None:
        """Step t, ``forward(prepared, <views>)``: from the operand to the new states.

        The arguments after ``prepared`` are views (..., B) of `forward_views`, by their names.
        """

    # --- backward ---

    def backward_buffers(self) -> dict[str, int]:
        """Buffers (T, rows, B) of the backward pass: name to rows."""
        return {"local": self.n_gates * self.hidden_size}

    def dz(self, tape: Buffers) -> np.ndarray:
        """Where `backward` leaves dL/dz, (T, G*H, B); by default ``tape.local``."""
        return tape.local

    def prepare_backward(self, weights: Mapping[str, np.ndarray]) -> Any:
        """Prepare the weights for the backward methods; by default W_h, transposed."""
        return multiplier(transposed(weights["W"][..., self.n_inputs + 1 :]))

    @abstractmethod
    def local_derivatives(self, prepared: Any, tape: Buffers, steps: slice) -> None:
        """Compute what doesn't depend on later steps, for many steps at once.

        It may run in another thread than `backward`: keep no scratch arrays in the cell.
        """

    @abstractmethod
    def backward_views(self, tape: Buffers) -> dict[str, np.ndarray]:
        """For each argument of `backward` by name, an array (T, ..., B) with a view per step."""

    @abstractmethod
    def backward(self, *args: Any, **kwargs: Any) -> None:
        """Step t, ``backward(prepared, d_states, d_recurrent, <views>)``, backwards.

        It fills dz, and turns dL/d(new states) in ``d_states``, a list of (rows, B), in place into
        dL/d(old states). The other arguments are views of `backward_views`, by their names.

        The derivative through the operand's rows r goes into ``d_recurrent`` (R, B). That is
        ``d_states[recurrent_state]`` itself, unless the cell `has_direct_path`: the derivative
        along that path then stays in ``d_states``, and the loop adds the two. All results must be
        linear in ``d_states``, which are 0 at missing steps. Now and then, the loop sets to 0 what
        has vanished in them.
        """

    def input_gradient(
        self, weights: Mapping[str, np.ndarray], tape: Buffers, steps: slice, out: np.ndarray
    ) -> None:
        """Write dL/dx (steps, D, B) into ``out``."""
        W_x = weights["W"][..., : self.n_inputs]
        multiply_steps(transposed(W_x), tape.dz[steps], out)

    def weight_gradients(self, tape: Buffers, steps: slice) -> Mapping[str, WeightGradient]:
        """For each weight, the product of two buffers whose sum is its gradient.

        `Outer` is for a matrix, `Elementwise` for a vector. Each weight needs an entry.
        """
        return {"W": Outer(tape.dz[steps], tape.operand[steps])}

    # --- output feedback, if the cell reads the network's output ---

    def feed_back(self, y: np.ndarray, old: np.ndarray, new: np.ndarray) -> None:
        """From the output y (K, B) of step t and the old state to the new one, both (R, B)."""
        raise NotImplementedError

    def feed_back_gradient(self, d_state: np.ndarray, dy: np.ndarray) -> None:
        """Add the derivative by the new state to ``dy``; make ``d_state`` that by the old one."""
        raise NotImplementedError


def transposed(W: np.ndarray) -> np.ndarray:
    """A copy of W (..., M, N), transposed."""
    return W.swapaxes(-1, -2).copy()
