"""Two replicas of compose.yaml's processes: one dies in the middle, and nothing is said or done twice."""

import asyncio
import signal
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, SECOND_APPROVER
from bot.sandbox.slack.transcript import Message
from tests.flow.test_incident import incident, resolved, said_by_alertmanager
from tests.flow.world import World, event_of, payload_of, world
from tests.image.composed import REPLICAS, Replica, neighbours
from tests.image.container import Container, end_of, ended, running_bot
from tests.image.incident import alerted, approved, calls, carded, guided

TAKEN_OVER = 120.0  # seconds until a dead replica's leases are over and its work is done


def said_twice(at: World) -> list[str]:
    """Return every post of ours that stands in Slack more than once."""
    named = (str(payload_of(each).get("post", "")) for each in at.slack.transcript.messages)
    return [name for name, times in Counter(named).items() if name and times > 1]


def reports(at: World, thread: str) -> list[Message]:
    return [
        each
        for each in at.ours(ALERT_CHANNEL, thread)
        if event_of(each) == "alert_investigation" and payload_of(each)["status"] == "firing"
    ]


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_two_replicas_of_compose_lose_one_in_the_middle(
    container: Container, tmp_path: Path
) -> None:
    """Killed as it carries a card out; the other ends the work; the restarted one goes on."""
    first, second = (Replica(container, address) for address in REPLICAS)
    log = tmp_path / "log"
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(world(tmp_path, incident(), documents=True))
        await stack.enter_async_context(neighbours(container, tmp_path / "chroma"))
        one = await stack.enter_async_context(running_bot(first, at, log))
        two = await stack.enter_async_context(running_bot(second, at, log))
        thread = await alerted(at)
        card = await carded(at, thread, "ko")
        click = at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await click.settled.wait()
        one.send_signal(signal.SIGKILL)
        await at.card_state(card, "done", TAKEN_OVER)
        assert max(calls(at, card)) == 1, end_of(log)
        assert len(reports(at, thread)) == 1
        await guided(at, thread, "en")

        said_by_alertmanager(at, "resolved")
        await resolved(at, thread)
        again = await stack.enter_async_context(running_bot(first, at, log))
        thread = await alerted(at)
        card = await carded(at, thread, "en")
        at.slack.click(SECOND_APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await approved(at, card, "en")  # with the third kill in ten minutes, two people decide
        assert len(reports(at, thread)) == 1
        assert said_twice(at) == []
        codes = await asyncio.gather(ended(two), ended(again))
        assert list(codes) == [0, 0], end_of(log)
