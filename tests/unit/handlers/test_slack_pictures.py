"""Pictures follow their text, once, and neither delay nor lose it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.charts.pictures import (
    ChartLocale,
    CpuHistory,
    Figures,
    KillEffect,
    Picture,
)
from bot.domain.answers import Answer, Show
from bot.domain.cluster import ClusterMetrics, Window
from bot.domain.conversation import Intent, Turn, Understanding
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.errors import BackendError, FaultKind
from bot.handlers.alerts.reading import read
from bot.handlers.pictures import Figured
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE
from bot.sandbox.slack.transcript import Message, Transcript
from tests.unit.handlers.bench import FAST, Bench, bench
from tests.unit.handlers.memory import NOW, EchoTalk, proposal

PNG = b"\x89PNG picture"
ALERT = {
    "title": "[FIRING:1] ClusterHighCPU",
    "text": "CPU 97% (threshold: 90%)",
    "color": "danger",
}


class Sketchbook:
    """Notes what is to be drawn; `release` lets it be done."""

    def __init__(self) -> None:
        self.drawn: list[tuple[Figures, ChartLocale]] = []
        self.release = asyncio.Event()
        self.release.set()

    async def picture(self, figures: Figures, manner: ChartLocale) -> Picture | None:
        self.drawn.append((figures, manner))
        await self.release.wait()
        return Picture("cpu.png", "a title", "what it shows", PNG)


class Health:
    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime, timedelta]] = []
        self.broken = False

    async def now(self) -> ClusterMetrics:
        return ClusterMetrics("prod", NOW)

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        self.asked.append((start, end, step))
        if self.broken:
            raise BackendError("prometheus", FaultKind.UNREACHABLE)
        return Window(start, end, 1.0, 2.0, 3.0, ((start, 40.0), (end, 97.0)))


class Decisions:
    def __init__(self, *known: Proposal) -> None:
        self.known = known

    async def get(self, proposal_id: str) -> Proposal | None:
        return next((each for each in self.known if each.id == proposal_id), None)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        return self.known


class Lister(EchoTalk):
    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        return replace(await super().answer(turn, reading, show), intent=Intent.LIST)


def done(**changes: Any) -> Proposal:
    made = proposal(state=ProposalState.DONE, cpu_before=97.0, cpu_after=41.0, finished_at=NOW)
    targets = tuple(replace(each, state=TargetState.SUCCEEDED) for each in made.targets)
    return replace(made, targets=targets, **changes)


class Studio:
    """A bench whose edge makes pictures."""

    def __init__(self, at: Bench, *proposals: Proposal) -> None:
        self.at = at
        self.book = Sketchbook()
        self.health = Health()
        self.decisions = Decisions(*proposals)
        self.figured = Figured(
            "prod",
            self.health,
            self.decisions,
            Path("unused"),
            lambda slot: slot - timedelta(days=3),
            self.book,
        )

    async def picture(self) -> Message:
        return await self.at.slack.wait_for(_with_file, 8.0)

    def pictures(self) -> list[Message]:
        return [each for each in self.at.slack.transcript.messages if each.body.get("files")]


def _with_file(now: Transcript) -> Message | None:
    return next((each for each in now.messages if each.body.get("files")), None)


@asynccontextmanager
async def studio(*proposals: Proposal, talk: EchoTalk | None = None) -> AsyncIterator[Studio]:
    async with bench(talk) as at:
        made = Studio(at, *proposals)
        async with at.edge(tempo=replace(FAST, pictures=True), figured=made.figured):
            yield made


def alerted(at: Bench, title: str = ALERT["title"]) -> str:
    return at.slack.post_as_bot(ALERT_CHANNEL, {"attachments": [{**ALERT, "title": title}]})


async def test_the_last_hour_follows_the_first_answer_under_an_alert() -> None:
    """In the thread, after the text, with the alert's threshold and words for who cannot see."""
    async with studio() as here:
        ts = alerted(here.at)
        picture = await here.picture()
        text = await here.at.reply(ALERT_CHANNEL, ts, "facts")
        assert (picture.root, picture.ts > text.ts) == (ts, True)
        file = picture.body["files"][0]
        assert (file["alt_txt"], file["title"]) == ("what it shows", "a title")
        figures, _ = here.book.drawn[0]
        assert isinstance(figures, CpuHistory)
        assert (figures.threshold, figures.kills) == (90.0, ())
        start, end, _ = here.health.asked[0]
        assert end - start == timedelta(hours=1)


async def test_the_end_of_an_alert_shows_its_kills() -> None:
    """The kill is marked where it was verified."""
    async with studio(done()) as here:
        ts = alerted(here.at)
        await here.picture()
        here.at.slack.post_as_bot(
            ALERT_CHANNEL, {"attachments": [{**ALERT, "title": "[RESOLVED] ClusterHighCPU"}]}
        )
        await here.at.reply(ALERT_CHANNEL, ts, "over")
        await here.at.slack.wait_for(lambda _: len(here.pictures()) == 2 or None, 5.0)
        figures, _ = here.book.drawn[1]
        assert isinstance(figures, CpuHistory)
        assert figures.kills == (NOW,)
        start, end, step = here.health.asked[1]
        assert timedelta(minutes=5) < end - start < timedelta(minutes=6)
        assert step == timedelta(seconds=10)


