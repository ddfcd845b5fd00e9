"""The door: what every call must show before anything reads it, and the line it leaves in the log."""

import ipaddress
import re
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.limits import ACTS, READS, STRANGERS, TALKS, Buckets, Limits
from bot.api.problems import Problem
from bot.api.tokens import Token, TokenBook

_LOG = structlog.get_logger(__name__)
OPEN = frozenset({"/healthz"})
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - names of addresses, nothing listens here
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{1,512})")
HARDENED = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)


class Names:
    """The host names we answer to: against pages that point a name of theirs at our address.

    `hosts` are the address listened on and further names. On a wildcard address any address of
    the machine will do, but no name that was not told.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self._names = frozenset(host.casefold() for host in hosts) | LOCAL
        self._any_address = bool(WILDCARDS & set(hosts))

    def ours(self, header: str) -> bool:
        """Tell whether a Host header names us."""
        host = _bare(header)
        if host in self._names:
            return True
        return self._any_address and _address(host)


def _bare(header: str) -> str:
    """Return the host of `host:port` or `[v6]:port`, in small letters; empty for anything else."""
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?", header)
    return (found[1] or found[2]).casefold() if found else ""


def _address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Guard:
    """Checks host, origin, size, token and rate of each call, in this order, then lets it in.

    The token stands in the scope's state as `token`; whatever is mounted within asks it there.
    """

    def __init__(
        self,
        within: ASGIApp,
        book: TokenBook,
        names: Names,
        limits: Limits,
        *,
        heard: Callable[[Token, str], None] = lambda _token, _route: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._within = within
        self._book = book
        self._names = names
        self._limits = limits
        self._heard = heard
        self._now = now
        self._buckets = Buckets(limits.rates, now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._within(scope, receive, send)
            return
        if scope["type"] != "http":  # no sockets here
            return
        call = _Call(scope, send, self._now())
        try:
            call.token = self._let_in(scope)
            body = _Counted(receive, self._limits.body)
            await self._within(scope, body, call.send)
        except Problem as problem:
            await call.refuse(problem, receive)
        except Exception:  # noqa: BLE001 - whatever it was, the caller gets a reference and no trace
            await call.fail(receive)
        finally:
            call.note(self._now())
            if call.token is not None:
                self._heard(call.token, call.route)

    def _let_in(self, scope: Scope) -> Token | None:
        headers = Headers(scope=scope)
        self._check_place(headers)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._limits.body:
            raise _too_large(self._limits.body)
        if scope["path"] in OPEN:
            return None
        token = self._caller(scope, headers)
        scope.setdefault("state", {})["token"] = token
        kind = _kind(scope)
        if wait := self._buckets.wait(token.name, kind):
            raise _too_many(wait)
        return token

    def _check_place(self, headers: Headers) -> None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if len(headers.getlist("host")) != 1 or not self._names.ours(host):
            raise Problem(421, "other_host", "This server does not answer to that host name.")
        if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
            raise Problem(403, "other_origin", "Pages of other origins may not call.")

    def _caller(self, scope: Scope, headers: Headers) -> Token:
        """Return whose token the call carries; who has none may try a few times a minute."""
        given = headers.getlist("authorization")
        found = BEARER.fullmatch(given[0]) if len(given) == 1 else None
        token = self._book.holder(found[1]) if found else None
        if token is not None:
            return token
        address = (scope.get("client") or ("", 0))[0]
        if wait := self._buckets.wait(address, STRANGERS):
            raise _too_many(wait)
        raise Problem(
            401, "no_token", "Send a token: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"}
        )


def _kind(scope: Scope) -> str:
    """Return which rate a call counts against; a call of MCP is one of many and counts as a read."""
    path, method = scope["path"], scope["method"]
    if method in {"GET", "HEAD", "OPTIONS"} or path.startswith("/mcp"):
        return READS
    return TALKS if path.startswith("/v1/threads") else ACTS


def _too_large(most: int) -> Problem:
    return Problem(413, "too_large", f"A request holds at most {most} bytes.")


def _too_many(wait: float) -> Problem:
    seconds = str(max(1, round(wait + 0.5)))
    return Problem(429, "too_many", f"Ask again in {seconds} s.", {"Retry-After": seconds})


class _Counted:
    """Hands the body on until it is longer than it may be, whatever its length was said to be."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = self._left = most

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise _too_large(self._most)
        return message


class _Call:
    """One call's answer on its way out, and what is noted of it."""

    def __init__(self, scope: Scope, send: Send, began: float) -> None:
        self.token: Token | None = None
        self._scope = scope
        self._send = send
        self._began = began
        self._status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            known = {name.lower() for name, _ in message.get("headers", ())}
            more = [pair for pair in HARDENED if pair[0] not in known]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await self._send(message)

    async def refuse(self, problem: Problem, receive: Receive) -> None:
        if self._status:
            return  # the answer is on its way already
        await problem.response()(self._scope, receive, self.send)

    async def fail(self, receive: Receive) -> None:
        reference = uuid.uuid4().hex[:8]
        _LOG.exception("api_failed", reference=reference)
        await self.refuse(Problem(500, "internal", f"Something failed here: {reference}."), receive)

    def note(self, now: float) -> None:
        """Leave the line that tells who called what."""
        _LOG.info(
            "api_call",
            token=self.token.name if self.token else "",
            route=self.route,
            status=self._status,
            ms=round((now - self._began) * 1000),
        )

    @property
    def route(self) -> str:
        """The method and the path as we name it, never as a caller filled it in."""
        known: Any = self._scope.get("route")
        tool = self._scope.get("state", {}).get("tool", "")
        path = getattr(known, "path", "") or "?"
        return f"{self._scope['method']} {path} {tool}".rstrip()
