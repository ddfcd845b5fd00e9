"""CPU that containers use, read from YARN's NodeManagers: what needs nothing else installed.

A NodeManager with `yarn.nodemanager.container-metrics.period-ms` above 0 measures each container's
process tree. Every reader takes the figures away from the others, so a read may hold names alone
or what it held before: the last good one of a node is kept for a while, and told by its age.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx

from bot.backends.http import HttpSystem
from bot.backends.shapes import application_in, count, mapping, number, rows, text
from bot.domain.applications import Measurement, Source
from bot.domain.core_usage import UsedCores
from bot.errors import BackendError, StartError

SYSTEM = "node_managers"
PATHS = (re.compile(r"/(jmx|prom)"),)
BEANS = {"qry": "Hadoop:service=NodeManager,name=ContainerResource*"}
AT_ONCE = 64
BUDGET_S = 2.0  # for all nodes together: as many as are answered by then
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
class NodeManager:
    """One that runs containers: its web address, how many, and the cores they use together."""

    address: str
    containers: int
    cores: float = 0.0


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
