"""Control API of the stand-in, for tests and pages in another process."""

import json
from dataclasses import replace
from typing import Any, Protocol, Unpack

from aiohttp import web

from .faults import FaultOptions, Faults
from .model import PlatformModel, UnknownApplicationError
from .yarn_api import KillRequest


class Controlled(Protocol):
    """What the control API steers."""

    model: PlatformModel
    kill_requests: list[KillRequest]
    faults: dict[str, Faults]

    def now(self) -> float:
        """Seconds since the epoch."""

    def start_incident(self) -> None:
        """Let the runaway applications loose."""

    async def fault(self, service: str, kind: str, **options: Unpack[FaultOptions]) -> None:
        """Switch a fault on."""

    async def clear_faults(self, service: str | None = None) -> None:
        """Lift faults."""

    async def failover(self) -> None:
        """Swap active and standby."""


class ControlApi:
    """POST and GET under /control/; every answer is JSON, a bad request 400 with `error`."""

    def __init__(self, platform: Controlled) -> None:
        self._platform = platform

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(middlewares=[self._middleware])
        app.router.add_get("/control/state", self._state)
        app.router.add_get("/control/kills", self._kills)
        app.router.add_post("/control/incident", self._incident)
        app.router.add_post("/control/faults", self._fault)
        app.router.add_delete("/control/faults", self._clear)
        app.router.add_post("/control/failover", self._failover)
        app.router.add_post("/control/applications/{id}", self._application)
        return app

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            response: web.StreamResponse = await handler(request)
        except (ValueError, TypeError, KeyError, UnknownApplicationError) as error:
            return web.json_response({"error": repr(error)}, status=400)
        return response

    async def _state(self, _request: web.Request) -> web.Response:
        model, now = self._platform.model, self._platform.now()
        return web.json_response(
            {
                "now": now,
                "cpu_percent": model.cpu_percent(now),
                "incident_since": model.incident_s,
                "faults": {name: faults.names() for name, faults in self._platform.faults.items()},
                "applications": [
                    {"id": row.id, "name": row.spec.name, "state": row.state(now)}
                    for row in model.applications(now)
                ],
            }
        )

    async def _kills(self, _request: web.Request) -> web.Response:
        requests = [
            {"application_id": kill.application_id, "user": kill.user, "at": kill.at}
            for kill in self._platform.kill_requests
        ]
        return web.json_response({"kills": requests})

    async def _incident(self, request: web.Request) -> web.Response:
        self._platform.start_incident()
        return await self._state(request)

    async def _fault(self, request: web.Request) -> web.Response:
        body = json.loads(await request.text())
        await self._platform.fault(body.pop("service"), body.pop("kind"), **body)
        return await self._state(request)

    async def _clear(self, request: web.Request) -> web.Response:
        await self._platform.clear_faults(request.query.get("service"))
        return await self._state(request)

    async def _failover(self, request: web.Request) -> web.Response:
        await self._platform.failover()
        return await self._state(request)

    async def _application(self, request: web.Request) -> web.Response:
        """Do {"do": "finish" | "fail" | "new_attempt" | "reuse_id" | "alter", ...fields} to an application."""
        model, now = self._platform.model, self._platform.now()
        row = model.find(request.match_info["id"], now)
        body = json.loads(await request.text())
        match body.pop("do"):
            case "finish":
                model.end(row.id, now)
            case "fail":
                model.end(row.id, now, "FAILED", "Application failed 1 times due to an error")
            case "new_attempt":
                model.new_attempt(row.id, now)
            case "reuse_id":
                model.reuse_id(row.id, replace(row.spec, **body), now)
            case "alter":
                model.alter(row.id, now, **body)
            case other:
                raise ValueError(f"unknown action: {other}")
        return await self._state(request)
