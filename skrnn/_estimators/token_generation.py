"""Tokens that go on by themselves: each one that is drawn is the next input."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._engine.masking import StepMask
from .._engine.predictor import Predictor
from .._sklearn.fitted_copy import of_one_fit
from .._validation.counts import check_count
from .._validation.options import Seed
from .._validation.ragged import as_objects
from .._validation.sequences import Sequences, check_sequences
from .blas_threads import threads_of
from .classification_targets import ClassificationOutputs
from .generation import check_generated, check_prefixes
from .streaming import check_directions, predictor_of


class ClassifierGeneration:
    """Generation by a classifier of tokens with a token for each step."""

    _outputs: ClassificationOutputs
    _topology: Any
    parameters_: np.ndarray

    @overload
    def generate(
        self,
        X: Sequence[Any],
        n_steps: int,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        stop: int | None = None,
        exclude: Sequence[int] = (),
        random_state: Seed = None,
    ) -> Any: ...

    @overload
    def generate(
        self,
        X: ArrayLike,
        n_steps: int,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        stop: int | None = None,
        exclude: Sequence[int] = (),
        random_state: Seed = None,
    ) -> np.ndarray: ...

    @of_one_fit
    def generate(
        self,
        X: ArrayLike,
        n_steps: int,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        stop: int | None = None,
        exclude: Sequence[int] = (),
        random_state: Seed = None,
    ) -> Any:
        r"""Continue sequences of tokens: each token that is drawn is the next input.

        A token k is drawn with the probability

        .. math:: q_k \propto p_k^{1 / \tau}

        of its probability p after all tokens before it, and of the temperature
        :math:`\tau`.

        Parameters
        ----------
        X : array-like or list of arrays
            Prefixes, as in `predict`, of any lengths.
        n_steps : int
            Number of tokens to generate, at most.
        temperature : float, default=1.0
            1 draws by the network's probabilities, lower values keep nearer to the likeliest
            tokens. 0 takes the likeliest token.
        top_k : int or None, default=None
            Draw from so many of the likeliest tokens. None: from all.
        stop : int or None, default=None
            Token that ends a sequence, such as ``TokenEncoder.stop_``. It isn't returned. At the
            end of a prefix, it is taken off first.
        exclude : sequence of int, default=()
            Tokens that are never drawn, such as 0, the unknown token.
        random_state : int, RandomState instance or None, default=None
            Seed or generator. Each prefix has draws of its own, so that it goes on alone as first
            of several, and fewer steps are a beginning of more.

        Returns
        -------
        tokens : ndarray of shape (n_samples, n_steps) or list of arrays
            The tokens after each prefix, NaN from `stop` on. For a list of prefixes, a list of
            arrays of int, which end there; for an object array, an object array.

        Raises
        ------
        ValueError
            If a number is out of range, or a token unknown. If predictions can't be read: if the
            classifier reads no tokens, or its labels aren't tokens, one for each step, or if the
            network is bidirectional. If a prefix is empty, if nothing is left to draw, or if the
            network's outputs grow beyond all bounds.
        TypeError
            If n_steps or top_k is no whole number, or if exclude is no list of tokens.

        See Also
        --------
        TokenEncoder : Texts from tokens, by `inverse_transform`.

        Examples
        --------
        >>> from skrnn import RNNClassifier
        >>> tokens = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]
        >>> model = RNNClassifier(embedding_size=4, random_state=0).fit([tokens, tokens[1:]])
        >>> model.generate([[1, 2], [2]], 5, temperature=0)
        [array([3, 1, 2, 3, 1]), array([3, 1, 2, 3, 1])]
        """
        check_is_fitted(self)
        n_steps = check_count(n_steps, "n_steps")
        _check_feeds_itself(self)
        draw = _Draw(self._outputs, temperature, top_k, exclude)
        if stop is not None:
            draw.check_token(stop, "stop")
        sequences = check_sequences(self, X, reset=False)
        if stop is not None:
            sequences = _without_last(sequences, stop)
        check_prefixes(sequences, "let it begin with a token, as TokenEncoder(start=True) does")
        predictor, topology = predictor_of(self), self._topology
        last = np.empty((len(sequences.X), topology.n_outputs), topology.dtype)  # (N, K)

        def reduce(output: np.ndarray, rows: Any, steps: slice) -> np.ndarray:
            last[rows] = output[:, -1]  # at missing steps, it is repeated
            return np.zeros(output.shape[:2], bool)

        run = self._run_checked  # type: ignore[attr-defined]
        _, state = run(sequences, predictor, reduce=reduce)
        seeds = check_random_state(random_state).randint(2**31 - 1, size=len(state))
        numbers = np.stack([np.random.default_rng(seed).random(n_steps) for seed in seeds])
        with threads_of(1), np.errstate(all="ignore"):
            tokens = self._draw(predictor, draw, last, state.T, numbers, stop)
        if sequences.lengths is None:
            return tokens
        own = [row[~np.isnan(row)].astype(int) for row in tokens]
        return own if sequences.container is not np.ndarray else as_objects(own)

    def _draw(
        self,
        predictor: Predictor,
        draw: _Draw,
        outputs: np.ndarray,
        state: np.ndarray,
        numbers: np.ndarray,
        stop: int | None,
    ) -> np.ndarray:
        """Tokens (N, n_steps) by uniform numbers (N, n_steps), from outputs (N, K) and a state."""
        tokens = np.full(numbers.shape, np.nan)
        going = np.arange(len(tokens))  # which haven't stopped
        run, n_steps = predictor.stepper(self.parameters_), numbers.shape[1]
        for t in range(n_steps):
            check_generated(outputs, self._topology)  # of NaN, any token might be drawn
            found = draw(outputs, numbers[:, t])  # (B,)
            if stop is not None and (found == stop).any():
                on = found != stop
                going, found, state, numbers = going[on], found[on], state[:, on], numbers[on]
                if not len(going):
                    break
            tokens[going, t] = found
            if t + 1 < n_steps:
                x = found.astype(self._topology.dtype)[np.newaxis, np.newaxis]  # (1, 1, B)
                y, state = run(x, state=state)
                outputs = y[0].T
        return tokens


def _without_last(sequences: Sequences, token: int) -> Sequences:
    """Prefixes without this token at their end."""
    X, mask = sequences.X, sequences.mask
    rows, last = np.arange(len(X)), np.maximum(mask.stop, 1) - 1
    ends = (mask.lengths > 0) & (X[rows, last, 0] == token)
    if not ends.any():
        return sequences
    at = rows[ends], last[ends]
    X, valid = X.copy(), mask.valid()  # X may be the user's own
    X[at], valid[at] = np.nan, False
    return sequences._replace(X=X, mask=StepMask.of_valid(valid))


class _Draw:
    """How a token is drawn from the outputs of a step."""

    def __init__(
        self, outputs: ClassificationOutputs, temperature: Any, top_k: Any, exclude: Any
    ) -> None:
        is_number = isinstance(temperature, Real) and not isinstance(temperature, bool)
        if not is_number or not 0 <= float(temperature) < np.inf:
            raise ValueError(f"temperature={temperature!r} must be a finite number, 0 or more.")
        self._outputs, self._temperature = outputs, float(temperature)
        self._top_k = None if top_k is None else check_count(top_k, "top_k")
        try:
            excluded = list(exclude)
        except TypeError as error:
            raise TypeError(
                f"exclude={exclude!r} must be a list of tokens, such as [0]."
            ) from error
        for token in excluded:
            self.check_token(token, "exclude")
        self._excluded = np.flatnonzero(np.isin(outputs.classes, excluded))
        if len(self._excluded) == len(outputs.classes):
            raise ValueError(f"exclude={excluded} leaves no token to draw: leave some out.")

    def check_token(self, token: Any, name: str) -> None:
        """Raise ValueError if it isn't one of the tokens."""
        if token not in self._outputs.classes:
            classes = self._outputs.classes
            raise ValueError(
                f"{name}={token!r} is no token: the tokens are {classes[0]} to {classes[-1]}."
            )

    def __call__(self, outputs: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Tokens (B,) from outputs (B, K), by uniform numbers (B,)."""
        # log p up to a constant, which the largest one takes the place of
        q = self._outputs.loss.scores(outputs).astype(np.float64, order="C")  # (B, V), a copy
        if len(self._excluded):
            q[:, self._excluded] = -np.inf
        if self._temperature == 0:
            return self._outputs.classes[q.argmax(axis=1)]
        if self._top_k is not None and self._top_k < q.shape[1]:
            order = np.argsort(-q, axis=1, kind="stable")
            np.put_along_axis(q, order[:, self._top_k :], -np.inf, axis=1)
        q -= q.max(axis=1, keepdims=True)
        q /= self._temperature
        below = np.cumsum(np.exp(q, out=q), axis=1)
        chosen = below > numbers[:, np.newaxis] * below[:, -1:]
        return self._outputs.classes[chosen.argmax(axis=1)]  # the first one


def _check_feeds_itself(estimator):
    """Raise ValueError if labels can't be the next tokens."""
    check_directions(estimator, "generate")
    topology, classes = estimator._topology, estimator.classes_
    if not topology.n_tokens:
        raise ValueError(
            "generate feeds each label back as the next token, but this classifier reads numbers: "
            "set embedding_size, and fit on tokens, such as those of TokenEncoder."
        )
    if not topology.per_step:
        raise ValueError(
            "generate feeds each label back as the next token, but fit had one label per sequence: "
            "call fit without y, which learns the next token of each step."
        )
    if estimator._outputs.multilabel:
        raise ValueError(
            "generate feeds each label back as the next token, but fit had several labels at each "
            "step, of which none or many may be on: draw from step_proba, and make the next input "
            "of them."
        )
    if classes.dtype.kind not in "iuf" or not np.isin(classes, np.arange(topology.n_tokens)).all():
        raise ValueError(
            f"generate feeds each label back as the next token, but the labels {classes[:5]} are "
            "no tokens: call fit without y, which learns the next token of each step."
        )
