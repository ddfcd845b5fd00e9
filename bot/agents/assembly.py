"""Putting the conversation graph together, with a model's help where there is one."""

from datetime import tzinfo
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from bot.agents.answer import AnswerWriter
from bot.agents.graph import ConversationGraph, build_graph
from bot.agents.llm.port import Model
from bot.agents.llm.prose import Narrator
from bot.agents.llm.research import Researcher
from bot.agents.llm.second_reader import SecondReader
from bot.agents.second_opinion import SecondOpinion
from bot.agents.understand import Understand
from bot.tools.toolbox import Toolbox


def assemble(
    tools: Toolbox, zone: tzinfo, saver: BaseCheckpointSaver[Any], model: Model | None = None
) -> ConversationGraph:
    """Return the graph; without a model every answer comes from grammar and templates."""
    if model is None:
        return build_graph(tools, Understand(tools), AnswerWriter(zone), saver)
    second = SecondOpinion(SecondReader(model), tools)
    writer = AnswerWriter(zone, Narrator(model))
    return build_graph(tools, Understand(tools, second), writer, saver, Researcher(model, tools))
