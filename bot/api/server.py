"""Serves the gateway on one port, beside whatever else the process does."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp

from bot.api.gateway import Core, Gateway
from bot.api.guard import Guard
from bot.api.rest import rest_app
from bot.errors import StartError

_LOG = structlog.get_logger(__name__)
CONNECTIONS = 200
STOP_WITHIN = 5  # seconds for the calls that are being answered


class ApiServer:
    """Listens from `start` to `stop`. `hosts`: the address, then further names we answer to."""

    def __init__(self, core: Core, hosts: tuple[str, ...], port: int) -> None:
        self._gateway = Gateway(core)
        within = rest_app(self._gateway)
        self._app: ASGIApp = Guard(within, core.book, hosts, core.limits, core.heard)
        self._address = (hosts[0], port)
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._socket is not None  # noqa: S101 - asked only after start
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises StartError when the port is taken."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        try:
            self._socket = socket.create_server(self._address, family=family, backlog=CONNECTIONS)
        except OSError as error:
            reason = error.strerror or str(error)
            raise StartError(f"API_PORT {self._address[1]} cannot be used: {reason}") from None
        # Inherited by each connection: an answer's head and body would else wait 40 ms for another.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=STOP_WITHIN,
        )
        self._server = _Quiet(config)
        self._serving = asyncio.create_task(self._server.serve([self._socket]))
        _LOG.info("api_listening", port=self.port)

    async def stop(self) -> None:
        """Answer what is being answered, and stop listening."""
        await self._gateway.stop()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.gather(self._serving, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()


class _Quiet(uvicorn.Server):
    """A server that leaves the process's signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
