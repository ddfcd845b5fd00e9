"""Alertmanager's API: what a real 0.25 was recorded to say, the stand-in's twin, and its faults."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.backends.alertmanager import AlertmanagerReader, alert, silence
from bot.backends.build import build_cluster
from bot.backends.http import make_client
from bot.domain.alerts import AlertBoard, Silence, StandingAlert
from bot.errors import BackendError, FaultKind
from bot.sandbox.platform import Kind, PlatformStandIn, load
from bot.sandbox.platform.stand_in import ALERTMANAGER, wall_clock
from bot.settings import load_settings

RECORDED = Path(__file__).parent / "fixtures" / "alertmanager"
SILENCE = {
    "matchers": [{"name": "alertname", "value": "ClusterHigh.*", "isRegex": True}],
    "startsAt": "2020-01-01T00:00:00Z",
    "endsAt": "2099-01-01T00:00:00Z",
    "createdBy": "alice",
    "comment": "maintenance",
}


@pytest.fixture
async def platform() -> AsyncIterator[PlatformStandIn]:
    stand_in = PlatformStandIn(load("incident"), seed=3)
    await stand_in.start()
    stand_in.alerts.state = type(stand_in.alerts.state)(
        above_since=stand_in.now() - 60, firing=True, value=97.0
    )
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with make_client() as made:
        yield made


def test_recorded_bodies_parse() -> None:
    """An active alert and a silence in force, as 0.25 wrote them."""
    alerts = json.loads((RECORDED / "alerts.json").read_text())
    silences = json.loads((RECORDED / "silences.json").read_text())
    since = datetime(2026, 11, 22, 12, 53, 22, 126000, tzinfo=UTC)
    assert alert(alerts[0]) == StandingAlert("ClusterHighCPU", "critical", since)
    until = datetime(2026, 11, 22, 13, 3, 31, tzinfo=UTC)
    wanted = Silence("alertname=ClusterHighCPU", until, "oncall-bot (alice)", "killing jobs")
    assert silence(silences[0]) == wanted


async def test_a_silence_makes_an_alert_quiet(
    platform: PlatformStandIn, client: httpx.AsyncClient
) -> None:
    """And its end makes it loud again."""
    reader = AlertmanagerReader(platform.alertmanager_url, client)
    board = await reader.board()
    assert [each.name for each in board.loud] == ["ClusterHighCPU"]
    made = await client.post(f"{platform.alertmanager_url}/api/v2/silences", json=SILENCE)
    board = await reader.board()
    assert (board.loud, [each.name for each in board.quiet]) == ((), ["ClusterHighCPU"])
    assert [each.matches for each in board.silences] == ["alertname=~ClusterHigh.*"]
    number = made.json()["silenceID"]
    await client.delete(f"{platform.alertmanager_url}/api/v2/silence/{number}")
    board = await reader.board()
    assert (len(board.loud), board.silences) == (1, ())
    assert await reader.version() == "0.25.0"


async def test_the_cluster_tells_of_its_alerts(platform: PlatformStandIn) -> None:
    """With an address; without one nothing is asked and nothing is missing."""
    settings = load_settings(
        _env_file=None, yarn_url=platform.yarn_url, alertmanager_url=platform.alertmanager_url
    )
    async with build_cluster(settings, wall_clock) as cluster:
        board = (await cluster.now()).alerts
    assert board is not None
    assert [each.severity for each in board.alerts] == ["critical"]
    settings = load_settings(_env_file=None, yarn_url=platform.yarn_url)
    async with build_cluster(settings, wall_clock) as cluster:
        assert (await cluster.now()).alerts is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Kind.REFUSED, FaultKind.UNREACHABLE),
        (Kind.SERVER_ERROR, FaultKind.FAILED),
        (Kind.HTML, FaultKind.BAD_ANSWER),
    ],
)
async def test_one_that_fails_is_named_and_costs_nothing_else(
    platform: PlatformStandIn, kind: Kind, told: FaultKind
) -> None:
    """The rest of the status stands."""
    await platform.fault(ALERTMANAGER, kind)
    settings = load_settings(
        _env_file=None, yarn_url=platform.yarn_url, alertmanager_url=platform.alertmanager_url
    )
    async with build_cluster(settings, wall_clock) as cluster:
        metrics = await cluster.now()
    assert metrics.alerts is None
    assert metrics.cpu is not None
    assert [(each.system, each.kind) for each in metrics.missing] == [(ALERTMANAGER, told)]


@pytest.mark.parametrize("body", ["{}", "null", '"x"', "[", '{"alerts": []}'])
async def test_another_shape_is_no_list(body: str) -> None:
    """A proxy's page or another product is told as such."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    async with make_client(transport=transport) as client:
        reader = AlertmanagerReader("http://am:9093", client)
        with pytest.raises(BackendError) as caught:
            await reader.board()
        with pytest.raises(BackendError):
            await reader.version()
    assert caught.value.missing.kind is FaultKind.BAD_ANSWER


def test_rows_gone_wrong_cost_at_most_a_field() -> None:
    """Names of any length and shape, times without a zone, matchers that are none."""
    empty = StandingAlert("", "", None)
    assert alert({"labels": [], "startsAt": 7, "status": "x"}) == empty
    assert len(alert({"labels": {"alertname": "x" * 9999}}).name) == 80
    assert silence({"matchers": [{"name": "a", "value": "b", "isEqual": False}, 7]}).matches == (
        "a!=b"
    )
    assert silence({"endsAt": "2026-11-22T13:03:31"}).until is None


def test_the_loudest_and_oldest_come_first() -> None:
    """A quiet one never hides a loud one."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    board = AlertBoard(
        (
            StandingAlert("a", "critical", now),
            StandingAlert("b", "warning", now - timedelta(hours=1), quiet=True),
        )
    )
    assert [each.name for each in board.loud] == ["a"]
    assert [each.name for each in board.quiet] == ["b"]
