"""A Spark standalone cluster: its masters' /json/ pages, and kills by the page's own form.

Behaviour measured with Spark 3.5.8 to 4.3.0. A kill is answered 302 whether it was done or
not, so only a later read proves it; newer versions want a token that stands in the page.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from bot.backends.http import (
    REDIRECTS,
    HttpLimits,
    HttpReply,
    HttpSystem,
    NotSentError,
    reason_in,
    until,
)
from bot.backends.shapes import (
    NAME_LIMIT,
    amount,
    is_spark_application,
    mebibytes,
    moment,
    number,
    rows,
    text,
)
from bot.backends.usage import SchedulerList, SchedulerUsage, SendRequest, answer_at_once
from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    KillAnswer,
    KillOutcome,
)
from bot.domain.cluster import NodeState, NodeUsage, counted
from bot.errors import BackendError, FaultKind, Missing
from bot.ports import Left

SYSTEM = "spark"
JSON = "/json/"  # without the slash at its end it is a redirect
PAGE = "/"
KILL_APPLICATION = "/app/kill/"
KILL_DRIVER = "/driver/kill/"
EXECUTORS = r"(/proxy/[^/]+)?/api/v1/applications/[^/]+/executors"
PATHS = (
    *(re.compile(re.escape(path)) for path in (JSON, PAGE, KILL_APPLICATION, KILL_DRIVER)),
    re.compile(EXECUTORS),
)
ALIVE = "ALIVE"
KNOWN_S = 3.0  # for the master known, so that time is left to ask the others
Answer = tuple[HttpSystem, dict[str, Any] | BackendError]
_FOUND = 302
_METHOD_NOT_ALLOWED = 405
_NO = frozenset({400, 401, 403, 404, 411, 415, 501})
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


class SparkStandalone:
    """Applications and kills of one standalone cluster with one or more masters.

    Only the master that says it is ALIVE is believed. The client carries the bearer token of a
    JWSFilter, if any. Granted memory of an application is unknown: a master tells the memory
    per executor, but not how many executors there are. Reads raise BackendError.
    """

    def __init__(
        self,
        cluster: str,
        addresses: Sequence[str],
        client: httpx.AsyncClient,
        *,
        limits: HttpLimits | None = None,
        drivers: httpx.AsyncClient | None = None,
    ) -> None:
        self.cluster = cluster
        self._limits = limits
        self._drivers = drivers
        self._masters = [HttpSystem(SYSTEM, a, client, PATHS, limits) for a in addresses]
        self._last: HttpSystem | None = None

    async def running(self) -> SchedulerList:
        """Return the applications that run or wait, and the cores. Raises BackendError."""
        _, body = await self._alive()
        found, strange = applications(self.cluster, body)
        totals = usage(body)
        detail = f"{strange} applications not understood"
        missing = (Missing(SYSTEM, FaultKind.BAD_ANSWER, detail),) if strange else ()
        return SchedulerList(tuple(found), totals.cores_total, totals.memory_total, missing)

    async def usage(self) -> SchedulerUsage:
        """Return totals and workers; cores and memory are granted ones. Raises BackendError."""
        _, body = await self._alive()
        return usage(body)

    async def find(self, ref: ApplicationRef) -> Application | None:
        """Return an application or driver, active or completed; None when it is in no list.

        Raises BackendError.
        """
        if not is_spark_application(ref.id):
            return None
        _, body = await self._alive()
        return find(self.cluster, body, ref.id)

    async def prepare(self, ref: ApplicationRef) -> SendRequest:
        """Return the one post of the alive master's kill form. Raises BackendError."""
        if not is_spark_application(ref.id):
            return answer_at_once(KillOutcome.UNSENT, "not an application id")
        master, body = await self._alive()
        path = KILL_DRIVER if is_driver(body, ref.id) else KILL_APPLICATION
        page = await self._page(master)
        if not offers_kill(page, path):
            return answer_at_once(KillOutcome.REFUSED, "the master's page offers no kill")
        token = csrf_token(page)
        form = {"id": ref.id, "terminate": "true", **({"csrfToken": token} if token else {})}
        return partial(_kill, master, path, form)

    async def executors(self, app_id: str) -> Any:
        """Return an application's /executors: by the master's proxy, else from its driver.

        A driver is asked without the master's token. Raises BackendError.
        """
        if not is_spark_application(app_id):
            raise BackendError(SYSTEM, FaultKind.NO_DATA, "not an application id")
        master, _ = await self._alive()
        path = f"/api/v1/applications/{app_id}/executors"
        driver = driver_address(await self._page(master), app_id)
        if driver is None:
            return await master.read_json(f"/proxy/{app_id}{path}")
        if self._drivers is None:
            raise BackendError(SYSTEM, FaultKind.NOT_CONFIGURED)
        system = HttpSystem(SYSTEM, driver, self._drivers, PATHS, self._limits)
        return await system.read_json(path)

    async def masters(self) -> tuple[tuple[str, str | BackendError], ...]:
        """Return each address and the status its master tells, in the order configured."""
        found = await asyncio.gather(*(self._read(master) for master in self._masters))
        return tuple(
            (master.shown, body if isinstance(body, BackendError) else text(body["status"], 20))
            for master, body in found
        )

    async def offers_kill(self) -> bool:
        """Tell whether the alive master's page offers to kill anything. Raises BackendError."""
        master, _ = await self._alive()
        return offers_kill(await self._page(master), KILL_APPLICATION)

    async def _page(self, master: HttpSystem) -> bytes:
        reply = await master.read(PAGE)
        if not reply.ok:
            kind = FaultKind.REFUSED if reply.status in _NO else FaultKind.BAD_ANSWER
            raise master.fault(kind, PAGE, f"{reply.status} {reply.words}", reason_in(reply))
        return reply.body

    async def _alive(self) -> tuple[HttpSystem, dict[str, Any]]:
        """Return the ALIVE master and its body; the last one known is asked first, alone."""
        asked = self._masters
        found: list[Answer] = []
        if self._last is not None:
            within = KNOWN_S if len(self._masters) > 1 else None
            found = [await self._read(self._last, within)]
            asked = [master for master in asked if master is not self._last]
            self._last = None
        if not any(_is_alive(answer) for answer in found):
            found += await until((self._read(master) for master in asked), _is_alive)
        told = [(master, body) for master, body in found if isinstance(body, dict)]
        for master, body in told:
            if body["status"] == ALIVE:
                self._last = master
                return master, body
        if told:
            states = ", ".join(f"{master.shown} {body['status'][:20]}" for master, body in told)
            raise BackendError(SYSTEM, FaultKind.STANDBY, f"no alive master: {states}")
        errors = [error for _, error in found if isinstance(error, BackendError)]
        raise errors[0] if errors else BackendError(SYSTEM, FaultKind.NOT_CONFIGURED)

    async def _read(self, master: HttpSystem, within: float | None = None) -> Answer:
        try:
            body = await master.read_json(JSON, within=within)
        except BackendError as error:
            return master, error
        if not is_master(body):
            return master, master.fault(FaultKind.BAD_ANSWER, JSON, "not a master's answer")
        return master, body


