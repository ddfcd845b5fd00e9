"""The Prometheus stand-in: shapes of answers, history, bad days."""

import math
from typing import Any

import aiohttp
import pytest

from bot.sandbox.platform import Kind, PlatformStandIn, series

from .conftest import MovableClock

ALL = {name: text for name, text in vars(series).items() if name.isupper() and type(text) is str}


async def query(
    http: aiohttp.ClientSession, platform: PlatformStandIn, text: str, **more: str
) -> list[Any]:
    url = f"{platform.prometheus_url}/api/v1/query"
    async with http.get(url, params={"query": text, **more}) as response:
        body = await response.json()
    assert body["status"] == "success", body
    assert body["data"]["resultType"] == "vector"
    result: list[Any] = body["data"]["result"]
    return result


@pytest.mark.parametrize("name", sorted(ALL))
async def test_every_query_of_the_table_has_an_answer(
    name: str, platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    result = await query(http, platform, ALL[name])
    assert result
    for sample in result:
        at, value = sample["value"]
        assert at == platform.now()
        assert math.isfinite(float(value))
        assert isinstance(value, str)


async def test_spelling_by_whitespace_does_not_matter(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    spaced = series.CPU_PERCENT.replace("(", " (\n ")
    assert await query(http, platform, spaced) == await query(http, platform, series.CPU_PERCENT)


async def test_cluster_cpu_rises_with_the_incident_and_falls_with_the_kills(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession
) -> None:
    async def cpu() -> float:
        return float((await query(http, platform, series.CPU_PERCENT))[0]["value"][1])

    assert 40 < await cpu() < 65
    platform.start_incident()
    clock.forward(30)
    assert await cpu() > 90
    for name in ("adhoc_clickstream_join", "etl_orders_merge"):
        row = platform.model.named(name, platform.now())
        platform.model.kill(row.id, "dangjik", platform.now())
    clock.forward(3)
    assert await cpu() < 60


async def test_used_cores_rank_the_runaways_first(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession
) -> None:
    platform.start_incident()
    clock.forward(60)
    result = await query(http, platform, series.APPLICATION_CORES)
    cores = {row["metric"]["groupname"]: float(row["value"][1]) for row in result}
    heaviest = sorted(cores, key=lambda app: -cores[app])[:3]
    names = [platform.model.find(app, platform.now()).spec.name for app in heaviest]
    assert names == ["adhoc_clickstream_join", "etl_orders_merge", "ml_train_ctr"]
    assert sum(cores.values()) < 256


async def test_the_last_hour_is_known_right_after_the_start(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    end = platform.now()
    asked = {"query": series.CPU_PERCENT, "start": str(end - 7200), "end": str(end), "step": "60"}
    url = f"{platform.prometheus_url}/api/v1/query_range"
    async with http.get(url, params=asked) as response:
        body = await response.json()
    assert body["data"]["resultType"] == "matrix"
    values = [float(value) for _, value in body["data"]["result"][0]["values"]]
    assert len(values) == 121
    assert 35 < min(values) < max(values) < 70


@pytest.mark.parametrize(
    ("path", "params", "words"),
    [
        ("query", {"query": "rate("}, "not in this server's table"),
        ("query", {"query": "node_uname_info", "time": "soon"}, 'cannot parse "soon"'),
        (
            "query_range",
            {"query": "node_uname_info", "start": "2", "end": "1", "step": "1"},
            "end timestamp",
        ),
        (
            "query_range",
            {"query": "node_uname_info", "start": "0", "end": "99999", "step": "1"},
            "11,000",
        ),
        (
            "query_range",
            {"query": "node_uname_info", "start": "0", "end": "9", "step": "x"},
            '"step"',
        ),
    ],
)
async def test_bad_parameters_are_answered_with_bad_data(
    platform: PlatformStandIn,
    http: aiohttp.ClientSession,
    path: str,
    params: dict[str, str],
    words: str,
) -> None:
    url = f"{platform.prometheus_url}/api/v1/{path}"
    async with http.get(url, params=params) as response:
        body = await response.json()
    assert (response.status, body["status"], body["errorType"]) == (400, "error", "bad_data")
    assert words in body["error"]


async def test_nan_negative_and_empty_results_can_be_switched_on(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    for kind in (Kind.NAN, Kind.NEGATIVE, Kind.EMPTY):
        await platform.fault("prometheus", kind, match="mode", times=1)
    assert await query(http, platform, series.CPU_PERCENT) == [
        {"metric": {}, "value": [platform.now(), "NaN"]}
    ]
    assert float((await query(http, platform, series.CPU_PERCENT))[0]["value"][1]) < 0
    assert await query(http, platform, series.CPU_PERCENT) == []
    assert await query(http, platform, series.CPU_PERCENT) != []


async def test_a_rate_outlives_the_last_scrape_by_a_minute_and_a_gauge_by_five(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession
) -> None:
    await platform.fault("prometheus", Kind.STALE)
    stopped = platform.now()
    clock.forward(50)
    assert await query(http, platform, series.CPU_PERCENT)
    clock.forward(50)
    assert await query(http, platform, series.CPU_PERCENT) == []
    assert float((await query(http, platform, series.LAST_SCRAPE))[0]["value"][1]) == stopped
    clock.forward(300)
    assert await query(http, platform, series.MEMORY_PERCENT) == []
    await platform.clear_faults("prometheus")
    assert await query(http, platform, series.CPU_PERCENT)


async def test_it_names_its_version(platform: PlatformStandIn, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{platform.prometheus_url}/api/v1/status/buildinfo") as response:
        assert (await response.json())["data"]["version"] == "2.42.0"
