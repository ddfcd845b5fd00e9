"""Reads atoms as pieces: the cheapest way to cover a message with phrases of the lexicon.

Blanks do not matter inside a phrase, as people leave them out and put them in at will; where a
phrase may begin and what may follow it does. A stretch no phrase covers is an unknown piece.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bot.agents.understanding.lexer import Atom, Kind
from bot.agents.understanding.lexicon import (
    ENDING,
    FREE,
    NOUN,
    PARTICLE,
    VERB,
    Entry,
    Lexicon,
    Node,
)
from bot.agents.understanding.normal import jamo

UNKNOWN = "unknown"
NUMBER, WORD, ID, NAME, MARK = "number", "word", "id", "name", "mark"

_UNKNOWN_COST = 1.2  # of a jamo no phrase covers
_SLIP_COST = 1.6  # of one mistyped letter
_LATIN_COST = 3.0  # of a word, number or mark no phrase covers
_LENGTH_GAIN = 0.002  # long phrases win over short ones, all else equal
_LONGEST_SLIP = 14
_MOST_LOOSE = 120  # atoms in which slips are looked for; keeps nonsense cheap
_SAFE_LETTERS = 2  # people get the first syllable right
# words that say which rows are never guessed from a slip
_SPELT_OUT = frozenset(
    {
        "least",
        "bottom",
        "newest",
        "oldest",
        "most",
        "ord",
        "num",
        "top",
        "rest",
        "pronoun",
        "pronouns",
    }
)
_QUEUE = jamo("큐")
_SHORTEST_SLIP = 5  # phrases of fewer letters are too easily mistaken for others


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the message: a concept, or a number, word, id, name or mark as it stands."""

    concept: str
    kind: str
    text: str
    value: int = 0
    spaced: bool = False
    korean: bool = False


@dataclass(slots=True)
class _Step:
    cost: float
    start: int
    kind: str
    entry: Entry | None
    before: "_Step | None"


def segment(found: list[Atom], lexicon: Lexicon, known: frozenset[str]) -> list[Piece]:
    """Return the pieces that cover the atoms most cheaply.

    Typing slips are looked for only in a second pass, in words the first could not cover.
    """
    if not found:
        return []
    exact = _cover(found, lexicon, known, frozenset())
    loose = frozenset(islice(_uncovered(exact, found), _MOST_LOOSE))
    return _pieces(_cover(found, lexicon, known, loose) if loose else exact, found)


def _cover(
    found: list[Atom], lexicon: Lexicon, known: frozenset[str], loose: frozenset[int]
) -> list[_Step]:
    """Find the cheapest path; `best[i]` holds, for each kind of last piece, a way to reach i."""
    best: list[dict[str, _Step]] = [{} for _ in range(len(found) + 1)]
    best[0][FREE] = _Step(0.0, 0, FREE, None, None)
    for start in range(len(found)):
        if not best[start]:
            continue
        edges = list(_edges(found, start, lexicon, known, start in loose))
        for before in list(best[start].values()):
            for end, kind, entry, cost in edges:
                total = before.cost + cost + _joint(before.kind, kind, found, start, end)
                old = best[end].get(kind)
                if old is None or total < old.cost:
                    best[end][kind] = _Step(total, start, kind, entry, before)
    return _path(best[-1])


def _path(last: dict[str, _Step]) -> list[_Step]:
    step: _Step | None = min(last.values(), key=lambda item: item.cost) if last else None
    path: list[_Step] = []
    while step is not None and step.before is not None:
        path.append(step)
        step = step.before
    return path[::-1]


Edge = tuple[int, str, Entry | None, float]


def _edges(
    found: list[Atom], start: int, lexicon: Lexicon, known: frozenset[str], loose: bool
) -> Iterator[Edge]:
    """Yield the pieces that may begin here: (end, kind, entry, cost)."""
    atom = found[start]
    yield start + 1, UNKNOWN, None, _UNKNOWN_COST if atom.kind is Kind.JAMO else _LATIN_COST
    for end, entry in _phrases(found, start, lexicon.root):
        if atom.kind is Kind.WORD and atom.text.casefold() in known and end == start + 1:
            continue
        yield end, entry.kind, entry, entry.cost - _LENGTH_GAIN * (end - start) ** 2
    if not loose:
        return
    if atom.kind is Kind.JAMO:
        for end, entry in _slips(found, start, lexicon.root):
            yield end, entry.kind, entry, entry.cost + _SLIP_COST
    elif atom.kind is Kind.WORD and atom.text.casefold() not in known | _queue_name(found, start):
        word = _near_word(atom.text.casefold(), lexicon.words)
        if word:
            for end, entry in _phrases(
                [*found[:start], _as(atom, word), *found[start + 1 :]], start, lexicon.root
            ):
                if entry.concept not in _SPELT_OUT:
                    yield end, entry.kind, entry, entry.cost


def _queue_name(found: list[Atom], start: int) -> frozenset[str]:
    """Return the word here when `queue` or `큐` follows it: a name is no typing slip."""
    after = "".join(atom.text.casefold() for atom in found[start + 1 : start + 3])
    named = after.startswith(("queue", _QUEUE))
    return frozenset({found[start].text.casefold()}) if named else frozenset()


def _as(atom: Atom, word: str) -> Atom:
    return Atom(word, atom.kind, atom.fresh, atom.spaced, atom.at)


def _key(atom: Atom) -> str:
    return atom.text if atom.kind is Kind.JAMO else atom.text.casefold()


def _phrases(found: list[Atom], start: int, node: Node) -> Iterator[tuple[int, Entry]]:
    for index in range(start, len(found)):
        following = node.next.get(_key(found[index]))
        if following is None:
            return
        node = following
        for entry in node.entries:
            yield index + 1, entry


