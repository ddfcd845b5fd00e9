"""Our rows of one database, by what they hold, for one replica."""

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from time import monotonic

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from bot.domain.alerts import Investigation
from bot.domain.conversation import Watch
from bot.domain.knowledge import GuideFigures, GuideNote, Incident, IncidentState
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.ports import Clock
from bot.storage.clock import Lease, SteadyClock
from bot.storage.database import Database, Store, add_up, equal, insert_once
from bot.storage.investigations import SqlInvestigations, investigation_of
from bot.storage.messages import DONE, SqlInbox, SqlOutbox, owed_rows
from bot.storage.proposals import load
from bot.storage.tables import (
    desk,
    guide_answers,
    guide_votes,
    inbox,
    incidents,
    investigations,
    model_usage,
    outbox,
    proposals,
    runs,
    targets,
    watches,
)

# Guide answers and what people thought of them.


NOTE = TypeAdapter(GuideNote)


class SqlFeedback(Store):
    """Notes of guide answers, and one vote per person on each answer and passage."""

    async def note(self, note: GuideNote) -> None:
        """Keep a note; one that is there already stays as it is."""
        row = {
            "id": note.id,
            "page": note.page,
            "note": NOTE.dump_python(note, mode="json"),
            "noted_at": self._clock(),
        }
        await self._insert(guide_answers, row)

    async def noted(self, id_: str) -> GuideNote | None:
        """Return a note; None when there is none."""
        query = sa.select(guide_answers.c.note).where(guide_answers.c.id == id_)
        found = await self._database.read(lambda c: c.execute(query).scalar())
        return None if found is None else NOTE.validate_python(found)

    async def vote(self, answer_id: str, passage: int, user: str, *, helpful: bool) -> None:
        """Count a person's vote on an answer (passage 0) or a passage; the last one counts."""
        key = {"answer_id": answer_id, "passage": passage, "user": user}
        values = {"helpful": int(helpful), "at": self._clock()}
        if not await self._insert(guide_votes, {**key, **values}):
            mine = equal(guide_votes, key)
            await self._execute(sa.update(guide_votes).where(mine).values(**values))

    async def prune(self, older_than: timedelta) -> int:
        """Forget notes and votes made that long ago; return how many of both.

        Their buttons then say that the answer is not known any more.
        """
        before = self._clock() - older_than
        return await self._execute(
            sa.delete(guide_answers).where(guide_answers.c.noted_at < before),
            sa.delete(guide_votes).where(guide_votes.c.at < before),
        )


# Records of closed investigations, and what people made of them.


INCIDENT = TypeAdapter(Incident)


class SqlIncidents(Store):
    """Offered records; each is decided once."""

    async def offer(self, incident: Incident) -> Incident:
        """Store a record; return the one that is there already under its id, or this one."""
        row = {
            "id": incident.id,
            "incident": INCIDENT.dump_python(incident, mode="json"),
            "state": incident.state.value,
            "offered_at": self._clock(),
        }
        await self._insert(incidents, row)
        return await self.get(incident.id) or incident

    async def get(self, id_: str) -> Incident | None:
        """Return a record; None when there is none."""
        return await self._database.read(lambda c: _incident(c, id_))

    async def decide(self, id_: str, state: IncidentState, user: str, key: str) -> Incident | None:
        """Decide on an offered record by one press, and return it as it then stands.

        One that is decided stays as it is; None when there is none.
        """
        return await self._database.transact(lambda c: self._decide(c, id_, state, (user, key)))

    async def prune(self, older_than: timedelta) -> int:
        """Forget records offered that long ago, decided or not; return how many.

        What was kept of them is a document by then.
        """
        old = incidents.c.offered_at < self._clock() - older_than
        return await self._execute(sa.delete(incidents).where(old))

    def _decide(
        self, connection: Connection, id_: str, state: IncidentState, by: tuple[str, str]
    ) -> Incident | None:
        incident = _incident(connection, id_)
        if incident is None:
            return None
        decided = replace(incident, state=state, decided_by=by[0], decided_key=by[1])
        values = {
            "incident": INCIDENT.dump_python(decided, mode="json"),
            "state": state.value,
            "decided_at": self._clock(),
        }
        still = (incidents.c.id == id_) & (incidents.c.state == IncidentState.OFFERED.value)
        connection.execute(sa.update(incidents).where(still).values(**values))
        return _incident(connection, id_)


def _incident(connection: Connection, id_: str) -> Incident | None:
    query = sa.select(incidents.c.incident).where(incidents.c.id == id_)
    found = connection.execute(query).scalar()
    return None if found is None else INCIDENT.validate_python(found)


# Watches in the database; each is told once, or ends.


WATCH = TypeAdapter(Watch)
OPEN_WATCH = "open"
MOST_WATCHES = 1000  # looked at in one round