@pytest.mark.parametrize(
    "fault",
    [
        ("files.getUploadURLExternal", "error:missing_scope"),
        ("files.completeUploadExternal", "500"),
    ],
)
async def test_a_failing_upload_loses_no_text(fault: tuple[str, str]) -> None:
    """The text stands, the failure is in the log, and the next picture is posted."""
    async with studio() as here:
        here.at.slack.fault(*fault)
        first = alerted(here.at)
        await here.at.reply(ALERT_CHANNEL, first, "facts")
        await here.at.slack.wait_for(
            lambda _: next((each for each in here.at.calls(fault[0]) if each.error), None), 5.0
        )
        second = alerted(here.at, "[FIRING:1] OtherHighCPU")
        assert (await here.picture()).root == second


async def test_a_slow_picture_delays_no_text() -> None:
    """Answers go on while one is being drawn."""
    async with studio() as here:
        here.book.release.clear()
        alerted(here.at)
        other = alerted(here.at, "[FIRING:1] OtherHighCPU")
        await here.at.reply(ALERT_CHANNEL, other, "facts")
        asked = here.at.slack.say(COLLEAGUE, ALERT_CHANNEL, "<@U0DANGJIK> well?", raw=True)
        await here.at.reply(ALERT_CHANNEL, asked, "heard")
        assert here.pictures() == []
        here.book.release.set()
        await here.picture()


async def test_without_a_history_there_is_no_picture() -> None:
    """A silent Prometheus costs the picture and nothing else."""
    async with studio() as here:
        here.health.broken = True
        ts = alerted(here.at)
        await here.at.reply(ALERT_CHANNEL, ts, "facts")
        await here.at.slack.wait_for(lambda _: here.health.asked or None, 5.0)
        assert here.book.drawn == []


async def test_before_and_after_follow_the_proof_once() -> None:
    """An edit of the proof brings no second picture; the words are the proposal's."""
    shown = done(language=Language.KO)
    async with studio(shown) as here:
        here.at.desk.proposal = shown
        post = Post("proof:p1", ALERT_CHANNEL, None, "", (), proposal_id="p1", view="proof")
        await here.at.outbox.add([post])
        picture = await here.picture()
        again = replace(post, id="proof:again", replaces_ts=picture.ts)
        await here.at.outbox.add([again, replace(post, id="line", view="", text="hello")])
        await here.at.slack.wait_for(
            lambda now: next((m for m in now.messages if m.body["text"] == "hello"), None), 5.0
        )
        assert here.book.drawn == [
            (KillEffect(97.0, 41.0, ("daily_sales_1", "ml_features")), here.book.drawn[0][1])
        ]
        assert here.book.drawn[0][1].language is Language.KO


async def test_a_list_has_no_picture() -> None:
    """Its table says it all; the next picture is that of the alert."""
    async with studio(talk=Lister()) as here:
        root = here.at.slack.say(APPROVER, ALERT_CHANNEL, "<@U0DANGJIK> top 3", raw=True)
        await here.at.reply(ALERT_CHANNEL, root, "top 3")
        alerted(here.at)
        await here.picture()
        assert [type(figures) for figures, _ in here.book.drawn] == [CpuHistory]


async def test_a_digest_shows_its_period() -> None:
    """From the slot before it; one asked for by hand shows a day. It stands in the channel."""
    async with studio() as here:
        slot = "2026-07-06T09:00:00+09:00"
        digest = Post("digest:1", ALERT_CHANNEL, None, "Cluster health", (), "health_digest")
        posts = [
            replace(digest, event_payload={"slot": slot}),
            replace(digest, id="digest:2", event_payload={"slot": "asked:2026-07-06"}),
        ]
        await here.at.outbox.add(posts)
        await here.at.slack.wait_for(lambda _: len(here.pictures()) == 2 or None, 5.0)
        assert here.health.asked[0][0] == datetime.fromisoformat(slot) - timedelta(days=3)
        start, end, _ = here.health.asked[1]
        assert end - start == timedelta(days=1)
        assert not here.pictures()[0].in_thread


@pytest.mark.parametrize(
    ("text", "link", "threshold"),
    [
        ("CPU 97% (threshold: 90%)", "", 90.0),
        ("CPU 사용률 97.3% (기준 85%)", "", 85.0),
        ("CPU 사용률이 80% 초과", "", 80.0),
        ("cpu_percent > 92.5 for 5m", "", 92.5),
        ("Cluster CPU is 97.3%", "http://p/graph?g0.expr=cluster%3Acpu+%3E+90&g0.tab=1", 90.0),
        ("load above 4096 MB", "", None),
        ("CPU is 97%", "http://p/alerts?receiver=slack", None),
        ("", "", None),
    ],
)
def test_the_threshold_is_read_off_the_alert(text: str, link: str, threshold: float | None) -> None:
    """Only where the post tells of one; nothing is assumed."""
    message = {"attachments": [{"title": "CPU", "text": text, "title_link": link}]}
    assert read(message).subject.threshold == threshold
