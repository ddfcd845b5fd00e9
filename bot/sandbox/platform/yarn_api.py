"""YARN's ResourceManager REST API over the model: routes, rights and answers to a kill.

Behaviour as recorded from Hadoop 3.4.2 (a test holds it to that): 202 until a kill is complete, 200
with the state it really ended in afterwards, and at once where that is asked for; 403 in plain text
that calls itself JSON, RemoteException for 400, 401 and 404, `{"apps": {}}` for an empty list.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from . import yarn_bodies as bodies
from .application import ENDED, KILLED, Application
from .faults import STANDBY_KINDS, Faults, Handler, Kind, answer
from .model import PlatformModel, UnknownApplicationError
from .yarn_applications import application, attempts, hidden_from_caller
from .yarn_filters import (
    DESELECTABLE,
    BadRequestError,
    choose,
    deselected,
    without,
)

BASE = "/ws/v1/cluster"
CACHED_ABOVE = 1_000  # applications; below that a body is made anew for every request
CACHE_S = 30.0
JSON = "application/json"
NO_NAME = (
    "<html>\n<head>\n<title>Error 500 java.lang.IllegalArgumentException: userName is NULL, empty"
    " or contains a &apos;&amp;&apos;</title>\n</head>\n</html>\n"
)
NOT_JSON = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><RemoteException>'
    "<exception>WebApplicationException</exception>"
    "<javaClassName>javax.ws.rs.WebApplicationException</javaClassName></RemoteException>"
)


@dataclass(frozen=True, slots=True)
class KillRequest:
    """One PUT that asked for KILLED, whatever came of it. `at` is seconds since the epoch."""

    application_id: str
    user: str
    at: float
    diagnostics: str


class YarnApi:
    """One ResourceManager address. Several may share a model; `kills` is shared, too."""

    def __init__(
        self,
        model: PlatformModel,
        now: Callable[[], float],
        faults: Faults,
        kills: list[KillRequest],
    ) -> None:
        self.model = model
        self.now = now
        self.faults = faults
        self.kills = kills
        self._cached: dict[str, tuple[float, int, bytes]] = {}

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(middlewares=[self._middleware])
        app.router.add_get(f"{BASE}/info", self._info)
        app.router.add_get(BASE, self._info)
        app.router.add_get("/cluster", self._page)
        app.router.add_get(f"{BASE}/metrics", self._metrics)
        app.router.add_get(f"{BASE}/scheduler", self._scheduler)
        app.router.add_get(f"{BASE}/nodes", self._nodes)
        app.router.add_get(f"{BASE}/apps", self._apps)
        app.router.add_get(f"{BASE}/apps/{{id}}", self._app)
        app.router.add_get(f"{BASE}/apps/{{id}}/state", self._state)
        app.router.add_put(f"{BASE}/apps/{{id}}/state", self._put_state)
        app.router.add_get(f"{BASE}/apps/{{id}}/appattempts", self._attempts)
        return app

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.query.get("user.name") == "":
            return web.Response(status=500, text=NO_NAME, content_type="text/html")
        await self._count_kill(request)
        try:
            response = await answer(self.faults, request, handler)
        except UnknownApplicationError as error:
            message = f"java.lang.Exception: app with id: {error} not found"
            body = bodies.remote_exception("NotFoundException", message)
            return web.json_response(body, status=404)
        except BadRequestError as error:
            body = bodies.remote_exception("BadRequestException", str(error))
            return web.json_response(body, status=400)
        name = request.query.get("user.name")
        if name and not response.prepared:
            response.set_cookie("hadoop.auth", f"u={name}&p={name}&t=simple", httponly=True)
        return response

    async def _count_kill(self, request: web.Request) -> None:
        """Note a kill request before any fault can swallow it."""
        parts = request.path.removeprefix(f"{BASE}/apps/").split("/")
        if request.method != "PUT" or len(parts) != 2 or parts[1] != "state":  # noqa: PLR2004 - id, word
            return
        if self.faults.has(STANDBY_KINDS):
            return
        body = _object(await request.text())
        if body.get("state") == KILLED:
            why = str(body.get("diagnostics", ""))
            self.kills.append(KillRequest(parts[0], _user(request), self.now(), why))

    async def _info(self, _request: web.Request) -> web.Response:
        standby = self.faults.has(STANDBY_KINDS)
        return web.json_response(bodies.info(self.model, "STANDBY" if standby else "ACTIVE"))

    async def _page(self, _request: web.Request) -> web.Response:
        """Answer with the web UI's first page; some clients find the active address by it."""
        title = f"<title>All Applications of {self.model.scenario.cluster}</title>"
        return web.Response(text=f"<html><head>{title}</head></html>", content_type="text/html")

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.json_response(bodies.metrics(self.model, self.now()))

    async def _scheduler(self, _request: web.Request) -> web.Response:
        return web.json_response(bodies.scheduler(self.model, self.now()))

    async def _nodes(self, _request: web.Request) -> web.Response:
        return web.json_response(bodies.nodes(self.model, self.now()))

    async def _apps(self, request: web.Request) -> web.Response:
        now = self.now()
        cached = self._cached.get(request.query_string)
        if cached and cached[1] == self.model.revision and 0 <= now - cached[0] < CACHE_S:
            return web.Response(body=cached[2], content_type="application/json")
        query = {name: request.query.getall(name) for name in request.query}
        old = self.faults.take(frozenset({Kind.OLD_VERSION}), request.path) is not None
        hidden = deselected(query, DESELECTABLE[:1] if old else DESELECTABLE)
        rows = choose(self.model.applications(now), query, now)
        found = [without(self._shown(request, row, now), hidden) for row in rows]
        text = json.dumps({"apps": {"app": found} if found else {}}).encode()
        if len(found) > CACHED_ABOVE:
            self._cached[request.query_string] = (now, self.model.revision, text)
        return web.Response(body=text, content_type="application/json")

    def _shown(self, request: web.Request, row: Application, now: float) -> dict[str, Any]:
        """Return an application as the caller may see it: whoever names nobody sees everything."""
        body, user = application(self.model, row, now), _user(request)
        return body if not user or self._administers(user, row) else hidden_from_caller(body)

    def _administers(self, user: str, row: Application) -> bool:
        return user in {row.spec.user, *self.model.scenario.admins}

    def _find(self, request: web.Request) -> Application:
        application_id = request.match_info["id"]
        if not application_id.startswith("application_"):
            raise BadRequestError(
                f"java.lang.IllegalArgumentException: Invalid ApplicationId prefix: {application_id}."
                " The valid ApplicationId should start with prefix application"
            )
        return self.model.find(application_id, self.now())

    async def _app(self, request: web.Request) -> web.Response:
        body = self._shown(request, self._find(request), self.now())
        return web.json_response({"app": body})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response({"state": _inner_state(self._find(request), self.now())})

    async def _attempts(self, request: web.Request) -> web.Response:
        return web.json_response(attempts(self._find(request)))

    async def _put_state(self, request: web.Request) -> web.Response:
        if request.content_type != JSON:
            return web.Response(status=503, text=NOT_JSON, content_type="application/xml")
        user = _user(request)
        if not user:
            return web.json_response(bodies.UNNAMED, status=401)
        row = self._find(request)
        wanted, state = _object(await request.text()), _inner_state(row, self.now())
        if wanted.get("state") == state:
            return web.json_response({"state": state})
        if wanted.get("state") != KILLED:
            raise BadRequestError(
                "java.lang.Exception: Only 'KILLED' is allowed as a target state."
            )
        forbidden = self.faults.take(frozenset({Kind.KILL_FORBIDDEN}), row.id) is not None
        if forbidden or not self._administers(user, row):
            return _forbidden(f"Unauthorized attempt to kill appid {row.id} by remote user {user}")
        return self._kill(row, user, str(wanted.get("diagnostics", "")))

    def _kill(self, row: Application, user: str, diagnostics: str) -> web.Response:
        now = self.now()
        if self.faults.take(frozenset({Kind.KILL_IGNORED}), row.id) is None:
            self.model.kill(row.id, user, now, diagnostics)
        state = _inner_state(row, now)
        if state in ENDED:
            return web.json_response({"state": state})
        location = f"http://rm1.example.com:8088{BASE}/apps/{row.id}/state"
        return web.json_response({"state": state}, status=202, headers={"Location": location})


def _inner_state(row: Application, at: float) -> str:
    """Return the ResourceManager's own word, which /state tells: KILLING until it is done."""
    state = row.state(at)
    return "KILLING" if state not in ENDED and row.end_state == KILLED else state


def _user(request: web.Request) -> str:
    """Name the caller: `user.name`, or the cookie an earlier answer set."""
    name = request.query.get("user.name")
    if name:
        return name
    cookie = request.cookies.get("hadoop.auth", "")
    return cookie.partition("u=")[2].partition("&")[0]


def _forbidden(text: str) -> web.Response:
    return web.Response(status=403, text=text, content_type=JSON)


def _object(text: str) -> dict[str, Any]:
    """Parse a JSON object; anything else counts as an empty one."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
