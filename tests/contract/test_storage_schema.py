"""The migrations make the very schema that the code speaks of, on both databases."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection

from bot.errors import StartError
from bot.storage.audit import Audit, SqlFreeze
from bot.storage.database import Database
from bot.storage.open_database import open_database
from bot.storage.tables import METADATA, attempts, proposals
from tests.contract.databases import another, empty
from tests.reliability.processes import Process, nothing

VERSION_TABLE = "dangjik_schema"


def _differences(connection: Connection) -> list[Any]:
    names = set(METADATA.tables) | {VERSION_TABLE}

    def ours(name: str | None, kind: str, _: Any) -> bool:
        return kind != "table" or name in names

    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "include_name": ours}
    )
    return list(compare_metadata(context, METADATA))


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    """No table, column, type or index differs."""
    assert await database.read(_differences) == []


async def test_replicas_that_start_together_all_start(database_address: str) -> None:
    """One migrates, the others wait for it."""
    opened = await asyncio.gather(*(open_database(database_address) for _ in range(4)))
    for each in opened:
        version = sa.text(f"SELECT version_num FROM {VERSION_TABLE}")
        assert await each.read(lambda c, query=version: c.scalar(query)) == "0006"  # type: ignore[misc]
        await each.close()


@pytest.mark.parametrize("table", [proposals, attempts], ids=lambda table: str(table.name))
async def test_rows_that_the_trail_tells_of_must_be_there(
    database: Database, database_address: str, tmp_path: Path, table: sa.Table
) -> None:
    """A table that was emptied, and the trail not, ends the start; an untouched one does not."""
    process = Process(database, tmp_path, nothing)
    card = await process.propose(1)
    await process.send()
    await process.deliver(card, "U1")
    await (await open_database(database_address)).close()
    await database.transact(lambda c: c.execute(sa.delete(table)))
    with pytest.raises(StartError, match=f"{table.name} lacks rows"):
        await open_database(database_address)
    if database.shared:
        empty(database_address)


async def test_a_postgres_database_of_the_c_locale_holds_korean(postgres_url: str) -> None:
    """Debian makes such ones where no locale is set; the trail's digests are over what is read."""
    address = another(postgres_url, "plain", "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    database = await open_database(address)
    try:
        await SqlFreeze(database, lambda: datetime.now(UTC)).turn(on=True, actor="김당직")
        trail = await Audit(database).trail()
        assert [entry.actor for entry in trail] == ["김당직"]
        assert (await Audit(database).verify()).sound
    finally:
        await database.close()
