"""Opening a database: made once, brought up to date, and refused when anything is wrong with it."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import StartError
from bot.storage.audit import Audit, SqlFreeze
from bot.storage.database import journal
from bot.storage.open_database import open_database
from tests.reliability.platform import Time


async def _make(path: Path) -> None:
    """Make a database with a few rows in its trail."""
    database = await open_database(path)
    freeze = SqlFreeze(database, Time().now)
    for number in range(6):
        await freeze.turn(on=number % 2 == 0, actor="operator")
    await database.close()


def _sql(*statements: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return damage


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_bytes(change(path.read_bytes()))

    return damage


def _instead(statement: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.unlink()
        _sql(statement)(path)

    return damage


def _swap_for_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[str, Callable[[Path], None]] = {
    "missing": lambda path: path.unlink(),
    "emptied": _bytes(lambda _: b""),
    "cut to one page": _bytes(lambda data: data[:4096]),
    "cut in half": _bytes(lambda data: data[: len(data) // 8192 * 4096]),
    "cut within a page": _bytes(lambda data: data[:-1000]),
    "header overwritten": _bytes(lambda data: b"\0" * 100 + data[100:]),
    "not a database": _bytes(lambda _: b"this is a text file\n" * 500),
    "random bytes": _bytes(lambda data: bytes((i * 7919) % 251 for i in range(len(data)))),
    "schema page overwritten": _bytes(lambda data: data[:100] + b"\xff" * 3100 + data[3200:]),
    "tables overwritten": _bytes(lambda data: data[:8192] + b"\xa5" * (len(data) - 8192)),
    "a new empty database in its place": _instead("VACUUM"),
    "another program's": _instead("CREATE TABLE t (a)"),
    "another program's mark": _sql("PRAGMA application_id = 7"),
    "a directory": _swap_for_directory,
    "a newer version's": _sql("UPDATE dangjik_schema SET version_num = '9999'"),
    "a table dropped": _sql("DROP TABLE votes"),
    "a unique key dropped": _sql("DROP INDEX targets_one_open"),
    "a column dropped": _sql("ALTER TABLE proposals DROP COLUMN digest"),
    "the desk's row deleted": _sql("DELETE FROM desk"),
    "an audit row edited": _sql("UPDATE audit SET actor = 'nobody' WHERE seq = 2"),
    "an audit row deleted": _sql("DELETE FROM audit WHERE seq = 3"),
    "the trail cut off": _sql("DELETE FROM audit WHERE seq > 3"),
}


@pytest.mark.parametrize("kind", DAMAGE)
async def test_a_damaged_file_ends_the_start(tmp_path: Path, kind: str) -> None:
    """One line says so; nothing is made anew in its place, and nothing is written."""
    path = tmp_path / "dangjik.db"
    await _make(path)
    DAMAGE[kind](path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StartError) as refused:
        await open_database(path)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    assert (path.read_bytes() if path.is_file() else None) == before


async def test_a_place_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    """A file where the directory should be, and an address that is none."""
    (tmp_path / "file").write_text("x")
    for where in (tmp_path / "file" / "dangjik.db", "mysql://h/db", "postgresql://[/"):
        with pytest.raises(StartError):
            await open_database(where)


async def test_a_password_never_reaches_the_message() -> None:
    """PostgreSQL that is not there is told without its address."""
    with pytest.raises(StartError) as refused:
        await open_database("postgresql://bot:hunter2secret@127.0.0.1:1/none")
    assert "hunter2secret" not in str(refused.value)


async def test_a_database_is_made_once_and_kept(tmp_path: Path) -> None:
    """For its owner alone; opened again, everything is there."""
    path = tmp_path / "data" / "dangjik.db"
    await _make(path)
    assert path.stat().st_mode & 0o077 == 0
    database = await open_database(path)
    assert len(await Audit(database).trail()) == 6
    await database.close()


async def test_starting_together_makes_one_schema(tmp_path: Path) -> None:
    """Eight openings of a new file at once all succeed."""
    path = tmp_path / "dangjik.db"
    opened = await asyncio.gather(*(open_database(path) for _ in range(8)))
    for each in opened:
        await each.close()


async def test_a_file_held_by_another_writer_is_an_error_not_a_wait(tmp_path: Path) -> None:
    """After a second the write is refused, so that the delivery is not acknowledged."""
    path = tmp_path / "dangjik.db"
    await _make(path)
    database = await open_database(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = asyncio.get_running_loop().time()
    with pytest.raises(Exception, match="locked"):
        await SqlFreeze(database, Time().now).turn(on=True, actor="x")
    assert asyncio.get_running_loop().time() - started < 3
    other.execute("ROLLBACK")
    other.close()
    assert await SqlFreeze(database, Time().now).turn(on=True, actor="x")
    await database.close()


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), ("DELETE", "EXTRA")),
        ((3, 51, 2), ("DELETE", "EXTRA")),
        ((3, 51, 3), ("WAL", "FULL")),
        ((3, 53, 0), ("WAL", "FULL")),
    ],
)
def test_the_journal_fits_the_version(version: tuple[int, ...], mode: tuple[str, str]) -> None:
    """WAL only where its reset is safe."""
    assert journal(version) == mode
