"""The platform the utterances are asked against, and how a reading of one is judged."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.agents.understanding import understand
from bot.domain.applications import ApplicationRef
from bot.domain.conversation import AgentName, Intent, ListingRow, ThreadView, Understanding
from bot.domain.selection_resolver import Resolved, Unresolved, listed_only, resolve
from bot.domain.selections import Selection

DATA = Path(__file__).parents[2] / "evals" / "data"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LISTED = {"none": 0, "L3": 3, "L5": 5, "P": 5, "K": 5}
ROUTES = {
    AgentName.INFRA_ENGINEER: "infra",
    AgentName.DATA_ENGINEER: "data",
    AgentName.ADMIN_GUIDE: "guide",
    AgentName.NONE: "none",
}
AIMED = {"kill", "what_if", "detail"}
ROUTED = {"status", "compare", "diagnose", "list", "how_to", "history"} | AIMED


def platform_rows() -> tuple[ListingRow, ...]:
    found = json.loads((DATA / "platform.json").read_text(encoding="utf-8"))["applications"]
    return tuple(_row(rank, item) for rank, item in enumerate(found, start=1))


def _row(rank: int, item: dict[str, Any]) -> ListingRow:
    return ListingRow(
        rank=rank,
        ref=ApplicationRef("prod-dw", "yarn", item["id"]),
        attempt=1,
        name=item["name"],
        user=item["user"],
        queue=item["queue"],
        started_at=NOW - timedelta(minutes=item["minutes_running"]),
        cores=float(item["vcores"]),
        memory=item["memory_mb"] * 2**20,
        cores_basis="granted",
        protected=item.get("protected", False),
    )


ROWS = platform_rows()


def view(context: str, *, running: bool = True) -> ThreadView:
    """Return what the thread holds; `running`: the names of all that runs are known as well."""
    rows = ROWS if running else ROWS[: LISTED[context]]
    return ThreadView(
        listed=LISTED[context],
        open_card=context == "P",
        kills_proved=context == "K",
        on_card=(1, 2) if context == "P" else (),
        names=frozenset(row.name for row in rows),
        users=frozenset(row.user for row in rows),
        queues=frozenset(row.queue for row in rows),
    )


def found(selection: Selection, context: str) -> Resolved | Unresolved:
    """Look in the list first, and among all that runs only for what names jobs by itself."""
    listed = ROWS[: LISTED[context]]
    if listed:
        rows = resolve(selection, listed, NOW)
        if isinstance(rows, Resolved) or rows.candidates or listed_only(selection):
            return rows
    return resolve(selection, ROWS, NOW)


def read(text: str, context: str) -> Understanding:
    """Read as the understand node does: again, knowing what runs, where the first is unclear."""
    reading = understand(text, view(context, running=False))
    if not reading.sure or reading.intent is Intent.CLARIFY:
        reading = understand(text, view(context))
    return reading


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one utterance was read: right, and, worse than not right, a wrong card."""

    right: bool
    wrong_card: bool
    told: str


def judge(case: dict[str, Any]) -> Verdict:
    reading = read(case["text"], case["context"])
    intent, targets = reading.intent.value, None
    if reading.selection is not None and intent in AIMED:
        rows = found(reading.selection, case["context"])
        if isinstance(rows, Resolved):
            targets = [row.rank for row in rows.rows]
        else:
            intent = Intent.CLARIFY.value
    allowed = [case["intent"], *case.get("also", [])]
    right = intent in allowed
    if right and intent in AIMED and case["targets"] is not None:
        right = targets == case["targets"]
    if right and intent == case["intent"] and intent in ROUTED:
        right = ROUTES[reading.agent] == case["route"]
    aimed_wrong = case["targets"] is not None and targets != case["targets"]
    wrong_card = intent == "kill" and ("kill" not in allowed or aimed_wrong)
    told = f"{case['id']} {case['context']} {case['text']!r}: {intent} {targets} {reading}"
    return Verdict(right, wrong_card, told)


def cases(name: str) -> list[dict[str, Any]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]
