"""A replica stopped by SIGSTOP in mid-kill for longer than its lease, while another takes over."""

import asyncio
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from bot.domain.proposals import ProposalState, TargetState
from bot.errors import StorageError
from bot.storage import audit
from bot.storage.open_database import open_database
from tests.contract.databases import another, empty, postgres_server
from tests.reliability.processes import HURRIED, Process, nothing, take_over
from tests.reliability.world import shown

WAIT = 90.0  # seconds
# Where the first process is stopped, and how the target must end: one request, or none.
OUTSIDE = {
    "after approved": TargetState.SUCCEEDED,
    "after taken": TargetState.SUCCEEDED,
    "found": TargetState.SUCCEEDED,  # the identity is read, the intent is not written
    "after calling": TargetState.NEEDS_HUMAN,  # between the intent and the request: never sent
    "called": TargetState.SUCCEEDED,
    "after accepted": TargetState.SUCCEEDED,
    "after succeeded": TargetState.SUCCEEDED,
}
# Stopped within a transaction, the desk's lock held: PostgreSQL ends the session.
WITHIN = {
    "before taken": TargetState.SUCCEEDED,
    "before calling": TargetState.SUCCEEDED,
    "before accepted": TargetState.SUCCEEDED,
}
CALLS = {TargetState.SUCCEEDED: 1, TargetState.NEEDS_HUMAN: 0}


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield another(url, "pauses")


@pytest.fixture(scope="module")
def forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.reliability.test_pauses"])
    return context


def stopping_at(point: str, told: Connection) -> Callable[[str], None]:
    """Return a hook that tells of the point and stops the process there, once."""
    left = 2 if point == "found" else 1  # the first read is that of the proposal

    def hook(name: str) -> None:
        nonlocal left
        left -= name == point
        if name == point and left == 0:
            told.send(name)
            os.kill(os.getpid(), signal.SIGSTOP)

    return hook


def live_and_stop(where: str, room: Path, point: str, told: Connection) -> None:
    """Be a replica that gets a card and a click, and is stopped at `point`."""

    async def main() -> None:
        database = await open_database(where)
        process = Process(database, room, stopping_at(point, told), HURRIED)
        proposal = await process.propose(1)
        await process.send()
        try:
            await process.deliver(proposal, "U1")
        except StorageError:  # the session was ended meanwhile
            told.send("storage")
        await database.close()

    asyncio.run(main())
    told.send("over")


def _pause(forks: ForkServerContext, where: str, room: Path, point: str) -> str:
    """Stop one replica, let another finish everything, wake the first; return how it ended."""
    heard, told = forks.Pipe(duplex=False)
    first = forks.Process(target=live_and_stop, args=(where, room, point, told))
    first.start()
    assert heard.poll(WAIT)
    assert heard.recv() == point
    second = forks.Process(target=take_over, args=(where, room))
    second.start()
    second.join(WAIT)
    assert second.exitcode == 0
    assert (made := _calls(room)) <= 1
    os.kill(first.pid or 0, signal.SIGCONT)
    first.join(WAIT)
    assert first.exitcode == 0
    assert _calls(room) == made
    second.close()
    first.close()
    return str(heard.recv())


def _calls(room: Path) -> int:
    log = room / "calls"
    return len(log.read_text().splitlines()) if log.exists() else 0


async def _check(where: str, room: Path, end: TargetState) -> None:
    database = await open_database(where)
    process = Process(database, room, nothing)
    proposal = await process.desk.get("p1")
    assert proposal is not None
    assert proposal.state is ProposalState.DONE
    assert proposal.targets[0].state is end
    assert _calls(room) == CALLS[end]
    assert await process.quiet()
    assert json.loads((room / "card-p1").read_text()) == list(shown(proposal))
    assert (await database.read(lambda c: audit.verify(c, [proposal.audit_head]))).sound
    await database.close()


async def _fresh(where: str) -> None:
    await (await open_database(where)).close()
    empty(where)


def _stop_and_wake(
    forks: ForkServerContext, where: str, room: Path, point: str, end: TargetState
) -> str:
    asyncio.run(_fresh(where))
    how = _pause(forks, where, room, point)
    asyncio.run(_check(where, room, end))
    return how


@pytest.mark.parametrize("point", OUTSIDE)
def test_stopped_for_longer_than_its_lease_it_sends_nothing_more(
    forks: ForkServerContext, tmp_path: Path, postgres_url: str, point: str
) -> None:
    """The other one finished; awake again, the first finds that it lost the lease."""
    assert _stop_and_wake(forks, postgres_url, tmp_path, point, OUTSIDE[point]) == "over"


@pytest.mark.parametrize("point", ["before calling"])
def test_stopped_within_a_transaction_it_holds_up_the_others_for_seconds(
    forks: ForkServerContext, tmp_path: Path, postgres_url: str, point: str
) -> None:
    """PostgreSQL ends its session, and the one that waits for the lock need not try again."""
    assert _stop_and_wake(forks, postgres_url, tmp_path, point, WITHIN[point]) == "storage"


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("point", [*OUTSIDE, *WITHIN])
def test_stopped_anywhere_10_times(
    forks: ForkServerContext, tmp_path: Path, postgres_url: str, point: str
) -> None:
    """The long tier: each point ten times."""
    for number in range(10):
        room = tmp_path / str(number)
        room.mkdir()
        _stop_and_wake(forks, postgres_url, room, point, (OUTSIDE | WITHIN)[point])
