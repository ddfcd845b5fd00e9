"""Make the table of what a model has used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "model_usage",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("calls", Count, nullable=False),
        sa.Column("tokens", Count, nullable=False),
        sqlite_strict=True,
    )
