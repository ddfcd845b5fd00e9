"""Opens the database for a command beside a running product: at once, and in nobody's way.

Nothing is checked or migrated: that is for a start, and would hold the write lock for seconds.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartError
from bot.storage import sqlite
from bot.storage.database import Database, PostgresDatabase, postgres_engine, storage_error
from bot.storage.sqlite import SqliteDatabase

BUSY_SECONDS = 20.0  # a person waits for the command, and Slack for the product


@asynccontextmanager
async def open_beside(where: str | Path) -> AsyncIterator[Database]:
    """Open what a start has made; where none was yet, make it as a start would.

    Raises StartError.
    """
    database = await asyncio.to_thread(_open, where)
    if database is None:
        from bot.storage.open_database import open_database  # noqa: PLC0415 - loads the migrations

        database = await open_database(where)
    try:
        yield database
    finally:
        await database.close()


def _open(where: str | Path) -> Database | None:
    if isinstance(where, str):
        return PostgresDatabase(postgres_engine(where, 1), 1)
    if not (where.exists() and where.stat().st_size):
        return None
    try:
        connection = sqlite.connect(where, busy=BUSY_SECONDS)
        with sqlite.begin(connection, "BEGIN"):
            mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    except SQLAlchemyError as error:
        raise StartError(f"{where} cannot be used: {storage_error(error)}") from error
    if mark != sqlite.APPLICATION_ID:
        raise StartError(f"{where} belongs to another program: choose another DATA_DIR")
    return SqliteDatabase(connection)
