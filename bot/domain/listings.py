"""Making numbered lists out of what runs."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from bot.domain.applications import Application, ApplicationState, RunningApplications
from bot.domain.conversation import Listing, ListingRow, Query
from bot.domain.selections import Measure

MAX_ROWS = 20
DEFAULT_ROWS = 5

Protected = Callable[[str, str, str], bool]


def ranked(
    snapshot: RunningApplications, query: Query, protected: Protected
) -> tuple[ListingRow, ...]:
    """Return every matching application as a row, heaviest first; ties go by id.

    `query.only` is not applied here: it is resolved against the rows.
    """
    state = ApplicationState.WAITING if query.waiting else ApplicationState.RUNNING
    applications = sorted(
        (item for item in snapshot.applications if item.state is state),
        key=lambda item: (_weight(item, query.by, snapshot.taken_at), item.ref.id),
        reverse=not query.ascending,
    )
    return tuple(
        row_of(item, rank, snapshot, protected) for rank, item in enumerate(applications, start=1)
    )


def row_of(
    item: Application, rank: int, snapshot: RunningApplications, protected: Protected
) -> ListingRow:
    """Return one application as a numbered row."""
    return ListingRow(
        rank=rank,
        ref=item.ref,
        attempt=item.attempt,
        name=item.name,
        user=item.user,
        queue=item.queue,
        started_at=item.started_at,
        cores=item.cores,
        memory=item.memory,
        cores_basis=item.cores_basis.value,
        share=snapshot.share(item),
        state=item.state.value,
        protected=protected(item.name, item.user, item.queue),
    )


def frozen(rows: Iterable[ListingRow], query: Query, taken_at: datetime) -> Listing:
    """Return the listing that is shown: cut to the number asked for and numbered from 1."""
    count = min(query.count or DEFAULT_ROWS, MAX_ROWS)
    shown = tuple(rows)[:count]
    return Listing(
        taken_at=taken_at,
        by=query.by,
        rows=tuple(replace(row, rank=rank) for rank, row in enumerate(shown, start=1)),
    )


def _weight(item: Application, by: Measure, now: datetime) -> float:
    if by is Measure.MEMORY:
        return float(item.memory)
    if by is Measure.DURATION:
        return item.running_for(now).total_seconds()
    return item.cores
