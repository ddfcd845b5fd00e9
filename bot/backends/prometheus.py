"""Prometheus' HTTP API: what the machines do, and what each application really uses."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from bot.backends import promql
from bot.backends.http import HttpLimits, HttpSystem
from bot.backends.promql import MOST_POINTS, Dialect, Sample
from bot.backends.shapes import amount, mapping, number, one_line, percent, size, text
from bot.backends.usage import ApplicationUsage, MachineUsage
from bot.domain.applications import Measurement, Source
from bot.domain.cluster import NodeUsage, PastUsage, Window, all_names
from bot.domain.core_usage import NodeCores, UsedCores, node_cores, risen_since
from bot.errors import BackendError, FaultKind, FaultReason, Missing
from bot.ports import Clock

SYSTEM = "prometheus"
PATHS = (re.compile(r"/api/v1/(query|query_range|status/buildinfo)"),)
STALE_AFTER = timedelta(minutes=2)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
AROUND = timedelta(minutes=5)  # an earlier time is read this long before and after
PAST = ("memory", "cpu_by_node", "memory_by_node")
CONTAINERS = ("application_containers", "application_container_count")
MACHINES = tuple(name for name in Dialect().queries() if not name.startswith("application_"))
_QUIETLY_ABSENT = frozenset({"hdfs", "last_scrape", "hostnames"})  # many clusters have none
_PERCENTAGES = ("cpu", "cpu_by_node", "memory", "memory_by_node", "disk", "hdfs")
SINGLE = ("cpu", "memory", "disk", "hdfs", "network_in", "network_out", "cores")
_BAD_REQUEST = 400
_LEAST_RATE, _MOST_RATE = -1e6, 1e15  # bytes per second
INTERVAL_S = 1.5  # as long may the measuring of the scrape interval take
RISEN_S = 0.5  # a first answer waits no longer to say since when
INTERVAL_KEPT_S = 300.0
INTERVAL_UNKNOWN_S = 30.0
LONGEST_INTERVAL_S = 900.0


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its data, and what the server says is not in it, "" when it says nothing."""

    data: Mapping[str, Any]
    partial: str = ""

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The samples of an instant answer."""
        return promql.samples(self.data)


Answer = Told | BackendError
T = TypeVar("T")


class PrometheusReader:
    """Reads one Prometheus; all queries of a question go out together."""

    def __init__(
        self,
        address: str,
        client: httpx.AsyncClient,
        clock: Clock,
        dialect: Dialect | None = None,
        limits: HttpLimits | None = None,
    ) -> None:
        self._http = HttpSystem(SYSTEM, address, client, PATHS, limits)
        self._clock = clock
        self._dialect = dialect or Dialect()
        self._interval: tuple[float, float | None] | None = None
        self._measuring = asyncio.Lock()

    async def machines(self) -> MachineUsage:
        """Return what the machines do now and the last hour's CPU. Never raises BackendError."""
        now = self._clock()
        begins = (now - HOUR).replace(second=0, microsecond=0)  # the same points, whenever asked
        found, last_hour = await asyncio.gather(
            self._instants(*MACHINES), _tried(self.window(begins, now, MINUTE))
        )
        return _machines(found, last_hour, now, self._dialect.node)

    async def applications(self) -> ApplicationUsage:
        """Return what each application uses on the machines. Never raises BackendError."""
        found = await self._instants(*self._cores, "application_memory", "cores")
        good = _good(found)
        total = amount(promql.only(good["cores"]))
        memory = promql.by_application(good["application_memory"], size)
        return ApplicationUsage(
            used=self._used(good, total),
            memory={app: int(held) for app, held in memory.items()},
            cores_total=total,
            missing=failed(found),
        )

    async def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Return the cores each application used at an earlier time; empty when unknown."""
        found = await self._instants(*self._cores, time=f"{at.timestamp():.3f}")
        used = self._used(_good(found))
        return {} if used is None else used.cores

    async def cores_on(self, nodes: Sequence[NodeUsage]) -> NodeCores | None:
        """Return the cores each application uses on some nodes; None where nothing tells that.

        An operator's own query tells no nodes. Never raises BackendError.
        """
        if "application_cpu" in self._dialect.own:
            return None
        there = copy(self)
        there._dialect = self._dialect.on(all_names(nodes))  # noqa: SLF001 - its own copy
        good = _good(await there._instants(*self._cores, "cores"))  # noqa: SLF001 - the same
        whole = amount(promql.only(good["cores"]))
        used = self._used(good, whole)
        return node_cores(nodes, used.cores if used is not None else {}, whole)

    async def risen(self, app_id: str) -> tuple[datetime, float] | None:
        """Return since when an application uses so much within the last hour, and the cores before.

        None where it did not rise, where that is not told in time, and with an operator's own
        query, which tells all applications or none.
        """
        if "application_cpu" in self._dialect.own:
            return None
        now = self._clock()
        query = {"query": self._dialect.cores_of(app_id, self._measured)}
        query |= _range(now - HOUR, now, MINUTE)
        try:
            body = await self._http.read_json("/api/v1/query_range", query, within=RISEN_S)
        except BackendError:
            return None
        points = promql.series(mapping(mapping(body).get("data")))
        return risen_since(tuple((at, {app_id: cores}) for at, cores in points)).get(app_id)

    async def usage_at(self, at: datetime) -> PastUsage:
        """Return what was measured around an earlier time. Never raises BackendError."""
        around = min(AROUND, (self._clock() - at) / 2)
        found, cpu = await asyncio.gather(
            self._instants(*PAST, *self._cores, time=f"{at.timestamp():.3f}"),
            _tried(self.window(at - around, at + around, MINUTE)),
        )
        good = _good(found)
        used = self._used(good)
        failures = {**found, "cpu": cpu} if isinstance(cpu, BackendError) else found
        return PastUsage(
            at,
            cpu=None if isinstance(cpu, BackendError) else cpu,
            memory_percent=percent(promql.only(good["memory"])),
            nodes=promql.node_usages(
                good["cpu_by_node"], good["memory_by_node"], label=self._dialect.node
            ),
            cores=used.cores if used is not None else {},
            missing=failed(failures),
        )

    @property
    def looks_back(self) -> timedelta:
        """How long what is over stays within a rate."""
        return promql.seconds(self._dialect.rate_window(self._measured))

    @property
    def _measured(self) -> float | None:
        """The seconds between scrapes, as last measured."""
        return self._interval[1] if self._interval else None

    @property
    def _cores(self) -> tuple[str, ...]:
        """The queries for cores by application: the operator's own alone, where there is one."""
        own = "application_cpu" in self._dialect.own
        return ("application_cpu",) if own else (*CONTAINERS, "application_cpu")

    def _used(
        self, good: Mapping[str, tuple[Sample, ...]], total: float | None = None
    ) -> UsedCores | None:
        """Return used cores by the best of the sources that tell any; one read has one source."""
        bound = promql.cores(total)
        window = self.looks_back
        contained = promql.by_application(good.get(CONTAINERS[0], ()), bound)
        if contained:
            counts = promql.by_application(good.get(CONTAINERS[1], ()), amount)
            measurement = Measurement(Source.CONTAINERS, window)
            return UsedCores(measurement, contained, {app: int(n) for app, n in counts.items()})
        cores = promql.by_application(good["application_cpu"], bound)
        own = "application_cpu" in self._dialect.own
        measurement = Measurement(Source.QUERY) if own else Measurement(Source.PROCESSES, window)
        return UsedCores(measurement, cores) if cores else None

    async def window(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        """Return CPU over a window, at most 120 points; None where it holds no sample.

        Raises BackendError.
        """
        apart = max(step, (end - start) / (MOST_POINTS - 1), timedelta(seconds=1))
        query = (await self.queries())["cpu"]
        told = await self._ask(
            "/api/v1/query_range", "cpu", query=query, **_range(start, end, apart)
        )
        try:
            return promql.window(start, end, told.data)
        except ValueError as error:
            raise BackendError(SYSTEM, FaultKind.BAD_ANSWER, f"cpu: {error}") from None

    async def version(self) -> str:
        """Return the server's version. Raises BackendError."""
        body = mapping(await self._http.read_json("/api/v1/status/buildinfo"))
        return text(mapping(body.get("data")).get("version"))

    async def check(self, name: str) -> tuple[Sample, ...]:
        """Return the series a named query gives. Raises BackendError."""
        query = (await self.queries())[name]
        return (await self._ask("/api/v1/query", name, query=query)).samples

    async def queries(self) -> dict[str, str]:
        """Return the queries as they are asked now, their windows as the scrapes need them."""
        if self._dialect.window != "auto":
            return self._dialect.queries()
        async with self._measuring:
            now = asyncio.get_running_loop().time()
            if self._interval is None or now >= self._interval[0]:
                found = await self._scrape_interval()
                kept = INTERVAL_KEPT_S if found else INTERVAL_UNKNOWN_S
                self._interval = (now + kept, found)
        return self._dialect.queries(self._measured)

    async def _scrape_interval(self) -> float | None:
        query = {"query": self._dialect.interval}
        try:
            body = await self._http.read_json("/api/v1/query", query, within=INTERVAL_S)
        except BackendError:
            return None
        found = amount(promql.only(promql.samples(mapping(mapping(body).get("data")))))
        return found if found and found <= LONGEST_INTERVAL_S else None

    async def _instants(self, *names: str, **query: str) -> dict[str, Answer]:
        queries = await self.queries()
        asked = [
            _tried(self._ask("/api/v1/query", name, query=queries[name], **query)) for name in names
        ]
        return dict(zip(names, await asyncio.gather(*asked), strict=True))

    async def _ask(self, path: str, name: str, **query: str) -> Told:
        """Send a named query and return its answer, judged by content. Raises BackendError."""
        reply = await self._http.read(path, query)
        if reply.status == _BAD_REQUEST:
            raise self._http.fault(FaultKind.BAD_ANSWER, path, f"{name}: 400 {reply.words}")
        body = mapping(self._http.parsed(path, reply))
        if body.get("status") != "success" or not isinstance(body.get("data"), dict):
            detail = f"{name}: {one_line(text(body.get('error'))) or 'not the shape of this API'}"
            raise self._http.fault(FaultKind.BAD_ANSWER, path, detail)
        warnings = body.get("warnings")
        partial = one_line("; ".join(map(str, warnings))) if isinstance(warnings, list) else ""
        if body.get("isPartial") is True:
            partial = partial or "isPartial"
        return Told(mapping(body["data"]), partial)


def _range(start: datetime, end: datetime, step: timedelta) -> dict[str, str]:
    return {
        "start": f"{start.timestamp():.3f}",
        "end": f"{end.timestamp():.3f}",
        "step": f"{step.total_seconds():.3f}",
    }


async def _tried(question: Awaitable[T]) -> T | BackendError:
    try:
        return await question
    except BackendError as error:
        return error


def _good(found: Mapping[str, Answer]) -> dict[str, tuple[Sample, ...]]:
    return {
        name: () if isinstance(answer, BackendError) else answer.samples
        for name, answer in found.items()
    }


def _machines(
    found: Mapping[str, Answer],
    last_hour: Window | BackendError | None,
    now: datetime,
    label: str,
) -> MachineUsage:
    good = _good(found)

    def figure(name: str, bound: Callable[[Any], float | None]) -> float | None:
        return bound(promql.only(good[name]))

    failures = {**found, "last_hour": last_hour} if isinstance(last_hour, BackendError) else found
    cpu = found["cpu"]
    return MachineUsage(
        cpu=figure("cpu", percent),
        cpu_partial=isinstance(cpu, Told) and bool(cpu.partial),
        memory=figure("memory", percent),
        disk=figure("disk", percent),
        hdfs=figure("hdfs", percent),
        network_in=figure("network_in", _rate),
        network_out=figure("network_out", _rate),
        cores=figure("cores", amount),
        nodes=promql.node_usages(
            good["cpu_by_node"], good["memory_by_node"], good["hostnames"], label
        ),
        last_hour=None if isinstance(last_hour, BackendError) else last_hour,
        missing=(
            *failed(failures),
            *_partial(found),
            *_impossible(good),
            *_empty(good, found),
            *_stale(good, now),
        ),
    )


def _rate(value: Any) -> float | None:
    """Return bytes per second; extrapolation makes a little less than nothing of an idle line."""
    found = number(value)
    return None if found is None or not _LEAST_RATE <= found < _MOST_RATE else max(0.0, found)


def failed(found: Mapping[str, Answer]) -> tuple[Missing, ...]:
    """Name what failed, once per kind of failure and its reason, with the queries it befell."""
    alike: dict[tuple[FaultKind, FaultReason | None], dict[str, Missing]] = {}
    for name, answer in found.items():
        if isinstance(answer, BackendError):
            missing = answer.missing
            alike.setdefault((missing.kind, missing.reason), {})[name] = missing
    return tuple(
        replace(first, detail=f"{', '.join(parts)}: {first.detail}")
        for parts in alike.values()
        for first in tuple(parts.values())[:1]
    )


def _partial(found: Mapping[str, Answer]) -> tuple[Missing, ...]:
    """Name the server's own words where it says that its answer is not whole."""
    words = [each.partial for each in found.values() if isinstance(each, Told) and each.partial]
    return (Missing(SYSTEM, FaultKind.PARTIAL, words[0], len(words)),) if words else ()


def _impossible(good: Mapping[str, tuple[Sample, ...]]) -> tuple[Missing, ...]:
    """Name the first percentage that is none, and how many there are."""
    odd = [
        f"{name}: {sample.value:g} %"
        for name in _PERCENTAGES
        for sample in good[name]
        if sample.value is not None and percent(sample.value) is None
    ]
    return (Missing(SYSTEM, FaultKind.IMPLAUSIBLE, odd[0], len(odd)),) if odd else ()


def _empty(
    good: Mapping[str, tuple[Sample, ...]], found: Mapping[str, Answer]
) -> tuple[Missing, ...]:
    """Name the figures whose answer is well formed and holds no number, or several for one."""
    names = [
        name
        for name, samples in good.items()
        if name not in _QUIETLY_ABSENT
        and not isinstance(found[name], BackendError)
        and all(sample.value is None for sample in samples)
    ]
    several = [
        f"{name}: {len(good[name])} series where one is wanted"
        for name in SINGLE
        if len(good[name]) > 1
    ]
    empty = [f"no data: {', '.join(names)}"] if names else []
    return tuple(Missing(SYSTEM, FaultKind.NO_DATA, each) for each in (*several, *empty))


def _stale(good: Mapping[str, tuple[Sample, ...]], now: datetime) -> tuple[Missing, ...]:
    """Tell when the newest figures are old: by the last scrape, or by a sample's own time."""
    ages = [promql.age(good["last_scrape"])]
    ages += [
        timedelta(seconds=now.timestamp() - sample.at)
        for sample in good["cpu"]
        if sample.at is not None
    ]
    oldest = max((age for age in ages if age is not None), default=timedelta(0))
    if oldest <= STALE_AFTER:
        return ()
    detail = f"newest sample is {oldest.total_seconds():.0f} s old"
    return (Missing(SYSTEM, FaultKind.NO_DATA, detail),)
