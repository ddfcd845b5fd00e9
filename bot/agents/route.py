"""Route: takes the requests of a message one by one, each to its agent."""

from bot.agents.facts import Facts, QuestionFacts, WordsFacts
from bot.agents.memory import Memory, listing_of
from bot.domain.conversation import AgentName, Intent, ListingRow, Understanding
from bot.domain.language import Language, Text
from bot.domain.selection_resolver import Resolved, resolve

# How each intent is called, and who answers it; None where nothing has to be looked up.
INTENTS: dict[Intent, tuple[Text, AgentName | None]] = {
    Intent.STATUS: (Text(ko="현황", en="status"), AgentName.INFRA_ENGINEER),
    Intent.COMPARE: (Text(ko="비교", en="comparison"), AgentName.INFRA_ENGINEER),
    Intent.DIAGNOSE: (Text(ko="원인 분석", en="diagnosis"), AgentName.INFRA_ENGINEER),
    Intent.LIST: (Text(ko="목록", en="list"), AgentName.DATA_ENGINEER),
    Intent.DETAIL: (Text(ko="잡 상세", en="job details"), AgentName.DATA_ENGINEER),
    Intent.KILL: (Text(ko="종료 요청", en="kill request"), AgentName.DATA_ENGINEER),
    Intent.WHAT_IF: (
        Text(ko="종료 효과 예상", en="expected effect of a kill"),
        AgentName.DATA_ENGINEER,
    ),
    Intent.HOW_TO: (Text(ko="방법 안내", en="how-to"), AgentName.ADMIN_GUIDE),
    Intent.HISTORY: (Text(ko="지난 사례", en="past incidents"), AgentName.ADMIN_GUIDE),
    Intent.AUDIT: (Text(ko="승인 이력", en="who decided"), AgentName.DATA_ENGINEER),
    Intent.CAPACITY: (Text(ko="남은 자리", en="room left"), AgentName.INFRA_ENGINEER),
    Intent.WATCH: (Text(ko="지켜보기", en="a watch"), AgentName.INFRA_ENGINEER),
    Intent.DRAFT: (Text(ko="글 초안", en="a draft"), AgentName.ADMIN_GUIDE),
    Intent.UNSUPPORTED: (
        Text(ko="할 수 없는 일", en="something I cannot do"),
        AgentName.DATA_ENGINEER,
    ),
    Intent.CANCEL: (Text(ko="제안 취소", en="withdrawal"), AgentName.DATA_ENGINEER),
    Intent.USE_BUTTONS: (Text(ko="버튼 안내", en="use of the buttons"), None),
    Intent.CLARIFY: (Text(ko="되묻기", en="question back"), None),
    Intent.HELP: (Text(ko="도움말", en="help"), None),
    Intent.SMALLTALK: (Text(ko="인사", en="small talk"), None),
    Intent.OUT_OF_SCOPE: (Text(ko="다른 주제", en="another subject"), None),
    Intent.NONE: (Text(ko="아무것도 하지 않음", en="nothing to do"), None),
}
ANSWERED_BY = {intent: agent for intent, (_, agent) in INTENTS.items() if agent is not None}
FIGURES = frozenset(
    {
        *(Intent.STATUS, Intent.COMPARE, Intent.LIST, Intent.DETAIL, Intent.WHAT_IF, Intent.AUDIT),
        *(Intent.CAPACITY, Intent.WATCH, Intent.HELP),
    }
)
"""What is answered from what the cluster and the bot do now: no page of a manual says it."""
WORDS = INTENTS.keys() - ANSWERED_BY.keys() - {Intent.CLARIFY}


def name_of(intent: Intent, language: Language) -> str:
    """Return what an intent is called, as in "Read as: list."."""
    return INTENTS[intent][0](language)


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
