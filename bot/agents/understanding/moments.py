"""How far back a named time lies: 어제 이 시간, 한 시간 전, last week, 30 minutes ago.

The words of time are a small closed set in both languages; numbers stand before a unit, and only
`전` or `ago` behind it makes it a time: `3시간 넘게` is a length.
"""

import re
from datetime import timedelta

from bot.agents.understanding.decision import decided
from bot.agents.understanding.message import Message
from bot.agents.understanding.questions import CLUSTER, JOBS, topics
from bot.domain.conversation import Intent, Understanding

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK, MONTH = timedelta(weeks=1), timedelta(days=30)
LONGEST = timedelta(days=400)

_NAMED: tuple[tuple[str, timedelta], ...] = (
    (r"엊?그저께|엊?그제|(?:the )?day before yesterday", 2 * DAY),
    (r"어제|어저께|전날|전일|yesterday(?:'s)?", DAY),
    (r"(?:지난|저번)\s*주|전\s*주|(?:last|previous|prior) week(?:'s)?", WEEK),
    (r"(?:지난|저번)\s*달|(?:last|previous) month(?:'s)?", MONTH),
)
_NUMBERS = {
    **dict.fromkeys(("한", "하나", "a", "an", "one"), 1),
    **dict.fromkeys(("두", "둘", "two", "a couple of", "couple of"), 2),
    **dict.fromkeys(("세", "셋", "석", "three"), 3),
    **dict.fromkeys(("네", "넷", "넉", "four"), 4),
    **dict.fromkeys(("다섯", "five"), 5),
    **dict.fromkeys(("여섯", "six"), 6),
    **dict.fromkeys(("일곱", "seven"), 7),
    **dict.fromkeys(("여덟", "eight"), 8),
    **dict.fromkeys(("아홉", "nine"), 9),
    **dict.fromkeys(("열", "십", "ten"), 10),
    **dict.fromkeys(("열두", "twelve"), 12),
    **dict.fromkeys(("십오", "fifteen"), 15),
    **dict.fromkeys(("이십", "twenty"), 20),
    **dict.fromkeys(("삼십", "thirty"), 30),
    **dict.fromkeys(("사십오", "forty five", "forty-five"), 45),
}
_UNITS: tuple[tuple[str, timedelta], ...] = (
    (r"분|minutes?|mins?|m", MINUTE),
    (r"시간|hours?|hrs?|h", HOUR),
    (r"주일?|weeks?|wks?|w", WEEK),
    (r"달|개월|months?", MONTH),
    (r"일|days?|d", DAY),
)
_WHOLE: tuple[tuple[str, timedelta], ...] = (
    (r"반\s*시간|half an hour|half hour", 30 * MINUTE),
    (r"반나절", 12 * HOUR),
    (r"하루", DAY),
    (r"이틀", 2 * DAY),
    (r"사흘", 3 * DAY),
    (r"나흘", 4 * DAY),
    (r"일\s*주일|한\s*주", WEEK),
    (r"보름", 15 * DAY),
    (r"한\s*달", MONTH),
)
_BACK = r"\s*(?:쯤|정도|즈음)?\s*(?:전|ago|earlier|back\b|before now)"
_START, _END = r"(?<![\w])", r"(?![a-z])"
_HANGUL_START = r"(?<![\uac00-\ud7a3])"
_COUNT = "|".join(sorted(_NUMBERS, key=len, reverse=True))


def _alone(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_HANGUL_START}|{_START})(?:{pattern}){_END}", re.IGNORECASE)


_DAYS = tuple((_alone(pattern), back) for pattern, back in _NAMED)
_LENGTHS = tuple((_alone(f"(?:{pattern}){_BACK}"), back) for pattern, back in _WHOLE)
_COUNTED = tuple(
    (
        _alone(rf"(?P<count>\d{{1,4}}|{_COUNT})\s*(?:{pattern})(?P<half>\s*반)?{_BACK}"),
        unit,
    )
    for pattern, unit in _UNITS
)

_THAN = re.compile(
    r"보다|비교|대비|견주|비해|비하|달라|다르|차이|변화|변했|바뀌|바꼈|compar|versus|\bvs\b|\bthan\b"
    r"|against|relative to|differ|\bsame\b|\blike\b|change",
    re.IGNORECASE,
)
_WITH = re.compile(r"(?:전|께|제|주|달|때|시간|시각|날)\s*(?:이랑|랑|하고|과|와)\b")
_OTHER_MATTERS = (
    "trouble",
    "die",
    "failed",
    "kill",
    "killed",
    "killing",
    "kill_noun",
    "stop",
    "who",
    "audit",
    "why",
    "web",
    "foreign",
    "detail",
    "purpose",
)
_TIME_WORDS = re.compile(r"지난|저번|last|previous|prior|전에")


def ago(text: str) -> timedelta | None:
    """Return how far back the time lies that a text names; None when it names none.

    Of several the farthest is meant: `어제 한 시간 전` is not said.
    """
    found = [back for pattern, back in (*_DAYS, *_LENGTHS) if pattern.search(text)]
    for pattern, unit in () if found else _COUNTED:
        for match in pattern.finditer(text):
            said = match["count"].casefold()
            count = int(said) if said.isdecimal() else _NUMBERS[said]
            found.append(count * unit + (unit / 2 if match["half"] else timedelta()))
    back = max(found, default=None)
    return back if back and back <= LONGEST else None


def then_and_now(message: Message) -> Understanding | None:
    """Read a comparison of the cluster with a named time, or a question how it was then."""
    back = ago(message.normal)
    if back is None or message.has(*_OTHER_MATTERS) or _past_trouble(message):
        return None
    compares = _THAN.search(message.normal) or _WITH.search(message.normal)
    if message.has("how", "when_high") and not compares:
        return None
    if message.has("run", "show") and message.has(*JOBS) and not compares:
        return None
    if message.names_field("id", "name", "user"):
        return None
    moved = message.has("drop", "rise", "after")
    if not (compares or moved or message.has(*CLUSTER, "amount")):
        return None
    return decided(message, Intent.COMPARE, topics=topics(message), ago=back)


def _past_trouble(message: Message) -> bool:
    """Tell a question on past incidents: `지난주에도 이런 일 있었어?`."""
    return any(
        piece.concept == "past" and not _TIME_WORDS.search(piece.text) for piece in message.pieces
    )
