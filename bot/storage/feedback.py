"""Guide answers and what people thought of them."""

from datetime import timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from bot.domain.knowledge import GuideNote
from bot.ports import Clock
from bot.storage.database import Database, insert_once
from bot.storage.tables import guide_answers, guide_votes

NOTE = TypeAdapter(GuideNote)


class SqlFeedback:
    """Notes of guide answers, and one vote per person on each answer and passage."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def note(self, note: GuideNote) -> None:
        """Keep a note; one that is there already stays as it is."""
        row = {
            "id": note.id,
            "page": note.page,
            "note": NOTE.dump_python(note, mode="json"),
            "noted_at": self._clock(),
        }
        await self._database.transact(lambda c: insert_once(c, guide_answers, row))

    async def noted(self, id_: str) -> GuideNote | None:
        """Return a note; None when there is none."""
        query = sa.select(guide_answers.c.note).where(guide_answers.c.id == id_)
        found = await self._database.read(lambda c: c.execute(query).scalar())
        return None if found is None else NOTE.validate_python(found)

    async def vote(self, answer_id: str, passage: int, user: str, *, helpful: bool) -> None:
        """Count a person's vote on an answer (passage 0) or a passage; the last one counts."""
        await self._database.transact(lambda c: self._vote(c, answer_id, passage, user, helpful))

    async def prune(self, older_than: timedelta) -> int:
        """Forget notes and votes made that long ago; return how many of both.

        Their buttons then say that the answer is not known any more.
        """
        before = self._clock() - older_than
        notes = sa.delete(guide_answers).where(guide_answers.c.noted_at < before)
        votes = sa.delete(guide_votes).where(guide_votes.c.at < before)
        return await self._database.transact(
            lambda c: c.execute(notes).rowcount + c.execute(votes).rowcount
        )

    def _vote(
        self, connection: Connection, answer_id: str, passage: int, user: str, helpful: bool
    ) -> None:
        key = {"answer_id": answer_id, "passage": passage, "user": user}
        values = {"helpful": int(helpful), "at": self._clock()}
        if not insert_once(connection, guide_votes, {**key, **values}):
            mine = sa.and_(*(guide_votes.c[name] == value for name, value in key.items()))
            connection.execute(sa.update(guide_votes).where(mine).values(**values))
