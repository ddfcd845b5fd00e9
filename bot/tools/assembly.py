"""The six tools over their ports, for a model's loop, the API and whoever else calls tools."""

from bot.domain.conversation import Turn
from bot.tools.get_cluster_metrics import metrics_tool
from bot.tools.get_spark_jobs import jobs_tool
from bot.tools.kill_spark_job import kill_tool
from bot.tools.search_internet_info import internet_tool
from bot.tools.search_operation_history import history_tool
from bot.tools.search_operation_manual import manual_tool
from bot.tools.toolbox import Toolbox
from bot.tools.typed_tool import TypedTool


def build_tools(tools: Toolbox, turn: Turn) -> tuple[TypedTool, ...]:
    """Return all six for one turn: `kill_spark_job` proposes in its asker's name, in its thread."""
    return (*build_read_tools(tools, turn.channel), kill_tool(tools, turn))


def build_read_tools(tools: Toolbox, channel: str) -> tuple[TypedTool, ...]:
    """Return the five that change nothing; documents are those a channel may see."""
    return (
        metrics_tool(tools),
        jobs_tool(tools),
        manual_tool(tools, channel),
        history_tool(tools, channel),
        internet_tool(tools),
    )
