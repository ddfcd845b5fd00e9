"""English verbs said in two parts, around what they act on: `shut 3 down`, `turn it off`."""

from collections.abc import Sequence
from dataclasses import replace

from bot.agents.understanding.lexicon import VERB, Lexicon
from bot.agents.understanding.segment import Piece

_LONGEST_GAP = 8
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
    for place in range(index + 2, min(index + _LONGEST_GAP, len(pieces))):
        if pieces[place - 1].concept in _NOT_BETWEEN or pieces[place - 1].kind == VERB:
            return None
        concept = lexicon.split.get((first, pieces[place].text.casefold()))
        if concept is not None:
            return place, concept
    return None
