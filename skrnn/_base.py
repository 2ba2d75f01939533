"""What all estimators share: parameters' constraints, the course of a fit, prediction."""

import functools
import threading
import warnings
from contextlib import contextmanager
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import ThreadpoolController  # comes with scikit-learn

from ._activations import ACTIVATIONS
from ._cells import CELLS
from ._data import SequenceData, time_first
from ._network import Network
from ._objective import Objective
from ._solvers import SOLVERS, LevenbergMarquardt
from ._training import train

_AUTO_LM_PARAMETERS = 500  # up to here a Jacobian costs little more than a gradient
_PREDICT_NUMBERS = 2**20  # of the tape in `predict`: 8 MB


class BaseRNN(BaseEstimator):
    """Base of the estimators: a recurrent network that `_fit_network` trains."""

    _parameter_constraints: dict = {
        "hidden_size": [Interval(Integral, 1, None, closed="left")],
        "cell": [StrOptions(set(CELLS))],
        "activation": [StrOptions(set(ACTIVATIONS))],
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
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
    }

    def _network(self) -> Network:
        """The network that was fitted, whatever the parameters are now, without weights."""
        return Network(
            self._cell,
            self._n_inputs,
            self.n_outputs_,
            per_step=self._per_step,
            dtype=self._dtype,
            bptt_steps=self._bptt_steps,
        )

    def _fit_network(self, X, y, sample_weight, *, warm: bool) -> None:
        """Train on X (N, T, D) and y (N, S, K), which are checked, scaled and of one dtype."""
        before = self._network().layout.shapes if warm else None
        self._cell = CELLS[self.cell](int(self.hidden_size), self.activation)
        self._bptt_steps = None if self.bptt_steps is None else int(self.bptt_steps)
        self._dtype = X.dtype
        self._n_inputs = X.shape[2]
        self.n_outputs_ = y.shape[2]
        network = self._network()
        data = SequenceData(
            X,
            y,
            sample_weight,
            per_step=self._per_step,
            align=network.bptt_steps is not None,
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
        with _single_threaded_blas() as n_threads:
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
        P, name = network.layout.size, self.solver
        if name == "auto":
            small = P <= _AUTO_LM_PARAMETERS and not self._per_step
            name = "lm" if small else "adam"
        if name != "lm":
            return name, SOLVERS[name](
                P,
                network.dtype,
                learning_rate_init=self.learning_rate_init,
                clip_norm=self.clip_norm,
            )
        if P > LevenbergMarquardt.max_parameters:
            raise ValueError(
                f"solver='lm' works with matrices of n_weights × n_weights numbers: {P} weights "
                f"are more than the {LevenbergMarquardt.max_parameters} it is made for. "
                f"Lower hidden_size={self.hidden_size}, or use solver='adam'."
            )
        if self._per_step and self.bptt_steps is not None:
            raise ValueError(
                f"solver='lm' makes one step per epoch, so with a target for every step there "
                f"is no update after each chunk of bptt_steps={self.bptt_steps}. Use "
                "bptt_steps=None, or solver='adam'."
            )
        return name, LevenbergMarquardt()

    def _initial_parameters(self, network, rng, before):
        if before is None:
            return network.initial_parameters(rng)
        if before != network.layout.shapes:
            raise ValueError(
                f"warm_start=True, but the previous fit has weights of shapes {before} and this "
                f"one needs {network.layout.shapes}: keep hidden_size and the numbers of "
                "features and targets, or set warm_start=False."
            )
        return self.parameters_.astype(network.dtype)

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

    def _predict_network(self, X: np.ndarray) -> np.ndarray:
        """Outputs (N, S, K) of X (N, T, D), in the network's own scale."""
        network = self._network()
        N, T, _ = X.shape
        S = T if self._per_step else 1
        output = np.empty((N, S, self.n_outputs_), self._dtype)
        size = max(1, min(1024, _PREDICT_NUMBERS // (T * network.tape_rows)))
        for start in range(0, N, size):
            x, skip = time_first(X[start : start + size])
            with np.errstate(over="ignore", invalid="ignore"):
                block = network.predict(self.parameters_, x, skip)
            if not np.isfinite(block).all():
                raise ValueError(
                    f"The recurrence with activation={self.activation!r} grows beyond all bounds "
                    f"on sequences of {T} steps. Scale X, predict on shorter sequences, or use "
                    "a bounded activation ('tanh', 'logistic')."
                )
            output[start : start + size] = block.transpose(2, 0, 1)
        return output

    def get_weights(self) -> dict[str, np.ndarray]:
        """Copies of the weights by name.

        Returns
        -------
        weights : dict of str to ndarray
            ``"layer0.input"`` (H, D), ``"layer0.recurrent"`` (H, H), ``"layer0.bias"``
            (H,), ``"readout.input"`` (K, H), ``"readout.bias"`` (K,), for D features per
            step, H hidden units and K outputs. The readout's are in units of the scaled
            target (see ``normalize_y``).
        """
        check_is_fitted(self)
        named = self._network().named_weights(self.parameters_)
        return {name: view.copy() for name, view in named.items()}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags


@functools.cache
def _blas_pools():
    return ThreadpoolController().select(user_api="blas")


_blas_lock = threading.Lock()


@contextmanager
def _single_threaded_blas():
    """Hold BLAS to one thread, and give the number that it was allowed.

    Its threads are for matrices larger than a step's: they slow small steps down, and
    results could depend on their number. The limit is the process's. Where fits run in
    several threads, the one that finds it free sets and lifts it: if each did, the last to
    leave would put back the limit that it had found, and leave BLAS at one thread for good.
    """
    pools = _blas_pools()
    n_threads = max((pool["num_threads"] for pool in pools.info()), default=1)
    if not _blas_lock.acquire(blocking=False):
        yield 1
        return
    try:
        with pools.limit(limits=1):
            yield n_threads
    finally:
        _blas_lock.release()
