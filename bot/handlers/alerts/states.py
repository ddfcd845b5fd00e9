"""Words for states, counts and limits in a text, each where it stands."""

import re
from collections.abc import Iterator

from bot.handlers.alerts import words
from bot.handlers.alerts.words import Sense

BRACKET = re.compile(r"[\[(【<]\s?([^\[\]()【】<>]{1,60}?)\s?[\])】>]")
_WORD = re.compile(r"(?<![\w.\-/])(?:[Rr]e-)?[A-Za-z]+(?![\w\-/]|\.\w)")
_COUNTED = re.compile(
    r"\b([A-Za-z]+|발생|장애|경고|위험|해소|해제|해결|복구|정상)\s?[:\-–]\s?(\d+)(?=\s?[\],*)]|$)"
    r"|\b(\d+)\s?(?:alert\(s\)|alerts?|건|개)?\s?(firing|resolved|발생|해소|해제|해결|복구)",
    re.IGNORECASE,
)
NOT = frozenset({"not", "never", "no", "isn't", "hasn't", "n't", "longer"})
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?(?:%|퍼센트|percent)", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?:threshold|limit|above|over|exceed\w*|greater than|more than|기준\S?|임계\S*|한도|>=?)"
    r"\s*(?:value|of|is|값|치|[:=`*(])*\s*(?P<after>\d{1,3}(?:\.\d+)?)(?![\d.]*\d|\s?[gmk]i?b)"
    r"|(?P<before>\d{1,3}(?:\.\d+)?)\s?(?:%|퍼센트)(?:를|을)?\s?(?:초과|이상|넘)",
    re.IGNORECASE,
)
_REMAINS = re.compile(r"\bfree\b|available|remaining|\bidle\b|여유|남은|잔여|가용", re.IGNORECASE)
_WHOLE, _HIGH = 100.0, 80.0


def threshold_in(text: str) -> float | None:
    """Return the percentage the alert fires above, as its text tells; or None."""
    for match in _LIMIT.finditer(text):
        value = float(match["after"] or match["before"])
        if 1.0 < value <= _WHOLE:
            return value
    return None


def value_in(text: str) -> float | None:
    """Return the percentage a post tells, which is not its threshold; or None."""
    limit = threshold_in(text)
    values = (float(match[1]) for match in _PERCENT.finditer(text))
    return next((value for value in values if value != limit and value <= _WHOLE), None)


def height_of(text: str) -> str:
    """Return where a post's figure stands: over or under its limit, high or low; empty without one."""
    limit, value = threshold_in(text), value_in(text)
    if value is None or _REMAINS.search(text):
        return ""
    if limit is not None:
        return "over" if value >= limit else "under"
    return "high" if value >= _HIGH else "low"


def spaced(text: str) -> str:
    """Return a text with the words of CamelCase set apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)


def state_words(text: str) -> Iterator[tuple[int, int, Sense]]:
    """Yield (start, end, sense) of every word for a state, in order for each language."""
    before: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0].casefold()
        sense = next((each for each, known in words.STATES.items() if word in known), None)
        if sense is not None:
            if sense is not Sense.BETWEEN and NOT & set(before[-2:]):
                sense = Sense.FIRES if sense is Sense.ENDS else Sense.ENDS
            yield match.start(), match.end(), sense
        before.append(word)
    for sense, pattern in words.KOREAN:
        for match in pattern.finditer(text):
            late = sense is Sense.ENDS and words.NOT_YET.match(text, match.end())
            yield match.start(), match.end(), Sense.FIRES if late else sense


def counts_in(line: str) -> Iterator[Sense]:
    """Yield what a line counts: alerts that fire, that are over."""
    for match in _COUNTED.finditer(line):
        word, count = (match[1], match[2]) if match[1] else (match[4], match[3])
        said = next(state_words(word), None)
        if said and word.casefold() not in words.NOUNS and int(count[:6]) > 0:
            yield said[2]
