"""Reading the quantities of a sentence, and whether a figure is what one of them says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.agents.model.evidence import Figure, Unit

UNITS: tuple[tuple[str, frozenset[Unit], float], ...] = (
    (r"%p|%포인트|퍼센트포인트|percentage points?|pp\b|points?\b", frozenset({Unit.POINTS}), 1),
    (r"%|퍼센트|percent\b", frozenset({Unit.PERCENT}), 1),
    (r"vcores?\b|cores?\b|v?코어", frozenset({Unit.CORES}), 1),
    (r"TiB\b|TB\b", frozenset({Unit.GIB}), 1024),
    (r"GiB\b|GB\b|기가", frozenset({Unit.GIB}), 1),
    (r"MB/s", frozenset({Unit.RATE}), 1),
    (r"일(?:간|째)?|days?\b|d\b", frozenset({Unit.SECONDS}), 86_400),
    (r"시간|hours?\b|hrs?\b|h\b", frozenset({Unit.SECONDS}), 3_600),
    (r"분|minutes?\b|mins?\b|min\b|m\b", frozenset({Unit.SECONDS}), 60),
    (r"초|seconds?\b|secs?\b|s\b", frozenset({Unit.SECONDS}), 1),
    (r"대|nodes?\b|machines?\b", frozenset({Unit.NODES}), 1),
    (r"번|위|순위", frozenset({Unit.RANK}), 1),
    (r"개|건|jobs?\b|applications?\b|apps?\b", frozenset({Unit.JOBS, Unit.NODES}), 1),
)
ANY_UNIT = frozenset({Unit.CORES, Unit.JOBS, Unit.NODES, Unit.RANK})
NUMBER = re.compile(
    r"(?P<sign>[-+\u2212]?)(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>"
    + "|".join(f"(?:{pattern})" for pattern, _, _ in UNITS)
    + ")?",
    re.ASCII,
)
WORD_NUMBERS = re.compile(
    r"\b(?:double[ds]?|twice|half|halved|third|quarter|triple[ds]?|dozens?|hundreds?|thousands?"
    r"|zero|four|five|six|seven|eight|nine|ten)\b|절반|두\s*배|세\s*배|\d\s*배|배로|수십|수백|과반|반으로",
    re.IGNORECASE | re.ASCII,
)
CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
GAP = re.compile(r"^[\s,]*(?:and\s+)?$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: its value in base units, how far the true value may lie, and where."""

    value: float
    tolerance: float
    units: frozenset[Unit]
    start: int
    end: int

    def says(self, figure: Figure) -> bool:
        """Tell whether this is the figure, rounded."""
        if figure.unit not in self.units:
            return False
        true = abs(figure.value) if figure.unit is Unit.POINTS else figure.value
        return abs(self.value - true) <= self.tolerance + 1e-9


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return a text's quantities; `6 h 50 min` and `6시간 50분` are one."""
    found: list[Quantity] = []
    for one in _single(text):
        last = found[-1] if found else None
        if last is not None and _continues(text, last, one):
            found[-1] = Quantity(
                last.value + one.value, one.tolerance, last.units, last.start, one.end
            )
        else:
            found.append(one)
    return tuple(found)


def _single(text: str) -> Iterator[Quantity]:
    for match in NUMBER.finditer(text):
        number = match["number"].replace(",", "")
        decimals = len(number.partition(".")[2])
        units, scale = _unit(match["unit"])
        step = 0.5 * 10.0**-decimals
        if units == {Unit.SECONDS} and not decimals:
            step = 1.0  # people cut hours and minutes off as often as they round them
        yield Quantity(float(number) * scale, step * scale, units, match.start(), match.end())


def _unit(written: str | None) -> tuple[frozenset[Unit], float]:
    if not written:
        return ANY_UNIT, 1
    return next(
        (
            (units, scale)
            for pattern, units, scale in UNITS
            if re.fullmatch(pattern, written, re.ASCII)
        ),
        (ANY_UNIT, 1),
    )


def _continues(text: str, last: Quantity, one: Quantity) -> bool:
    times = frozenset({Unit.SECONDS})
    smaller = one.tolerance < last.tolerance
    return (
        last.units == one.units == times and smaller and bool(GAP.match(text[last.end : one.start]))
    )
