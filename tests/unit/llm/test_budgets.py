"""What turns, threads and days may cost, over restarts and replicas, and without a database."""

from pathlib import Path
from zoneinfo import ZoneInfo

from bot.agents.model.limits import Budgets, Limits
from bot.agents.model.port import ModelFailure, UsageKey
from bot.errors import StorageError
from bot.storage.open_database import open_database
from bot.storage.records import SqlSpending
from tests.flow.world import now

LIMITS = Limits(turn_tokens=1_000_000, thread_tokens=100, day_tokens=250)


def bill(turn: int, thread: str = "C1:1.0") -> UsageKey:
    return UsageKey(f"turn-{turn}", thread)


class NoDatabase:
    """A count that cannot be reached."""

    async def spent(self, thread: str) -> tuple[int, int]:
        raise StorageError(thread)

    async def add(self, thread: str, calls: int, tokens: int) -> None:
        raise StorageError(f"{thread} {calls} {tokens}")


async def test_a_restarted_replica_knows_what_was_used(tmp_path: Path) -> None:
    """A thread's and a day's tokens outlive the process; another process's count as well."""
    database = await open_database(tmp_path / "dangjik.db")
    common = SqlSpending(database, now, ZoneInfo("Asia/Seoul"))
    first = Budgets(lambda: 1.0, LIMITS, common)
    await first.book(bill(1), 60)
    second = Budgets(lambda: 500_000.0, LIMITS, common)
    assert await second.seconds_left(bill(2)) == 20.0
    await second.book(bill(2), 60)
    for replica in (first, second):
        assert await replica.seconds_left(bill(3)) is ModelFailure.BUDGET, "the thread's"
        assert await replica.seconds_left(bill(4, "C2:2.0")) == 20.0
    await first.book(bill(5, "C2:2.0"), 150)
    assert await second.seconds_left(bill(6, "C3:3.0")) is ModelFailure.BUDGET, "the day's"
    await database.close()


async def test_without_a_database_our_own_count_holds() -> None:
    """Neither reading nor booking fails; what this process used still counts."""
    budgets = Budgets(lambda: 1.0, LIMITS, NoDatabase())
    assert await budgets.seconds_left(bill(1)) == 20.0
    await budgets.book(bill(1), 100)
    assert await budgets.seconds_left(bill(2)) is ModelFailure.BUDGET
    assert budgets.today == (1, 100)
