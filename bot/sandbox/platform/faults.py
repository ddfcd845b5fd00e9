"""Faults a test switches on: answers that real systems give on bad days."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML_PAGE = "<html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
NO_ACTIVE = "There is no active RM right now."
NEVER_REDIRECTED = "/ws/v1/cluster/info"


class Kind(StrEnum):
    """What goes wrong. The first block fits any server, the others one of them."""

    REFUSED = "refused"  # nothing listens; open connections are cut
    SERVER_ERROR = "server_error"  # 500 with a stack trace
    UNAVAILABLE = "unavailable"  # 503 in plain text
    UNAUTHORIZED = "unauthorized"  # 401 Negotiate
    HTML = "html"  # 200 with a sign-in page
    CUT_BODY = "cut_body"  # half the body, then the connection ends
    DROP_RESPONSE = "drop_response"  # the request is carried out, its answer is lost
    HANG = "hang"  # no answer until the fault is lifted
    REDIRECT_LOOP = "redirect_loop"  # 307 to itself

    STANDBY = "standby"  # 307 with a Location at the address `location`
    STANDBY_REFRESH = "standby_refresh"  # 307 with Refresh and no Location
    NO_ACTIVE = "no_active"  # 200, plain text
    KILL_IGNORED = "kill_ignored"  # 202, and nothing happens
    KILL_FORBIDDEN = "kill_forbidden"  # 403 in plain text whoever asks
    OLD_VERSION = "old_version"  # knows only one word for deSelects

    NAN = "nan"  # every value is NaN
    NEGATIVE = "negative"  # values a little below zero
    EMPTY = "empty"  # result []
    STALE = "stale"  # nothing has been scraped since the fault began


STANDBY_KINDS = frozenset({Kind.STANDBY, Kind.STANDBY_REFRESH, Kind.NO_ACTIVE})


@dataclass(slots=True)
class Fault:
    """One switched-on fault.

    `match`: part of "METHOD /path", of the query or of the application id; `times`: after so
    many uses it goes away, None: never; `location`: base address a standby names.
    """

    kind: Kind
    match: str = ""
    times: int | None = None
    location: str = ""
    lifted: asyncio.Event = field(default_factory=asyncio.Event)


class Faults:
    """The faults of one server."""

    def __init__(self) -> None:
        self._active: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._active.append(fault)

    def clear(self) -> None:
        """Switch all off and let hanging requests go on."""
        for fault in self._active:
            fault.lifted.set()
        self._active.clear()

    def take(self, kinds: frozenset[Kind], text: str = "") -> Fault | None:
        """Return a matching fault and count it as used; exhausted ones go away."""
        for fault in self._active:
            if fault.kind in kinds and fault.match in text:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._active.remove(fault)
                return fault
        return None

    def has(self, kinds: frozenset[Kind]) -> bool:
        """Say whether one is on, without using it up."""
        return any(fault.kind in kinds for fault in self._active)


CANNED = frozenset(
    {Kind.SERVER_ERROR, Kind.UNAVAILABLE, Kind.UNAUTHORIZED, Kind.HTML, Kind.REDIRECT_LOOP}
)
WIRE = CANNED | {Kind.REFUSED, Kind.CUT_BODY, Kind.DROP_RESPONSE, Kind.HANG}


async def answer(faults: Faults, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request as the faults of its server demand."""
    if request.path != NEVER_REDIRECTED:
        standby = faults.take(STANDBY_KINDS, request.path)
        if standby is not None:
            return _standby(standby, request)
    fault = faults.take(WIRE, f"{request.method} {request.path}")
    return await (handler(request) if fault is None else _faulty(fault, request, handler))


def application(faults: Faults, *routes: web.RouteDef) -> web.Application:
    """Build a web application whose every answer is what its faults make of it."""

    @web.middleware
    async def faulty(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await answer(faults, request, handler)

    app = web.Application(middlewares=[faulty])
    app.add_routes(routes)
    return app


async def _faulty(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    if fault.kind in CANNED:
        return _canned(fault.kind, request)
    if fault.kind is Kind.REFUSED:
        return _cut(request)
    if fault.kind is Kind.HANG:
        await fault.lifted.wait()
    response = await handler(request)
    if fault.kind is Kind.DROP_RESPONSE:
        return _cut(request)
    return await _half(request, response) if fault.kind is Kind.CUT_BODY else response


def _canned(kind: Kind, request: web.Request) -> web.Response:
    if kind is Kind.HTML:
        return web.Response(text=HTML_PAGE, content_type="text/html")
    if kind is Kind.UNAVAILABLE:
        return web.Response(status=503, text="Service Unavailable")
    if kind is Kind.UNAUTHORIZED:
        return web.Response(
            status=401, text="Authentication required", headers={"WWW-Authenticate": "Negotiate"}
        )
    if kind is Kind.REDIRECT_LOOP:
        return web.Response(status=307, headers={"Location": str(request.url)})
    return web.Response(
        status=500, text="java.lang.NullPointerException\n\tat org.example.Servlet.doGet(:71)\n"
    )


def _standby(fault: Fault, request: web.Request) -> web.Response:
    """Answer as a ResourceManager in standby does (Hadoop's RMWebAppFilter)."""
    if fault.kind is Kind.NO_ACTIVE:
        return web.Response(text=NO_ACTIVE, content_type="text/plain")
    if fault.kind is Kind.STANDBY_REFRESH:
        return web.Response(
            status=307,
            text="Can not find any active RM. Will retry in next 3 seconds.",
            headers={"Refresh": f"3; url={request.url}"},
        )
    target = f"{fault.location}{request.path_qs}"
    return web.Response(
        status=307,
        text=f"This is standby RM. The redirect url is: {request.path_qs}\n",
        headers={"Location": target},
    )


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _half(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    body = whole.body if isinstance(whole, web.Response) else None
    data = body if isinstance(body, bytes) else b"{"
    response = web.StreamResponse(status=whole.status)
    response.content_type = whole.content_type
    response.content_length = len(data) + 1
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
