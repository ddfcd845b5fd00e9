"""What a post says of its alert's state, by weighing everything that may tell it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from bot.domain.alerts import AlertStatus
from bot.handlers.alerts import words
from bot.handlers.alerts.pieces import Piece
from bot.handlers.alerts.words import Sense

OUTRIGHT, PLACED, COLOUR, EMOJI, HINT, FAINT = 6.0, 4.0, 3.5, 2.0, 1.0, 0.5
ENOUGH = 3.0  # of a sign to take a post for an alert's, or for its end
CHATTER = 3.0  # what each business of people takes away; two kinds at most count
_WORD = re.compile(r"(?<![\w.\-/])(?:[Rr]e-)?[A-Za-z]+(?![\w\-/]|\.\w)")
_COUNTED = re.compile(
    r"\b([A-Za-z]+|발생|장애|경고|위험|해소|해제|해결|복구|정상)\s?[:\-–]\s?(\d+)(?=\s?[\],*)]|$)"
    r"|\b(\d+)\s?(?:alert\(s\)|alerts?|건|개)?\s?(firing|resolved|발생|해소|해제|해결|복구)",
    re.IGNORECASE,
)
BRACKET = re.compile(r"[\[(【<]\s?([^\[\]()【】<>]{1,60}?)\s?[\])】>]")
_CLAUSE = re.compile(r":\s|：|\s[-–—|]\s|\s?//\s")
_ARROW = re.compile(r"\s?(?:->|→|=>|➜|\bto\b)\s?")
COPULA = frozenset(
    {
        "is",
        "are",
        "has",
        "have",
        "been",
        "now",
        "state",
        "status",
        "to",
        "back",
        "of",
        "into",
        "became",
        "check",
        "turned",
        "in",
        "a",
        "the",
        "returned",
        "crossed",
        "reached",
        "entered",
        "went",
        "currently",
        "as",
        "be",
    }
)
_STRICT = frozenset({"is", "now", "state", "of", "to", "status", "into"})  # ahead of a mere noun
_NOT = frozenset({"not", "never", "no", "isn't", "hasn't", "n't", "longer"})
_LEAD_WORDS = 5
_KOREAN_NOUN = re.compile(r"경보|알람")
_NO_DATA = re.compile(r"no\s?data|데이터\s?없음|수집\s?불가", re.IGNORECASE)
_TAIL = re.compile(r"[\s\d.,%()\[\]{}!*]+$")
_HIGH = re.compile(
    r"\bhigh\b|\blow on\b|\bbusy\b|saturat|\bfull\b|\bspik|overload|\bout of\b|\bhot\b|elevated|too\s"
    r"|높[음은아습]|과다|급증|폭증|포화|부족|과부하|치솟",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"exceed|\babove\b|\bover\b|(?:higher|greater|more) than|cross(?:ed|ing)|breach|matches resource"
    r"|>|reach|초과|도달|넘(?:었|음|어|긴)|이상(?=[^\w가-힣]|으로|입|$)|돌파|상회|웃돌|below|under|less than|미만|이하",
    re.IGNORECASE,
)
_OVER_NO_MORE = re.compile(
    r"(?:not|no longer|isn't) (?:\w+ )?(?:above|over|greater|higher|exceed|more)|(?:back|dropped|fell|now)"
    r" (?:to )?(?:below|under|within)|아래로|밑으로|이하로 (?:내|떨|하)|기준 이내",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?(?:%|퍼센트|percent)", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?:threshold|limit|above|over|exceed\w*|greater than|more than|기준\S?|임계\S*|한도|>=?)"
    r"\s*(?:value|of|is|값|치|[:=`*(])*\s*(?P<after>\d{1,3}(?:\.\d+)?)(?![\d.]*\d|\s?[gmk]i?b)"
    r"|(?P<before>\d{1,3}(?:\.\d+)?)\s?(?:%|퍼센트)(?:를|을)?\s?(?:초과|이상|넘)",
    re.IGNORECASE,
)
_COUNT = re.compile(r"0*[1-9]\d{0,5}")
# A limit that goes from one figure to another is a rule's edit: nothing is measured.
_LIMIT_EDITED = re.compile(
    r"(?:threshold|limit|기준|임계)\S*\W{0,3}(?:from\s)?\d[\d.]*\s?%?\s?(?:->|→|=>|➜|to\b|에서)\s?\d",
    re.IGNORECASE,
)
_REMAINS = re.compile(r"\bfree\b|available|remaining|\bidle\b|여유|남은|잔여|가용", re.IGNORECASE)
_WHOLE = 100.0


@dataclass
class Evidence:
    """Weights for each sense; `condition` speaks for an alert, whatever its state."""

    senses: dict[Sense, float] = field(default_factory=lambda: dict.fromkeys(Sense, 0.0))
    condition: float = 0.0
    chatter: float = 0.0
    firm: Sense | None = None  # a field or a count said it outright
    trusted: bool = False  # the operator named the sender as one of alerts

    def add(self, sense: Sense, weight: float) -> None:
        """Count a sign."""
        self.senses[sense] += weight

    @property
    def status(self) -> AlertStatus | None:
        """What the post says; None when it tells of no alert."""
        fires, between, ends = (self.senses[each] for each in Sense)
        if (
            between >= PLACED
            and between >= max(fires, ends) - COLOUR
            and self.firm is not Sense.FIRES
        ):
            return AlertStatus.ACKNOWLEDGED
        if ends > fires and ends >= EMOJI:  # it ends nothing but what it fits
            return AlertStatus.RESOLVED
        alarm = fires + self.condition
        if alarm and self.trusted:
            alarm += EMOJI
        if self.chatter and fires < COLOUR:
            return None  # people's business with a figure in it
        if ends > fires or alarm - self.chatter < ENOUGH:
            return None
        return AlertStatus.FIRING


def evidence_of(piece: Piece, titles: tuple[str, ...]) -> Evidence:
    """Weigh all signs of one piece; `titles` are the lines in which a state has its place."""
    found = Evidence()
    _fields(piece, found)
    _counts(piece, titles, found)
    for title in titles:
        _title(title, found)
    for line in piece.lines[:30]:
        _line(line, found, apart=line not in titles)
    if piece.colour and not (piece.colour == "green" and _begins(titles)):
        found.add(Sense.ENDS if piece.colour == "green" else Sense.FIRES, COLOUR)
    _figures(piece, found)
    text = "\n".join(piece.lines)
    found.condition += EMOJI if _HIGH.search(spaced(text)) else 0.0
    kinds = sum(pattern.search(text) is not None for pattern in words.BUSINESS)
    found.chatter = inf if _LIMIT_EDITED.search(text) else CHATTER * min(kinds, 2)
    return found


def _begins(titles: tuple[str, ...]) -> bool:
    """Tell whether the titles say that it begins, and nothing of an end.

    Some senders' bar is always green; where it was red before, the change itself is the end.
    """
    told = {
        sense for title in titles for *_, sense, weight in state_words(title) if weight >= PLACED
    }
    return Sense.FIRES in told and Sense.ENDS not in told


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


def spaced(text: str) -> str:
    """Return a text with the words of CamelCase set apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)


