"""How busy the cluster is."""

from bot.domain.cluster import ClusterMetrics
from bot.tools.toolbox import Toolbox, TypedTool, traced, typed


@traced
async def get_cluster_metrics(tools: Toolbox) -> ClusterMetrics:
    """Return the cluster as it is now; what could not be read is named in it, never raised."""
    return await tools.health.now()


def metrics_tool(tools: Toolbox) -> TypedTool:
    """Return the tool over its port."""

    async def run() -> ClusterMetrics:
        """Read how busy the cluster is now: CPU, memory, disk, network, nodes, queues, the last hour."""
        return await get_cluster_metrics(tools)

    return typed("get_cluster_metrics", run)
