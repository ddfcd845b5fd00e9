"""What a thread remembers, as plain JSON that survives releases.

Fields are only ever added, and read as if they might be missing or of an older shape.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict, TypeVar, cast

from langgraph.channels import UntrackedValue
from pydantic import TypeAdapter, ValidationError

from bot.agents.facts import Facts, GuideFacts
from bot.agents.model.port import ModelFailure
from bot.domain.alerts import Alert
from bot.domain.answers import Answer, Bullets, Extract, Part
from bot.domain.applications import ApplicationRef
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import Listing, ListingRow, Turn, Understanding
from bot.domain.knowledge import Culprit

Value = TypeVar("Value")
SCHEMA_VERSION = 1
MESSAGES_KEPT = 20
MESSAGE_LENGTH = 1000
LISTING = TypeAdapter(Listing)
ROW = TypeAdapter(ListingRow)
GROUPS = TypeAdapter(tuple[tuple[ListingRow, ...], ...])
GROUPS_KEPT = 3
METRICS = TypeAdapter(ClusterMetrics)
_LARGE = {"nodes", "queues", "alerts", "missing"}
CULPRITS = TypeAdapter(tuple[Culprit, ...])


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What a model did for this turn's reading: `read` when its reading went on; its trouble.

    `second` when the fallback model answered.
    """

    read: bool = False
    trouble: ModelFailure | None = None
    second: bool = False


class Memory(TypedDict, total=False):
    """The graph's state.

    Kept in the checkpoint: `messages` (the last 20, oldest first, `{"by", "text", "who"}`: by the
    bot, a person who asked, or the room, whose talk was not for us), `opened_by` (who began the
    thread with a question to us and nobody else), `listing`,
    `looked_at` (the one row the last answer showed in detail), `spoken` (the few rows the last
    answers were about, the latest first, each a group of those of one answer), `steps` (the
    numbered ones of the last guide),
    `metrics` and `baseline` (both without their points), `alert_title` and `culprits` (what stood
    out when the alert came), `alert_hosts` (the machines it names), `elsewhere` (the other cluster the thread's alert is about),
    `high_since` (since when CPU is high, told the same all along),
    `language` (of the last words somebody typed), `schema_version`, and `before` (all that as it
    stood before the last turn, where the turn may be taken back). The rest lives for one turn
    only and is never written: `found` holds each request of the message with its facts, `rest`
    those still to be looked up, `related` pages to name under the answer.
    """

    schema_version: int
    before: dict[str, Any] | None
    messages: list[dict[str, str]]
    opened_by: str
    listing: dict[str, Any]
    metrics: dict[str, Any]
    baseline: dict[str, Any]
    looked_at: dict[str, Any] | None
    spoken: list[list[dict[str, Any]]]
    steps: list[str]
    alert_title: str
    alert_hosts: list[str]
    elsewhere: str
    culprits: list[dict[str, Any]]
    high_since: str | None
    language: str
    turn: Annotated[Turn, UntrackedValue]
    alert: Annotated[Alert | None, UntrackedValue]
    reading: Annotated[Understanding, UntrackedValue]
    typed: Annotated[bool, UntrackedValue]
    model: Annotated[ModelUse, UntrackedValue]
    unseen: Annotated[tuple[str, ...], UntrackedValue]
    facts: Annotated[Facts | None, UntrackedValue]
    rest: Annotated[tuple[Understanding, ...], UntrackedValue]
    found: Annotated[tuple[tuple[Understanding, Facts], ...], UntrackedValue]
    related: Annotated[GuideFacts, UntrackedValue]
    answer: Annotated[Answer, UntrackedValue]


BLANK: Memory = {
    "messages": [],
    "opened_by": "",
    "listing": {},
    "metrics": {},
    "baseline": {},
    "looked_at": None,
    "spoken": [],
    "steps": [],
    "alert_title": "",
    "alert_hosts": [],
    "elsewhere": "",
    "culprits": [],
    "high_since": None,
    "language": "",
}
"""What a thread remembers that remembers nothing, as the checkpoint keeps it."""


def standing(memory: Memory) -> dict[str, Any]:
    """Return what a thread remembers, to be put back if its next turn is taken back."""
    return {name: value for name, value in memory.items() if name in BLANK}


def taken_back(memory: Memory, text: str) -> Memory | None:
    """Return what a thread remembered before its last message; None where that cannot be undone.

    It can when the last thing a person said is this text and nothing was done upon it.
    """
    before = memory.get("before")
    said = (each["text"] for each in reversed(memory.get("messages", [])) if each["by"] == "person")
    if before is None or next(said, None) != text[:MESSAGE_LENGTH]:
        return None
    undone: dict[str, Any] = {**BLANK, **before, "before": None}
    return cast("Memory", undone)


