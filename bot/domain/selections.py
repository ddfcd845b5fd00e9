"""Symbolic references into a listing: what "the top 2", "#1 and #3" or "bob꺼" stand for.

A selection is understood from words and holds no application id of its own making; it becomes
applications only by being resolved against a frozen listing (or, for ids and attributes typed by
a person, against what runs).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Measure(StrEnum):
    """What "most", "top" and "biggest" are measured by."""

    CPU = "cpu"  # cores used; granted ones where nothing tells used ones
    GRANTED = "granted"  # cores the scheduler gave
    WASTED = "wasted"  # granted and not used
    MEMORY = "memory"
    DURATION = "duration"


class Field(StrEnum):
    """An attribute a person may name; ANY when they said only the word."""

    USER = "user"
    QUEUE = "queue"
    NAME = "name"
    ID = "id"
    STATE = "state"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Ranks:
    """The rows with these numbers, as shown: 1-based."""

    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Top:
    """The first `count` rows; `by` re-orders the rows first, None keeps the order shown."""

    count: int
    by: Measure | None = None
    smallest: bool = False


@dataclass(frozen=True, slots=True)
class Bottom:
    """The last `count` rows as shown."""

    count: int


@dataclass(frozen=True, slots=True)
class Everything:
    """Every row of the listing."""


@dataclass(frozen=True, slots=True)
class Exactly:
    """Every row, said with their number: clear only when there are just so many."""

    count: int


@dataclass(frozen=True, slots=True)
class Having:
    """Rows whose attribute is this; an id may be a fragment such as `0063`."""

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class LongerThan:
    """Rows running longer than this (shorter when `shorter`)."""

    than: timedelta
    shorter: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows that hold at least this much of a measure, or at most when `less`; cores, or bytes.

    `beyond`: just so much is not enough: "more than 20 cores".
    """

    by: Measure
    amount: float
    less: bool = False
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Exceeding:
    """Rows that hold more of a measure than every row of `than` does (fewer when `less`)."""

    by: Measure
    than: "Selection"
    less: bool = False


@dataclass(frozen=True, slots=True)
class Protected:
    """Rows that are protected."""


@dataclass(frozen=True, slots=True)
class Both:
    """Rows in all of the parts, e.g. the top 2 of the etl queue: later parts look within earlier."""

    parts: tuple["Selection", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Rows in any of the parts."""

    parts: tuple["Selection", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Rows of `base` that are not in `minus`."""

    base: "Selection"
    minus: "Selection"


@dataclass(frozen=True, slots=True)
class Pronoun:
    """A word such as "it", "그거", "those": clear only when exactly so many rows can be meant.

    `plural` when the word says more than one ("those", "이것들").
    """

    plural: bool = False


Selection = (
    Ranks
    | Top
    | Bottom
    | Everything
    | Exactly
    | Having
    | LongerThan
    | Holding
    | Exceeding
    | Protected
    | Both
    | Either
    | Without
    | Pronoun
)
