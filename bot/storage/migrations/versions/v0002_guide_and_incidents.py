"""Make the tables of guide answers, their votes, and incidents offered for keeping."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "guide_answers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("page", Count, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("noted_at", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("guide_answers_time", "guide_answers", ["noted_at"])
    op.create_table(
        "guide_votes",
        sa.Column("answer_id", sa.Text, primary_key=True),
        sa.Column("passage", Count, primary_key=True, autoincrement=False),
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("helpful", Count, nullable=False),
        sa.Column("at", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("guide_votes_time", "guide_votes", ["at"])
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("offered_at", Count, nullable=False),
        sa.Column("decided_at", Count),
        sqlite_strict=True,
    )
