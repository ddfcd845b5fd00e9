"""One cluster out of up to four systems: Prometheus measures, YARN and Spark masters schedule.

An Alertmanager, where there is one, tells which alerts stand and which are silenced.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.backends.alertmanager import AlertmanagerReader
from bot.backends.prometheus import PrometheusReader
from bot.backends.usage import (
    ApplicationUsage,
    MachineUsage,
    SchedulerList,
    SchedulerUsage,
    SendRequest,
)
from bot.backends.used_cores import ReadUsed, UsedCoresSampler
from bot.domain.alerts import AlertBoard
from bot.domain.applications import (
    Application,
    ApplicationRef,
    Basis,
    RunningApplications,
    joined,
)
from bot.domain.cluster import (
    ClusterMetrics,
    Gauge,
    NodeCounts,
    NodeUsage,
    PastUsage,
    Room,
    Window,
    short_name,
)
from bot.domain.core_usage import NodeCores, cores_on, with_used
from bot.errors import BackendError, FaultKind, Missing
from bot.ports import Clock, SendKill

DEADLINE_S = 8.0  # with what Slack takes, an answer stands within 10 s whatever hangs
T = TypeVar("T")
N = TypeVar("N", int, float)


class Scheduler(Protocol):
    """What the reader asks of YARN or of a Spark master; each raises BackendError."""

    async def running(self) -> SchedulerList:
        """Return what runs or waits."""
        ...

    async def usage(self) -> SchedulerUsage:
        """Return totals, nodes and queues."""
        ...

    async def find(self, ref: ApplicationRef) -> Application | None:
        """Return one application as it is now."""
        ...

    async def prepare(self, ref: ApplicationRef) -> SendRequest:
        """Return how to send exactly one kill request, with a reason."""
        ...


class ClusterGateway:
    """Implements Applications, ApplicationControl and ClusterHealth over what is configured.

    `schedulers` are keyed by the `backend` of an ApplicationRef: "yarn", "spark". A read of
    everything ends within `deadline_s` and names what is missing; it never raises.
    """

    def __init__(
        self,
        cluster: str,
        clock: Clock,
        schedulers: Mapping[str, Scheduler],
        prometheus: PrometheusReader | None = None,
        alertmanager: AlertmanagerReader | None = None,
        *,
        deadline_s: float = DEADLINE_S,
        sources: Sequence[ReadUsed] = (),
    ) -> None:
        self.cluster = cluster
        self._clock = clock
        self._schedulers = dict(schedulers)
        self._prometheus = prometheus
        self._alertmanager = alertmanager
        self._deadline_s = deadline_s
        self._prometheus_tells: bool | None = None
        self.sampler = UsedCoresSampler(sources, clock, self._needs_samples)
        self._told: Callable[[str, float, str | None], None] = lambda *_: None

    def told_to(self, listener: Callable[[str, float, str | None], None]) -> None:
        """Tell a listener of each reading: the system, the seconds it took, its kind of fault."""
        self._told = listener

    async def look(self) -> None:
        """Sample used cores where a sample is needed and due."""
        await self.sampler.look()

    async def running(self) -> RunningApplications:
        """Return everything that runs or waits, with measured figures where there are any."""
        taken_at = self._clock()
        usage, lists = await asyncio.gather(
            self._usage_of_applications(),
            self._from_all(lambda scheduler: scheduler.running()),
        )
        self._prometheus_tells = usage.used is not None
        if usage.used is None:
            usage = replace(usage, used=self.sampler.newest())
        found = [part for part in lists if isinstance(part, SchedulerList)]
        no_scheduler = () if lists else (Missing("yarn", FaultKind.NOT_CONFIGURED),)
        applications = joined(part.applications for part in found)
        return RunningApplications(
            taken_at=taken_at,
            applications=with_used(applications, usage.used, usage.memory),
            total_cores=_total_cores(found, usage),
            total_memory=_total(part.memory_total for part in found),
            others={kind: count for part in found for kind, count in part.others.items()},
            measurement=usage.used.measurement if usage.used is not None else None,
            missing=(
                *no_scheduler,
                *(part for part in lists if isinstance(part, Missing)),
                *(missing for part in found for missing in part.missing),
                *usage.missing,
            ),
        )

    async def find(self, ref: ApplicationRef) -> Application | None:
        """Return one application as its scheduler has it now; None when it is not known there.

        Raises BackendError, also for a system that is not configured or no answer in time.
        """
        return await self._of(ref, lambda scheduler: scheduler.find(ref))

    async def prepare(self, ref: ApplicationRef) -> SendKill:
        """Return how the application's own scheduler is sent its one kill request.

        Raises BackendError as `find` does.
        """
        send = await self._of(ref, lambda scheduler: scheduler.prepare(ref))
        return lambda order, left: send(order.reason, left)

    async def _of(self, ref: ApplicationRef, question: Callable[[Scheduler], Awaitable[T]]) -> T:
        scheduler = self._schedulers.get(ref.backend)
        if scheduler is None or ref.cluster != self.cluster:
            detail = f"{ref.backend} of cluster {ref.cluster}"
            raise BackendError(ref.backend, FaultKind.NOT_CONFIGURED, detail)
        try:
            async with asyncio.timeout(self._deadline_s):
                return await question(scheduler)
        except TimeoutError:
            raise BackendError(ref.backend, FaultKind.TIMEOUT, "no answer in time") from None

    async def now(self) -> ClusterMetrics:
        """Return the cluster as it is: measured where Prometheus or nodes measure, else granted."""
        taken_at = self._clock()
        machines, parts, board = await asyncio.gather(
            self._machines(), self._from_all(lambda scheduler: scheduler.usage()), self._board()
        )
        usages = [part for part in parts if isinstance(part, SchedulerUsage)]
        merged = merged_metrics(self.cluster, taken_at, machines, usages)
        failed = tuple(part for part in (*parts, board) if isinstance(part, Missing))
        missing = (*merged.missing, *failed)
        if any(isinstance(part, Missing) for part in parts):  # whose nodes may have the same names
            missing = tuple(item for item in missing if item.kind is not FaultKind.UNMATCHED)
        if merged.cpu is None and not missing:
            missing = (Missing("prometheus", FaultKind.NOT_CONFIGURED),)
        alerts = board if isinstance(board, AlertBoard) else None
        return replace(merged, alerts=alerts, missing=missing)

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        """Return measured CPU over a window; None without Prometheus or samples.

        Raises BackendError.
        """
        if self._prometheus is None:
            return None
        return await self._prometheus.window(start, end, step)

    async def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Return measured cores by application id at an earlier time; empty when unknown."""
        if self._prometheus is not None and self._prometheus_tells is not False:
            found = await self._part("prometheus", self._prometheus.cores_at(at))
            return {} if isinstance(found, Missing) else found
        return self.sampler.cores_at(at)

    async def cores_around(
        self, before: datetime, after: datetime
    ) -> tuple[float | None, float | None]:
        """Return the cores all applications used at a time, and use since another, by one source."""
        if not self._prometheus_tells:
            then, now = self.sampler.cores_at(before), self.sampler.since(after)
        elif self._prometheus is not None and self._clock() - after >= self._prometheus.looks_back:
            then, now = await self.cores_at(before), await self.cores_at(self._clock())
        else:
            return None, None
        return (sum(then.values()), sum(now.values())) if then and now is not None else (None, None)

    async def cores_on(self, nodes: Sequence[NodeUsage]) -> NodeCores | None:
        """Return the cores each application uses on some nodes; None where nothing tells that."""
        if not self._prometheus_tells:
            used = self.sampler.newest()
            return None if used is None else cores_on(nodes, used)
        if self._prometheus is None:
            return None
        found = await self._part("prometheus", self._prometheus.cores_on(nodes))
        return None if isinstance(found, Missing) else found

    async def risen(self, applications: Sequence[str]) -> Mapping[str, tuple[datetime, float]]:
        """Return since when those that rose use so much: Prometheus is asked of the first alone."""
        if not self._prometheus_tells:
            found = self.sampler.risen()
            return {app: found[app] for app in applications if app in found}
        if self._prometheus is None or not applications:
            return {}
        rise = await self._prometheus.risen(applications[0])
        return {applications[0]: rise} if rise is not None else {}

    async def _needs_samples(self) -> bool:
        """Tell whether used cores have to be sampled: only while Prometheus does not tell them."""
        if self._prometheus is not None and self._prometheus_tells is None:
            self._prometheus_tells = (await self._usage_of_applications()).used is not None
        return not self._prometheus_tells

    async def usage_at(self, at: datetime) -> PastUsage:
        """Return what was measured around an earlier time; without Prometheus nothing was."""
        if self._prometheus is None:
            return PastUsage(at, missing=(Missing("prometheus", FaultKind.NOT_CONFIGURED),))
        found = await self._part("prometheus", self._prometheus.usage_at(at))
        return PastUsage(at, missing=(found,)) if isinstance(found, Missing) else found

    async def _usage_of_applications(self) -> ApplicationUsage:
        if self._prometheus is None:
            return ApplicationUsage()
        found = await self._part("prometheus", self._prometheus.applications())
        return ApplicationUsage(missing=(found,)) if isinstance(found, Missing) else found

    async def _machines(self) -> MachineUsage:
        if self._prometheus is None:
            return MachineUsage()
        found = await self._part("prometheus", self._prometheus.machines())
        return MachineUsage(missing=(found,)) if isinstance(found, Missing) else found

    async def _board(self) -> AlertBoard | Missing | None:
        if self._alertmanager is None:
            return None
        return await self._part("alertmanager", self._alertmanager.board())

    async def _from_all(self, question: Callable[[Scheduler], Awaitable[T]]) -> list[T | Missing]:
        return await asyncio.gather(
            *(self._part(name, question(scheduler)) for name, scheduler in self._schedulers.items())
        )

    async def _part(self, system: str, question: Awaitable[T]) -> T | Missing:
        """Return an answer, or why there is none, within the deadline; and tell of it."""
        begun = asyncio.get_running_loop().time()
        found: T | Missing
        try:
            async with asyncio.timeout(self._deadline_s):
                found = await question
        except TimeoutError:
            found = Missing(system, FaultKind.TIMEOUT, "no answer in time")
        except BackendError as error:
            found = error.missing
        fault = found.kind.value if isinstance(found, Missing) else None
        self._told(system, asyncio.get_running_loop().time() - begun, fault)
        return found


