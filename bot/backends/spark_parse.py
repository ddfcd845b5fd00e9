"""A Spark standalone master's /json/ body and page (3.5 to 4.3) into the product's values."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.backends.identifiers import is_spark_application, is_spark_driver
from bot.backends.shapes import NAME_LIMIT, amount, count, moment, rows, text
from bot.backends.usage import SchedulerUsage
from bot.domain.applications import Application, ApplicationRef, ApplicationState
from bot.domain.cluster import NodeUsage

MIB = 2**20
DRIVER_KIND = "DRIVER"
_EPOCH = datetime.fromtimestamp(0, UTC)
_TOKEN = re.compile(rb'name="csrfToken"\s+value="([0-9a-zA-Z_-]{8,200})"')
_STATES = {
    "WAITING": ApplicationState.WAITING,
    "SUBMITTED": ApplicationState.WAITING,
    "RUNNING": ApplicationState.RUNNING,
    "RELAUNCHING": ApplicationState.RUNNING,
    "FINISHED": ApplicationState.FINISHED,
    "FAILED": ApplicationState.FAILED,
    "ERROR": ApplicationState.FAILED,
    "KILLED": ApplicationState.KILLED,
}


def is_master(body: Any) -> bool:
    """Tell whether a body is a master's: it names its status and its active applications."""
    return isinstance(body, dict) and isinstance(body.get("status"), str) and "activeapps" in body


def applications(cluster: str, body: dict[str, Any]) -> tuple[list[Application], int]:
    """Return the active applications and how many objects were not understood."""
    found = rows(body.get("activeapps"))
    parsed = [_application(cluster, row, active=True) for row in found]
    good = [row for row in parsed if row is not None]
    return good, len(parsed) - len(good)


def drivers(cluster: str, body: dict[str, Any]) -> list[Application]:
    """Return the active drivers of cluster mode, as applications of kind DRIVER."""
    parsed = (_driver(cluster, row, active=True) for row in rows(body.get("activedrivers")))
    return [row for row in parsed if row is not None]


def find(cluster: str, body: dict[str, Any], app_id: str) -> Application | None:
    """Return one application or driver, active or completed; None when it is in no list.

    The completed ones are bounded (spark.deploy.retainedApplications) and can be emptied, so
    being in no list means gone.
    """
    lists = (
        ("activeapps", _application, True),
        ("completedapps", _application, False),
        ("activedrivers", _driver, True),
        ("completeddrivers", _driver, False),
    )
    for name, parser, active in lists:
        for row in rows(body.get(name)):
            if row.get("id") == app_id:
                return parser(cluster, row, active=active)
    return None


def usage(body: dict[str, Any]) -> SchedulerUsage:
    """Return what the master granted, its workers, and the states of its applications."""
    workers = rows(body.get("workers"))
    alive = [row.get("state") == "ALIVE" for row in workers]
    states = [row.get("state") for row in rows(body.get("activeapps"))]
    waiting = states.count("WAITING")
    return SchedulerUsage(
        cores_total=amount(body.get("cores")),
        cores_granted=amount(body.get("coresused")),
        memory_total=_bytes(body.get("memory")),
        memory_granted=_bytes(body.get("memoryused")),
        nodes=tuple(_nodes(workers)),
        nodes_lost=len(alive) - sum(alive),
        running=len(states) - waiting,
        waiting=waiting,
    )


def csrf_token(page: bytes) -> str | None:
    """Return the token of the page's forms; None for a version that wants none."""
    match = _TOKEN.search(page)
    return match[1].decode() if match else None


def offers_kill(page: bytes, path: str) -> bool:
    """Tell whether the page has a form that posts to the path, as it has unless kills are off."""
    return path.strip("/").encode() in page


def _application(cluster: str, row: dict[str, Any], *, active: bool) -> Application | None:
    app_id = row.get("id")
    if not isinstance(app_id, str) or not is_spark_application(app_id):
        return None
    state = _state(row, active=active)
    return Application(
        ref=ApplicationRef(cluster, "spark", app_id),
        name=text(row.get("name"), NAME_LIMIT),
        user=text(row.get("user")),
        queue="",
        state=state,
        started_at=moment(row.get("starttime")) or _EPOCH,
        granted_cores=0.0 if state.over else amount(row.get("cores")),
        finished_at=_ended(row) if state.over else None,
    )


def _driver(cluster: str, row: dict[str, Any], *, active: bool) -> Application | None:
    driver_id = row.get("id")
    if not isinstance(driver_id, str) or not is_spark_driver(driver_id):
        return None
    state = _state(row, active=active)
    return Application(
        ref=ApplicationRef(cluster, "spark", driver_id),
        name=text(row.get("mainclass"), NAME_LIMIT),
        user="",
        queue="",
        state=state,
        started_at=moment(row.get("starttime")) or _EPOCH,
        kind=DRIVER_KIND,
        granted_cores=0.0 if state.over else amount(row.get("cores")),
        granted_memory=0 if state.over else _bytes(row.get("memory")),
    )


def _state(row: dict[str, Any], *, active: bool) -> ApplicationState:
    """Return the state; a word of no known meaning counts by the list it stands in."""
    default = ApplicationState.RUNNING if active else ApplicationState.FINISHED
    return _STATES.get(text(row.get("state")), default)


def _ended(row: dict[str, Any]) -> datetime | None:
    """Return start plus duration, the only trace of the end a master keeps."""
    start, duration = amount(row.get("starttime")), amount(row.get("duration"))
    return None if start is None or duration is None else moment(start + duration)


def _nodes(workers: Iterable[dict[str, Any]]) -> Iterable[NodeUsage]:
    for row in workers:
        yield NodeUsage(text(row.get("host")), healthy=row.get("state") == "ALIVE")


def _bytes(mebibytes: Any) -> int | None:
    value = count(mebibytes)
    return None if value is None else value * MIB
