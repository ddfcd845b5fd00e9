"""YARN's ResourceManager REST API: applications, the one kill request, and scheduler figures.

Behaviour after Hadoop's RMWebServices and RMWebAppFilter. A standby answers in three ways: 307
with Location, 307 with Refresh, or 200 with a plain sentence; only /info is always answered by
the ResourceManager itself, and its `haState` names the active one.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import httpx

from bot.backends import yarn_parse as parse
from bot.backends.http import REDIRECTS, HttpLimits, HttpReply, HttpSystem, NotSentError, until
from bot.backends.shapes import is_yarn_application, mapping, one_line, text
from bot.backends.usage import (
    NodeManager,
    SchedulerList,
    SchedulerUsage,
    SendRequest,
    answer_at_once,
)
from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    KillAnswer,
    KillOutcome,
)
from bot.errors import BackendError, FaultKind, Missing
from bot.ports import Left

SYSTEM = "yarn"
REST_PATH = "/ws/v1"
# The longest list first: Hadoop 3 knows all, 2.9 the first word, older ones ignore or refuse it.
DESELECTS = (
    "resourceRequests,timeouts,appNodeLabelExpression,amNodeLabelExpression,resourceInfo",
    "resourceRequests",
    "",
)
DISCOVERY_S = 3.0
SETTLING_S = 20.0  # after the last sign of a takeover the counts of applications still disagree
REASON_LIMIT = 200
QUEUES_TRIED = 5
_BAD_REQUEST = 400
_NOT_FOUND = 404
_NO_ACTIVE = b"no active RM"
# A definite no of the ResourceManager: the request was read and nothing was done.
# 411, 415 and 501 come from what stands in front: it passed nothing on.
_NO = frozenset({400, 401, 403, 404, 405, 411, 415, 501})
_SEEK_AGAIN = frozenset({FaultKind.STANDBY, FaultKind.UNREACHABLE})
_SEEK_ELSEWHERE = _SEEK_AGAIN | {FaultKind.TIMEOUT, FaultKind.FAILED}
T = TypeVar("T")


Answer = tuple[HttpSystem, parse.Manager | BackendError]


def paths(rest_path: str = REST_PATH) -> tuple[re.Pattern[str], ...]:
    """Return the only paths ever asked for, below what stands before /cluster."""
    base = f"{re.escape(rest_path)}/cluster"
    return (
        re.compile(rf"{base}/(info|metrics|nodes|scheduler|apps)"),
        re.compile(rf"{base}/apps/application_\d{{10,13}}_\d{{4,10}}(/state|/appattempts)?"),
        re.compile(r"/proxy/(application_\d+_\d+)/api/v1/applications/\1/executors"),
    )


class YarnApplications:
    """Applications and kills of one YARN cluster with one or more ResourceManager addresses.

    `user` is sent as `user.name` on every request, as `who` says; "" sends none (Kerberos). Only applications
    of `types` are listed. Reads raise BackendError; a standby is left for the active one.
    """

    def __init__(
        self,
        cluster: str,
        addresses: Sequence[str],
        client: httpx.AsyncClient,
        *,
        user: str = "dangjik",
        types: Sequence[str] = ("SPARK",),
        rest_path: str = REST_PATH,
        limits: HttpLimits | None = None,
    ) -> None:
        self.cluster = cluster
        self.user = user
        self._limits = limits or HttpLimits()
        self._base = f"{rest_path}/cluster"
        allowed = paths(rest_path)
        self._hosts = [HttpSystem(SYSTEM, a, client, allowed, self._limits) for a in addresses]
        self.who = {"user.name": user} if user else {}
        self._types = frozenset(word.upper() for word in types)
        self._active: HttpSystem | None = None
        self._deselect = 0
        self._settling_until = 0.0

    async def running(self) -> SchedulerList:
        """Return every application accepted or running, and the vcores. Raises BackendError."""
        return await self._on_active(self._running)

    async def find(self, ref: ApplicationRef) -> Application | None:
        """Return one application with its newest attempt; None when YARN does not know it.

        The attempt comes from /appattempts, which names it even while its container is being
        allocated; a list, where one request per row would be too many, reads it from the
        container id in `amContainerLogs`. Raises BackendError.
        """
        if not is_yarn_application(ref.id):
            return None
        return await self._on_active(lambda host: self._find(host, ref.id))

    async def usage(self) -> SchedulerUsage:
        """Return totals, nodes and queues; parts that fail are named. Raises BackendError."""
        return await self._on_active(self._usage)

    async def node_managers(self) -> tuple[NodeManager, ...]:
        """Return the NodeManagers that work. Raises BackendError."""
        body = await self._on_active(lambda host: self._json(host, f"{self._base}/nodes"))
        return parse.node_managers(body)

    async def executors(self, app_id: str) -> Any:
        """Return an application's /executors, by way of YARN's proxy. Raises BackendError."""
        path = f"/proxy/{app_id}/api/v1/applications/{app_id}/executors"
        return await self._on_active(lambda host: self._json(host, path))

    async def prepare(self, ref: ApplicationRef) -> SendRequest:
        """Return the one PUT to the ResourceManager that is active now. Raises BackendError."""
        if not is_yarn_application(ref.id):
            return answer_at_once(KillOutcome.UNSENT, "not an application id")
        return partial(self._kill, self._active or await self._discover(), ref)

    async def _kill(
        self, host: HttpSystem, ref: ApplicationRef, reason: str, left: Left
    ) -> KillAnswer:
        path = f"{self._base}/apps/{ref.id}/state"
        body = {"state": "KILLED", "diagnostics": one_line(reason, REASON_LIMIT)}
        try:
            reply = await host.send_once("PUT", path, left, self.who, json_body=body)
        except NotSentError as error:
            self._active = None
            return KillAnswer(KillOutcome.UNSENT, str(error))
        except BackendError as error:
            return KillAnswer(KillOutcome.UNKNOWN, error.missing.detail)
        if is_standby(reply):
            self._active = None
        return kill_answer(reply)

    async def managers(self) -> tuple[tuple[str, parse.Manager | BackendError], ...]:
        """Ask each address what it is, in the order configured."""
        found = await asyncio.gather(*(self._ask(host) for host in self._hosts))
        return tuple((host.shown, manager) for host, manager in found)

    async def try_kill(self, app_id: str) -> KillAnswer:
        """Ask to kill what cannot die: a 404 of what does not exist means that we were let in."""
        try:
            send = await self.prepare(ApplicationRef(self.cluster, SYSTEM, app_id))
        except BackendError as error:
            return KillAnswer(KillOutcome.UNSENT, error.missing.detail)
        return await send("permission check", lambda: self._limits.send_s)

    async def prove_kill(self) -> tuple[tuple[str, KillAnswer], ...]:
        """Ask to kill what has ended by itself: the queue, and the answer, which is a right's.

        One job of somebody else's in each of a few queues; none where none has ended. It changes
        nothing, for an end is final. Never raises BackendError.
        """
        try:
            rows = await self._on_active(self._finished)
        except BackendError:
            return ()
        found: dict[str, str] = {}
        for row in parse.applications(self.cluster, rows).applications:
            if row.state is ApplicationState.FINISHED and row.user != self.user:
                found.setdefault(row.queue, row.ref.id)
        asked = list(found.items())[:QUEUES_TRIED]
        return tuple([(queue, await self.try_kill(app_id)) for queue, app_id in asked])

    async def _finished(self, host: HttpSystem) -> list[dict[str, Any]]:
        path = f"{self._base}/apps"
        query = {"states": "FINISHED", "finalStatus": "SUCCEEDED", "limit": "50"}
        reply = await self._read(host, path, **query)
        return parse.application_rows(host.parsed(path, reply)) or []

    async def _on_active(self, operation: Callable[[HttpSystem], Awaitable[T]]) -> T:
        """Run a read on the active ResourceManager; look for it anew once when it is another."""
        host = self._active or await self._discover()
        try:
            return await operation(host)
        except BackendError as error:
            self._active = None
            seek = _SEEK_ELSEWHERE if len(self._hosts) > 1 else _SEEK_AGAIN
            if error.missing.kind not in seek:
                raise
        return await operation(await self._discover())

    async def _discover(self) -> HttpSystem:
        """Return the ResourceManager whose haState is ACTIVE; one without HA tells none."""
        found = await until((self._ask(host) for host in self._hosts), _is_active)
        for answer in found:
            if _is_active(answer):
                self._active = answer[0]
                return self._active
        told = [f"{host.shown} {m.ha_state}" for host, m in found if isinstance(m, parse.Manager)]
        if told:
            detail = f"no active ResourceManager: {', '.join(told)}"
            raise BackendError(SYSTEM, FaultKind.STANDBY, detail)
        errors = [error for _, error in found if isinstance(error, BackendError)]
        raise errors[0] if errors else BackendError(SYSTEM, FaultKind.NOT_CONFIGURED)

    async def _ask(self, host: HttpSystem) -> Answer:
        try:
            body = await host.read_json(f"{self._base}/info", self.who, within=DISCOVERY_S)
        except BackendError as error:
            return host, error
        manager = parse.manager(body)
        if manager is None:
            return host, host.fault(FaultKind.BAD_ANSWER, f"{self._base}/info", "no clusterInfo")
        return host, manager

    async def _json(self, host: HttpSystem, path: str) -> Any:
        return host.parsed(path, await self._read(host, path))

    async def _read(self, host: HttpSystem, path: str, **query: str) -> HttpReply:
        reply = await host.read(path, {**query, **self.who})
        if is_standby(reply):
            raise host.fault(FaultKind.STANDBY, path, f"{reply.status} {reply.words}")
        return reply

    async def _running(self, host: HttpSystem) -> SchedulerList:
        found, totals = await asyncio.gather(
            self._rows(host), self._part(host, "metrics", parse.metrics)
        )
        listed = parse.applications(self.cluster, found, self._types)
        missing = []
        if listed.strange:
            detail = f"{listed.strange} applications not understood"
            missing.append(Missing(SYSTEM, FaultKind.BAD_ANSWER, detail, listed.strange))
        if listed.hidden:
            missing.append(Missing(SYSTEM, FaultKind.HIDDEN, count=listed.hidden))
        if isinstance(totals, BackendError):
            missing.append(totals.missing)
            totals = SchedulerUsage()
        if self._settles(totals.settling or bool(listed.recovered)):
            missing.append(Missing(SYSTEM, FaultKind.SETTLING, count=listed.recovered))
        return SchedulerList(
            listed.applications,
            totals.cores_total,
            totals.memory_total,
            tuple(missing),
            listed.others,
        )

    def _settles(self, seen: bool) -> bool:
        """Tell whether a takeover was seen, just now or moments ago."""
        now = asyncio.get_running_loop().time()
        if seen:
            self._settling_until = now + SETTLING_S
        return now < self._settling_until

    async def _rows(self, host: HttpSystem) -> list[dict[str, Any]]:
        """Return the rows of the application list, with as few columns as this version allows."""
        path = f"{self._base}/apps"
        while True:
            words = DESELECTS[self._deselect]
            more = {"deSelects": words} if words else {}
            reply = await self._read(host, path, states="ACCEPTED,RUNNING", **more)
            if reply.status != _BAD_REQUEST or not words:
                break
            self._deselect += 1
        found = parse.application_rows(host.parsed(path, reply))
        if found is None:
            raise host.fault(FaultKind.BAD_ANSWER, path, "no list of applications")
        return found

    async def _find(self, host: HttpSystem, app_id: str) -> Application | None:
        path = f"{self._base}/apps/{app_id}"
        reply, attempt = await asyncio.gather(self._read(host, path), self._attempt(host, app_id))
        if reply.status == _NOT_FOUND and b"NotFoundException" in reply.body:
            return None
        row = mapping(host.parsed(path, reply)).get("app")
        found = parse.application(self.cluster, mapping(row))
        if found is None or found.ref.id != app_id:
            raise host.fault(FaultKind.BAD_ANSWER, path, "no such application in the answer")
        if found.killed_by == self.user:
            found = replace(found, killed_by="")
        return found if attempt is None else replace(found, attempt=attempt)

    async def _attempt(self, host: HttpSystem, app_id: str) -> int | None:
        """Return the newest attempt; None where the list of attempts cannot be had."""
        try:
            body = await self._json(host, f"{self._base}/apps/{app_id}/appattempts")
            return parse.latest_attempt(body)
        except BackendError:
            return None  # the attempt in amContainerLogs stands

    async def _usage(self, host: HttpSystem) -> SchedulerUsage:
        metrics, nodes, queues = await asyncio.gather(
            self._part(host, "metrics", parse.metrics),
            self._part(host, "nodes", parse.nodes),
            self._part(host, "scheduler", parse.queues),
        )
        errors = [part for part in (metrics, nodes, queues) if isinstance(part, BackendError)]
        if len(errors) == len((metrics, nodes, queues)):
            raise errors[0]
        for error in errors:
            if error.missing.kind is FaultKind.STANDBY:
                raise error
        usage = SchedulerUsage() if isinstance(metrics, BackendError) else metrics
        seen = SchedulerUsage() if isinstance(nodes, BackendError) else nodes
        missing = [error.missing for error in errors]
        if self._settles(usage.settling or seen.settling):
            missing.append(Missing(SYSTEM, FaultKind.SETTLING))
            usage = replace(usage, running=None, waiting=None)
        return replace(
            usage,
            nodes=seen.nodes,
            node_counts=seen.node_counts or usage.node_counts,
            cpu_percent=seen.cpu_percent,
            queues=() if isinstance(queues, BackendError) else queues,
            missing=tuple(missing),
        )

    async def _part(
        self, host: HttpSystem, name: str, parser: Callable[[Any], T | None]
    ) -> T | BackendError:
        path = f"{self._base}/{name}"
        try:
            parsed = parser(await self._json(host, path))
        except BackendError as error:
            return error
        if parsed is None:
            return host.fault(FaultKind.BAD_ANSWER, path, "not the shape of this API")
        return parsed


def _is_active(answer: Answer) -> bool:
    manager = answer[1]
    return isinstance(manager, parse.Manager) and manager.ha_state in {"ACTIVE", ""}


def kill_answer(reply: HttpReply) -> KillAnswer:
    """Say what the answer to a PUT of KILLED proves.

    202 and 200 mean that YARN took it; 200 may carry the state of an application that had
    ended by itself. A standby passes nothing on, so its redirect is a no.
    """
    if reply.status in REDIRECTS:
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status} from a standby, nothing was done")
    if is_standby(reply):
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status} {reply.words}")
    if reply.status in _NO:
        return KillAnswer(KillOutcome.REFUSED, f"{reply.status} {_why(reply)}")
    if not reply.ok:
        return KillAnswer(KillOutcome.UNKNOWN, f"{reply.status} {reply.words}")
    try:
        state = text(mapping(reply.json()).get("state"))
    except ValueError:
        state = ""
    if not state:
        return KillAnswer(KillOutcome.UNKNOWN, f"{reply.status} {reply.words}")
    return KillAnswer(KillOutcome.ACCEPTED, f"{reply.status} state {one_line(state, 20)}")


def _why(reply: HttpReply) -> str:
    """Return a RemoteException's message, or the plain text that 403s come with."""
    try:
        message = text(mapping(mapping(reply.json()).get("RemoteException")).get("message"))
    except ValueError:
        message = ""
    return one_line(message) or reply.words


def is_standby(reply: HttpReply) -> bool:
    """Tell whether a standby answered: a redirect, or a 200 with a plain sentence."""
    if reply.status in REDIRECTS:
        return True
    return reply.ok and len(reply.body) < 1000 and _NO_ACTIVE in reply.body  # noqa: PLR2004 - a sentence
