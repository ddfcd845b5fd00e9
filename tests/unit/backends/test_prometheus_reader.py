"""What Prometheus' answers become: recorded bodies, NaN, negatives, staleness, overrides."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.backends.build import dialect_of
from bot.backends.cluster import merged_metrics
from bot.backends.http import make_client
from bot.backends.prometheus import PrometheusReader
from bot.backends.promql import Dialect
from bot.backends.usage import MachineUsage, SchedulerUsage
from bot.backends.yarn_parse import application as parsed
from bot.domain.applications import Basis, Measurement, Source
from bot.domain.cluster import Gauge, NodeState, NodeUsage
from bot.domain.core_usage import UsedCores, with_used
from bot.errors import BackendError, FaultKind
from bot.sandbox.platform import Kind, PlatformStandIn, load
from bot.sandbox.platform.stand_in import PROMETHEUS
from bot.settings import load_settings
from tests.contract.yarn_bodies import RUNNING_ID, application

RECORDED = Path(__file__).parents[2] / "contract" / "fixtures" / "prometheus"
NOW = datetime.fromtimestamp(1795352012, UTC)


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform(clock: Clock) -> AsyncIterator[PlatformStandIn]:
    stand_in = PlatformStandIn(load("incident"), clock, seed=3)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def reader(platform: PlatformStandIn, clock: Clock) -> AsyncIterator[PrometheusReader]:
    async with make_client() as client:
        yield PrometheusReader(platform.prometheus_url, client, clock)


def canned(bodies: dict[str, str]) -> httpx.MockTransport:
    """Answer a query with a recorded file; any other with an empty vector."""

    async def answer(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        name = "range" if request.url.path.endswith("range") else params["query"]
        file = bodies.get(name, "query-empty.json")
        status = 400 if "400" in file else 200
        return httpx.Response(status, content=(RECORDED / file).read_bytes())

    return httpx.MockTransport(answer)


async def test_recorded_answers_are_read() -> None:
    """CPU as Prometheus 2.42 wrote it, and a range of four samples."""
    queries = Dialect().queries()
    bodies = {queries["cpu"]: "query-instant.json", "range": "query-range.json"}
    async with make_client(transport=canned(bodies)) as client:
        found = await PrometheusReader("http://p:9090", client, lambda: NOW).machines()
    assert found.cpu == 100
    assert found.last_hour is not None
    assert (found.last_hour.low, found.last_hour.mean, len(found.last_hour.points)) == (100, 100, 4)
    assert [missing.kind for missing in found.missing] == [FaultKind.NO_DATA]
    assert "hdfs" not in found.missing[0].detail
    assert "memory" in found.missing[0].detail


async def test_recorded_application_series_are_matched_by_id() -> None:
    """process-exporter's group is the application id."""
    queries = Dialect().queries()
    bodies = {
        queries["application_cpu"]: "query-topk-apps-cpu.json",
        queries["application_memory"]: "query-apps-rss.json",
    }
    async with make_client(transport=canned(bodies)) as client:
        found = await PrometheusReader("http://p:9090", client, lambda: NOW).applications()
    assert found.used is not None
    assert found.used.measurement.source is Source.PROCESSES
    assert found.used.cores == {"app-20261122125312-0000": pytest.approx(0.9633, abs=1e-4)}
    assert found.memory == {"app-20261122125312-0000": 685056000}
    assert not found.missing


async def test_a_bad_query_is_told_in_prometheus_own_words() -> None:
    """A query of the operator's own that does not parse names itself and the complaint."""
    queries = Dialect(own={"cpu": "sum(("})
    bodies = {"sum((": "query-bad-400.json", "range": "query-bad-400.json"}
    async with make_client(transport=canned(bodies)) as client:
        found = await PrometheusReader("http://p:9090", client, lambda: NOW, queries).machines()
    bad = next(m for m in found.missing if m.kind is FaultKind.BAD_ANSWER)
    assert bad.detail.startswith("cpu, last_hour: ")
    assert "unclosed left parenthesis" in bad.detail


async def test_nan_is_no_figure_and_told(
    platform: PlatformStandIn, reader: PrometheusReader
) -> None:
    """Every value NaN: nothing is known, and the figures are named."""
    await platform.fault(PROMETHEUS, Kind.NAN)
    found = await reader.machines()
    assert (found.cpu, found.memory, found.disk, found.last_hour) == (None, None, None, None)
    assert [missing.kind for missing in found.missing] == [FaultKind.NO_DATA]
    assert (await reader.applications()).used is None


async def test_a_little_below_zero_is_zero(
    platform: PlatformStandIn, reader: PrometheusReader
) -> None:
    """Rates extrapolate below nothing; nobody is told -0.5 %."""
    await platform.fault(PROMETHEUS, Kind.NEGATIVE)
    found = await reader.machines()
    assert (found.cpu, found.network_in) == (0, 0)
    assert found.last_hour is not None
    assert found.last_hour.low == 0
    used = (await reader.applications()).used
    assert used is not None
    assert set(used.cores.values()) == {0}


