"""scikit-learn's checks of the transformers of sequences."""

import pytest
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skrnn import (
    RowsToSequences,
    SequencePadder,
    SequencePatcher,
    SequenceScaler,
)

pytestmark = pytest.mark.core


@parametrize_with_checks(
    [
        RowsToSequences(),
        SequencePadder(),
        SequencePatcher(3),
        SequenceScaler(),
        SequenceScaler(MinMaxScaler()),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
