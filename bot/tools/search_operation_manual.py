"""What our manual says."""

from bot.domain.knowledge import FITS, Collection, Found
from bot.domain.language import Language
from bot.tools.toolbox import Question, Toolbox, TypedTool, traced, typed

NEAREST = 3


@traced
async def search_operation_manual(
    tools: Toolbox,
    question: str,
    channel: str,
    limit: int = NEAREST,
    least: float = FITS,
    *,
    language: Language | None = None,
) -> Found:
    """Return the manual's passages that may be read from a channel, best first."""
    return await tools.search(Collection.MANUAL, question, channel, limit, least, language=language)


def manual_tool(tools: Toolbox, channel: str) -> TypedTool:
    """Return the tool over its ports, for what may be read from a channel."""

    async def run(question: Question) -> Found:
        """Search our operation manual: procedures, limits, who is called for what."""
        return await search_operation_manual(tools, question, channel)

    return typed("search_operation_manual", run)
