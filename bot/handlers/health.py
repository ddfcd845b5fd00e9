"""What operators and their tools ask: alive, ready, and the figures."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from bot.errors import DangjikError, StartError

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