def _total_cores(found: Sequence[SchedulerList], usage: ApplicationUsage) -> float | None:
    """Return the cores shares are taken of: real ones for measured use, else the schedulers'."""
    if usage.used is not None and usage.cores_total:
        return usage.cores_total
    return _total(part.cores_total for part in found) or usage.cores_total


def merged_metrics(
    cluster: str, taken_at: datetime, machines: MachineUsage, parts: Sequence[SchedulerUsage]
) -> ClusterMetrics:
    """Join the machines' figures with those of the schedulers."""
    nodes, strangers = _nodes(machines.nodes, [node for part in parts for node in part.nodes])
    return ClusterMetrics(
        cluster=cluster,
        taken_at=taken_at,
        cpu=_cpu(machines, parts),
        memory=_memory(machines, parts),
        disk_percent=machines.disk,
        hdfs_percent=machines.hdfs,
        network_in=machines.network_in,
        network_out=machines.network_out,
        cores_total=machines.cores or _total(part.cores_total for part in parts),
        nodes=nodes,
        node_counts=_counts(parts),
        queues=tuple(queue for part in parts for queue in part.queues),
        applications_running=_total(part.running for part in parts),
        applications_waiting=_total(part.waiting for part in parts),
        last_hour=machines.last_hour,
        room=_room(parts),
        missing=(
            *machines.missing,
            *(lack for part in parts for lack in part.missing),
            *strangers,
        ),
    )


