"""What all estimators share: parameters' constraints, the course of a fit, prediction."""

import copy
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._engine.network import Network
from .._engine.topology import Topology
from .._sklearn import CallbackSupportMixin, fitted_copy
from .._training.dataset import SequenceData
from .._training.holdout import split_last
from .._training.solvers import SCHEDULES, SOLVERS
from .._validation.sample_weight import check_weights, finite_weights
from .._validation.sequences import check_sequences
from .._validation.targets import wash_out, without_missing
from ..cells import CELLS, Cell
from ..cells._activations import ACTIVATIONS
from .checkpoint import check_goes_on, checksum, load, save
from .fitting import Training
from .prediction import predict_in_chunks
from .streaming import advance


class BaseRNN(CallbackSupportMixin, BaseEstimator):
    """Base of the estimators: a recurrent network that `_fit` trains.

    What it learns is in the hands of a mixin: `_check_targets` sets the `_loss` and returns
    targets (N,), (N, J) or (N, T, J), `_scale_targets` brings them to the scale of the loss,
    `_count_outputs` says how many outputs K the J targets take, `_weigh` weighs them, and
    `_strata` names the kinds that `early_stopping` holds out alike.
    """

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
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
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

    def _network(self) -> Network:
        """The network that was fitted, whatever the parameters are now, without weights."""
        return Network(self._topology)

    def _make_topology(self, *, n_inputs, n_outputs, per_step, dtype, n_static=0) -> Topology:
        return Topology(
            self._make_cell(),
            n_inputs,
            self._hidden_sizes(),
            n_outputs,
            per_step,
            np.dtype(dtype),
            n_static,
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

    def _fit(self, X, y, sample_weight, *, incremental: bool, classes=None):
        """Train on what the user passed; nothing of the estimator changes before that is done."""
        goes_on = hasattr(self, "parameters_") and (incremental or self.warm_start)
        with fitted_copy(self) as new:
            sequences = check_sequences(new, X, reset=not (goes_on and incremental))
            if goes_on and incremental:  # in one precision, whatever comes in
                sequences = sequences.astype(self._topology.dtype)
            values, static = sequences.X, sequences.static  # (N, T, D) and (N, M)
            targets = new._check_targets(y, sequences, goes_on, classes)
            per_step = targets.ndim == 3
            weight = check_weights(sample_weight, sequences, per_step)
            targets = without_missing(targets, sequences.mask)  # (N, S, J)
            if self.washout:
                self._check_washout(per_step)
                wash_out(targets, sequences.mask, int(self.washout))
            weight = finite_weights(new._weigh(targets, weight), values.dtype)
            kept, held_out = slice(None), None
            if self.early_stopping:
                fraction, strata = self.validation_fraction, new._strata(targets)
                kept, held_out = split_last(values, fraction, strata)
            new._scale_targets(targets, weight, kept, goes_on)
            targets = targets.astype(values.dtype, copy=False)
            new.n_outputs_ = new._count_outputs(targets)
            new._topology = self._make_topology(
                n_inputs=values.shape[2],
                n_outputs=new.n_outputs_,
                per_step=per_step,
                dtype=values.dtype,
                n_static=0 if static is None else static.shape[1],
            )
            network = Network(new._topology, new._loss)

            def part(rows):
                options = {"static": static, "mask": sequences.mask, "per_step": per_step}
                return SequenceData(values, targets, weight, rows=rows, **options)

            validation = None if held_out is None else part(held_out)
            training = Training(self, network, part(kept), validation, incremental=incremental)
            new.solver_ = training.solver_name
            data = checksum(self, values, static, targets, weight)
            if goes_on:
                check_goes_on(self, new)
                theta, saved = self.parameters_.astype(values.dtype), self._saved
                checkpoint = load(self, new.solver_, values.dtype)
                same_data = saved is not None and saved.data == data
                courses, rng = training.go_on(theta, checkpoint, same_data=same_data)
            else:
                courses, rng = training.start()
                new._forget()
            metadata = None if sample_weight is None else {"sample_weight": sample_weight}
            tasks = training.tasks(
                len(courses),
                reconstruct=lambda course: vars(new) | new._attributes(course),
                data={"X": X, "y": y, "metadata": metadata},
            )
            course = training.run(courses, rng, tasks)
            vars(new).update(new._attributes(course))
            new._saved = save(new, course.checkpoint, data)
        tasks.end(course)
        if not incremental or course.outcome == "diverged":
            training.report(course, stacklevel=5)  # the caller of fit
        return self

    def _check_washout(self, per_step):
        if not per_step:
            raise ValueError(
                f"washout={self.washout} leaves the first steps' targets out of the loss, but y "
                "has one target for each sequence. Use washout=0, or targets for every step."
            )

    def _forget(self):
        """Begin the curves anew."""
        for name in ("loss_curve_", "validation_loss_curve_", "gradient_norm_curve_"):
            vars(self).pop(name, None)

    def _attributes(self, course):
        """What a training leaves behind, with the curves going on."""
        losses = [*getattr(self, "loss_curve_", ()), *course.loss_curve]
        validation = None
        if course.validation_loss_curve:
            before = getattr(self, "validation_loss_curve_", None) or ()
            validation = [*before, *course.validation_loss_curve]
            validation = [np.nan] * (len(losses) - len(validation)) + validation
        return {
            "parameters_": course.kept.copy(),
            "loss_curve_": losses,
            "validation_loss_curve_": validation,
            "gradient_norm_curve_": [
                *getattr(self, "gradient_norm_curve_", ()),
                *course.gradient_norm_curve,
            ],
            "loss_": losses[-1],
            "n_iter_": len(losses),
        }

    def _outputs(self, X):
        """The network's outputs (N, S, K), and the sequences that they are for."""
        sequences = check_sequences(self, X, reset=False)
        output, _ = predict_in_chunks(self._topology, self.parameters_, sequences, self.n_jobs)
        return output, sequences

    def _one_step(self, x, state, predicted):
        """What `step` returns, of ``predicted(outputs)`` for outputs (B, K)."""
        if not hasattr(self, "parameters_"):
            check_is_fitted(self)
        y, new = advance(self, x, state, predicted)
        return (y[0], new[0]) if np.ndim(x) < 2 else (y, new)

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
            (K,), for K outputs, which of a regressor are in units of the scaled target (see
            ``normalize_y``) and of a classifier log-odds. With ``learn_initial_state``,
            ``"layer0.initial_state"`` has h, then c if there is one. With M
            `static_features`, ``"layer0.static"`` (H, M), or (2H, M) with c, multiplies them.
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
