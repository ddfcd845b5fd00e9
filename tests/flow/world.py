"""The whole product on the sandbox's wire protocols, paced for tests.

Every wait is for something that happens, on the Slack stand-in's transcript; nothing polls.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import Bot, Pace, build
from bot.approvals.model import Timers
from bot.handlers.slack_app import SlackTiming
from bot.retrieval.knowledge import SOURCE_NOTE
from bot.sandbox.platform import PlatformStandIn, Scenario
from bot.sandbox.platform.scenario import Timing
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APP_TOKEN,
    APPROVER,
    BOT_TOKEN,
    SECOND_APPROVER,
    TEAM,
    demo_workspace,
)
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Message, Transcript
from bot.settings import Settings, load_settings
from tests.platforms import from_platform_json

Json = dict[str, Any]
EVALS = Path(__file__).parents[1] / "evals" / "data"
PATIENCE = 60.0  # seconds; only what never comes takes them
NO_STORE = "http://127.0.0.1:9"  # the discard port, where nothing listens
QUICK_TIMING = Timing(kill_s=0.02, containers_gone_s=0.02, admit_s=0.5)
FAST = Pace(
    edge=SlackTiming(ping=1.0, recovery=0.2, outbox=0.05, per_post=0.0, pause=0.02, pictures=False),
    timers=Timers(
        lease=timedelta(seconds=1),
        deadline=timedelta(seconds=20),
        grace=timedelta(seconds=1.5),
        unreachable=timedelta(seconds=20),
        settle=timedelta(seconds=0.05),
        watch=timedelta(seconds=0.4),
        polls=(0.02, 0.05, 0.1),
        longest_poll=0.2,
        watch_poll=0.05,
    ),
    sweep_every=0.1,
)


def now() -> datetime:
    """Return the time now, aware."""
    return datetime.now(UTC)


def small_platform(**changes: Any) -> Scenario:
    """Return the small YARN-only platform of the evaluation questions; kills take effect at once."""
    return replace(
        from_platform_json(EVALS / "platform.json"), **{"timing": QUICK_TIMING, **changes}
    )


@dataclass
class World:
    """Both stand-ins, running, and the product's settings for them."""

    slack: SlackStandIn
    platform: PlatformStandIn
    settings: Settings

    @asynccontextmanager
    async def product(self, pace: Pace = FAST) -> AsyncIterator[Bot]:
        """Run the product from start to orderly stop."""
        async with build(self.settings, now, pace) as oncall:
            await oncall.start()
            try:
                yield oncall
            finally:
                await oncall.stop()

    def say(
        self, text: str, thread: str | None = None, *, user: str = APPROVER, channel: str = ""
    ) -> str:
        """Say something as a person, in the alert channel if not told otherwise; return the ts."""
        return self.slack.say(user, channel or ALERT_CHANNEL, text, thread)

    async def ask(
        self,
        text: str,
        thread: str | None = None,
        *,
        user: str = APPROVER,
        channel: str = "",
        within: float = PATIENCE,
    ) -> Message:
        """Say something and return the answer to exactly that."""
        ts = self.say(text, thread, user=user, channel=channel)
        return await self.answer(ts, channel or ALERT_CHANNEL, within)

    async def answer(
        self, ts: str, channel: str = ALERT_CHANNEL, within: float = PATIENCE
    ) -> Message:
        """Return the answer to the message of this ts."""
        wanted = f"msg:{TEAM}:{channel}:{ts}:answer"
        return await self.post(lambda each: payload_of(each).get("post") == wanted, within)

    async def post(self, fits: Callable[[Message], bool], within: float = PATIENCE) -> Message:
        """Return the first of our posts that fits."""
        return await self.slack.wait_for(lambda seen: _first(seen, fits), within)

    async def alert(self, text: str = "CPU 사용률 97% prod-dw", **more: Any) -> Message:
        """Post a firing alert as a webhook and return the first reply in its thread."""
        ts = self.fire(text, **more)
        return await self.post(
            lambda each: each.root == ts and event_of(each) == "alert_investigation"
        )

    def fire(self, title: str, *, color: str = "danger", text: str = "") -> str:
        """Post an alert in Alertmanager's shape (no text, one attachment) and return its ts."""
        attachment = {"title": title, "text": text, "color": color, "fallback": title}
        return self.slack.post_as_bot(ALERT_CHANNEL, {"text": "", "attachments": [attachment]})

    async def card(self, answer: Message) -> Message:
        """Return the kill card an answer brought, once it is posted."""
        return await self.post(
            lambda each: (
                event_of(each) == "kill_proposal"
                and each.root == answer.root
                and state_of(each) == "pending"
            )
        )

    def cards(self, channel: str, root: str) -> list[Message]:
        """Return the thread's kill cards, oldest first."""
        return [
            each
            for each in self.slack.transcript.thread(channel, root)
            if event_of(each) == "kill_proposal"
        ]

    async def card_state(self, card: Message, state: str, within: float = PATIENCE) -> Message:
        """Return the card once it shows this state."""
        return await self.slack.wait_for(
            lambda _: card if state_of(card) == state else None, within
        )

    async def whisper(self, user: str, within: float = PATIENCE) -> Message:
        """Return the newest post only this user sees, waiting for the first."""
        return await self.slack.wait_for(
            lambda seen: next(
                (each for each in reversed(seen.messages) if each.visible_to == user), None
            ),
            within,
        )

    def ours(self, channel: str, root: str) -> list[Message]:
        """Return our posts of a thread."""
        return [each for each in self.slack.transcript.thread(channel, root) if ours(each)]


