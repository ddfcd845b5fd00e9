"""What happened before, and what was done about it."""

from bot.domain.knowledge import FITS, Collection, Found
from bot.domain.language import Language
from bot.tools.toolbox import Question, Toolbox, TypedTool, traced, typed

NEAREST = 3


@traced
async def search_operation_history(
    tools: Toolbox,
    question: str,
    channel: str,
    limit: int = NEAREST,
    least: float = FITS,
    *,
    language: Language | None = None,
) -> Found:
    """Return past incidents that may be read from a channel, best first."""
    return await tools.search(
        Collection.HISTORY, question, channel, limit, least, language=language
    )


def history_tool(tools: Toolbox, channel: str) -> TypedTool:
    """Return the tool over its ports, for what may be read from a channel."""

    async def run(question: Question) -> Found:
        """Search our past incidents: their signs, their causes, what was done about them."""
        return await search_operation_history(tools, question, channel)

    return typed("search_operation_history", run)
