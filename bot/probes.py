"""Are we ready, and how do we do: what the health server asks of the running parts."""

from bot.handlers.edge import SlackEdge
from bot.handlers.health import Check
from bot.ports import Clock
from bot.storage.database import Database
from bot.storage.inbox import SqlInbox
from bot.storage.outbox import SqlOutbox
from bot.storage.proposals import lock
from bot.telemetry import Telemetry

STALE_AFTER = 30.0  # seconds without a sign of life from a socket


def slack_check(edge: SlackEdge, stale_after: float = STALE_AFTER) -> Check:
    """Return the check that at least one socket is open, and all show signs of life."""

    async def check() -> str:
        state = await edge.state()
        if not state.connected:
            return "no socket to Slack"
        if state.oldest_pong is not None and state.oldest_pong > stale_after:
            return f"no sign of life from a socket for {state.oldest_pong:.0f} s"
        return ""

    return check


def storage_check(database: Database, clock: Clock) -> Check:
    """Return the check that the database takes a write. It raises StorageError."""

    async def check() -> str:
        await database.transact(lambda connection: lock(connection, clock()))
        return ""

    return check


class Figures:
    """Refreshes the figures that are read, not counted, and returns all of them."""

    def __init__(
        self, telemetry: Telemetry, edge: SlackEdge, inbox: SqlInbox, outbox: SqlOutbox
    ) -> None:
        self._telemetry = telemetry
        self._edge = edge
        self._inbox = inbox
        self._outbox = outbox

    async def __call__(self) -> bytes:
        """Return Prometheus text."""
        state = await self._edge.state()
        self._telemetry.sockets.set(state.connected)
        self._telemetry.pong_age.set(state.oldest_pong or 0.0)
        self._telemetry.waiting.labels("inbox").set(await self._inbox.backlog())
        self._telemetry.waiting.labels("outbox").set(await self._outbox.backlog())
        return self._telemetry.text()
