"""Labels and probabilities of sequences and their steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from .._sklearn.fitted_copy import of_one_fit
from .._validation.multilabel import number_of_labels
from .._validation.options import State
from .._validation.sequences import Sequences
from .classification_score import ClassifierScores
from .classification_targets import ClassificationOutputs, classification_targets
from .multilabel_targets import multilabel_targets
from .next_token import learns_next_token
from .prediction import Reduce
from .streaming import check_step_bounded
from .targets import Targets
from .token_generation import ClassifierGeneration


class SequenceClassifierMixin(ClassifierScores, ClassifierGeneration, ClassifierMixin):
    """What classification adds to a recurrent network: classes and probabilities."""

    _outputs: ClassificationOutputs
    classes_: np.ndarray
    embedding_size: int | None
    _holds_out_parts = True
    _remembers_sequences = True  # a label may hang on any of the steps

    def _make_targets(
        self, y: Any, sequences: Sequences, sample_weight: Any, classes: Any, before: Any
    ) -> Targets:
        several = number_of_labels(y) is not None if before is None else before.multilabel
        make_targets = multilabel_targets if several else classification_targets
        classes = classes if before is None else before.classes
        return make_targets(self, y, sequences, sample_weight, classes)

    def _learns_next_token(self, y: Any) -> bool:
        return learns_next_token(self, y)

    @overload
    def predict(
        self, X: Sequence[Any], initial_state: State = None, return_state: Literal[False] = False
    ) -> Any: ...

    @overload
    def predict(
        self, X: Sequence[Any], initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[Any, np.ndarray]: ...

    @overload
    def predict(
        self, X: ArrayLike, initial_state: State = None, return_state: Literal[False] = False
    ) -> np.ndarray: ...

    @overload
    def predict(
        self, X: ArrayLike, initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...

    @overload
    def predict(
        self, X: ArrayLike, initial_state: State = None, return_state: bool = False
    ) -> Any: ...

    @of_one_fit
    def predict(self, X: ArrayLike, initial_state: State = None, return_state: bool = False) -> Any:
        """Predict the labels.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences in the layout that `fit` saw. In 3-D input and lists, the number of
            steps may be another one. A missing step gets the prediction of the step before,
            and an empty sequence that of the initial state. If bidirectional, the
            prediction at a missing step depends on the steps around it.
        initial_state : array-like of shape (n_samples, n_state) or None, default=None
            The state that `predict` or `step` returned for the previous steps of these sequences.
            It replaces the static covariates, which X still contains. None starts the sequences,
            and so does a row of NaN where there are static covariates.
        return_state : bool, default=False
            Whether to return the state after the last step as well.

        Returns
        -------
        y : ndarray or list of arrays
            ``(n_samples,)``, or ``(n_samples, n_steps)`` if `fit` had a label for every step.
            For a list of sequences it is then a list of ``(n_steps_i,)`` arrays, and for an
            object array an object array. If `fit` had several labels at each step, there is one
            more axis, ``(n_samples, n_steps, n_labels)``: 1 for labels of a probability above 0.5,
            and 0 for others.
        state : ndarray of shape (n_samples, n_state)
            The state of each sequence after its last step, for `predict` and `step`. It is NaN
            for a sequence that hasn't begun, as no step has its static covariates. Only with
            ``return_state=True``.

        Raises
        ------
        ValueError
            If X or the state are malformed, or a bidirectional network is asked for a state: it
            also reads the sequences from their end.
        """
        return self._of_classes(X, "labels", initial_state, return_state)

    @overload
    def predict_proba(
        self, X: Sequence[Any], initial_state: State = None, return_state: Literal[False] = False
    ) -> Any: ...

    @overload
    def predict_proba(
        self, X: Sequence[Any], initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[Any, np.ndarray]: ...

    @overload
    def predict_proba(
        self, X: ArrayLike, initial_state: State = None, return_state: Literal[False] = False
    ) -> np.ndarray: ...

    @overload
    def predict_proba(
        self, X: ArrayLike, initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...

    @overload
    def predict_proba(
        self, X: ArrayLike, initial_state: State = None, return_state: bool = False
    ) -> Any: ...

    @of_one_fit
    def predict_proba(
        self, X: ArrayLike, initial_state: State = None, return_state: bool = False
    ) -> Any:
        """Predict the probabilities of the classes.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        initial_state : array-like of shape (n_samples, n_state) or None, default=None
            The state after the previous steps, as in `predict`.
        return_state : bool, default=False
            Whether to return the state after the last step as well.

        Returns
        -------
        p : ndarray or list of arrays
            As `predict` returns them, with one more axis: of the classes, in the order of
            ``classes_``. If `fit` had several labels at each step, the probability that each is 1
            takes the place of the label: ``(n_samples, n_steps, n_labels)``.
        state : ndarray of shape (n_samples, n_state)
            Only with ``return_state=True``, as in `predict`.
        """
        return self._of_classes(X, "probabilities", initial_state, return_state)

    @overload
    def predict_log_proba(
        self, X: Sequence[Any], initial_state: State = None, return_state: Literal[False] = False
    ) -> Any: ...

    @overload
    def predict_log_proba(
        self, X: Sequence[Any], initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[Any, np.ndarray]: ...

    @overload
    def predict_log_proba(
        self, X: ArrayLike, initial_state: State = None, return_state: Literal[False] = False
    ) -> np.ndarray: ...

    @overload
    def predict_log_proba(
        self, X: ArrayLike, initial_state: State = None, *, return_state: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...

    @overload
    def predict_log_proba(
        self, X: ArrayLike, initial_state: State = None, return_state: bool = False
    ) -> Any: ...

    @of_one_fit
    def predict_log_proba(
        self, X: ArrayLike, initial_state: State = None, return_state: bool = False
    ) -> Any:
        """Predict the logarithms of the probabilities of the classes.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `predict`.
        initial_state : array-like of shape (n_samples, n_state) or None, default=None
            The state after the previous steps, as in `predict`.
        return_state : bool, default=False
            Whether to return the state after the last step as well.

        Returns
        -------
        log_p : ndarray or list of arrays
            As `predict_proba` returns them. Finite where the probability itself would be 0.
        state : ndarray of shape (n_samples, n_state)
            Only with ``return_state=True``, as in `predict`.
        """
        return self._of_classes(X, "log_probabilities", initial_state, return_state)

    @of_one_fit
    def step(self, x: ArrayLike, state: ArrayLike | None = None) -> tuple[Any, np.ndarray]:
        """Predict the label from one more time step, and return the new state.

        Predicting step by step equals `predict` on the whole sequence, at the cost of one step
        each. It differs only before the first valid step of a sequence, where `predict` already
        knows the static covariates of later steps.

        Don't carry the state beyond the number of steps that the network was trained on. After a
        fit on windows it has never been further than one window, and drifts: with a low `alpha`,
        predictions get worse. Even a few steps may be too many. Instead, call `predict` on the last
        window at each step. Or fit long sequences with a label for each step, for which the state
        is carried in training, too.

        Parameters
        ----------
        x : array-like of shape (n_features,) or (n_sequences, n_features)
            One time step of one sequence, or of many. A step whose features are all NaN is missing:
            the state doesn't change, and the prediction is repeated. Static covariates are read at
            the start of a sequence. If its first steps are missing and don't have them, they count
            as 0 until a later step has them. A model of flat rows takes them first, then the values
            of the step. One token may be a number. Names of columns, or of a Series, must be those
            of `fit` in the same order. Steps without names are taken as they are, without a
            warning.
        state : array-like or None, default=None
            The state that `step` or `predict` returned for the previous steps. None starts a
            sequence.

        Returns
        -------
        y : label or ndarray of labels
            As `predict` has it for the step, with one per sequence if there are many. Several
            labels at each step are ``(n_labels,)``, or ``(n_sequences, n_labels)``.
        state : ndarray of shape (n_state,) or (n_sequences, n_state)
            Plain numbers, to be kept, copied or stored. All are NaN for a sequence that hasn't
            begun, as its static covariates are still unknown.

        Raises
        ------
        ValueError
            If x or state are malformed, or the network is bidirectional: it also reads the
            sequences from their end.
        TypeError
            If x is a dict, which has no order.

        See Also
        --------
        step_proba : The same with probabilities.
        """
        return self._one_step(x, state, self._of_step("labels"))

    @of_one_fit
    def step_proba(
        self, x: ArrayLike, state: ArrayLike | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predict probabilities from one more time step, and return the new state.

        Parameters
        ----------
        x : array-like of shape (n_features,) or (n_sequences, n_features)
            One time step, as in `step`.
        state : array-like or None, default=None
            The state that `step` or `predict` returned for the previous steps. None starts a
            sequence.

        Returns
        -------
        p : ndarray of shape (n_classes,) or (n_sequences, n_classes)
            As `predict_proba` has them for the step, also of several labels.
        state : ndarray of shape (n_state,) or (n_sequences, n_state)
            Plain numbers, to be kept, copied or stored.

        Examples
        --------
        >>> import numpy as np
        >>> from skrnn import RNNClassifier
        >>> X = np.random.RandomState(0).normal(size=(60, 12, 1))
        >>> y = np.where(X.sum(axis=(1, 2)) > 0, "up", "down")
        >>> model = RNNClassifier(random_state=0).fit(X, y)
        >>> state = None
        >>> for x in X[0]:
        ...     p, state = model.step_proba(x, state)
        >>> bool(np.allclose(p, model.predict_proba(X[:1])[0]))
        True
        """
        return self._one_step(x, state, self._of_step("probabilities"))

    def _of_classes(
        self, X: ArrayLike, kind: str, initial_state: ArrayLike | None, return_state: bool
    ) -> Any:
        """Labels or probabilities in the container of X, and the state if asked for."""
        check_is_fitted(self)
        with np.errstate(all="ignore"):
            options: dict = {"return_state": return_state, "reducer": self._reducer(kind)}
            values, state, sequences = self._run(X, initial_state, **options)
        y = sequences.in_container(values) if self._topology.per_step else values[:, 0]
        return (y, state) if return_state else y

    def _reducer(self, kind: str) -> Callable[[Sequences], Reduce]:
        """Labels (B, S) or probabilities (B, S, n_classes) of each chunk in turn."""
        make = getattr(self._outputs, kind)
        return lambda sequences: lambda output, rows, steps: make(output)

    def _of_step(self, kind: str) -> Callable[[np.ndarray], np.ndarray]:
        def predicted(output: np.ndarray) -> np.ndarray:  # (B, K)
            check_step_bounded(self, output)
            return getattr(self._outputs, kind)(output)

        return predicted

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        if self.embedding_size is not None:
            tags.target_tags.required = False
        return tags
