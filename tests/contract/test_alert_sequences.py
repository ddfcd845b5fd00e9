"""Any order of a group's posts over days: never two investigations of it, never a mute incident."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.alerts import SILENT_GAP, Alert
from bot.domain.posts import Post
from bot.handlers.alerts.answers import Alerts
from bot.handlers.dispatcher import Deliveries, Intake
from bot.handlers.events import AlertPost, Parser
from bot.storage.database import Database
from bot.storage.investigations import SqlInvestigations
from bot.storage.tables import investigations
from tests.unit.handlers.memory import EchoTalk, MemoryInbox, MemoryOutbox, utc_now
from tests.unit.handlers.shapes import WHO, body

Json = dict[str, Any]
BEGIN = 1_795_000_000
FIRES, BETWEEN, ENDS = "fires", "between", "ends"
GAP = SILENT_GAP.total_seconds()
MINUTE, HOUR = 60, 3600
LATE = 10 * MINUTE  # the most a delivery is overtaken by
WHOLE, TENTH = 1_000, 100  # stories in the long tier, and in every run
CHANNELS = itertools.count()
HOSTS = (("node-3",), ("node-3", "node-4"), ("node-4",))


@dataclass(frozen=True, slots=True)
class Told:
    """One post or edit: seconds since the one before, and what it says.

    `edits` counts back to the post that it edits; 0 for a post of its own. `calm` is whether the
    figure was normal since the last post that fired. `twice` is worked off again, as after a
    crash; `overtaken` is how many seconds later than posted it is delivered.
    """

    wait: int
    state: str
    hosts: tuple[str, ...]
    edits: int = 0
    calm: bool = False
    twice: bool = False
    overtaken: int = 0


TOLD = st.builds(
    Told,
    wait=st.sampled_from((30, 20 * MINUTE, 50 * MINUTE, 3 * HOUR, 30 * HOUR)),
    state=st.sampled_from((FIRES, FIRES, BETWEEN, ENDS)),
    hosts=st.sampled_from(HOSTS),
    edits=st.sampled_from((0, 0, 0, 1, 2)),
    calm=st.booleans(),
    twice=st.booleans(),
    overtaken=st.integers(0, LATE),
)
STORIES = st.lists(TOLD, min_size=2, max_size=12)


@dataclass(frozen=True, slots=True)
class Step:
    """A delivery: when it was posted, what Slack sends, and whether it tells another state."""

    at: int
    told: Told
    event: Json
    news: bool


@dataclass
class Room:
    """The product's hearing of one channel, over the real intake and store."""

    database: Database
    calm: Sequence[int] = ()  # when the figure was normal, in seconds

    def __post_init__(self) -> None:
        self.channel = f"C{next(CHANNELS)}"
        self.parser = Parser(WHO)
        self.inbox = MemoryInbox()
        self.intake = Intake(self.inbox.put, Deliveries(self.parser), utc_now)
        kept = SqlInvestigations(self.database, lambda: datetime.now(UTC))
        self.alerts = Alerts(EchoTalk(), kept, MemoryOutbox(), ended=self.ended)

    async def ended(self, alert: Alert, since: datetime) -> bool:
        """Tell whether the figure had been normal, whoever tells of it first."""
        return any(since.timestamp() < at < alert.posted_at.timestamp() for at in self.calm)

    async def hear(self, step: Step) -> list[str]:
        """Take a delivery in and work it off; return the kinds of what is posted for it."""
        delivery = body({**step.event, "channel": self.channel})
        posts = await self._work(delivery)
        assert await self.database.read(self._open) <= 1
        assert len(posts) <= 1
        if step.told.twice:
            assert [each.id for each in await self._work(delivery)] == [each.id for each in posts]
            assert await self.database.read(self._open) <= 1
        return [str(each.event_payload.get("status") or "line") for each in posts]

    async def _work(self, delivery: Json) -> list[Post]:
        await self.intake.late(delivery)
        heard = self.parser.read(delivery)
        if not isinstance(heard, AlertPost):
            return []
        key = next(reversed(self.inbox.items))
        return list((await self.alerts.handle(key, heard.alert)).posts)

    def _open(self, connection: sa.Connection) -> int:
        mine = investigations.c.channel == self.channel
        query = sa.select(sa.func.count()).where(mine, investigations.c.closed_at.is_(None))
        return int(connection.scalar(query) or 0)


def _ts(at: int) -> str:
    return f"{at}.000100"


