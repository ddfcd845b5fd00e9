"""Make the schema of the first release.

Nothing was released before, so this makes what `bot.storage.tables` says. The step that first
changes a released table writes the tables of that release out here.
"""

from alembic import op

from bot.storage.tables import METADATA

revision = "0006"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the one row of the desk."""
    METADATA.create_all(op.get_bind())
    op.execute("INSERT INTO desk VALUES (1, 0, 0, '', 0)")
