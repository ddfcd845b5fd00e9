"""An upgrade from every earlier schema, a backup as the documents tell it, and the way back."""

import re
import sys
from asyncio import create_subprocess_exec
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import StartError
from bot.storage import open_database as schema
from bot.storage.audit import Audit, SqlFreeze
from bot.storage.database import begin_sqlite, open_sqlite, postgres_engine
from bot.storage.open_database import open_database
from tests.contract.databases import another

ROOT = Path(__file__).parents[2]
VERSIONS = sorted(
    path.name[1:5] for path in (ROOT / "bot/storage/migrations/versions").glob("v*.py")
)
FROZEN = "UPDATE desk SET frozen = 1"
DOCUMENTS = ("docs/operations.md", "docs/ko/operations.md")


def now() -> datetime:
    return datetime.now(UTC)


async def is_frozen(where: str | Path) -> bool:
    database = await open_database(where)
    try:
        assert (await Audit(database).verify()).sound
        return await SqlFreeze(database, now).on()
    finally:
        await database.close()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_sqlite_file_of_an_earlier_version_is_taken_along(
    tmp_path: Path, version: str
) -> None:
    """What was switched on in it stays on."""
    path = tmp_path / "dangjik.db"
    connection = open_sqlite(path)
    with begin_sqlite(connection, "BEGIN IMMEDIATE"):
        schema.check_ours(connection, path.with_suffix(".made"))
        schema.migrate(connection, version)
        connection.exec_driver_sql(FROZEN)
    connection.close()
    connection.engine.dispose()
    assert await is_frozen(path)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_postgres_database_of_an_earlier_version_is_taken_along(
    postgres_url: str, version: str
) -> None:
    """What was switched on in it stays on."""
    where = another(postgres_url, f"from_{version}")
    engine = postgres_engine(where, 1)
    with engine.begin() as connection:
        schema.migrate(connection, version)
        connection.exec_driver_sql(FROZEN)
    engine.dispose()
    assert await is_frozen(where)


@pytest.mark.parametrize("page", DOCUMENTS)
async def test_a_backup_by_the_documents_command_is_the_way_back(tmp_path: Path, page: str) -> None:
    """Taken while the bot runs; put back, it is what it was, and the trail is whole."""
    text = (ROOT / page).read_text(encoding="utf-8")
    (line,) = re.findall(r"^python -c \"(import sqlite3; .*)\"$", text, re.MULTILINE)
    folder = tmp_path / "data"
    database = await open_database(folder / "dangjik.db")
    try:
        await SqlFreeze(database, now).turn(on=True, actor="김당직")
        copying = await create_subprocess_exec(sys.executable, "-c", line, cwd=tmp_path)
        assert await copying.wait() == 0
        await SqlFreeze(database, now).turn(on=False, actor="김당직")
        newer = "UPDATE dangjik_schema SET version_num = '9999'"
        await database.transact(lambda connection: connection.exec_driver_sql(newer))
    finally:
        await database.close()
    with pytest.raises(StartError, match="made by a newer version: start that version"):
        await open_database(folder / "dangjik.db")
    (tmp_path / "backup-dangjik.db").replace(folder / "dangjik.db")
    for name in re.findall(r"`(dangjik\.db-\w+)`", text):
        (folder / name).unlink(missing_ok=True)
    assert await is_frozen(folder / "dangjik.db")
