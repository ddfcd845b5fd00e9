"""YARN's ResourceManager REST API over the model: routes, rights and answers to a kill.

Behaviour after Hadoop 3.3's RMWebServices and RMWebAppFilter: 202 until a kill is complete,
200 with the state it really ended in afterwards, plain-text 403s, RemoteException for 400
and 404, `{"apps": null}` for an empty list.
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
from .yarn_applications import STATES, application, attempts
from .yarn_filters import (
    DESELECTABLE,
    BadRequestError,
    choose,
    deselected,
    states,
    without,
    words,
)

BASE = "/ws/v1/cluster"
CACHED_ABOVE = 1_000  # applications; below that a body is made anew for every request
CACHE_S = 30.0


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
        app.router.add_get(f"{BASE}/appstatistics", self._statistics)
        app.router.add_get(f"{BASE}/apps/{{id}}", self._app)
        app.router.add_get(f"{BASE}/apps/{{id}}/state", self._state)
        app.router.add_put(f"{BASE}/apps/{{id}}/state", self._put_state)
        app.router.add_get(f"{BASE}/apps/{{id}}/appattempts", self._attempts)
        return app

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
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
        found = [without(application(self.model, row, now), hidden) for row in rows]
        text = json.dumps({"apps": {"app": found} if found else None}).encode()
        if len(found) > CACHED_ABOVE:
            self._cached[request.query_string] = (now, self.model.revision, text)
        return web.Response(body=text, content_type="application/json")

    async def _statistics(self, request: web.Request) -> web.Response:
        now = self.now()
        query = {name: request.query.getall(name) for name in request.query}
        types = words(query, "applicationTypes")
        if len(types) > 1:
            raise BadRequestError(
                "java.lang.Exception: # of applicationTypes = 2, we temporarily support at most one"
            )
        rows = choose(self.model.applications(now), {"applicationTypes": types}, now)
        seen = [row.state(now) for row in rows]
        items = [
            {"state": state, "type": types[0].lower() if types else "*", "count": seen.count(state)}
            for state in STATES
            if state in (states(query) or STATES)
        ]
        return web.json_response({"appStatInfo": {"statItem": items}})

    def _find(self, request: web.Request) -> Application:
        application_id = request.match_info["id"]
        if not application_id.startswith("application_"):
            raise BadRequestError(
                f"java.lang.IllegalArgumentException: Invalid ApplicationId prefix: {application_id}."
                " The valid ApplicationId should start with prefix application"
            )
        return self.model.find(application_id, self.now())

    async def _app(self, request: web.Request) -> web.Response:
        body = application(self.model, self._find(request), self.now())
        return web.json_response({"app": body})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response({"state": self._find(request).state(self.now())})

    async def _attempts(self, request: web.Request) -> web.Response:
        return web.json_response(attempts(self.model, self._find(request)))

    async def _put_state(self, request: web.Request) -> web.Response:
        user = _user(request)
        if not user:
            if self.faults.take(frozenset({Kind.STATIC_USER})):
                return _forbidden("The default static user cannot carry out this operation.")
            return _forbidden("Unable to obtain user name, user not authenticated")
        row = self._find(request)
        body = _object(await request.text())
        if body.get("state") != KILLED:
            raise BadRequestError(
                "java.lang.Exception: Only 'KILLED' is allowed as a target state."
            )
        forbidden = self.faults.take(frozenset({Kind.KILL_FORBIDDEN}), row.id) is not None
        if forbidden or user not in {row.spec.user, *self.model.scenario.admins}:
            return _forbidden(f"Unauthorized attempt to kill appid {row.id} by remote user {user}")
        return self._kill(row, user, str(body.get("diagnostics", "")))

    def _kill(self, row: Application, user: str, diagnostics: str) -> web.Response:
        now = self.now()
        if self.faults.take(frozenset({Kind.KILL_IGNORED}), row.id) is None:
            state = self.model.kill(row.id, user, now, diagnostics)
        else:
            state = row.state(now)
        if state in ENDED:
            return web.json_response({"state": state})
        location = f"http://rm1.example.com:8088{BASE}/apps/{row.id}"
        return web.json_response({"state": state}, status=202, headers={"Location": location})


def _user(request: web.Request) -> str:
    """Name the caller: `user.name`, or the cookie an earlier answer set."""
    name = request.query.get("user.name")
    if name:
        return name
    cookie = request.cookies.get("hadoop.auth", "")
    return cookie.partition("u=")[2].partition("&")[0]


def _forbidden(text: str) -> web.Response:
    return web.Response(status=403, text=text, content_type="text/plain")


def _object(text: str) -> dict[str, Any]:
    """Parse a JSON object; anything else counts as an empty one."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