def _cpu(machines: MachineUsage, parts: Sequence[SchedulerUsage]) -> Gauge | None:
    """Prefer Prometheus, then what YARN's nodes measure, then the share of cores granted."""
    if machines.cpu is not None:
        return Gauge(machines.cpu, partial=machines.cpu_partial)
    measured = [part.cpu_percent for part in parts if part.cpu_percent is not None]
    if len(measured) == 1 and len(parts) == 1:
        return Gauge(measured[0])
    return _granted(
        _total(part.cores_granted for part in parts), _total(part.cores_total for part in parts)
    )


def _memory(machines: MachineUsage, parts: Sequence[SchedulerUsage]) -> Gauge | None:
    if machines.memory is not None:
        return Gauge(machines.memory)
    return _granted(
        _total(part.memory_granted for part in parts), _total(part.memory_total for part in parts)
    )


def _granted(granted: float | None, whole: float | None) -> Gauge | None:
    if granted is None or not whole:
        return None
    return Gauge(min(100.0, 100 * granted / whole), Basis.GRANTED)


def _room(parts: Sequence[SchedulerUsage]) -> Room | None:
    """Return what is not granted; free is unknown unless every scheduler tells both figures."""
    if not parts:
        return None
    cores = [(part.cores_total, part.cores_granted) for part in parts]
    memory = [(part.memory_total, part.memory_granted) for part in parts]
    return Room(
        _total(whole for whole, _ in cores),
        _free(cores),
        _total(whole for whole, _ in memory),
        None if (free := _free(memory)) is None else int(free),
    )


