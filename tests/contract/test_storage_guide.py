"""Guide answers, votes and incident records, in memory, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.agents.memory import Memory
from bot.domain.knowledge import (
    Culprit,
    Document,
    GuideFigures,
    GuideNote,
    Incident,
    IncidentFacts,
    IncidentState,
)
from bot.domain.language import Language
from bot.domain.proposals import Person, Proposal, ProposalRequest
from bot.domain.runaway import Rule, RunawaySigns
from bot.errors import BackendError, FaultKind
from bot.services.guides import IncidentAction, IncidentDesk
from bot.services.jobs import BUTTONS_KEPT, Prune, prune
from tests.contract.records import Records

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOSTILE = "a\x00b\ud800\u202e' OR 1=1 --"


def note(id_: str = "n1", page: int = 0) -> GuideNote:
    sources = (f"operation_manual/x.md#{HOSTILE}", "spark.apache.org")
    return GuideNote(id_, "C1", "1.2", Language.KO, HOSTILE, False, page, sources)


def incident() -> Incident:
    culprit = Culprit(
        HOSTILE, "bob", "adhoc", 56.0, 0.35, True, (RunawaySigns(Rule.SHARE, 0.35, 0.15),)
    )
    facts = IncidentFacts("prod", HOSTILE, NOW, NOW + timedelta(minutes=5), (culprit,), 97.0, None)
    return Incident("i1", "C1", "1.2", Language.EN, True, facts)


async def test_a_note_comes_back_as_it_was(records: Records) -> None:
    """Every character of it; a second one of its id changes nothing; an unknown one is None."""
    rows = records.feedback(lambda: NOW)
    await rows.note(note())
    await rows.note(note(page=3))
    assert await rows.noted("n1") == note()
    assert await rows.noted("n2") is None


async def test_the_last_vote_of_a_person_counts(records: Records) -> None:
    """One per person and passage, however often and however fast they press."""
    rows = records.feedback(lambda: NOW)
    await rows.note(note())
    await rows.note(note("n2", page=1))
    presses = (rows.vote("n1", 0, "U1", helpful=each % 2 == 0) for each in range(10))
    await asyncio.gather(*presses)
    await rows.vote("n1", 0, "U1", helpful=False)
    await rows.vote("n1", 0, "U2", helpful=True)
    await rows.vote("n1", 1, "U1", helpful=True)
    assert await records.guides(NOW) == GuideFigures(answers=1, helpful=2, unhelpful=1)
    assert await records.guides(NOW + timedelta(seconds=1)) == GuideFigures()


async def test_a_record_is_decided_by_one_press(records: Records) -> None:
    """Of many at once; whoever comes late reads who was first."""
    rows = records.incidents(lambda: NOW)
    assert await rows.offer(incident()) == incident()
    assert await rows.offer(incident()) == incident(), "asked twice, stored once"
    wishes = [IncidentState.KEPT, IncidentState.DISCARDED] * 4
    ended = await asyncio.gather(
        *(rows.decide("i1", state, "U1", f"key{n}") for n, state in enumerate(wishes))
    )
    assert len({each.decided_key for each in ended if each}) == 1
    assert await rows.get("i1") == ended[0]
    assert await rows.decide("i2", IncidentState.KEPT, "U1", "key") is None


async def test_what_is_old_is_forgotten(records: Records) -> None:
    """Notes, votes and records; what is younger stays, and its buttons work."""
    now = NOW
    feedback, incidents = records.feedback(lambda: now), records.incidents(lambda: now)
    await feedback.note(note("old"))
    await feedback.vote("old", 0, "U1", helpful=True)
    await incidents.offer(incident())
    now = NOW + timedelta(days=60)
    await feedback.note(note("young"))
    await feedback.vote("young", 0, "U1", helpful=True)
    now = NOW + timedelta(days=91)
    kept: dict[str, tuple[Prune, timedelta]] = {
        "guides": (feedback.prune, BUTTONS_KEPT),
        "records": (incidents.prune, BUTTONS_KEPT),
    }
    assert await prune(kept) == {"guides": 2, "records": 1}
    assert await prune(kept) == {"guides": 0, "records": 0}
    assert await feedback.noted("old") is None
    assert await feedback.noted("young") == note("young")
    assert await incidents.get("i1") is None


class Shelf:
    """Remembers which documents stand in it; lets another replica decide before it is done."""

    def __init__(self) -> None:
        self.stands: set[str] = set()
        self.kept = asyncio.Event()
        self.go_on = asyncio.Event()

    async def keep(self, document: Document) -> None:
        self.stands.add(document.file)
        self.kept.set()
        await self.go_on.wait()

    async def withdraw(self, document: Document) -> None:
        self.stands.discard(document.file)


def replica(records: Records, shelf: Shelf) -> IncidentDesk:
    nothing = Nobody()
    rows = records.incidents(lambda: NOW)
    return IncidentDesk(
        rows,
        nothing.recall,
        nothing,
        nothing,
        shelf.keep,
        shelf.withdraw,
        cluster="prod",
        zone=UTC,
    )


class Nobody:
    """A thread without memory or proposals, and people without names."""

    async def recall(self, channel: str, thread_ts: str) -> Memory:
        return {}

    async def get(self, proposal_id: str) -> Proposal | None:
        return None

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        return ()

    async def since(self, at: datetime) -> tuple[Proposal, ...]:
        return ()

    async def propose(self, request: ProposalRequest) -> Proposal:
        raise BackendError("slack", FaultKind.NO_DATA, "nobody")

    async def withdraw(self, proposal_id: str, user: str) -> Proposal | None:
        return None

    def protected(self, name: str, user: str, queue: str) -> bool:
        return False

    async def group_members(self, group: str) -> frozenset[str]:
        return frozenset()

    async def person(self, user: str) -> Person:
        raise BackendError("slack", FaultKind.NO_DATA, "nobody")


async def test_kept_and_discarded_at_once_is_one_of_both(records: Records) -> None:
    """At two replicas: the first to decide wins, the other is told, and the shelf agrees."""
    shelf = Shelf()
    await records.incidents(lambda: NOW).offer(incident())
    first, second = replica(records, shelf), replica(records, shelf)
    keeping = asyncio.create_task(first.keep(IncidentAction("i1", "C1", "U1", "k1")))
    await shelf.kept.wait()
    discarded = await second.discard(IncidentAction("i1", "C1", "U2", "k2"))
    shelf.go_on.set()
    late = await keeping
    assert discarded is not None
    assert discarded.before is None
    assert late is not None
    assert late.before is IncidentState.DISCARDED
    assert shelf.stands == set()

    await records.incidents(lambda: NOW).offer(replace(incident(), id="i9"))
    kept = await first.keep(IncidentAction("i9", "C1", "U1", "k3"))
    late = await second.discard(IncidentAction("i9", "C1", "U2", "k4"))
    assert kept is not None
    assert kept.before is None
    assert late is not None
    assert late.before is IncidentState.KEPT
    assert len(shelf.stands) == 1