def _slips(found: list[Atom], start: int, root: Node) -> Iterator[tuple[int, Entry]]:
    """Yield phrases one letter away: a letter more, less, or another one."""
    stack = [_Walk(root, start, 0, slipped=False)]
    while stack:
        walk = stack.pop()
        if walk.slipped and walk.length >= _SHORTEST_SLIP:
            for entry in walk.node.entries:
                if entry.kind in {VERB, NOUN, FREE} and entry.concept not in _SPELT_OUT:
                    yield walk.index, entry
        here = found[walk.index] if walk.index < len(found) else None
        letter = here.text if here is not None and here.kind is Kind.JAMO else ""
        stack.extend(_steps(walk, letter))


@dataclass(frozen=True, slots=True)
class _Walk:
    node: Node
    index: int
    length: int
    slipped: bool


def _steps(walk: _Walk, letter: str) -> Iterator[_Walk]:
    """Yield the places one letter further: as typed, and, once, with a slip."""
    index, length = walk.index, walk.length + 1
    if letter in walk.node.next:
        yield _Walk(walk.node.next[letter], index + 1, length, walk.slipped)
    if walk.slipped or not _SAFE_LETTERS <= walk.length <= _LONGEST_SLIP:
        return
    for key, following in walk.node.next.items():
        if key.isascii() or key == letter:
            continue
        yield _Walk(following, index, length, slipped=True)
        if letter:
            yield _Walk(following, index + 1, length, slipped=True)
    if letter:
        yield _Walk(walk.node, index + 1, walk.length, slipped=True)


def _near_word(word: str, words: frozenset[str]) -> str:
    """Return the one known word a single slip away, or nothing."""
    if len(word) < _SHORTEST_SLIP or not word.isalpha() or word in words:
        return ""
    near = [other for other in words if _one_slip(word, other)]
    return min(near, key=lambda other: (abs(len(other) - len(word)), other)) if near else ""


def _one_slip(word: str, other: str) -> bool:
    if word[0] != other[0] or abs(len(word) - len(other)) > 1 or len(other) < _SHORTEST_SLIP - 1:
        return False
    same = 0
    while same < min(len(word), len(other)) and word[same] == other[same]:
        same += 1
    rest, other_rest = word[same:], other[same:]
    return (
        (rest[1:] == other_rest[1:] and len(word) > _SHORTEST_SLIP)  # alice is not alive
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:])
    )


def _joint(before: str, kind: str, found: list[Atom], start: int, end: int) -> float:
    """Return what it costs to put a piece of `kind` here, after one of kind `before`."""
    fresh = found[start].fresh
    closed = end == len(found) or found[end].fresh
    latin = found[start].kind is not Kind.JAMO
    if kind == UNKNOWN:
        return 0.0 if fresh or before == UNKNOWN else 0.6
    if kind == ENDING:
        return (0.3 if found[start].spaced else 0.0) + (0.0 if before in {VERB, ENDING} else 2.5)
    if kind == PARTICLE:
        follows = before != VERB and start > 0
        spaced = 0.3 if found[start].spaced and not latin else 0.0
        return (0.0 if follows else 1.0) + spaced + (0.0 if closed else 0.8)
    if fresh or latin:
        return 0.0 if latin or found[start].spaced else 0.2
    return 1.8 if before == UNKNOWN else 0.4


def _uncovered(path: list[_Step], found: list[Atom]) -> Iterator[int]:
    """Yield the atoms of words that hold an unknown letter or are an unknown word."""
    end_of = [*(step.start for step in path[1:]), len(found)]
    for step, end in zip(path, end_of, strict=True):
        if step.entry is not None:
            continue
        first = step.start
        while not found[first].fresh:
            first -= 1
        last = end
        while last < len(found) and not found[last].fresh:
            last += 1
        if found[step.start].kind in {Kind.JAMO, Kind.WORD}:
            yield from range(first, last)


_PLAIN = {
    Kind.NUMBER: NUMBER,
    Kind.ORDINAL: "ordinal",
    Kind.WORD: WORD,
    Kind.ID: ID,
    Kind.NAME: NAME,
    Kind.MARK: MARK,
    Kind.JAMO: UNKNOWN,
}
_DIGITS = re.compile(r"\d+")
_MOST_DIGITS = 9


def _pieces(path: list[_Step], found: list[Atom]) -> list[Piece]:
    end_of = [*(step.start for step in path[1:]), len(found)]
    pieces: list[Piece] = []
    for step, end in zip(path, end_of, strict=True):
        atom = found[step.start]
        text = "".join(item.text for item in found[step.start : end])
        korean = atom.kind is Kind.JAMO
        known = step.entry
        if known is not None:
            piece = Piece(known.concept, known.kind, text, known.value, atom.spaced, korean)
        else:
            piece = Piece(_PLAIN[atom.kind], UNKNOWN, text, _value(atom), atom.spaced, korean)
        if known is None and korean and not atom.fresh and pieces[-1].concept == UNKNOWN:
            last = pieces.pop()
            piece = replace(last, text=last.text + text)
        pieces.append(piece)
    return [replace(piece, text=unicodedata.normalize("NFC", piece.text)) for piece in pieces]


def _value(atom: Atom) -> int:
    """Return the whole number an atom shows, or -1 for one nobody counts to."""
    if atom.kind not in {Kind.NUMBER, Kind.ORDINAL}:
        return 0
    digits = _DIGITS.match(atom.text)
    if digits is None or len(digits[0]) > _MOST_DIGITS or "." in atom.text:
        return -1
    return int(digits[0])
