"""Reading the quantities of a sentence, and whether a figure is what one of them says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.agents.model.evidence import Figure, Unit

_COUNTS = frozenset({Unit.JOBS, Unit.NODES})
COUNTER = frozenset({Unit.JOBS, Unit.CORES})  # a Korean 개 counts jobs, or the cores a list is of
UNITS: tuple[tuple[str, frozenset[Unit], float], ...] = (
    (r"%\s?p\b|%\s?포인트|퍼센트\s?포인트|percentage[ -]points?|pp\b|points?\b", frozenset({Unit.POINTS}), 1),
    (r"%|퍼센트|프로(?=[^가-힣]|가|로|를|나|쯤|정도)|percent\b", frozenset({Unit.PERCENT}), 1),
    (r"(?:v|vir\w* |CPU )?cores?\b|vcpus?\b|v?코어", frozenset({Unit.CORES}), 1),
    (r"TiB\b|TB\b|테라", frozenset({Unit.GIB}), 1024),
    (r"GiB\b|GB\b|G\b|gigs?\b|gigabytes?\b|기가(?:바이트)?", frozenset({Unit.GIB}), 1),
    (r"MB/s|MiB/s", frozenset({Unit.RATE}), 1),
    (r"MiB\b|MB\b|메가(?:바이트)?", frozenset({Unit.GIB}), 1 / 1024),
    (r"일(?:간|째)?(?:[이을은도만의치]|까지만?|마다)?(?![가-힣])|days?\b|d\b", frozenset({Unit.SECONDS}), 86_400),
    (r"시간|hours?\b|hrs?\b|h\b", frozenset({Unit.SECONDS}), 3_600),
    (r"분(?!의)|minutes?\b|mins?\b|m\b", frozenset({Unit.SECONDS}), 60),
    (r"초|seconds?\b|secs?\b|s\b", frozenset({Unit.SECONDS}), 1),
    (r"대(?!비|기|상)|(?:healthy |cluster |worker )?(?:node|worker)s?\b|노드|machines?\b|hosts?\b", frozenset({Unit.NODES}), 1),
    (r"queues?\b|개\s?큐|큐", frozenset({Unit.QUEUES}), 1),
    (r"개", COUNTER, 1),
    (r"건|잡|(?:\w+ ){0,2}?(?:jobs?|applications?|apps?)\b|애플리케이션", _COUNTS, 1),
)  # fmt: skip
ANY_UNIT = frozenset({Unit.CORES, Unit.JOBS, Unit.NODES})
NUMBER = re.compile(
    r"(?<![\w.\-_:/])(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?![\d:]|[./-]\d)[\s-]*(?P<unit>"
    + "|".join(f"(?:{pattern})" for pattern, _, _ in UNITS)
    + ")?",
    re.ASCII | re.IGNORECASE,
)
CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
RANK = re.compile(
    r"(?:(?<![\d.])\d\s*[,·와과]\s*)?(?P<n>\d+)\s*(?:위|등(?!급)|번째|순위)|\b(?:number|rank(?:s|ed)?(?: number)?|no\.|place)\s*#?(?P<e>\d+)\b"
    r"|\b(?:in |the )?(?P<o>\d+)(?:st|nd|rd|th)\b(?=[\s-]*(?:place|largest|biggest|heaviest|most|longest|oldest|smallest|newest|youngest|shortest|candidate|one\b|row\b|entry\b|job\b|in\b|by\b|on\b|of\b|with\b|at\b|is\b|comes?\b|[,.;]|$))",
    re.IGNORECASE,
)
ROW = re.compile(r"(?:#|no\.\s*)(\d+)\b|(\d+)\s*번(?!째)", re.IGNORECASE)
SPAN = re.compile(
    r"(?:\b(?:numbers|ranks?|rows|places|nos\.|jobs|candidates) |#)#?\d(?:,? ?(?:,|and|&|or|through|to|[-–~]) ?#?\d\b)+"
    r"|(?<![\d.])\d\s?[위번]?(?:(?:[와과·,~-]|이랑|랑|하고|부터|에서)\s?\d\s?[위번])+",
    re.IGNORECASE,
)
"""Several places told together: "numbers 1 and 2", "1~4위"."""
NUMBERED_NODE = re.compile(
    r"(?:\b(?:nodes?|hosts?|machines?|workers?)|노드|워커)\s(?:\d+ and )?$", re.IGNORECASE
)
ALIKE = re.compile(
    r"^\s*(?:,|,?\s+(?:and|to|of|against|versus|vs\.?|compared (?:with|to))|[와과·~–-]|대|에서)\s*$"
)
_THINGS = "잡|작업|앱|애플리케이션|노드|큐"
THING = re.compile(rf"(?:의|나)?\s?(?:{_THINGS}|짜리)")
THING_BEFORE = re.compile(rf"(코어|{_THINGS})[은는이가도을를만]?\s(?:딱|총|모두|전부|다|단)?\s?$")
GAP = re.compile(r"^[\s,]*(?:and\s+)?$")
OVER = re.compile(r"\b(?:(?:more|older|longer|larger|bigger|higher|greater|heavier) than|over|above|at least|exceed\w*|past|beyond|upwards? of)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)  # fmt: skip
LITTLE = re.compile(
    r"(?:little|just|slightly|barely|bit) (?:over|above|more than)(?: about)?\s*$", re.IGNORECASE
)
LITTLE_KO = re.compile(
    r"^\s*(?:배|선)?(?:을|를|이|가)?\s*(?:조금|약간|살짝)\s*(?:더\s)?(?:넘|웃돌|초과)"
)
SHORT = re.compile(
    r"(?:little|just|slightly|barely|bit|shade|hair) (?:under|below|less than|short of|shy of)(?: about)?\s*$",
    re.IGNORECASE,
)
SHORT_KO = re.compile(
    r"^\s*(?:배|선)?(?:에|이|가)?\s*(?:조금|약간|살짝)\s*(?:못\s*미[치쳐침친칩]|모자|안\s*[되돼됩됐]|덜)"
)
UNDER = re.compile(r"(?:(?:less|younger|newer|shorter|smaller|lower|lighter) than|fewer than|not (?:even|quite)|nowhere near|under|below|within)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)  # fmt: skip
OVER_AFTER = re.compile(
    r"^ or (?:more|longer|over)\b|^\s*(?:배|선)?(?:을|를|이|가)?\s*(?:조금|약간|살짝)?\s*(?:더\s)?(?:넘|이상|초과|웃돌|웃돕)"
)
UNDER_AFTER = re.compile(
    r"^ or (?:less|fewer|under|below|younger|newer)\b|^\s*(?:이|가|도|을|를|에)?\s*(?:채\s*)?(?:안\s*(?:되|된|돼|됐)|미만|이하|못\s*미[치쳐침친칩]|이내|밑|아래|안쪽|안으로)"
)
ABOUT = re.compile(r"(?:about|around|roughly|almost|nearly|approximately|close to|some|just|약|거의|대략)\s*$", re.IGNORECASE)  # fmt: skip
ABOUT_KO = re.compile(r"^\s*(?:정도|쯤|가량|남짓|안팎|수준|내외|가까이)")
SUPPOSED = re.compile(r"^[^.,]{0,12}(?:[으하되이]면|다면|때)(?=[\s,])")
SUPPOSED_EN = re.compile(r"\b(?:if|when|whenever|once|until|unless)\b[^.,]*$", re.IGNORECASE)
CONDITION = re.compile(
    r"^(?:배|선)?\S?\s*(?:넘|이상|초과|미만|이하|못\s?미|웃돌|남짓|필요|요청|달라)[^.,\s]{0,4}(?:면|다면|라면|때)(?=[\s,])"
)
CONDITION_EN = re.compile(
    r"\b(?:if|whenever|unless)\b(?!.*\b(?:it|this|that|they|both|them|those|you|we|kill\w*|stop\w*|end\w*|goes|gone)\b)[^.,]*$",
    re.IGNORECASE,
)
OF_SOME = re.compile(r"\bof (?:the|these|those|all) $", re.IGNORECASE)
"""What makes a number one of jobs, whatever figure follows."""
EACH = re.compile(r"당(?![가-힣])|당으로|마다")
HOUR = 60  # minutes, each of as many seconds
ROUND = ((100, 50.0), (10, 5.0), (5, 2.5), (1, 1.0))  # written so round, off by so many steps
LOOSE = 0.06  # of the value, where a sentence says that it is about so much


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: its value in base units, how far the true value may lie, and where.

    `bound` is 1 when the true value is said to be larger, -1 when smaller. `scale` is what a number
    without a unit counts in seconds, where one before it told minutes or hours.
    """

    value: float
    tolerance: float
    units: frozenset[Unit]
    start: int
    end: int
    bound: int = 0
    scale: float = 1

    def says(self, value: float, unit: Unit) -> bool:
        """Tell whether this is the figure, rounded, or a bound that it keeps."""
        if unit not in self.units:
            return False
        if unit is Unit.SECONDS and self.scale > 1:
            whole = replace(self, units=frozenset({unit}), scale=1, tolerance=self.scale)
            return replace(whole, value=self.value * self.scale).says(value, unit)
        true = abs(value) if unit is Unit.POINTS else value
        if self.bound:
            slack = 1.0 if unit is Unit.SECONDS else self.tolerance
            return (true - self.value) * self.bound >= -slack
        least = self.tolerance / 2 if self.units == {Unit.SECONDS} else self.tolerance
        most = self.tolerance - 2e-9 if self.units == {Unit.SECONDS} else self.tolerance
        return -least - 1e-9 <= true - self.value <= most + 1e-9

    def is_figure(self, figure: Figure) -> bool:
        """Tell whether this is what a figure says."""
        return self.says(figure.value, figure.unit)


