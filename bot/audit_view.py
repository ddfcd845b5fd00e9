"""The audit trail on a terminal: who asked, what was shown, who decided, what came of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.storage.audit import AuditEntry, Verification

SOUND, BROKEN = 0, 1


def show(entries: Iterable[AuditEntry], console: Console) -> None:
    """Print entries oldest first, one row each."""
    table = Table("#", "when (UTC)", "proposal", "what", "who", "detail", "head", box=None)
    for entry in entries:
        number, _, digest = entry.head.partition(".")
        table.add_row(
            number,
            entry.at.strftime("%Y-%m-%d %H:%M:%S"),
            entry.proposal_id[:8],
            entry.event,
            Text(entry.actor),
            Text(_told(entry.detail)),
            digest[:8],
        )
    console.print(table if table.row_count else "The trail is empty.")


def verified(found: Verification, console: Console) -> int:
    """Print what the check found and return the exit code."""
    if found.sound:
        console.print(f"{found.rows} entries, unchanged.")
        return SOUND
    for problem in found.problems:
        console.print(Text(problem))
    console.print(f"{found.rows} entries, {len(found.problems)} problems.")
    return BROKEN


def _told(detail: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in detail.items() if value not in (None, ""))
