"""The records that the contract is run on, wherever they are kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.domain.knowledge import GuideFigures
from bot.ports import Clock
from bot.storage.database import Database
from bot.storage.records import SqlFeedback, SqlHistory, SqlIncidents
from bot.storage.usage_history import SqlUsageHistory
from tests.contract.memory import MemoryFeedback, MemoryIncidents, MemoryUsage


@dataclass(frozen=True)
class Records:
    """What each replica opens: all of them see the same rows, by the clock of the latest."""

    feedback: Callable[[Clock], SqlFeedback | MemoryFeedback]
    incidents: Callable[[Clock], SqlIncidents | MemoryIncidents]
    usage: Callable[[str], SqlUsageHistory | MemoryUsage]
    guides: Callable[[datetime], Awaitable[GuideFigures]]


def in_database(database: Database) -> Records:
    return Records(
        partial(SqlFeedback, database),
        partial(SqlIncidents, database),
        partial(SqlUsageHistory, database),
        SqlHistory(database).guides,
    )


def in_memory() -> Records:
    clusters: dict[str, MemoryUsage] = {}
    feedback, incidents = MemoryFeedback(), MemoryIncidents()

    def told(clock: Clock) -> MemoryFeedback:
        feedback.clock = clock
        return feedback

    def offered(clock: Clock) -> MemoryIncidents:
        incidents.clock = clock
        return incidents

    def sampled(cluster: str) -> MemoryUsage:
        return clusters.setdefault(cluster, MemoryUsage())

    return Records(told, offered, sampled, feedback.guides)
