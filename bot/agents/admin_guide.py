"""Admin Guide: what our manual, our past incidents and the web say."""

import asyncio
import re
from dataclasses import dataclass

from bot.agents.facts import DraftFacts, Facts, GuideFacts, QuestionFacts
from bot.agents.memory import Memory, baseline_of, culprits_of, listing_of, step_meant
from bot.agents.passages import Chosen, Passages, Search, noted
from bot.agents.targets import Choice, choose
from bot.domain.conversation import DraftKind, Intent, ListingRow, Query, Turn
from bot.domain.knowledge import Found
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.search_internet_info import search_internet_info
from bot.tools.toolbox import Toolbox

HEAVIEST = 3


async def drafted(memory: Memory, tools: Toolbox) -> Facts:
    """Return the facts of a draft; a message to an owner needs to know whose job it is about."""
    reading, turn = memory["reading"], memory["turn"]
    kind = reading.draft or DraftKind.SUMMARY
    chosen: tuple[ListingRow, ...] = ()
    if reading.selection is not None:
        choice = await choose(memory, tools)
        if not isinstance(choice, Choice):
            return choice
        chosen = choice.rows
    elif kind is DraftKind.OWNER:
        return QuestionFacts("which_one")
    metrics, jobs, proposals = await asyncio.gather(
        get_cluster_metrics(tools),
        get_spark_jobs(tools, Query()),
        tools.proposals.in_thread(turn.channel, turn.thread_ts),
    )
    baseline = baseline_of(memory)
    people = (
        user
        for each in proposals
        for user in (each.requester, *(vote.user for vote in each.votes))
        if user.startswith(("U", "W"))
    )
    return DraftFacts(
        kind,
        metrics,
        proposals,
        tuple(jobs.rows[:HEAVIEST]),
        title=memory.get("alert_title", ""),
        opened_at=baseline.taken_at if baseline else None,
        cpu_before=baseline.cpu.percent if baseline and baseline.cpu else None,
        culprits=culprits_of(memory),
        chosen=chosen,
        names=await tools.names(people),
        missing=(*metrics.missing, *jobs.snapshot.missing),
    )


NAMES = 3
POINTING = re.compile(
    r"이런|이렇|이래|이랬|이번|이거|이것|이\s*(?:알람|알림|문제|장애|상황|현상|일|건)|그런|그렇|저런"
    r"|같은\s*(?:일|알람|알림|문제|장애|상황|현상|증상|적|사례)|비슷|유사"
    r"|\b(?:this|these|similar|same|like (?:that|it))\b",
    re.IGNORECASE,
)
GENERIC = re.compile(
    r"전에도?|예전에?도?|과거에?도?|지난\s*번?에?도?|이전에?도?|언제|또|있었\S*|있나\S*|있어\S*|있는\S*|있습니까"
    r"|없었\S*|없어\S*|없나\S*|적이?|사례\S*|이력\S*|경험\S*|기록\S*|알람\S*|알림\S*|장애\S*|문제\S*|상황\S*|현상\S*"
    r"|어떻게\S*|해결\S*|조치\S*|대응\S*|처리\S*|했\S*|해야\S*|하면|하지|해\b|돼\S*|되\S*|일어\S*|발생\S*|알려\S*|보여\S*|찾아\S*|좀|줘\S*"
    r"|\b(?:has|have|had|did|do|does|was|were|is|are|be|been|any|the|an?|we|i|you|it|its|to|of|in|on|for|and|me|us|our"
    r"|what|how|when|which|there|ever|before|past|previous|previously|earlier|last|time|times|again|one|ones|once"
    r"|happen(?:ed|s)?|see|seen|saw|incidents?|cases?|history|histories|alerts?|problems?|issues?|events?"
    r"|should|can|could|fix(?:ed)?|solve[ds]?|handle[ds]?|show|tell|find|about|with|like|something|anything)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[a-z0-9]{2,}|[\uac00-\ud7a3]{2,}", re.IGNORECASE)
HEAVY = "CPU 사용률 가동률 높음, high CPU"


def says_nothing(question: str) -> bool:
    """Tell whether a question names no subject of its own."""
    return WORD.search(GENERIC.sub(" ", POINTING.sub(" ", question))) is None


def points(question: str) -> bool:
    """Tell whether a question points at what the thread is about."""
    return POINTING.search(question) is not None or says_nothing(question)


def thread_subject(memory: Memory) -> str:
    """Return the alert of the thread and what stood out, or an empty string.

    It names applications, so it is for searching our own documents and never leaves the house.
    """
    title = memory.get("alert_title", "")
    if not title:
        return ""
    names = [each.name for each in culprits_of(memory)]
    if not names:
        listing = listing_of(memory)
        names = [row.name for row in listing.rows] if listing else []
    return " ".join([title, *names[:NAMES]])


async def present_subject(tools: Toolbox) -> str:
    """Return what the cluster does now: outside an alert's thread "this" can mean nothing else."""
    jobs = await get_spark_jobs(tools, Query(count=NAMES))
    return " ".join([HEAVY, *(row.name for row in jobs.rows[:NAMES])])


@dataclass(frozen=True, slots=True)
class AdminGuide:
    """Answers how_to, history and draft; the web is asked when wanted or when our documents are silent."""

    tools: Toolbox

    async def __call__(self, state: Memory) -> Memory:
        """Search what the question calls for, or gather what a draft is made of."""
        if state["reading"].intent is Intent.DRAFT:
            return {"facts": await drafted(state, self.tools)}
        turn, reading = state["turn"], state["reading"]
        search, chosen = await self._found(await self._search(state), turn)
        if reading.intent is Intent.HISTORY:
            return {"facts": await self._noted(search, turn, chosen, None)}
        web = None
        if reading.web or chosen.silent:
            web = await search_internet_info(self.tools, turn.text)
        return {"facts": await self._noted(search, turn, chosen, web, web_first=reading.web)}

    async def _search(self, state: Memory) -> Search:
        """Say what to search for: a question that only points is completed from its thread."""
        turn = state["turn"]
        reading = state["reading"]
        history = reading.intent is Intent.HISTORY
        own = Search(turn.text, turn.channel, history)
        if reading.about:
            return Search(reading.about, turn.channel, history)
        if (step := step_meant(turn.text, state.get("steps", []))) is not None:
            return Search(step, turn.channel, history)
        if not points(turn.text):
            return own
        subject = thread_subject(state)
        if subject:
            own_words = "" if says_nothing(turn.text) else f" {turn.text}"
            return Search(f"{subject}{own_words}", turn.channel, history, pointed=True)
        if history and says_nothing(turn.text):
            return Search(
                await present_subject(self.tools), turn.channel, history, recent=True, pointed=True
            )
        return own

    async def _found(self, search: Search, turn: Turn) -> tuple[Search, Chosen]:
        """Search; when the thread's subject leads nowhere, by the question's own words."""
        chosen = await Passages(self.tools).choose(search)
        if search.text == turn.text or not chosen.silent:
            return search, chosen
        own = Search(turn.text, turn.channel, search.history_only)
        return own, await Passages(self.tools).choose(own)

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
        id_ = await noted(self.tools, search, turn, sources)
        return GuideFacts(
            turn.text,
            chosen.manual,
            chosen.history,
            web,
            shown,
            id=id_,
            recent=search.recent,
            sure=chosen.sure,
            quoted=len(chosen.quoted),
        )
