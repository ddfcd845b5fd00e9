"""The audit trail: a chain of hashes, written in the transaction of each change.

The chain alone cannot show that its end was cut off or rewritten. Therefore each card shows the
head that stood when it was made (`number.hash`), and `verify` takes such heads from outside.

Each change takes the desk's one row first: it is the lock that keeps the chain in order, the clock
that never goes back, and the freeze switch. The emergency stop waits for what is imported here, so
it is no more than that takes.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.trail import AuditEntry, Verification
from bot.errors import StartError
from bot.storage.database import Database, Store
from bot.storage.tables import Moment, audit, canonical, desk

FIRST = ""
MOST_PROBLEMS = 20
PAGE = 1000  # rows
TOLD = ("seq", "at", "proposal_id", "event", "actor", "detail")


class Audit:
    """Reads and verifies the trail."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def trail(
        self, proposal_id: str | None = None, limit: int = 200
    ) -> tuple[AuditEntry, ...]:
        """Return the latest entries, of one proposal or of all, oldest first."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if proposal_id is not None:
            query = query.where(audit.c.proposal_id == proposal_id)
        rows = await self._database.read(
            lambda connection: connection.execute(query).mappings().all()
        )
        return tuple(
            AuditEntry(**{name: row[name] for name in TOLD}, head=f"{row['seq']}.{row['hash']}")
            for row in reversed(rows)
        )

    async def verify(self, heads: Iterable[str] = ()) -> Verification:
        """Check every link, and that each head seen outside is in the chain.

        A head may be shortened, as on a card: `12.ab34cd56` with at least 8 digits.
        """
        check = _ChainCheck(heads)
        while not check.over:  # page by page: a long read would keep a SQLite file's writer waiting
            check.take(await self._database.read(check.page))
        return check.found()


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to which proposal, who did it (a Slack user id, `bot`, `system`), and more."""

    proposal_id: str
    name: str
    actor: str
    detail: Mapping[str, Any]


def append(connection: Connection, at: datetime, event: Event) -> str:
    """Write one entry and return the new head. The caller holds the desk's lock."""
    seq, prev = connection.execute(sa.select(desk.c.audit_seq, desk.c.audit_hash)).one()
    row = {
        "seq": seq + 1,
        "at": at,
        "proposal_id": event.proposal_id,
        "event": event.name,
        "actor": event.actor,
        "detail": event.detail,
    }
    digest = link(prev, row)
    connection.execute(sa.insert(audit).values(**row, prev=prev, hash=digest))
    connection.execute(sa.update(desk).values(audit_seq=seq + 1, audit_hash=digest))
    return f"{seq + 1}.{digest}"


def link(prev: str, row: Mapping[str, Any]) -> str:
    """Return a row's hash: it covers the row and, through `prev`, every row before."""
    fields = [row[name] for name in TOLD]
    fields[TOLD.index("at")] = row["at"].isoformat()
    return hashlib.sha256((prev + canonical(fields)).encode()).hexdigest()


