"""The one HTTP client of all backends: bounded in time and size, reads retried once, no redirects.

Every failure becomes a BackendError that names the system, what was asked and the status, in
one line; addresses are shown with the path asked for, and without user names, passwords and query parameters.
"""

import asyncio
import json
import re
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson

from bot.backends.shapes import one_line
from bot.errors import BackendError, FaultKind, FaultReason, StartError
from bot.ports import Left

MIB = 2**20
T = TypeVar("T")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SERVER_ERROR = 500
_OK = range(200, 300)
_BAD_REQUEST, _UNAUTHORIZED = 400, 401
_MAY_NOT = frozenset({401, 403, 407})


class NotAuthenticatedError(httpx.RequestError):
    """No proof of who asks could be had, so the request was not made; the message is one line."""


class TooLateError(httpx.RequestError):
    """The time within which a request had to begin was over before its first byte went."""


# The request never left this machine, or was answered 401, so nothing was done.
_NOT_SENT = (
    TooLateError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    NotAuthenticatedError,
)


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one request: seconds to connect, to read, to send a kill; bytes of a body."""

    connect_s: float = 2.0
    read_s: float = 4.0
    send_s: float = 10.0
    body_bytes: int = 64 * MIB


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer as it came: status, headers, body."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def ok(self) -> bool:
        """True for a 2xx."""
        return self.status in _OK

    @property
    def words(self) -> str:
        """The body as one short line, for a person."""
        return one_line(self.body[:8192].decode("utf-8", "replace"))

    def json(self) -> Any:
        """Parse the body; ValueError when it is not JSON, whatever the headers claim."""
        try:
            return orjson.loads(self.body)  # thrice as fast as the standard library
        except ValueError:
            pass
        try:
            # It takes NaN and lone surrogates, which Hadoop writes.
            return json.loads(self.body.decode("utf-8", "replace"))
        except RecursionError:
            raise ValueError("nested too deeply") from None


class NotSentError(Exception):
    """A single request could not even be started; the message is one line."""


class _Start:
    """Watches one request begin: waits for a connection no longer than `left`, then sends or not.

    httpcore tells of each step; what is raised on the first byte's turn keeps it from going.
    """

    def __init__(self, left: Left, timer: asyncio.Timeout, send_s: float) -> None:
        self.begun = False
        self._left = left
        self._timer = timer
        self._send_s = send_s

    def check(self) -> None:
        """Raise TooLateError once the time is over."""
        if self._left() <= 0:
            raise TooLateError("too late to send")

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """Take the last look, and give the answer its own time."""
        if event.endswith("send_request_headers.started"):
            self.check()
            self.begun = True
            self._timer.reschedule(asyncio.get_running_loop().time() + self._send_s)


class HttpSystem:
    """One system at one base address; only paths that match `paths` are ever asked for.

    `system` is the name shown to people. The httpx client is shared and closed by its owner.
    Raises StartError for an address that is none.
    """

    def __init__(
        self,
        system: str,
        address: str,
        client: httpx.AsyncClient,
        paths: Sequence[re.Pattern[str]],
        limits: HttpLimits | None = None,
    ) -> None:
        if not is_address(address):
            raise StartError(f"{system}: an address is wanted such as http://host:port")
        self.system = system
        self.base = with_scheme(address)
        self.shown = shown(address) + httpx.URL(self.base).path.rstrip("/")
        self._numeric = is_numeric(address)
        self._client = client
        self._paths = paths
        self._limits = limits or HttpLimits()

    async def read(
        self, path: str, query: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> HttpReply:
        """GET a path; once more after a refused connection or a 5xx, all within `within` seconds.

        Returns whatever came below 500, a redirect too. Raises BackendError.
        """
        try:
            async with asyncio.timeout(within or self._limits.read_s):
                try:
                    return await self._read_once(path, query)
                except BackendError as error:
                    if error.missing.kind not in {FaultKind.FAILED, FaultKind.UNREACHABLE}:
                        raise
                return await self._read_once(path, query)
        except TimeoutError:
            raise self.fault(FaultKind.TIMEOUT, path, "no complete answer in time") from None

    async def read_json(
        self, path: str, query: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Any:
        """GET a path and parse its JSON. Raises BackendError for anything but a 2xx with JSON."""
        return self.parsed(path, await self.read(path, query, within=within))

    def parsed(self, path: str, reply: HttpReply) -> Any:
        """Return a reply's JSON, judged by its content. Raises BackendError."""
        if not reply.ok:
            kind = FaultKind.REFUSED if reply.status in _MAY_NOT else FaultKind.BAD_ANSWER
            raise self.fault(kind, path, told(reply), reason_in(reply))
        try:
            return reply.json()
        except ValueError:
            detail = f"{reply.status} but no JSON: {reply.words}"
            raise self.fault(FaultKind.BAD_ANSWER, path, detail, reason_in(reply)) from None

    async def send_once(
        self,
        method: str,
        path: str,
        left: Left,
        query: Mapping[str, str] | None = None,
        *,
        json_body: object = None,
        form: Mapping[str, str] | None = None,
    ) -> HttpReply:
        """Send one request that changes something, exactly once, following nothing.

        Its first byte goes while `left()` is above 0, or never. Raises NotSentError when nothing
        left this machine, BackendError when it is unknown what became of it.
        """
        self._check(path)
        request = self._client.build_request(
            method,
            self.base + path,
            params=query,
            json=json_body,
            data=form,
            timeout=self._timeout(self._limits.send_s),
        )
        begun = False
        try:
            async with asyncio.timeout(max(left(), 0)) as timer:
                start = _Start(left, timer, self._limits.send_s)
                start.check()
                request.extensions["trace"] = start.trace
                try:
                    return await self._request(request)
                finally:
                    begun = start.begun
        except _NOT_SENT as error:
            raise NotSentError(f"{self.shown}: {_words(error)}") from None
        except TimeoutError:
            if not begun:
                raise NotSentError(f"{self.shown}: no connection in time") from None
            raise self.fault(FaultKind.TIMEOUT, path, "no answer in time") from None
        except httpx.HTTPError as error:
            raise self._failure(error, path) from None

    def fault(
        self, kind: FaultKind, path: str, detail: str, reason: FaultReason | None = None
    ) -> BackendError:
        """Make the error that names this system, the path asked for and what came."""
        return BackendError(self.system, kind, f"{self.shown}{path}: {detail}", reason)

    def _failure(self, error: httpx.HTTPError, path: str) -> BackendError:
        """Make the error for a request that got no answer."""
        reason = reason_of(error)
        if isinstance(error, NotAuthenticatedError) and self._numeric:
            reason = FaultReason.ADDRESS
        return self.fault(_kind(error), path, _words(error), reason)

    async def _read_once(self, path: str, query: Mapping[str, str] | None) -> HttpReply:
        self._check(path)
        request = self._client.build_request(
            "GET", self.base + path, params=query, timeout=self._timeout(self._limits.read_s)
        )
        try:
            reply = await self._request(request)
        except httpx.HTTPError as error:
            raise self._failure(error, path) from None
        if reply.status >= _SERVER_ERROR:
            raise self.fault(FaultKind.FAILED, path, f"{reply.status} {reply.words}")
        return reply

    async def _request(self, request: httpx.Request) -> HttpReply:
        response = await self._client.send(request, stream=True, follow_redirects=False)
        path, most = request.url.path, self._limits.body_bytes
        body = bytearray()
        try:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > most:
                    raise self.fault(FaultKind.BAD_ANSWER, path, f"more than {most // MIB} MiB")
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            detail = f"{response.status_code}, cut off after {len(body)} bytes"
            raise self.fault(FaultKind.BAD_ANSWER, path, detail) from None
        finally:
            await response.aclose()
        return HttpReply(response.status_code, response.headers, bytes(body))

    def _timeout(self, total: float) -> httpx.Timeout:
        return httpx.Timeout(total, connect=min(self._limits.connect_s, total))

    def _check(self, path: str) -> None:
        if not any(allowed.fullmatch(path) for allowed in self._paths):
            raise ValueError(f"not a path of {self.system}: {one_line(path)}")


