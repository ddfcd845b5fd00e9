"""Are we ready, and how do we do: what the health server asks of the running parts."""

from collections.abc import Mapping
from contextlib import suppress

from bot.errors import StorageError
from bot.handlers.health import Check, reason_of
from bot.handlers.slack_app import SlackApp
from bot.observability.telemetry import Telemetry
from bot.ports import Clock
from bot.storage.database import Database
from bot.storage.desk_row import lock
from bot.storage.records import SqlFigures

STALE_AFTER = 25.0  # seconds without a sign of life; ours come every 10, and red must be by 30


def slack_check(edge: SlackApp, stale_after: float = STALE_AFTER) -> Check:
    """Return the check that a socket is open, shows signs of life, and brings what it should."""

    async def check() -> str:
        state = await edge.state()
        if not state.connected:
            return "no socket to Slack"
        if not state.lively(stale_after):
            return f"no sign of life from a socket for {min(state.pongs):.0f} s"
        if edge.hearing.deaf:
            return "messages stand in Slack whose events never came"
        return ""

    return check


def storage_check(database: Database, clock: Clock) -> Check:
    """Return the check that the database takes a write. It raises StorageError."""

    async def check() -> str:
        await database.transact(lambda connection: lock(connection, clock()))
        return ""

    return check


class Figures:
    """Refreshes the figures that are read, not counted, and returns all of them.

    A database that cannot be read leaves its figures as they were; `ready` tells of it.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        edge: SlackApp | None,
        rows: SqlFigures,
        checks: Mapping[str, Check],
    ) -> None:
        self._telemetry = telemetry
        self._edge = edge
        self._rows = rows
        self._checks = checks
        self._missed = 0

    async def __call__(self) -> bytes:
        """Return Prometheus text."""
        if self._edge is not None:
            await self._slack(self._edge)
        with suppress(StorageError):  # the check of the storage, below, says so
            await self._storage()
        for name, check in self._checks.items():
            self._telemetry.ready.labels(name).set(not await reason_of(check))
        return self._telemetry.text()

    async def _slack(self, edge: SlackApp) -> None:
        state, figures = await edge.state(), self._telemetry
        figures.sockets.set(state.connected)
        figures.pong_age.set(max(state.pongs, default=0.0))
        figures.event_age.set(state.heard or 0.0)
        missed = edge.hearing.missed
        figures.events_missed.inc(missed - self._missed)
        self._missed = missed

    async def _storage(self) -> None:
        found, figures = await self._rows.read(), self._telemetry
        for where, count in found.waiting.items():
            figures.waiting.labels(where).set(count)
            figures.oldest.labels(where).set(found.oldest[where])
        for state, count in found.cards.items():
            figures.cards.labels(state).set(count)
        figures.needs_human.set(found.needs_human)
        figures.frozen.set(found.frozen)