def _kept(adapter: TypeAdapter[Value], stored: object) -> Value | None:
    """Return what was stored; None where there is nothing, or it is of a shape nobody knows."""
    try:
        return adapter.validate_python(stored) if stored else None
    except ValidationError:
        return None


def listing_of(memory: Memory) -> Listing | None:
    """Return the last list shown in the thread, or None."""
    return _kept(LISTING, memory.get("listing"))


def looked_at(memory: Memory) -> ListingRow | None:
    """Return the one application the last answer was about, or None."""
    return _kept(ROW, memory.get("looked_at"))


def spoken_groups(memory: Memory) -> tuple[tuple[ListingRow, ...], ...]:
    """Return the few rows each of the last answers was about, the latest answer first."""
    return _kept(GROUPS, memory.get("spoken")) or ()


def spoken_of(memory: Memory) -> tuple[ListingRow, ...]:
    """Return the rows the last answers were about, each once, the latest first."""
    rows: dict[ApplicationRef, ListingRow] = {}
    for group in spoken_groups(memory):
        for row in group:
            rows.setdefault(row.ref, row)
    return tuple(rows.values())


def with_spoken(memory: Memory, rows: Sequence[ListingRow]) -> list[list[dict[str, Any]]]:
    """Return what is kept of the rows spoken of, those of a new answer put before."""
    groups = (*((tuple(rows),) if rows else ()), *spoken_groups(memory))[:GROUPS_KEPT]
    return [list(group) for group in GROUPS.dump_python(groups, mode="json")]


def baseline_of(memory: Memory) -> ClusterMetrics | None:
    """Return what the cluster looked like when the alert came, or None."""
    return _kept(METRICS, memory.get("baseline"))


def culprits_of(memory: Memory) -> tuple[Culprit, ...]:
    """Return what stood out when the alert came; empty when nothing did, or no alert came."""
    return _kept(CULPRITS, memory.get("culprits")) or ()


def stored_row(row: ListingRow) -> dict[str, Any]:
    """Return a row as JSON values."""
    return dict(ROW.dump_python(row, mode="json"))


def stored_culprits(culprits: tuple[Culprit, ...]) -> list[dict[str, Any]]:
    """Return culprits as JSON values."""
    return list(CULPRITS.dump_python(culprits, mode="json"))


def stored_listing(listing: Listing) -> dict[str, Any]:
    """Return a listing as JSON values."""
    return dict(LISTING.dump_python(listing, mode="json"))


def stored_metrics(metrics: ClusterMetrics) -> dict[str, Any]:
    """Return metrics as JSON values, small: without lists and the history's points."""
    small = dict(METRICS.dump_python(metrics, mode="json", exclude=_LARGE))
    if small["last_hour"]:
        del small["last_hour"]["points"]
    return small


def remembered(
    memory: Memory, turn: Turn, answer: Answer, told: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Return the thread's messages with this turn added, cut to what is kept.

    `told` are a model's sentences that were shown.
    """
    said: Sequence[dict[str, str]] = memory.get("messages", [])
    words = " ".join((*told, answer.summary))
    added = [{"by": "bot", "text": words[:MESSAGE_LENGTH]}]
    if turn.text:
        added.insert(0, _said("person", turn))
    return [*said, *added][-MESSAGES_KEPT:]


def overheard(memory: Memory, turn: Turn) -> list[dict[str, str]]:
    """Return the thread's messages with a line that was not for us added."""
    return [*memory.get("messages", []), _said("room", turn)][-MESSAGES_KEPT:]


def _said(by: str, turn: Turn) -> dict[str, str]:
    return {"by": by, "text": turn.text[:MESSAGE_LENGTH], "who": turn.asker}


MOST = 12
LONGEST = 200
_STEP = re.compile(
    r"(\d+)\s*(?:번째?|st|nd|rd|th)?\s*(?:단계|스텝|항목|절차|steps?\b|points?\b|items?\b)"
    r"|(?:단계|스텝|step|point|item)\s*#?(\d+)",
    re.IGNORECASE,
)


def steps_shown(parts: Iterable[Part]) -> list[str]:
    """Return the longest numbered list of the documents shown, one text a step."""
    lists = [
        part.items
        for extract in parts
        if isinstance(extract, Extract)
        for part in extract.parts
        if isinstance(part, Bullets) and part.numbered
    ]
    longest = max(lists, key=len, default=())
    return ["".join(span.text for span in item)[:LONGEST] for item in longest[:MOST]]


def step_meant(text: str, steps: Sequence[str]) -> str | None:
    """Return the step that a message asks about by its number; None where it asks about none."""
    found = _STEP.search(text)
    number = int(found[1] or found[2]) if found is not None else 0
    return steps[number - 1] if 0 < number <= len(steps) else None
