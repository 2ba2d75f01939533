"""What all estimators share: constraints of parameters, fits, states, weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils._param_validation import Hidden, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._engine.predictor import Predictor
from .._engine.topology import Topology
from .._sklearn.estimator_mixin import EstimatorMixin
from .._sklearn.fitted_copy import between_fits, of_one_fit
from .._training.solvers import SCHEDULES, SOLVERS
from .._validation.input_layout import InputLayout
from .._validation.numbers import numbers_by_name
from .._validation.sequences import Sequences, check_sequences
from ..cells import Cell
from ..cells._activations import ACTIVATIONS
from .fit import Fit
from .fitted_state import PredictorOfThreads
from .network_parameters import CellNames, make_topology, sizes_of
from .prediction import Reduce, predict_in_chunks
from .saved_types import PRIVATE, VALUES, check_restored
from .streaming import advance, begin, check_directions, check_state, predictor_of
from .targets import Outputs, Targets
from .validation_set import ValidationSet

_SMALL_CALL = 2**15  # numbers of a tape: 256 kB in float64


class BaseRNN(EstimatorMixin, BaseEstimator):
    """Base of the estimators: a recurrent network that is trained by a `Fit`.

    A mixin says what it learns: `_make_targets` returns the `Targets` of a fit.
    """

    _private, _values = PRIVATE, VALUES
    # what a fit leaves behind, beside the public attributes; see `FittedState`
    _input_layout: InputLayout
    _topology: Topology
    _predictor: PredictorOfThreads
    embedding_size: int | None = None  # of estimators without the parameter
    _holds_out_parts = False  # for alpha="auto"; otherwise, that follows the noise
    _reads_static_alone = False  # whether X may have no dynamic column
    _remembers_sequences = False  # whether gated units start with memories as long as sequences
    _outputs: Any  # the `Outputs` of the mixin's kind

    alpha_: float
    feature_names_in_: np.ndarray
    gradient_norm_curve_: list[float]
    loss_: float
    loss_curve_: list[float]
    n_features_in_: int
    n_iter_: int
    n_left_out_: int
    n_outputs_: int
    n_tokens_: int
    parameters_: np.ndarray
    solver_: str
    validation_loss_curve_: list[float] | None

    _parameter_constraints: dict = {
        "hidden_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "cell": [CellNames(), Hidden(Cell), Hidden(type)],  # its text names these, too
        "activation": [StrOptions(set(ACTIVATIONS))],
        "embedding_size": [Interval(Integral, 1, None, closed="left"), None],
        "n_tokens": [Interval(Integral, 1, None, closed="left"), None],
        "bidirectional": ["boolean"],
        "learn_initial_state": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "recurrent_dropout": [Interval(Real, 0, 1, closed="left")],
        "solver": [StrOptions({"auto", *SOLVERS})],
        "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "ensemble": ["boolean"],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "tol": [Interval(Real, 0, 1, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
        "clip_value": [Interval(Real, 0, None, closed="neither"), None],
        "washout": [Interval(Integral, 0, None, closed="left")],
        "bptt_steps": [Interval(Integral, 1, None, closed="left"), None],
        "static_features": [str, Integral, "array-like", None],
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

    def _learns_next_token(self, y: Any) -> bool:
        """Whether the targets of a fit with this y are the tokens of X."""
        return False

    @abstractmethod
    def _make_targets(
        self,
        y: ArrayLike,
        sequences: Sequences,
        sample_weight: ArrayLike | None,
        classes: np.ndarray | None,
        before: Outputs | None,
    ) -> Targets:
        """The targets of a fit; ``before`` are the outputs of the fit that it resumes."""

    def _make_topology(
        self, sequences: Sequences, targets: Targets, before: Topology | None
    ) -> Topology:
        """The topology of a network for these data, and for those of ``before``."""
        return make_topology(self, **sizes_of(self._input_layout, sequences, targets))

    def _fit(
        self,
        X: ArrayLike,
        y: ArrayLike | None,
        sample_weight: ArrayLike | None,
        *,
        incremental: bool,
        classes: Any = None,
        validation: ValidationSet | None = None,
    ) -> Self:
        options: dict = {"incremental": incremental, "classes": classes, "validation": validation}
        return Fit(self, X, y, sample_weight, **options).run()

    def _run(
        self,
        X: ArrayLike,
        initial_state: ArrayLike | None,
        *,
        return_state: bool = False,
        predictor: Predictor | None = None,
        reducer: Callable[[Sequences], Reduce] | None = None,
    ) -> tuple[np.ndarray, np.ndarray, Sequences]:
        """The network's outputs (N, S, K), the final states (N, R), and the checked sequences.

        Another ``predictor`` may take the place of the estimator's own. ``reducer(sequences)``
        returns what makes less of the outputs.
        """
        check_is_fitted(self)
        sequences, state = check_sequences(self, X, reset=False), None
        if initial_state is not None or return_state:
            name = "return_state=True" if initial_state is None else "initial_state"
            check_directions(self, name)
        predictor = predictor or predictor_of(self)
        unknown = sequences.unknown
        if initial_state is not None:
            state = check_state(predictor, initial_state, len(sequences.X), "initial_state")
            if sequences.static is not None:
                state, waits = begin(predictor, self.parameters_, state, sequences.static.T)
                unknown = None if unknown is None else unknown & waits
        reduce = None if reducer is None else reducer(sequences)
        output, final = self._run_checked(sequences, predictor, state, reduce)
        if unknown is not None:
            final[unknown] = np.nan
        return output, final, sequences

    def _run_checked(
        self,
        sequences: Sequences,
        predictor: Predictor,
        state: np.ndarray | None = None,
        reduce: Reduce | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """What ``reduce`` leaves of the outputs (N, S, K), and the final states (N, R)."""
        # small calls find their buffers ready; those of large ones don't stay in memory
        if len(sequences.X) * sequences.X.shape[1] * predictor.forward_rows > _SMALL_CALL:
            predictor = predictor.twin()
        return predict_in_chunks(predictor, self.parameters_, sequences, self.n_jobs, state, reduce)

    def _one_step(
        self,
        x: ArrayLike,
        state: ArrayLike | None,
        predicted: Callable[[np.ndarray], np.ndarray],
    ) -> tuple[Any, np.ndarray]:
        """What `step` returns, of ``predicted(outputs)`` for outputs (B, K)."""
        if not hasattr(self, "parameters_"):
            check_is_fitted(self)
        y, new = advance(self, x, state, predicted)
        return (y[0], new[0]) if np.ndim(x) < 2 else (y, new)

    @of_one_fit
    def get_weights(self) -> dict[str, np.ndarray]:
        """Copies of the weights by name.

        Returns
        -------
        weights : dict of str to ndarray
            For each layer, from ``layer0`` up, and for D inputs of the layer and H hidden
            units: ``"layer0.input"`` (G*H, D), ``"layer0.recurrent"`` (G*H, H) and
            ``"layer0.bias"`` (G*H,), with the G gates in blocks of H rows. The class of the
            cell documents their order and other names, as ``"layer0.gates.input"`` of a GRU. A
            bidirectional layer has ``"layer0.forward."`` and ``"layer0.backward."`` instead, and
            D of the layer above is 2H, forward first. Then ``"readout.input"`` (K, H) and
            ``"readout.bias"`` (K,), for K outputs, which of a regressor are in units of the scaled
            target (see ``normalize_y``) and of a classifier log-odds. With ``learn_initial_state``,
            ``"layer0.initial_state"`` has h, then c if there is one. With M static covariates,
            ``"layer0.static"`` (H, M), or (2H, M) with c, multiplies them. With `embedding_size` U,
            ``"embedding"`` (`n_tokens_`, U) has a row for each token, and D is U. In an ensemble,
            these names begin with ``"network0."``, ``"network1."`` and so on. Where inputs are
            scaled inside, ``"inputs.mean"`` and ``"inputs.scale"`` (D,) do that before the first
            layer, and ``"static.mean"`` and ``"static.scale"`` (M,). A linear part has
            ``"linear.input"`` (K, L, D) of the L last scaled inputs, the newest at the end,
            ``"linear.static"`` (K, M) and ``"linear.bias"`` (K,). It adds to the network's output
            times ``"readout.scale"`` (K,).
        """
        check_is_fitted(self)
        named = Predictor(self._topology).named_weights(self.parameters_)
        return {name: view.copy() for name, view in named.items()}

    @between_fits
    def set_weights(self, weights: Mapping[str, ArrayLike]) -> Self:
        """Replace the fitted weights.

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
        NotFittedError
            Before a fit. `skrnn.interop.from_weights` makes a fitted estimator of weights.

        Notes
        -----
        With ``normalize_y``, the readout of a regressor predicts the scaled target: a prediction
        is ``y_mean_ + y_scale_ * output``. So, for a readout W (K, H) and b (K,) in the unit of
        y, pass ``W / y_scale_[:, None]`` and ``(b - y_mean_) / y_scale_``.
        """
        check_is_fitted(
            self,
            msg="This %(name)s instance is not fitted yet, so it has no weights to replace. "
            "skrnn.interop.from_weights(weights, estimator) makes a fitted estimator of weights "
            "that are known already.",
        )
        arrays = numbers_by_name(weights, "weights")
        theta = self.parameters_.copy()
        views = Predictor(self._topology).named_weights(theta)
        expected = ", ".join(f"{name} {view.shape}" for name, view in views.items())
        if set(arrays) != set(views):
            odd = {
                "missing": sorted(set(views) - set(arrays)),
                "unknown": sorted(set(arrays) - set(views), key=str),
            }
            found = "; ".join(f"{kind}: {names}" for kind, names in odd.items() if names)
            raise ValueError(
                f"weights has other names than expected ({found}). Expected {expected}."
            )
        for name, view in views.items():
            value = arrays[name].astype(theta.dtype)
            if value.shape != view.shape:
                fix = ""
                if value.T.shape == view.shape:
                    fix = " Pass the transpose of a matrix W that is made for x @ W."
                raise ValueError(
                    f"weights[{name!r}] has shape {value.shape}, not {view.shape}.{fix} Expected "
                    f"{expected}."
                )
            if not np.isfinite(value).all():
                raise ValueError(f"weights[{name!r}] contains NaN or infinity: pass finite values.")
            view[...] = value
        self.parameters_ = theta
        return self

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        state.pop("_predictor", None)  # has the topology alone, and buffers
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if hasattr(self, "parameters_"):
            check_restored(self)
            self._predictor = PredictorOfThreads(self._topology)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "parameters_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        if self.embedding_size is not None:
            tags.input_tags.categorical = tags.input_tags.positive_only = True
        return tags
