"""What a kill should give back, from the figures of one read."""

from collections.abc import Sequence

from bot.agents.facts import Relief
from bot.domain.applications import RunningApplications
from bot.domain.conversation import ListingRow
from bot.domain.core_usage import freed_points


def expected(
    rows: Sequence[ListingRow], snapshot: RunningApplications
) -> tuple[tuple[Relief, ...], tuple[ListingRow, ...]]:
    """Return the relief of each row that still runs, and the rows that do not."""
    running = {item.ref: item for item in snapshot.applications if not item.state.over}
    reliefs = tuple(
        Relief(row, running[row.ref], freed_points(running[row.ref], snapshot))
        for row in rows
        if row.ref in running
    )
    return reliefs, tuple(row for row in rows if row.ref not in running)
