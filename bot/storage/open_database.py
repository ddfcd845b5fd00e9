"""Opens the database at start: checks it, brings it up to date, or ends the start with one line."""

import asyncio
import os
from pathlib import Path

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartError
from bot.storage import schema, sqlite
from bot.storage.audit import check_chain
from bot.storage.database import Database, PostgresDatabase, postgres_engine, storage_error
from bot.storage.sqlite import SqliteDatabase

POSTGRES_WORKERS = 4
SQLITE = b"SQLite format 3\0"


async def open_database(where: str | Path, *, durable: bool = True) -> Database:
    """Open a SQLite file (a path) or PostgreSQL (`postgresql://...`), ready for use.

    Makes a new SQLite file only where none was made before. Raises StartError, whose line holds
    no password. `durable=False` is for throwaway SQLite data.
    """
    if isinstance(where, str) and "://" in where:
        return await asyncio.to_thread(_open_postgres, where)
    return await asyncio.to_thread(_open_sqlite, Path(where), durable)


def _open_postgres(where: str) -> Database:
    engine = postgres_engine(where, POSTGRES_WORKERS)
    try:
        with engine.connect() as connection, schema.advisory_lock(connection):
            with connection.begin():
                schema.be_patient(connection)
                schema.migrate(connection)
            with connection.begin():
                schema.be_patient(connection)
                schema.check_schema(connection)
                check_chain(connection)
                schema.check_rows(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StartError(f"PostgreSQL cannot be used: {storage_error(error)}") from error
    except StartError:
        engine.dispose()
        raise
    return PostgresDatabase(engine, POSTGRES_WORKERS)


def _open_sqlite(path: Path, durable: bool) -> Database:
    mark = path.with_name(path.name + ".made")
    try:
        _make_room(path, mark)
        connection = sqlite.connect(path, durable=durable)
    except OSError as error:
        raise StartError(f"{path} cannot be used: {error.strerror or error}") from error
    except SQLAlchemyError as error:
        raise StartError(f"{path} cannot be used: {storage_error(error)}") from error
    try:
        with schema.exclusive(connection):
            if schema.check_ours(connection):
                _begin_anew(connection, mark)
            schema.migrate(connection)
            schema.check_schema(connection)
            check_chain(connection)
            schema.check_rows(connection)
        mark.write_text(f"{path.name} was made here; it must never be missing or empty.\n")
    except (SQLAlchemyError, StartError, OSError) as error:
        connection.close()
        connection.engine.dispose()
        told = storage_error(error) if isinstance(error, SQLAlchemyError) else error
        raise StartError(f"{path}: {told}") from error
    return SqliteDatabase(connection)


def _begin_anew(connection: Connection, mark: Path) -> None:
    if mark.exists():
        raise StartError("it is empty, but was not before: restore a backup")
    schema.mark_ours(connection)


def _check_cut(path: Path) -> None:
    """Refuse a file cut within a page: SQLite would fill an empty last page with zeros, silently."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        head = file.read(18)
    page = int.from_bytes(head[16:18], "big")
    if head.startswith(SQLITE) and page > 1 and path.stat().st_size % page:
        raise StartError(f"{path}: the database file is damaged (cut short): restore a backup")


def _make_room(path: Path, mark: Path) -> None:
    """Make the file, for its owner alone, where none was made before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _check_cut(path)
        return
    if mark.exists():
        raise StartError(
            f"{path} is missing: restore a backup, or remove {mark.name} to begin anew"
        )
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
