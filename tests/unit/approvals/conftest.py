"""A bench per test over one database in memory."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection

from tests.reliability.bench import Bench
from tests.reliability.stepping import fresh_memory


@pytest.fixture(scope="session")
def memory() -> Iterator[Connection]:
    connection = fresh_memory()
    yield connection
    connection.close()


@pytest.fixture
def bench(memory: Connection) -> Bench:
    return Bench(memory)
