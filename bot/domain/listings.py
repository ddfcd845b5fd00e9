"""Making numbered lists out of what runs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import overload

from bot.domain.applications import Application, ApplicationState, RunningApplications
from bot.domain.conversation import Listing, ListingRow, Query
from bot.domain.selections import Measure

MAX_ROWS = 20
DEFAULT_ROWS = 5

Protected = Callable[[str, str, str], bool]
_id = attrgetter("ref.id")


class RankedRows(Sequence[ListingRow]):
    """Applications in order, as numbered rows; a row is made when it is looked at.

    Of ten thousand that run, a list shows a few.
    """

    def __init__(
        self, ordered: Sequence[Application], snapshot: RunningApplications, protected: Protected
    ) -> None:
        self._ordered = ordered
        self._snapshot = snapshot
        self._protected = protected

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ordered)

    @overload
    def __getitem__(self, index: int) -> ListingRow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ListingRow, ...]: ...
    def __getitem__(self, index: int | slice) -> ListingRow | tuple[ListingRow, ...]:
        """Return the row at an index, or those of a slice."""
        places = range(len(self._ordered))[index]
        if isinstance(places, range):
            return tuple(self._row(place) for place in places)
        return self._row(places)

    def _row(self, place: int) -> ListingRow:
        return row_of(self._ordered[place], place + 1, self._snapshot, self._protected)


def ranked(snapshot: RunningApplications, query: Query, protected: Protected) -> RankedRows:
    """Return every matching application as a row, heaviest first; ties go by id.

    `query.only` is not applied here: it is resolved against the rows.
    """
    state = ApplicationState.WAITING if query.waiting else ApplicationState.RUNNING
    applications = [item for item in snapshot.applications if item.state is state]
    # Two stable sorts by one value each cost less than one by pairs, and there may be 10,000.
    for value in (_id, _weight(query.by, snapshot.taken_at)):
        applications.sort(key=value, reverse=not query.ascending)
    return RankedRows(applications, snapshot, protected)


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


def frozen(rows: Sequence[ListingRow], query: Query, taken_at: datetime) -> Listing:
    """Return the listing that is shown: cut to the number asked for and numbered from 1."""
    count = min(query.count or DEFAULT_ROWS, MAX_ROWS)
    return Listing(
        taken_at=taken_at,
        by=query.by,
        rows=tuple(replace(row, rank=rank) for rank, row in enumerate(rows[:count], start=1)),
    )


def _weight(by: Measure, now: datetime) -> Callable[[Application], float | timedelta]:
    """Return what a measure orders by; a list by duration runs from the longest."""
    if by is Measure.MEMORY:
        return attrgetter("memory")
    if by is Measure.DURATION:
        return lambda item: item.running_for(now)
    return attrgetter("cores")
