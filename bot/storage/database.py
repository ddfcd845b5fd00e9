"""What every store stands on: units of work run in transactions, on SQLite or on PostgreSQL."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

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
