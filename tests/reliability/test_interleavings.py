"""Random interleavings of clicks, crashes, replicas and faults over the real store and desk."""

import pytest

from tests.reliability.interleaving import play
from tests.reliability.stepping import fresh_memory
from tests.reliability.world import World


def _interleave(runs: int) -> None:
    connection = fresh_memory()
    reached = 0
    for seed in range(runs):
        violations, calls = play(World, connection, seed)
        assert not violations, f"seed {seed}: {violations}"
        reached += calls > 0
    connection.close()
    assert reached >= runs * 0.2, f"only {reached} of {runs} runs reached the kill call"


def test_1000_random_interleavings_break_no_invariant() -> None:
    """No order of events leads to a second, wrong or unapproved kill, or to a lost click."""
    _interleave(1000)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_10000_random_interleavings_break_no_invariant() -> None:
    """The same, often enough to find a fault seen in 7 of 10,000 runs."""
    _interleave(10_000)
