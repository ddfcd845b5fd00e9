"""The tools that read over their ports, for a model's loop and the API."""

from bot.tools.get_cluster_metrics import metrics_tool
from bot.tools.get_spark_jobs import jobs_tool
from bot.tools.search_internet_info import internet_tool
from bot.tools.search_operation_history import history_tool
from bot.tools.search_operation_manual import manual_tool
from bot.tools.toolbox import Toolbox, TypedTool


def build_read_tools(tools: Toolbox, channel: str) -> tuple[TypedTool, ...]:
    """Return the five that change nothing; documents are those a channel may see."""
    return (
        metrics_tool(tools),
        jobs_tool(tools),
        manual_tool(tools, channel),
        history_tool(tools, channel),
        internet_tool(tools),
    )
