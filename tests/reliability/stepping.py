"""Runs coroutines one step at a time, in an order a test chooses, and crashes them anywhere.

The desk and its stores await nothing but their ports, so they need no event loop: each wait is a
`point` at which the scheduler may run another thread, let time pass, or end the process.
"""

import types
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import DangjikError, StorageError
from bot.storage import open_database as schema
from bot.storage.database import T, Work, open_sqlite, storage_error
from bot.storage.tables import METADATA, desk


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a thread waits for: its turn, and with `until` a time by the tick counter."""

    name: str
    until: float = 0.0


@types.coroutine
def point(name: str, until: float = 0.0) -> Generator[Waiting, None, None]:
    """Give the others a turn."""
    yield Waiting(name, until)


class Thread:
    """One coroutine of one replica."""

    def __init__(self, name: str, replica: int, work: Coroutine[Any, Any, Any]) -> None:
        self.name = name
        self.replica = replica
        self.done = False
        self.error: DangjikError | None = None
        self.waiting = Waiting("start")
        self._work = work

    def step(self) -> None:
        """Run to the next point. Errors of ours end the thread, as a task's boundary would."""
        try:
            self.waiting = self._work.send(None)
        except StopIteration:
            self.done = True
        except DangjikError as error:
            self.done, self.error = True, error

    def crash(self) -> None:
        """End without another word, as SIGKILL does."""
        self._work.close()
        self.done = True


class SteppedDatabase:
    """The real schema in memory; `fault` may make a commit fail, as a full disk would."""

    shared = True

    def __init__(self, connection: Connection, fault: Callable[[], bool] = lambda: False) -> None:
        self._connection = connection
        self._fault = fault
        self.commits = 0

    async def transact(self, work: Work[T]) -> T:
        await point("before commit")
        self.commits += 1
        outcome = self.run(work, fault=self._fault())
        await point("after commit")
        return outcome

    async def read(self, work: Work[T]) -> T:
        await point("read")
        return self.run(work)

    async def close(self) -> None:
        self._connection.close()

    def run(self, work: Work[T], *, fault: bool = False) -> T:
        try:
            with self._connection.begin():
                outcome = work(self._connection)
                if fault:
                    raise StorageError("disk full")
                return outcome
        except SQLAlchemyError as error:
            raise storage_error(error) from error


def fresh_memory() -> Connection:
    """Return a migrated database in memory."""
    connection = open_sqlite(Path(":memory:"), durable=False)
    with connection.begin():
        schema.migrate(connection)
    return connection


def wipe(connection: Connection) -> None:
    """Make the database as good as new."""
    with connection.begin():
        for table in METADATA.tables.values():
            if table is not desk:
                connection.execute(table.delete())
        connection.exec_driver_sql(
            "UPDATE desk SET seen = 0, audit_seq = 0, audit_hash = '', frozen = 0"
        )
