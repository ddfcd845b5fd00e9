"""What runs or waits, in an order."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field as Argument

from bot.domain.applications import RunningApplications
from bot.domain.conversation import Listing, ListingRow, Query
from bot.domain.listings import MAX_ROWS, frozen, ranked
from bot.domain.selection_resolver import fitting
from bot.domain.selections import Both, Field, Having, Measure
from bot.errors import Missing
from bot.tools.toolbox import Toolbox, TypedTool, traced, typed

ROWS = 10
SHARED_S = 2.0  # so old may a read be within one turn


@dataclass(frozen=True, slots=True)
class Jobs:
    """What runs, as rows in the order asked for, and the read they come from."""

    rows: Sequence[ListingRow]
    snapshot: RunningApplications


@dataclass(frozen=True, slots=True)
class JobList:
    """The first rows of what matches, numbered, and how many match.

    `total_cores` and `total_memory` (bytes) are the cluster's, None where nothing tells them.
    `missing` names what could not be read: then the list may not be whole.
    """

    listing: Listing
    matching: int
    total_cores: float | None = None
    total_memory: int | None = None
    missing: tuple[Missing, ...] = ()


@dataclass(slots=True)
class _Turn:
    """The last read of what runs in a turn, and when it was had, by the loop's clock; its orders."""

    read: RunningApplications | None = None
    at: float = 0.0
    orders: dict[tuple[Measure, bool, bool], Sequence[ListingRow]] = field(default_factory=dict)


_TURN: ContextVar[_Turn | None] = ContextVar("turn", default=None)


@contextmanager
def one_turn() -> Iterator[None]:
    """Let what is looked up within share a fresh read of what runs: ten thousand are costly."""
    token = _TURN.set(_Turn())
    try:
        yield
    finally:
        _TURN.reset(token)


@traced
async def get_spark_jobs(tools: Toolbox, query: Query) -> Jobs:
    """Return the Spark applications that run (or wait) in the order asked for, heaviest first."""
    turn, now = _TURN.get() or _Turn(), asyncio.get_running_loop().time
    if turn.read is None or now() - turn.at > SHARED_S:
        turn.read, turn.at, turn.orders = await tools.applications.running(), now(), {}
    snapshot, order = turn.read, (query.by, query.ascending, query.waiting)
    if order not in turn.orders:
        turn.orders[order] = ranked(snapshot, query, tools.proposals.protected)
    return Jobs(turn.orders[order], snapshot)


def jobs_tool(tools: Toolbox) -> TypedTool:
    """Return the tool over its ports."""

    async def run(
        *,
        by: Measure = Measure.CPU,
        count: Annotated[int, Argument(ge=1, le=MAX_ROWS)] = ROWS,
        ascending: bool = False,
        waiting: bool = False,
        user: str = "",
        queue: str = "",
        name: str = "",
    ) -> JobList:
        """List Spark applications that run, or wait, heaviest first; only of a user, queue, name."""
        asked = {Field.USER: user, Field.QUEUE: queue, Field.NAME: name}
        only = tuple(Having(field, value) for field, value in asked.items() if value)
        query = Query(by, count, ascending, Both(only) if only else None, waiting)
        jobs = await get_spark_jobs(tools, query)
        snapshot, rows = jobs.snapshot, jobs.rows
        if query.only is not None:
            rows = fitting(query.only, rows, (), snapshot.taken_at)
        listing = frozen(rows, query, snapshot)
        totals = snapshot.total_cores, snapshot.total_memory
        return JobList(listing, len(rows), *totals, missing=snapshot.missing)

    return typed("get_spark_jobs", run)
