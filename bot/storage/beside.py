"""Opens the database for a command beside a running product: at once, and in nobody's way.

Nothing is checked or migrated: that is for a start, and would hold the write lock for seconds.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartError
from bot.storage.database import (
    APPLICATION_ID,
    Database,
    PostgresDatabase,
    SqliteDatabase,
    begin_sqlite,
    open_sqlite,
    postgres_engine,
    storage_error,
)

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
        connection = open_sqlite(where, busy=BUSY_SECONDS)
        with begin_sqlite(connection, "BEGIN"):
            mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    except SQLAlchemyError as error:
        raise StartError(f"{where} cannot be used: {storage_error(error)}") from error
    if mark != APPLICATION_ID:
        raise StartError(f"{where} belongs to another program: choose another DATA_DIR")
    return SqliteDatabase(connection)


# One product per DATA_DIR: a lock that ends with its process, however that ends.


LOCK_FILE = "dangjik.lock"


@contextmanager
def hold_data_dir(folder: Path) -> Iterator[str]:
    """Hold the folder; gives "" or, where another process holds it, that one's pid.

    Raises StartError for a folder that cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(f"{folder} cannot be used: {error.strerror or error}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield os.read(lock, 20).decode(errors="replace").strip() or "unknown"
            return
        os.truncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        yield ""
    finally:
        os.close(lock)
