"""One fit, from what the user passed to a trained estimator."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._sklearn.fitted_copy import copied, fitted_copy
from .._sklearn.tasks import FitTasks
from .._sklearn.user_warnings import warn_user
from .._training.dataset import SequenceData
from .._training.holdout import remedies, split_last
from .._training.parts import Parts, parts_to_hold_out
from .._validation.sample_weight import finite_weights
from .._validation.sequences import check_sequences
from .checkpoint import check_resumes, checksum, checksum_of_data, save, some_of
from .convergence import report
from .fitted_state import Curves, FittedState, curves_of
from .history import History
from .judgement import NOTHING_LEARNED
from .training import Training, resumes_training, scales_inputs
from .validation_set import ValidationSet


class Fit:
    """One call of `fit` or `partial_fit`.

    The stages are `check`, `split`, `scale`, `train`, `keep` and `report`. They write to a copy of
    the estimator, which takes effect when all of them are done.

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
    validation : ValidationSet or None
        What the user passed to early stopping.
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        incremental: bool,
        classes: Any,
        validation: ValidationSet | None,
    ):
        self._original, self._incremental, self._classes = estimator, incremental, classes
        self._X, self._y, self._sample_weight = X, y, sample_weight
        self._validation = validation or ValidationSet()

    def run(self) -> Any:
        """Run all stages; return the estimator."""
        try:
            # whatever overflows is found by what it leads to, and has an error text of its own
            with np.errstate(all="ignore"), fitted_copy(self._original) as self._new:
                # the parameters, and the fit to resume, whatever other threads do
                self._estimator = estimator = copied(self._new)
                fitted = hasattr(estimator, "parameters_")
                self._resumes = fitted and (self._incremental or resumes_training(estimator))
                self.check()
                self.split()
                self.scale()
                self.train()
                self.keep()
                self.report()
            if self._training.tasks is not None:
                self._training.tasks.end(self._model.run)
            return self._original
        finally:  # else cycles keep the data until garbage is collected
            for part in (vars(self).get("_training", self), self):
                vars(part).clear()

    def check(self) -> None:
        """Turn X, y and the weights into checked arrays."""
        early_stopping = self._estimator.early_stopping
        without_y = self._estimator._learns_next_token(self._y)
        passed = self._validation.is_passed(early_stopping=early_stopping, without_y=without_y)
        continues = self._resumes and self._incremental
        any_scale = scales_inputs(self._estimator, incremental=self._incremental)
        known = self._estimator._topology.n_tokens if self._resumes else 0
        options: dict = {"any_scale": any_scale, "n_tokens": known}
        sequences = check_sequences(self._new, self._X, reset=not continues, **options)
        if continues:  # in one precision, whatever comes in
            sequences = sequences.astype(self._estimator._topology.dtype)
        before = self._estimator._outputs if self._resumes else None
        self._targets = self._new._make_targets(
            self._y, sequences, self._sample_weight, self._classes, before
        )
        self._targets.weight = finite_weights(self._targets.weight, sequences.X.dtype)
        self._sequences, self._before, self._judged = sequences, before, None
        if passed:
            self._judged = self._validation.check(self._new, sequences, self._targets)

    def split(self) -> None:
        """Hold out the last sequences for early stopping, or find parts to hold out in turn."""
        self._kept: slice | np.ndarray = slice(None)
        self._held_out: np.ndarray | None = None
        self._n_left_out, self._parts = 0, Parts([])
        estimator, early_stopping = self._estimator, self._estimator.early_stopping
        has_parts = estimator.alpha == "auto" and estimator._holds_out_parts
        if has_parts and not (early_stopping or self._incremental):
            self._parts = self._parts_to_hold_out()
        if early_stopping and self._judged is None:
            fraction, strata = estimator.validation_fraction, self._targets.strata
            X, origin = self._sequences.X, self._sequences.origin
            classes = getattr(self._targets, "classes", None)
            kept, held_out = split_last(X, fraction, strata, origin=origin, classes=classes)
            self._n_left_out = len(X) - len(kept) - len(held_out)
            if len(kept) < self._n_left_out:
                fix = remedies(X, fraction, strata, origin=origin, share=0.5)
                warn_user(
                    f"With early_stopping=True, only {len(kept)} of {len(X)} samples are trained "
                    f"on: {len(held_out)} are held out, and the others overlap with these. {fix}"
                )
            if estimator.verbose:
                print(
                    f"Early stopping: {len(kept)} samples to train on, {len(held_out)} held out, "
                    f"{self._n_left_out} left out as they overlap with these"
                )
            self._kept, self._held_out = kept, held_out

    def _parts_to_hold_out(self):
        sequences, targets = self._sequences, self._targets
        weight = (~np.isnan(targets.values)).any(axis=2).astype(float)  # (N, S)
        if targets.weight is not None:
            weight *= targets.weight
        stop = np.full(len(weight), sequences.X.shape[1])
        if targets.per_step:
            stop -= (weight[:, ::-1] > 0).argmax(axis=1)
        return parts_to_hold_out(
            sequences.X,
            sequences.mask,
            sequences.static,
            targets.strata,
            weight.max(axis=1),
            stop,
            sequences.origin,
        )

    def scale(self) -> None:
        """Bring the targets to the scale of the loss, by those to train on."""
        targets, X = self._targets, self._sequences.X
        data = [self._sequences.static, targets.values, targets.weight]
        if self._judged is not None:
            own, judged = self._judged
            data += [some_of(own.X), own.static, judged.values, judged.weight]
        self._data_checksum = checksum_of_data(X, *data)
        self._history = self._extended_history(targets.seen(self._kept))
        feedback = self._resumes and self._estimator._topology.feeds_back
        self._outputs = targets.scale(
            self._history.seen.statistics,
            self._before,
            incremental=self._incremental,
            feedback=feedback,
        )
        targets.values = targets.values.astype(X.dtype, copy=False)
        if self._judged is not None:
            _, judged = self._judged
            judged.convert(self._outputs)
            judged.values = judged.values.astype(X.dtype, copy=False)

    def _extended_history(self, new):
        """The history of this fit, or that of earlier calls with this one."""
        of_fit = not self._incremental
        if self._resumes:
            before = self._estimator._history
            if before is not None and not of_fit and new.matches(before.seen):
                return before.after(self._data_checksum, new)
            # a scale that stays, or comes from elsewhere
            new = replace(new, statistics=None if before is None else before.seen.statistics)
        return History(new, (self._data_checksum,), of_fit)

    def train(self) -> None:
        """Train the network, from several initial weights or from where it has ended."""
        sequences, targets = self._sequences, self._targets
        before = self._estimator._topology if self._resumes and self._incremental else None
        topology = self._new._make_topology(sequences, targets, before)
        validation = None
        if self._judged is not None:
            validation = _data(*self._judged, slice(None))
        elif self._held_out is not None:
            validation = _data(sequences, targets, self._held_out)
        self._training = training = Training(
            self._estimator,
            topology,
            self._outputs,
            _data(sequences, targets, self._kept),
            validation,
            parts=self._parts,
            total=self._history.seen.total if self._incremental or self._resumes else None,
            incremental=self._incremental,
            begin=self._begin,
        )
        parts = topology.cell, self._outputs.loss
        self._checksum = checksum(self._estimator, *parts, self._data_checksum)
        self._curves = Curves()
        if self._resumes:
            check_resumes(self._estimator, topology, self._outputs)
            self._curves = curves_of(self._estimator)
            saved, rescaling = self._estimator._saved, self._outputs.rescaling(self._before)
            same_data = saved is not None and saved.data == self._checksum
            self._model = training.resume(rescaling, same_data=same_data)
        else:
            self._model = training.start()
        if training.tasks is None:  # no network was trained
            training.tasks = FitTasks(self._original, n_runs=0, data=self._passed())

    def keep(self) -> None:
        """Hand the model to the estimator."""
        model = self._model
        saved = save(self._estimator, model.run, self._training.solver_name, self._checksum)
        self._state(model.run, model.topology, model.theta, model.name, saved).install(self._new)

    def report(self) -> None:
        """Warn of what was learned badly: before the copy takes effect, as that may be an error."""
        best, restarts, training = self._model.run, self._model.restarts, self._training
        if restarts is not None and (not self._incremental or best.outcome == "diverged"):
            report(restarts, best, is_alone=self._model.topology.linear_steps == 0)
        if training.doubt is not None:
            warn_user(training.doubt, ConvergenceWarning, about=NOTHING_LEARNED)

    def _begin(self, restarts, n_runs, n_networks):
        def reconstruct(run):
            model = self._training.assemble(run)
            return vars(self._new) | self._state(run, *model, "network").attributes()

        settings = {"reconstruct": reconstruct, "data": self._passed()}
        return restarts.tasks(self._original, n_runs, n_networks, **settings)

    def _passed(self):
        """What the user passed, for callbacks."""
        weight = self._sample_weight
        metadata = None if weight is None else {"sample_weight": weight}
        return {"X": self._X, "y": self._y, "metadata": metadata}

    def _state(self, run, topology, theta, name, saved=None):
        """What the fit would leave behind if training ended here."""
        return FittedState(
            self._new._input_layout,
            topology,
            self._outputs,
            theta,
            self._curves.continued(run),
            solver=self._training.solver_name,
            saved=saved,
            n_left_out=self._n_left_out,
            alpha=run.alpha,
            selected=name if hasattr(self._estimator, "linear_part") else None,
            errors=self._training.errors,
            history=self._history,
        )


def _data(sequences, targets, rows):
    return SequenceData(
        sequences.X,
        targets.values,
        targets.weight,
        static=sequences.static,
        mask=sequences.mask,
        per_step=targets.per_step,
        rows=rows,
        inputs=targets.decoder_inputs(),
    )
