"""Stretches of time: `6시간 넘게`, `over 90 min`, `1시간 30분 이상`."""

from collections.abc import Sequence
from datetime import timedelta

from bot.agents.understanding.items import FilterItem, Found, WordItem, piece_at
from bot.agents.understanding.segment import NUMBER, Piece
from bot.domain.selections import LongerThan

UNITS = {"hour": timedelta(hours=1), "minute": timedelta(minutes=1), "day": timedelta(days=1)}
MOST_UNITS = 100_000
_COMPARING = frozenset({"longer", "shorter"})


def duration(pieces: Sequence[Piece], index: int) -> Found:
    """Return a condition on the running time, or the word `length` or `scheduled`.

    `length` is a time compared with nothing, `scheduled` one after which something is to happen.
    """
    ahead = piece_at(pieces, index).concept in _COMPARING
    length, end = _length(pieces, index + 1 if ahead else index)
    if length is None:
        return None
    after = piece_at(pieces, end)
    if after.concept in {"ago", "bottom", "after"} or after.text in {"뒤", "후"}:
        return WordItem("scheduled"), end + 1
    place = index if ahead else _over_particle(pieces, end)
    comparing = piece_at(pieces, place).concept
    if comparing not in _COMPARING:
        return WordItem("length"), end
    return FilterItem(LongerThan(length, comparing == "shorter")), max(end, place + 1)


def _over_particle(pieces: Sequence[Piece], index: int) -> int:
    return index + 1 if piece_at(pieces, index).concept in {"object", "at"} else index


def _length(pieces: Sequence[Piece], index: int) -> tuple[timedelta | None, int]:
    """Add up numbers and units from here on; (None, index) when there are none."""
    total: timedelta | None = None
    while piece_at(pieces, index).concept in {NUMBER, "num"}:
        unit = UNITS.get(piece_at(pieces, index + 1).concept)
        count = piece_at(pieces, index).value
        if unit is None or not 0 <= count <= MOST_UNITS:
            break
        total = (total or timedelta()) + count * unit
        index += 2
    return total, index
