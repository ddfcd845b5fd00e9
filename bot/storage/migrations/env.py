"""What Alembic runs: the steps over the connection it was handed, in the caller's transaction."""

from alembic import context

from bot.storage.tables import METADATA

VERSION_TABLE = "dangjik_schema"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