def state_words(text: str) -> Iterator[tuple[int, int, Sense, float]]:
    """Yield (start, end, sense, weight) of every word for a state, in order for each language."""
    before: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0].casefold()
        sense, weight = _sense(word)
        if sense is not None and not (before and before[-1] in words.WORK_ITEMS):
            negated = bool(_NOT & set(before[-2:]))
            if negated and sense is not Sense.BETWEEN:
                sense = Sense.FIRES if sense is Sense.ENDS else Sense.ENDS
            yield match.start(), match.end(), sense, weight
        before.append(word)
    for sense, pattern in words.KOREAN:
        for match in re.finditer(pattern, text):
            later = words.NOT_YET.match(text, _stem_end(text, match.end()))
            late = later or words.NOT_YET.match(text, match.end())
            if late and sense is Sense.ENDS:
                denied = words.NOT_OVER.match(late[0])
                yield match.start(), match.end(), Sense.FIRES, PLACED if denied else FAINT
            else:
                yield match.start(), match.end(), sense, PLACED
    for match in _KOREAN_NOUN.finditer(text):
        yield match.start(), match.end(), Sense.FIRES, HINT


def counts_in(line: str) -> Iterator[Sense]:
    """Yield what a line counts: alerts that fire, that are over."""
    for match in _COUNTED.finditer(line):
        word, count = (match[1], match[2]) if match[1] else (match[4], match[3])
        said = next(iter(state_words(word)), None)
        if said and said[3] > HINT and int(count[:6]) > 0:
            yield said[2]


def _stem_end(text: str, at: int) -> int:
    while at < len(text) and text[at] in "가이되하은는을를":
        at += 1
    return at


def _sense(word: str) -> tuple[Sense | None, float]:
    for sense, known in words.STATES.items():
        if word in known:
            return sense, PLACED
    if word in words.SEVERITIES:
        return Sense.FIRES, PLACED - HINT
    if word in words.NOUNS:
        return Sense.FIRES, HINT
    return None, 0.0


def _strongest(text: str) -> tuple[Sense, float] | None:
    """Return what a short text says: `OK -> ALARM` its last, `resolved problem` that it is over."""
    text = _ARROW.split(text)[-1]
    told = sorted(state_words(text), key=lambda each: (each[3], each[2]))
    return (told[-1][2], told[-1][3]) if told else None


