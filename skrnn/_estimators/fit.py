"""One fit, from what the user passed to a trained estimator."""

from typing import Any

import numpy as np

from .._engine.network import Network
from .._sklearn import copied, fitted_copy, warn_user
from .._training.dataset import SequenceData
from .._training.holdout import split_last
from .._training.parts import Parts, parts_to_hold_out
from .._validation.sample_weight import finite_weights
from .._validation.sequences import check_sequences
from .checkpoint import check_resumes, checksum, load, save
from .fitted_state import Curves, FittedState, curves_of
from .network_parameters import make_topology
from .restarts import Restarts


class Fit:
    """One call of `fit` or `partial_fit`.

    The stages are `check`, `split`, `scale`, `train` and `keep`. They write to a copy of the
    estimator, which takes effect when all of them are done.

    Parameters
    ----------
    estimator : BaseRNN
        What the user called.
    X, y, sample_weight : array-like
        What the user passed.
    incremental : bool
        Whether this is `partial_fit`: one epoch, and the next call resumes.
    classes : ndarray or None
        The classes that there may be; None: those in y.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, sample_weight: Any, *, incremental: bool, classes: Any
    ):
        self._original, self._incremental, self._classes = estimator, incremental, classes
        self._X, self._y, self._sample_weight = X, y, sample_weight

    def run(self) -> Any:
        """Run all stages; return the estimator."""
        # whatever overflows is found by what it leads to, and has an error text of its own
        with np.errstate(all="ignore"), fitted_copy(self._original) as self._new:
            # the parameters, and the fit to resume, whatever other threads do
            self._estimator = estimator = copied(self._new)
            fitted = hasattr(estimator, "parameters_")
            self._resumes = fitted and (self._incremental or estimator.warm_start)
            self.check()
            self.split()
            self.scale()
            self.train()
            self.keep()
        self._tasks.end(self._best)
        if not self._incremental or self._best.outcome == "diverged":
            self._restarts.report(self._best)
        return self._original

    def check(self) -> None:
        """Turn X, y and the weights into checked arrays."""
        continues = self._resumes and self._incremental
        sequences = check_sequences(self._new, self._X, reset=not continues)
        if continues:  # in one precision, whatever comes in
            sequences = sequences.astype(self._estimator._topology.dtype)
        before = self._estimator._outputs if self._resumes else None
        self._targets = self._new._make_targets(
            self._y, sequences, self._sample_weight, self._classes, before
        )
        self._weight = finite_weights(self._targets.weight, sequences.X.dtype)
        self._targets.weight = self._weight
        self._sequences, self._before = sequences, before

    def split(self) -> None:
        """Hold out the last sequences for early stopping, or a part of them in each run."""
        self._kept: slice | np.ndarray = slice(None)
        self._parts = Parts([])
        if self._estimator.early_stopping:
            fraction, strata = self._estimator.validation_fraction, self._targets.strata
            X, origin = self._sequences.X, self._sequences.origin
            classes = getattr(self._targets, "classes", None)
            kept, held_out = split_last(X, fraction, strata, origin=origin, classes=classes)
            if 2 * len(kept) < len(X) - len(held_out):
                warn_user(
                    f"With early_stopping=True, only {len(kept)} of {len(X)} samples are trained "
                    f"on: {len(held_out)} are held out, and the others overlap with these. Keep "
                    "windows in the order of time (shuffle=False), shorten them, lower "
                    "validation_fraction, or set early_stopping=False."
                )
            self._kept, self._parts = kept, Parts([(kept, held_out)])
        elif self._holds_out_parts():
            self._parts = self._parts_to_hold_out()

    def _holds_out_parts(self):
        automatic = self._estimator.alpha == "auto" and not self._incremental
        return automatic and self._targets.holds_out_parts

    def _parts_to_hold_out(self) -> Parts:
        sequences, targets = self._sequences, self._targets
        weight = (~np.isnan(targets.values)).any(axis=2).astype(float)  # (N, S)
        if self._weight is not None:
            weight *= self._weight
        stop = np.full(len(weight), sequences.X.shape[1])
        if targets.per_step:
            stop -= (weight[:, ::-1] > 0).argmax(axis=1)
        strata, origin = targets.strata, sequences.origin
        return parts_to_hold_out(
            sequences.X,
            sequences.mask,
            sequences.static,
            strata,
            weight.max(axis=1),
            stop,
            origin,
        )

    def scale(self) -> None:
        """Bring the targets to the scale of the loss, by those to train on."""
        targets, dtype = self._targets, self._sequences.X.dtype
        self._outputs = targets.scale(self._kept, self._before, incremental=self._incremental)
        targets.values = targets.values.astype(dtype, copy=False)

    def train(self) -> None:
        """Train the network, from several initial weights or from where it has ended."""
        estimator, new, sequences = self._estimator, self._new, self._sequences
        static = sequences.static
        self._topology = make_topology(
            estimator,
            n_inputs=sequences.X.shape[2],
            n_outputs=self._targets.n_outputs,
            per_step=self._targets.per_step,
            dtype=sequences.X.dtype,
            n_static=0 if static is None else static.shape[1],
        )
        network = Network(self._topology, self._outputs.loss)
        pairs: list = [(self._data(kept), self._data(other)) for kept, other in self._parts.pairs]
        self._restarts = restarts = Restarts(
            estimator,
            network,
            pairs or [(self._data(slice(None)), None)],
            repeated=self._parts.repeated,
            incremental=self._incremental,
        )
        data = sequences.static, self._targets.values, self._weight
        parts = self._topology.cell, self._outputs.loss
        self._checksum = checksum(estimator, *parts, sequences.X, *data)
        self._curves = Curves()
        if self._resumes:
            check_resumes(estimator, self._topology, self._outputs)
            self._curves = curves_of(estimator)
            theta, saved = estimator.parameters_.astype(sequences.X.dtype), estimator._saved
            checkpoint = load(estimator, restarts.solver_name, sequences.X.dtype)
            same_data = saved is not None and saved.data == self._checksum
            runs, rng = restarts.resume(theta, checkpoint, same_data=same_data)
        else:
            runs, rng = restarts.start()
        sample_weight = self._sample_weight
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._tasks = restarts.tasks(
            self._original,
            len(runs),
            reconstruct=lambda run: vars(new) | self._state(run).attributes(),
            data={"X": self._X, "y": self._y, "metadata": metadata},
        )
        self._best = restarts.train(runs, rng, self._tasks)

    def keep(self) -> None:
        """Hand the best training run to the estimator."""
        saved = save(self._estimator, self._best, self._restarts.solver_name, self._checksum)
        self._state(self._best, saved).install(self._new)

    def _data(self, rows):
        sequences, targets = self._sequences, self._targets
        return SequenceData(
            sequences.X,
            targets.values,
            self._weight,
            static=sequences.static,
            mask=sequences.mask,
            per_step=targets.per_step,
            rows=rows,
        )

    def _state(self, run, saved=None):
        """What the fit would leave behind if training ended here."""
        return FittedState(
            self._new._input_layout,
            self._topology,
            self._outputs,
            run.kept.copy(),
            self._curves.continued(run),
            self._restarts.solver_name,
            saved,
        )
