"""Sequences that go on by themselves: each prediction is the next input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._engine.predictor import Predictor
from .._sklearn.fitted_copy import of_one_fit
from .._validation.counts import check_count
from .._validation.sequences import Sequences
from .blas_threads import threads_of
from .prediction import check_bounded
from .regression_targets import RegressionOutputs
from .streaming import check_directions, predictor_of


class RegressorGeneration:
    """Generation by a regressor with a target per step."""

    _outputs: RegressionOutputs
    _topology: Any
    parameters_: np.ndarray

    @of_one_fit
    def generate(self, X: ArrayLike, n_steps: int) -> np.ndarray:
        r"""Continue sequences: each prediction is the next input.

        After a prefix x of T steps, the network reads what it predicts:

        .. math:: \hat x_{T+1} = f(x_1, \dots, x_T), \quad
            \hat x_{T+k+1} = f(x_1, \dots, x_T, \hat x_{T+1}, \dots, \hat x_{T+k})

        So X and y must hold the same quantities in the same units: y is X, one step later. The
        state is carried from step to step. `Forecaster` continues series of one's own without
        such a network.

        Parameters
        ----------
        X : array-like or list of arrays
            Prefixes, as in `predict`, of any lengths.
        n_steps : int
            Number of steps to generate.

        Returns
        -------
        steps : ndarray of shape (n_samples, n_steps, n_features)
            The steps that follow each prefix.

        Raises
        ------
        ValueError
            If n_steps is below 1. If predictions can't be read: where `fit` had one target per
            sequence instead of one per step, where y has another number of values than a step of
            X, with several quantiles, or if the network is bidirectional. If a prefix is empty, or
            if the sequence grows beyond all bounds.
        TypeError
            If n_steps is no whole number.

        Examples
        --------
        >>> import numpy as np
        >>> from skrnn import RNNRegressor
        >>> wave = np.sin(np.arange(60)).reshape(1, 60, 1)
        >>> model = RNNRegressor(random_state=0).fit(wave[:, :-1], wave[:, 1:])
        >>> bool(np.abs(model.generate(wave, 20)[0, :, 0] - np.sin(np.arange(60, 80))).max() < 0.01)
        True
        """
        check_is_fitted(self)
        n_steps = check_count(n_steps, "n_steps")
        _check_feeds_itself(self)
        y, state, sequences = self._predict(X, return_state=True)  # type: ignore[attr-defined]
        check_prefixes(sequences)
        predictor, topology = predictor_of(self), self._topology
        steps = np.empty((n_steps, topology.n_inputs, len(y)), topology.dtype)  # (n_steps, D, B)
        steps[0] = y[:, -1].T  # at missing steps, the last prediction is repeated
        with threads_of(1), np.errstate(all="ignore"):
            self._run_free(predictor, steps, state.T)
            check_generated(steps, topology)
        return steps.transpose(2, 0, 1).copy()

    def _run_free(self, predictor: Predictor, steps: np.ndarray, state: np.ndarray) -> None:
        """Fill in the steps (n_steps, D, B) after the first one."""
        run = predictor.stepper(self.parameters_)
        for t in range(1, len(steps)):
            outputs, state = run(steps[t - 1 : t], state=state)
            steps[t] = self._outputs.predictions(outputs[0].T).T


def check_prefixes(sequences: Sequences, fix: str = "leave it out") -> None:
    """Raise ValueError if a prefix has no step."""
    empty = np.flatnonzero(sequences.mask.lengths == 0)
    if len(empty):
        raise ValueError(f"X[{empty[0]}] is empty, so there is nothing to continue: {fix}.")


def check_generated(values: np.ndarray, topology: Any) -> None:
    """Raise ValueError if a network that feeds itself has led to NaN or infinity."""
    check_bounded(values, topology, "use fewer steps, or a network that was trained for longer")


def _check_feeds_itself(estimator):
    """Raise ValueError if predictions can't be the next inputs."""
    check_directions(estimator, "generate")
    topology, outputs = estimator._topology, estimator._outputs
    if outputs.y_ndim != 3:
        raise ValueError(
            "generate feeds the prediction of each step back as the next input, but fit had one "
            "target per sequence: fit with y of shape (n_samples, n_steps, n_features), which is X "
            "one step later. From windows of a series, Forecaster generates."
        )
    several = outputs.loss.shares_target
    if several or topology.n_outputs != topology.n_inputs:
        raise ValueError(
            f"generate feeds predictions back as inputs, but a step of X has {topology.n_inputs} "
            f"values and a prediction {topology.n_outputs}{' quantiles' if several else ''}: fit "
            "with y that is X one step later."
        )
