"""The conversation graph: understand, route each request to one of three agents, add related pages, answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, TypeVar

from langchain_core.tools import BaseTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from bot.agents.admin_guide import AdminGuide, RelatedPages
from bot.agents.answer import AnswerWriter
from bot.agents.data_engineer import DataEngineer
from bot.agents.facts import Facts, QuestionFacts, WordsFacts
from bot.agents.infra_engineer import InfraEngineer
from bot.agents.memory import Memory, listing_of
from bot.agents.model.llm_reader import LlmReader
from bot.agents.model.port import Model, Prompt, Reply, Shape, UsageKey
from bot.agents.model.prose import Narrator
from bot.agents.understand import ReadingReconciler, Understand, Understands
from bot.domain.conversation import WORDS_ALONE, AgentName, Intent, ListingRow, Understanding
from bot.domain.selection_resolver import Resolved, resolve
from bot.observability import Spans
from bot.tools.toolbox import Toolbox

UNDERSTAND = "understand"
ROUTE = "route"
RELATED = "related_pages"
GENERATE_ANSWER = "generate_answer"

ConversationGraph = CompiledStateGraph[Memory, Any, Memory, Memory]
Node = Callable[[Memory], Awaitable[Memory]]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Help:
    """Who reads messages, and a model that may help, with reading and with words.

    `cluster` is our name, said where a thread's alert is about another one; `types` are the types
    of YARN's applications that are looked at.
    """

    reads: Understands
    model: Model | None = None
    cluster: str = ""
    types: tuple[str, ...] = ()
    spans: Spans = field(default_factory=Spans)


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
    return WordsFacts(reading.intent.value) if reading.intent in WORDS_ALONE else None


def _rows(reading: Understanding, memory: Memory) -> tuple[ListingRow, ...]:
    """Return the rows a possible reading chooses from the list shown; none when it names none."""
    listing = listing_of(memory)
    if listing is None or reading.selection is None:
        return ()
    found = resolve(reading.selection, listing.rows, memory["turn"].said_at)
    return found.rows if isinstance(found, Resolved) else ()


def destination(memory: Memory) -> str:
    """Return the agent of the request to be looked up, or what follows when none is left."""
    if memory.get("facts") is not None:
        return RELATED
    return memory["reading"].answered_by.value


def assemble(
    tools: Toolbox, zone: tzinfo, saver: BaseCheckpointSaver[Any], given: Help
) -> ConversationGraph:
    """Return the graph; it reads and proposes, and holds nothing that changes a cluster.

    Without a model every answer comes from the reader and templates.
    """
    second, narrator = None, None
    if given.model is not None:
        model = TracedModel(given.model, given.spans)
        second, narrator = ReadingReconciler(LlmReader(model), tools), Narrator(model, tools)
    agents: dict[str, Node] = {
        AgentName.INFRA_ENGINEER.value: InfraEngineer(tools),
        AgentName.DATA_ENGINEER.value: DataEngineer(tools),
        AgentName.ADMIN_GUIDE.value: AdminGuide(tools),
    }
    steps: dict[str, Node] = {
        UNDERSTAND: Understand(tools, given.reads, second, given.types),
        ROUTE: route,
        **agents,
        RELATED: RelatedPages(tools),
        GENERATE_ANSWER: AnswerWriter(zone, narrator, given.cluster),
    }
    graph: StateGraph[Memory, Any, Memory, Memory] = StateGraph(Memory)
    for name, step in steps.items():
        graph.add_node(name, timed(name, step, given.spans))
    graph.add_edge(START, UNDERSTAND)
    graph.add_edge(UNDERSTAND, ROUTE)
    graph.add_conditional_edges(ROUTE, destination, [*agents, RELATED])
    for name in agents:
        graph.add_edge(name, ROUTE)
    graph.add_edge(RELATED, GENERATE_ANSWER)
    graph.add_edge(GENERATE_ANSWER, END)
    return graph.compile(checkpointer=saver)


def timed(name: str, node: Node, spans: Spans) -> Any:
    """Return the node as a step of its own; LangGraph names its kind of callable nowhere."""

    async def run(state: Memory) -> Memory:
        with spans.step(name):
            return await node(state)

    return run


@dataclass(frozen=True, slots=True)
class TracedModel:
    """A model whose calls are steps; what it was asked and said is not told."""

    model: Model
    spans: Spans

    async def fill(self, prompt: Prompt, shape: type[Shape], bill: UsageKey) -> Reply[Shape]:
        """Return the shape filled in by the model and validated."""
        return await self._called("fill", self.model.fill(prompt, shape, bill))

    async def write(self, prompt: Prompt, bill: UsageKey) -> Reply[str]:
        """Return a few sentences."""
        return await self._called("write", self.model.write(prompt, bill))

    async def research(
        self, prompt: Prompt, tools: Sequence[BaseTool], bill: UsageKey
    ) -> Reply[str]:
        """Let the model call read-only tools within limits; return its last words."""
        return await self._called("research", self.model.research(prompt, tools, bill))

    async def close(self) -> None:
        """Close the connections."""
        await self.model.close()

    async def _called(self, kind: str, call: Awaitable[Reply[Value]]) -> Reply[Value]:
        with self.spans.step("model", kind=kind) as span:
            reply = await call
            span.note(outcome=reply.trouble.value if reply.trouble else "answered")
            return reply