class SqlWatches(Store):
    """Open watches, and what became of the others."""

    async def add(self, watch: Watch) -> None:
        """Keep a watch; one that is there already stays as it is."""
        row = {
            "id": watch.id,
            "channel": watch.channel,
            "thread_ts": watch.thread_ts,
            "watch": WATCH.dump_python(watch, mode="json"),
            "state": OPEN_WATCH,
            "changed_at": self._clock(),
        }
        await self._insert(watches, row)

    async def open(self) -> tuple[Watch, ...]:
        """Return every open watch, the oldest first."""
        return await self._found(watches.c.state == OPEN_WATCH)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Watch, ...]:
        """Return a thread's open watches, the oldest first."""
        here = (watches.c.channel == channel) & (watches.c.thread_ts == thread_ts)
        return await self._found(here & (watches.c.state == OPEN_WATCH))

    async def close(self, id_: str, state: str) -> bool:
        """End an open watch as told, cancelled or expired; False when it was over before."""
        mine = (watches.c.id == id_) & (watches.c.state == OPEN_WATCH)
        change = sa.update(watches).where(mine).values(state=state, changed_at=self._clock())
        return await self._execute(change) == 1

    async def _found(self, where: sa.ColumnElement[bool]) -> tuple[Watch, ...]:
        query = (
            sa.select(watches.c.watch)
            .where(where)
            .order_by(watches.c.changed_at)
            .limit(MOST_WATCHES)
        )
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(WATCH.validate_python(row) for row in rows)


# Scheduled work: each slot is claimed once, whatever the number of replicas.


RUNNING, RUN, FAILED = "running", "done", "failed"
MOST_TRIES = 3


class SqlRuns(Store):
    """Slots of scheduled work, such as `digest` at `2026-01-05T09:00+09:00`."""

    def __init__(self, database: Database, clock: Clock, lease: Lease) -> None:
        super().__init__(database, clock)
        self._lease = lease

    async def claim(self, name: str, slot: str) -> bool:
        """Take a slot; False when it is done, or under another's lease.

        A slot whose holder died or failed may be taken again, 3 times in all.
        """
        now = self._clock()
        return await self._database.transact(lambda c: self._claim(c, name, slot, now))

    async def done(self, name: str, slot: str) -> None:
        """Note that the slot's work is done; nobody takes it again."""
        await self._end(name, slot, RUN)

    async def failed(self, name: str, slot: str) -> None:
        """Give the slot back after a failure."""
        await self._end(name, slot, FAILED)

    def _claim(self, connection: Connection, name: str, slot: str, now: datetime) -> bool:
        row = {"name": name, "slot": slot, "state": RUNNING, "tries": 1, **self._lease.taken(now)}
        if insert_once(connection, runs, row):
            return True
        again = (
            (runs.c.name == name)
            & (runs.c.slot == slot)
            & (runs.c.tries < MOST_TRIES)
            & sa.or_(
                runs.c.state == FAILED, (runs.c.state == RUNNING) & (runs.c.lease_until <= now)
            )
        )
        values = {**self._lease.taken(now), "state": RUNNING, "tries": runs.c.tries + 1}
        return connection.execute(sa.update(runs).where(again).values(**values)).rowcount == 1

    async def _end(self, name: str, slot: str, state: str) -> None:
        mine = (runs.c.name == name) & (runs.c.slot == slot) & (runs.c.owner == self._lease.owner)
        await self._execute(sa.update(runs).where(mine).values(state=state))


# What happened since a time: alerts and decisions, for the digest.


MOST = 200


