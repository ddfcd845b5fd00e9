"""The ports of the sandbox: each listens on, and answers to, this machine alone."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

HOST = "127.0.0.1"
_NAMES = frozenset({HOST, "localhost"})


@web.middleware
async def _same_origin(
    request: web.Request, handler: Callable[[web.Request], Any]
) -> web.StreamResponse:
    """Refuse other sites' pages: a foreign Host (rebinding) or Origin may not act here."""
    host = request.host.partition(":")[0]
    origin = request.headers.get("Origin")
    if host not in _NAMES or (origin and origin != f"http://{request.host}"):
        return web.Response(status=403, text="forbidden")
    response: web.StreamResponse = await handler(request)
    return response


class Listener:
    """Serves a web application on 127.0.0.1, on a port that it keeps when it goes down."""

    def __init__(self, app: web.Application) -> None:
        app.middlewares.insert(0, _same_origin)
        self._app = app
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Base address without a trailing slash; known after `start`."""
        return f"http://{HOST}:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        self.port = port
        await self.open()

    async def open(self) -> None:
        """Accept connections, on the port used before; nothing happens when already open."""
        if self._runner is None or self._site is not None:
            return
        self._site = web.TCPSite(self._runner, HOST, self.port, reuse_address=True)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Refuse connections; the port is kept for `open`."""
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def stop(self) -> None:
        """End for good."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._site = None
