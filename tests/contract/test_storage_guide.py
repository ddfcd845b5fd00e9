"""Guide answers, votes and incident records, on SQLite and on PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.domain.incidents import Culprit, Incident, IncidentFacts, IncidentState
from bot.domain.knowledge import GuideFigures, GuideNote
from bot.domain.language import Language
from bot.domain.runaway import Evidence, Rule
from bot.storage.database import Database
from bot.storage.feedback import SqlFeedback
from bot.storage.history import SqlHistory
from bot.storage.incidents import SqlIncidents

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOSTILE = "a\x00b\ud800\u202e' OR 1=1 --"


def note(id_: str = "n1", page: int = 0) -> GuideNote:
    sources = (f"operation_manual/x.md#{HOSTILE}", "spark.apache.org")
    return GuideNote(id_, "C1", "1.2", Language.KO, HOSTILE, False, page, sources)


def incident() -> Incident:
    culprit = Culprit(
        HOSTILE, "bob", "adhoc", 56.0, 0.35, True, (Evidence(Rule.SHARE, 0.35, 0.15),)
    )
    facts = IncidentFacts("prod", HOSTILE, NOW, NOW + timedelta(minutes=5), (culprit,), 97.0, None)
    return Incident("i1", "C1", "1.2", Language.EN, True, facts)


async def test_a_note_comes_back_as_it_was(database: Database) -> None:
    """Every character of it; a second one of its id changes nothing; an unknown one is None."""
    rows = SqlFeedback(database, lambda: NOW)
    await rows.note(note())
    await rows.note(note(page=3))
    assert await rows.noted("n1") == note()
    assert await rows.noted("n2") is None


async def test_the_last_vote_of_a_person_counts(database: Database) -> None:
    """One per person and passage, however often and however fast they press."""
    rows = SqlFeedback(database, lambda: NOW)
    await rows.note(note())
    await rows.note(note("n2", page=1))
    presses = (rows.vote("n1", 0, "U1", helpful=each % 2 == 0) for each in range(10))
    await asyncio.gather(*presses)
    await rows.vote("n1", 0, "U1", helpful=False)
    await rows.vote("n1", 0, "U2", helpful=True)
    await rows.vote("n1", 1, "U1", helpful=True)
    past = SqlHistory(database)
    assert await past.guides(NOW) == GuideFigures(answers=1, helpful=2, unhelpful=1)
    assert await past.guides(NOW + timedelta(seconds=1)) == GuideFigures()


async def test_a_record_is_decided_by_one_press(database: Database) -> None:
    """Of many at once; whoever comes late reads who was first."""
    rows = SqlIncidents(database, lambda: NOW)
    assert await rows.offer(incident()) == incident()
    assert await rows.offer(incident()) == incident(), "asked twice, stored once"
    wishes = [IncidentState.KEPT, IncidentState.DISCARDED] * 4
    ended = await asyncio.gather(
        *(rows.decide("i1", state, "U1", f"key{n}") for n, state in enumerate(wishes))
    )
    assert len({each.decided_key for each in ended if each}) == 1
    assert await rows.get("i1") == ended[0]
    assert await rows.decide("i2", IncidentState.KEPT, "U1", "key") is None
