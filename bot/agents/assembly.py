"""Putting the conversation graph together, with a model's help where there is one."""

from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from bot.agents.answer import AnswerWriter
from bot.agents.graph import ConversationGraph, Nodes, build_graph
from bot.agents.model.llm_reader import LlmReader
from bot.agents.model.port import Model
from bot.agents.model.prose import Narrator
from bot.agents.reading.loading import Understands
from bot.agents.reading_reconciler import ReadingReconciler
from bot.agents.traced_nodes import TracedModel
from bot.agents.understand import Understand
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
