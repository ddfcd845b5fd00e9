"""The conversation graph: understand, one of three agents, generate answer."""

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from bot.agents.admin_guide import AdminGuide
from bot.agents.answer import AnswerWriter, needs_agent
from bot.agents.data_engineer import DataEngineer
from bot.agents.infra_engineer import InfraEngineer
from bot.agents.llm.research import Researcher
from bot.agents.memory import Memory
from bot.agents.understand import Understand
from bot.domain.conversation import AgentName
from bot.tools.toolbox import Toolbox

UNDERSTAND = "understand"
GENERATE_ANSWER = "generate_answer"

ConversationGraph = CompiledStateGraph[Memory, Any, Memory, Memory]


def route(memory: Memory) -> str:
    """Return the agent the reading names, or the answer when there is nothing to look up."""
    reading = memory["reading"]
    if needs_agent(reading.intent, reading.agent):
        return reading.agent.value
    return GENERATE_ANSWER


def build_graph(
    tools: Toolbox,
    understand: Understand,
    write: AnswerWriter,
    saver: BaseCheckpointSaver[Any],
    researcher: Researcher | None = None,
) -> ConversationGraph:
    """Compile the graph; it reads and proposes, and holds nothing that changes a cluster."""
    agents: dict[AgentName, InfraEngineer | DataEngineer | AdminGuide] = {
        AgentName.INFRA_ENGINEER: InfraEngineer(tools, researcher),
        AgentName.DATA_ENGINEER: DataEngineer(tools),
        AgentName.ADMIN_GUIDE: AdminGuide(tools, researcher),
    }
    graph: StateGraph[Memory, Any, Memory, Memory] = StateGraph(Memory)
    graph.add_node(UNDERSTAND, understand)
    graph.add_node(GENERATE_ANSWER, write)
    graph.add_edge(START, UNDERSTAND)
    for name, agent in agents.items():
        graph.add_node(name.value, agent)
        graph.add_edge(name.value, GENERATE_ANSWER)
    destinations = [*(name.value for name in agents), GENERATE_ANSWER]
    graph.add_conditional_edges(UNDERSTAND, route, destinations)
    graph.add_edge(GENERATE_ANSWER, END)
    return graph.compile(checkpointer=saver)
