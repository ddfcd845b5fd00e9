"""The console's door: who may sign in, host names, origins, a cookie no other site's page can use."""

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import time
from dataclasses import dataclass, field
from html import escape
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.domain.language import Language
from bot.texts import console as texts

# Who may sign in: a file of names, password hashes, and the gateway token each speaks with.


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+|-]{0,63}")  # a mail address or an OIDC subject, too
SHORTEST = 10  # characters of a password
COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 32}  # OWASP's scrypt, 32 MB
GUESTS = "*"  # whomever else the proxy signs in: they look and do nothing


class PeopleError(Exception):
    """The file cannot be used; the message is one line and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may sign in; `token` is what the gateway knows this person by."""

    name: str
    password: str = field(repr=False)
    token: str = field(repr=False)


class MemberBook:
    """The file, read at the start."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises PeopleError."""
        self._members = {each.name: each for each in _read(path)}

    def named(self, name: str) -> Member | None:
        """Return the member of this name, else the one for guests, if guests may look."""
        return self._members.get(name) or (self._members.get(GUESTS) if name else None)

    def checked(self, name: str, password: str) -> Member | None:
        """Return the member whose name and password these are; as slow for unknown names."""
        member = self._members.get(name)
        kept = member.password if member else hashed("nobody's password")
        fits = _fits(password, kept)
        return member if member and fits else None


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, **COST)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def add_member(path: Path, name: str, password: str, token: str) -> None:
    """Add somebody to the file. Raises PeopleError."""
    if not NAME.fullmatch(name):
        raise PeopleError("a name has letters, digits, '.', '_', '@', '+', '|' and '-', at most 64")
    if len(password) < SHORTEST:
        raise PeopleError(f"a password has {SHORTEST} characters or more")
    if path.exists() and any(each.name == name for each in _read(path)):
        raise PeopleError("this name is taken")
    try:
        kept = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(kept, "a", encoding="utf-8") as file:
            file.write(f"{name}:{hashed(password)}:{token}\n")
    except OSError as error:
        raise PeopleError(f"{path} cannot be written: {error.strerror}") from None


def _fits(password: str, kept: str) -> bool:
    salt, _, digest = kept.partition("$")
    if not digest:
        return False
    made = hashlib.scrypt(password.encode(), salt=base64.b64decode(salt), **COST)
    return hmac.compare_digest(made, base64.b64decode(digest))


def _read(path: Path) -> list[Member]:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise PeopleError(f"{path} holds tokens and may be read by others: chmod 600 it")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise PeopleError(f"{path} cannot be read; --add-user NAME makes it") from None
    found = []
    for number, line in enumerate(lines, start=1):
        parts = line.strip().split(":")
        if not line.strip() or line.startswith("#"):
            continue
        known = NAME.fullmatch(parts[0]) or parts[0] == GUESTS
        if len(parts) != 3 or not known or not parts[2]:  # noqa: PLR2004 - as written below
            raise PeopleError(f"{path}: line {number}: write name:password-hash:token")
        found.append(Member(*parts))
    return found


COOKIE = "dangjik_console"
SESSION = 8 * 3600.0  # seconds: a shift
ATTEMPTS, A_MINUTE = 10, 60.0  # wrong passwords of one address
LONGEST = 4_096  # bytes of a sign-in form
Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1"))
OPEN = frozenset({"/login", "/healthz", "/favicon.ico", "/manifest.json"})
HARDENED = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
    " frame-ancestors 'none'; form-action 'self'",
    "Referrer-Policy": "same-origin",  # with none a form would come from nowhere
    "X-Content-Type-Options": "nosniff",
}


