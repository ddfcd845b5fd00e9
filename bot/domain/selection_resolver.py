"""From a symbolic selection to rows, or to the question that must be asked; never a guess."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.conversation import ListingRow
from bot.domain.core_usage import wasted_cores
from bot.domain.selections import (
    Both,
    Bottom,
    Either,
    Everything,
    Exactly,
    Exceeding,
    Field,
    Having,
    Holding,
    LongerThan,
    Measure,
    Pronoun,
    Protected,
    Ranks,
    Selection,
    Top,
    Without,
)

SHORTEST_FRAGMENT = 3
"""Characters a piece of a name must have to stand for the name."""
SHORTEST_ID_FRAGMENT = 2
"""Digits the end of an id must have to stand for the id."""

Rows = tuple[ListingRow, ...]
_WHOLE = (Everything, Exactly, Pronoun)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The rows meant: at least one, each once, in rank order."""

    rows: Rows


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why no rows can be named: a key of the clarify texts and the values its text needs.

    Keys: no_listing, unknown_rank (`rank`), fewer_rows (`rows`), nobody (`value`), ambiguous
    (`value`, with `candidates`), which_one (with `candidates`), nothing_left.
    """

    question: str
    values: Mapping[str, str] = field(default_factory=dict)
    candidates: Rows = ()


class _UnclearError(Exception):
    """Carries the question up from the part that cannot be resolved."""

    def __init__(self, unresolved: Unresolved) -> None:
        super().__init__(unresolved.question)
        self.unresolved = unresolved


def resolve(
    selection: Selection, rows: Sequence[ListingRow], now: datetime
) -> Resolved | Unresolved:
    """Return the rows a selection stands for among `rows`, in rank order.

    Every named part must exist: one unknown rank or name makes the whole unresolved.
    """
    if not rows:
        return Unresolved("no_listing")
    try:
        found = _rows(selection, tuple(rows), now)
    except _UnclearError as unclear:
        return unclear.unresolved
    ordered = sorted({row.ref: row for row in found}.values(), key=lambda row: row.rank)
    return Resolved(tuple(ordered)) if ordered else Unresolved("nothing_left")


def fitting(  # noqa: PLR0911 - one case a selection
    selection: Selection, rows: Sequence[ListingRow], listed: Sequence[ListingRow], now: datetime
) -> Rows:
    """Return the rows of `rows` that a list's filter keeps, in their order; it never asks.

    Numbers and relative words mean the rows of `listed`, the list shown before, where they can;
    what fits nothing keeps nothing.
    """
    match selection:
        case Everything():
            return tuple(rows)
        case Having(field_, value):
            return _by_field(field_, value.strip(), tuple(rows))
        case Both(parts):
            for part in parts:
                rows = fitting(part, rows, listed, now)
            return tuple(rows)
        case Either(parts):
            kept = {row.ref for part in parts for row in fitting(part, rows, listed, now)}
            return tuple(row for row in rows if row.ref in kept)
        case Without(base, minus):
            out = {row.ref for row in fitting(minus, rows, listed, now)}
            return tuple(row for row in fitting(base, rows, listed, now) if row.ref not in out)
        case Exceeding(by, than, less):
            beyond = {row.ref for row in fitting(than, rows, listed, now)}
            return _exceeding(by, [row for row in rows if row.ref in beyond], rows, now, less=less)
        case LongerThan() | Holding() | Protected():
            return _resolved(selection, rows, now)
        case _:
            shown = {row.ref for row in _resolved(selection, listed, now)}
            if shown:
                return tuple(row for row in rows if row.ref in shown)
            return _resolved(selection, rows, now)


def _resolved(selection: Selection, rows: Sequence[ListingRow], now: datetime) -> Rows:
    found = resolve(selection, rows, now)
    return found.rows if isinstance(found, Resolved) else ()


def listed_only(selection: Selection) -> bool:
    """Say whether the selection means rows of a list shown, rather than naming jobs by itself."""
    match selection:
        case Having() | LongerThan() | Holding() | Exceeding() | Protected():
            return False
        case Both(parts):
            named = any(not listed_only(part) for part in parts)
            rest = [part for part in parts if listed_only(part)]
            return not named or any(not isinstance(part, _WHOLE) for part in rest)
        case Either(parts):
            return any(listed_only(part) for part in parts)
        case Without(base, minus):
            return listed_only(base) or listed_only(minus)
        case _:
            return True


def _rows(selection: Selection, rows: Rows, now: datetime) -> Rows:  # noqa: C901, PLR0911, PLR0912 - one case a selection
    match selection:
        case Ranks(ranks):
            return _ranked(ranks, rows)
        case Top():
            return _top(selection, rows, now)
        case Bottom(count):
            return _counted(rows, count)[-count:]
        case Everything():
            return rows
        case Exactly(count):
            return _just(rows, count)
        case Having():
            return _having(selection, rows)
        case LongerThan():
            return _running(selection, rows, now)
        case Holding(by, amount, less, beyond):
            kept = _beyond(
                rows,
                by,
                now,
                lambda seen: (
                    (seen != amount or not beyond) and (seen <= amount if less else seen >= amount)
                ),
            )
            return _found(kept, f"{amount:g}")
        case Exceeding(by, than, less):
            found = _exceeding(by, _rows(than, rows, now), rows, now, less=less)
            return _found(found, by.value)
        case Protected():
            return _found(tuple(row for row in rows if row.protected), "protected")
        case Both(parts):
            return _both(parts, rows, now)
        case Either(parts):
            return tuple(row for part in parts for row in _rows(part, rows, now))
        case Without(base, minus):
            return _without(_rows(base, rows, now), _rows(minus, rows, now))
        case Pronoun():
            return _just(rows, 1)


def _ask(question: str, candidates: Rows = (), **values: str) -> _UnclearError:
    return _UnclearError(Unresolved(question, values, candidates))


def _ranked(ranks: Sequence[int], rows: Rows) -> Rows:
    by_rank = {row.rank: row for row in rows}
    for rank in ranks:
        if rank not in by_rank:
            raise _ask("unknown_rank", rank=str(rank))
    if not ranks:
        raise _ask("which_one")
    return tuple(by_rank[rank] for rank in ranks)


def _counted(rows: Rows, count: int) -> Rows:
    if count < 1:
        raise _ask("which_one")
    if count > len(rows):
        raise _ask("fewer_rows", rows=str(len(rows)))
    return rows


def _just(rows: Rows, count: int) -> Rows:
    if len(rows) != count:
        raise _ask("which_one", rows)
    return rows


def _top(top: Top, rows: Rows, now: datetime) -> Rows:
    _counted(rows, top.count)
    if top.by is None:
        ordered = sorted(rows, key=lambda row: row.rank, reverse=top.smallest)
        return tuple(ordered[: top.count])
    if any(_amount(top.by, row, now) is None for row in rows):
        raise _ask("which_one", rows)  # an unknown one may be the largest

    def amount(row: ListingRow) -> float:
        return _amount(top.by or Measure.CPU, row, now) or 0.0

    ordered = sorted(rows, key=lambda row: (amount(row), -row.rank), reverse=not top.smallest)
    chosen, left = ordered[: top.count], ordered[top.count :]
    if left and amount(chosen[-1]) == amount(left[0]):
        level = amount(left[0])
        raise _ask("which_one", tuple(row for row in rows if amount(row) == level))
    return tuple(chosen)


def _amount(by: Measure, row: ListingRow, now: datetime) -> float | None:
    """Return a row's figure of a measure; None where it is not known."""
    match by:
        case Measure.CPU:
            return row.cores
        case Measure.GRANTED:
            return row.granted_cores
        case Measure.WASTED:
            return wasted_cores(row)
        case Measure.MEMORY:
            return row.memory
        case Measure.DURATION:
            return None if row.started_at is None else (now - row.started_at).total_seconds()


