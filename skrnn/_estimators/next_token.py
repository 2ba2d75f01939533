"""The next token of each step as its label: a language model, trained without y."""

from typing import Any

import numpy as np

from .._engine.masking import next_steps_of
from .._engine.topology import Topology
from .._validation.sequences import Sequences
from .._validation.targets import require_y


def learns_next_token(estimator: Any, y: Any) -> bool:
    """Whether a fit of a classifier with this y makes its labels of the tokens of X."""
    return y is None and estimator.embedding_size is not None


def next_tokens(
    estimator: Any, sequences: Sequences, classes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """The number of each step's class (N, T, 1), NaN at the last step, and the classes.

    ``classes`` are those of the fit that this one resumes, if there is one.
    """
    tokens = np.arange(estimator._input_layout.n_tokens)
    if estimator.bidirectional:
        raise ValueError(
            "Without y, the label of each step is the next token, which bidirectional=True reads: "
            "set bidirectional=False."
        )
    if len(tokens) < 2:
        raise ValueError(
            "Without y, the label of each step is the next token, but X has the token 0 only: it "
            "needs two tokens or more. See n_tokens=."
        )
    if classes is not None and not np.array_equal(classes, tokens):
        raise ValueError(
            f"Without y, the classes are the tokens 0 to {tokens[-1]}, but the fit that this one "
            "resumes had others: pass y, or start again by fit with warm_start=False."
        )
    valid = sequences.mask.valid()
    return next_steps_of(sequences.X, valid).astype(np.float64), tokens


def check_predicts_tokens(estimator: Any, topology: Topology) -> None:
    """Raise ValueError unless a fitted classifier predicts a token at each step."""
    tokens = np.arange(topology.n_tokens)
    labels_are_tokens = np.array_equal(estimator.classes_, tokens)
    per_step = topology.per_step and not estimator._outputs.multilabel
    if not (per_step and topology.n_tokens and labels_are_tokens):
        hint = (
            " Without y, the true labels are the next tokens: of a classifier with embedding_size, "
            "whose fit had no y either."
        )
        require_y(estimator, None, hint)
