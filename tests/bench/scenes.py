"""What the benchmarks run against: many channels, many applications, no time lost in backends."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from bot.app import Bot, Pace, build
from bot.backends.cluster import ClusterGateway
from bot.backends.usage import SchedulerList, SchedulerUsage, SendRequest
from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    KillAnswer,
    KillOutcome,
)
from bot.handlers.slack_app import SlackTiming
from bot.ports import Clock, Left
from bot.retrieval.knowledge import SOURCE_NOTE
from bot.sandbox.platform import PlatformStandIn, load
from bot.sandbox.slack.demo import (
    APP_TOKEN,
    APPROVER,
    BOT_TOKEN,
    BOT_USER,
    TEAM,
    demo_workspace,
)
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Message, Transcript
from bot.sandbox.slack.workspace import Channel, Workspace
from bot.settings import Settings, load_settings
from tests.flow.world import now, ours, payload_of

CLUSTER = "prod-dw"
GIB = 1024**3
UNPACED = Pace(edge=SlackTiming(per_post=0.0))  # Slack's pace is Slack's; all else as in production


def workspace(channels: int) -> Workspace:
    """Return the demo's workspace with so many more channels; see `channel`."""
    made = demo_workspace()
    for number in range(channels):
        id_ = channel(number)
        made.channels[id_] = Channel(id_, f"bench-{number}", members={APPROVER, BOT_USER})
    return made


def channel(number: int) -> str:
    """Return the id of an added channel."""
    return f"C0BENCH{number:03}"


def applications(clock: Clock, count: int) -> tuple[Application, ...]:
    """Return so many running applications, the first the heaviest."""
    started = clock() - timedelta(hours=3)
    return tuple(
        Application(
            ApplicationRef(CLUSTER, "yarn", f"application_1763776800000_{number:04}"),
            name=f"etl_orders_{number:03}",
            user=("bob", "alice", "airflow")[number % 3],
            queue=("adhoc", "etl", "ml")[number % 3],
            state=ApplicationState.RUNNING,
            started_at=started,
            granted_cores=float(count - number),
            granted_memory=(count - number) * GIB,
            containers=8,
        )
        for number in range(count)
    )


class InstantScheduler:
    """A scheduler that answers at once, from memory."""

    def __init__(self, shown: Sequence[Application]) -> None:
        self._shown = {each.ref: each for each in shown}

    async def running(self) -> SchedulerList:
        cores = sum(each.cores or 0.0 for each in self._shown.values())
        return SchedulerList(tuple(self._shown.values()), cores * 1.2)

    async def usage(self) -> SchedulerUsage:
        cores = sum(each.cores or 0.0 for each in self._shown.values())
        return SchedulerUsage(cores * 1.2, cores, cpu_percent=93.0, running=len(self._shown))

    async def find(self, ref: ApplicationRef) -> Application | None:
        return self._shown.get(ref)

    async def prepare(self, ref: ApplicationRef) -> SendRequest:
        async def refused(_reason: str, _left: Left) -> KillAnswer:
            return KillAnswer(KillOutcome.REFUSED, "nothing dies in a benchmark")

        return refused


@dataclass(frozen=True)
class Scene:
    """The product running against a Slack stand-in."""

    slack: SlackStandIn
    oncall: Bot
    folder: Path

    async def ask(self, text: str, place: str, thread: str | None = None) -> tuple[str, float]:
        """Ask as a person; return the ts and the seconds until the answer stood."""
        begun = perf_counter()
        ts = self.slack.say(APPROVER, place, f"<@{BOT_USER}> {text}", thread)
        post = f"msg:{TEAM}:{place}:{ts}:answer"
        await self.slack.wait_for(lambda seen: _post(seen, post), 120.0)
        return ts, perf_counter() - begun

    async def replied(self, root: str, within: float) -> Message:
        """Return our first post of a thread, once it stands; `within` is seconds."""
        return await self.slack.wait_for(lambda seen: first_reply(seen, root), within)


def _post(seen: Transcript, post: str) -> Message | None:
    """Return our post of this id; the newest are looked at first."""
    return next(
        (each for each in reversed(seen.messages) if payload_of(each).get("post") == post), None
    )


def first_reply(seen: Transcript, root: str) -> Message | None:
    """Return our first post of a thread."""
    newest = reversed(seen.messages)
    return next((each for each in newest if each.root == root and ours(each)), None)


@asynccontextmanager
async def instant(folder: Path, count: int, pace: Pace = UNPACED) -> AsyncIterator[Scene]:
    """Run the product over `count` applications in memory: backends at zero latency."""
    shown = applications(now, count)

    @asynccontextmanager
    async def cluster(_: Settings, clock: Clock) -> AsyncIterator[ClusterGateway]:
        yield ClusterGateway(CLUSTER, clock, {"yarn": InstantScheduler(shown)})

    slack = SlackStandIn(workspace(50), now, seed=7)
    await slack.start()
    try:
        settings = settings_for(slack, folder)
        async with build(settings, now, pace, cluster) as oncall:
            await oncall.start()
            yield Scene(slack, oncall, folder)
            await oncall.stop()
    finally:
        await slack.stop()


@asynccontextmanager
async def sandboxed(folder: Path, channels: int, pace: Pace | None = None) -> AsyncIterator[Scene]:
    """Run the product over the sandbox's platform in the middle of an incident, over HTTP."""
    slack = SlackStandIn(workspace(channels), now, seed=7)
    platform = PlatformStandIn(load("incident"), now, seed=7)
    await slack.start()
    try:
        await platform.start()
        try:
            platform.start_incident()
            settings = settings_for(
                slack, folder, yarn_url=platform.yarn_url, prometheus_url=platform.prometheus_url
            )
            async with build(settings, now, pace) as oncall:
                await oncall.start()
                yield Scene(slack, oncall, folder)
                await oncall.stop()
        finally:
            await platform.stop()
    finally:
        await slack.stop()


def settings_for(slack: SlackStandIn, folder: Path, **more: str) -> Settings:
    """Return settings for the stand-in; alerts are answered in every channel."""
    documents(folder)
    return load_settings(
        _env_file=None,
        slack_bot_token=BOT_TOKEN,
        slack_app_token=APP_TOKEN,
        slack_api_url=slack.api_url,
        approvers=APPROVER,
        cluster_name=CLUSTER,
        data_dir=folder,
        health_port=0,
        **more,
    )


def documents(folder: Path) -> None:
    """Give the product one short document, so that no figure holds the indexing of ours.

    Other documents that were chosen for this folder before stay chosen.
    """
    if (folder / SOURCE_NOTE).exists():
        return
    page = folder / "documents" / "manual" / "cpu.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    (folder / "documents" / "history").mkdir(exist_ok=True)
    page.write_text("# CPU\n\n상위 잡을 확인하고 승인 후 종료합니다.\n", encoding="utf-8")
    (folder / SOURCE_NOTE).write_text(f"{folder / 'documents'}\n", encoding="utf-8")
