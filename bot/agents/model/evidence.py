"""The evidence of one turn: every figure, name and time an answer may hold, and what may be claimed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.agents.model.untrusted_text import one_line

Told = dict[str, Any]

ALL = "all"  # the topic of a count that is of no one state
MOST_TOLD = 6  # of one kind; all of them may be named, the first ones are put before the model


class Unit(StrEnum):
    """What a figure counts; the value is how it is written for the model."""

    PERCENT = "%"
    POINTS = "%p"
    CORES = " cores"
    GIB = " GiB"
    SECONDS = " s"
    RATE = " MB/s"
    JOBS = " jobs"
    NODES = " nodes"
    RANK = ""


class Claim(StrEnum):
    """What a sentence may say beyond figures and names, when code has found it to hold."""

    DOWN = "down"
    UP = "up"
    SAME = "same"
    HIGH = "high"
    CALM = "calm"
    SPREAD = "spread"  # busy, but no single application stands out
    LOST = "lost"  # nodes that do not respond
    EXPECTED = "expected"  # a kill is being weighed
    MOST = "most"  # of one subject: the first of its kind
    HEAVY = "heavy"
    RUNAWAY = "runaway"
    PROTECTED = "protected"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Figure:
    """A labelled figure; `topic` is set where figures of one unit must not be mixed up."""

    label: str
    value: float
    unit: Unit
    topic: str = ""

    @property
    def shown(self) -> str | float:
        """Return the figure as the model is to write it."""
        if self.unit is Unit.RANK:
            return int(self.value)
        if self.unit is Unit.SECONDS:
            return _duration(self.value)
        precise = 0 < abs(self.value) < 10 and self.value != int(self.value)  # noqa: PLR2004 - where rounding shows 10
        number = f"{self.value:.1f}" if precise else f"{self.value:.0f}"
        return f"{number}{self.unit.value}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The cluster, an application, a node or a queue: its names, its figures, what holds for it."""

    kind: str
    names: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    claims: frozenset[Claim] = frozenset()
    about: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> Told:
        """Return what the model reads of it."""
        return {
            **({"name": one_line(self.names[0])} if self.names else {}),
            **{key: one_line(value) for key, value in self.about if value},
            **{figure.label: figure.shown for figure in self.figures},
            **({"holds": sorted(self.claims)} if self.claims else {}),
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of a turn's evidence; `subjects` begin with the cluster where there is one."""

    subjects: tuple[Subject, ...] = ()
    claims: frozenset[Claim] = frozenset()
    times: tuple[str, ...] = ()
    passages: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """True when there is nothing to say anything about."""
        return not (self.subjects or self.passages)

    @property
    def told(self) -> Told:
        """Return the evidence as the model reads it."""
        found: Told = {}
        for subject in self.subjects:
            told = found.setdefault(subject.kind, [])
            if len(told) < MOST_TOLD:
                told.append(subject.told)
        if self.claims:
            found["holds"] = sorted(self.claims)
        if self.times:
            found["taken_at"] = self.times[0]
        return found

    def joined(self, other: "Evidence") -> "Evidence":
        """Return both; what is known twice is told once."""
        return Evidence(
            tuple(dict.fromkeys((*self.subjects, *other.subjects))),
            self.claims | other.claims,
            tuple(dict.fromkeys((*self.times, *other.times))),
            tuple(dict.fromkeys((*self.passages, *other.passages))),
        )


def _duration(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min" if minutes else f"{int(seconds)} s"
    return f"{minutes // 60} h {minutes % 60} min"
