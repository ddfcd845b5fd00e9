"""A Spark standalone master's /json/ body and page (3.5 to 4.3) into the product's values."""

import re
from datetime import datetime
from typing import Any

from bot.backends.identifiers import is_spark_application
from bot.backends.shapes import NAME_LIMIT, amount, mebibytes, moment, number, rows, text
from bot.backends.usage import SchedulerUsage
from bot.domain.applications import Application, ApplicationRef, ApplicationState
from bot.domain.cluster import NodeState, NodeUsage, counted

DRIVER_KIND = "DRIVER"
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


_NODE_STATES = {
    "ALIVE": NodeState.RUNNING,
    "DEAD": NodeState.LOST,
    "UNKNOWN": NodeState.UNKNOWN,  # a master that took over has not heard from it yet
}
_RETIRED = "DECOMMISSIONED"


def is_master(body: Any) -> bool:
    """Tell whether a body is a master's: it names its status and its active applications."""
    return isinstance(body, dict) and isinstance(body.get("status"), str) and "activeapps" in body


def applications(cluster: str, body: dict[str, Any]) -> tuple[list[Application], int]:
    """Return what is active and how many objects were not understood.

    Drivers of cluster mode are applications of kind DRIVER: a supervised one starts its
    application again under a new id, so it is the driver that must be killed. The master names no
    link between the two.
    """
    parsed = [
        *(_application(cluster, row, active=True) for row in rows(body.get("activeapps"))),
        *(_driver(cluster, row, active=True) for row in rows(body.get("activedrivers"))),
    ]
    good = [row for row in parsed if row is not None]
    return good, len(parsed) - len(good)


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


def is_driver(body: dict[str, Any], some_id: str) -> bool:
    """Tell whether an id is that of a driver, which is killed by another form."""
    return any(row.get("id") == some_id for row in rows(body.get("activedrivers")))


def usage(body: dict[str, Any]) -> SchedulerUsage:
    """Return what the master granted, its workers, and the states of its applications."""
    nodes = _nodes(rows(body.get("workers")))
    states = [row.get("state") for row in rows(body.get("activeapps"))]
    waiting = states.count("WAITING")
    return SchedulerUsage(
        cores_total=amount(body.get("cores")),
        cores_granted=amount(body.get("coresused")),
        memory_total=mebibytes(body.get("memory")),
        memory_granted=mebibytes(body.get("memoryused")),
        nodes=nodes,
        node_counts=counted(nodes),
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
        started_at=moment(row.get("starttime")),
        granted_cores=0.0 if state.over else amount(row.get("cores")),
        finished_at=_ended(row) if state.over else None,
    )


def _driver(cluster: str, row: dict[str, Any], *, active: bool) -> Application | None:
    driver_id = row.get("id")
    if not isinstance(driver_id, str) or not is_spark_application(driver_id):
        return None
    state = _state(row, active=active)
    return Application(
        ref=ApplicationRef(cluster, "spark", driver_id),
        name=text(row.get("mainclass"), NAME_LIMIT),
        user="",
        queue="",
        state=state,
        started_at=moment(row.get("starttime")),
        kind=DRIVER_KIND,
        granted_cores=0.0 if state.over else amount(row.get("cores")),
        granted_memory=0 if state.over else mebibytes(row.get("memory")),
    )


def _state(row: dict[str, Any], *, active: bool) -> ApplicationState:
    """Return the state; a word of no known meaning counts by the list it stands in."""
    default = ApplicationState.RUNNING if active else ApplicationState.FINISHED
    return _STATES.get(text(row.get("state")), default)


def _ended(row: dict[str, Any]) -> datetime | None:
    """Return start plus duration, the only trace of the end a master keeps."""
    start, duration = number(row.get("starttime")), number(row.get("duration"))
    return None if start is None or duration is None else moment(start + duration)


def _nodes(workers: list[dict[str, Any]]) -> tuple[NodeUsage, ...]:
    """Return the workers by id; a dead one whose host has a living one was started again."""
    found = [row for row in workers if row.get("state") != _RETIRED and text(row.get("host"))]
    alive = [text(row.get("host")) for row in found if row.get("state") == "ALIVE"]
    usages: dict[str, NodeUsage] = {}
    for row in found:
        host, state = text(row.get("host")), _NODE_STATES.get(text(row.get("state")))
        if state is not NodeState.RUNNING and host in alive:
            continue
        name = f"{host}:{row.get('port')}" if alive.count(host) > 1 else host
        usages[text(row.get("id")) or name] = NodeUsage(
            name, state=state or NodeState.UNKNOWN, names=frozenset({host})
        )
    return tuple(usages.values())


def driver_address(page: bytes, app_id: str) -> str | None:
    """Return where a running application's name leads on the master's page; None for its proxy."""
    own = re.escape(f"appId={app_id}")
    found = re.search(
        rf'{own}".{{0,2000}}?<a href="(https?://[^"/\s]+)/?">',
        page.decode("utf-8", "replace"),
        re.DOTALL,
    )
    return found[1] if found else None
