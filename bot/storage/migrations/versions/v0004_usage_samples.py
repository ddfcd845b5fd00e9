"""Make the table of what the heaviest applications used."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Number: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "usage_samples",
        sa.Column("slot", Count, primary_key=True, autoincrement=False),
        sa.Column("cluster", sa.Text, primary_key=True),
        sa.Column("app", sa.Text, primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("started_at", Count, nullable=False),
        sa.Column("cores", Number, nullable=False),
        sa.Column("measured", Count, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("usage_samples_who", "usage_samples", ["who", "slot"])
