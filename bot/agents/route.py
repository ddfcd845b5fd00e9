"""Route: takes the requests of a message one by one, each to its agent."""

from bot.agents.facts import Facts, QuestionFacts, WordsFacts
from bot.agents.memory import Memory
from bot.domain.conversation import AgentName, Intent, Understanding

WORDS = {
    Intent.HELP,
    Intent.SMALLTALK,
    Intent.NONE,
    Intent.OUT_OF_SCOPE,
    Intent.USE_BUTTONS,
}
ANSWERS = {
    AgentName.INFRA_ENGINEER: (Intent.STATUS, Intent.COMPARE, Intent.DIAGNOSE, Intent.CAPACITY),
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


class Route:
    """The second node, and again the one after each agent, until every request has its facts."""

    async def __call__(self, state: Memory) -> Memory:
        """Note what was found for one request, and go on to the next that an agent must look up."""
        reading = state["reading"]
        facts = state.get("facts") or without_agent(reading)
        rest = state.get("rest", reading.also)
        found = state.get("found", ())
        while facts is not None:
            found = (*found, (reading, facts))
            if not rest:
                break
            reading, *others = rest
            rest, facts = tuple(others), without_agent(reading)
        return {"reading": reading, "rest": rest, "found": found, "facts": facts}


def without_agent(reading: Understanding) -> Facts | None:
    """Return the facts of a request that nobody looks anything up for."""
    if reading.intent is Intent.CLARIFY:
        return QuestionFacts(reading.question or "which_one")
    return WordsFacts(reading.intent.value) if reading.intent in WORDS else None
