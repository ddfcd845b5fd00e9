"""The cluster as a gateway tells it: for a Slack process that knows no cluster itself."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.backends.http import HttpSystem, NotSentError
from bot.domain.applications import (
    Application,
    ApplicationRef,
    KillAnswer,
    KillOutcome,
    RunningApplications,
)
from bot.domain.cluster import ClusterMetrics, NodeUsage, PastUsage, Reading, Window
from bot.domain.core_usage import NodeCores
from bot.domain.proposals import KillOrder
from bot.errors import BackendError, FaultKind, Missing
from bot.ports import Clock, Left, SendKill

T = TypeVar("T")
SYSTEM = "gateway"
PATHS = (re.compile(r"/v1/cluster/[a-z_]+"),)
MOST_ASKED = 100  # nodes or applications at once
READ_S = 9.0  # the gateway itself ends a read within 8
SEND_S = 30.0  # it looks at the application, then calls
_SERVER_ERROR = 500
_RUNNING = TypeAdapter(RunningApplications)
_METRICS = TypeAdapter(ClusterMetrics)
_APPLICATION = TypeAdapter(Reading[Application])
_WINDOW = TypeAdapter(Reading[Window])
_PAST = TypeAdapter(PastUsage)
_CORES = TypeAdapter(dict[str, float])
_NODES: TypeAdapter[tuple[NodeUsage, ...]] = TypeAdapter(tuple[NodeUsage, ...])
_ON_NODES: TypeAdapter[NodeCores | None] = TypeAdapter(NodeCores | None)
_AROUND = TypeAdapter(tuple[float | None, float | None])
_RISEN = TypeAdapter(dict[str, tuple[datetime, float]])
_ANSWER = TypeAdapter(KillAnswer)


class RemoteCluster:
    """Implements Applications, ApplicationControl, ClusterHealth and UsageHistory by asking."""

    def __init__(self, cluster: str, clock: Clock, gateway: HttpSystem) -> None:
        self._cluster = cluster
        self._clock = clock
        self._gateway = gateway
        self._told: Callable[[str, float, str | None], None] = lambda *_: None

    def told_to(self, listener: Callable[[str, float, str | None], None]) -> None:
        """Tell a listener of each reading: the system, the seconds it took, its kind of fault."""
        self._told = listener

    async def look(self) -> None:
        """Sample nothing: the gateway does."""

    async def running(self) -> RunningApplications:
        """Return everything that runs or waits, as the gateway read it."""
        at = self._clock()
        found = await self._part("running", _RUNNING)
        return (
            RunningApplications(at, (), missing=(found,)) if isinstance(found, Missing) else found
        )

    async def now(self) -> ClusterMetrics:
        """Return the cluster as it is, as the gateway read it."""
        at = self._clock()
        found = await self._part("now", _METRICS)
        if isinstance(found, Missing):
            return ClusterMetrics(self._cluster, at, missing=(found,))
        return found

    async def find(self, ref: ApplicationRef) -> Application | None:
        """Return one application as it is now; None where the cluster does not know it.

        Raises BackendError.
        """
        query = {"cluster": ref.cluster, "backend": ref.backend, "id": ref.id}
        return _value(await self._read("application", _APPLICATION, **query))

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        """Return CPU over a window; None where no history is kept. Raises BackendError."""
        query = {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "step": str(step.total_seconds()),
        }
        return _value(await self._read("cpu", _WINDOW, **query))

    async def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Return measured cores by application id at an earlier time; empty when unknown."""
        found = await self._part("cores", _CORES, at=at.isoformat())
        return {} if isinstance(found, Missing) else found

    async def cores_around(
        self, before: datetime, after: datetime
    ) -> tuple[float | None, float | None]:
        """Return the cores all applications used at a time, and use since another."""
        query = {"before": before.isoformat(), "after": after.isoformat()}
        found = await self._part("around", _AROUND, **query)
        return (None, None) if isinstance(found, Missing) else found

    async def cores_on(self, nodes: Sequence[NodeUsage]) -> NodeCores | None:
        """Return the cores each application uses on some nodes; None where nothing tells that."""
        named = _NODES.dump_python(tuple(nodes[:MOST_ASKED]), mode="json")
        return await self._told_of("nodes", named, _ON_NODES)

    async def risen(self, applications: Sequence[str]) -> Mapping[str, tuple[datetime, float]]:
        """Return since when those of these ids that rose use so much, and the cores before."""
        return await self._told_of("risen", list(applications[:MOST_ASKED]), _RISEN) or {}

    async def usage_at(self, at: datetime) -> PastUsage:
        """Return what was measured around an earlier time."""
        found = await self._part("usage", _PAST, at=at.isoformat())
        return PastUsage(at, missing=(found,)) if isinstance(found, Missing) else found

    async def prepare(self, ref: ApplicationRef) -> SendKill:
        """Return how the gateway is asked for the one call. Raises BackendError as `find` does."""
        await self.find(ref)
        return self._send

    async def _send(self, order: KillOrder, left: Left) -> KillAnswer:
        """Ask once; what the gateway refuses below 500 it refused before any call."""
        path = "/v1/cluster/kill"
        asked = {
            "proposal": order.proposal_id,
            "position": order.position,
            "digest": order.digest,
        }
        try:
            reply = await self._gateway.send_once("POST", path, left, json_body=asked)
            if not reply.ok and reply.status < _SERVER_ERROR:
                return KillAnswer(KillOutcome.UNSENT, f"{reply.status} {reply.words}")
            return _ANSWER.validate_python(self._gateway.parsed(path, reply))
        except NotSentError as error:
            return KillAnswer(KillOutcome.UNSENT, str(error))
        except BackendError as error:
            return KillAnswer(KillOutcome.UNKNOWN, error.missing.detail)
        except ValidationError:
            return KillAnswer(KillOutcome.UNKNOWN, "an answer of another shape")

    async def _part(self, question: str, kind: TypeAdapter[T], **query: str) -> T | Missing:
        """Return an answer, or why there is none; and tell of it."""
        begun = monotonic()
        try:
            found: T | Missing = await self._read(question, kind, **query)
            fault = None
        except BackendError as error:
            found, fault = error.missing, error.missing.kind.value
        self._told(SYSTEM, monotonic() - begun, fault)
        return found

    async def _told_of(self, question: str, named: object, kind: TypeAdapter[T]) -> T | None:
        """Return what is told of what is named; None where there is no answer."""
        path = f"/v1/cluster/{question}"
        try:
            reply = await self._gateway.send_once("POST", path, lambda: READ_S, json_body=named)
            return kind.validate_python(self._gateway.parsed(path, reply))
        except (NotSentError, BackendError, ValidationError):
            return None

    async def _read(self, question: str, kind: TypeAdapter[T], **query: str) -> T:
        """Return an answer. Raises BackendError."""
        path = f"/v1/cluster/{question}"
        told = await self._gateway.read_json(path, query)
        try:
            return kind.validate_python(told)
        except ValidationError:
            raise self._gateway.fault(
                FaultKind.BAD_ANSWER, path, "not of this version's shape"
            ) from None


def _value(reading: Reading[T]) -> T | None:
    """Return what was found. Raises the gateway's own BackendError."""
    if (why := reading.missing) is not None:
        raise BackendError(why.system, why.kind, why.detail, why.reason)
    return reading.value