async def test_an_empty_answer_is_told_but_for_hdfs(
    platform: PlatformStandIn, reader: PrometheusReader
) -> None:
    """Many clusters have no HDFS: its absence is silent."""
    await platform.fault(PROMETHEUS, Kind.EMPTY, match="NameNode")
    found = await reader.machines()
    assert found.hdfs is None
    assert not found.missing
    await platform.fault(PROMETHEUS, Kind.EMPTY, match="filesystem")
    found = await reader.machines()
    assert [missing.detail for missing in found.missing] == ["no data: disk"]


async def test_old_samples_are_told(
    platform: PlatformStandIn, reader: PrometheusReader, clock: Clock
) -> None:
    """Nothing scraped for three minutes: what still answers is shown, and its age told."""
    await platform.fault(PROMETHEUS, Kind.STALE)
    clock.time += timedelta(seconds=180)
    found = await reader.machines()
    assert found.memory is not None
    assert any("newest sample is 180 s old" in missing.detail for missing in found.missing)


async def test_a_window_has_at_most_120_points(reader: PrometheusReader) -> None:
    """A day by the second is thinned; times are aware and in order."""
    found = await reader.window(NOW - timedelta(days=1), NOW, timedelta(seconds=1))
    assert found is not None
    assert len(found.points) <= 120
    assert found.low <= found.mean <= found.high
    times = [at for at, _ in found.points]
    assert times == sorted(times)
    assert times[0].tzinfo is not None


async def test_several_series_are_no_cpu_over_time() -> None:
    """A query of the operator's own that is not summed up is an error, not a guess."""
    result = [{"metric": {"i": str(i)}, "values": [[1795352005, "1"]]} for i in range(2)]
    body = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    async with make_client(transport=transport) as client:
        with pytest.raises(BackendError) as raised:
            await PrometheusReader("p:9090", client, lambda: NOW).window(NOW, NOW, timedelta(1))
    assert raised.value.missing.kind is FaultKind.BAD_ANSWER


def test_every_query_can_be_replaced_by_a_setting() -> None:
    """The names of the settings are the names of the queries."""
    settings = load_settings(
        _env_file=None, prometheus_query_cpu="my_cpu", prometheus_query_hdfs="x"
    )
    found = dialect_of(settings).queries()
    assert (found["cpu"], found["hdfs"]) == ("my_cpu", "x")
    assert found["memory"] == Dialect().queries()["memory"]


def test_measured_figures_win_over_grants() -> None:
    """Where anything is measured, an application not seen has no figure; its grant is none."""
    app = parsed("c", application())
    assert app is not None
    by = Measurement(Source.PROCESSES)
    (measured,) = with_used([app], UsedCores(by, {RUNNING_ID: 2.5}), {})
    assert (measured.cores, measured.cores_basis) == (2.5, Basis.MEASURED)
    assert measured.memory == 20480 * 2**20
    (unseen,) = with_used([app], UsedCores(by, {"other": 1.0}), {})
    assert (unseen.cores, unseen.cores_basis) == (None, Basis.MEASURED)
    (granted,) = with_used([app], None, {RUNNING_ID: 1})
    assert (granted.cores, granted.cores_basis) == (10, Basis.GRANTED)


def test_cpu_falls_back_to_what_nodes_measure_and_then_to_grants() -> None:
    """Each fallback says what it is."""
    node_measured = SchedulerUsage(cores_total=40, cores_granted=30, cpu_percent=65)
    granted = SchedulerUsage(cores_total=40, cores_granted=30)
    cpu = [
        merged_metrics("c", NOW, machines, [part]).cpu
        for machines, part in (
            (MachineUsage(cpu=50), node_measured),
            (MachineUsage(), node_measured),
            (MachineUsage(), granted),
            (MachineUsage(), SchedulerUsage()),
        )
    ]
    assert cpu == [Gauge(50), Gauge(65), Gauge(75, Basis.GRANTED), None]


def test_nodes_are_joined_by_host() -> None:
    """Health comes from the scheduler, use from the machines; sick nodes are never lost."""
    machines = MachineUsage(nodes=(NodeUsage("nm7", 90, 40), NodeUsage("10.0.0.8", 10, 20)))
    scheduled = SchedulerUsage(
        nodes=(
            NodeUsage("nm7.example.com", state=NodeState.UNHEALTHY),
            NodeUsage("nm8.example.com"),
            NodeUsage("nm9.example.com", state=NodeState.LOST),
        )
    )
    found = merged_metrics("c", NOW, machines, [scheduled]).nodes
    assert found == (
        NodeUsage("nm7", 90, 40, NodeState.UNHEALTHY),
        NodeUsage("10.0.0.8", 10, 20),
        NodeUsage("nm9.example.com", state=NodeState.LOST),
    )


def test_the_recorded_files_are_json() -> None:
    """They came whole."""
    for file in RECORDED.glob("*.json"):
        assert json.loads(file.read_text())["status"] in {"success", "error"}
