"""What files call the private parts of fitted networks; these names stay, whatever ours become."""

from typing import Any

from .._engine.cross_entropy import BinaryCrossEntropy, CrossEntropy, MultilabelCrossEntropy
from .._engine.encoder_decoder_topology import EncoderDecoderTopology
from .._engine.losses import LOSSES
from .._engine.predictor import Predictor
from .._engine.target_statistics import TargetStatistics
from .._engine.topology import Topology
from .._saving.plain import PlainValues
from .._training.training_run import Checkpoint
from .._validation.input_layout import InputLayout
from ..cells import CELLS
from .checkpoint import Saved
from .classification_targets import ClassificationOutputs
from .history import History, Seen
from .label_sequence_targets import LabelSequenceOutputs
from .multilabel_targets import MultilabelOutputs
from .regression_targets import RegressionOutputs

PRIVATE = {
    "_input_layout": "input_layout",
    "_topology": "topology",
    "_outputs": "outputs",
    "_saved": "checkpoint",
    "_history": "history",
}
VALUES = PlainValues(
    {
        "input_layout": InputLayout,
        "network": Topology,
        "encoder_decoder": EncoderDecoderTopology,
        **{f"{name}_cell": own for name, own in CELLS.items()},
        **{f"{name}_loss": own for name, own in LOSSES.items()},
        "cross_entropy_loss": CrossEntropy,
        "binary_cross_entropy_loss": BinaryCrossEntropy,
        "multilabel_cross_entropy_loss": MultilabelCrossEntropy,
        "regression": RegressionOutputs,
        "classification": ClassificationOutputs,
        "multilabel_classification": MultilabelOutputs,
        "label_sequences": LabelSequenceOutputs,
        "checkpoint": Saved,
        "training": Checkpoint,
        "history": History,
        "seen_targets": Seen,
        "target_statistics": TargetStatistics,
    }
)


def check_restored(estimator: Any) -> None:
    """Raise ValueError if a fitted network that was saved misses a part, or some of its weights."""
    name = type(estimator).__name__
    missing = [called for own, called in PRIVATE.items() if own not in vars(estimator)]
    if missing:
        raise ValueError(
            f"The saved {name} is damaged: it misses {missing}. Save the fitted estimator again, "
            "or fit it again."
        )
    shape, size = estimator.parameters_.shape, Predictor(estimator._topology).layout.size
    if shape != (size,):
        raise ValueError(
            f"The saved {name} is damaged: it has weights of the shape {shape}, but its network "
            f"needs {(size,)}. Save the fitted estimator again, or fit it again."
        )
