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
from bot.agents.model.research import Researcher
from bot.agents.nearest import Nearest
from bot.agents.reading_reconciler import ReadingReconciler
from bot.agents.traced_nodes import TracedModel
from bot.agents.understand import Understand
from bot.observability.spans import NoSpans, Spans
from bot.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Help:
    """What may help the grammar and the templates; each part may be missing.

    `cluster` is our name, said where a thread's alert is about another one.
    """

    model: Model | None = None
    cluster: str = ""
    nearest: Nearest | None = None
    spans: Spans = field(default_factory=NoSpans)


def assemble(
    tools: Toolbox, zone: tzinfo, saver: BaseCheckpointSaver[Any], given: Help | None = None
) -> ConversationGraph:
    """Return the graph; without a model every answer comes from grammar and templates."""
    given = given or Help()
    spans = given.spans
    if given.model is None:
        plain = Nodes(
            Understand(tools, None, given.nearest),
            AnswerWriter(zone, cluster=given.cluster),
            None,
            spans,
        )
        return build_graph(tools, plain, saver)
    model = TracedModel(given.model, spans)
    second = ReadingReconciler(LlmReader(model), tools)
    nodes = Nodes(
        Understand(tools, second, given.nearest),
        AnswerWriter(zone, Narrator(model), given.cluster),
        Researcher(model, tools),
        spans,
    )
    return build_graph(tools, nodes, saver)
