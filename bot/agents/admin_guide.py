"""Admin Guide: what our manual, our past incidents and the web say."""

from bot.agents.drafting import drafted
from bot.agents.facts import GuideFacts
from bot.agents.memory import Memory
from bot.agents.model.research import Researcher
from bot.agents.passages import GuidePage, Passages, Search, note_id, web_passages
from bot.agents.query_context import points, present_subject, says_nothing, thread_subject
from bot.domain.conversation import Intent, Turn
from bot.domain.knowledge import GuideNote
from bot.tools.toolbox import Found, Toolbox


class AdminGuide:
    """Answers how_to, history and draft; the web is asked when wanted or when our documents are silent.

    With a researcher, a model looks further for questions the grammar did not recognise.
    """

    def __init__(self, tools: Toolbox, researcher: Researcher | None = None) -> None:
        self._tools = tools
        self._researcher = researcher
        self._passages = Passages(tools)

    async def __call__(self, state: Memory) -> Memory:
        """Search what the question calls for, or gather what a draft is made of."""
        if state["reading"].intent is Intent.DRAFT:
            return {"facts": await drafted(state, self._tools)}
        turn, reading = state["turn"], state["reading"]
        search, page = await self._found(await self._search(state), turn)
        if reading.intent is Intent.HISTORY:
            return {"facts": await self._noted(search, turn, page, None)}
        web = None
        if reading.web or _silent(page):
            web = web_passages(await self._tools.search_internet_info(turn.text))
        facts = await self._noted(search, turn, page, web)
        if self._researcher is None or state.get("model") is None:
            return {"facts": facts}
        research = await self._researcher.look("admin_guide", turn, facts)
        return {"facts": facts, "research": research}

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
            return Search(f"{subject}{own_words}", turn.channel, history)
        if history and says_nothing(turn.text):
            return Search(await present_subject(self._tools), turn.channel, history, recent=True)
        return own

    async def _found(self, search: Search, turn: Turn) -> tuple[Search, GuidePage]:
        """Search; when the thread's subject leads nowhere, by the question's own words."""
        page = await self._passages.page(search)
        if search.text == turn.text or not _silent(page):
            return search, page
        own = Search(turn.text, turn.channel, search.history_only)
        return own, await self._passages.page(own)

    async def _noted(
        self, search: Search, turn: Turn, page: GuidePage, web: Found | None
    ) -> GuideFacts:
        """Return the facts, noting what was shown for the buttons under it."""
        found = (page.manual, page.history, web)
        sources = tuple(item.source for each in found if each for item in each.passages)
        id_ = note_id(turn.id, 0)
        web_marks = await self._passages.marks(turn.text, web.passages) if web else {}
        noted = self._tools.notes is not None and bool(sources)
        if self._tools.notes is not None and sources:
            await self._tools.notes.note(
                GuideNote(
                    id_,
                    turn.channel,
                    turn.thread_ts,
                    turn.language,
                    search.text,
                    search.history_only,
                    0,
                    sources,
                    search.recent,
                )
            )
        return GuideFacts(
            turn.text,
            *found,
            id=id_ if noted else "",
            more=page.more,
            recent=search.recent,
            marks={**page.marks, **web_marks},
        )


def _silent(page: GuidePage) -> bool:
    """Tell whether our documents were asked and had nothing; not set up is not silence."""
    found = [each for each in (page.manual, page.history) if each is not None]
    return not any(each.passages or each.missing for each in found)
