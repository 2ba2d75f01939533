"""What an encoder-decoder is made of."""

from dataclasses import dataclass

import numpy as np

from .losses import Loss, SquaredError
from .topology import Topology


@dataclass(frozen=True)
class EncoderDecoderTopology(Topology):
    """An encoder of D inputs, and a decoder whose inputs are the targets of the step before.

    Both have the same cell and layers. The encoder alone may be bidirectional. The inputs of the
    decoder are numbers, or labels: then the first K outputs are those of the labels, and one more
    is that of the sequence's end, if sequences have one.

    Parameters
    ----------
    n_steps : int
        S, the steps of a prediction.
    n_fed_back : int
        J, the values that the decoder reads at a step.
    feedback : Loss
        Which predictions the decoder reads, of its outputs: `Loss.fed_back`.
    n_labels : int
        The labels that the decoder reads and writes; 0: numbers.
    label_size : int
        U, the numbers of the vector that stands for a label.
    teacher_forcing : float
        Share of the decoder's inputs that are targets in training, rather than predictions.

    Notes
    -----
    Without inputs, there is no encoder, and the decoder starts from the static covariates.
    """

    n_steps: int = 1
    n_fed_back: int = 1
    feedback: Loss = SquaredError()  # noqa: RUF009
    n_labels: int = 0
    label_size: int = 0
    teacher_forcing: float = 1.0

    def __post_init__(self):
        if self.cell.output_feedback:
            raise ValueError(
                f"cell={type(self.cell).__name__} reads the network's output of the previous step, "
                "which a decoder reads anyway, and an encoder doesn't have: use another cell."
            )
        if self.n_inputs == 0 and (self.attention or self.bidirectional):
            what, fix = "bidirectional=True", "bidirectional=False"
            if self.attention:
                what, fix = "attention='dot'", "attention=None"
            raise ValueError(
                f"{what} concerns the steps that an encoder reads, but static_features are all "
                f"columns of X, so that there is no encoder: set {fix}."
            )

    def output_steps(self, n_steps: int) -> int:
        """S, whatever the T of the inputs."""
        return self.n_steps

    @property
    def feeds_back(self) -> bool:
        """The decoder reads outputs."""
        return True

    @property
    def has_jacobian(self) -> bool:
        """Only the derivatives of the loss."""
        return False

    @property
    def batched_weights(self) -> bool:
        """One network at a time: decoders of several would read different inputs."""
        return False

    @property
    def goes_on(self) -> bool:
        """The decoder begins when the encoder has read all steps."""
        return False

    @property
    def ends(self) -> bool:
        """Whether sequences of labels have an end, whose number is that after the last label."""
        return 0 < self.n_labels < self.n_outputs

    # --- what the decoder reads ---

    @property
    def start(self) -> int:
        """What it reads at first: 0, or the number after the last label."""
        return self.n_labels

    def first_read(self, n_sequences: int) -> np.ndarray:
        """What it reads at first, (1, J, B)."""
        return np.full((1, self.n_fed_back, n_sequences), self.start, self.dtype)

    def fed_back(self, outputs: np.ndarray) -> np.ndarray:
        """What it reads (S, J, B) of its outputs (S, K, B).

        Of labels, that is the likeliest one, as nothing is read after an end.
        """
        if self.n_labels:
            label = outputs[:, : self.n_labels].argmax(axis=1)
            return label[:, np.newaxis].astype(self.dtype)
        return self.feedback.fed_back(outputs.swapaxes(1, 2)).swapaxes(1, 2)

    # --- the parts ---

    def encoder(self) -> Topology | None:
        """The encoder, which has no readout, or None."""
        if self.n_inputs == 0:
            return None
        return self._part(
            n_inputs=self.n_inputs,
            n_outputs=0,
            per_step=self.attention,
            n_static=self.n_static,
            bidirectional=self.bidirectional,
            learn_initial_state=self.learn_initial_state,
            n_tokens=self.n_tokens,
            embedding_size=self.embedding_size,
        )

    def decoder(self) -> Topology:
        """The decoder; without an encoder, it has an initial state of its own."""
        alone = self.n_inputs == 0
        return self._part(
            n_inputs=self.n_fed_back,
            n_outputs=self.n_outputs,
            per_step=True,
            n_static=self.n_static if alone else 0,
            learn_initial_state=alone and self.learn_initial_state,
            attention=self.attention,
            n_tokens=self.n_labels and self.n_labels + 1,  # and the start
            embedding_size=self.label_size,
        )

    def _part(self, **own):
        names = "cell", "hidden_sizes", "dtype", "activation", "dropout", "recurrent_dropout"
        return Topology(**{name: getattr(self, name) for name in names} | own)
