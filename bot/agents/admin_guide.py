"""Admin Guide: what our manual, our past incidents and the web say."""

import asyncio

from bot.agents.facts import GuideFacts
from bot.agents.llm.research import Researcher
from bot.agents.memory import Memory
from bot.domain.conversation import Intent
from bot.tools.toolbox import Found, Toolbox


class AdminGuide:
    """Answers how_to and history; the web is asked when wanted or when our documents are silent.

    With a researcher, a model looks further for questions the grammar did not recognise.
    """

    def __init__(self, tools: Toolbox, researcher: Researcher | None = None) -> None:
        self._tools = tools
        self._researcher = researcher

    async def __call__(self, state: Memory) -> Memory:
        """Search what the question calls for."""
        turn, reading = state["turn"], state["reading"]
        if reading.intent is Intent.HISTORY:
            history = await self._tools.search_operation_history(turn.text, turn.channel)
            return {"facts": GuideFacts(turn.text, None, history, None)}
        manual, history = await asyncio.gather(
            self._tools.search_operation_manual(turn.text, turn.channel),
            self._tools.search_operation_history(turn.text, turn.channel),
        )
        web = None
        if reading.web or _silent(manual, history):
            web = await self._tools.search_internet_info(turn.text)
        facts = GuideFacts(turn.text, manual, history, web)
        if self._researcher is None or state.get("model") is None:
            return {"facts": facts}
        research = await self._researcher.look("admin_guide", turn, facts)
        return {"facts": facts, "research": research}


def _silent(manual: Found, history: Found) -> bool:
    """Tell whether our documents were asked and had nothing; not set up is not silence."""
    return not (manual.passages or history.passages or manual.missing or history.missing)
