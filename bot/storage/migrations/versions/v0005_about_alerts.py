"""Remember what each investigated alert is, so that later posts of it are recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("investigations", sa.Column("about", sa.Text))
