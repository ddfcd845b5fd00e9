"""Words whose sense depends on others apart from them: `shut 3 down`, `turn it off`, `전에`."""

from collections.abc import Sequence
from dataclasses import replace

from bot.agents.understanding.lexicon import ENDING, PARTICLE, VERB, Lexicon
from bot.agents.understanding.segment import Piece

_LONGEST_GAP = 8
_SMALL = frozenset({"filler", "laugh", "only_word"})
_STOPS = frozenset({"mark", "conj", "kill", "stop", "do", "thank", "agree", "comma"})
_TIMES = frozenset({"hour", "minute", "day", "num", "number", "filler", "vague"})
_MEASURED = frozenset({"cpu", "memory", "usage", "high"})  # `bring cpu down` is no kill
_LOWERING = frozenset({"bring", "take"})
_NOT_BETWEEN = frozenset({"cluster", "cpu", "memory", "usage", "high", "state", "hdfs", "disk"})


def rejoined(pieces: Sequence[Piece], lexicon: Lexicon) -> list[Piece]:
    """Return the pieces with the two parts of each such verb as one, where the first stood."""
    joined = list(pieces)
    for index, piece in enumerate(pieces):
        found = _second(pieces, index, lexicon)
        if found is None:
            continue
        last, concept = found
        joined[index] = replace(piece, concept=concept, kind=VERB)
        joined[last] = replace(pieces[last], concept="filler")
    return joined


def _second(pieces: Sequence[Piece], index: int, lexicon: Lexicon) -> tuple[int, str] | None:
    """Return where the second part of a verb that begins here stands, and the concept."""
    first = pieces[index].text.casefold()
    measured = False
    for place in range(index + 2, min(index + _LONGEST_GAP, len(pieces))):
        before = pieces[place - 1]
        if before.concept in _NOT_BETWEEN - _MEASURED or before.kind == VERB:
            return None
        measured = measured or before.concept in _MEASURED
        concept = lexicon.split.get((first, pieces[place].text.casefold()))
        if concept is not None and measured:
            return (place, "drop") if first in _LOWERING else None
        if concept is not None:
            return place, concept
    return None


def things(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with `꺼` as "thing" where more is said of it: 첫번째 꺼 정보 좀."""
    sensed = list(pieces)
    for index, piece in enumerate(pieces):
        if piece.text == "꺼" and piece.kind == VERB and _more_is_said(pieces[index + 1 :]):
            sensed[index] = replace(piece, concept="thing", kind=PARTICLE)
    return sensed


def _more_is_said(after: Sequence[Piece]) -> bool:
    said = next((piece for piece in after if piece.concept not in _SMALL), None)
    return said is not None and said.kind != ENDING and said.concept not in _STOPS


def told_past(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with `전에` as "in the past" unless it counts from a time or an act."""
    sensed = list(pieces)
    for index, piece in enumerate(pieces):
        if piece.text != "전에" or piece.concept != "ago":
            continue
        before = pieces[index - 1] if index else None
        if before is None or not (before.concept in _TIMES or before.kind == ENDING):
            sensed[index] = replace(piece, concept="past")
    return sensed
