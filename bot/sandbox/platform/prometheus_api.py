"""Prometheus' HTTP API over the model: instant and range queries, alerts, readiness."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from .faults import Faults, Handler, Kind, answer
from .model import PlatformModel
from .series import KEPT_S, QUERIES, Labels, Sample, evaluate, normalised

MAX_POINTS = 11_000
FAR_AHEAD_S = 1.0
DISTORTIONS = frozenset({Kind.EMPTY, Kind.NAN, Kind.NEGATIVE})
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
Alerts = Callable[[float], list[dict[str, Any]]]


class BadDataError(ValueError):
    """A parameter Prometheus answers with 400 bad_data."""


class PrometheusApi:
    """The API; `alerts` gives the active alerts at a time, in Prometheus' shape."""

    def __init__(
        self, model: PlatformModel, now: Callable[[], float], faults: Faults, alerts: Alerts
    ) -> None:
        self.model = model
        self.now = now
        self.faults = faults
        self.alerts = alerts
        self.scraped_until = math.inf

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(middlewares=[self._middleware])
        for path, handler in (
            ("/api/v1/query", self._query),
            ("/api/v1/query_range", self._query_range),
        ):
            app.router.add_get(path, handler)
            app.router.add_post(path, handler)
        app.router.add_get("/api/v1/alerts", self._alerts)
        app.router.add_get("/api/v1/rules", self._rules)
        app.router.add_get("/api/v1/status/buildinfo", self._buildinfo)
        app.router.add_get("/-/ready", self._ready)
        return app

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await answer(self.faults, request, handler)
        except BadDataError as error:
            body = {"status": "error", "errorType": "bad_data", "error": str(error)}
            return web.json_response(body, status=400)

    async def _query(self, request: web.Request) -> web.Response:
        given = await _parameters(request)
        at = _moment(given, "time", self.now())
        samples = self._series(given.get("query", ""))
        result = [
            {"metric": labels, "value": [round(at, 3), number(value)]}
            for labels, value in samples(at)
        ]
        return _success({"resultType": "vector", "result": result})

    async def _query_range(self, request: web.Request) -> web.Response:
        given = await _parameters(request)
        start, end = _moment(given, "start", None), _moment(given, "end", None)
        step = _duration(given.get("step", ""))
        if end < start:
            raise BadDataError(
                'invalid parameter "end": end timestamp must not be before start time'
            )
        if (end - start) / step > MAX_POINTS:
            raise BadDataError(
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
            raise BadDataError(f'invalid parameter "query": not in this server\'s table: {text}')
        fault = self.faults.take(DISTORTIONS, text)
        newest = self.now() + FAR_AHEAD_S

        def samples(at: float) -> list[Sample]:
            if at > newest or at < newest - KEPT_S:
                return []
            plain = evaluate(query, self.model, at, self.scraped_until)
            return _distorted(fault.kind, plain) if fault else plain

        return samples

    async def _alerts(self, _request: web.Request) -> web.Response:
        return _success({"alerts": self.alerts(self.now())})

    async def _rules(self, _request: web.Request) -> web.Response:
        rule = self.model.scenario.alert
        active = self.alerts(self.now())
        entry = {
            "name": "ClusterHighCPU",
            "type": "alerting",
            "query": f"cluster:cpu_percent > {rule.threshold:g}",
            "duration": rule.for_s,
            "labels": {"severity": "critical"},
            "state": active[0]["state"] if active else "inactive",
            "alerts": active,
            "health": "ok",
        }
        return _success({"groups": [{"name": "cluster", "interval": 1, "rules": [entry]}]})

    async def _buildinfo(self, _request: web.Request) -> web.Response:
        return _success({"version": "2.42.0", "revision": "sandbox", "goVersion": "go1.19.8"})

    async def _ready(self, _request: web.Request) -> web.Response:
        return web.Response(text="Prometheus Server is Ready.\n")


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


async def _parameters(request: web.Request) -> Mapping[str, str]:
    if request.method == "GET":
        return request.query
    form = await request.post()
    return {**request.query, **{k: v for k, v in form.items() if isinstance(v, str)}}


def _moment(given: Mapping[str, str], name: str, default: float | None) -> float:
    text = given.get(name, "")
    if not text and default is not None:
        return default
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadDataError(
            f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp'
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _duration(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", text)
    seconds = float(match[1]) * UNITS[match[2] or "s"] if match else 0.0
    if seconds <= 0:
        raise BadDataError(
            f'invalid parameter "step": cannot parse "{text}" to a valid duration'
            if not match
            else "zero or negative query resolution step widths are not accepted. "
            "Try a positive integer"
        )
    return seconds


def _success(data: dict[str, Any]) -> web.Response:
    return web.json_response({"status": "success", "data": data})