def _is_alive(answer: Answer) -> bool:
    body = answer[1]
    return isinstance(body, dict) and body["status"] == ALIVE


async def _kill(
    master: HttpSystem, path: str, form: Mapping[str, str], _reason: str, left: Left
) -> KillAnswer:
    """Post the form once; a master takes no reason.

    ACCEPTED proves nothing: without permission or with an unknown id it is the same 302.
    """
    try:
        reply = await master.send_once("POST", path, left, form=form)
    except NotSentError as error:
        return KillAnswer(KillOutcome.UNSENT, str(error))
    except BackendError as error:
        return KillAnswer(KillOutcome.UNKNOWN, error.missing.detail)
    return kill_answer(reply)


def kill_answer(reply: HttpReply) -> KillAnswer:
    """Say what the answer to the kill form proves.

    302 is the normal answer and proves nothing. A master with kills switched off answers 405;
    any other redirect comes from something in front of it, which passed nothing on.
    """
    if reply.status == _FOUND:
        return KillAnswer(KillOutcome.ACCEPTED, "302, which a read has to prove")
    if reply.status == _METHOD_NOT_ALLOWED:
        return KillAnswer(KillOutcome.REFUSED, "405, kills are switched off at this master")
    if reply.status in REDIRECTS:
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status}, redirected and nothing done")
    if reply.status in _NO:
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status} {reply.words}")
    return KillAnswer(KillOutcome.UNKNOWN, f"{reply.status} {reply.words}")


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
        *(
            _application(cluster, row, active=True, driver=True)
            for row in rows(body.get("activedrivers"))
        ),
    ]
    good = [row for row in parsed if row is not None]
    return good, len(parsed) - len(good)


def find(cluster: str, body: dict[str, Any], app_id: str) -> Application | None:
    """Return one application or driver, active or completed; None when it is in no list.

    The completed ones are bounded (spark.deploy.retainedApplications) and can be emptied, so
    being in no list means gone.
    """
    for name in ("activeapps", "completedapps", "activedrivers", "completeddrivers"):
        for row in rows(body.get(name)):
            if row.get("id") == app_id:
                active, driver = name.startswith("active"), name.endswith("drivers")
                return _application(cluster, row, active=active, driver=driver)
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


def _application(
    cluster: str, row: dict[str, Any], *, active: bool, driver: bool = False
) -> Application | None:
    app_id = row.get("id")
    if not isinstance(app_id, str) or not is_spark_application(app_id):
        return None
    state = _state(row, active=active)
    found = Application(
        ref=ApplicationRef(cluster, "spark", app_id),
        name=text(row.get("mainclass" if driver else "name"), NAME_LIMIT),
        user="" if driver else text(row.get("user")),
        queue="",
        state=state,
        started_at=moment(row.get("starttime")),
        granted_cores=0.0 if state.over else amount(row.get("cores")),
        finished_at=_ended(row) if state.over and not driver else None,
    )
    if not driver:
        return found
    held = 0 if state.over else mebibytes(row.get("memory"))
    return replace(found, kind=DRIVER_KIND, granted_memory=held)


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
