"""What every store stands on: units of work run in transactions, on SQLite or on PostgreSQL."""

import asyncio
import fcntl
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from bot.errors import StartError, StorageError

if TYPE_CHECKING:  # it brings every room's values, and the emergency stop waits for them
    from bot.ports import Clock

T = TypeVar("T")
Work = Callable[[Connection], T]


class Database(Protocol):
    """Runs synchronous units of work off the event loop. Both ways raise StorageError."""

    @property
    def shared(self) -> bool:
        """Tell whether other processes may be at work on the same rows."""
        ...

    async def transact(self, work: Work[T]) -> T:
        """Run `work` in a transaction that is on disk when this returns.

        What `work` raises undoes its own writes alone, and comes out here.
        """
        ...

    async def read(self, work: Work[T]) -> T:
        """Run `work`, which writes nothing, and see every write that has returned."""
        ...

    async def close(self) -> None:
        """Finish what was handed in, then let go of the connections."""
        ...


class PostgresDatabase:
    """A few worker threads, each with a checked connection of the pool."""

    shared = True

    def __init__(self, engine: sa.Engine, workers: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="postgres")

    async def transact(self, work: Work[T]) -> T:
        """Run `work` in one transaction of its own."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._run, work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` in one transaction of its own."""
        return await self.transact(work)

    async def close(self) -> None:
        """Wait for running work and close the pool."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _run(self, work: Work[T]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise storage_error(error) from error


def postgres_engine(address: str, connections: int) -> sa.Engine:
    """Return an engine whose waits all end: connecting, locks, statements, idle transactions.

    Raises StartError, in whose line nothing of the address stands. A replica stopped in mid-transaction is cut off before those that wait for its locks give up.
    """
    try:
        url = sa.make_url(address)
    except (ArgumentError, ValueError):
        raise StartError("DATABASE_URL is not a database address") from None
    if url.get_backend_name() != "postgresql":
        raise StartError("DATABASE_URL must begin with postgresql://")
    limits = {
        "idle_in_transaction_session_timeout": "5s",
        "lock_timeout": "10s",
        "statement_timeout": "20s",
    }
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=connections,
        max_overflow=2,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "client_encoding": "utf8",  # a database made in the C locale would give bytes
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )


def storage_error(error: SQLAlchemyError) -> StorageError:
    """Return our error with the driver's first line; no statement, no parameters, no address."""
    cause = getattr(error, "orig", None) or error
    first = next(iter(str(cause).splitlines()), "")
    return StorageError(f"{type(cause).__name__}: {first}")


def insert_once(connection: Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert a row; False when a unique key says that it is there already."""
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(table).values(**row))
    except IntegrityError:
        return False
    return True


def equal(table: sa.Table, key: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a row has these values."""
    return sa.and_(*(table.c[name] == value for name, value in key.items()))


def add_up(
    connection: Connection, table: sa.Table, key: Mapping[str, Any], more: Mapping[str, float]
) -> bool:
    """Add to a row's numbers, in the row itself: replicas that add together lose nothing.

    True when the row is new.
    """
    new = insert_once(connection, table, {**key, **dict.fromkeys(more, 0)})
    sums = {name: table.c[name] + value for name, value in more.items()}
    connection.execute(sa.update(table).where(equal(table, key)).values(**sums))
    return new


class Store:
    """What the stores have in common: their database, and the time their rows are written with."""

    def __init__(self, database: Database, clock: "Clock") -> None:
        self._database = database
        self._clock = clock

    async def _insert(self, table: sa.Table, row: Mapping[str, Any]) -> bool:
        """Insert a row; False when it is there already."""
        return await self._database.transact(lambda c: insert_once(c, table, row))

    async def _execute(self, *statements: sa.Update | sa.Delete) -> int:
        """Change rows in one transaction; return how many."""
        return await self._database.transact(
            lambda c: sum(c.execute(each).rowcount for each in statements)
        )


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
    """One writer thread with one connection; reads go first, writes share a commit.

    A burst of deliveries would pay one disk flush each, some 20 ms. Whatever waits when the
    thread comes round is therefore committed together, each unit in a savepoint of its own: one
    that fails undoes its own writes, and nobody is told of success before the one flush.
    """

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
            with begin_sqlite(self._connection, "BEGIN"):
                outcome = unit.work(self._connection)
        except SQLAlchemyError as error:
            unit.future.set_exception(storage_error(error))
        except Exception as error:  # noqa: BLE001 - the caller's own error goes back to the caller
            unit.future.set_exception(error)
        else:
            unit.future.set_result(outcome)

    def _write(self, units: list[_Unit]) -> None:
        try:
            with begin_sqlite(self._connection, "BEGIN IMMEDIATE"):
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


def begin_sqlite(connection: Connection, how: str) -> sa.RootTransaction:
    """Begin a transaction: `BEGIN` to read, `BEGIN IMMEDIATE` to write."""
    connection.info["begin"] = how
    return connection.begin()


def open_sqlite(path: Path, *, durable: bool = True, busy: float = BUSY_SECONDS) -> Connection:
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


# For a command beside a running product: opened at once, and in nobody's way. Nothing is checked or
# migrated: that is for a start, and would hold the write lock for seconds.


BESIDE_SECONDS = 20.0  # a person waits for the command, and Slack for the product


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
        connection = open_sqlite(where, busy=BESIDE_SECONDS)
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
