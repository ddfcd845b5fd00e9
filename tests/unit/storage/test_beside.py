"""Commands beside a running product: at once, and never in its way."""

import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import build
from bot.doctor.examination import _storage
from bot.doctor.findings import Level
from bot.errors import StartError
from bot.settings import DATABASE_FILE, load_settings
from bot.storage import audit
from bot.storage.audit import Audit, SqlFreeze
from bot.storage.database import Database, T, Work, hold_data_dir, open_beside
from bot.storage.open_database import open_database
from tests.reliability.platform import Time

NOW = Time().now


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a product's own database, with a few entries in its trail."""
    database = await open_database(tmp_path / DATABASE_FILE)
    for number in range(6):
        await SqlFreeze(database, NOW).turn(on=number % 2 == 0, actor="operator")
    yield database
    await database.close()


class Between:
    """Lets another process write after each read of a database, waiting for nobody's lock."""

    shared = False

    def __init__(self, inner: Database, path: Path) -> None:
        self.writes = 0
        self._inner = inner
        self._other = sqlite3.connect(path, timeout=0)

    async def read(self, work: Work[T]) -> T:
        found = await self._inner.read(work)
        self._other.execute("UPDATE desk SET seen = seen + 1")
        self._other.commit()
        self.writes += 1
        return found

    async def transact(self, work: Work[T]) -> T:
        return await self._inner.transact(work)

    async def close(self) -> None:
        self._other.close()


async def test_a_freeze_stops_kills_on_a_file_that_no_start_would_take(
    tmp_path: Path, running: Database
) -> None:
    """The emergency stop checks nothing first: what is damaged elsewhere is for a start to find."""
    await running.transact(lambda c: c.exec_driver_sql("DROP TABLE guide_votes"))
    with pytest.raises(StartError):
        await open_database(tmp_path / DATABASE_FILE)
    async with open_beside(tmp_path / DATABASE_FILE) as database:
        assert await SqlFreeze(database, NOW).turn(on=True, actor="cli")
    assert await SqlFreeze(running, NOW).on()


async def test_clicks_are_kept_while_the_trail_is_verified(
    tmp_path: Path, running: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two pages of it the product writes without waiting."""
    monkeypatch.setattr(audit, "PAGE", 2)
    async with open_beside(tmp_path / DATABASE_FILE) as inner:
        database = Between(inner, tmp_path / DATABASE_FILE)
        found = await Audit(database).verify()
        await database.close()
    assert (found.sound, found.rows, database.writes) == (True, 6, 4)


async def test_the_trail_and_the_doctor_read_while_the_product_writes(
    tmp_path: Path, running: Database
) -> None:
    """They ask for no write lock: the product's is held all the while."""
    settings = load_settings(_env_file=None, data_dir=tmp_path, health_port=0)
    writer = sqlite3.connect(tmp_path / DATABASE_FILE, timeout=0)
    writer.execute("BEGIN IMMEDIATE")
    with hold_data_dir(tmp_path):
        async with open_beside(settings.database) as database:
            assert len(await Audit(database).trail()) == 6
        checks = await _storage(settings, NOW)
    writer.close()
    assert [each.level for each in checks] == [Level.OK]


async def test_a_second_run_on_one_data_dir_is_told_who_holds_it(tmp_path: Path) -> None:
    """One line with the pid; once that process has ended, however it did, the next one starts."""
    settings = load_settings(_env_file=None, data_dir=tmp_path)
    with hold_data_dir(tmp_path) as other:
        assert other == ""
        with pytest.raises(StartError, match=rf"in use by process {os.getpid()}: end that one"):
            async with build(settings):
                pass
    with pytest.raises(StartError, match="SLACK_BOT_TOKEN"):
        async with build(settings):
            pass


async def test_commands_before_the_first_start_make_the_database(tmp_path: Path) -> None:
    """A freeze before anything ran holds for the first run."""
    async with open_beside(tmp_path / DATABASE_FILE) as database:
        await SqlFreeze(database, NOW).turn(on=True, actor="cli")
    database = await open_database(tmp_path / DATABASE_FILE)
    assert await SqlFreeze(database, NOW).on()
    await database.close()


async def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    """One line, and nothing written."""
    path = tmp_path / DATABASE_FILE
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(StartError, match="belongs to another program"):
        async with open_beside(path):
            pass
