"""Make the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Number: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def _make_messages() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("received_at", Count, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", Count, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", Count),
        sa.Column("finished_at", Count),
        sqlite_strict=True,
    )
    op.create_index(
        "inbox_open",
        "inbox",
        ["state", "received_at"],
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("position", Count, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("proposal_id", sa.Text),
        sa.Column("wanted", Count, nullable=False),
        sa.Column("sent", Count, nullable=False),
        sa.Column("claimed", Count, nullable=False),
        sa.Column("open", Count, nullable=False),
        sa.Column("tries", Count, nullable=False),
        sa.Column("ts", sa.Text),
        sa.Column("due_at", Count, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("lease_until", Count),
        sa.Column("reason", sa.Text),
        sa.Column("changed_at", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_index(
        "outbox_open",
        "outbox",
        ["open", "position"],
    )
    op.create_index(
        "outbox_position",
        "outbox",
        ["position"],
    )
    op.create_table(
        "investigations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("alert_key", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("thread_ts", sa.Text, nullable=False),
        sa.Column("opened_at", Count, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("last_ts", sa.Text, nullable=False),
        sa.Column("last_at", Count, nullable=False),
        sa.Column("repeats", Count, nullable=False),
        sa.Column("closed_at", Count),
        sa.Column("closed_by", sa.Text),
        sqlite_strict=True,
    )
    op.create_index(
        "investigations_one_open",
        "investigations",
        ["channel", "alert_key"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "threads",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("thread_ts", sa.Text, primary_key=True),
        sa.Column("joined_at", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "runs",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("slot", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", Count, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("lease_until", Count, nullable=False),
        sqlite_strict=True,
    )


def _make_desk() -> None:
    op.create_table(
        "desk",
        sa.Column("id", Count, primary_key=True, autoincrement=False),
        sa.Column("seen", Count, nullable=False),
        sa.Column("audit_seq", Count, nullable=False),
        sa.Column("audit_hash", sa.Text, nullable=False),
        sa.Column("frozen", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("thread_ts", sa.Text, nullable=False),
        sa.Column("requester", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("alert_key", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("approvals_required", Count, nullable=False),
        sa.Column("dry_run", Count, nullable=False),
        sa.Column("created_at", Count, nullable=False),
        sa.Column("listed_at", Count, nullable=False),
        sa.Column("expires_at", Count, nullable=False),
        sa.Column("decided_at", Count),
        sa.Column("finished_at", Count),
        sa.Column("cpu_before", Number),
        sa.Column("cpu_after", Number),
        sa.Column("relaunched", sa.Text, nullable=False),
        sa.Column("watching", Count, nullable=False),
        sa.Column("version", Count, nullable=False),
        sa.Column("token", Count, nullable=False),
        sa.Column("lease_until", Count),
        sa.Column("audit_head", sa.Text, nullable=False),
        sa.Column("number", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_index(
        "proposals_open",
        "proposals",
        ["state", "watching"],
    )
    op.create_index(
        "proposals_thread",
        "proposals",
        ["channel", "thread_ts"],
    )


def _make_kills() -> None:
    op.create_table(
        "targets",
        sa.Column("proposal_id", sa.Text, primary_key=True),
        sa.Column("position", Count, primary_key=True, autoincrement=False),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("backend", sa.Text, nullable=False),
        sa.Column("application_id", sa.Text, nullable=False),
        sa.Column("started_at", Count, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("open", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_index(
        "targets_one_open",
        "targets",
        ["cluster", "backend", "application_id", "started_at"],
        unique=True,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.create_table(
        "votes",
        sa.Column("proposal_id", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("approve", Count, nullable=False),
        sa.Column("envelope_id", sa.Text, nullable=False),
        sa.Column("at", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "attempts",
        sa.Column("proposal_id", sa.Text, primary_key=True),
        sa.Column("position", Count, primary_key=True, autoincrement=False),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("calling_at", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_index(
        "attempts_recent",
        "attempts",
        ["cluster", "calling_at"],
    )
    op.create_table(
        "cards",
        sa.Column("proposal_id", sa.Text, primary_key=True),
        sa.Column("ts", sa.Text, primary_key=True),
        sqlite_strict=True,
    )
    op.create_table(
        "audit",
        sa.Column("seq", Count, primary_key=True, autoincrement=False),
        sa.Column("at", Count, nullable=False),
        sa.Column("proposal_id", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index(
        "audit_proposal",
        "audit",
        ["proposal_id"],
    )


def upgrade() -> None:
    """Make the tables, and the one row of the desk."""
    _make_messages()
    _make_desk()
    _make_kills()
    op.execute("INSERT INTO desk VALUES (1, 0, 0, '', 0)")
