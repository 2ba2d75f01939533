"""What all estimators share: parameters' constraints, the course of a fit, prediction."""

import copy
import warnings
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from ._activations import ACTIVATIONS
from ._blas import threads_of
from ._data import SequenceData
from ._network import Network
from ._objective import Objective
from ._solvers import SOLVERS, LevenbergMarquardt
from ._topology import Topology
from ._training import train
from .cells import CELLS, Cell

_AUTO_LM_PARAMETERS = 500  # up to here a Jacobian costs little more than a gradient


class BaseRNN(BaseEstimator):
    """Base of the estimators: a recurrent network that `_fit_network` trains."""

    _parameter_constraints: dict = {
        "hidden_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "cell": [StrOptions(set(CELLS)), Cell, type],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "bidirectional": ["boolean"],
        "learn_initial_state": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "recurrent_dropout": [Interval(Real, 0, 1, closed="left")],
        "solver": [StrOptions({"auto", *SOLVERS})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
        "bptt_steps": [Interval(Integral, 1, None, closed="left"), None],
        "n_features_per_step": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Integral, None, -1, closed="right"),
            None,
        ],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
    }

    def _network(self) -> Network:
        """The network that was fitted, whatever the parameters are now, without weights."""
        return Network(self._topology)

    def _make_topology(self, *, n_inputs, n_outputs, per_step, dtype) -> Topology:
        return Topology(
            self._make_cell(),
            n_inputs,
            self._hidden_sizes(),
            n_outputs,
            per_step,
            np.dtype(dtype),
            activation=self.activation,
            bidirectional=bool(self.bidirectional),
            learn_initial_state=bool(self.learn_initial_state),
            dropout=float(self.dropout),
            recurrent_dropout=float(self.recurrent_dropout),
            bptt_steps=None if self.bptt_steps is None else int(self.bptt_steps),
        )

    def _make_cell(self):
        if isinstance(self.cell, str):
            return CELLS[self.cell]()
        if not isinstance(self.cell, type):
            return copy.deepcopy(self.cell)
        if not issubclass(self.cell, Cell):
            raise TypeError(
                f"cell must be one of {sorted(CELLS)}, or a subclass of skrnn.cells.Cell "
                f"or an instance of one, got {self.cell!r}."
            )
        return self.cell()

    def _hidden_sizes(self):
        sizes = self.hidden_size
        if isinstance(sizes, Integral):
            sizes = (sizes,)
        ordered = isinstance(sizes, list | tuple) or getattr(sizes, "ndim", 0) == 1
        if not (ordered and len(sizes) and all(_is_count(H) for H in sizes)):
            raise ValueError(
                "hidden_size must be a positive integer, or one for each layer, got "
                f"{self.hidden_size!r}."
            )
        return tuple(int(H) for H in sizes)

    def _fit_network(self, X, y, sample_weight, *, per_step: bool, warm: bool) -> None:
        """Train on X (N, T, D) and y (N, S, K), which are checked, scaled and of one dtype."""
        before = self._network() if warm else None
        self.n_outputs_ = y.shape[2]
        self._topology = self._make_topology(
            n_inputs=X.shape[2], n_outputs=self.n_outputs_, per_step=per_step, dtype=X.dtype
        )
        network = self._network()
        data = SequenceData(
            X,
            y,
            sample_weight,
            per_step=per_step,
            align=network.topology.bptt_steps is not None,
        )
        if data.total == 0:
            raise ValueError(
                "There is nothing to learn from: every target is NaN, belongs to a sequence "
                "or step that is all NaN, or has sample_weight 0."
            )
        solver_name, solver = self._make_solver(network)
        rng = check_random_state(self.random_state)
        theta = self._initial_parameters(network, rng, before)
        batch_size = 200 if self.batch_size == "auto" else int(self.batch_size)
        with threads_of(self.n_jobs) as n_threads:
            objective = Objective(
                network,
                data,
                alpha=self.alpha,
                batch_size=batch_size,
                shuffle=self.shuffle,
                rng=rng,
                n_threads=n_threads,
            )
            monitor = train(
                objective,
                solver,
                theta,
                max_iter=self.max_iter,
                tol=self.tol,
                n_iter_no_change=self.n_iter_no_change,
                verbose=self.verbose,
            )
        self._report(monitor)
        self.solver_ = solver_name
        self.parameters_ = theta
        self.loss_curve_ = monitor.loss_curve
        self.loss_ = monitor.loss_curve[-1]
        self.n_iter_ = len(monitor.loss_curve)

    def _make_solver(self, network):
        P, name, topology = network.layout.size, self.solver, network.topology
        drops = topology.dropout > 0 or topology.recurrent_dropout > 0
        if name == "auto":
            small = P <= _AUTO_LM_PARAMETERS and not topology.per_step
            name = "lm" if small and not drops else "adam"
        if name != "lm":
            return name, SOLVERS[name](
                P,
                topology.dtype,
                learning_rate_init=self.learning_rate_init,
                clip_norm=self.clip_norm,
            )
        if P > LevenbergMarquardt.max_parameters:
            raise ValueError(
                f"solver='lm' works with matrices of n_weights × n_weights numbers: {P} weights "
                f"are more than the {LevenbergMarquardt.max_parameters} it is made for. "
                f"Lower hidden_size={self.hidden_size}, or use solver='adam'."
            )
        if drops:
            raise ValueError(
                f"solver='lm' needs the same loss at every look, which dropout={self.dropout} and "
                f"recurrent_dropout={self.recurrent_dropout} change at random. Use solver='adam', "
                "or no dropout: alpha holds small networks back as well."
            )
        if topology.per_step and self.bptt_steps is not None:
            raise ValueError(
                f"solver='lm' makes one step per epoch, so with a target for every step there "
                f"is no update after each chunk of bptt_steps={self.bptt_steps}. Use "
                "bptt_steps=None, or solver='adam'."
            )
        return name, LevenbergMarquardt()

    def _initial_parameters(self, network, rng, before):
        if before is None:
            return network.initial_parameters(rng)
        old, new = before.layout.shapes, network.layout.shapes
        cells = type(before.topology.cell), type(network.topology.cell)
        if cells[0] is not cells[1]:
            raise ValueError(
                f"warm_start=True, but the previous fit was of {cells[0]!r} and this one is of "
                f"{cells[1]!r}: keep the cell, the very class, or set warm_start=False."
            )
        if old != new:
            raise ValueError(
                f"warm_start=True, but the previous fit has weights of shapes {old} and this "
                f"one needs {new}: keep hidden_size, bidirectional, learn_initial_state and the "
                "numbers of features and targets, or set warm_start=False."
            )
        return self.parameters_.astype(network.topology.dtype)

    def _report(self, monitor):
        if monitor.outcome == "diverged":
            mend = (
                "Scale X (StandardScaler or MinMaxScaler before this step), lower "
                f"learning_rate_init={self.learning_rate_init}, or set clip_norm."
            )
            if not monitor.loss_curve:
                raise ValueError(f"The loss wasn't finite in the first epoch. {mend}")
            warnings.warn(
                f"The loss stopped being finite after {len(monitor.loss_curve)} epochs; the "
                f"weights of the last good one are kept. {mend}",
                ConvergenceWarning,
                stacklevel=4,
            )
        elif monitor.outcome == "max_iter" and self.max_iter > self.n_iter_no_change:
            warnings.warn(
                f"Maximum iterations ({self.max_iter}) reached and the optimization hasn't "
                "converged yet. Raise max_iter or tol.",
                ConvergenceWarning,
                stacklevel=4,
            )

    def get_weights(self) -> dict[str, np.ndarray]:
        """Copies of the weights by name.

        Returns
        -------
        weights : dict of str to ndarray
            For each layer, from ``layer0`` up, and for D inputs of the layer and H hidden
            units: ``"layer0.input"`` (G*H, D), ``"layer0.recurrent"`` (G*H, H) and
            ``"layer0.bias"`` (G*H,), with the G gates in blocks of H rows. The class of the
            cell documents their order and further names. A bidirectional layer has
            ``"layer0.forward."`` and ``"layer0.backward."`` instead, and D of the layer above
            is 2H, forward first. Then ``"readout.input"`` (K, H) and ``"readout.bias"``
            (K,), for K outputs, in units of the scaled target (see ``normalize_y``). With
            ``learn_initial_state``, ``"layer0.initial_state"`` has h, then c if there is one.
        """
        check_is_fitted(self)
        named = self._network().named_weights(self.parameters_)
        return {name: view.copy() for name, view in named.items()}

    def set_weights(self, weights: Mapping[str, ArrayLike]):
        """Put other weights in the place of the fitted ones.

        Parameters
        ----------
        weights : mapping of str to array-like
            All of the arrays that `get_weights` returns, by name.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or an array has another shape or isn't finite.
            The weights are then what they were.
        """
        check_is_fitted(self)
        if not isinstance(weights, Mapping):
            raise TypeError(f"weights must be a mapping of names to arrays, got {weights!r}.")
        theta = self.parameters_.copy()
        views = self._network().named_weights(theta)
        expected = ", ".join(f"{name} {view.shape}" for name, view in views.items())
        if set(weights) != set(views):
            odd = {
                "missing": sorted(set(views) - set(weights)),
                "unknown": sorted(set(weights) - set(views), key=str),
            }
            found = "; ".join(f"{kind}: {names}" for kind, names in odd.items() if names)
            raise ValueError(
                f"weights has other names than expected ({found}). Expected {expected}."
            )
        for name, view in views.items():
            value = np.asarray(weights[name], theta.dtype)
            if value.shape != view.shape:
                raise ValueError(
                    f"weights[{name!r}] has shape {value.shape}, not {view.shape}. Expected "
                    f"{expected}."
                )
            if not np.isfinite(value).all():
                raise ValueError(f"weights[{name!r}] contains NaN or infinity.")
            view[...] = value
        self.parameters_ = theta
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags


def _is_count(value):
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_) and value > 0
