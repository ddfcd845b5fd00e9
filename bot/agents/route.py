"""Route: who answers, and what in the question decided it."""

import re

from bot.agents.memory import Memory
from bot.agents.nearest import NearestExample, RoutedBy, Routing
from bot.domain.conversation import AgentName, Understanding

WORDS_SHOWN = 3
_DECIDING = {
    AgentName.INFRA_ENGINEER: {
        "cluster", "cpu", "memory", "disk", "network", "hdfs", "node", "queue", "usage", "state",
        "amount", "high", "drop", "rise", "still", "after", "why", "waiting", "run",
    },
    AgentName.DATA_ENGINEER: {
        "spark", "job", "one_job", "many_jobs", "kill", "stop", "remove", "killing", "killed",
        "kill_noun", "cancel", "approve", "audit", "top", "most", "oldest", "newest", "least", "ord", "ordinal",
        "rank_word", "show", "owner", "name", "id", "detail", "run", "queue", "suppose",
        "effect", "hesitate", "all", "both", "pronoun", "pronouns", "waiting", "failed",
    },
    AgentName.ADMIN_GUIDE: {
        "how", "web", "past", "purpose", "when_high", "trouble", "conditional", "die", "hdfs",
    },
    AgentName.NONE: set[str](),
}  # fmt: skip


class Route:
    """The second node: takes note of the route, for the answer's context line."""

    async def __call__(self, state: Memory) -> Memory:
        """Return the routing of a typed question; a button and an alert need none."""
        turn, reading = state["turn"], state["reading"]
        if not state.get("typed") or reading.agent is AgentName.NONE:
            return {"routing": None}
        return {"routing": routed(turn.text, reading, state.get("neighbour"), read=_read(state))}


def _read(state: Memory) -> bool:
    used = state.get("model")
    return used is not None and used.read


def routed(
    text: str, reading: Understanding, neighbour: NearestExample | None, *, read: bool
) -> Routing:
    """Return how a reading came about."""
    if read:
        return Routing(reading.agent, reading.intent, RoutedBy.MODEL)
    if neighbour is not None:
        near = neighbour.example.text
        return Routing(reading.agent, reading.intent, RoutedBy.NEAREST, example=near)
    words = deciding_words(text, reading)
    return Routing(reading.agent, reading.intent, RoutedBy.WORDS, words)


def deciding_words(text: str, reading: Understanding) -> tuple[str, ...]:
    """Return at most three stretches of the message, as typed, that speak for the agent."""
    deciding = _DECIDING[reading.agent]
    spans: list[tuple[int, int]] = []
    at = 0
    for piece in reading.evidence:
        concept, _, said = piece.partition(":")
        found = _found(text, said, at)
        if found is None:
            continue
        at = found[1]
        if concept in deciding:
            spans.append(found)
    return tuple(text[start:end] for start, end in _joined(text, spans))[:WORDS_SHOWN]


def _found(text: str, said: str, start: int) -> tuple[int, int] | None:
    """Return where a piece stands; its own text has lost its blanks."""
    if not said or not said.isprintable():
        return None
    pattern = r"\s*".join(re.escape(letter) for letter in said)
    match = re.compile(pattern, re.IGNORECASE).search(text, start)
    return match.span() if match else None


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what only a blank parts: `spark` and `잡`."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