def _fields(piece: Piece, found: Evidence) -> None:
    for key, value in piece.pairs:
        if words.BEFORE_KEY.search(key):
            continue
        said = _strongest(value[:80])
        if said is None:
            continue
        if words.STATE_KEY.match(key):
            found.add(said[0], OUTRIGHT)
            found.firm = said[0]
        elif words.LEVEL_KEY.match(key):
            found.add(said[0], HINT if said[0] is Sense.FIRES else PLACED)


def _counts(piece: Piece, titles: tuple[str, ...], found: Evidence) -> None:
    """Count `[FIRING:2]`, `CRITICAL - 2`, `2 alert(s) firing`: while one fires, nothing is over."""
    told = {sense for line in (*titles, *piece.lines[:10]) for sense in counts_in(line)}
    for key, value in piece.pairs:
        if _COUNT.fullmatch(value) and words.NOUNS & set(key.split()):
            told |= {sense for *_, sense, weight in state_words(key) if weight >= PLACED}
    if told:
        found.firm = Sense.FIRES if Sense.FIRES in told else min(told)
        found.add(found.firm, 2 * OUTRIGHT)


def _title(title: str, found: Evidence) -> None:
    """Weigh the places where tools put states: brackets, the first clause, the end."""
    for match in BRACKET.finditer(title):
        said = _strongest(match[1]) or (_NO_DATA.fullmatch(match[1]) and (Sense.FIRES, PLACED))
        first = match[1].split()[:1]
        if said and (len(match[1].split()) <= 3 or _sense(first[0].casefold())[0]):  # noqa: PLR2004 - words of a state
            found.add(*said)
    bare = words.EMOJI.sub(" ", BRACKET.sub(" ", title)).strip(" *-:|")
    lead, *rest = _CLAUSE.split(bare)
    if rest and len(lead.split()) > _LEAD_WORDS:
        lead, rest = "", [lead, *rest]
    short = not rest and len(lead.split()) <= _LEAD_WORDS
    tail = _TAIL.sub("", rest[-1] if rest else lead).rsplit(None, 1)[-1:]
    placed = [lead] if short else [lead, *tail] if rest else [*bare.split()[:1], *tail]
    for text in dict.fromkeys(placed):
        said = _strongest(text)
        if said and (said[1] >= PLACED or rest or short):
            found.add(*said)
    if not short:
        inner = bare.removeprefix(placed[0]).removesuffix(placed[-1]) if placed else ""
        for *_, sense, weight in state_words(inner):
            found.add(sense, weight / 2 if weight >= PLACED else FAINT)
    _emoji(title, found)


def _emoji(title: str, found: Evidence) -> None:
    """Weigh the first emoji: a later one tells a severity."""
    firsts = [
        (match.start(), sense)
        for sense, pattern in (
            (Sense.ENDS, words.GOOD_EMOJI),
            (Sense.FIRES, words.BAD_EMOJI),
            (Sense.BETWEEN, words.BETWEEN_EMOJI),
        )
        if (match := pattern.search(title))
    ]
    if firsts:
        found.add(min(firsts)[1], EMOJI)


def _line(line: str, found: Evidence, *, apart: bool) -> None:
    """Weigh sentences (`is CRITICAL`, `has recovered`, `state is now OK`) and words by the way."""
    for start, end, sense, weight in state_words(line):
        ahead = [word.casefold() for word in re.findall(r"[\w']+", line[:start])[-1:]]
        said = bool(ahead) and ahead[0] in (COPULA if weight > HINT else _STRICT)
        if said and not re.search(r"\bfrom\W+\w*$", line[:start]):
            found.add(sense, PLACED)
        elif apart and weight >= PLACED:
            whole = len(line) - (end - start) <= 4  # noqa: PLR2004 - marks around a lone word
            bracketed = line[max(start - 1, 0)] in "[(【" or line[end : end + 1] in "])】"
            found.add(sense, PLACED - HINT if whole or bracketed else HINT)
    if apart:
        _emoji_by_the_way(line, found)


def _emoji_by_the_way(line: str, found: Evidence) -> None:
    if words.GOOD_EMOJI.match(line):
        found.add(Sense.ENDS, HINT)
    elif words.BAD_EMOJI.match(line):
        found.add(Sense.FIRES, HINT)


def _figures(piece: Piece, found: Evidence) -> None:
    """Compare the figure with its limit; without a figure the words for it count."""
    text = "\n".join(piece.lines)
    if _OVER_NO_MORE.search(text):
        found.add(Sense.ENDS, EMOJI)
        return
    limit = threshold_in(text)
    values = [float(match[1]) for match in _PERCENT.finditer(text)]
    others = [value for value in values if value != limit]
    if limit is not None and others and not _REMAINS.search(text):
        if others[0] >= limit:
            found.condition += ENOUGH
        else:
            found.add(Sense.ENDS, HINT)
    elif _OVER.search(text) and values:
        found.condition += ENOUGH
    elif values and max(values) >= 80:  # noqa: PLR2004 - percent; a high figure alone is a hint
        found.condition += EMOJI
