"""Serves the gateway over REST and MCP on one port, behind a door for every call.

OpenAPI is made from the types.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import urlsplit

import structlog
import uvicorn
from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Message as AsgiMessage
from starlette.types import Scope as AsgiScope

from bot import own_version
from bot.api.cluster import ClusterDoor
from bot.api.gateway import Core, Gateway, Offer, needed
from bot.api.mcp_server import mcp_manager
from bot.api.tokens import (
    ACTS,
    CLUSTER,
    READS,
    STRANGERS,
    TALKS,
    Buckets,
    Limits,
    Scope,
    Token,
    TokenBook,
)
from bot.api.views import (
    MEDIA_TYPE,
    Caller,
    Message,
    Problem,
    ProblemBody,
    Reply,
    ThreadId,
    problem_of,
)
from bot.errors import DangjikError, StartError

EVENTS = "text/event-stream"
REFUSALS: dict[int | str, dict[str, Any]] = {
    kind: {"description": word, "content": {MEDIA_TYPE: {}}, "model": ProblemBody}
    for kind, word in (("4XX", "Refused"), ("5XX", "Failed"))
}


def needs(*scopes: Scope) -> Any:
    """Return the dependency that lets in whoever's token has one of the scopes."""

    def checked(token: Caller) -> Token:
        return needed(token, *scopes)

    return Depends(checked)


def rest_app(gateway: Gateway) -> FastAPI:
    """Return the application; it stands behind the guard, which leaves the token in its state."""
    manager = mcp_manager(gateway)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with manager.run():
            yield

    app = FastAPI(
        lifespan=lifespan,
        title="Dangjik gateway",
        version=own_version(),
        description="Tools, talk and decisions; nothing is killed before a person approves.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        dependencies=[Depends(HTTPBearer(auto_error=False))],
        responses=REFUSALS,
    )
    answer_errors(app)
    _add_readers(app, gateway)
    _add_methods(app, gateway)
    add_cluster(app, gateway.cluster)
    _add_talk(app, gateway)

    class _Mcp:  # an application, not a function of a request
        async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
            await manager.asgi_app(scope, receive, send)

    app.router.routes.append(Route("/mcp", _Mcp()))

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    return app


def answer_errors(app: FastAPI) -> None:
    """Let every error be answered as a problem."""
    for kind in (HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _refused)


async def _refused(_: Request, error: Exception) -> Response:
    return problem_of(error).response()


def _add_readers(app: FastAPI, gateway: Gateway) -> None:
    for offer in gateway.readers:
        app.add_api_route(
            f"/v1/tools/{offer.name}",
            _reading(offer),
            operation_id=offer.name,
            description=offer.about,
            response_model=offer.gives,
            dependencies=[needs(Scope.READ)],
            tags=["tools"],
        )


def _reading(offer: Offer) -> Any:
    """Return the route of a read tool; its arguments are the tool's own."""
    asked_for: Any = offer.takes

    async def read(asked: Annotated[asked_for, Query()], token: Caller) -> Any:
        return await offer.call(token, asked)

    return read


def _add_methods(app: FastAPI, gateway: Gateway) -> None:
    """Open the gateway's methods: arguments, description and answer of a route are the method's."""
    one, seen = "/v1/proposals/{proposal_id}", (Scope.PROPOSE, Scope.DECIDE)
    for verb, path, tag, scopes, method in (
        ("POST", "/v1/tools/kill_spark_job", "tools", (Scope.PROPOSE,), gateway.kill_spark_job),
        ("GET", "/v1/investigations", "talk", (Scope.TALK,), gateway.get_investigations),
        ("GET", "/v1/threads", "talk", (Scope.TALK,), gateway.get_threads),
        ("GET", "/v1/threads/{thread}", "talk", (Scope.TALK,), gateway.get_thread),
        ("GET", "/v1/threads/{thread}/export", "talk", (Scope.TALK,), gateway.export_thread),
        ("POST", "/v1/threads/{thread}/undo", "talk", (Scope.TALK,), gateway.undo_message),
        ("GET", "/v1/digest", "records", (Scope.READ,), gateway.get_digest),
        ("GET", "/v1/audit", "records", (Scope.READ,), gateway.get_audit),
        ("GET", "/v1/proposals", "decisions", seen, gateway.get_proposals),
        ("GET", one, "decisions", seen, gateway.get_proposal),
        ("POST", f"{one}/decision", "decisions", (Scope.DECIDE,), gateway.decide),
        ("POST", f"{one}/withdrawal", "decisions", (Scope.PROPOSE,), gateway.withdraw),
    ):
        _add(app, f"{verb} {path}", tag, scopes, method)


def add_cluster(app: FastAPI, door: ClusterDoor) -> None:
    """Open a cluster to tokens with the scope `execute`; a path ends in its method's name."""
    reads = (
        door.now,
        door.running,
        door.application,
        door.cpu,
        door.cores,
        door.usage,
        door.around,
    )
    told = (door.nodes, door.risen, door.kill)
    for verb, method in (*(("GET", each) for each in reads), *(("POST", each) for each in told)):
        _add(app, f"{verb} /v1/cluster/{method.__name__}", "cluster", (Scope.EXECUTE,), method)


def _add(
    app: FastAPI, place: str, tag: str, scopes: Sequence[Scope], method: Callable[..., Any]
) -> None:
    verb, path = place.split()
    app.add_api_route(
        path,
        method,
        methods=[verb],
        operation_id=method.__name__,
        include_in_schema=tag != "cluster",  # between two processes of ours
        dependencies=[needs(*scopes)],
        tags=[tag],
    )


