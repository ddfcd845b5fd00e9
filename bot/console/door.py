"""The console's door: host names, origins, sign-in, and a cookie no other site's page can use."""

import secrets
import time
from dataclasses import dataclass, field
from html import escape
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.people import MemberBook
from bot.domain.language import Language
from bot.texts import console as texts

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
