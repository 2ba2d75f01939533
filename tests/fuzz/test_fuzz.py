"""A small run of the fuzzer. ``python -m tests.fuzz`` makes a long one."""

import pytest

from .cases import run_case

pytestmark = pytest.mark.fuzz


@pytest.mark.parametrize("seed", range(250))
def test_random_calls(seed):
    _, drawn, findings = run_case(seed)
    found = "\n".join(f"{finding.kind}: {finding.text}\n{finding.trace}" for finding in findings)
    assert not findings, f"{found}\n{drawn}\nreplay: python -m tests.fuzz --replay {seed}"
