"""A running edge against the Slack stand-in, for tests only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.handlers.events import Rules
from bot.handlers.slack_app import Connection, Services, SlackApp, SlackTiming
from bot.handlers.socket import preflight, web_client
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APP_TOKEN,
    APPROVER,
    BOT_TOKEN,
    COLLEAGUE,
    demo_workspace,
)
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Call, Message, Transcript
from bot.services.jobs import Jobs
from tests.unit.handlers.memory import (
    EchoTalk,
    MemoryDesk,
    MemoryInbox,
    MemoryInvestigations,
    MemoryOutbox,
    proposal,
    utc_now,
)

FAST = SlackTiming(ping=1.0, recovery=0.1, outbox=0.02, per_post=0.01, pause=0.02, status_after=0.1)
KST = ZoneInfo("Asia/Seoul")


@dataclass
class Bench:
    slack: SlackStandIn
    talk: EchoTalk
    inbox: MemoryInbox
    outbox: MemoryOutbox
    investigations: MemoryInvestigations
    desk: MemoryDesk
    timeout: int = 1

    def core(self, **parts: Any) -> Services:
        return Services(
            self.inbox, self.outbox, self.investigations, self.desk, self.talk, utc_now, **parts
        )

    @asynccontextmanager
    async def edge(
        self, rules: Rules | None = None, tempo: SlackTiming = FAST, **parts: Any
    ) -> AsyncIterator[SlackApp]:
        client = web_client(BOT_TOKEN, self.slack.api_url)
        client.timeout = self.timeout  # seconds
        who = await preflight(client, APP_TOKEN)
        edge = SlackApp(
            Connection(client, APP_TOKEN, who),
            self.core(**parts),
            rules=rules,
            zone=KST,
            tempo=tempo,
        )
        jobs = Jobs()
        await edge.start()
        jobs.add(*edge.jobs())
        await jobs.start()
        try:
            yield edge
        finally:
            await edge.stop(grace=2)
            await jobs.stop()

    async def reply(self, channel: str, root: str, holding: str = "") -> Message:
        """Return our first post in the thread whose text or blocks hold the words."""
        return await self.slack.wait_for(lambda now: _ours(now, channel, root, holding))

    def replies(self, channel: str, root: str) -> list[Message]:
        return [
            each
            for each in self.slack.transcript.thread(channel, root)
            if each.body.get("bot_id") == self.slack.workspace.bot.id
        ]

    async def settled(self) -> None:
        """Wait until every envelope is acknowledged or given up."""
        for envelope in list(self.slack.transcript.envelopes):
            await envelope.settled.wait()

    def calls(self, method: str) -> list[Call]:
        return [each for each in self.slack.transcript.calls if each.method == method]

    async def card(self) -> Message:
        """Post the desk's card under a message of its own and return it."""
        root = self.slack.say(COLLEAGUE, ALERT_CHANNEL, "상위 2개 종료해줘")
        self.desk.proposal = replace(self.desk.proposal, thread_ts=root)
        await self.desk.post_card()
        return await self.reply(ALERT_CHANNEL, root, "approve_proposal")

    def whispers(self, user: str) -> list[Message]:
        """Return what only the user sees."""
        return [each for each in self.slack.transcript.messages if each.visible_to == user]


def _ours(now: Transcript, channel: str, root: str, holding: str) -> Message | None:
    for each in now.thread(channel, root, ephemeral=True):
        if each.body.get("bot_id") == "B0DANGJIK" and holding in str(each.body):
            return each
    return None


@asynccontextmanager
async def bench(talk: EchoTalk | None = None, **options: Any) -> AsyncIterator[Bench]:
    """Start a stand-in with fast retries and empty ports."""
    options.setdefault("retry_delays_s", (0.05, 0.1, 0.2))
    options.setdefault("ack_timeout_s", 0.5)
    slack = SlackStandIn(demo_workspace(), utc_now, seed=7, **options)
    await slack.start()
    inbox = MemoryInbox()
    desk = MemoryDesk(proposal(), inbox.outbox, APPROVER)
    try:
        yield Bench(slack, talk or EchoTalk(), inbox, inbox.outbox, MemoryInvestigations(), desk)
    finally:
        await slack.stop()