def _said(told: Told) -> Json:
    """Return what Alertmanager's default template, or an acknowledgement, puts into a post."""
    event: Json = {"subtype": "bot_message", "bot_id": "B0AM", "username": "am", "text": ""}
    if told.state == BETWEEN:
        return {**event, "text": "Acknowledged by Minji: HostHighCpuLoad prod-dw"}
    label = f"{told.hosts[0]}:9100 " if len(told.hosts) == 1 else ""
    state = f"FIRING:{len(told.hosts)}" if told.state == FIRES else "RESOLVED"
    title = f"[{state}] HostHighCpuLoad prod-dw ({label}critical)"
    color = "a30200" if told.state == FIRES else "2eb886"
    return {**event, "attachments": [{"title": title, "color": color, "fallback": title}]}


def steps_of(story: Sequence[Told]) -> list[Step]:
    """Return the deliveries of a story, in the order they were posted."""
    at, standing, found = BEGIN, list[tuple[Json, str]](), list[Step]()
    for told in story:
        at += told.wait
        said = _said(told)
        if not 0 < told.edits <= len(standing):
            event = {**said, "ts": _ts(at)}
            standing.append((event, told.state))
            found.append(Step(at, told, event, news=True))
            continue
        before, state = standing[-told.edits]
        edited = {"user": "B0AM", "ts": _ts(at)}
        now = {**said, "ts": before["ts"], "edited": edited}
        standing[-told.edits] = (now, told.state)
        event = {"subtype": "message_changed", "message": now, "previous_message": before}
        event |= {"ts": _ts(at), "event_ts": _ts(at)}
        found.append(Step(at, told, event, news=state != told.state))
    return found


def calm_in(steps: Sequence[Step]) -> list[int]:
    """Return when the figure was normal: right before the posts that say so."""
    return [step.at - 1 for step in steps if step.told.calm]


def expected(steps: Sequence[Step]) -> list[list[str]]:
    """Return what people should be told after each step, when all come in order."""
    is_open, fired, calm, found = False, 0, False, list[list[str]]()
    for step in steps:
        state, calm = step.told.state if step.news else BETWEEN, calm or step.told.calm
        words: list[str] = []
        if state == ENDS:
            words = ["resolved"] if is_open else []
            is_open = False
        if state == FIRES:
            quiet = step.at - fired >= GAP
            if not is_open or (quiet and calm):
                words = ["firing"]
            elif quiet:
                words = ["line"]
            is_open, fired, calm = True, step.at, False
        found.append(words)
    return found


def _drawn(examples: int) -> Callable[[Any], Any]:
    """Return what runs a test with so many stories, the same every time."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


async def _in_order(database: Database, story: list[Told]) -> None:
    steps = steps_of(story)
    room = Room(database, calm_in(steps))
    assert [await room.hear(step) for step in steps] == expected(steps)


async def _out_of_order(database: Database, story: list[Told]) -> None:
    """Hold what no order may change.

    An end ends nothing that fired after it, what is over is not answered when its posts come
    late, and an incident after hours of calm has its first reply.
    """
    steps = steps_of(story)
    room = Room(database, calm_in(steps))
    fired, ended, answered = list[int](), list[int](), set[int]()
    for step in sorted(steps, key=lambda each: each.at + each.told.overtaken):
        words = await room.hear(step)
        if "resolved" in words:
            assert step.at > max(fired)
            ended.append(step.at)
        if "firing" in words:
            assert step.at > max(ended, default=0)
            answered.add(step.at)
        if step.told.state == FIRES and step.news:
            fired.append(step.at)
            if step.at < max(ended, default=0):
                answered.add(step.at)  # it came when it was over
    for number, step in enumerate(steps):
        last = max((each.at for each in steps[:number]), default=0)
        first = step.told.state == FIRES and step.news
        if first and step.told.calm and step.at - last > GAP + LATE:
            assert any(step.at <= at <= step.at + LATE for at in answered)


@_drawn(TENTH)
@given(story=STORIES)
async def test_each_post_is_answered_as_its_place_in_the_story_asks(
    database: Database, story: list[Told]
) -> None:
    """One investigation at most; a first reply after calm, a line after silence, one end each."""
    await _in_order(database, story)


@_drawn(TENTH)
@given(story=STORIES)
async def test_overtaken_posts_open_no_second_investigation_and_mute_no_incident(
    database: Database, story: list[Told]
) -> None:
    """Deliveries may come up to ten minutes late, and past each other."""
    await _out_of_order(database, story)


@pytest.mark.long
@pytest.mark.timeout(3600)
@_drawn(WHOLE)
@given(story=STORIES)
async def test_each_post_of_1000_stories_is_answered_as_asked(
    database: Database, story: list[Told]
) -> None:
    """The long tier."""
    await _in_order(database, story)


@pytest.mark.long
@pytest.mark.timeout(3600)
@_drawn(WHOLE)
@given(story=STORIES)
async def test_overtaken_posts_of_1000_stories_mute_no_incident(
    database: Database, story: list[Told]
) -> None:
    """The long tier."""
    await _out_of_order(database, story)
