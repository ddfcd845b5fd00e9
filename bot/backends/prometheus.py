"""Prometheus' HTTP API: what the machines do, and what each application really uses."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.backends import prometheus_parse as parse
from bot.backends.http import HttpLimits, HttpSystem
from bot.backends.prometheus_parse import MOST_POINTS, Sample
from bot.backends.promql import Queries
from bot.backends.shapes import amount, mapping, one_line, percent, text
from bot.backends.usage import ApplicationUsage, MachineUsage
from bot.domain.cluster import PastUsage, Window
from bot.errors import BackendError, FaultKind, Missing
from bot.ports import Clock

SYSTEM = "prometheus"
PATHS = (re.compile(r"/api/v1/(query|query_range|status/buildinfo)"),)
STALE_AFTER = timedelta(minutes=2)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
AROUND = timedelta(minutes=5)  # an earlier time is read this long before and after
PAST = ("memory", "cpu_by_node", "memory_by_node", "application_cpu")
MACHINES = tuple(each.name for each in fields(Queries) if not each.name.startswith("application_"))
_QUIETLY_ABSENT = frozenset({"hdfs", "last_scrape"})  # many clusters have none
_BAD_REQUEST = 400
Answer = tuple[Sample, ...] | BackendError


class PrometheusReader:
    """Reads one Prometheus; all queries of a question go out together."""

    def __init__(
        self,
        address: str,
        client: httpx.AsyncClient,
        clock: Clock,
        queries: Queries | None = None,
        limits: HttpLimits | None = None,
    ) -> None:
        self._http = HttpSystem(SYSTEM, address, client, PATHS, limits)
        self._clock = clock
        self._queries = queries or Queries()

    async def machines(self) -> MachineUsage:
        """Return what the machines do now and the last hour's CPU. Never raises BackendError."""
        now = self._clock()
        begins = (now - HOUR).replace(second=0, microsecond=0)  # the same points, whenever asked
        found, last_hour = await asyncio.gather(
            self._instants(*MACHINES), self._window(begins, now)
        )
        return _machines(found, last_hour, now)

    async def applications(self) -> ApplicationUsage:
        """Return what each application uses on the machines. Never raises BackendError."""
        found = await self._instants("application_cpu", "application_memory", "cores")
        good = _good(found)
        memory = parse.by_application(good["application_memory"])
        return ApplicationUsage(
            cores=parse.by_application(good["application_cpu"]),
            memory={app: int(size) for app, size in memory.items()},
            cores_total=amount(parse.only(good["cores"])),
            missing=failed(found),
        )

    async def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Return the cores each application used at an earlier time. Raises BackendError."""
        data = await self._ask("/api/v1/query", "application_cpu", time=f"{at.timestamp():.3f}")
        return parse.by_application(parse.samples(data))

    async def usage_at(self, at: datetime) -> PastUsage:
        """Return what was measured around an earlier time. Never raises BackendError."""
        around = min(AROUND, (self._clock() - at) / 2)
        found, cpu = await asyncio.gather(
            self._instants(*PAST, time=f"{at.timestamp():.3f}"),
            self._window(at - around, at + around),
        )
        good = _good(found)
        failures = {**found, "cpu": cpu} if isinstance(cpu, BackendError) else found
        return PastUsage(
            at,
            cpu=None if isinstance(cpu, BackendError) else cpu,
            memory_percent=percent(parse.only(good["memory"])),
            nodes=parse.node_usages(good["cpu_by_node"], good["memory_by_node"]),
            cores=parse.by_application(good["application_cpu"]),
            missing=failed(failures),
        )

    async def window(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        """Return CPU over a window, at most 120 points; None where it holds no sample.

        Raises BackendError.
        """
        apart = max(step, (end - start) / (MOST_POINTS - 1), timedelta(seconds=1))
        data = await self._ask(
            "/api/v1/query_range",
            "cpu",
            start=f"{start.timestamp():.3f}",
            end=f"{end.timestamp():.3f}",
            step=f"{apart.total_seconds():.3f}",
        )
        try:
            return parse.window(start, end, data)
        except ValueError as error:
            raise BackendError(SYSTEM, FaultKind.BAD_ANSWER, f"cpu: {error}") from None

    async def version(self) -> str:
        """Return the server's version. Raises BackendError."""
        body = mapping(await self._http.read_json("/api/v1/status/buildinfo"))
        return text(mapping(body.get("data")).get("version"))

    async def check(self, name: str) -> int:
        """Return how many series a named query gives. Raises BackendError."""
        return len(parse.samples(await self._ask("/api/v1/query", name)))

    async def _window(self, start: datetime, end: datetime) -> Window | BackendError | None:
        try:
            return await self.window(start, end, MINUTE)
        except BackendError as error:
            return error

    async def _instants(self, *names: str, **query: str) -> dict[str, Answer]:
        answers = await asyncio.gather(*(self._instant(name, **query) for name in names))
        return dict(zip(names, answers, strict=True))

    async def _instant(self, name: str, **query: str) -> Answer:
        try:
            return parse.samples(await self._ask("/api/v1/query", name, **query))
        except BackendError as error:
            return error

    async def _ask(self, path: str, name: str, **query: str) -> Mapping[str, Any]:
        """Send a named query and return its data, judged by content. Raises BackendError."""
        asked: str = getattr(self._queries, name)
        reply = await self._http.read(path, {"query": asked, **query})
        if reply.status == _BAD_REQUEST:
            raise self._http.fault(FaultKind.BAD_ANSWER, path, f"{name}: 400 {reply.words}")
        body = mapping(self._http.parsed(path, reply))
        if body.get("status") != "success" or not isinstance(body.get("data"), dict):
            detail = f"{name}: {one_line(text(body.get('error'))) or 'not the shape of this API'}"
            raise self._http.fault(FaultKind.BAD_ANSWER, path, detail)
        return mapping(body["data"])


