"""Putting the conversation graph together, with a model's help where there is one."""

from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from bot.agents.answer import AnswerWriter, worded
from bot.agents.facts import Facts
from bot.agents.graph import ConversationGraph, Nodes, build_graph
from bot.agents.memory import Memory
from bot.agents.model.llm_reader import LlmReader
from bot.agents.model.port import Model
from bot.agents.model.prose import Narrator
from bot.agents.reading.loading import Understands
from bot.agents.reading_reconciler import ReadingReconciler
from bot.agents.templates.model import WRITING
from bot.agents.templates.wording import Voice
from bot.agents.traced_nodes import TracedModel
from bot.agents.understand import Understand
from bot.domain.answers import Answer, Note
from bot.observability.spans import Spans
from bot.tools.toolbox import Toolbox


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


def assemble(
    tools: Toolbox, zone: tzinfo, saver: BaseCheckpointSaver[Any], given: Help
) -> ConversationGraph:
    """Return the graph; without a model every answer comes from the reader and templates."""
    spans = given.spans
    if given.model is None:
        plain = Nodes(
            Understand(tools, given.reads, types=given.types),
            AnswerWriter(zone, cluster=given.cluster),
            spans,
        )
        return build_graph(tools, plain, saver)
    model = TracedModel(given.model, spans)
    second = ReadingReconciler(LlmReader(model), tools)
    nodes = Nodes(
        Understand(tools, given.reads, second, given.types),
        AnswerWriter(zone, Narrator(model, tools), given.cluster),
        spans,
    )
    return build_graph(tools, nodes, saver)


class DraftWriter:
    """Words facts from templates alone, and says that more is coming."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def __call__(self, state: Memory, facts: Facts) -> Answer:
        """Return the answer that could be given now; `state` holds the turn and its reading."""
        turn, reading = state["turn"], state["reading"]
        wording = worded(facts, Voice(turn.language, self._zone))
        return Answer(
            language=turn.language,
            intent=wording.intent or reading.intent,
            agent=reading.agent,
            summary=wording.summary,
            parts=(*wording.parts, Note(WRITING(turn.language))),
            applications=wording.applications,
            sources=wording.sources,
            llm=False,
            proposal_id=wording.proposal_id,
        )
