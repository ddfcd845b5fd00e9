"""Cores that applications use: who tells them, and what was sampled of them beforehand."""

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Any

import httpx
import structlog

from bot.backends.http import HttpSystem
from bot.backends.shapes import amount, application_in, count, mapping, number, rows, text
from bot.backends.spark_standalone import SparkStandalone
from bot.backends.usage import NodeManager
from bot.backends.yarn import YarnApplications
from bot.domain.applications import ApplicationState, Measurement, Source, outlines
from bot.domain.core_usage import UsedCores, risen_since
from bot.errors import BackendError, StartError
from bot.ports import Clock

# Of YARN's NodeManagers, which need nothing else installed: one with
# `yarn.nodemanager.container-metrics.period-ms` above 0 measures each container's process tree.
# Every reader takes the figures away from the others, so a read may hold names alone or what it
# held before: the last good one of a node is kept for a while, and told by its age.

SYSTEM = "node_managers"
PATHS = (re.compile(r"/(jmx|prom)"),)
BEANS = {"qry": "Hadoop:service=NodeManager,name=ContainerResource*"}
AT_ONCE = 64
BUDGET_S = 2.0  # for all nodes, or all applications, together: as many as answer by then
KEPT_S = 90.0  # a node's last good figures
MOST_SAMPLES = 60  # in one mean; more is a mean since long ago, as the first read of a node gives
_MOST_PERCENT = 1e5
_NOT_FOUND = 404
_SERIES = re.compile(
    r"^container_resource_container_\w+?_p_cpu_usage_percent"
    r'_(avg_percents|num_usage|i_num_usage)\{[^}]*containerresource="([^"]+)"[^}]*\} (\S+)$',
    re.MULTILINE,
)
_FIELDS = {
    "PCpuUsagePercentAvgPercents": "avg_percents",
    "PCpuUsagePercentNumUsage": "num_usage",
    "PCpuUsagePercentINumUsage": "i_num_usage",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one read of a node holds: cores and containers by application.

    `newest` is the highest number of samples of any container: the same as before means that the
    figures are those of before. `told` is False where containers have names and no figure.
    """

    newest: int
    told: bool
    cores: Mapping[str, tuple[float, int]]


def jmx_figures(body: Any) -> Figures:
    """Return what the container beans of /jmx hold."""
    found = {}
    for bean in rows(mapping(body).get("beans")):
        name = text(bean.get("name"))
        found[name] = {short: bean.get(field) for field, short in _FIELDS.items()}
    return _figures(found)


def prom_figures(body: str) -> Figures:
    """Return what the container series of Hadoop's own /prom hold."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for field, container, value in _SERIES.findall(body):
        found[container][field] = value
    return _figures(found)


def _figures(found: Mapping[str, Mapping[str, Any]]) -> Figures:
    cores: dict[str, tuple[float, int]] = {}
    newest, told = 0, False
    for container, fields in found.items():
        app, used = application_in(container), number(fields.get("avg_percents"))
        samples = count(fields.get("i_num_usage"))
        if app is None or used is None or not 0 <= used < _MOST_PERCENT:
            continue
        told = True
        newest = max(newest, count(fields.get("num_usage")) or 0)
        if samples and samples <= MOST_SAMPLES:
            before, containers = cores.get(app, (0.0, 0))
            cores[app] = before + used / 100, containers + 1
    return Figures(newest, told, cores)


@dataclass(frozen=True, slots=True)
class _Read:
    at: float
    newest: int
    cores: Mapping[str, tuple[float, int]]


class NodeManagers:
    """Reads NodeManagers, the busiest first; `who` is sent with each request, as to YARN.

    `known` tells which of them work. Raises BackendError.
    """

    def __init__(
        self,
        known: Callable[[], Awaitable[Sequence[NodeManager]]],
        client: httpx.AsyncClient,
        scheme: str,
        who: Mapping[str, str],
    ) -> None:
        self._working = known
        self._client = client
        self._scheme = scheme
        self._who = dict(who)
        self._kept: dict[str, _Read] = {}
        self._ids: dict[str, str] = {}  # one text for each application, however many nodes
        self._last: float | None = None
        self._prom = True
        self.told = 0  # nodes whose last answer held any figure

    async def read(self) -> UsedCores | None:
        """Return cores used, of the nodes that tell them; None when none does.

        Raises BackendError when nobody tells which nodes there are.
        """
        every = [node for node in await self._working() if node.containers]
        busy = sorted(every, key=lambda node: (-node.cores, -node.containers))
        now = asyncio.get_running_loop().time()
        window = timedelta(seconds=round(now - self._last)) if self._last is not None else None
        self._last, self.told, waiting = now, 0, iter(busy)
        with suppress(TimeoutError):
            async with asyncio.timeout(BUDGET_S):
                await asyncio.gather(*(self._work(waiting) for _ in range(AT_ONCE)))
        known = {node.address for node in busy}
        self._kept = {
            address: read
            for address, read in self._kept.items()
            if address in known and now - read.at < KEPT_S
        }
        good = {address: read.cores for address, read in self._kept.items() if read.cores}
        if not good:
            return None
        measurement = Measurement(Source.NODE_MANAGERS, window, len(good), len(busy))
        oldest = now - min(self._kept[address].at for address in good)
        reach = window + timedelta(seconds=oldest) if window is not None else None
        return replace(_together(good, measurement), reach=reach)

    async def _work(self, waiting: Iterator[NodeManager]) -> None:
        for node in waiting:
            with suppress(BackendError, StartError):
                await self._one(node)

    async def _one(self, node: NodeManager) -> None:
        """Read one node; what it told before stays where this read holds nothing new."""
        host = HttpSystem(SYSTEM, f"{self._scheme}://{node.address}", self._client, PATHS)
        figures = jmx_figures(await host.read_json("/jmx", {**BEANS, **self._who}, within=BUDGET_S))
        if not figures.told and self._prom:
            reply = await host.read("/prom", self._who, within=BUDGET_S)
            self._prom = reply.status != _NOT_FOUND
            figures = prom_figures(reply.body.decode("utf-8", "replace")) if reply.ok else figures
        self.told += figures.told
        before = self._kept.get(node.address)
        if not figures.told or (before is not None and before.newest == figures.newest):
            return
        cores = {self._ids.setdefault(app, app): told for app, told in figures.cores.items()}
        now = asyncio.get_running_loop().time()
        self._kept[node.address] = _Read(now, figures.newest, cores)


def _together(
    nodes: Mapping[str, Mapping[str, tuple[float, int]]], measurement: Measurement
) -> UsedCores:
    cores: defaultdict[str, float] = defaultdict(float)
    containers: defaultdict[str, int] = defaultdict(int)
    for read in nodes.values():
        for app, (used, counted) in read.items():
            cores[app] += used
            containers[app] += counted
    return UsedCores(measurement, dict(cores), dict(containers), nodes)


_LOG = structlog.get_logger(__name__)
# Sampled: an answer takes the last sample and never waits for one. Kept are the last 15 minutes,
# one reading a minute of the heaviest applications, so that an answer can also say since when.
# Sampling takes at most a twentieth of one core, however large the cluster.

EVERY_S = 15.0
REST = 20.0  # times as long as a sample took
FRESH = timedelta(minutes=3)
KEPT = timedelta(minutes=15)
APART = timedelta(seconds=55)
NEAR = timedelta(minutes=2)
MOST = 2000
MOST_ASKED = 20  # applications asked for their busy slots, those that were granted most


ReadUsed = Callable[[], Awaitable[UsedCores | None]]
"""One way to know used cores; None when it tells none. Raises BackendError."""


class UsedCoresSampler:
    """Samples the first of the sources that tells any; `needed` says whether anybody would look."""

    def __init__(
        self,
        sources: Sequence[ReadUsed],
        clock: Clock,
        needed: Callable[[], Awaitable[bool]],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._needed = needed
        self._newest: tuple[datetime, UsedCores] | None = None
        self._past: deque[tuple[datetime, Mapping[str, float]]] = deque()
        self._ticks, self._rests_until = ticks, 0.0

    async def look(self) -> None:
        """Take a sample where one is needed and due: rest follows, by what the last one took."""
        begun = self._ticks()
        if begun < self._rests_until or not self._sources or not await self._needed():
            return
        await self.sample()
        ended = self._ticks()
        self._rests_until = ended + REST * (ended - begun)

    async def sample(self) -> UsedCores | None:
        """Take a sample now and keep it; None when no source tells any."""
        for source in self._sources:
            try:
                used = await source()
            except BackendError as error:
                _LOG.info("cores_not_sampled", error=str(error))
                continue
            if used is not None and used.cores:
                self._keep(used)
                return used
        return None

    def newest(self) -> UsedCores | None:
        """Return the last sample; None when it is too old to be told as now."""
        if self._newest is None or self._clock() - self._newest[0] > FRESH:
            return None
        return self._newest[1]

    def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Return the cores each application used around a time; empty when nothing is kept of it."""
        found = min(self._past, key=lambda kept: abs(kept[0] - at), default=None)
        return found[1] if found is not None and abs(found[0] - at) <= NEAR else {}

    def since(self, at: datetime) -> Mapping[str, float] | None:
        """Return the last sample where all of it was measured after a time; else None."""
        if self._newest is None:
            return None
        taken, used = self._newest
        return used.cores if used.reach is not None and taken - used.reach >= at else None

    def risen(self) -> Mapping[str, tuple[datetime, float]]:
        """Return since when each application that rose uses so much, and the cores before that."""
        return risen_since(tuple(self._past))

    def _keep(self, used: UsedCores) -> None:
        now = self._clock()
        self._newest = now, used
        if self._past and now - self._past[-1][0] < APART:
            return
        heavy = used.cores
        if len(heavy) > MOST:
            heavy = dict(nlargest(MOST, heavy.items(), key=lambda item: item[1]))
        self._past.append((now, heavy))
        while now - self._past[0][0] > KEPT:
            self._past.popleft()


async def read_busy_slots(
    schedulers: Sequence[YarnApplications | SparkStandalone],
) -> UsedCores | None:
    """Ask the applications that were granted most for Spark's own REST, where nothing measures.

    An upper bound of cores used: a slot is busy while its task waits, too; and what drivers use is
    in none of them. None when none answered.
    """
    found: dict[str, float] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(BUDGET_S):
            await asyncio.gather(*(_ask_heaviest(each, found) for each in schedulers))
    return UsedCores(Measurement(Source.SLOTS), found) if found else None


async def _ask_heaviest(
    scheduler: YarnApplications | SparkStandalone, found: dict[str, float]
) -> None:
    async def ask(app_id: str) -> None:
        with suppress(BackendError):
            cores = busy_slots(await scheduler.executors(app_id))
            if cores is not None:
                found[app_id] = cores

    with suppress(BackendError):
        listed = await scheduler.running()
        running = (
            (each.cores or 0.0, each.id)
            for each in outlines(listed.applications)
            if each.state is ApplicationState.RUNNING
        )
        await asyncio.gather(*(ask(id_) for _, id_ in nlargest(MOST_ASKED, running)))


def busy_slots(executors: Any) -> float | None:
    """Return the cores of the busy task slots of a Spark application; None for another body."""
    known = [row for row in rows(executors) if "activeTasks" in row and row.get("id") != "driver"]
    busy = 0.0
    for row in known:
        tasks, slots = amount(row.get("activeTasks")), amount(row.get("maxTasks"))
        cores = amount(row.get("totalCores"))
        if tasks is None or row.get("isActive") is False:
            continue
        busy += tasks * cores / slots if slots and cores else tasks
    return busy if isinstance(executors, list) and rows(executors) else None
