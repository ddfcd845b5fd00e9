"""What trusted sites say."""

from bot.domain.knowledge import Found
from bot.errors import BackendError, FaultKind, Missing
from bot.tools.toolbox import Question, Toolbox, TypedTool, traced, typed


@traced
async def search_internet_info(tools: Toolbox, question: str) -> Found:
    """Return what trusted sites say; only allowed words of the question leave the house."""
    if tools.web is None:
        return Found(missing=Missing("web", FaultKind.NOT_CONFIGURED))
    try:
        return Found(await tools.web(question))
    except BackendError as error:
        return Found(missing=error.missing)


def internet_tool(tools: Toolbox) -> TypedTool:
    """Return the tool over its port."""

    async def run(question: Question) -> Found:
        """Search trusted web sites; only where manual and history are silent."""
        return await search_internet_info(tools, question)

    return typed("search_internet_info", run)
