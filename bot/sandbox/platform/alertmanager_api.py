"""Alertmanager's API v2 over the alert loop: alerts, silences and the version, as 0.25 answers."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from .alert_loop import RUNBOOK, AlertLoop
from .faults import Faults, application

VERSION = "0.25.0"


class AlertmanagerApi:
    """The API over an alert loop, which it silences.

    Silences are made and ended as in the real one; ids are those of the request's own counting,
    so that the same requests give the same answers.
    """

    def __init__(self, now: Callable[[], float], faults: Faults, loop: AlertLoop) -> None:
        self.now = now
        self.faults = faults
        self._loop = loop
        self._silences: list[dict[str, Any]] = []
        loop.silenced = self._silenced

    def application(self) -> web.Application:
        """Make the web application."""
        return application(
            self.faults,
            web.get("/api/v2/status", self._status),
            web.get("/api/v2/alerts", self._alerts),
            web.get("/api/v2/silences", self._listed),
            web.post("/api/v2/silences", self._silence),
            web.delete("/api/v2/silence/{id}", self._expire),
        )

    def _silenced(self) -> list[str]:
        """Return the ids of the silences in force that match the alert's labels."""
        labels = self._loop.labels
        return [
            each["id"]
            for each in self._silences
            if self._state(each) == "active" and all(_fits(m, labels) for m in each["matchers"])
        ]

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response({"versionInfo": {"version": VERSION}})

    async def _alerts(self, _: web.Request) -> web.Response:
        state, at, by = self._loop.state, self.now(), self._silenced()
        if not state.firing or state.above_since is None:
            return web.json_response([])
        summary = {"runbook_url": RUNBOOK, "summary": f"Cluster CPU is {state.value:.1f}%"}
        status = {"silencedBy": by, "state": "suppressed" if by else "active"}
        alert = {
            "annotations": summary,
            "endsAt": _time(at + 240),
            "labels": self._loop.labels,
            "startsAt": _time(state.above_since),
            "status": status,
        }
        return web.json_response([alert])

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
