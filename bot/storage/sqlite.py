"""SQLite: one writer thread with one connection, and group commit.

A burst of deliveries would pay one disk flush each, some 20 ms. Whatever waits when the thread
comes round is therefore committed together, each unit in a savepoint of its own: one that fails
undoes its own writes, and nobody is told of success before the one flush that covers all.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from bot.errors import StorageError
from bot.storage.database import T, Work, storage_error

LARGEST_GROUP = 256
BUSY_SECONDS = 1.0
WAL_SAFE_SINCE = (3, 51, 3)
APPLICATION_ID = 0x44414E47  # "DANG", in the header of our files


@dataclass(frozen=True, slots=True)
class _Unit:
    work: Callable[[Connection], Any]
    writes: bool
    future: Future[Any]


def journal(version: tuple[int, ...]) -> tuple[str, str]:
    """Return journal mode and synchronous level that are safe with this SQLite.

    Before 3.51.3 a WAL file may be reset under a second connection and lose commits (release
    notes of SQLite 3.51.3), so a rollback journal is used, with its directory flushed too.
    """
    return ("WAL", "FULL") if version >= WAL_SAFE_SINCE else ("DELETE", "EXTRA")


class SqliteDatabase:
    """Runs units of work on the writer thread; reads go first, writes share a commit."""

    shared = False

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._units: SimpleQueue[_Unit | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="sqlite", daemon=True)
        self._thread.start()

    async def transact(self, work: Work[T]) -> T:
        """Run `work` within the next group commit."""
        return await self._hand_in(work, writes=True)

    async def read(self, work: Work[T]) -> T:
        """Run `work` between two commits: it sees nothing that is not on disk."""
        return await self._hand_in(work, writes=False)

    async def close(self) -> None:
        """Finish what was handed in and close the file."""
        if not self._closed:
            self._closed = True
            self._units.put(None)
            await asyncio.to_thread(self._thread.join)

    async def _hand_in(self, work: Work[T], *, writes: bool) -> T:
        if self._closed:
            raise StorageError("the database is closed")
        future: Future[T] = Future()
        self._units.put(_Unit(work, writes, future))
        return await asyncio.wrap_future(future)

    def _serve(self) -> None:
        serving = True
        while serving:
            group = self._next_group()
            serving = None not in group
            units = [unit for unit in group if unit and unit.future.set_running_or_notify_cancel()]
            for unit in units:
                if not unit.writes:
                    self._read(unit)
            writes = [unit for unit in units if unit.writes]
            if writes:
                self._write(writes)
        engine = self._connection.engine
        self._connection.close()
        engine.dispose()

    def _next_group(self) -> list[_Unit | None]:
        group = [self._units.get()]
        try:
            while len(group) < LARGEST_GROUP:
                group.append(self._units.get_nowait())
        except Empty:
            pass
        return group

    def _read(self, unit: _Unit) -> None:
        try:
            with begin(self._connection, "BEGIN"):
                outcome = unit.work(self._connection)
        except SQLAlchemyError as error:
            unit.future.set_exception(storage_error(error))
        except Exception as error:  # noqa: BLE001 - the caller's own error goes back to the caller
            unit.future.set_exception(error)
        else:
            unit.future.set_result(outcome)

    def _write(self, units: list[_Unit]) -> None:
        try:
            with begin(self._connection, "BEGIN IMMEDIATE"):
                tell = [self._step(unit) for unit in units]
        except SQLAlchemyError as error:
            for unit in units:
                unit.future.set_exception(storage_error(_first(error)))
        else:
            for say in tell:
                say()

    def _step(self, unit: _Unit) -> Callable[[], None]:
        """Run one unit in its savepoint; return how to tell its caller after the commit."""
        savepoint = self._connection.begin_nested()
        problem: Exception
        try:
            outcome = unit.work(self._connection)
        except SQLAlchemyError as error:
            if not _in_transaction(self._connection):
                raise  # a full disk ends the whole transaction, so all units fail
            problem = storage_error(error)
        except Exception as error:  # noqa: BLE001 - the caller's own error goes back to the caller
            problem = error
        else:
            savepoint.commit()
            return lambda: unit.future.set_result(outcome)
        savepoint.rollback()
        return lambda: unit.future.set_exception(problem)


def _in_transaction(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    return isinstance(driver, sqlite3.Connection) and driver.in_transaction


def _first(error: SQLAlchemyError) -> SQLAlchemyError:
    """Return what went wrong first: once the transaction is gone, leaving savepoints fails too."""
    earlier = error.__context__
    while earlier is not None:
        if isinstance(earlier, SQLAlchemyError):
            error = earlier
        earlier = earlier.__context__
    return error


def begin(connection: Connection, how: str) -> sa.RootTransaction:
    """Begin a transaction: `BEGIN` to read, `BEGIN IMMEDIATE` to write."""
    connection.info["begin"] = how
    return connection.begin()


def connect(path: Path, *, durable: bool = True, busy: float = BUSY_SECONDS) -> Connection:
    """Open the file with the settings that are safe for this SQLite.

    `busy` is how many seconds another process's lock is waited for. `durable=False` leaves out
    the disk flushes; only for data that may be lost.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": busy, "isolation_level": None},
    )
    mode, synchronous = journal(sqlite3.sqlite_version_info)

    @sa.event.listens_for(engine, "connect")
    def _set_up(driver: sqlite3.Connection, _record: object) -> None:
        driver.execute(f"PRAGMA journal_mode={mode if durable else 'MEMORY'}")
        driver.execute(f"PRAGMA synchronous={synchronous if durable else 'OFF'}")
        driver.execute("PRAGMA trusted_schema=OFF")

    @sa.event.listens_for(engine, "begin")
    def _begin_as_asked(connection: Connection) -> None:
        connection.exec_driver_sql(connection.info.get("begin", "BEGIN IMMEDIATE"))

    return engine.connect()
