"""The home tab: what a person is told, in their language, and what stays private."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.alerts import Investigation
from bot.domain.applications import Basis
from bot.domain.cluster import ClusterMetrics, Gauge, Window
from bot.domain.knowledge import GuideFigures
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, TargetState, Vote
from bot.errors import StorageError
from bot.handlers.home_tab import (
    HomeData,
    HomeLocale,
    HomeSettings,
    Records,
    home_blocks,
    waits_for,
)
from bot.sandbox.slack.blocks import view_problems
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APPROVER,
    COLLEAGUE,
    GUEST,
    PRIVATE_CHANNEL,
    STRANGER,
)
from tests.unit.handlers.bench import KST, Bench, bench
from tests.unit.handlers.memory import proposal, target, utc_now

METRICS = ClusterMetrics("prod", utc_now(), cpu=Gauge(97.0, Basis.MEASURED), applications_running=9)
HABITS = HomeSettings(
    "prod", 2, timedelta(minutes=15), False, True, ("name:billing*",), (ALERT_CHANNEL,)
)


class Health:
    async def now(self) -> ClusterMetrics:
        return METRICS

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        return None


class Past:
    def __init__(
        self, proposals: tuple[Proposal, ...], open_ones: tuple[Investigation, ...]
    ) -> None:
        self.known = proposals
        self.open_ones = open_ones
        self.broken = False

    async def investigations(self, since: datetime) -> tuple[Investigation, ...]:
        return self.open_ones

    async def proposals(self, since: datetime) -> tuple[Proposal, ...]:
        if self.broken:
            raise StorageError("disk full")
        return self.known

    async def guides(self, since: datetime) -> GuideFigures:
        return GuideFigures()


async def barred(user: str, team: str) -> str | None:
    return None if user == APPROVER else "not_approver"


def housing(
    *proposals: Proposal, open_ones: tuple[Investigation, ...] = (), own: bool = True
) -> HomeData:
    past = Past(proposals, open_ones)
    return HomeData(Health(), past, barred, replace(HABITS, self_approval=own))


def pending(**changes: Any) -> Proposal:
    now = utc_now()
    return proposal(
        channel=ALERT_CHANNEL, expires_at=now + timedelta(minutes=9), card_ts="1.000002", **changes
    )


def done(**changes: Any) -> Proposal:
    killed = (replace(target(1, name="runaway_join"), state=TargetState.SUCCEEDED),)
    made = proposal(
        id="p2",
        channel=ALERT_CHANNEL,
        state=ProposalState.DONE,
        targets=killed,
        votes=(Vote(APPROVER, True, utc_now()),),
        finished_at=utc_now(),
        cpu_before=97.0,
        cpu_after=41.0,
    )
    return replace(made, **changes)


def opened(channel: str = ALERT_CHANNEL, ago: timedelta = timedelta(minutes=5)) -> Investigation:
    return Investigation("i1", "key", channel, "1.000001", utc_now() - ago, 3)


async def home(at: Bench, user: str) -> str:
    at.slack.people.open_home(user)
    view = await at.slack.wait_for(lambda now: now.homes.get(user))
    assert view_problems({"type": "home", "blocks": view["blocks"]}, "home") == []
    return str(view["blocks"])


async def test_the_tab_shows_what_waits_what_is_open_and_what_was_killed() -> None:
    """With links into their threads, and the settings in words."""
    rooms = housing(pending(), done(), open_ones=(opened(),))
    async with bench() as at, at.edge(housing=rooms):
        shown = await home(at, APPROVER)
        base = at.slack.page_url
        assert f"{base}archives/{ALERT_CHANNEL}/p1000002?thread_ts=1.000001" in shown
        assert f"'{base}archives/{ALERT_CHANNEL}/p1000001'" in shown
        for words in ("97%", "daily_sales_1", "runaway_join", "41%", "알람 3회", "name:billing*"):
            assert words in shown, words
        assert "승인자 2명" in shown


async def test_a_card_waits_for_approvers_alone() -> None:
    """A colleague sees what is open and killed, and that they may not approve."""
    async with bench() as at, at.edge(housing=housing(pending(), done())):
        shown = await home(at, COLLEAGUE)
        assert "daily_sales_1" not in shown
        assert "runaway_join" in shown
        assert "승인할 수 없습니다" in shown


@pytest.mark.parametrize("user", [GUEST, STRANGER])
async def test_guests_and_strangers_are_told_nothing_of_the_cluster(user: str) -> None:
    """They read what can be asked, and no figure or name."""
    async with bench() as at, at.edge(housing=housing(pending(), done())):
        shown = await home(at, user)
        assert "97%" not in shown
        assert "runaway_join" not in shown


async def test_what_happened_in_a_private_channel_stays_there() -> None:
    """But for whoever asked or decided there; an investigation never leaves it."""
    private = done(channel=PRIVATE_CHANNEL)
    rooms = housing(private, open_ones=(opened(PRIVATE_CHANNEL),))
    async with bench() as at, at.edge(housing=rooms):
        assert "runaway_join" not in await home(at, "U0ONCALL2")
        mine = await home(at, APPROVER)
        assert "runaway_join" in mine
        assert PRIVATE_CHANNEL not in mine.replace(f"/archives/{PRIVATE_CHANNEL}", "")


async def test_the_locale_chooses_the_language() -> None:
    """English for an English locale; LANGUAGE wins over it."""
    async with bench() as at:
        user = at.slack.workspace.users[COLLEAGUE]
        at.slack.workspace.users[COLLEAGUE] = replace(user, locale="en-GB")
        async with at.edge(housing=housing(done())):
            assert "Last kills" in await home(at, COLLEAGUE)
        fixed = replace(housing(done()), language=Language.KO)
        at.slack.transcript.homes.clear()
        async with at.edge(housing=fixed):
            assert "최근 종료" in await home(at, COLLEAGUE)


async def test_records_that_cannot_be_read_leave_the_rest() -> None:
    """The cluster is shown all the same, and a line says what is missing."""
    rooms = housing()
    assert isinstance(rooms.past, Past)
    rooms.past.broken = True
    async with bench() as at, at.edge(housing=rooms):
        shown = await home(at, APPROVER)
        assert "97%" in shown
        assert "기록을 읽을 수 없습니다" in shown


@pytest.mark.parametrize("language", list(Language))
def test_the_tab_stays_small_however_much_there_is(language: Language) -> None:
    """Five of each kind, the rest counted; hostile names are shown as they stand."""
    names = tuple(target(number, name="<!channel> " + "가" * 300) for number in range(20))
    many = tuple(pending(targets=names, id=f"p{number}") for number in range(40))
    killed = tuple(replace(done(), id=f"k{number}") for number in range(40))
    records = Records(many, tuple(opened() for _ in range(40)), killed, approver=True)
    habits = replace(HABITS, protected=("name:" + "x" * 900,), channels=("C0ONCALL1",) * 30)
    blocks = home_blocks(
        METRICS, records, habits, HomeLocale(language, KST, "https://t.slack.com/")
    )
    assert view_problems({"type": "home", "blocks": blocks}, "home") == []
    assert len(blocks) < 30
    assert "<!channel>" not in str(blocks)


def test_a_card_one_voted_on_or_asked_for_waits_no_more() -> None:
    """One's own request counts only where self-approval does."""
    now = utc_now()
    mine = pending(requester=APPROVER)
    assert waits_for(mine, APPROVER, now, own=True)
    assert not waits_for(mine, APPROVER, now, own=False)
    voted = pending(votes=(Vote(APPROVER, True, now),))
    assert not waits_for(voted, APPROVER, now, own=True)
    assert not waits_for(mine, APPROVER, now + timedelta(hours=1), own=True)
    assert not waits_for(done(), APPROVER, now, own=True)
