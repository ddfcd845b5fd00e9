"""The conversation graph: understand, route each request to one of three agents, add related pages, answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from bot.agents.admin_guide import AdminGuide
from bot.agents.answer import AnswerWriter
from bot.agents.data_engineer import DataEngineer
from bot.agents.infra_engineer import InfraEngineer
from bot.agents.memory import Memory
from bot.agents.related import RelatedPages
from bot.agents.route import Route, agent_of
from bot.agents.traced_nodes import Node, timed
from bot.agents.understand import Understand
from bot.domain.conversation import AgentName
from bot.observability.spans import Spans
from bot.tools.toolbox import Toolbox

UNDERSTAND = "understand"
ROUTE = "route"
RELATED = "related_pages"
GENERATE_ANSWER = "generate_answer"

ConversationGraph = CompiledStateGraph[Memory, Any, Memory, Memory]


@dataclass(frozen=True, slots=True)
class Nodes:
    """What the graph is made of besides the agents, and how its steps are timed."""

    understand: Understand
    write: AnswerWriter
    spans: Spans


def destination(memory: Memory) -> str:
    """Return the agent of the request to be looked up, or what follows when none is left."""
    if memory.get("facts") is not None:
        return RELATED
    return agent_of(memory["reading"]).value


def build_graph(tools: Toolbox, nodes: Nodes, saver: BaseCheckpointSaver[Any]) -> ConversationGraph:
    """Compile the graph; it reads and proposes, and holds nothing that changes a cluster."""
    agents: Mapping[AgentName, Node] = {
        AgentName.INFRA_ENGINEER: InfraEngineer(tools),
        AgentName.DATA_ENGINEER: DataEngineer(tools),
        AgentName.ADMIN_GUIDE: AdminGuide(tools),
    }
    steps: dict[str, Node] = {
        UNDERSTAND: nodes.understand,
        ROUTE: Route(),
        **{name.value: agent for name, agent in agents.items()},
        RELATED: RelatedPages(tools),
        GENERATE_ANSWER: nodes.write,
    }
    graph: StateGraph[Memory, Any, Memory, Memory] = StateGraph(Memory)
    for name, step in steps.items():
        graph.add_node(name, timed(name, step, nodes.spans))
    graph.add_edge(START, UNDERSTAND)
    graph.add_edge(UNDERSTAND, ROUTE)
    destinations = [*(name.value for name in agents), RELATED]
    graph.add_conditional_edges(ROUTE, destination, destinations)
    for name in agents:
        graph.add_edge(name.value, ROUTE)
    graph.add_edge(RELATED, GENERATE_ANSWER)
    graph.add_edge(GENERATE_ANSWER, END)
    return graph.compile(checkpointer=saver)
