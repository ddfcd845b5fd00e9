"""Forgets rows nobody will ask for again: done work, sent posts, old guide answers and records."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import structlog

from bot.errors import DangjikError

_LOG = structlog.get_logger(__name__)
# Slack redelivers for some five minutes, and nobody edits a post of last month.
MESSAGES_KEPT = timedelta(days=30)
# As long as the buttons under an answer or a record work, and a thread is remembered.
BUTTONS_KEPT = timedelta(days=90)


class Prunable(Protocol):
    """Rows that grow old."""

    async def prune(self, older_than: timedelta) -> int:
        """Forget what is that old; return how many rows. Raises StorageError."""
        ...


async def prune(kept: Mapping[str, tuple[Prunable, timedelta]]) -> dict[str, int]:
    """Return how many rows went, by what they held; a failure is logged, and the rest goes on.

    Several replicas may do so at once.
    """
    gone: dict[str, int] = {}
    for name, (rows, age) in kept.items():
        try:
            gone[name] = await rows.prune(age)
        except DangjikError as error:
            _LOG.warning("rows_not_pruned", rows=name, error=str(error))
    if any(gone.values()):
        _LOG.info("rows_pruned", **gone)
    return gone
