"""Which bots posted in the alert channels lately, and how each one's posts would be read."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.domain.alerts import AlertStatus
from bot.domain.findings import Check, Level
from bot.handlers.alerts.reading import read, sender_of

MOST_SENDERS = 10
KINDS = {AlertStatus.FIRING: "firing", AlertStatus.RESOLVED: "over"}


def senders_in(
    messages: Iterable[Mapping[str, Any]],
    ours: str,
    speaks_of: Callable[[str], bool] | None = None,
) -> list[Check]:
    """Return a line per sender: how many posts are alerts, ends, and nothing to us."""
    counts: dict[str, Counter[str]] = {}
    for each in messages:
        if not each.get("bot_id") or each.get("bot_id") == ours:
            continue
        message = dict(each)
        status = read(message, speaks_of).status
        kind = KINDS.get(status, "none") if status else "none"
        counts.setdefault(sender_of(message)[:80], Counter())[kind] += 1
    busiest = sorted(counts.items(), key=lambda item: -item[1].total())[:MOST_SENDERS]
    return [
        Check(
            "senders",
            Level.OK,
            "sender_read",
            {"sender": name, **{kind: str(found[kind]) for kind in ("firing", "over", "none")}},
        )
        for name, found in busiest
    ]
