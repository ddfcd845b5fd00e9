"""Are we ready, and how do we do: what the health server asks of the running parts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from bot.errors import DangjikError, StartError, StorageError
from bot.handlers.slack_app import SlackApp
from bot.observability import Telemetry
from bot.ports import Clock
from bot.storage.audit import lock
from bot.storage.database import Database
from bot.storage.records import SqlFigures

_LOG = structlog.get_logger(__name__)
CHECK_LIMIT = 5.0  # seconds a readiness check may take
Check = Callable[[], Awaitable[str]]
"""Returns why the part is not ready, or an empty string."""


class HealthServer:
    """Serves /healthz, /readyz and /metrics.

    `checks` are the parts readiness needs, by name; `figures` returns Prometheus text.
    """

    def __init__(
        self,
        port: int,
        checks: Mapping[str, Check],
        figures: Callable[[], Awaitable[bytes]],
        host: str,
    ) -> None:
        self._address = (host, port)
        self._checks = checks
        self._figures = figures
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._runner is not None  # noqa: S101 - asked only after start
        return int(self._runner.addresses[0][1])

    async def start(self) -> None:
        """Listen. Raises StartError when the port is taken."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/healthz", self._alive),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, *self._address).start()
        except OSError as error:
            await self._runner.cleanup()
            reason = error.strerror or str(error)
            raise StartError(f"HEALTH_PORT {self._address[1]} cannot be used: {reason}") from None

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        answers = await asyncio.gather(*(reason_of(check) for check in self._checks.values()))
        reasons = dict(zip(self._checks, answers, strict=True))
        ready = not any(reasons.values())
        body = {"ready": ready, "parts": {name: why or "ok" for name, why in reasons.items()}}
        return web.json_response(body, status=200 if ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        text = await self._figures()
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4"})


async def reason_of(check: Check) -> str:
    """Return why a part is not ready, or an empty string; ends within CHECK_LIMIT."""
    try:
        async with asyncio.timeout(CHECK_LIMIT):
            return await check()
    except TimeoutError:
        return "no answer in time"
    except DangjikError as error:
        _LOG.warning("not_ready", error=str(error))
        return type(error).__name__


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


@dataclass(slots=True, eq=False)
class Figures:
    """Refreshes the figures that are read, not counted, and returns all of them.

    A database that cannot be read leaves its figures as they were; `ready` tells of it.
    """

    telemetry: Telemetry
    edge: SlackApp | None
    rows: SqlFigures
    checks: Mapping[str, Check]
    _missed: int = field(default=0, init=False)

    async def __call__(self) -> bytes:
        """Return Prometheus text."""
        if self.edge is not None:
            await self._slack(self.edge)
        with suppress(StorageError):  # the check of the storage, below, says so
            await self._storage()
        for name, check in self.checks.items():
            self.telemetry.ready.labels(name).set(not await reason_of(check))
        return self.telemetry.text()

    async def _slack(self, edge: SlackApp) -> None:
        state, figures = await edge.state(), self.telemetry
        figures.sockets.set(state.connected)
        figures.pong_age.set(max(state.pongs, default=0.0))
        figures.event_age.set(state.heard or 0.0)
        missed = edge.hearing.missed
        figures.events_missed.inc(missed - self._missed)
        self._missed = missed

    async def _storage(self) -> None:
        found, figures = await self.rows.read(), self.telemetry
        for where, count in found.waiting.items():
            figures.waiting.labels(where).set(count)
            figures.oldest.labels(where).set(found.oldest[where])
        for state, count in found.cards.items():
            figures.cards.labels(state).set(count)
        figures.needs_human.set(found.needs_human)
        figures.frozen.set(found.frozen)
