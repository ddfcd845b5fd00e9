"""Admin Guide: what our manual, our past incidents and the web say."""

from bot.agents.drafting import drafted
from bot.agents.facts import GuideFacts
from bot.agents.memory import Memory
from bot.agents.passages import Chosen, Passages, Search, noted
from bot.agents.query_context import points, present_subject, says_nothing, thread_subject
from bot.domain.conversation import Intent, Turn
from bot.domain.knowledge import Found
from bot.tools.search_internet_info import search_internet_info
from bot.tools.toolbox import Toolbox


class AdminGuide:
    """Answers how_to, history and draft; the web is asked when wanted or when our documents are silent."""

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools
        self._passages = Passages(tools)

    async def __call__(self, state: Memory) -> Memory:
        """Search what the question calls for, or gather what a draft is made of."""
        if state["reading"].intent is Intent.DRAFT:
            return {"facts": await drafted(state, self._tools)}
        turn, reading = state["turn"], state["reading"]
        search, chosen = await self._found(await self._search(state), turn)
        if reading.intent is Intent.HISTORY:
            return {"facts": await self._noted(search, turn, chosen, None)}
        web = None
        if reading.web or chosen.silent:
            web = await search_internet_info(self._tools, turn.text)
        return {"facts": await self._noted(search, turn, chosen, web, web_first=reading.web)}

    async def _search(self, state: Memory) -> Search:
        """Say what to search for: a question that only points is completed from its thread."""
        turn = state["turn"]
        history = state["reading"].intent is Intent.HISTORY
        own = Search(turn.text, turn.channel, history)
        if not points(turn.text):
            return own
        subject = thread_subject(state)
        if subject:
            own_words = "" if says_nothing(turn.text) else f" {turn.text}"
            return Search(f"{subject}{own_words}", turn.channel, history, pointed=True)
        if history and says_nothing(turn.text):
            return Search(
                await present_subject(self._tools), turn.channel, history, recent=True, pointed=True
            )
        return own

    async def _found(self, search: Search, turn: Turn) -> tuple[Search, Chosen]:
        """Search; when the thread's subject leads nowhere, by the question's own words."""
        chosen = await self._passages.choose(search)
        if search.text == turn.text or not chosen.silent:
            return search, chosen
        own = Search(turn.text, turn.channel, search.history_only)
        return own, await self._passages.choose(own)

    async def _noted(
        self,
        search: Search,
        turn: Turn,
        chosen: Chosen,
        web: Found | None,
        *,
        web_first: bool = False,
    ) -> GuideFacts:
        """Return the facts, noting what was shown for the buttons under it."""
        results = web.passages if web is not None else ()
        shown = (*results, *chosen.shown) if web_first else (*chosen.shown, *results)
        sources = tuple(item.source for item in shown)
        id_ = await noted(self._tools, search, turn, sources)
        return GuideFacts(
            turn.text,
            chosen.manual,
            chosen.history,
            web,
            shown,
            id=id_,
            recent=search.recent,
            sure=chosen.sure,
        )
