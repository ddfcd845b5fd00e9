"""Random interleavings of clicks in Slack, decisions over the API, crashes, replicas and faults over the real store and desk."""

import pytest

from tests.reliability.interleaving import play
from tests.reliability.stepping import fresh_memory
from tests.reliability.world import World


def _interleave(seeds: range) -> None:
    connection = fresh_memory()
    reached = 0
    for seed in seeds:
        violations, calls = play(World, connection, seed)
        assert not violations, f"seed {seed}: {violations}"
        reached += calls > 0
    connection.close()
    assert reached >= len(seeds) * 0.2, f"only {reached} of {len(seeds)} reached the kill call"


def test_200_random_interleavings_break_no_invariant() -> None:
    """No order of events leads to a second, wrong or unapproved kill, or to a lost click."""
    _interleave(range(200))


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("first", range(0, 10_000, 2_500))
def test_10000_random_interleavings_break_no_invariant(first: int) -> None:
    """The same in four parts, often enough to find a fault seen in 7 of 10,000 runs."""
    _interleave(range(first, first + 2_500))
