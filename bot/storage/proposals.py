"""Proposals in the database: each change is compared, written, audited and queued in one go."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from bot.approvals.model import KILL_WINDOW, DeskState, NewProposal, ProposalSnapshot, Transition
from bot.domain.applications import ApplicationRef
from bot.domain.conversation import API
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, Target, TargetState, Vote, snapshot
from bot.errors import StorageError
from bot.ports import Clock
from bot.storage.audit import Event, append, lock
from bot.storage.clock import LARGEST_LEAD, SteadyClock
from bot.storage.database import Database, insert_once
from bot.storage.messages import queue_view
from bot.storage.tables import (
    MICROSECOND,
    attempts,
    audit,
    cards,
    desk,
    proposals,
    targets,
    votes,
)

_LOG = structlog.get_logger(__name__)
IN_A_THREAD = 20
Row = Mapping[str, Any]
UNTOLD = datetime.fromtimestamp(0, UTC)  # stands for a start that the cluster does not tell
CONVERTED = {"language", "state", "dry_run", "relaunched", "audit_head"}
PLAIN = {field.name for field in fields(Proposal)} & set(proposals.c.keys()) - CONVERTED
OPEN = (ProposalState.PENDING.value, ProposalState.CLAIMED.value)
OVER = {ProposalState.DENIED, ProposalState.EXPIRED, ProposalState.CANCELLED, ProposalState.DONE}


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """Return the columns that the proposal itself decides."""
    return {name: getattr(proposal, name) for name in PLAIN} | {
        "language": proposal.language.value,
        "state": proposal.state.value,
        "dry_run": int(proposal.dry_run),
        "relaunched": list(proposal.relaunched),
    }


def target_row(proposal: Proposal, position: int) -> dict[str, Any]:
    """Return one target's row."""
    target = proposal.targets[position]
    return {
        "proposal_id": proposal.id,
        "position": position,
        "cluster": target.ref.cluster,
        "backend": target.ref.backend,
        "application_id": target.ref.id,
        "started_at": target.started_at or UNTOLD,  # the index that keeps one open wants a value
        "snapshot": snapshot(target) | {"rank": target.rank},  # the digest is of the rest
        "state": target.state.value,
        "reason": target.reason,
        "open": int(proposal.state not in OVER and not target.state.final),
    }


def _proposal(row: Row, part: Mapping[str, Sequence[Row]]) -> Proposal:
    return Proposal(
        **{name: row[name] for name in PLAIN},
        language=Language(row["language"]),
        state=ProposalState(row["state"]),
        dry_run=bool(row["dry_run"]),
        relaunched=tuple(row["relaunched"]),
        audit_head=row["audit_head"],
        targets=tuple(_target(each) for each in part["targets"]),
        votes=tuple(
            Vote(each["user"], bool(each["approve"]), each["at"]) for each in part["votes"]
        ),
        card_ts=next((each["ts"] for each in part["cards"]), None),
    )


def _target(row: Row) -> Target:
    frozen = dict(row["snapshot"])
    ref = ApplicationRef(*(frozen.pop(name) for name in ("cluster", "backend", "id")))
    began = frozen.pop("started_at")
    return Target(
        ref=ref,
        started_at=began and datetime.fromisoformat(began),
        state=TargetState(row["state"]),
        reason=row["reason"],
        **frozen,
    )


# Reads proposals with their targets, votes, cards and attempts.


