"""What a topology refuses."""

import pytest

from tests.helpers.networks import stacked_network

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    "options", [{"bptt_steps": 3}, {"cell": "jordan"}], ids=["bptt_steps", "jordan"]
)
def test_what_bidirectional_can_not_be_combined_with(options):
    cell = options.pop("cell", "lstm")
    with pytest.raises(ValueError, match="bidirectional=True can't be combined with"):
        stacked_network(cell, "1 both ways", per_step=False, **options)