class SqlHistory:
    """Reads the past from our rows; newest first, at most 200."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def investigations(self, since: datetime) -> tuple[Investigation, ...]:
        """Return investigations opened since then, or still open."""
        recent = (investigations.c.opened_at >= since) | investigations.c.closed_at.is_(None)
        query = (
            sa.select(investigations)
            .where(recent)
            .order_by(investigations.c.opened_at.desc())
            .limit(MOST)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(investigation_of(row) for row in rows)

    async def proposals(self, since: datetime) -> tuple[Proposal, ...]:
        """Return proposals made since then."""
        where = proposals.c.created_at >= since
        return await self._database.read(lambda c: load(c, where, MOST))

    async def guides(self, since: datetime) -> GuideFigures:
        """Return how many guide answers were given since then, and the votes on them."""
        return await self._database.read(lambda c: _guides(c, since))


def _guides(connection: Connection, since: datetime) -> GuideFigures:
    asked = (guide_answers.c.noted_at >= since) & (guide_answers.c.page == 0)
    answers = sa.select(sa.func.count()).select_from(guide_answers).where(asked)
    votes = sa.select(guide_votes.c.helpful, sa.func.count()).where(guide_votes.c.at >= since)
    counted: dict[int, int] = {
        row[0]: row[1] for row in connection.execute(votes.group_by(guide_votes.c.helpful))
    }
    count = connection.execute(answers).scalar_one()
    return GuideFigures(count, counted.get(1, 0), counted.get(0, 0))


# What the rows say about how we do, read in one go for the operators' figures.


@dataclass(frozen=True, slots=True)
class RowFigures:
    """Rows that wait and the age in seconds of the oldest, by where; cards by state; the switch.

    `needs_human` counts cards that ask a person to look, also those that do so for long.
    """

    waiting: Mapping[str, int]
    oldest: Mapping[str, float]
    cards: Mapping[str, int]
    needs_human: int
    frozen: bool


class SqlFigures(Store):
    """Reads the figures."""

    async def read(self) -> RowFigures:
        """Return the figures as of now. Raises StorageError."""
        now = self._clock()
        return await self._database.read(lambda connection: _read(connection, now))


def _read(connection: Connection, now: datetime) -> RowFigures:
    came = sa.select(sa.func.count(), sa.func.min(inbox.c.received_at)).where(inbox.c.state != DONE)
    wait = sa.select(sa.func.count(), sa.func.min(outbox.c.changed_at)).where(outbox.c.open == 1)
    waiting, oldest = {}, {}
    for where, query in (("inbox", came), ("outbox", wait)):
        count, since = connection.execute(query).one()
        waiting[where] = int(count)
        oldest[where] = max(0.0, (now - since).total_seconds()) if since else 0.0
    owed = sa.select(sa.func.count()).select_from(outbox).where(owed_rows())
    waiting["owed"], oldest["owed"] = int(connection.scalar(owed) or 0), 0.0
    states = sa.select(proposals.c.state, sa.func.count()).group_by(proposals.c.state)
    counted = {str(state): int(count) for state, count in connection.execute(states)}
    human = sa.select(sa.func.count(sa.distinct(targets.c.proposal_id))).where(
        targets.c.state == TargetState.NEEDS_HUMAN.value
    )
    return RowFigures(
        waiting,
        oldest,
        {state.value: counted.get(state.value, 0) for state in ProposalState},
        int(connection.scalar(human) or 0),
        bool(connection.scalar(sa.select(desk.c.frozen))),
    )


# What a model has used, by day and thread: one count for all replicas, kept over restarts.


SPENDING_KEPT = timedelta(days=35)


class SqlSpending(Store):
    """Tokens and calls of a model; a day begins at midnight in `zone`.

    `used` is told of each addition, stored or not.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: tzinfo,
        used: Callable[[int, int], None] = lambda _calls, _tokens: None,
    ) -> None:
        super().__init__(database, clock)
        self._used = used
        self._zone = zone

    async def spent(self, thread: str) -> tuple[int, int]:
        """Return the tokens used today: (by this thread, by all). Raises StorageError."""
        today = self._day(self._clock())
        return await self._database.read(lambda c: _spent(c, today, thread))

    async def add(self, thread: str, calls: int, tokens: int) -> None:
        """Add to today's count of a thread. Raises StorageError."""
        self._used(calls, tokens)
        now = self._clock()
        key = {"day": self._day(now), "thread": thread}
        old = sa.delete(model_usage).where(model_usage.c.day < self._day(now - SPENDING_KEPT))
        if await self._database.transact(
            lambda c: add_up(c, model_usage, key, {"calls": calls, "tokens": tokens})
        ):
            await self._execute(old)

    def _day(self, at: datetime) -> str:
        return at.astimezone(self._zone).date().isoformat()


def _spent(connection: Connection, today: str, thread: str) -> tuple[int, int]:
    mine = sa.case((model_usage.c.thread == thread, model_usage.c.tokens), else_=0)
    query = sa.select(
        sa.func.coalesce(sa.func.sum(mine), 0),
        sa.func.coalesce(sa.func.sum(model_usage.c.tokens), 0),
    ).where(model_usage.c.day == today)
    own, everything = connection.execute(query).one()
    return int(own), int(everything)


INBOX_LEASE = timedelta(seconds=30)  # renewed every ten while the work goes on
OUTBOX_LEASE = timedelta(seconds=15)  # longer than four posts take


@dataclass(frozen=True, slots=True)
class Rows:
    """Our rows, by what they hold."""

    inbox: SqlInbox
    outbox: SqlOutbox
    investigations: SqlInvestigations
    runs: SqlRuns
    history: SqlHistory
    feedback: SqlFeedback
    incidents: SqlIncidents
    watches: SqlWatches

    @classmethod
    def over(cls, database: Database, clock: Clock) -> "Rows":
        """Return the rows of one database, for this replica."""
        owner, steady = _replica_name(), SteadyClock(clock, monotonic)
        lease = Lease(owner)
        return cls(
            SqlInbox(database, steady, Lease(owner, INBOX_LEASE)),
            SqlOutbox(database, steady, Lease(owner, OUTBOX_LEASE)),
            SqlInvestigations(database, clock),
            SqlRuns(database, clock, lease),
            SqlHistory(database),
            SqlFeedback(database, clock),
            SqlIncidents(database, clock),
            SqlWatches(database, clock),
        )


def _replica_name() -> str:
    """Return a name no other running replica has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
