"""Cuts a message into atoms: jamo, words, numbers, ids, known names and marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.agents.understanding.normal import jamo


class Kind(StrEnum):
    """What an atom is made of."""

    JAMO = "jamo"
    WORD = "word"
    NUMBER = "number"
    ORDINAL = "ordinal"
    ID = "id"
    NAME = "name"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest unit read. `fresh` when it opens a word, `spaced` when a blank stands before."""

    text: str
    kind: Kind
    fresh: bool
    spaced: bool
    at: int


_LETTER = r"[^\W\d_\uac00-\ud7a3\u1100-\u11ff]"
_TOKEN = re.compile(
    rf"""
    (?P<skip><[^<>\n]*>|https?://\S+)
    |(?P<id>application_\d+_\d+|app-\d{{14}}-\d+|(?<![^\W_])_\d{{3,}}|\d{{9,}}_\d{{3,}})
    |(?P<emoji>:[a-z0-9_+-]+:)
    |(?P<ordinal>\d{{1,4}}(?:st|nd|rd|th)\b)
    |(?P<identifier>\d*{_LETTER}(?:{_LETTER}|\d)*(?:[_.-]+(?:{_LETTER}|\d)+)*_*)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<hangul>[\uac00-\ud7a3\u1100-\u11ff]+)
    |(?P<short>'(?:s|re|ll|ve|d|m|t)\b)
    |(?P<space>\s+)
    |(?P<mark>.)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SIMPLE = re.compile(rf"{_LETTER}(?:{_LETTER}|\d)*(?:[_.-]+(?:{_LETTER}|\d)+)*")
_ORDERED = re.compile(
    r"(first|second|third|fourth|fifth|\d+(?:st|nd|rd|th))-"
    r"(largest|biggest|heaviest|longest|oldest|newest|smallest|lightest|greediest|hungriest|highest)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(\d+)([a-z]+)", re.IGNORECASE)
_UNITS = {"h", "hr", "hrs", "hour", "hours", "m", "min", "mins", "minute", "minutes", "d", "days"}


def atoms(text: str, known: frozenset[str]) -> list[Atom]:
    """Return the atoms of normalised text; `known` are names that may hold blanks or Hangul."""
    found: list[Atom] = []
    spaced, at = True, 0
    names = [name for name in known if not _SIMPLE.fullmatch(name)]
    while at < len(text):
        name = _name_at(text, at, names)
        if name:
            found.append(Atom(name, Kind.NAME, fresh=True, spaced=spaced, at=at))
            at, spaced = at + len(name), False
            continue
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup in {"space", "skip"}:
            if token and "\n" in token[0]:
                found.append(Atom("\n", Kind.MARK, fresh=True, spaced=spaced, at=at))
            at, spaced = (token.end() if token else at + 1), True
            continue
        found.extend(_split(token, spaced))
        at, spaced = token.end(), False
    return found


def _name_at(text: str, at: int, names: list[str]) -> str:
    """Return the longest known name starting here that is not part of a longer word."""
    here = [name for name in names if name and text.startswith(name, at)]
    if not here or (at and _wordlike(text[at - 1])):
        return ""
    longest = max(here, key=len)
    after = text[at + len(longest) : at + len(longest) + 1]
    return "" if after and _wordlike(after) and after.isascii() else longest


def _wordlike(character: str) -> bool:
    return character.isalnum() or character in "_-."


def _split(token: re.Match[str], spaced: bool) -> Iterator[Atom]:
    text, at = token[0], token.start()
    match token.lastgroup:
        case "hangul":
            letters = jamo(text)
            for index, letter in enumerate(letters):
                first = index == 0
                yield Atom(letter, Kind.JAMO, fresh=first, spaced=spaced and first, at=at)
        case "identifier":
            yield from _identifier(text, spaced, at)
        case "id":
            yield Atom(text.casefold(), Kind.ID, fresh=True, spaced=spaced, at=at)
        case "ordinal" | "number" as kind:
            yield Atom(text, Kind(kind), fresh=True, spaced=spaced, at=at)
        case "emoji":
            yield Atom(text, Kind.WORD, fresh=True, spaced=spaced, at=at)
        case _:
            yield Atom(text.casefold(), Kind.MARK, fresh=True, spaced=spaced, at=at)


def _identifier(text: str, spaced: bool, at: int) -> Iterator[Atom]:
    """Yield a word; `2h` is a number and a unit, `top3` a word and a number, `don't` one word."""
    ordered = _ORDERED.fullmatch(text)
    if ordered:
        for part in (1, 2):
            yield _part(ordered[part], at, spaced=spaced and part == 1)
        return
    counted = _COUNTED.fullmatch(text)
    if counted and counted[2].casefold() in _UNITS | {"jobs", "x"}:
        yield Atom(counted[1], Kind.NUMBER, fresh=True, spaced=spaced, at=at)
        yield Atom(counted[2].casefold(), Kind.WORD, fresh=True, spaced=False, at=at)
        return
    letters = text.rstrip("0123456789")
    digits = text[len(letters) :]
    if digits and letters.casefold() in {"top", "kill", "no", "number", "bottom", "last", "first"}:
        yield Atom(letters.casefold(), Kind.WORD, fresh=True, spaced=spaced, at=at)
        yield Atom(digits, Kind.NUMBER, fresh=True, spaced=False, at=at)
        return
    yield Atom(text, Kind.WORD, fresh=True, spaced=spaced, at=at)


def _part(text: str, at: int, *, spaced: bool) -> Atom:
    """Return one part of `second-largest`, which is two words."""
    kind = Kind.ORDINAL if text[0].isdecimal() else Kind.WORD
    return Atom(text, kind, fresh=True, spaced=spaced, at=at)