@dataclass(frozen=True, slots=True)
class Way:
    """How systems are reached: a CA of one's own, a client certificate with its key, a proxy."""

    ca: Path | None = None
    certificate: Path | None = None
    proxy: str | None = None


def _trust(way: Way) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for setting, path, load in (
        ("CA_BUNDLE", way.ca, context.load_verify_locations),
        ("CLIENT_CERT", way.certificate, context.load_cert_chain),
    ):
        if path is not None:
            try:
                load(path)
            except (OSError, ssl.SSLError):  # an SSLError's text may hold the path of a key
                raise StartError(f"{setting}: no certificate in PEM form in that file") from None
    return context


async def until(
    questions: Iterable[Coroutine[Any, Any, T]], wanted: Callable[[T], bool]
) -> list[T]:
    """Ask all at once; return the answers up to the first wanted one, giving up the rest."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    answers: list[T] = []
    try:
        for coming in asyncio.as_completed(tasks):
            answers.append(await coming)
            if wanted(answers[-1]):
                break
        return answers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def make_client(
    *,
    headers: Mapping[str, str] | None = None,
    auth: httpx.Auth | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    way: Way | None = None,
    trust_env: bool = False,
    connections: int = 32,
) -> httpx.AsyncClient:
    """Make an HTTP client for one system; the caller closes it.

    It trusts the certificates of the operating system and those of the way, reads proxy settings
    from the environment only with `trust_env`, and asks for uncompressed bodies, so that their
    size is what the limit sees. Raises StartError for a certificate that cannot be read.
    """
    way = way or Way()
    return httpx.AsyncClient(
        headers={"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})},
        auth=auth,
        transport=transport,
        verify=_trust(way),
        proxy=way.proxy,
        trust_env=trust_env,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=16),
    )


def _kind(error: httpx.HTTPError) -> FaultKind:
    if isinstance(error, NotAuthenticatedError):
        return FaultKind.REFUSED
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return FaultKind.UNREACHABLE
    if isinstance(error, httpx.TimeoutException):
        return FaultKind.TIMEOUT
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return FaultKind.UNREACHABLE
    return FaultKind.BAD_ANSWER


def told(reply: HttpReply) -> str:
    """Say in a line what came instead of an answer; of a redirect, where it leads."""
    if reply.status in REDIRECTS and (leads := reply.headers.get("Location")):
        return one_line(f"{reply.status} to {place(leads)} {reply.words}")
    return f"{reply.status} {reply.words}".rstrip()


def reason_in(reply: HttpReply) -> FaultReason | None:
    """Return what an answer that is none tells of its cause."""
    if reply.status == _UNAUTHORIZED:
        wanted = reply.headers.get("WWW-Authenticate", "").lower()
        return FaultReason.NEGOTIATE if "negotiate" in wanted else FaultReason.CREDENTIALS
    if reply.ok:
        return FaultReason.LOGIN if b"<html" in reply.body[:8192].lower() else None
    if reply.status == _BAD_REQUEST and _PLAIN_REFUSED.search(reply.body[:8192]):
        return FaultReason.TLS_WANTED
    known = {
        403: FaultReason.FORBIDDEN,
        407: FaultReason.PROXY,
        404: FaultReason.NOT_FOUND,
        429: FaultReason.LIMIT,
        **dict.fromkeys(REDIRECTS, FaultReason.REDIRECT),
    }
    return known.get(reply.status)


def reason_of(error: BaseException) -> FaultReason | None:
    """Return why no answer came, from what the network or the ticket cache said."""
    if isinstance(error, httpx.ProxyError):
        return FaultReason.PROXY
    if isinstance(error, NotAuthenticatedError):
        expired = "expired" in str(error).lower()
        return FaultReason.EXPIRED_TICKET if expired else FaultReason.NO_TICKET
    if isinstance(error, httpx.RemoteProtocolError) and "illegal request line" in str(error):
        return FaultReason.TLS_WANTED  # h11's word for what begins with a control byte: a TLS alert
    found = (_reason_of_cause(cause) for cause in _causes(error))
    return next((reason for reason in found if reason is not None), None)


def _reason_of_cause(cause: BaseException) -> FaultReason | None:
    match cause:
        case ssl.SSLCertVerificationError():
            return FaultReason.FOREIGN_CA
        case ssl.SSLError():
            return FaultReason.NOT_TLS if cause.reason in _PLAIN else FaultReason.TLS
        case socket.gaierror():
            return FaultReason.NAME
        case ConnectionRefusedError():
            return FaultReason.CLOSED
        case _:
            return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that led to it."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [one for one in (cause.__cause__, cause.__context__) if one is not None]
        waiting += cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()


# What Go's servers, nginx and Apache answer to plain HTTP at a TLS port.
_PLAIN_REFUSED = re.compile(rb"plain HTTP|HTTP request to an HTTPS server")
# What OpenSSL says of a server that answers in plain text.
_PLAIN = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
_SAID = {
    FaultReason.NAME: "the host name does not resolve",
    FaultReason.CLOSED: "connection refused, nothing listens there",
    FaultReason.FOREIGN_CA: "its certificate is not trusted here",
    FaultReason.NOT_TLS: "speaks no TLS at that port, is it http?",
    FaultReason.TLS_WANTED: "speaks TLS at that port, is it https?",
    FaultReason.TLS: "TLS failed",
    FaultReason.PROXY: "the proxy refused",
}


def _words(error: Exception) -> str:
    """Say in a few words what went wrong on the way; httpx's own text may hold the address."""
    if isinstance(error, NotAuthenticatedError | TooLateError):
        return str(error)
    reason = reason_of(error)
    if reason in _SAID:
        return _SAID[reason]
    known: dict[type[Exception], str] = {
        httpx.ConnectTimeout: "no connection in time",
        httpx.ReadTimeout: "no answer in time",
        httpx.PoolTimeout: "no free connection in time",
        httpx.RemoteProtocolError: "connection closed without an answer",
        httpx.ReadError: "connection lost",
        httpx.WriteError: "connection lost",
        httpx.DecodingError: "body could not be decoded",
        httpx.ConnectError: "cannot connect",
    }
    return known.get(type(error), type(error).__name__)


# Base addresses of systems: what counts as one, and what of it may be shown.


def with_scheme(address: str) -> str:
    """Return a base address with a scheme and without a slash at its end."""
    whole = address if "://" in address else f"http://{address}"
    return whole.rstrip("/")


def is_address(address: str) -> bool:
    """Tell whether it is an http or https address with a host and without parameters."""
    try:
        url = httpx.URL(with_scheme(address))
    except httpx.InvalidURL:
        return False
    return url.scheme in {"http", "https"} and bool(url.host) and not url.query


def is_numeric(address: str) -> bool:
    """Tell whether an address names its host by number."""
    try:
        ip_address(httpx.URL(with_scheme(address)).host)
    except ValueError:
        return False
    return True


def place(location: str) -> str:
    """Return where a redirect leads, without user name, password and parameters."""
    try:
        url = httpx.URL(location)
    except httpx.InvalidURL:
        return "?"
    return f"{shown(location)}{url.path}" if url.host else url.path


def shown(address: str) -> str:
    """Return host and port of an address: user names and passwords may not be shown."""
    url = httpx.URL(with_scheme(address))
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{url.port}" if url.port else host
