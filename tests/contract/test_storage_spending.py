"""What a model has used, on SQLite and on PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.storage.database import Database
from bot.storage.open_database import open_database
from bot.storage.records import SqlSpending

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


async def test_replicas_count_together(database: Database, database_address: str) -> None:
    """Tokens added by several at the same time all count, for the thread and for the day."""
    other = await open_database(database_address)
    here, there = (SqlSpending(each, Clock(), SEOUL) for each in (database, other))
    await asyncio.gather(
        *(each.add("C1:1.0", 1, 10) for each in (here, there) for _ in range(5)),
        *(each.add("C2:2.0", 1, 100) for each in (here, there)),
    )
    assert await here.spent("C1:1.0") == await there.spent("C1:1.0") == (100, 300)
    assert await here.spent("C3:3.0") == (0, 300)
    await other.close()


async def test_a_restart_does_not_begin_a_new_day(
    database: Database, database_address: str
) -> None:
    """Whoever opens the database next reads what was used before."""
    await SqlSpending(database, Clock(), SEOUL).add("C1:1.0", 2, 77)
    again = await open_database(database_address)
    assert await SqlSpending(again, Clock(), SEOUL).spent("C1:1.0") == (77, 77)
    await again.close()


async def test_a_day_begins_at_midnight_in_the_zone(database: Database) -> None:
    """Midnight in Seoul is 15:00 UTC; what is older than five weeks is forgotten."""
    clock = Clock()
    rows = SqlSpending(database, clock, SEOUL)
    await rows.add("C1:1.0", 1, 10)
    clock.now = NOON + timedelta(hours=11, minutes=59)
    assert await rows.spent("C1:1.0") == (10, 10)
    clock.now = NOON + timedelta(hours=12)
    assert await rows.spent("C1:1.0") == (0, 0)
    clock.now = NOON + timedelta(days=40)
    await rows.add("C9:9.0", 1, 1)
    clock.now = NOON
    assert await rows.spent("C1:1.0") == (0, 0)
