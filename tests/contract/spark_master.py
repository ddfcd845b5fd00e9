"""A Spark standalone master on loopback: the bodies recorded from real ones, and their manners.

Answers as measured with Spark 3.5.8 to 4.3.0: a kill is 302 whether done or not, 403 without
the token where the version wants one, 405 (before 4.0: 302) when kills are switched off.
"""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.local import Listener
from bot.sandbox.platform.faults import Fault, Faults, Handler, Kind, answer

FIXTURES = Path(__file__).parent / "fixtures" / "spark"
TOKEN = "56ddcc54f49c049de0348c7d0cde440e"  # as in the recorded page
NO_TOKEN = "Missing or invalid CSRF token on a state-changing endpoint."
NO_BEARER = "Authorization header is missing."
# /json/ and page as they came
WHOLE = {
    "3.5.9": ("master-json-3.5.9.json", "master-ui-3.5.9.html"),
    "4.1.1": ("master-json-4.1.1.json", "master-ui-4.1.1.html"),
    "4.3.0": ("master-json.json", "master-ui.html"),
}
FORM = (
    '<form action="{path}/" method="POST"><input type="hidden" name="id" value="{id}"/>'
    '<input type="hidden" name="terminate" value="true"/>{token}<a href="#">(kill)</a></form>'
)


@dataclass(frozen=True, slots=True)
class Version:
    """What differs between versions of the master."""

    spark: str
    wants_token: bool

    @property
    def page(self) -> Path | None:
        """The recorded page; for the other versions one is written from what is listed."""
        return FIXTURES / WHOLE[self.spark][1] if self.spark in WHOLE else None

    @property
    def kills_off_is_405(self) -> bool:
        return int(self.spark.partition(".")[0]) >= 4


def versions() -> list[Version]:
    """List every version whose answers were recorded, oldest first."""
    found = json.loads((FIXTURES / "versions.json").read_text())
    recorded = [Version(row["spark"], row["csrf_token_on_page"]) for row in found]
    return [*recorded, Version("4.3.0", wants_token=True)]


def recorded(version: Version) -> dict[str, Any]:
    """Return the /json/ body: whole where recorded so, else 4.3.0's frame with its own row."""
    if version.spark in WHOLE:
        whole: dict[str, Any] = json.loads((FIXTURES / WHOLE[version.spark][0]).read_text())
        return whole
    body: dict[str, Any] = json.loads((FIXTURES / WHOLE["4.3.0"][0]).read_text())
    for row in json.loads((FIXTURES / "versions.json").read_text()):
        if row["spark"] == version.spark:
            body["activeapps"] = [row["activeapp"]]
    return body


@dataclass
class SparkMaster:
    """One master; `posts` are the forms that came to a kill path, in order."""

    version: Version
    status: str = "ALIVE"
    kill_enabled: bool = True
    permission: bool = True
    page_lags: bool = False  # the page still offers what the master no longer does
    bearer: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    posts: list[dict[str, str]] = field(default_factory=list)
    reads: int = 0
    page_status: int = 200
    page_is_recorded: bool = True  # False: written from what is listed
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.body = self.body or recorded(self.version)
        app = web.Application(middlewares=[self._middleware])
        app.router.add_get("/json/", self._json)
        app.router.add_get("/json", self._no_slash)
        app.router.add_get("/", self._page)
        for what in ("app", "driver"):
            app.router.add_route("*", f"/{what}/kill/", self._kill)
        self._listener = Listener(app)

    @property
    def url(self) -> str:
        return self._listener.url

    async def start(self) -> None:
        await self._listener.start()

    async def stop(self) -> None:
        self.faults.clear()
        await self._listener.stop()

    async def refuse(self) -> None:
        """Let nobody in until the end, and cut who is in."""
        self.fault(Kind.REFUSED)
        await self._listener.close()

    def fault(self, kind: Kind, match: str = "") -> None:
        self.faults.add(Fault(kind, match))

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.bearer and request.headers.get("Authorization") != f"Bearer {self.bearer}":
            return _refused(403, NO_BEARER)
        if request.method == "POST":
            self.posts.append({k: str(v) for k, v in (await request.post()).items()})
        return await answer(self.faults, request, handler)

    async def _json(self, _request: web.Request) -> web.Response:
        self.reads += 1
        empty: dict[str, Any] = {"activeapps": [], "completedapps": [], "workers": []}
        body = self.body if self.status == "ALIVE" else self.body | empty
        return web.json_response(body | {"status": self.status}, content_type="text/json")

    async def _no_slash(self, _request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{self.url}/json/"})

    async def _page(self, _request: web.Request) -> web.Response:
        if self.page_status != HTTPStatus.OK:
            return _refused(self.page_status, "Forbidden")
        offers = self.kill_enabled or self.page_lags
        page = self.version.page
        if page and offers and self.page_is_recorded:
            text = page.read_text()
            return web.Response(text=text, content_type="text/html")
        token = f'<input type="hidden" name="csrfToken" value="{TOKEN}"/>'
        token = token if self.version.wants_token else ""
        forms = [
            FORM.format(path=f"{what}/kill", id=row["id"], token=token)
            for what, rows in (("app", "activeapps"), ("driver", "activedrivers"))
            for row in self.body[rows]
            if offers
        ]
        text = f"<html><title>Spark Master</title>{''.join(forms)}</html>"
        return web.Response(text=text, content_type="text/html")

    async def _kill(self, request: web.Request) -> web.Response:
        if not self.kill_enabled:
            if not self.version.kills_off_is_405:
                return self._home()
            return _refused(405, "HTTP method POST is not supported by this URL")
        if request.method != "POST":
            return _refused(405, f"HTTP method {request.method} is not supported by this URL")
        form = await request.post()
        if self.version.wants_token and form.get("csrfToken") != TOKEN:
            return _refused(403, NO_TOKEN)
        if self.permission and form.get("terminate") == "true":
            self.end(str(form.get("id")), "KILLED")
        return self._home()

    def end(self, app_id: str, state: str) -> None:
        """Move an application or driver to the completed ones."""
        for active, completed in (
            ("activeapps", "completedapps"),
            ("activedrivers", "completeddrivers"),
        ):
            for row in [row for row in self.body[active] if row["id"] == app_id]:
                self.body[active].remove(row)
                self.body[completed].append(row | {"state": state})

    def _home(self) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{self.url}/"})


def _refused(status: int, words: str) -> web.Response:
    text = f"<html><head><title>Error {status} {words}</title></head><body>{words}</body></html>"
    return web.Response(status=status, text=text, content_type="text/html")
