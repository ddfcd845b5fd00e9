"""A storm of alerts, and a thread that goes on and on: nothing lost, nothing swollen."""

from pathlib import Path

import pytest

from tests.bench.alerts import burst
from tests.bench.turns import long_thread

CHECKPOINT_MB = 0.5
CHANNELS = 10  # of a burst


async def test_300_alerts_in_10_seconds_are_50_investigations(tmp_path: Path) -> None:
    """Repeats and redeliveries fold into their group; each channel is told once that it floods.

    How quick the acks are is a figure of `make bench` (`alert_burst_ack_p99_s`).
    """
    found = await burst(tmp_path, 300, 50, 10.0)
    assert (found.lost, found.investigations, found.replies) == (0, 50, 50)
    assert found.floods == CHANNELS


@pytest.mark.long
async def test_1000_alerts_in_a_minute_are_50_investigations(tmp_path: Path) -> None:
    """The same at full size."""
    found = await burst(tmp_path, 1000, 50, 60.0)
    assert (found.lost, found.investigations, found.replies) == (0, 50, 50)
    assert found.floods == CHANNELS


@pytest.mark.long
async def test_a_hundred_turns_over_long_lists_keep_half_a_megabyte() -> None:
    """The thread's checkpoints stay small however long it goes on."""
    assert (await long_thread())["checkpoint_mb_100_turns"] <= CHECKPOINT_MB
