"""Pictures: under a digest, in a thread when asked for; they neither delay nor lose a text."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.charts.pictures import ChartLocale, CpuHistory, Picture
from bot.domain.cluster import ClusterMetrics, Window
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.errors import BackendError, FaultKind
from bot.handlers.alerts.reading import read
from bot.handlers.pictures import Figured
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE
from bot.sandbox.slack.transcript import Message, Transcript
from tests.unit.handlers.bench import FAST, Bench, bench
from tests.unit.handlers.memory import NOW, proposal

PNG = b"\x89PNG picture"
ALERT = {
    "title": "[FIRING:1] ClusterHighCPU",
    "text": "CPU 97% (threshold: 90%)",
    "color": "danger",
}


class Sketchbook:
    """Notes what is to be drawn; `release` lets it be done."""

    def __init__(self) -> None:
        self.drawn: list[tuple[CpuHistory, ChartLocale]] = []
        self.release = asyncio.Event()
        self.release.set()

    async def picture(self, figures: CpuHistory, manner: ChartLocale) -> Picture | None:
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
        self.known = proposals
        self.figured = Figured(
            "prod",
            self.health,
            self._in_thread,
            self.book.picture,
            lambda slot: slot - timedelta(days=3),
        )

    async def _in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        return self.known

    async def picture(self) -> Message:
        return await self.at.slack.wait_for(_with_file)

    def pictures(self) -> list[Message]:
        return [each for each in self.at.slack.transcript.messages if each.body.get("files")]


def _with_file(now: Transcript) -> Message | None:
    return next((each for each in now.messages if each.body.get("files")), None)


@asynccontextmanager
async def studio(*proposals: Proposal) -> AsyncIterator[Studio]:
    async with bench() as at:
        made = Studio(at, *proposals)
        async with at.edge(tempo=replace(FAST, pictures=True), figured=made.figured):
            yield made


async def alerted(here: Studio) -> str:
    ts = here.at.slack.post_as_bot(ALERT_CHANNEL, {"attachments": [ALERT]})
    await here.at.reply(ALERT_CHANNEL, ts, "facts")
    return ts


async def charted(here: Studio, label: str = "Chart") -> tuple[str, Message]:
    """Return an alert's ts, and our reply with the button."""
    ts = await alerted(here)
    chart = {"type": "button", "action_id": "show_chart", "text": _plain(label)}
    post = Post(
        "reply", ALERT_CHANNEL, ts, "with a button", ({"type": "actions", "elements": [chart]},)
    )
    await here.at.outbox.add([post])
    return ts, await here.at.reply(ALERT_CHANNEL, ts, "with a button")


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


async def test_a_chart_that_is_asked_for_shows_the_alert_and_its_kills() -> None:
    """In the thread, with the threshold, the kills, and words for who cannot see; an hour at least."""
    async with studio(done()) as here:
        ts, reply = await charted(here, "그래프")
        here.at.slack.click(APPROVER, ALERT_CHANNEL, reply.ts, "show_chart")
        picture = await here.picture()
        assert picture.root == ts
        file = picture.body["files"][0]
        assert (file["alt_txt"], file["title"]) == ("what it shows", "a title")
        figures, manner = here.book.drawn[0]
        assert (figures.threshold, figures.kills) == (90.0, (NOW,))
        assert manner.language is Language.KO
        start, end, _ = here.health.asked[0]
        assert end - start == timedelta(hours=1)


async def test_nobody_who_did_not_ask_gets_a_picture() -> None:
    """Alerts, their ends and proofs are complete in words."""
    async with studio(done()) as here:
        ts = await alerted(here)
        await here.at.outbox.add(
            [Post("proof:p1", ALERT_CHANNEL, ts, "", (), proposal_id="p1", view="proof")]
        )
        here.at.slack.post_as_bot(
            ALERT_CHANNEL, {"attachments": [{**ALERT, "title": "[RESOLVED] ClusterHighCPU"}]}
        )
        await here.at.reply(ALERT_CHANNEL, ts, "over")
        assert (here.book.drawn, here.pictures()) == ([], [])


@pytest.mark.parametrize(
    "fault",
    [
        "prometheus",
        ("files.getUploadURLExternal", "error:missing_scope"),
        ("files.completeUploadExternal", "500"),
    ],
)
async def test_a_chart_that_cannot_be_had_is_told_to_whoever_asked(
    fault: str | tuple[str, str],
) -> None:
    """A click always gets an answer, and the next one may succeed."""
    async with studio() as here:
        _, reply = await charted(here)
        here.health.broken = fault == "prometheus"
        if isinstance(fault, tuple):
            here.at.slack.fault(*fault)
        here.at.slack.click(COLLEAGUE, ALERT_CHANNEL, reply.ts, "show_chart")
        told = await here.at.slack.wait_for(
            lambda now: next((m for m in now.messages if m.visible_to == COLLEAGUE), None), 5.0
        )
        assert "No chart" in told.body["text"]


async def test_a_chart_being_drawn_delays_no_text() -> None:
    """Answers go on meanwhile."""
    async with studio() as here:
        _, reply = await charted(here)
        here.book.release.clear()
        here.at.slack.click(APPROVER, ALERT_CHANNEL, reply.ts, "show_chart")
        asked = here.at.slack.say(COLLEAGUE, ALERT_CHANNEL, "<@U0DANGJIK> well?", raw=True)
        await here.at.reply(ALERT_CHANNEL, asked, "heard")
        assert here.pictures() == []
        here.book.release.set()
        await here.picture()


async def test_a_digest_shows_its_period() -> None:
    """From the slot before it; one asked for by hand shows a day. It stands in the channel."""
    async with studio() as here:
        slot = "2026-07-06T09:00:00+09:00"
        digest = Post("digest:1", ALERT_CHANNEL, None, "Cluster health", (), "health_digest")
        await here.at.outbox.add([replace(digest, event_payload={"slot": slot})])
        await here.at.slack.wait_for(lambda _: len(here.pictures()) == 1 or None)
        by_hand = {"slot": "asked:2026-07-06"}
        await here.at.outbox.add([replace(digest, id="digest:2", event_payload=by_hand)])
        await here.at.slack.wait_for(lambda _: len(here.pictures()) == 2 or None)
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
