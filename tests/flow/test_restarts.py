"""The product as a process of its own, killed with SIGKILL at bad moments and started again."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.sandbox.platform.scenario import Timing
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from bot.sandbox.slack.transcript import Message
from tests.flow.world import World, payload_of, small_platform, state_of, words_of, world

ROOT = Path(__file__).parents[2]
START, PROOF = 60.0, 90.0  # seconds: a process of its own runs at the product's own pace
SLOW_DEATH = Timing(kill_s=3.0, containers_gone_s=1.0, admit_s=30.0)


@asynccontextmanager
async def process(at: World) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m bot run` until it is connected; SIGKILL it in the end."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=at.settings.data_dir,
        env=_environment(at),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await at.slack.wait_for(lambda _: len(at.slack.sockets.connections) >= 2, START)
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()
        await at.slack.wait_for(lambda _: not at.slack.sockets.connections, START)


def _environment(at: World) -> dict[str, str]:
    given = at.settings.model_dump(exclude_defaults=True)
    told = {name.upper(): _told(value) for name, value in given.items() if value is not None}
    outer = {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - handed on, not read
    return {**outer, **told}


def _told(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else str(value)


async def proposed(at: World) -> Message:
    """List, ask for two kills, and return the card."""
    listed = await at.ask("@당직 상위 5개 잡 보여줘", within=START)
    return await at.card(await at.ask("1번, 2번 죽여줘", listed.root, within=START))


def approve(at: World, card: Message) -> None:
    at.slack.click(APPROVER, card.channel, card.ts, "approve_proposal")


def killed_once(at: World, card: Message) -> bool:
    """Tell whether each target got exactly one kill request."""
    return [at.platform.kill_count(each) for each in payload_of(card)["applications"]] == [1, 1]


async def test_a_process_killed_twice_on_the_way_kills_each_target_once(tmp_path: Path) -> None:
    """SIGKILL between card and click, then between click and proof; the card ends true."""
    async with world(tmp_path, small_platform(timing=SLOW_DEATH)) as at:
        async with process(at):
            card = await proposed(at)
        assert at.platform.kill_requests == []
        async with process(at):
            approve(at, card)
            # Killed between an intent and its request it would send none: the long test is of that.
            await at.slack.wait_for(lambda _: len(at.platform.kill_requests) == 2, START)
        async with process(at):
            await at.card_state(card, "done", PROOF)
        assert killed_once(at, card)
        assert "종료 확인: 애플리케이션 2개" in words_of(card)


@pytest.mark.long
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5])
async def test_a_process_killed_after_the_click_never_kills_twice(
    tmp_path: Path, delay: float
) -> None:
    """So many seconds after the click; a click nobody acknowledged is made again, as people do."""
    async with world(tmp_path, small_platform(timing=SLOW_DEATH)) as at:
        async with process(at):
            card = await proposed(at)
            click = at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
            await asyncio.sleep(delay)
        async with process(at):
            await click.settled.wait()
            if not click.acknowledged and state_of(card) == "pending":
                approve(at, card)
            await at.card_state(card, "done", PROOF)
        counts = [at.platform.kill_count(each) for each in payload_of(card)["applications"]]
        assert max(counts) <= 1
        assert ("종료 확인: 애플리케이션 2개" in words_of(card)) is (counts == [1, 1])


async def test_an_event_three_times_and_a_click_five_times_count_once(tmp_path: Path) -> None:
    """One answer, one card, one kill a target."""
    async with world(tmp_path) as at, at.product():
        root = at.say("@당직 상위 5개 잡 보여줘")
        first = at.slack.transcript.envelopes[-1].event_id
        await at.answer(root)
        for _ in range(2):
            at.slack.redeliver(first)
        asked = at.say("1번, 2번 죽여줘", root)
        second = at.slack.transcript.envelopes[-1].event_id
        card = await at.card(await at.answer(asked))
        for _ in range(2):
            at.slack.redeliver(second)
        click = at.slack.click(APPROVER, card.channel, card.ts, "approve_proposal")
        await click.settled.wait()
        for number in range(4):
            again = {
                "type": "interactive",
                "envelope_id": f"again-{number}",
                "payload": click.payload,
                "accepts_response_payload": True,
            }
            assert await at.slack.sockets.send_raw(json.dumps(again))
        await at.card_state(card, "done")
        await at.ask("@당직 고마워", root)  # behind everything above
        assert killed_once(at, card)
        assert len(at.cards(ALERT_CHANNEL, root)) == 1
        said = [payload_of(each).get("post", "") for each in at.ours(ALERT_CHANNEL, root)]
        assert len(said) == len(set(said))
        assert sum(each.endswith(":answer") for each in said) == 3


async def test_a_sigterm_ends_the_process_in_order(tmp_path: Path) -> None:
    """It leaves with 0 and closes its sockets."""
    async with world(tmp_path) as at, process(at) as running:
        await at.ask("@당직 상태 알려줘", within=START)
        running.terminate()
        assert await asyncio.wait_for(running.wait(), START) == 0
        assert not [each for each in at.slack.transcript.envelopes if not each.acknowledged]
