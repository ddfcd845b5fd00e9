"""The tables, and the constraints that carry the guarantees. Migrations make the same schema.

Untrusted text (names, keys made from alerts) is kept as JSON: no character of it upsets a driver.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Index, MetaData, Table, Text
from sqlalchemy.engine import Dialect

# Column types with the same meaning on SQLite (STRICT tables) and on PostgreSQL.


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# STRICT tables of SQLite know INTEGER, REAL and TEXT alone.
Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Number: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware time, kept as whole microseconds since 1970 UTC: it compares alike everywhere."""

    impl = Count
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> Any:
        """Return microseconds; a naive time raises, for it could mean anything."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Return an aware UTC time."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(sa.types.TypeDecorator[Any]):
    """A JSON value as text, keys sorted, so that the same value is always the same bytes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """Return canonical JSON."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Return the parsed value."""
        return None if value is None else json.loads(value)


def canonical(value: Any) -> str:
    """Return the one JSON text of a value; ASCII, so lone surrogates and NUL pass every driver."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


METADATA = MetaData()


def _table(name: str, *parts: Column[Any] | Index) -> Table:
    return Table(name, METADATA, *parts, sqlite_strict=True)


def _filled(type_: Any, *names: str) -> list[Column[Any]]:
    """Return columns of one type that always hold a value."""
    return [Column(name, type_, nullable=False) for name in names]


def _unique_where(name: str, which: sa.ColumnElement[bool], *columns: Column[Any]) -> None:
    """Make a unique key of the rows for which `which` holds."""
    Index(name, *columns, unique=True, sqlite_where=which, postgresql_where=which)


# What came in from Slack. The key makes every redelivery the same piece of work.
inbox = _table(
    "inbox",
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", Text, nullable=False),  # waiting, done
    Column("tries", Count, nullable=False),
    Column("owner", Text),
    Column("lease_until", Moment),
    Column("finished_at", Moment),
    Index("inbox_open", "state", "received_at"),
)

# What waits to be posted. A row is due while `wanted` is ahead of `sent`.
outbox = _table(
    "outbox",
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("position", Count, nullable=False),
    Column("post", Json, nullable=False),
    Column("proposal_id", Text),
    *_filled(Count, "wanted", "sent", "claimed", "open", "tries"),
    Column("ts", Text),
    Column("due_at", Moment, nullable=False),
    Column("owner", Text),
    Column("lease_until", Moment),
    Column("reason", Json),
    Column("changed_at", Moment, nullable=False),
    Index("outbox_open", "open", "position"),
    Index("outbox_position", "position"),
)

# One row: the lock of the desk, its clock that never goes back, and the head of the audit chain.
desk = _table(
    "desk",
    Column("id", Count, primary_key=True, autoincrement=False),
    Column("seen", Moment, nullable=False),
    Column("audit_seq", Count, nullable=False),
    Column("audit_hash", Text, nullable=False),
    Column("frozen", Count, nullable=False),
)

proposals = _table(
    "proposals",
    Column("id", Text, primary_key=True),
    *_filled(Text, "team", "channel", "thread_ts", "requester", "language"),
    Column("alert_key", Json, nullable=False),
    *_filled(Text, "digest", "state"),
    *_filled(Count, "approvals_required", "dry_run"),
    *_filled(Moment, "created_at", "listed_at", "expires_at"),
    Column("decided_at", Moment),
    Column("finished_at", Moment),
    Column("cpu_before", Number),
    Column("cpu_after", Number),
    Column("cores_before", Number),
    Column("cores_after", Number),
    Column("relaunched", Json, nullable=False),
    Column("watching", Count, nullable=False),  # 1 while the effect is still being watched
    *_filled(Count, "version", "token"),
    Column("lease_until", Moment),
    Column("audit_head", Text, nullable=False),
    Column("number", Count, nullable=False),  # of its first audit row: the order of proposals
    Index("proposals_open", "state", "watching"),
    Index("proposals_thread", "channel", "thread_ts"),
)

# One row per application to be killed; `open` while its proposal may still kill it.
targets = _table(
    "targets",
    Column("proposal_id", Text, primary_key=True),
    Column("position", Count, primary_key=True, autoincrement=False),
    *_filled(Text, "cluster", "backend", "application_id"),
    Column("started_at", Moment, nullable=False),
    Column("snapshot", Json, nullable=False),
    *_filled(Text, "state", "reason"),
    Column("open", Count, nullable=False),
)
# At most one open proposal per application.
_unique_where(
    "targets_one_open",
    targets.c.open == 1,
    targets.c.cluster,
    targets.c.backend,
    targets.c.application_id,
    targets.c.started_at,
)

# One vote per person and proposal.
votes = _table(
    "votes",
    Column("proposal_id", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("approve", Count, nullable=False),
    Column("envelope_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# At most one kill request is ever begun per target.
attempts = _table(
    "attempts",
    Column("proposal_id", Text, primary_key=True),
    Column("position", Count, primary_key=True, autoincrement=False),
    Column("cluster", Text, nullable=False),
    Column("calling_at", Moment, nullable=False),
    Index("attempts_recent", "cluster", "calling_at"),
)

# Every message the card stands in; a lost answer may have left two.
cards = _table(
    "cards",
    Column("proposal_id", Text, primary_key=True),
    Column("ts", Text, primary_key=True),
)

# Written in the transaction of the change it tells of; each row's hash covers the one before.
audit = _table(
    "audit",
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    *_filled(Text, "proposal_id", "event", "actor"),
    Column("detail", Json, nullable=False),
    *_filled(Text, "prev", "hash"),
    Index("audit_proposal", "proposal_id"),
)

investigations = _table(
    "investigations",
    Column("id", Text, primary_key=True),
    Column("alert_key", Json, nullable=False),
    *_filled(Text, "channel", "thread_ts"),
    Column("opened_at", Moment, nullable=False),
    *_filled(Text, "opened_by", "last_ts"),
    Column("last_at", Moment, nullable=False),
    Column("repeats", Count, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("about", Json),  # what the alert is, so that later posts find it; its first reply's id
)
# One open investigation per alert group and channel.
_unique_where(
    "investigations_one_open",
    investigations.c.closed_at.is_(None),
    investigations.c.channel,
    investigations.c.alert_key,
)

# Threads the bot takes part in.
threads = _table(
    "threads",
    Column("channel", Text, primary_key=True),
    Column("thread_ts", Text, primary_key=True),
    Column("joined_at", Moment, nullable=False),
)

# Scheduled work: each slot is claimed once, whatever the number of replicas.
runs = _table(
    "runs",
    Column("name", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("state", Text, nullable=False),  # running, done, failed
    Column("tries", Count, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", Moment, nullable=False),
)

# Posts of passages: what was searched for and shown, for their buttons.
guide_answers = _table(
    "guide_answers",
    Column("id", Text, primary_key=True),
    Column("page", Count, nullable=False),
    Column("note", Json, nullable=False),
    Column("noted_at", Moment, nullable=False),
    Index("guide_answers_time", "noted_at"),
)

# One vote per person and answer (passage 0) or one of its passages (from 1).
guide_votes = _table(
    "guide_votes",
    Column("answer_id", Text, primary_key=True),
    Column("passage", Count, primary_key=True, autoincrement=False),
    Column("user", Text, primary_key=True),
    Column("helpful", Count, nullable=False),
    Column("at", Moment, nullable=False),
    Index("guide_votes_time", "at"),
)

# Records of closed investigations, offered for keeping; the id is the investigation's.
incidents = _table(
    "incidents",
    Column("id", Text, primary_key=True),
    Column("incident", Json, nullable=False),
    Column("state", Text, nullable=False),  # offered, kept, discarded
    Column("offered_at", Moment, nullable=False),
    Column("decided_at", Moment),
)

# What a model has used, by day (of the operator's zone, such as 2026-11-22) and thread.
model_usage = _table(
    "model_usage",
    Column("day", Text, primary_key=True),
    Column("thread", Text, primary_key=True),
    *_filled(Count, "calls", "tokens"),
)

# What people wait to be told of.
watches = _table(
    "watches",
    Column("id", Text, primary_key=True),
    *_filled(Text, "channel", "thread_ts"),
    Column("watch", Json, nullable=False),
    Column("state", Text, nullable=False),  # open, told, cancelled, expired
    Column("changed_at", Moment, nullable=False),
    Index("watches_state", "state"),
)

# What the heaviest applications used, by slot; the row without an application claims the slot.
usage_samples = _table(
    "usage_samples",
    Column("slot", Moment, primary_key=True),
    Column("cluster", Text, primary_key=True),
    Column("app", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("cores", Number, nullable=False),
    Column("measured", Count, nullable=False),
    Index("usage_samples_who", "who", "slot"),
)

# Core-hours by owner and queue, an hour a row; only of what was measured.
usage_sums = _table(
    "usage_sums",
    Column("hour", Moment, primary_key=True),
    Column("cluster", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    *_filled(Number, "used", "granted"),
)