def _good(found: Mapping[str, Answer]) -> dict[str, tuple[Sample, ...]]:
    return {
        name: () if isinstance(answer, BackendError) else answer for name, answer in found.items()
    }


def _machines(
    found: Mapping[str, Answer], last_hour: Window | BackendError | None, now: datetime
) -> MachineUsage:
    good = _good(found)

    def figure(name: str, bound: Callable[[Any], float | None]) -> float | None:
        return bound(parse.only(good[name]))

    failures = {**found, "last_hour": last_hour} if isinstance(last_hour, BackendError) else found
    return MachineUsage(
        cpu=figure("cpu", percent),
        memory=figure("memory", percent),
        disk=figure("disk", percent),
        hdfs=figure("hdfs", percent),
        network_in=figure("network_in", _not_below_zero),
        network_out=figure("network_out", _not_below_zero),
        cores=figure("cores", amount),
        nodes=parse.node_usages(good["cpu_by_node"], good["memory_by_node"]),
        last_hour=None if isinstance(last_hour, BackendError) else last_hour,
        missing=(*failed(failures), *_empty(found), *_stale(good, now)),
    )


def _not_below_zero(value: float | None) -> float | None:
    return None if value is None else max(0.0, value)


def failed(found: Mapping[str, Answer]) -> tuple[Missing, ...]:
    """Name what failed, once per kind of failure, with the queries it befell."""
    kinds: dict[FaultKind, list[tuple[str, str]]] = {}
    for name, answer in found.items():
        if isinstance(answer, BackendError):
            kinds.setdefault(answer.missing.kind, []).append((name, answer.missing.detail))
    return tuple(
        Missing(SYSTEM, kind, f"{', '.join(name for name, _ in parts)}: {parts[0][1]}")
        for kind, parts in kinds.items()
    )


def _empty(found: Mapping[str, Answer]) -> tuple[Missing, ...]:
    """Name the figures whose answer is well formed and holds no number."""
    names = [
        name
        for name, answer in found.items()
        if name not in _QUIETLY_ABSENT
        and not isinstance(answer, BackendError)
        and all(sample.value is None for sample in answer)
    ]
    return (Missing(SYSTEM, FaultKind.NO_DATA, f"no data: {', '.join(names)}"),) if names else ()


def _stale(good: Mapping[str, tuple[Sample, ...]], now: datetime) -> tuple[Missing, ...]:
    """Tell when the newest figures are old: by the last scrape, or by a sample's own time."""
    ages = [parse.age(good["last_scrape"])]
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