class _ChainCheck:
    """Walks the chain page by page, against its head in the desk's row and those outside.

    Rows are only ever added, so pages read one after another fit together; each statement is one
    snapshot of its rows and of the head, and the last one's decides.
    """

    def __init__(self, heads: Iterable[str]) -> None:
        self.over = False
        self._problems: list[str] = []
        self._wanted = _by_number(heads, self._problems)
        self._seq, self._prev = 0, FIRST

    def page(self, connection: Connection) -> list[Mapping[str, Any]]:
        """Return the next rows, each with the head; without rows the head alone."""
        both = desk.outerjoin(audit, audit.c.seq > self._seq)
        query = sa.select(desk.c.audit_seq, desk.c.audit_hash, audit).select_from(both)
        rows = connection.execute(query.order_by(audit.c.seq).limit(PAGE)).mappings()
        return [dict(row) for row in rows]

    def take(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Check the rows of a page; `over` after the last one, and once enough was found."""
        for row in rows:
            if row["seq"] is not None:
                self._check(row)
        if len(rows) < PAGE:
            end = (rows[-1]["audit_seq"], rows[-1]["audit_hash"]) if rows else None
            if end != (self._seq, self._prev):
                self._problems.append("the chain does not end where the desk says")
            self.over = True
        self.over |= len(self._problems) >= MOST_PROBLEMS

    def found(self) -> Verification:
        """Return what was found."""
        missing = [f"row {number}, shown on a card, is missing" for number in self._wanted]
        return Verification(self._seq, (*self._problems, *missing)[:MOST_PROBLEMS])

    def _check(self, row: Mapping[str, Any]) -> None:
        if row["seq"] != self._seq + 1:
            self._problems.append(f"rows {self._seq + 1} to {row['seq'] - 1} are missing")
        if row["prev"] != self._prev or row["hash"] != link(row["prev"], row):
            self._problems.append(f"row {row['seq']} was changed")
        self._seq, self._prev = row["seq"], row["hash"]
        self._problems += [
            f"row {self._seq} is not the one that a card showed"
            for head in self._wanted.pop(self._seq, ())
            if not self._prev.startswith(head)
        ]


def verify(connection: Connection, heads: Iterable[str] = ()) -> Verification:
    """Check every link of the chain within the caller's transaction."""
    check = _ChainCheck(heads)
    while not check.over:
        check.take(check.page(connection))
    return check.found()


def _by_number(heads: Iterable[str], problems: list[str]) -> dict[int, list[str]]:
    wanted: dict[int, list[str]] = {}
    for head in heads:
        number, _, digest = head.partition(".")
        if number.isascii() and number.isdigit() and len(digest) >= len("ab34cd56"):
            wanted.setdefault(int(number), []).append(digest)
        else:
            problems.append("a head is not written as number.hash")
    return wanted


def check_chain(connection: Connection) -> None:
    """Refuse to start on a trail that was tampered with."""
    found = verify(connection)
    if not found.sound:
        raise StartError(f"the audit trail is damaged: {found.problems[0]}: restore a backup")


# The desk's row.


def lock(connection: Connection, now: datetime) -> tuple[datetime, bool]:
    """Take the desk's lock; return its clock, which never goes back, and the freeze switch."""
    later = sa.case((desk.c.seen < now, sa.literal(now, Moment())), else_=desk.c.seen)
    row = connection.execute(
        sa.update(desk).values(seen=later).returning(desk.c.seen, desk.c.frozen)
    ).one()
    return row.seen, bool(row.frozen)


class SqlTrail(Store):
    """Adds entries to the trail that are of no proposal."""

    async def note(self, event: str, actor: str, detail: Mapping[str, Any]) -> None:
        """Add one. Raises StorageError."""
        now = self._clock()

        def work(connection: Connection) -> None:
            seen, _ = lock(connection, now)
            append(connection, seen, Event("", event, actor, detail))

        await self._database.transact(work)


# The freeze switch: while it is on nothing is killed, whatever was approved.


class SqlFreeze(Store):
    """The switch in the desk's row: it is read in the transaction in which a call begins."""

    async def on(self) -> bool:
        """Tell whether kills are stopped."""
        query = sa.select(desk.c.frozen)
        return bool(await self._database.read(lambda c: c.scalar(query)))

    async def turn(self, *, on: bool, actor: str) -> bool:
        """Stop all kills, or lift that; False when it was so already. The trail says who did."""
        now = self._clock()

        def work(connection: Connection) -> bool:
            seen, frozen = lock(connection, now)
            if frozen == on:
                return False
            connection.execute(sa.update(desk).values(frozen=int(on)))
            name = "freeze_on" if on else "freeze_off"
            append(connection, seen, Event("", name, actor, {}))
            return True

        return await self._database.transact(work)