def _running(longer: LongerThan, rows: Rows, now: datetime) -> Rows:
    found = tuple(
        row
        for row in rows
        if row.started_at is not None and (now - row.started_at < longer.than) == longer.shorter
    )
    if not found:
        raise _ask("nobody", value=str(longer.than))
    return found


def _beyond(
    rows: Sequence[ListingRow], by: Measure, now: datetime, fits: Callable[[float], bool]
) -> Rows:
    """Keep the rows whose amount fits; one whose figure is unknown fits nothing."""
    known = ((row, _amount(by, row, now)) for row in rows)
    return tuple(row for row, amount in known if amount is not None and fits(amount))


def _exceeding(
    by: Measure,
    than: Sequence[ListingRow],
    rows: Sequence[ListingRow],
    now: datetime,
    *,
    less: bool,
) -> Rows:
    known = [_amount(by, row, now) for row in than]
    amounts = [amount for amount in known if amount is not None]
    if not amounts or len(amounts) < len(known):
        return ()  # nobody knows what is more than an unknown one
    limit = min(amounts) if less else max(amounts)
    rest = [row for row in rows if row not in than]
    return _beyond(rest, by, now, lambda seen: seen < limit if less else seen > limit)


def _found(rows: Rows, value: str) -> Rows:
    if not rows:
        raise _ask("nobody", value=value)
    return rows


