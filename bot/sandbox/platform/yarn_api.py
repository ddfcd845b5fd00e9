"""YARN's ResourceManager REST API over the model: routes, filters, rights and answers to a kill.

Behaviour as recorded from Hadoop 3.4.2 (a test holds it to that): 202 until a kill is complete, 200
with the state it really ended in afterwards, and at once where that is asked for; 403 in plain text
that calls itself JSON, RemoteException for 400, 401 and 404, `{"apps": {}}` for an empty list.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

from aiohttp import web

from . import yarn_bodies as bodies
from .faults import STANDBY_KINDS, Faults, Handler, Kind, answer
from .model import ENDED, KILLED, Application, PlatformModel, UnknownApplicationError

BASE = "/ws/v1/cluster"
JSON = "application/json"
STATES = ["NEW", "NEW_SAVING", "SUBMITTED", "ACCEPTED", "RUNNING", "FINISHED", "FAILED", "KILLED"]
DESELECTABLE = (
    "resourceRequests",
    "timeouts",
    "appNodeLabelExpression",
    "amNodeLabelExpression",
    "resourceInfo",
)
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

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(middlewares=[self._middleware])
        app.router.add_get(f"{BASE}/info", self._info)
        app.router.add_get(BASE, self._info)
        app.router.add_get("/cluster", self._page)
        app.router.add_get(f"{BASE}/{{part:metrics|scheduler|nodes}}", self._part)
        app.router.add_get(f"{BASE}/apps", self._apps)
        app.router.add_get(f"{BASE}/apps/{{id}}", self._app)
        app.router.add_get(f"{BASE}/apps/{{id}}/state", self._state)
        app.router.add_put(f"{BASE}/apps/{{id}}/state", self._put_state)
        app.router.add_get(f"{BASE}/apps/{{id}}/appattempts", self._attempts)
        return app

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        name = request.query.get("user.name")
        if name == "":
            return web.Response(status=500, text=NO_NAME, content_type="text/html")
        if request.method == "PUT":
            await self._count_kill(request)
        response = await answer(self.faults, request, handler)
        if name and not response.prepared:
            response.set_cookie("hadoop.auth", f"u={name}&p={name}&t=simple", httponly=True)
        return response

    async def _count_kill(self, request: web.Request) -> None:
        """Note a kill request before any fault can swallow it."""
        body, asked = _object(await request.text()), request.match_info.get("id")
        if asked and body.get("state") == KILLED and not self.faults.has(STANDBY_KINDS):
            why = str(body.get("diagnostics", ""))
            self.kills.append(KillRequest(asked, _user(request), self.now(), why))

    async def _info(self, _request: web.Request) -> web.Response:
        standby = self.faults.has(STANDBY_KINDS)
        return web.json_response(bodies.info(self.model, "STANDBY" if standby else "ACTIVE"))

    async def _page(self, _request: web.Request) -> web.Response:
        """Answer with the web UI's first page; some clients find the active address by it."""
        title = f"<title>All Applications of {self.model.scenario.cluster}</title>"
        return web.Response(text=f"<html><head>{title}</head></html>", content_type="text/html")

    async def _part(self, request: web.Request) -> web.Response:
        made = {"metrics": bodies.metrics, "scheduler": bodies.scheduler, "nodes": bodies.nodes}
        return web.json_response(made[request.match_info["part"]](self.model, self.now()))

    async def _apps(self, request: web.Request) -> web.Response:
        now = self.now()
        old = self.faults.take(frozenset({Kind.OLD_VERSION}), request.path) is not None
        known = DESELECTABLE[:1] if old else DESELECTABLE
        hidden = _known(_words(request, "deSelects"), known, "deSelects string")
        rows = islice(_chosen(self.model.applications(now), request, now), _limit(request))
        found = [
            {
                key: value
                for key, value in self._shown(request, row, now).items()
                if key not in hidden
            }
            for row in rows
        ]
        return web.json_response({"apps": {"app": found} if found else {}})

    def _shown(self, request: web.Request, row: Application, now: float) -> dict[str, Any]:
        """Return an application as the caller may see it: whoever names nobody sees everything."""
        body, user = bodies.application(self.model, row, now), _user(request)
        return body if not user or self._administers(user, row) else bodies.hidden_from_caller(body)

    def _administers(self, user: str, row: Application) -> bool:
        return user in {row.spec.user, *self.model.scenario.admins}

    def _find(self, request: web.Request) -> Application:
        application_id = request.match_info["id"]
        if not application_id.startswith("application_"):
            _refuse(
                f"java.lang.IllegalArgumentException: Invalid ApplicationId prefix: {application_id}."
                " The valid ApplicationId should start with prefix application"
            )
        try:
            return self.model.find(application_id, self.now())
        except UnknownApplicationError:
            message = f"java.lang.Exception: app with id: {application_id} not found"
            body = _remote_exception("NotFoundException", message)
            raise web.HTTPNotFound(text=body, content_type=JSON) from None

    async def _app(self, request: web.Request) -> web.Response:
        return web.json_response({"app": self._shown(request, self._find(request), self.now())})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response({"state": _inner_state(self._find(request), self.now())})

    async def _attempts(self, request: web.Request) -> web.Response:
        return web.json_response(bodies.attempts(self._find(request)))

    async def _put_state(self, request: web.Request) -> web.Response:
        if request.content_type != JSON:
            return web.Response(status=503, text=NOT_JSON, content_type="application/xml")
        user = _user(request)
        if not user:
            words = "Unable to obtain user name, user not authenticated"
            place = "org.apache.hadoop.security.authorize"
            body = _remote_exception("AuthorizationException", words, place)
            return web.Response(status=401, text=body, content_type=JSON)
        row = self._find(request)
        wanted, state = _object(await request.text()), _inner_state(row, self.now())
        if wanted.get("state") == state:
            return web.json_response({"state": state})
        if wanted.get("state") != KILLED:
            _refuse("java.lang.Exception: Only 'KILLED' is allowed as a target state.")
        forbidden = self.faults.take(frozenset({Kind.KILL_FORBIDDEN}), row.id) is not None
        if forbidden or not self._administers(user, row):
            words = f"Unauthorized attempt to kill appid {row.id} by remote user {user}"
            return web.Response(status=403, text=words, content_type=JSON)
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
    cookie = request.cookies.get("hadoop.auth", "")
    return request.query.get("user.name") or cookie.partition("u=")[2].partition("&")[0]


