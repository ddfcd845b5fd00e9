"""Alertmanager's API v2 over the alert loop: alerts, silences and the version, as 0.25 answers."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from .faults import Faults, Handler, answer

VERSION = "0.25.0"
RECEIVER = "slack"
Alerts = Callable[[], list[dict[str, Any]]]


class AlertmanagerApi:
    """The API; `alerts` gives the active alerts, in Prometheus' shape.

    Silences are made and ended as in the real one; ids are those of the request's own counting,
    so that the same requests give the same answers.
    """

    def __init__(self, now: Callable[[], float], faults: Faults, alerts: Alerts) -> None:
        self.now = now
        self.faults = faults
        self.alerts = alerts
        self._silences: list[dict[str, Any]] = []

    def application(self) -> web.Application:
        """Make the web application."""
        app = web.Application(middlewares=[self._faulty])
        app.router.add_get("/api/v2/status", self._status)
        app.router.add_get("/api/v2/alerts", self._alerts)
        app.router.add_get("/api/v2/silences", self._listed)
        app.router.add_post("/api/v2/silences", self._silence)
        app.router.add_delete("/api/v2/silence/{id}", self._expire)
        return app

    def silenced(self, labels: dict[str, str]) -> list[str]:
        """Return the ids of the silences in force that match an alert's labels."""
        return [
            each["id"]
            for each in self._silences
            if self._state(each) == "active" and all(_fits(m, labels) for m in each["matchers"])
        ]

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return await answer(self.faults, request, handler)

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "cluster": {"peers": [], "status": "disabled"},
                "uptime": _time(self.now()),
                "versionInfo": {"version": VERSION},
            }
        )

    async def _alerts(self, _: web.Request) -> web.Response:
        at = self.now()
        firing = [each for each in self.alerts() if each["state"] == "firing"]
        return web.json_response([self._alert(each, at) for each in firing])

    def _alert(self, alert: dict[str, Any], at: float) -> dict[str, Any]:
        by = self.silenced(alert["labels"])
        return {
            "annotations": alert["annotations"],
            "endsAt": _time(at + 240),
            "fingerprint": uuid.uuid5(uuid.NAMESPACE_OID, str(alert["labels"])).hex[:16],
            "generatorURL": "http://monitoring.example.com:9090/graph",
            "labels": alert["labels"],
            "receivers": [{"name": RECEIVER}],
            "startsAt": alert["activeAt"],
            "status": {
                "inhibitedBy": [],
                "silencedBy": by,
                "state": "suppressed" if by else "active",
            },
            "updatedAt": _time(at),
        }

    async def _listed(self, _: web.Request) -> web.Response:
        found = [{**each, "status": {"state": self._state(each)}} for each in self._silences]
        return web.json_response(found)

    async def _silence(self, request: web.Request) -> web.Response:
        body = await request.json()
        made = {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(len(self._silences)))),
            "comment": str(body["comment"]),
            "createdBy": str(body["createdBy"]),
            "startsAt": str(body["startsAt"]),
            "endsAt": str(body["endsAt"]),
            "updatedAt": _time(self.now()),
            "matchers": [{"isEqual": True, "isRegex": False} | each for each in body["matchers"]],
        }
        self._silences.append(made)
        return web.json_response({"silenceID": made["id"]})

    async def _expire(self, request: web.Request) -> web.Response:
        for each in self._silences:
            if each["id"] == request.match_info["id"]:
                each["endsAt"] = _time(self.now())
                return web.Response()
        return web.json_response("silence not found", status=404)

    def _state(self, silence: dict[str, Any]) -> str:
        starts, ends = (
            datetime.fromisoformat(silence[name]).timestamp() for name in ("startsAt", "endsAt")
        )
        if ends <= self.now():
            return "expired"
        return "active" if starts <= self.now() else "pending"


def _fits(matcher: dict[str, Any], labels: dict[str, str]) -> bool:
    value = labels.get(matcher["name"], "")
    wanted = matcher["value"]
    same = re.fullmatch(wanted, value) is not None if matcher["isRegex"] else value == wanted
    return same is bool(matcher["isEqual"])


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
