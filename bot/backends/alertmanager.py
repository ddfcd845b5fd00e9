"""Alertmanager's API v2: which alerts it holds and which silences are in force. It is only read."""

import asyncio
import re
from datetime import datetime
from typing import Any

import httpx

from bot.backends.http import HttpLimits, HttpSystem
from bot.backends.shapes import mapping, one_line, rows, text
from bot.domain.alerts import AlertBoard, Silence, StandingAlert
from bot.errors import FaultKind

SYSTEM = "alertmanager"
ALERTS, SILENCES, STATUS = "/api/v2/alerts", "/api/v2/silences", "/api/v2/status"
PATHS = tuple(re.compile(re.escape(path)) for path in (ALERTS, SILENCES, STATUS))
MOST = 200  # alerts and silences read; more than anybody looks at
_SEVERITIES = ("page", "critical", "error", "high", "warning", "medium", "info", "low")
_LABEL = 80  # characters of a name or a value shown


class AlertmanagerReader:
    """Reads one Alertmanager; of a cluster of them any one will do, for they tell each other."""

    def __init__(
        self, address: str, client: httpx.AsyncClient, limits: HttpLimits | None = None
    ) -> None:
        self._http = HttpSystem(SYSTEM, address, client, PATHS, limits)

    async def board(self) -> AlertBoard:
        """Return the alerts that fire and the silences in force. Raises BackendError."""
        alerts, silences = await asyncio.gather(self._list(ALERTS), self._list(SILENCES))
        standing = [alert(row) for row in alerts[:MOST]]
        in_force = [
            silence(row) for row in silences if mapping(row.get("status")).get("state") == "active"
        ]
        return AlertBoard(
            tuple(sorted(standing, key=_weight)),
            tuple(sorted(in_force[:MOST], key=lambda each: _at(each.until))),
        )

    async def version(self) -> str:
        """Return the server's version. Raises BackendError."""
        body = mapping(await self._http.read_json(STATUS))
        found = text(mapping(body.get("versionInfo")).get("version"))
        if not found:
            raise self._http.fault(FaultKind.BAD_ANSWER, STATUS, "not the shape of this API")
        return found

    async def _list(self, path: str) -> list[dict[str, Any]]:
        body = await self._http.read_json(path)
        if not isinstance(body, list):
            raise self._http.fault(FaultKind.BAD_ANSWER, path, "not the shape of this API")
        return rows(body)


def alert(row: dict[str, Any]) -> StandingAlert:
    """Return one alert of /alerts; what inhibits it keeps it as quiet as a silence does."""
    labels = mapping(row.get("labels"))
    return StandingAlert(
        name=one_line(text(labels.get("alertname")), _LABEL),
        severity=one_line(text(labels.get("severity")), _LABEL),
        since=_moment(row.get("startsAt")),
        quiet=mapping(row.get("status")).get("state") == "suppressed",
    )


def silence(row: dict[str, Any]) -> Silence:
    """Return one silence of /silences; versions before 0.22 tell no `isEqual`, which means yes."""
    parts = []
    for each in rows(row.get("matchers")):
        sign = ("=~" if each.get("isRegex") else "=") if each.get("isEqual", True) else "!="
        sign = "!~" if sign == "!=" and each.get("isRegex") else sign
        parts.append(f"{text(each.get('name'))}{sign}{text(each.get('value'))}")
    return Silence(
        matches=one_line(", ".join(parts)),
        until=_moment(row.get("endsAt")),
        by=one_line(text(row.get("createdBy")), _LABEL),
        comment=one_line(text(row.get("comment"))),
    )


def _moment(value: Any) -> datetime | None:
    """Return an RFC 3339 time; None for anything else, one without a zone too."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _weight(alert_: StandingAlert) -> tuple[bool, int, float, str]:
    known = alert_.severity.lower()
    rank = _SEVERITIES.index(known) if known in _SEVERITIES else len(_SEVERITIES)
    return (alert_.quiet, rank, _at(alert_.since), alert_.name)


def _at(moment: datetime | None) -> float:
    return moment.timestamp() if moment is not None else float("inf")