def _object(text: str) -> dict[str, Any]:
    """Parse a JSON object; anything else counts as an empty one."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _remote_exception(kind: str, message: str, place: str = "org.apache.hadoop.yarn.webapp") -> str:
    told = {"exception": kind, "message": message, "javaClassName": f"{place}.{kind}"}
    return json.dumps({"RemoteException": told})


def _refuse(message: str) -> NoReturn:
    """Answer a parameter or an id that the ResourceManager does not take."""
    body = _remote_exception("BadRequestException", message)
    raise web.HTTPBadRequest(text=body, content_type=JSON)


# ---- the query parameters of /apps that are asked, with the complaints about them


def _words(request: web.Request, name: str) -> list[str]:
    """Return the words of a parameter that may be repeated or hold commas."""
    return [word for value in request.query.getall(name, []) for word in value.split(",") if word]


def _known(words: Iterable[str], known: Sequence[str], kind: str) -> set[str]:
    asked = set(words)
    for word in sorted(asked):
        if word not in known:
            _refuse(
                f"java.lang.Exception: Invalid {kind} {word} specified. "
                f"It should be one of [{', '.join(known)}]"
            )
    return asked


def _chosen(rows: Iterable[Application], request: web.Request, at: float) -> Iterator[Application]:
    states = _known((w.upper() for w in _words(request, "states")), STATES, "application-state")
    types = {word.upper() for word in _words(request, "applicationTypes")}
    final = request.query.get("finalStatus", "")
    for row in rows:
        state = row.state(at)
        fits = not states or state in states
        fits &= not types or row.spec.type.upper() in types
        if fits and final in {"", bodies.FINAL_STATUS.get(state, "UNDEFINED")}:
            yield row


def _limit(request: web.Request) -> int | None:
    value = request.query.get("limit", "")
    if value and not value.isdecimal():
        _refuse(f"java.lang.Exception: limit must be a number: {value}")
    if value and not int(value):
        _refuse("java.lang.Exception: limit value must be greater then 0")
    return int(value) if value else None
