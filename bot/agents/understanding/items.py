"""The words of a selection: ranks, counts, attributes, measures and the words between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.agents.understanding.lexicon import PARTICLE
from bot.agents.understanding.segment import Piece
from bot.domain.selections import Having, LongerThan, Measure

COMMAS = frozenset({",", "/", "·", "、"})
_NOTHING = Piece("", PARTICLE, "")


@dataclass(frozen=True, slots=True)
class RanksItem:
    """Numbers of rows. `ordinal` when said as an order (두 번째, second), `bare` without 번 or #."""

    ranks: tuple[int, ...]
    ordinal: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class CountItem:
    """How many."""

    count: int


@dataclass(frozen=True, slots=True)
class FilterItem:
    """An attribute rows must have."""

    filter: Having | LongerThan


@dataclass(frozen=True, slots=True)
class MeasureItem:
    """What the order is by."""

    measure: Measure


@dataclass(frozen=True, slots=True)
class WordItem:
    """A word of the lexicon, by its concept, or an unknown one (`concept` is `unknown`)."""

    concept: str
    text: str = ""


Item = RanksItem | CountItem | FilterItem | MeasureItem | WordItem
Found = tuple[Item, int] | None


def piece_at(pieces: Sequence[Piece], index: int) -> Piece:
    """Return the piece there, or an empty one outside the message."""
    return pieces[index] if 0 <= index < len(pieces) else _NOTHING