_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS = dict(zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True))  # fmt: skip
_ORDINALS = {word: place for place, word in enumerate(["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 2)}  # fmt: skip
_KOREAN = {
    "한": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6, "일곱": 7,
    "여덟": 8, "아홉": 9, "열": 10, "첫": 1, "스무": 20, "하나": 1,
}  # fmt: skip
_WORD = re.compile(
    rf"\b(?:(?P<parts>an?|{'|'.join(_ONES[1:10])})[ -])?(?P<part>half|third|quarter|fifth|sixth|eighth|tenth)s?\b(?(parts)(?= (?:of|the)\b|[,.;)]|$)|(?= (?:of|the)\b))"
    rf"|\b(?:(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<more>{'|'.join(_ONES[1:10])}))?|(?P<one>{'|'.join(_ONES[2:])}))\b"
    r"|\b(?P<single>one|an?|zero)\b(?=\s+(?:minute|hour|second(?!\w|\s+\w)|day)\b|\s+of\s+the\s)"
    r"|(?P<first>\bfirst\b(?=\s+(?:place|one|row|entry|job)\b)|(?<=ranked )first\b|(?<=comes )first|(?<=be )first|(?<=is )first\b)"
    rf"|(?:(?<=is )|(?<='s )|(?<=only )|(?<=comes )|(?<=ranks )|(?<=sits )|(?<=be ))(?P<linked>{'|'.join(_ORDINALS)})\b(?! (?:minute|hour|day|of\b))"
    rf"|(?<!next )(?<!a )\b(?P<ordinal>{'|'.join(_ORDINALS)})\b(?=[\s-]*(?:place|largest|biggest|heaviest|most|longest|oldest|smallest|newest|youngest|shortest|candidate|one\b|row\b|entry\b|job\b|by\b|on\b|with\b|at\b|in\b|[,.;]|$))",
    re.IGNORECASE,
)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
FIRST_ROW = re.compile(r"(?P<ko>(?:맨|제일)\s?(?:위|앞|처음)(?!\s?\d))|\btop(?=\s+(?:one|row|entry|job|application)\b)", re.IGNORECASE)  # fmt: skip
_KO_PART = re.compile(r"(?P<of>[1-9]\d*)분의\s?(?P<n>\d+)|절반")
_KO_WORD = re.compile(
    rf"(?<![\uac00-\ud7a3])({'|'.join(sorted(_KOREAN, key=len, reverse=True))})"
    r"(?=\s*(?:개|대|건|잡|노드|시간|번째|배|애플리케이션|뿐|밖에|큐)(?!\s*(?:가지|로\s*나)))"
)
_KO_ALONE = re.compile(
    r"(?<![가-힣])(셋|넷|다섯|여섯|일곱|여덟)(?=(?:이|은|을|의|다|만|도|과|뿐)(?![가-힣])|이[에고며라니지]|입니|예요|\s(?:중|다|합|모두|전부))"
)


_HALF = re.compile(r"(\d+)(\s?시간)\s?반(?![가-힣])|(?<![가-힣])반(\s?시간)")
_HALF_EN = re.compile(
    r"\b(?:half an? (?P<unit>hour|day|minute)|(?P<n>\d+|an?|one|two|three) (?:and a half (?P<many>hours|days)|(?P<one>hour) and a half))\b",
    re.IGNORECASE,
)
TWICE = re.compile(
    r"\btwice(?= (?:the|as|what|that)\b)|\bdouble(?= (?:the|what|that)\b)", re.IGNORECASE
)
_PLACES = {"first": 1, "runner-up": 2, **_ORDINALS}
NTH = re.compile(
    rf"\bthe (runner-up\b|(?:first|{'|'.join(_ORDINALS)})(?= (?!hours|minutes|days|jobs)[a-z]+s\b))",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(?<=\d[dh])(?=\d+[hm]\b)")
_OF_HOUR = re.compile(r"\b(\d[\d.]*)% of (?:an?|1) hour\b")
_RANGE = re.compile(
    r"(?<=\d)(?<![\w.:/-]\d{2})(?<![.:/-]\d)[-–](?=\d{1,4}(?:\s?%|\s[a-z]|\s?[분초시배일회번]))"
)
_EVERY = re.compile(r"\b(?P<n>\d) (?:out of|of|in) every (?P<of>\d+)\b")


def _halves(found: re.Match[str]) -> str:
    if found["unit"]:
        return f"0.5 {found['unit']}"
    number = found["n"].lower()
    whole = number if number.isdigit() else _ONES.index(number) if number in _ONES else 1
    return f"{whole}.5 {found['many'] or found['one']}"


_LOANS = {"core": "코어", "memory": "메모리", "queue": "큐", "job": "잡", "node": "노드", "app": "앱", "owner": "소유자", "application": "애플리케이션", "cluster": "클러스터"}  # fmt: skip
_LOAN = re.compile(rf"(?<![\w.-])v?({'|'.join(_LOANS)})s?(?![a-z0-9_.-]*[a-z0-9_])", re.IGNORECASE)


def _share(parts: int, whole: int) -> str:
    """Return a fraction in percent: one that does not come out even is about so much."""
    percent = 100 * parts / whole
    return f"{percent:.0f}%" if percent.is_integer() else f"about {percent:.3g}%"


def in_korean(sentence: str) -> str:
    """Return a Korean sentence with the words for what is counted in Korean: people mix the two."""
    if not re.search("[가-힣]", sentence):
        return sentence
    return _LOAN.sub(lambda found: _LOANS[found[1].lower()], sentence)


def numbered(sentence: str) -> str:
    """Return a sentence with its small numbers in digits, so that they are checked as numbers."""

    def digits(found: re.Match[str]) -> str:
        if found["tens"]:
            return str(
                _TENS[found["tens"].lower()]
                + (_ONES.index(found["more"].lower()) if found["more"] else 0)
            )
        if found["first"]:
            return "1th"
        if found["ordinal"] or found["linked"]:
            place = _ORDINALS[(found["ordinal"] or found["linked"]).lower()]
            return f"{place}th" if found["ordinal"] else f"{place}th place"
        if found["part"]:
            parts = _ONES.index(found["parts"]) if found["parts"] in _ONES else 1
            return _share(parts, _PARTS[found["part"].lower()])
        if found["one"]:
            return str(_ONES.index(found["one"].lower()))
        return "0" if found["single"].lower() == "zero" else "1"

    def part(found: re.Match[str]) -> str:
        return _share(int(found["n"]), int(found["of"])) if found["of"] else "50%"

    sentence = _JOINED.sub(" ", _RANGE.sub("~", sentence))  # "6h50m"
    sentence = _HALF.sub(
        lambda found: f"{found[1] or 0}.5{found[2] or found[3]}", _HALF_EN.sub(_halves, sentence)
    )
    sentence = _KO_ALONE.sub(lambda found: f"{_KOREAN[found[1]]}건", sentence)
    plain = _KO_WORD.sub(lambda found: str(_KOREAN[found[1]]), _WORD.sub(digits, sentence))
    plain = TWICE.sub("2 times", plain)
    plain = NTH.sub(lambda found: f"number {_PLACES[found[1].lower()]}", plain)
    plain = _OF_HOUR.sub(lambda found: f"{float(found[1]) * 0.6:.0f} minutes", plain)
    plain = _EVERY.sub(part, _KO_PART.sub(part, plain))
    return FIRST_ROW.sub(lambda found: "1번째" if found["ko"] else "1th", plain)


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return a text's quantities; `6 h 50 min` and `6시간 50분` are one. Ranks are none."""
    taken = [
        found.span() for pattern in (RANK, ROW, SPAN, CLOCK) for found in pattern.finditer(text)
    ]
    found: list[Quantity] = []
    for each in _single(text):
        one = each
        if any(start < one.end and one.start < end for start, end in taken):
            continue
        last = found[-1] if found else None
        if (
            last
            and one.units == ANY_UNIT
            and one.value < HOUR
            and last.tolerance == HOUR * HOUR
            and GAP.match(text[last.end : one.start])
        ):
            one = replace(one, value=one.value * HOUR, tolerance=HOUR, units=last.units)  # "6 h 50"
        if last is not None and one.units == ANY_UNIT:
            units = one.units.union(*(each.units for each in found))
            scales = [each.tolerance for each in found if each.units == {Unit.SECONDS}]
            one = replace(one, units=units, scale=scales[-1] if scales else 1)
        if last is not None and _continues(text, last, one):
            found[-1] = Quantity(
                last.value + one.value, one.tolerance, last.units, last.start, one.end
            )
        else:
            found.append(one)
    for at in range(len(found) - 2, -1, -1):  # "25 and 9 minutes"
        one, after = found[at], found[at + 1]
        of_some = OF_SOME.search(text, 0, one.start)
        if one.units == ANY_UNIT and not of_some and ALIKE.match(text[one.end : after.start]):
            scale = after.tolerance / (1.0 if after.units == {Unit.SECONDS} else 0.5)
            loose = after.units == {Unit.PERCENT} and text[one.end : after.start].strip() == ","
            units = after.units | one.units if loose else after.units  # "of 160 cores 56, 35 %"
            found[at] = replace(
                one, value=one.value * scale, tolerance=after.tolerance, units=units
            )
    return tuple(_bounded(text, one) for one in found)


def _single(text: str) -> Iterator[Quantity]:
    for match in NUMBER.finditer(text):
        number = match["number"].replace(",", "")
        decimals = len(number.partition(".")[2])
        units, scale = _unit(match["unit"])
        if EACH.match(text, match.end()):
            continue  # "1코어당" counts nothing
        if units == COUNTER and (thing := _thing(text, match.start(), match.end())):
            of_thing = {"코어": Unit.CORES, "큐": Unit.QUEUES}.get(thing)
            units = frozenset({of_thing}) if of_thing else _COUNTS
        if units == ANY_UNIT and NUMBERED_NODE.search(text[: match.start()]):
            units = frozenset({Unit.NODES})
        step = 0.5 * 10.0**-decimals
        if units == {Unit.SECONDS} and not decimals:
            step = 1.0  # people cut hours and minutes off as often as they round them
        end = match.end() if match["unit"] else match.end("number")
        yield Quantity(float(number) * scale, step * scale, units, match.start(), end)


def _thing(text: str, start: int, end: int) -> str:
    """Return what a Korean 개 is said to count by the word right behind it or before it."""
    if THING.match(text, end):
        return "잡"
    before = THING_BEFORE.search(text[:start])
    return before[1] if before else ""


def _unit(written: str | None) -> tuple[frozenset[Unit], float]:
    if not written:
        return ANY_UNIT, 1
    return next(
        (
            (units, scale)
            for pattern, units, scale in UNITS
            if re.fullmatch(pattern, written, re.ASCII | re.IGNORECASE)
        ),
        (ANY_UNIT, 1),
    )


def supposed(one: Quantity, text: str) -> bool:
    """Tell whether a quantity is a condition of nobody in sight: "if more than 3 times the input"."""
    return bool(CONDITION.match(text[one.end :]) or CONDITION_EN.search(text[: one.start]))


def _bounded(text: str, one: Quantity) -> Quantity:
    before, after = text[: one.start], text[one.end :]
    if SUPPOSED.search(after) or SUPPOSED_EN.search(before):
        return one  # a condition names a limit, and a limit is exact
    if LITTLE.search(before) or LITTLE_KO.match(after):
        one = replace(one, value=one.value * (1 + LOOSE), tolerance=one.value * LOOSE * 2)
    elif SHORT.search(before) or SHORT_KO.match(after):
        one = replace(one, value=one.value * (1 - LOOSE / 2), tolerance=one.value * LOOSE / 2)
    elif OVER.search(before) or OVER_AFTER.match(after):
        one = replace(one, bound=1)
    elif UNDER.search(before) or UNDER_AFTER.match(after):
        one = replace(one, bound=-1)
    elif ABOUT.search(before) or ABOUT_KO.match(after):
        one = replace(one, tolerance=max(one.tolerance, _loose(one)))
    return one


def _loose(one: Quantity) -> float:
    """Return how far "about so much" may be off: a round number further than one that is not."""
    if one.units == {Unit.PERCENT} and one.tolerance < 0.5:  # noqa: PLR2004 - "two thirds" is 66.7%
        return one.value * LOOSE
    step = one.tolerance * (1 if one.units == {Unit.SECONDS} else 2)
    written = round(one.value / step)
    steps = next(most for each, most in ROUND if not written % each)
    return min(one.value * LOOSE, steps * step)


def _continues(text: str, last: Quantity, one: Quantity) -> bool:
    times = frozenset({Unit.SECONDS})
    smaller = one.tolerance < last.tolerance
    return (
        last.units == one.units == times and smaller and bool(GAP.match(text[last.end : one.start]))
    )