def _add_talk(app: FastAPI, gateway: Gateway) -> None:
    @app.post(
        "/v1/threads/{thread}/messages",
        operation_id="post_message",
        dependencies=[needs(Scope.TALK)],
        tags=["talk"],
        response_model=Reply,
        responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}},
    )
    async def say(
        thread: ThreadId,
        message: Message,
        request: Request,
        token: Caller,
    ) -> Reply | Response:
        """Say something; ask for `text/event-stream` to get the facts before the words."""
        if EVENTS not in request.headers.get("accept", ""):
            return await gateway.answer(token, thread, message)
        return StreamingResponse(_events(gateway.stream(token, thread, message)), media_type=EVENTS)


async def _events(replies: AsyncIterator[Reply]) -> AsyncIterator[str]:
    """Yield server-sent events: `facts` for a draft, `answer` for the whole, `problem` for neither."""
    try:
        async for each in replies:
            yield f"event: {'facts' if each.draft else 'answer'}\ndata: {each.model_dump_json()}\n\n"
    except (Problem, DangjikError) as error:
        yield f"event: problem\ndata: {problem_of(error).body.model_dump_json()}\n\n"


# The door: what every call must show before anything reads it, and the line it leaves in the log.


_LOG = structlog.get_logger(__name__)
OPEN = frozenset({"/healthz"})
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - names of addresses, nothing listens here
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
HOST = re.compile(r"[][A-Za-z0-9._:-]+")
BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{1,512})")
HARDENED = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


class Guard:
    """Checks host, origin, size, token and rate of each call, in this order, then lets it in.

    `hosts` are the address listened on and further names we answer to. The token stands in the
    scope's state as `token`; whatever is mounted within asks it there.
    """

    def __init__(
        self,
        within: ASGIApp,
        book: TokenBook,
        hosts: Sequence[str],
        limits: Limits,
        heard: Callable[[Token, str], None],
    ) -> None:
        self._within = within
        self._book = book
        self._hosts = frozenset(host.casefold() for host in hosts) | LOCAL
        self._limits = limits
        self._heard = heard
        self._buckets = Buckets(limits.rates, time.monotonic)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._within(scope, receive, send)
            return
        token, status, began = None, 0, time.monotonic()

        async def answer(message: AsgiMessage) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HARDENED.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            token = self._let_in(scope)
            await self._within(scope, _counted(receive, self._limits.body), answer)
        except Problem as problem:
            await problem.response()(scope, receive, answer)
        except Exception:  # noqa: BLE001, S110 - it was told of and answered within
            pass
        finally:
            name, route = token.name if token else "", _route(scope)
            spent = round((time.monotonic() - began) * 1000)
            _LOG.info("api_call", token=name, route=route, status=status, ms=spent)
            if token is not None:
                self._heard(token, route)

    def _let_in(self, scope: AsgiScope) -> Token | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if len(headers.getlist("host")) != 1 or not self._ours(host):
            raise Problem(421, "other_host", "This server does not answer to that host name.")
        if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
            raise Problem(403, "other_origin", "Pages of other origins may not call.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._limits.body:
            raise _too_large(self._limits.body)
        if scope["path"] in OPEN:
            return None
        token = self._caller(scope, headers)
        scope.setdefault("state", {})["token"] = token
        self._count(token.name, _kind(scope))
        return token

    def _ours(self, header: str) -> bool:
        """Tell whether a Host header names us, and no page pointed a name of its own at us.

        On a wildcard address any address of the machine will do, but no name that was not told.
        """
        try:
            host = urlsplit(f"//{header}").hostname if HOST.fullmatch(header) else None
            if host in self._hosts or not WILDCARDS & self._hosts:
                return host in self._hosts
            return bool(ipaddress.ip_address(host or ""))
        except ValueError:
            return False

    def _caller(self, scope: AsgiScope, headers: Headers) -> Token:
        """Return whose token the call carries; who has none may try a few times a minute."""
        given = headers.getlist("authorization")
        found = BEARER.fullmatch(given[0]) if len(given) == 1 else None
        token = self._book.holder(found[1]) if found else None
        if token is not None:
            return token
        self._count((scope.get("client") or ("", 0))[0], STRANGERS)
        hint = {"WWW-Authenticate": "Bearer"}
        raise Problem(401, "no_token", "Send a token: Authorization: Bearer …", hint)

    def _count(self, caller: str, kind: str) -> None:
        if wait := self._buckets.wait(caller, kind):
            seconds = str(max(1, round(wait + 0.5)))
            raise Problem(429, "too_many", f"Ask again in {seconds} s.", {"Retry-After": seconds})


def _kind(scope: AsgiScope) -> str:
    """Return which rate a call counts against; a call of MCP is one of many and counts as a read."""
    path, method = scope["path"], scope["method"]
    if path.startswith("/v1/cluster/"):
        return CLUSTER
    if method in {"GET", "HEAD", "OPTIONS"} or path.startswith("/mcp"):
        return READS
    return TALKS if path.startswith("/v1/threads") else ACTS


def _route(scope: AsgiScope) -> str:
    """Return the method and the path as we name it, never as a caller filled it in."""
    known: Any = scope.get("route")
    tool = scope.get("state", {}).get("tool", "")
    return f"{scope['method']} {getattr(known, 'path', '') or '?'} {tool}".rstrip()


def _too_large(most: int) -> Problem:
    return Problem(413, "too_large", f"A request holds at most {most} bytes.")


def _counted(receive: Receive, most: int) -> Receive:
    """Hand the body on until it is longer than it may be, whatever its length was said to be."""
    had = 0

    async def counted() -> AsgiMessage:
        nonlocal had
        message = await receive()
        had += len(message.get("body", b""))
        if had > most:
            raise _too_large(most)
        return message

    return counted


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
