"""The platform messages are read against, and what their threads hold."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.applications import ApplicationRef
from bot.domain.conversation import ListingRow, ThreadView

DATA = Path(__file__).parents[2] / "evals" / "data"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def platform_rows() -> tuple[ListingRow, ...]:
    found = json.loads((DATA / "platform.json").read_text(encoding="utf-8"))["applications"]
    return tuple(_row(rank, item) for rank, item in enumerate(found, start=1))


def _row(rank: int, item: dict[str, Any]) -> ListingRow:
    return ListingRow(
        rank=rank,
        ref=ApplicationRef("prod-dw", "yarn", item["id"]),
        attempt=1,
        name=item["name"],
        user=item["user"],
        queue=item["queue"],
        started_at=NOW - timedelta(minutes=item["minutes_running"]),
        cores=float(item["vcores"]),
        memory=item["memory_mb"] * 2**20,
        cores_basis="granted",
        protected=item.get("protected", False),
    )


ROWS = platform_rows()


CARDS = {"P12": (1, 2), "P34": (3, 4), "P2": (2,)}


def view(context: str, rows: tuple[ListingRow, ...] = ROWS) -> ThreadView:
    """Return what the thread holds in a context of the evaluation sets."""
    listed = {"none": 0, "L3": 3}.get(context, 5)
    known = frozenset(row.name for row in rows)
    return ThreadView(
        listed=listed,
        open_card=context in CARDS,
        on_card=CARDS.get(context, ()),
        kills_proved=context == "K",
        names=known,
        users=frozenset(row.user for row in rows),
        queues=frozenset(row.queue for row in rows),
        rows=rows[:listed],
        running=rows[2:] if context == "K" else rows,
        at=NOW,
        looked_at=context == "D2",
        looked_at_rank=2 if context == "D2" else None,
    )
