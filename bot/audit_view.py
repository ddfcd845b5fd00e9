"""The audit trail on a terminal: who asked, what was shown, who decided, what came of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.domain.language import Language
from bot.domain.trail import AuditEntry, Verification
from bot.texts import commands as texts


class AuditView:
    """Prints in one language; what is stored is printed as it is."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language = language

    def show(self, entries: Iterable[AuditEntry]) -> None:
        """Print entries oldest first, one row each."""
        table = Table(*texts.TRAIL_HEADS(self._language).split("|"), box=None)
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
        self._console.print(table if table.row_count else texts.TRAIL_EMPTY(self._language))

    def verified(self, found: Verification) -> bool:
        """Print what the check found; True when nothing was changed."""
        for problem in found.problems:
            self._console.print(Text(problem))
        sums = texts.TRAIL_SOUND if found.sound else texts.TRAIL_BROKEN
        counts = {"rows": found.rows, "problems": len(found.problems)}
        self._console.print(sums(self._language, **counts))
        return found.sound


def _told(detail: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in detail.items() if value not in (None, ""))
