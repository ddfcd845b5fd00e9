"""Fixtures of the storage contract: the same tests on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.storage.database import Database
from bot.storage.open_database import open_database
from tests.contract.databases import empty, postgres_server


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    if request.param == "sqlite":
        return str(tmp_path_factory.mktemp("data") / "dangjik.db")
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
async def database(database_address: str) -> AsyncIterator[Database]:
    opened = await open_database(database_address)
    if opened.shared:
        empty(database_address)
    yield opened
    await opened.close()
