"""The methods of `RNNClassifier` that train."""

from __future__ import annotations

from typing import Self

from numpy.typing import ArrayLike

from .._sklearn.decorators import available_if, fit_context
from .base import BaseRNN
from .classification_targets import CLASSIFICATION_CONSTRAINTS, check_classes
from .solver_choice import check_takes_parts, supports_partial_fit
from .validation_set import ValidationSet


class ClassifierTraining(BaseRNN):
    """`fit` and `partial_fit`, and what the parameters may be."""

    _parameter_constraints: dict = {
        **BaseRNN._parameter_constraints,
        **CLASSIFICATION_CONSTRAINTS,
    }

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences: an array ``(n_samples, n_steps, n_features)``, or a list of
            ``(n_steps_i, n_features)`` arrays. In an array ``(n_samples, n_columns)``, each row is
            one sequence with ``n_features_per_step`` values per step. A step that is NaN is
            missing. With `embedding_size`, lists may also have 1-D sequences of tokens.
        y : array-like or list of arrays, default=None
            Labels, which are numbers or strings. Pass an array ``(n_samples,)`` for one label per
            sequence. Pass an array ``(n_samples, n_steps)`` or a list of ``(n_steps_i,)`` arrays
            for one label per step. If several labels may be on at each step, such as the notes of a
            chord, pass an array ``(n_samples, n_steps, n_labels)`` of 0 and 1, or a list of
            ``(n_steps_i, n_labels)`` arrays. Labels of missing steps are ignored. Without y, the
            label of each step is the next token, and `embedding_size` is needed: a language model.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights of the sequences, or of their steps if each step has a target. For a list of
            sequences, the weights of steps are a list of arrays. The loss ignores targets of weight
            0. If all sequences are in one batch, a weight of 2 equals a sequence that occurs twice.
        X_val : array-like or list of arrays, default=None
            Sequences of a validation set for `early_stopping`. Nothing is then held out of X:
            `validation_fraction` doesn't apply, and nothing that overlaps is left out. X_val must
            have been transformed as X was. A `Pipeline` does so by ``transform_input=["X_val"]``,
            with metadata routing.
        y_val : array-like or list of arrays, default=None
            What y is for X, in the same layout. The classes are those of y.
        sample_weight_val : array-like, default=None
            Weights of X_val, in the layout of sample_weight.

        Returns
        -------
        self : RNNClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If any of the arguments is malformed, if only one of X_val and y_val is passed, if they
            are passed without `early_stopping`, or if the loss of the first epoch isn't finite.
            The estimator is then unchanged, as it is after any other exception.
        """
        validation = ValidationSet(X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, incremental=False, validation=validation)

    @available_if(supports_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch. The next call resumes from there.

        The solvers "lm" and "lbfgs" have no `partial_fit`; "auto" is "adam" here. One network is
        trained, whatever `n_init` is.

        Every sequence starts from its initial state, in every call: no state is carried from one
        call to the next. For online learning along one long series, as in tutorials, pass it as
        one sequence with a label for each step, and set `bptt_steps` to 1 or a few. The weights
        are then updated after so many steps, and the state goes on. The alternative is windows
        of the series, one call for each or for several. Updates after single steps or windows are
        noisy: a `learning_rate_init` of 0.003 suits them better than the default.

        The penalty is divided by the weights of all labels so far, in all calls and in the `fit`
        that they resume. If X, y and weights of the calls come again in the same order, from the
        first call on, this is another epoch, which adds nothing. In any other order, they count
        again. So calls with all data, one for each epoch, train exactly like `fit` with the same
        solver. In scikit-learn, the penalty of an MLP is divided by the size of a batch instead,
        and that of `SGDClassifier` isn't divided.

        Parameters
        ----------
        X : array-like or list of arrays
            Sequences, as in `fit`. Their number may differ from call to call.
        y : array-like or list of arrays, default=None
            Labels, as in `fit`. Without y, the first call needs all tokens, or `n_tokens`.
        classes : array-like of shape (n_classes,), default=None
            All classes that can occur. The first call needs them, if y has one label for each
            sequence or step. With several labels at each step, they are 0 to n_labels - 1.
        sample_weight : array-like of shape (n_samples,) or (n_samples, n_steps), default=None
            Weights, as in `fit`.

        Returns
        -------
        self : RNNClassifier
            The estimator after one more epoch.

        Raises
        ------
        ValueError
            If X, y or sample_weight are malformed or don't match the earlier calls. The estimator
            is then unchanged.
        """
        check_takes_parts(self)
        if not self._learns_next_token(y):
            classes = check_classes(self, classes, y)
        elif classes is not None:
            raise ValueError("classes are those of y: without y, they are the tokens of X.")
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)