@dataclass(slots=True)
class Door:
    """Who is signed in. With a `header` a reverse proxy says who it is, and no password is asked.

    Only what comes straight from an address of `proxies` is believed.
    """

    members: MemberBook
    header: str = ""
    proxies: tuple[Network, ...] = LOOPBACK
    _sessions: dict[str, tuple[str, float]] = field(default_factory=dict)
    _wrong: dict[str, list[float]] = field(default_factory=dict)

    def who(self, request: Request) -> str | None:
        """Return the name of whoever asks; None for a stranger."""
        if self.header:
            names = request.headers.getlist(self.header)
            told = len(names) == 1 and self._from_proxy(request)
            return names[0] if told and self.members.named(names[0]) else None
        name, until = self._sessions.get(request.cookies.get(COOKIE, ""), ("", 0.0))
        return name if name and time.monotonic() < until else None

    async def sign_in(self, request: Request) -> Response:
        """Check a form; a session for who fits, the form again for who does not."""
        language = spoken(request)
        address = request.client.host if request.client else ""
        if self._too_many(address):
            return _form(language, texts.SLOWER(language), 429)
        fields = parse_qs((await request.body())[:LONGEST].decode("utf-8", "replace"))
        name, password = (fields.get(each, [""])[0] for each in ("name", "password"))
        member = await run_in_threadpool(self.members.checked, name, password)
        if member is None:
            self._wrong.setdefault(address, []).append(time.monotonic())
            return _form(language, texts.WRONG(language), 401)
        return self._let_in(
            member.name, f"/{language.value}/", secure=request.url.scheme == "https"
        )

    def _let_in(self, name: str, place: str, *, secure: bool) -> Response:
        now, key = time.monotonic(), secrets.token_urlsafe(32)
        self._sessions = {k: kept for k, kept in self._sessions.items() if kept[1] > now}
        self._sessions[key] = (name, now + SESSION)
        answer = RedirectResponse(place, status_code=303)
        answer.set_cookie(
            COOKIE, key, max_age=int(SESSION), httponly=True, samesite="strict", secure=secure
        )
        return answer

    def sign_out(self, request: Request) -> Response:
        """Forget the session."""
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    def _from_proxy(self, request: Request) -> bool:
        """Tell whether the connection's other end is the proxy; nothing that it sends counts here."""
        try:
            peer = ip_address(request.client.host if request.client else "")
        except ValueError:
            return False
        return any(peer in network for network in self.proxies)

    def _too_many(self, address: str) -> bool:
        since = time.monotonic() - A_MINUTE
        recent = [at for at in self._wrong.get(address, ()) if at > since]
        self._wrong = {**{k: v for k, v in self._wrong.items() if v[-1] > since}, address: recent}
        if not recent:
            del self._wrong[address]
        return len(recent) >= ATTEMPTS


def behind_door(door: Door, hosts: tuple[str, ...]) -> FastAPI:
    """Return an application that lets nobody past `/login` unknown; pages are mounted into it."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(_Checked, door=door)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*hosts, "localhost"])

    @app.get("/")
    async def home(request: Request) -> Response:
        return RedirectResponse(f"/{spoken(request).value}/", status_code=303)

    @app.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/login")
    async def form(request: Request) -> Response:
        return _form(spoken(request))

    app.post("/login")(door.sign_in)
    app.post("/logout")(door.sign_out)
    return app


class _Checked:
    """Turns strangers and other origins away, and hardens what is answered."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HARDENED.items():
                    headers.setdefault(name, value)
            await send(message)

        await (refusal or self._app)(scope, receive, hardened)

    def _refusal(self, request: Request) -> Response | None:
        origin, host = request.headers.get("origin"), request.headers.get("host", "")
        if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
            return Response("other origin", status_code=403)
        if request.url.path in OPEN or self._door.who(request) is not None:
            return None
        if self._door.header:
            return Response(texts.NOT_LISTED(spoken(request)), status_code=401)
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", status_code=303)
        return Response("sign in", status_code=401)


def spoken(request: Request) -> Language:
    """Return the language a browser asks for."""
    first = request.headers.get("accept-language", "").strip().casefold()
    return Language.KO if first.startswith("ko") else Language.EN


def _form(language: Language, told: str = "", status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f"""<!doctype html><html lang="{language.value}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(texts.TITLE(language))}</title>
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif }}
main {{ max-width: 22rem; margin: 12vh auto; padding: 1rem }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font-size: 1rem }}
input, button {{ margin: .25rem 0 1rem; padding: .6rem }}
</style>
<main><h1>{escape(texts.TITLE(language))}</h1>
<p role="alert">{escape(told)}</p>
<form method="post" action="/login">
<label for="name">{escape(texts.NAME(language))}</label>
<input id="name" name="name" autocomplete="username" required autofocus>
<label for="password">{escape(texts.PASSWORD(language))}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{escape(texts.SIGN_IN(language))}</button>
</form></main></html>""",
        status_code=status,
    )
