"""Processes that are killed, and processes that race, on both databases."""

import asyncio
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from bot.domain.proposals import ProposalState, TargetState
from bot.storage import audit
from bot.storage.open_database import open_database
from tests.contract.databases import another, empty, postgres_server
from tests.reliability.processes import Process, click_all, live, nothing, take_over
from tests.reliability.world import shown

# Each point at which the first process dies, and how many kill requests may have been sent.
CRASHES = {
    "before inbox": {1},
    "after inbox": {1},
    "acked": {1},
    "before approved": {1},
    "after approved": {1},
    "decided": {1},
    "before taken": {1},
    "after taken": {1},
    "before calling": {1},
    "after calling": {0},  # a person is asked, for nobody can know
    "called": {1},
    "before accepted": {1},
    "after accepted": {1},
    "before succeeded": {1},
    "after succeeded": {1},
    "posted card": {1},
    "edited": {1},
    "posted proof": {1},
}
WAIT = 60
TIMES, ABREAST = 20, 4
Run = Callable[..., int | None]  # runs a function in a process; gives its exit code


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="module")
def forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.reliability.test_processes"])
    return context


def _run(forks: ForkServerContext, work: Callable[..., None], *arguments: Any) -> int | None:
    process = forks.Process(target=work, args=arguments)
    process.start()
    process.join(WAIT)
    code = process.exitcode
    process.close()
    return code


def _fork(work: Callable[..., None], *arguments: Any) -> int:
    """Run it in a fork of this process, which has no threads."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(*arguments)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


async def _check(where: str, room: Path, calls: set[int]) -> None:
    database = await open_database(where)
    process = Process(database, room, nothing)
    proposal = await process.desk.get("p1")
    assert proposal is not None
    assert proposal.state is ProposalState.DONE
    ends = {0: TargetState.NEEDS_HUMAN, 1: TargetState.SUCCEEDED}
    made = len((room / "calls").read_text().splitlines()) if (room / "calls").exists() else 0
    assert made in calls
    assert proposal.targets[0].state is ends[made]
    assert await process.quiet()
    assert json.loads((room / "card-p1").read_text()) == list(shown(proposal))
    verified = await database.read(lambda c: audit.verify(c, [proposal.audit_head]))
    assert verified.sound
    await database.close()


def _crash_and_recover(run: Run, where: str, room: Path, point: str) -> None:
    assert run(live, where, room, point) == -9
    assert run(take_over, where, room) == 0
    asyncio.run(_check(where, room, CRASHES[point]))


@pytest.mark.parametrize("point", CRASHES)
def test_killed_anywhere_the_next_process_finishes(
    forks: ForkServerContext, tmp_path: Path, point: str
) -> None:
    """On SQLite, restarted: at most one call, no acknowledged click lost, a true card."""
    _crash_and_recover(partial(_run, forks), str(tmp_path / "dangjik.db"), tmp_path, point)


@pytest.mark.parametrize("point", ["acked", "before calling", "after calling", "called"])
def test_killed_anywhere_another_replica_takes_over(
    forks: ForkServerContext, tmp_path: Path, postgres_url: str, point: str
) -> None:
    """On PostgreSQL, while its leases still run."""
    asyncio.run(_prepare(postgres_url, tmp_path, 0))
    _crash_and_recover(partial(_run, forks), postgres_url, tmp_path, point)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("point", CRASHES)
def test_killed_anywhere_20_times(
    forks: ForkServerContext, tmp_path: Path, postgres_url: str, point: str, database: str
) -> None:
    """The long tier: every point, both databases, 20 times each, four at a time."""
    addresses = [
        another(postgres_url, f"lane{lane}") if database == "postgres" else None
        for lane in range(ABREAST)
    ]
    lanes = [
        forks.Process(target=_lane, args=(number, address, tmp_path, point))
        for number, address in enumerate(addresses)
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
        assert lane.exitcode == 0
        lane.close()


def _lane(lane: int, address: str | None, folder: Path, point: str) -> None:
    for number in range(lane, TIMES, ABREAST):
        room = folder / str(number)
        room.mkdir()
        if address is not None:
            asyncio.run(_prepare(address, room, 0))
        _crash_and_recover(_fork, address or str(room / "dangjik.db"), room, point)


async def _prepare(where: str, room: Path, cards: int) -> None:
    database = await open_database(where)
    empty(where)
    process = Process(database, room, nothing)
    for number in range(cards):
        await process.propose(number)
        await process.send()
    await database.close()


def _race(forks: ForkServerContext, where: str, room: Path, processes: int, cards: int) -> None:
    asyncio.run(_prepare(where, room, cards))
    running = [
        forks.Process(target=click_all, args=(where, room, f"U{number}", cards))
        for number in range(processes)
    ]
    for each in running:
        each.start()
    for each in running:
        each.join(WAIT * 10)
        assert each.exitcode == 0
        each.close()
    won = [line for path in room.glob("won-*") for line in path.read_text().splitlines()]
    assert sorted(won) == sorted(f"p{number}" for number in range(cards))
    calls = (room / "calls").read_text().splitlines()
    assert len(calls) == len(set(calls)) == cards


def test_8_processes_click_100_cards(
    forks: ForkServerContext, tmp_path: Path, postgres_url: str
) -> None:
    """Every card has one winner and one kill request, however many press at once."""
    _race(forks, postgres_url, tmp_path, 8, 100)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_8_processes_click_1000_cards(
    forks: ForkServerContext, tmp_path: Path, postgres_url: str
) -> None:
    """The long tier: 1,000 winners, 1,000 requests, a hundred cards open at a time."""
    for number in range(10):
        room = tmp_path / str(number)
        room.mkdir()
        _race(forks, postgres_url, room, 8, 100)
