"""Opens the database at start: checks it, brings it up to date, or ends the start with one line."""

import asyncio
import os
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartError
from bot.storage.audit import check_chain
from bot.storage.database import (
    APPLICATION_ID,
    BUSY_SECONDS,
    Database,
    PostgresDatabase,
    SqliteDatabase,
    begin_sqlite,
    open_sqlite,
    postgres_engine,
    storage_error,
)
from bot.storage.tables import METADATA, attempts, audit, desk, proposals

MIGRATION_LOCK = 0x6D6967726174  # an advisory lock of PostgreSQL, of ours alone
LOCK_SECONDS = 60  # that long one that starts waits for another's migration
POSTGRES_WORKERS = 4
SQLITE = b"SQLite format 3\0"


def migrate(connection: Connection, to: str = "head") -> None:
    """Run the missing steps in the caller's transaction. Raises StartError."""
    config = Config()
    config.set_main_option("script_location", "bot.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        if "locate revision" in str(error):
            raise StartError(
                "the database was made by a newer version: start that version"
            ) from error
        raise StartError(f"the database cannot be brought to this version: {error}") from error


def check_ours(connection: Connection, mark: Path) -> None:
    """Check a SQLite file before anything is written, and mark an empty one as ours.

    Raises StartError when it is damaged, another program's, or was not empty before.
    """
    report = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(3)")]
    if report != ["ok"]:
        found = " ".join(" ".join(report).split())
        raise StartError(f"the database file is damaged ({found[:200]}): restore a backup")
    owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if owner == 0 and tables == 0:
        if mark.exists():
            raise StartError("it is empty, but was not before: restore a backup")
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    elif owner != APPLICATION_ID:
        raise StartError("the database file belongs to another program: choose another DATA_DIR")


def check_contents(connection: Connection) -> None:
    """Check schema, trail, and that the rows are there which the trail tells of."""
    check_schema(connection)
    check_chain(connection)
    check_rows(connection)


def check_schema(connection: Connection) -> None:
    """Check that every table, column and unique key is there. Raises StartError.

    A missing unique key would silently end a guarantee, so it ends the start instead.
    """
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    for table in METADATA.sorted_tables:
        if table.name not in there:
            raise StartError(f"the database lacks its table {table.name}: restore a backup")
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        key = inspector.get_pk_constraint(table.name)["constrained_columns"]
        indexes = {
            (index["name"], bool(index["unique"])) for index in inspector.get_indexes(table.name)
        }
        whole = (
            columns == set(table.columns.keys())
            and key == [column.name for column in table.primary_key]
            and {(index.name, bool(index.unique)) for index in table.indexes} <= indexes
        )
        if not whole:
            raise StartError(f"the database's table {table.name} was changed: restore a backup")
    if connection.execute(sa.select(sa.func.count()).select_from(desk)).scalar_one() != 1:
        raise StartError("the database lacks its desk row: restore a backup")


def check_rows(connection: Connection) -> None:
    """Check that the rows the audit trail tells of are there. Raises StartError.

    Without its row a proposal could be made anew, and a target be called a second time.
    """
    for event, table in (("proposed", proposals), ("calling", attempts)):
        told = sa.select(sa.func.count()).where(audit.c.event == event).scalar_subquery()
        kept = sa.select(sa.func.count()).select_from(table).scalar_subquery()
        # One statement is one snapshot: replicas go on writing meanwhile.
        if not connection.scalar(sa.select(told == kept)):
            raise StartError(
                f"the database's table {table.name} lacks rows that the audit trail tells of:"
                " restore a backup"
            )


def be_patient(connection: Connection) -> None:
    """Let this transaction of PostgreSQL take minutes: a long trail is checked row by row."""
    for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {limit} = '10min'")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")


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
        with engine.begin() as connection:  # replicas that start together go one by one
            be_patient(connection)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            migrate(connection)
        with engine.begin() as connection:
            be_patient(connection)
            check_contents(connection)
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
        connection = open_sqlite(path, durable=durable, busy=LOCK_SECONDS)
    except OSError as error:
        raise StartError(f"{path} cannot be used: {error.strerror or error}") from error
    except SQLAlchemyError as error:
        raise StartError(f"{path} cannot be used: {storage_error(error)}") from error
    try:
        with begin_sqlite(connection, "BEGIN IMMEDIATE"):
            check_ours(connection, mark)
            migrate(connection)
            check_contents(connection)
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
        mark.write_text(f"{path.name} was made here; it must never be missing or empty.\n")
    except (SQLAlchemyError, StartError, OSError) as error:
        connection.close()
        connection.engine.dispose()
        told = storage_error(error) if isinstance(error, SQLAlchemyError) else error
        raise StartError(f"{path}: {told}") from error
    return SqliteDatabase(connection)


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
