"""Making numbered lists out of what runs."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import inf

from bot.domain.applications import (
    ApplicationState,
    ApplicationSummary,
    Basis,
    Lazy,
    RunningApplications,
    outlines,
)
from bot.domain.conversation import Listing, ListingRow, Query
from bot.domain.core_usage import wasted_cores
from bot.domain.selections import Field, Measure

MAX_ROWS = 20
DEFAULT_ROWS = 5

Protected = Callable[[str, str, str], bool]


def ranked(snapshot: RunningApplications, query: Query, protected: Protected) -> Lazy[ListingRow]:
    """Return every matching application as a row, heaviest first; ties go by id.

    `query.only` is not applied here: it is resolved against the rows. Of ten thousand that run, a
    list shows a few, so a row is made when it is looked at.
    """
    state = ApplicationState.WAITING if query.waiting else ApplicationState.RUNNING
    known = outlines(snapshot.applications)
    places = [place for place, outline in enumerate(known) if outline.state is state]
    # Two stable sorts by one value each cost less than one by pairs, and there may be 10,000.
    for value in ([each.id for each in known].__getitem__, _weight(query, snapshot, known)):
        places.sort(key=value, reverse=not query.ascending)

    def row(at: int) -> ListingRow:
        item = snapshot.applications[places[at]]
        return ListingRow(
            rank=at + 1,
            ref=item.ref,
            attempt=item.attempt,
            name=item.name,
            user=item.user,
            queue=item.queue,
            started_at=item.started_at,
            cores=item.cores,
            memory=item.memory,
            cores_basis=item.cores_basis.value,
            granted_cores=item.granted_cores,
            partly=item.partly,
            share=snapshot.share(item),
            state=item.state.value,
            protected=protected(item.name, item.user, item.queue),
        )

    return Lazy(len(places), row)


def frozen(rows: Sequence[ListingRow], query: Query, snapshot: RunningApplications) -> Listing:
    """Return the listing that is shown: cut to the number asked for, numbered after those left out.

    What was narrowed is shown whole when no number was said.
    """
    narrowed = query.only is not None or query.after > 0
    count = min(query.count or (MAX_ROWS if narrowed else DEFAULT_ROWS), MAX_ROWS)
    shown = rows[query.after : query.after + count]
    return Listing(
        taken_at=snapshot.taken_at,
        by=query.by,
        rows=tuple(
            replace(row, rank=rank) for rank, row in enumerate(shown, start=query.after + 1)
        ),
        measurement=snapshot.measurement,
    )


@dataclass(frozen=True, slots=True)
class Total:
    """What some rows hold together: `of` is what they share; memory is bytes.

    `memory` is None when no row's is known, and `partial` when only some are; so for cores.
    """

    of: str
    count: int
    cores: float | None
    memory: int | None
    partial: bool = False
    cores_partial: bool = False


def total_of(of: str, rows: Sequence[ListingRow], by: Measure = Measure.CPU) -> Total:
    """Return what rows hold together: the cores of their basis, or granted ones when asked for."""
    known = [row.memory for row in rows if row.memory is not None]
    memory = sum(known) if known else None
    told = [_cores_by(by, row) for row in rows]
    cores = [each for each in told if each is not None]
    return Total(
        of,
        len(rows),
        sum(cores) if cores else None,
        memory,
        partial=len(known) < len(rows),
        cores_partial=len(cores) < len(rows) or any(row.partly for row in rows),
    )


def _cores_by(by: Measure, row: ListingRow) -> float | None:
    if by is Measure.WASTED and row.cores_basis != Basis.GRANTED:
        return wasted_cores(row)
    return row.granted_cores if by is Measure.GRANTED else row.cores


def totals_per(field: Field, rows: Sequence[ListingRow], query: Query) -> tuple[Total, ...]:
    """Return one total per owner, queue, name or state, in the order the query asks for."""
    groups: dict[str, list[ListingRow]] = defaultdict(list)
    for row in rows:
        groups[str(getattr(row, _COLUMNS.get(field, "user")))].append(row)
    found = [total_of(name, groups[name], query.by) for name in sorted(groups)]

    def weight(total: Total) -> tuple[float, int]:
        held = total.memory if query.by is Measure.MEMORY else total.cores
        return _known(held, -1), total.count

    return tuple(sorted(found, key=weight, reverse=not query.ascending))


_COLUMNS = {Field.QUEUE: "queue", Field.NAME: "name", Field.STATE: "state"}


def _weight(
    query: Query, snapshot: RunningApplications, known: Sequence[ApplicationSummary]
) -> Callable[[int], float]:
    """Return what a measure orders places by; a list by duration runs from the longest."""
    items, by = snapshot.applications, query.by
    unknown = inf if query.ascending else -1  # last, either way
    if by is Measure.MEMORY:
        return lambda place: _known(items[place].memory, unknown)
    if by is Measure.DURATION:
        return lambda place: _seconds(items[place].running_for(snapshot.taken_at), unknown)
    if by is Measure.GRANTED:
        return lambda place: _known(items[place].granted_cores, unknown)
    if by is Measure.WASTED and snapshot.measurement is not None:
        return lambda place: _known(wasted_cores(items[place]), unknown)
    return [_known(each.cores, unknown) for each in known].__getitem__


def _known(value: float | None, unknown: float) -> float:
    return unknown if value is None else value


def _seconds(value: timedelta | None, unknown: float) -> float:
    return unknown if value is None else value.total_seconds()