def ours(message: Message) -> bool:
    """Tell whether the product posted it."""
    return message.body.get("bot_id") == "B0DANGJIK"


def event_of(message: Message) -> str:
    """Return the event type of a post's metadata."""
    return str((message.body.get("metadata") or {}).get("event_type", ""))


def payload_of(message: Message) -> Json:
    """Return the event payload of a post's metadata."""
    found: Json = (message.body.get("metadata") or {}).get("event_payload") or {}
    return found


def state_of(message: Message) -> str:
    """Return the state a kill card shows."""
    return str(payload_of(message).get("state", ""))


def words_of(message: Message) -> str:
    """Return everything a person can read in a post: fallback text and blocks."""
    return f"{message.body.get('text', '')}\n{message.body.get('blocks', '')}"


def _first(seen: Transcript, fits: Callable[[Message], bool]) -> Message | None:
    return next((each for each in seen.messages if ours(each) and fits(each)), None)


def few_documents(folder: Path) -> None:
    """Give the product two short documents, so that no test waits for all of ours to be indexed."""
    source = folder / "documents"
    for kind, title in (("manual", "CPU 사용률이 높을 때"), ("history", "2026-03 CPU 97% 사례")):
        (source / kind).mkdir(parents=True, exist_ok=True)
        words = f"# {title}\n\n## 조치\n\n상위 잡을 확인하고 승인 후 종료합니다.\n"
        (source / kind / "cpu.md").write_text(words, encoding="utf-8")
    (folder / SOURCE_NOTE).write_text(f"{source}\n", encoding="utf-8")


@asynccontextmanager
async def world(
    folder: Path, scenario: Scenario | None = None, *, documents: bool = False, **overrides: Any
) -> AsyncIterator[World]:
    """Start both stand-ins; `overrides` are settings of the product.

    The product has two short documents, unless the folder is told of others. Without `documents` the knowledge store cannot be
    reached either, which saves loading its models: they are found by their words.
    """
    options = {
        name: overrides.pop(name)
        for name in ("retry_delays_s", "ack_timeout_s", "rate_limited")
        if name in overrides
    }
    options.setdefault("retry_delays_s", (0.05, 0.2, 0.5))
    scenario = scenario or small_platform()
    if not (folder / SOURCE_NOTE).is_file():
        few_documents(folder)
    if not documents:
        overrides["chroma_url"] = NO_STORE
    slack = SlackStandIn(demo_workspace(), now, seed=7, **options)
    platform = PlatformStandIn(scenario, now, seed=7)
    await slack.start()
    try:
        await platform.start()
        try:
            settings = load_settings(
                _env_file=None, **{**_settings(slack, platform, folder), **overrides}
            )
            yield World(slack, platform, settings)
        finally:
            await platform.stop()
    finally:
        await slack.stop()


def _settings(slack: SlackStandIn, platform: PlatformStandIn, folder: Path) -> Json:
    return {
        "slack_bot_token": BOT_TOKEN,
        "slack_app_token": APP_TOKEN,
        "slack_api_url": slack.api_url,
        "alert_channels": ALERT_CHANNEL,
        "approvers": f"{APPROVER},{SECOND_APPROVER}",
        "cluster_name": platform.scenario.cluster,
        "yarn_url": platform.yarn_url,
        "prometheus_url": platform.prometheus_url or None,
        "protected": ",".join(f"name:{name}" for name in platform.scenario.protected),
        "data_dir": folder,
        "health_port": 0,
    }
