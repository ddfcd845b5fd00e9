"""Fixtures of the storage contract: the same tests on SQLite and on PostgreSQL, some in memory too."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.storage.database import Database
from bot.storage.open_database import open_database
from tests.contract.databases import empty, postgres_server
from tests.contract.records import Records, in_database, in_memory


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    return _address(request, tmp_path_factory)


@pytest.fixture
async def database(database_address: str) -> AsyncIterator[Database]:
    opened = await _opened(database_address)
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def records_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    return "" if request.param == "memory" else _address(request, tmp_path_factory)


@pytest.fixture
async def records(records_address: str) -> AsyncIterator[Records]:
    """Yield what several replicas keep in one place: in memory as in a database."""
    if not records_address:
        yield in_memory()
        return
    opened = await _opened(records_address)
    yield in_database(opened)
    await opened.close()


def _address(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return str(folders.mktemp("data") / "dangjik.db")
    address: str = request.getfixturevalue("postgres_url")
    return address


async def _opened(address: str) -> Database:
    opened = await open_database(address)
    if opened.shared:
        empty(address)
    return opened
