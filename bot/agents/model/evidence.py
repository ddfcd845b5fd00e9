"""The evidence of one turn: what is known of whom, and what a model is given of it to read."""

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from bot.agents.model.untrusted_text import one_line
from bot.domain.selections import Measure

Told = dict[str, Any]

ALL = "all"  # the topic of a count that is of no one state
GRANTED_CORES = "cores granted"
MOST_TOLD = 8  # of one kind; all of them may be named, the first ones are put before the model


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
    QUEUES = " queues"


class Kind(StrEnum):
    """What a subject is; the value is the heading the model reads it under."""

    CLUSTER = "cluster"
    APPLICATION = "applications"
    NODE = "nodes"
    QUEUE = "queues"
    LIST = "list"
    REQUEST = "asked for"  # what the question says, which the model has read


@dataclass(frozen=True, slots=True)
class Figure:
    """A labelled figure; `topic` is set where figures of one unit must not be mixed up."""

    label: str
    value: float
    unit: Unit
    topic: str = ""

    @property
    def shown(self) -> str:
        """Return the figure as the model is to write it."""
        if self.unit is Unit.SECONDS:
            return _duration(self.value)
        precise = 0 < abs(self.value) < 10 and self.value != int(self.value)  # noqa: PLR2004 - where rounding shows 10
        number = f"{self.value:.1f}" if precise else f"{self.value:.0f}"
        return f"{number}{self.unit.value}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The cluster, an application, a node or a queue: its names, its figures, what holds for it.

    `ranks` are its places by measure among all that run, from 1. `states` are those that hold or
    do not (`protected`, `runaway`, `over`); one that nobody looked at is absent.
    """

    kind: Kind
    names: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    owner: str = ""
    queue: str = ""
    ranks: dict[Measure, int] = field(default_factory=dict)
    states: dict[str, bool] = field(default_factory=dict)

    def merged(self, other: "Subject") -> "Subject":
        """Return this subject with what only the other tells of it."""
        labels = {figure.label for figure in self.figures}
        more = tuple(figure for figure in other.figures if figure.label not in labels)
        return replace(
            self,
            names=self.names or other.names,
            figures=(*self.figures, *more),
            ranks={**other.ranks, **self.ranks},
            states={**other.states, **self.states},
        )

    @property
    def told(self) -> Told:
        """Return what the model reads of it."""
        about = {"owner": self.owner, "queue": self.queue}
        ranks = {each: rank for each, rank in self.ranks.items() if each is not Measure.GRANTED}
        places = [f"{measure.value} {rank}" for measure, rank in ranks.items()]
        sums = {Unit.CORES, Unit.GIB}  # of a queue: the model is told its applications
        untold = {Kind.APPLICATION: {Unit.POINTS}, Kind.QUEUE: sums}.get(self.kind, set())
        told = set(Unit) - untold
        denied = self.kind in {
            Kind.CLUSTER,
            Kind.QUEUE,
        }  # what does not hold is told of these alone
        ids = {"id": self.names[1]} if self.kind is Kind.APPLICATION and self.names[1:] else {}
        return {
            **({"name": one_line(self.names[0])} if self.names else {}),
            **ids,
            **{key: one_line(value) for key, value in about.items() if value},
            **{figure.label: figure.shown for figure in self.figures if figure.unit in told},
            **({"ranks": ", ".join(places)} if places and self.kind is Kind.APPLICATION else {}),
            **{state: holds for state, holds in self.states.items() if holds or denied},
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a turn's sentences may rest on; `subjects` begin with the cluster where there is one.

    `listed` are the names of the list shown, in its order `by`; `about` those the question is of.
    `trends` are the ways CPU went ("up", "down", "same") as far as two figures tell, `expected`
    what a kill should bring. `killed` and `approved` are names the audit trail says so of.
    `limits` are the product's own thresholds. `notes` are told and never checked against.
    """

    subjects: tuple[Subject, ...] = ()
    listed: tuple[str, ...] = ()
    by: Measure = Measure.CPU
    about: tuple[str, ...] = ()
    trends: frozenset[str] = frozenset()
    expected: str = ""
    killed: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()
    limits: tuple[Figure, ...] = ()
    times: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    passages: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """True when there is nothing to say anything about."""
        return not (self.subjects or self.passages)

    @property
    def told(self) -> Told:
        """Return the evidence as the model reads it."""
        kinds: dict[str, list[Told]] = {}
        for subject in self.subjects:
            if subject.kind is Kind.REQUEST or (subject.kind is Kind.QUEUE and not subject.states):
                continue  # a queue is known by its applications alone
            told = kinds.setdefault(subject.kind.value, [])
            if len(told) < MOST_TOLD and subject.told:
                told.append(subject.told)
        found: Told = {kind: _table(told) for kind, told in kinds.items() if told}
        more = {
            "list shown": [one_line(name) for name in self.listed],
            "cpu went": sorted(self.trends),
            "killed, proved": sorted(map(one_line, self.killed)),
            "approved": sorted(map(one_line, self.approved)),
            "limits": {limit.label: limit.shown for limit in self.limits},
            "notes": list(self.notes),
            "taken at": list(self.times[:1]),
        }
        return {**found, **{key: value for key, value in more.items() if value}}

    def joined(self, other: "Evidence") -> "Evidence":
        """Return both; what is known twice is told once, as the first tells it."""
        values: dict[str, Any] = {
            each.name: getattr(self, each.name) or getattr(other, each.name)
            for each in fields(Evidence)
        }
        subjects: dict[tuple[str, ...], Subject] = {}
        for subject in (*self.subjects, *other.subjects):
            names = () if subject.kind is Kind.CLUSTER else subject.names[:2]
            known = subjects.get((subject.kind, *names))
            subjects[subject.kind, *names] = known.merged(subject) if known else subject
        values["subjects"] = tuple(subjects.values())
        for name in ("passages", "times", "notes"):
            both = (*getattr(self, name), *getattr(other, name))
            values[name] = tuple(dict.fromkeys(both))
        for name in ("killed", "approved"):
            values[name] = getattr(self, name) | getattr(other, name)
        return Evidence(**values)


def _table(subjects: list[Told]) -> Told | list[list[Any]]:
    """Return one subject by its labels; of several the labels once, then a row each."""
    if len(subjects) == 1:
        return subjects[0]
    labels = list(dict.fromkeys(label for each in subjects for label in each))
    return [labels, *([each.get(label, "") for label in labels] for each in subjects)]


def _duration(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min" if minutes else f"{int(seconds)} s"
    return f"{minutes // 60} h {minutes % 60} min"
