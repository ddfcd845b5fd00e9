"""A disk that is really full: nothing is acknowledged or called without its row, and it recovers."""

import asyncio
import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.posts import InboxItem, Incoming
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.errors import StorageError
from bot.sandbox.slack.demo import BOT_USER
from bot.storage import audit
from bot.storage.clock import forget_leases
from bot.storage.open_database import open_database
from tests.bench.scenes import channel
from tests.reliability.processes import Process, now
from tests.reliability.sandbox import PEOPLE, card_for, kills, running, sandbox
from tests.reliability.world import shown

STEP = 4096  # bytes
TOP = f"<@{BOT_USER}> 상위 3개 잡 보여줘"
FULL = "database or disk is full"
ENDS = {TargetState.SUCCEEDED: 1, TargetState.ABORTED: 0, TargetState.NEEDS_HUMAN: 0}
MOMENTS = (
    "before inbox",
    "after inbox",
    "before approved",
    "after approved",
    "before taken",
    "after taken",
    "before calling",
    "after calling",
    "called",
    "before accepted",
    "after accepted",
    "before succeeded",
    "after succeeded",
)


class Disk:
    """A small file system of its own. `fill` takes every byte, `free` gives them back."""

    def __init__(self, at: Path) -> None:
        self.at = at
        self._filler = at / "filler"

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            for size in (64 * STEP, STEP, 64, 1):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mount 4 MB of memory; where that is forbidden there is no disk to fill."""
    at = tmp_path / "disk"
    at.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(at)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk to fill needs root")
    try:
        yield Disk(at)
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


class Filling:
    """A hook that fills the disk at one moment; the first time only."""

    def __init__(self, disk: Disk, moment: str) -> None:
        self._disk = disk
        self._moment: str | None = moment

    def __call__(self, name: str) -> None:
        if name == self._moment:
            self._moment = None
            self._disk.fill()


async def _click(process: Process, proposal: Proposal) -> bool:
    """Deliver a click as the edge does; tell whether it was acknowledged."""
    key = f"{proposal.id}-U1"
    process.hook("before inbox")
    payload = {"p": proposal.id, "u": "U1"}
    try:
        await process.inbox.put(InboxItem(key, Incoming.CLICK, payload, now()))
    except StorageError:
        return False
    process.hook("after inbox")
    item = await _claimed(process, key)
    if item is not None:
        try:
            await process.work(item)
        except StorageError as error:
            process.troubles.append(str(error))
    return True


async def _claimed(process: Process, key: str) -> InboxItem | None:
    try:
        return await process.inbox.claim(key)
    except StorageError:
        return None


async def _fill_and_recover(disk: Disk, room: Path, moment: str) -> TargetState:
    """Fill the disk at a moment of a kill; return what became of it once there is space."""
    database = await open_database(disk.at / f"{room.name}.db")
    process = Process(database, room, Filling(disk, moment))
    proposal = await process.propose(1)
    await process.send()
    acknowledged = await _click(process, proposal)
    disk.fill()
    rows = await database.read(
        lambda c: c.exec_driver_sql(
            "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM attempts)"
        ).one()
    )
    assert rows[0] == acknowledged
    assert rows[1] >= _calls(room)
    assert all(FULL in each for each in process.troubles)
    with pytest.raises(StorageError, match=FULL):
        await process.propose(2)
    disk.free()
    if not acknowledged:
        assert await _click(process, proposal)
    await forget_leases(database)
    async with asyncio.timeout(60):
        await process.settle()
    end = await _checked(process, room)
    await database.close()
    await asyncio.to_thread((disk.at / f"{room.name}.db").unlink)
    return end


async def _checked(process: Process, room: Path) -> TargetState:
    proposal = await process.desk.get("p1")
    assert proposal is not None
    assert proposal.state is ProposalState.DONE
    end = proposal.targets[0].state
    assert _calls(room) == ENDS[end]
    assert json.loads((room / "card-p1").read_text()) == list(shown(proposal))
    verified = await process.database.read(lambda c: audit.verify(c, [proposal.audit_head]))
    assert verified.sound
    return end


def _calls(room: Path) -> int:
    log = room / "calls"
    return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.mark.parametrize("moment", ["before inbox", "before calling", "after calling", "called"])
async def test_full_at_a_moment_of_a_kill_it_goes_on_when_there_is_space(
    tmp_path: Path, disk: Disk, moment: str
) -> None:
    """No acknowledgement without a row, no call without its intent, one line that says why."""
    end = await _fill_and_recover(disk, tmp_path, moment)
    assert end is TargetState.SUCCEEDED


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_full_at_200_random_moments(tmp_path: Path, disk: Disk) -> None:
    """The long tier."""
    chosen = random.Random(12)
    for number in range(200):
        room = tmp_path / f"room{number}"
        await asyncio.to_thread(room.mkdir)
        await _fill_and_recover(disk, room, chosen.choice(MOMENTS))


async def test_the_product_on_a_full_disk_acknowledges_nothing_and_lives(
    disk: Disk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A question and a click meet a full disk; Slack repeats the one, the person the other."""
    place = channel(0)
    async with sandbox(disk.at, retry_delays_s=(0.1, 0.1), ack_timeout_s=0.5) as at, at.product():
        card = await card_for(at, running(at)[0], place)
        for number in (0, 1):  # once the next channel has its answer, the card's ts is stored
            await at.ask(TOP, user=PEOPLE[0], channel=channel(number))
        disk.fill()
        click = at.slack.click(PEOPLE[0], place, card.ts, "approve_proposal")
        question = at.say(TOP, user=PEOPLE[0], channel=channel(2))
        asked = at.slack.transcript.envelopes[-1]
        for envelope in (click, asked):
            await envelope.settled.wait()
            assert not envelope.acknowledged
        assert at.slack.transcript.find(place, card.ts).warnings
        disk.free()
        at.slack.redeliver(asked.event_id)
        assert await at.answer(question, channel(2))
        at.slack.click(PEOPLE[0], place, card.ts, "approve_proposal")
        await at.card_state(card, "done")
        assert kills(at, card) == [1]
    assert FULL in capsys.readouterr().out