def _both(parts: Sequence[Selection], rows: Rows, now: datetime) -> Rows:
    """Look within what the parts before left; a part that says how many makes a match plural."""
    said_how_many = any(isinstance(part, (*_WHOLE, Top, Ranks)) for part in parts)
    for part in parts:
        if isinstance(part, Having) and said_how_many:
            rows = _matching(part, rows)
        elif isinstance(part, Ranks) and not {row.rank for row in rows}.issuperset(part.ranks):
            raise _ask("which_one", rows)
        else:
            rows = _rows(part, rows, now)
    return rows


def _without(base: Rows, minus: Rows) -> Rows:
    left_out = {row.ref for row in minus}
    left = tuple(row for row in base if row.ref not in left_out)
    if not left:
        raise _ask("nothing_left")
    return left


def _having(having: Having, rows: Rows) -> Rows:
    """Return every row of an owner, queue or state, but only one row for a name or an id."""
    found = _matching(having, rows)
    shared = having.field in {Field.USER, Field.QUEUE, Field.STATE}
    if len(found) > 1 and not shared and not _one_attribute(having, found):
        raise _ask("ambiguous", found, value=having.value)
    return found


def _one_attribute(having: Having, found: Rows) -> bool:
    """Tell whether a bare word is exactly the owner or exactly the queue of all the rows."""
    if having.field is not Field.ANY:
        return False
    return all(_is(row.user, having.value) for row in found) or all(
        _is_queue(row.queue, having.value) for row in found
    )


def _matching(having: Having, rows: Rows) -> Rows:
    value = having.value.strip()
    found = _by_field(having.field, value, rows) if value else ()
    if not found:
        raise _ask("nobody", value=having.value)
    return found


def _by_field(field_: Field, value: str, rows: Rows) -> Rows:
    match field_:
        case Field.USER:
            return tuple(row for row in rows if _is(row.user, value))
        case Field.QUEUE:
            return tuple(row for row in rows if _is_queue(row.queue, value))
        case Field.STATE:
            return tuple(row for row in rows if _is(row.state, value))
        case Field.ID:
            return _by_id(value, rows)
        case Field.NAME:
            return _by_name(value, rows)
        case Field.ANY:
            return _by_anything(value, rows)


def _by_anything(value: str, rows: Rows) -> Rows:
    """Whole attributes win over pieces; a word that is several things means all their rows."""
    whole = tuple(
        row
        for row in rows
        if _is(row.user, value)
        or _is_queue(row.queue, value)
        or _is(row.name, value)
        or _is(row.ref.id, value)
    )
    pieces = {row.ref for row in (*_by_id(value, rows), *_by_name(value, rows))}
    return whole or tuple(row for row in rows if row.ref in pieces)


def _by_id(value: str, rows: Rows) -> Rows:
    """Return the row with this id, or those whose id ends with this piece of it."""
    whole = tuple(row for row in rows if _is(row.ref.id, value))
    piece = value.casefold().lstrip("_")
    if whole or len(piece) < SHORTEST_ID_FRAGMENT or not piece[-1].isdigit():
        return whole
    return tuple(row for row in rows if _ends(row.ref.id.casefold(), piece))


def _ends(whole: str, piece: str) -> bool:
    """`63` and `0063` end `..._0063`; `063` of another number does not hide in it."""
    if not whole.endswith(piece):
        return False
    before = whole[: -len(piece)]
    return not before or not before[-1].isdigit() or before.rstrip("0")[-1:] in {"_", "-"}


def _by_name(value: str, rows: Rows) -> Rows:
    """Return rows of exactly this name, else rows whose name holds it."""
    whole = tuple(row for row in rows if _is(row.name, value))
    if whole or len(value) < SHORTEST_FRAGMENT:
        return whole
    return tuple(row for row in rows if value.casefold() in row.name.casefold())


def _is(actual: str, said: str) -> bool:
    return actual.casefold() == said.casefold()


def _is_queue(actual: str, said: str) -> bool:
    """Know a queue by its path `root.team.etl` and by its last part."""
    return _is(actual, said) or _is(actual.rpartition(".")[2], said)