_PARTS = {
    "targets": sa.select(targets).order_by(targets.c.position),
    "votes": sa.select(votes).order_by(votes.c.at, votes.c.user),
    "cards": sa.select(cards).order_by(cards.c.ts),
    "attempts": sa.select(attempts).order_by(attempts.c.position),
}
_ID: sa.BindParameter[str] = sa.bindparam("proposal_id", type_=sa.Text())
_LAST_EVENT = (
    sa.select(audit.c.event, audit.c.actor)
    .where(audit.c.proposal_id == _ID)
    .order_by(audit.c.seq.desc())
    .limit(1)
)
_BEGUN = sa.select(sa.func.count()).where(
    attempts.c.cluster.in_(sa.bindparam("clusters", expanding=True)),
    attempts.c.calling_at > sa.bindparam("since"),
    attempts.c.proposal_id != _ID,
)
_PROMISED = (
    sa.select(sa.func.count())
    .select_from(targets.join(proposals, targets.c.proposal_id == proposals.c.id))
    .where(
        proposals.c.state == ProposalState.CLAIMED.value,
        proposals.c.id != _ID,
        targets.c.cluster.in_(sa.bindparam("clusters", expanding=True)),
        targets.c.state == TargetState.WAITING.value,
    )
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A proposal with its row, and the rows of its parts by table: the desk's rules need them."""

    proposal: Proposal
    row: Row
    part: Mapping[str, Sequence[Row]]


def load_one(connection: Connection, proposal_id: str) -> Stored | None:
    """Return a proposal with all its rows, None when there is none with this id."""
    found = _load(connection, proposals.c.id == proposal_id, 1)
    return found[0] if found else None


def load(
    connection: Connection, where: sa.ColumnElement[bool], limit: int | None
) -> tuple[Proposal, ...]:
    """Return the proposals that fit, newest first."""
    return tuple(each.proposal for each in _load(connection, where, limit))


def _load(connection: Connection, where: sa.ColumnElement[bool], limit: int | None) -> list[Stored]:
    query = sa.select(proposals).where(where).order_by(proposals.c.number.desc()).limit(limit)
    found = [dict(row) for row in connection.execute(query).mappings()]
    parts = {name: _grouped(connection, name, [row["id"] for row in found]) for name in _PARTS}
    stored = []
    for row in found:
        part = {name: groups.get(row["id"], []) for name, groups in parts.items()}
        proposal = _with_end(connection, _proposal(row, part))
        stored.append(Stored(proposal, row, part))
    return stored


def _with_end(connection: Connection, proposal: Proposal) -> Proposal:
    """Add who cancelled a proposal and why, as the audit tells."""
    if proposal.state is not ProposalState.CANCELLED:
        return proposal
    event, actor = connection.execute(_LAST_EVENT, {"proposal_id": proposal.id}).one()
    return replace(proposal, ended_why=event, ended_by=actor)


def recent_kills(connection: Connection, proposal: Proposal, now: datetime) -> int:
    """Count other kills begun lately on these clusters, and those approved but not begun."""
    clusters = sorted({target.ref.cluster for target in proposal.targets})
    key: dict[str, Any] = {"proposal_id": proposal.id, "clusters": clusters}
    begun = connection.scalar(_BEGUN, key | {"since": now - KILL_WINDOW})
    return int(begun or 0) + int(connection.scalar(_PROMISED, key) or 0)


def _grouped(connection: Connection, name: str, ids: Sequence[str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    if ids:
        query = _PARTS[name].where(_PARTS[name].selected_columns.proposal_id.in_(ids))
        for row in connection.execute(query).mappings():
            groups.setdefault(row["proposal_id"], []).append(dict(row))
    return groups


def set_right(
    connection: Connection, now: datetime, wall: datetime, *, shared: bool
) -> timedelta | None:
    """Bring the desk's time back from `now` to the wall's, with what is open; return by how much.

    Everything open is moved together: no card gains or loses a second. None when another replica
    did so before: each notes the desk's time whenever it sweeps.
    """
    held = connection.execute(sa.update(desk).values(seen=desk.c.seen).returning(desk.c.seen))
    seen = held.scalar_one()
    if shared and seen - wall <= LARGEST_LEAD:
        return None
    lead: timedelta = max(seen, now) - wall
    back = int(lead / MICROSECOND)
    moving = sa.or_(proposals.c.state.in_(OPEN), proposals.c.watching == 1)
    ids = sa.select(proposals.c.id).where(moving)
    dated = {
        votes: (votes.c.proposal_id.in_(ids), ["at"]),
        attempts: (
            sa.or_(attempts.c.proposal_id.in_(ids), attempts.c.calling_at > wall),
            ["calling_at"],
        ),
        proposals: (
            moving,
            ["created_at", "expires_at", "decided_at", "finished_at", "lease_until"],
        ),
    }
    for table, (which, names) in dated.items():
        earlier = {name: _micros(table.c[name]) - back for name in names}
        connection.execute(sa.update(table).where(which).values(**earlier))
    connection.execute(sa.update(desk).values(seen=wall))
    seconds = round(lead.total_seconds())
    append(connection, wall, Event("", "clock_set_right", "bot", {"seconds": seconds}))
    return lead


def _micros(column: sa.Column[Any]) -> sa.ColumnElement[int]:
    """Return a moment's column as the number it is kept as."""
    return sa.type_coerce(column, sa.BigInteger)


class SqlProposals:
    """The desk's store. The desk's one row is the lock under which every change is made.

    SQLite has one writer anyway; on PostgreSQL updating that row makes replicas take turns, so
    both see every earlier change. A few changes a second are all a desk ever makes.
    """

    def __init__(
        self, database: Database, clock: Clock, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = SteadyClock(clock, ticks)

    async def admit(self, proposal_id: str, rule: Callable[[DeskState], NewProposal]) -> Proposal:
        """Store the proposal that `rule` makes; one with this id already there is returned."""
        now = await self._now()
        seen, proposal = await self._database.transact(
            lambda c: self._admit(c, proposal_id, rule, now)
        )
        self._clock.learn(seen)
        return proposal

    async def change(
        self, proposal_id: str, rule: Callable[[ProposalSnapshot], Transition | None]
    ) -> ProposalSnapshot | None:
        """Write what `rule` says of the proposal's case and return the case after it.

        None when there is no such proposal. What the rule raises leaves everything as it is; a
        change's own refusal is raised once the change is written.
        """
        now = await self._now()
        case, change = await self._database.transact(
            lambda c: self._change(c, proposal_id, rule, lock(c, now))
        )
        if case is not None:
            self._clock.learn(case.now)
        if change is not None and change.refusal is not None:
            raise change.refusal
        return case

    async def get(self, proposal_id: str) -> Proposal | None:
        """Return a proposal."""
        stored = await self._database.read(lambda c: load_one(c, proposal_id))
        return stored.proposal if stored else None

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        """Return the thread's proposals, newest first, at most 20."""
        where = (proposals.c.channel == channel) & (proposals.c.thread_ts == thread_ts)
        return await self._database.read(lambda c: load(c, where, IN_A_THREAD))

    async def since(self, at: datetime) -> tuple[Proposal, ...]:
        """Return the proposals made from then on, newest first, at most 20."""
        where = proposals.c.created_at >= at
        return await self._database.read(lambda c: load(c, where, IN_A_THREAD))

    async def frozen(self, ticks: Callable[[], float]) -> tuple[bool, float]:
        """Return the freeze switch, and what `ticks` told just before it was read."""
        query = sa.select(desk.c.frozen)

        def work(connection: Connection) -> tuple[bool, float]:
            tick = ticks()  # here: waiting for its turn is no delay
            return bool(connection.scalar(query)), tick

        return await self._database.read(work)

    async def due(self) -> tuple[Proposal, ...]:
        """Return what the sweep must look at: past its time to decide, or under nobody's lease."""
        now = await self._now()
        free = sa.or_(proposals.c.lease_until.is_(None), proposals.c.lease_until <= now)
        to_do = sa.or_(proposals.c.state == ProposalState.CLAIMED.value, proposals.c.watching == 1)
        late = (proposals.c.state == ProposalState.PENDING.value) & (proposals.c.expires_at < now)
        due = sa.or_(to_do & free, late)
        if self._database.shared:  # the others see by it how late it is, and what was set right
            await self._database.transact(lambda c: lock(c, now))
        return await self._database.read(lambda c: load(c, due, 100))

    async def _now(self) -> datetime:
        """Return the desk's time; where it ran far ahead of the clock, that is mended first."""
        if self._clock.runs_ahead():
            wall, now, shared = self._clock.wall(), self._clock(), self._database.shared
            lead = await self._database.transact(lambda c: set_right(c, now, wall, shared=shared))
            self._clock.set_right()
            if lead:
                _LOG.warning("clock_set_right", seconds_ahead=round(lead.total_seconds()))
        return self._clock()

    def _admit(
        self,
        connection: Connection,
        proposal_id: str,
        rule: Callable[[DeskState], NewProposal],
        now: datetime,
    ) -> tuple[datetime, Proposal]:
        now, frozen = lock(connection, now)
        known = load_one(connection, proposal_id)
        if known is not None:
            return now, known.proposal
        standing = load(connection, proposals.c.state.in_(OPEN), None)
        admission = rule(DeskState(now, frozen, standing))
        for change in admission.ended:
            self._change(
                connection,
                change.proposal.id,
                lambda _: change,  # noqa: B023 - called at once
                (now, frozen),
            )
        return now, self._insert(connection, admission.proposal, now)

    def _insert(self, connection: Connection, proposal: Proposal, now: datetime) -> Proposal:
        shown = [snapshot(target) for target in proposal.targets]
        detail = {"digest": proposal.digest, "targets": shown, "channel": proposal.channel}
        if proposal.thread_ts.startswith(API):
            detail["via"] = proposal.thread_ts.rpartition(":")[0]
        event = Event(proposal.id, "proposed", proposal.requester, detail)
        head = append(connection, now, event)
        number = int(head.partition(".")[0])
        fences = {"watching": 0, "version": 1, "token": 0, "audit_head": head, "number": number}
        row = proposal_row(proposal) | fences
        connection.execute(sa.insert(proposals).values(**row))
        for position in range(len(proposal.targets)):
            connection.execute(sa.insert(targets).values(**target_row(proposal, position)))
        queue_view(connection, proposal, "card", now)
        return replace(proposal, audit_head=head)

    def _change(
        self,
        connection: Connection,
        proposal_id: str,
        rule: Callable[[ProposalSnapshot], Transition | None],
        held: tuple[datetime, bool],
    ) -> tuple[ProposalSnapshot | None, Transition | None]:
        case = self._case(connection, proposal_id, held[0], frozen=held[1])
        if case is None:
            return None, None
        change = rule(case)
        if change is None:
            return case, None
        return self._write(connection, case, change), change

    def _case(
        self, connection: Connection, proposal_id: str, now: datetime, *, frozen: bool
    ) -> ProposalSnapshot | None:
        stored = load_one(connection, proposal_id)
        if stored is None:
            return None
        proposal, row = stored.proposal, stored.row
        pending = proposal.state is ProposalState.PENDING
        return ProposalSnapshot(
            proposal=proposal,
            now=now,
            frozen=frozen,
            token=row["token"],
            lease_until=row["lease_until"],
            watching=bool(row["watching"]),
            cards=frozenset(each["ts"] for each in stored.part["cards"]),
            envelopes=frozenset(each["envelope_id"] for each in stored.part["votes"]),
            recent_kills=recent_kills(connection, proposal, now) if pending else 0,
            called_at={each["position"]: each["calling_at"] for each in stored.part["attempts"]},
        )

    def _write(
        self, connection: Connection, case: ProposalSnapshot, change: Transition
    ) -> ProposalSnapshot:
        """Write a change with its audit row and posts; the row must still be as it was read."""
        before, after = case.proposal, change.proposal
        values = proposal_row(after) | _fences(case, change)
        if change.event:
            detail = {**change.detail, **_moves(before, after)}
            event = Event(after.id, change.event, change.actor, detail)
            values["audit_head"] = append(connection, case.now, event)
        same = (proposals.c.id == after.id) & (proposals.c.token == case.token)
        same &= proposals.c.state == before.state.value
        written = connection.execute(sa.update(proposals).where(same).values(**values))
        if written.rowcount != 1:
            raise StorageError("the proposal was changed by another")
        self._write_targets(connection, before, after)
        self._write_vote(connection, change)
        if change.attempt is not None:
            self._write_attempt(connection, change, case.now)
        for view in change.views:
            queue_view(connection, after, view, case.now)
        return self._case(connection, after.id, case.now, frozen=case.frozen) or case

    def _write_targets(self, connection: Connection, before: Proposal, after: Proposal) -> None:
        for position, old in enumerate(before.targets):
            row, was = target_row(after, position), target_row(before, position)
            if row == was:
                continue
            same = (
                (targets.c.proposal_id == after.id)
                & (targets.c.position == position)
                & (targets.c.state == old.state.value)
            )
            values = {name: row[name] for name in ("state", "reason", "open")}
            if connection.execute(sa.update(targets).where(same).values(**values)).rowcount != 1:
                raise StorageError("the target was changed by another")

    def _write_vote(self, connection: Connection, change: Transition) -> None:
        vote = change.vote
        if vote is None:
            return
        mine = (votes.c.proposal_id == change.proposal.id) & (votes.c.user == vote.user)
        connection.execute(sa.delete(votes).where(mine))
        row = {
            "proposal_id": change.proposal.id,
            "user": vote.user,
            "approve": int(vote.approve),
            "envelope_id": change.envelope_id,
            "at": vote.at,
        }
        connection.execute(sa.insert(votes).values(**row))

    def _write_attempt(self, connection: Connection, change: Transition, now: datetime) -> None:
        position = change.attempt or 0
        row = {
            "proposal_id": change.proposal.id,
            "position": position,
            "cluster": change.proposal.targets[position].ref.cluster,
            "calling_at": now,
        }
        if not insert_once(connection, attempts, row):
            raise StorageError("the target's one call was begun before")


def _fences(case: ProposalSnapshot, change: Transition) -> dict[str, Any]:
    values: dict[str, Any] = {"version": proposals.c.version + 1}
    if change.take:
        values["token"] = case.token + 1
    if change.lease is not None:
        values["lease_until"] = case.now + change.lease
    if change.watching is not None:
        values["watching"] = int(change.watching)
    return values


def _moves(before: Proposal, after: Proposal) -> dict[str, Any]:
    """Return which states changed, for the audit row."""
    moves: dict[str, Any] = {}
    if before.state is not after.state:
        moves["state"] = [before.state.value, after.state.value]
    changed = {
        str(position): [old.state.value, new.state.value, new.reason]
        for position, (old, new) in enumerate(zip(before.targets, after.targets, strict=True))
        if old.state is not new.state
    }
    if changed:
        moves["targets"] = changed
    return moves
