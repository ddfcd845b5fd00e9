"""Prometheus' HTTP API over the model: instant and range queries, and the version."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from aiohttp import web

from .faults import Faults, Kind, application
from .model import PlatformModel
from .series import KEPT_S, QUERIES, Labels, Sample, evaluate, normalised

MAX_POINTS = 11_000
FAR_AHEAD_S = 1.0
DISTORTIONS = frozenset({Kind.EMPTY, Kind.NAN, Kind.NEGATIVE})


class PrometheusApi:
    """The API."""

    def __init__(self, model: PlatformModel, now: Callable[[], float], faults: Faults) -> None:
        self.model = model
        self.now = now
        self.faults = faults
        self.scraped_until = math.inf

    def application(self) -> web.Application:
        """Build the web application."""
        return application(
            self.faults,
            web.get("/api/v1/query", self._query),
            web.get("/api/v1/query_range", self._query_range),
            web.get("/api/v1/status/buildinfo", self._buildinfo),
        )

    async def _query(self, request: web.Request) -> web.Response:
        given = request.query
        at = _number(given, "time", self.now())
        samples = self._series(given.get("query", ""))
        result = [
            {"metric": labels, "value": [round(at, 3), number(value)]}
            for labels, value in samples(at)
        ]
        return _success({"resultType": "vector", "result": result})

    async def _query_range(self, request: web.Request) -> web.Response:
        given = request.query
        start, end, step = (_number(given, name) for name in ("start", "end", "step"))
        if step <= 0:
            _refuse("zero or negative query resolution step widths are not accepted")
        if end < start:
            _refuse('invalid parameter "end": end timestamp must not be before start time')
        if (end - start) / step > MAX_POINTS:
            _refuse(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        samples = self._series(given.get("query", ""))
        series: dict[tuple[tuple[str, str], ...], tuple[Labels, list[list[Any]]]] = {}
        for index in range(int((end - start) / step) + 1):
            at = start + index * step
            for labels, value in samples(at):
                key = tuple(sorted(labels.items()))
                series.setdefault(key, (labels, []))[1].append([round(at, 3), number(value)])
        result = [{"metric": labels, "values": values} for labels, values in series.values()]
        return _success({"resultType": "matrix", "result": result})

    def _series(self, text: str) -> Callable[[float], list[Sample]]:
        """Return what to ask for each moment of a request; a fault holds for the whole of it."""
        if "container_resource_container_" in text:
            return lambda _at: []  # it scrapes no NodeManager
        query = QUERIES.get(normalised(text))
        if query is None:
            _refuse(f'invalid parameter "query": not in this server\'s table: {text}')
        fault = self.faults.take(DISTORTIONS, text)
        newest = self.now() + FAR_AHEAD_S

        def samples(at: float) -> list[Sample]:
            if at > newest or at < newest - KEPT_S:
                return []
            plain = evaluate(query, self.model, at, self.scraped_until)
            return _distorted(fault.kind, plain) if fault else plain

        return samples

    async def _buildinfo(self, _request: web.Request) -> web.Response:
        return _success({"version": "2.42.0", "revision": "sandbox", "goVersion": "go1.19.8"})


def _distorted(kind: Kind, samples: list[Sample]) -> list[Sample]:
    if kind is Kind.EMPTY:
        return []
    if kind is Kind.NAN:
        return [(labels, math.nan) for labels, _ in samples]
    return [(labels, -0.5 - 0.1 * index) for index, (labels, _) in enumerate(samples)]


def number(value: float) -> str:
    """Write a number as Prometheus does: a string, integers without a point."""
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value.is_integer() else repr(value)


def _number(given: Mapping[str, str], name: str, default: float | None = None) -> float:
    text = given.get(name, "")
    if not text and default is not None:
        return default
    try:
        return float(text)
    except ValueError:
        _refuse(f'invalid parameter "{name}": cannot parse "{text}"')


def _refuse(problem: str) -> NoReturn:
    body = {"status": "error", "errorType": "bad_data", "error": problem}
    raise web.HTTPBadRequest(text=json.dumps(body), content_type="application/json")


def _success(data: dict[str, Any]) -> web.Response:
    return web.json_response({"status": "success", "data": data})
