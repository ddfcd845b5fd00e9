"""Every line that is logged while a delivery is worked on bears the delivery's id."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from bot.domain.posts import InboxItem, Incoming, Post
from bot.handlers.dispatcher import Dispatcher, Lane, SlackRouter
from bot.handlers.views.answer import Outcome
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, TEAM
from tests.flow.world import world
from tests.unit.handlers.memory import MemoryInbox

Json = dict[str, Any]


class Listening(SlackRouter):
    """A router that notes under which ids its work and what follows it would log."""

    def __init__(self) -> None:
        self.bound: list[Json] = []
        self.followed = asyncio.Event()

    def lane(self, item: InboxItem) -> Lane:
        return "C1", str(item.payload["thread"])

    async def handle(self, item: InboxItem) -> Outcome:
        self.bound.append(structlog.contextvars.get_contextvars())
        return Outcome((), self._follow)

    async def apology(self, item: InboxItem, reference: str) -> tuple[Post, ...]:
        return ()

    async def _follow(self) -> None:
        await asyncio.sleep(0)
        self.bound.append(structlog.contextvars.get_contextvars())
        if len(self.bound) == 4:
            self.followed.set()


async def test_work_and_what_follows_it_are_logged_under_one_id() -> None:
    """Two at the same time keep apart, and nothing is left behind."""
    router = Listening()
    dispatcher = Dispatcher(MemoryInbox(), router, lambda: None)
    for key in ("msg:a", "msg:b"):
        item = InboxItem(key, Incoming.EVENT, {"thread": key}, datetime.now(UTC))
        await dispatcher.accept(item)
    await asyncio.wait_for(router.followed.wait(), 10)
    await dispatcher.stop()
    seen = sorted(bound["turn"] for bound in router.bound)
    assert seen == ["msg:a", "msg:a", "msg:b", "msg:b"]
    assert "turn" not in structlog.contextvars.get_contextvars()


async def test_the_id_stands_in_the_json_lines_of_a_run(tmp_path: Path) -> None:
    """It is made of workspace, channel and ts, so that a post in Slack leads to its lines."""
    async with world(tmp_path) as at:
        env = {
            **os.environ,  # noqa: TID251 - handed on
            "SLACK_BOT_TOKEN": at.settings.slack_bot_token.get_secret_value(),  # type: ignore[union-attr]  # the world sets it
            "SLACK_APP_TOKEN": at.settings.slack_app_token.get_secret_value(),  # type: ignore[union-attr]  # as above
            "SLACK_API_URL": at.slack.api_url,
            "DATA_DIR": str(tmp_path),
            "CHROMA_URL": "http://127.0.0.1:9",
            "HEALTH_PORT": "0",
            "LOG_FORMAT": "json",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=env, stderr=asyncio.subprocess.PIPE
        )
        reading = asyncio.create_task(process.communicate())
        try:
            await at.slack.wait_for(lambda _: len(at.slack.sockets.connections) == 2 or None, 60)
            ts = at.say("<@U0DANGJIK> 상태?", user=APPROVER)
            await at.answer(ts, within=30)
        finally:
            process.terminate()
            _, err = await reading
    lines = [json.loads(line) for line in err.decode().splitlines()]
    done = [line for line in lines if line["event"] == "delivery_done"]
    assert [line["turn"] for line in done] == [f"msg:{TEAM}:{ALERT_CHANNEL}:{ts}"]
    assert not any("turn" in line for line in lines if line["event"] in {"started", "stopped"})
