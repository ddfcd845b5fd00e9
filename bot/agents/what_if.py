"""What a kill should give back, from the figures of one read."""

from collections.abc import Sequence

from bot.agents.facts import Relief
from bot.domain.applications import Application, RunningApplications
from bot.domain.conversation import ListingRow


def relief_points(application: Application, snapshot: RunningApplications) -> float | None:
    """Return the CPU percentage points an application's end should free, at most its share."""
    share = snapshot.share(application)
    return None if share is None else min(share, 1.0) * 100


def expected(
    rows: Sequence[ListingRow], snapshot: RunningApplications
) -> tuple[tuple[Relief, ...], tuple[ListingRow, ...]]:
    """Return the relief of each row that still runs, and the rows that do not."""
    running = {item.ref: item for item in snapshot.applications if not item.state.over}
    reliefs = tuple(
        Relief(row, running[row.ref].cores, relief_points(running[row.ref], snapshot))
        for row in rows
        if row.ref in running
    )
    return reliefs, tuple(row for row in rows if row.ref not in running)
