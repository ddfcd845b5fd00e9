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

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Use the 64-bit integer of each database."""
        return dialect.type_descriptor(
            sa.Integer() if dialect.name == "sqlite" else sa.BigInteger()
        )

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

# What came in from Slack. The key makes every redelivery the same piece of work.
inbox = Table(
    "inbox",
    METADATA,
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
    sqlite_strict=True,
)

# What waits to be posted. A row is due while `wanted` is ahead of `sent`.
outbox = Table(
    "outbox",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("position", Count, nullable=False),
    Column("post", Json, nullable=False),
    Column("proposal_id", Text),
    Column("wanted", Count, nullable=False),
    Column("sent", Count, nullable=False),
    Column("claimed", Count, nullable=False),
    Column("open", Count, nullable=False),
    Column("tries", Count, nullable=False),
    Column("ts", Text),
    Column("due_at", Moment, nullable=False),
    Column("owner", Text),
    Column("lease_until", Moment),
    Column("reason", Json),
    Column("changed_at", Moment, nullable=False),
    Index("outbox_open", "open", "position"),
    Index("outbox_position", "position"),
    sqlite_strict=True,
)

# One row: the lock of the desk, its clock that never goes back, and the head of the audit chain.
desk = Table(
    "desk",
    METADATA,
    Column("id", Count, primary_key=True, autoincrement=False),
    Column("seen", Moment, nullable=False),
    Column("audit_seq", Count, nullable=False),
    Column("audit_hash", Text, nullable=False),
    Column("frozen", Count, nullable=False),
    sqlite_strict=True,
)

proposals = Table(
    "proposals",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread_ts", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("alert_key", Json, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("approvals_required", Count, nullable=False),
    Column("dry_run", Count, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("listed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("finished_at", Moment),
    Column("cpu_before", Number),
    Column("cpu_after", Number),
    Column("relaunched", Json, nullable=False),
    Column("watching", Count, nullable=False),  # 1 while the effect is still being watched
    Column("version", Count, nullable=False),
    Column("token", Count, nullable=False),
    Column("lease_until", Moment),
    Column("audit_head", Text, nullable=False),
    Column("number", Count, nullable=False),  # of its first audit row: the order of proposals
    Index("proposals_open", "state", "watching"),
    Index("proposals_thread", "channel", "thread_ts"),
    sqlite_strict=True,
)

# One row per application to be killed; `open` while its proposal may still kill it.
targets = Table(
    "targets",
    METADATA,
    Column("proposal_id", Text, primary_key=True),
    Column("position", Count, primary_key=True, autoincrement=False),
    Column("cluster", Text, nullable=False),
    Column("backend", Text, nullable=False),
    Column("application_id", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("snapshot", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("open", Count, nullable=False),
    sqlite_strict=True,
)
# At most one open proposal per application.
Index(
    "targets_one_open",
    targets.c.cluster,
    targets.c.backend,
    targets.c.application_id,
    targets.c.started_at,
    unique=True,
    sqlite_where=targets.c.open == 1,
    postgresql_where=targets.c.open == 1,
)

# One vote per person and proposal.
votes = Table(
    "votes",
    METADATA,
    Column("proposal_id", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("approve", Count, nullable=False),
    Column("envelope_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_strict=True,
)

# At most one kill request is ever begun per target.
attempts = Table(
    "attempts",
    METADATA,
    Column("proposal_id", Text, primary_key=True),
    Column("position", Count, primary_key=True, autoincrement=False),
    Column("cluster", Text, nullable=False),
    Column("calling_at", Moment, nullable=False),
    Index("attempts_recent", "cluster", "calling_at"),
    sqlite_strict=True,
)

# Every message the card stands in; a lost answer may have left two.
cards = Table(
    "cards",
    METADATA,
    Column("proposal_id", Text, primary_key=True),
    Column("ts", Text, primary_key=True),
    sqlite_strict=True,
)

# Written in the transaction of the change it tells of; each row's hash covers the one before.
audit = Table(
    "audit",
    METADATA,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("proposal_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_proposal", "proposal_id"),
    sqlite_strict=True,
)

investigations = Table(
    "investigations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("alert_key", Json, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread_ts", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("last_ts", Text, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("repeats", Count, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("about", Json),  # what the alert is, so that later posts find it; its first reply's id
    sqlite_strict=True,
)
# One open investigation per alert group and channel.
Index(
    "investigations_one_open",
    investigations.c.channel,
    investigations.c.alert_key,
    unique=True,
    sqlite_where=investigations.c.closed_at.is_(None),
    postgresql_where=investigations.c.closed_at.is_(None),
)

# Threads the bot takes part in.
threads = Table(
    "threads",
    METADATA,
    Column("channel", Text, primary_key=True),
    Column("thread_ts", Text, primary_key=True),
    Column("joined_at", Moment, nullable=False),
    sqlite_strict=True,
)

# Scheduled work: each slot is claimed once, whatever the number of replicas.
runs = Table(
    "runs",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("state", Text, nullable=False),  # running, done, failed
    Column("tries", Count, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", Moment, nullable=False),
    sqlite_strict=True,
)

# Posts of passages: what was searched for and shown, for their buttons.
guide_answers = Table(
    "guide_answers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("page", Count, nullable=False),
    Column("note", Json, nullable=False),
    Column("noted_at", Moment, nullable=False),
    Index("guide_answers_time", "noted_at"),
    sqlite_strict=True,
)

# One vote per person and answer (passage 0) or one of its passages (from 1).
guide_votes = Table(
    "guide_votes",
    METADATA,
    Column("answer_id", Text, primary_key=True),
    Column("passage", Count, primary_key=True, autoincrement=False),
    Column("user", Text, primary_key=True),
    Column("helpful", Count, nullable=False),
    Column("at", Moment, nullable=False),
    Index("guide_votes_time", "at"),
    sqlite_strict=True,
)

# Records of closed investigations, offered for keeping; the id is the investigation's.
incidents = Table(
    "incidents",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("incident", Json, nullable=False),
    Column("state", Text, nullable=False),  # offered, kept, discarded
    Column("offered_at", Moment, nullable=False),
    Column("decided_at", Moment),
    sqlite_strict=True,
)

# What a model has used, by day (of the operator's zone, such as 2026-11-22) and thread.
model_usage = Table(
    "model_usage",
    METADATA,
    Column("day", Text, primary_key=True),
    Column("thread", Text, primary_key=True),
    Column("calls", Count, nullable=False),
    Column("tokens", Count, nullable=False),
    sqlite_strict=True,
)

# What people wait to be told of.
watches = Table(
    "watches",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("thread_ts", Text, nullable=False),
    Column("watch", Json, nullable=False),
    Column("state", Text, nullable=False),  # open, told, cancelled, expired
    Column("changed_at", Moment, nullable=False),
    Index("watches_state", "state"),
    sqlite_strict=True,
)

# What the heaviest applications used, by slot; the row without an application claims the slot.
usage_samples = Table(
    "usage_samples",
    METADATA,
    Column("slot", Moment, primary_key=True),
    Column("cluster", Text, primary_key=True),
    Column("app", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("cores", Number, nullable=False),
    Column("measured", Count, nullable=False),
    Index("usage_samples_who", "who", "slot"),
    sqlite_strict=True,
)

# Core-hours by owner and queue, an hour a row; only of what was measured.
usage_sums = Table(
    "usage_sums",
    METADATA,
    Column("hour", Moment, primary_key=True),
    Column("cluster", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("used", Number, nullable=False),
    Column("granted", Number, nullable=False),
    sqlite_strict=True,
)
