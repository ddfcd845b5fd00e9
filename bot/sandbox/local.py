"""What every port of the sandbox has in common: it listens on, and answers to, this machine alone."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

HOST = "127.0.0.1"
_NAMES = frozenset({HOST, "localhost"})


@web.middleware
async def same_origin(
    request: web.Request, handler: Callable[[web.Request], Any]
) -> web.StreamResponse:
    """Refuse other sites' pages: a foreign Host (rebinding) or Origin may not act here."""
    host = request.host.partition(":")[0]
    origin = request.headers.get("Origin")
    if host not in _NAMES or (origin and origin != f"http://{request.host}"):
        return web.Response(status=403, text="forbidden")
    response: web.StreamResponse = await handler(request)
    return response