def _free(pairs: Sequence[tuple[float | None, float | None]]) -> float | None:
    known = [
        (whole, granted) for whole, granted in pairs if whole is not None and granted is not None
    ]
    if len(known) < len(pairs):
        return None
    return sum(max(0.0, whole - granted) for whole, granted in known)


def _counts(parts: Sequence[SchedulerUsage]) -> NodeCounts | None:
    known = [part.node_counts for part in parts if part.node_counts is not None]
    return sum(known[1:], known[0]) if known else None


def _nodes(
    measured: Sequence[NodeUsage], scheduled: Sequence[NodeUsage]
) -> tuple[tuple[NodeUsage, ...], tuple[Missing, ...]]:
    """Join nodes by name; a scheduler knows health, the machines know their use.

    The second value says so when both tell nodes and none has a counterpart.
    """
    whole = {name: at for at, node in enumerate(measured) for name in _names(node)}
    short = {name: at for at, name in _own_shorts(measured)}
    their_shorts = dict(_own_shorts(scheduled))
    joined, rest = list(measured), []
    met: set[int] = set()
    for at, node in enumerate(scheduled):
        place = next((whole[name] for name in _names(node) if name in whole), None)
        if place is None:
            place = short.get(their_shorts.get(at, ""))
        if place is None:
            rest.append(node)
            continue
        met.add(place)
        joined[place] = _with_cores(joined[place], node)
        if joined[place].healthy:  # of several managers on one machine the sick one tells
            joined[place] = replace(joined[place], state=node.state, reason=node.reason)
    if not measured:
        return tuple(rest), ()
    # With Prometheus, only the sick of those it does not know are news.
    every = (*joined, *(node for node in rest if not node.healthy))
    return every, () if met else _strangers(measured, rest)


def _with_cores(machine: NodeUsage, node: NodeUsage) -> NodeUsage:
    """Add a manager's cores: each of several on one machine sees all of it, and its own containers."""
    cores = [each for each in (machine.cores, node.cores) if each is not None]
    return replace(
        machine,
        cores=max(cores, default=None),
        container_cores=_total((machine.container_cores, node.container_cores)),
    )


def _strangers(
    measured: Sequence[NodeUsage], scheduled: Sequence[NodeUsage]
) -> tuple[Missing, ...]:
    if not scheduled:
        return ()
    detail = f"{measured[0].name} / {scheduled[0].name}"
    return (Missing("prometheus", FaultKind.UNMATCHED, detail, len(scheduled)),)


def _own_shorts(nodes: Sequence[NodeUsage]) -> list[tuple[int, str]]:
    """Return place and host without domain of each node; one that several share is nobody's."""
    found = [
        (at, name)
        for at, node in enumerate(nodes)
        for name in {short_name(n) for n in _names(node)}
    ]
    shared = Counter(name for _, name in found)
    return [(at, name) for at, name in found if shared[name] == 1]


def _names(node: NodeUsage) -> tuple[str, ...]:
    return (node.name.casefold(), *(name.casefold() for name in sorted(node.names)))


def _total(values: Iterable[N | None]) -> N | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
