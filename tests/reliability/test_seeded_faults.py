"""Each guard switched off is found by the random search: its silence means something."""

import pytest

from tests.reliability.interleaving import play
from tests.reliability.seeded import (
    FAULTS,
    CachedRecheck,
    NoAuthorisation,
    NoCompare,
    NoExpiry,
    NoOutbox,
    NoSelfCheck,
    NoSendGuard,
    Replay,
)
from tests.reliability.stepping import fresh_memory
from tests.reliability.world import World

RARE = {NoAuthorisation, NoCompare, NoExpiry, Replay}
# Where the search found them before, looked at first; when the product changes, it searches again.
MET = {CachedRecheck: 44, NoSendGuard: 97, NoOutbox: 17, NoSelfCheck: 15}


def _found(fault: type[World], runs: int) -> bool:
    connection = fresh_memory()
    try:
        for seed in (MET.get(fault, 0), *range(runs)):
            violations, _ = play(fault, connection, seed)
            if any(each.startswith(FAULTS[fault]) for each in violations):
                return True
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("fault", [each for each in FAULTS if each not in RARE])
def test_a_switched_off_guard_is_found(fault: type[World]) -> None:
    """Within 400 runs, by breaking the very invariant that the guard keeps."""
    assert _found(fault, 400)


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("fault", list(FAULTS))
def test_every_switched_off_guard_is_found(fault: type[World]) -> None:
    """Within 10,000 runs, the number of the long tier."""
    assert _found(fault, 10_000)
