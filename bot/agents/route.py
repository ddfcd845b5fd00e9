"""Route: takes the requests of a message one by one, each to its agent."""

from bot.agents.facts import Facts, QuestionFacts, WordsFacts
from bot.agents.memory import Memory, listing_of
from bot.domain.conversation import AgentName, Intent, ListingRow, Understanding
from bot.domain.selection_resolver import Resolved, resolve

WORDS = {
    Intent.HELP,
    Intent.SMALLTALK,
    Intent.NONE,
    Intent.OUT_OF_SCOPE,
    Intent.USE_BUTTONS,
}
ANSWERS = {
    AgentName.INFRA_ENGINEER: (
        Intent.STATUS,
        Intent.COMPARE,
        Intent.DIAGNOSE,
        Intent.CAPACITY,
        Intent.WATCH,
    ),
    AgentName.DATA_ENGINEER: (
        Intent.LIST,
        Intent.DETAIL,
        Intent.WHAT_IF,
        Intent.KILL,
        Intent.CANCEL,
        Intent.AUDIT,
        Intent.UNSUPPORTED,
    ),
    AgentName.ADMIN_GUIDE: (Intent.HOW_TO, Intent.HISTORY, Intent.DRAFT),
}
ANSWERED_BY = {intent: agent for agent, intents in ANSWERS.items() for intent in intents}


def agent_of(reading: Understanding) -> AgentName:
    """Return who answers a reading: each intent has one agent, a question back that of its subject."""
    return ANSWERED_BY.get(reading.intent, reading.agent)


def _rows(reading: Understanding, memory: Memory) -> tuple[ListingRow, ...]:
    """Return the rows a possible reading chooses from the list shown; none when it names none."""
    listing = listing_of(memory)
    if listing is None or reading.selection is None:
        return ()
    found = resolve(reading.selection, listing.rows, memory["turn"].said_at)
    return found.rows if isinstance(found, Resolved) else ()


async def route(state: Memory) -> Memory:
    """Note what was found for one request, and go on to the next that an agent must look up.

    It is the second node, and again the one after each agent, until every request has its facts.
    """
    reading = state["reading"]
    facts = state.get("facts") or without_agent(reading, state)
    if reading.intent is Intent.CLARIFY and reading.readings:
        facts = without_agent(reading, state)
    rest = state.get("rest", reading.also)
    found = state.get("found", ())
    while facts is not None:
        found = (*found, (reading, facts))
        if not rest:
            break
        reading, *others = rest
        rest, facts = tuple(others), without_agent(reading, state)
    return {"reading": reading, "rest": rest, "found": found, "facts": facts}


def without_agent(reading: Understanding, memory: Memory) -> Facts | None:
    """Return the facts of a request that nobody looks anything up for."""
    if reading.intent is Intent.CLARIFY:
        key = reading.question or ("which_reading" if reading.readings else "which_one")
        meant = tuple((each, _rows(each, memory)) for each in reading.readings)
        return QuestionFacts(key, meant=meant)
    return WordsFacts(reading.intent.value) if reading.intent in WORDS else None
