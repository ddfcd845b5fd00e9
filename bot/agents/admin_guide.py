"""Admin Guide: what our manual, our past incidents and the web say, and which of it is shown.

Shown is what fits, best first, the best of it whole.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.agents.facts import DraftFacts, Facts, GuideFacts, QuestionFacts
from bot.agents.memory import Memory, baseline_of, culprits_of, listing_of, step_meant
from bot.agents.targets import Choice, choose
from bot.domain.conversation import (
    OF_THE_PRESENT,
    AgentName,
    DraftKind,
    Intent,
    ListingRow,
    Query,
    Turn,
    Understanding,
)
from bot.domain.knowledge import FITS, SURE, Collection, Found, GuideNote, Passage
from bot.domain.language import Language
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.search_internet_info import search_internet_info
from bot.tools.search_operation_history import search_operation_history
from bot.tools.search_operation_manual import search_operation_manual
from bot.tools.toolbox import Toolbox

DEPTH = 15  # sections looked through in each collection
SHOWN = 3  # one page's best, and two titles that open
WHOLE = 2_200  # characters of a section that is shown whole; of a longer one its passage
TOGETHER = 1_000  # characters up to which further sections of its page stand with the best one
NEAR = 0.6  # of the best score; what is below is far from it
OWN_NEAR = 0.35  # the same for the team's own incidents, which come before samples


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for and from where; `recent` puts the newest incidents first.

    `language` is the answer's, whatever the text is in. `pointed` when the text is what the
    thread is about, not what was asked.
    """

    text: str
    channel: str
    language: Language
    history_only: bool = False
    recent: bool = False
    pointed: bool = False

    @property
    def least(self) -> float:
        """Return how probable an answer must be; of what went before, the nearest is told."""
        return 0.0 if self.pointed and self.history_only else FITS


@dataclass(frozen=True, slots=True)
class Chosen:
    """What both collections gave, and the passages to show: first what is quoted, then titles."""

    manual: Found | None
    history: Found
    quoted: tuple[Passage, ...] = ()
    titles: tuple[Passage, ...] = ()

    @property
    def shown(self) -> tuple[Passage, ...]:
        """Return what is quoted and the titles, in order."""
        return (*self.quoted, *self.titles)

    @property
    def strength(self) -> float:
        """Return how probable it is that one of them answers."""
        return max(found.strength for found in (self.manual, self.history) if found is not None)

    @property
    def sure(self) -> bool:
        """Return False when the best may not be what was asked."""
        return not self.shown or self.strength >= SURE

    @property
    def silent(self) -> bool:
        """Return True when our documents were asked and had nothing; not set up is not silence."""
        found = [each for each in (self.manual, self.history) if each is not None]
        return not self.shown and not any(each.missing for each in found)


@dataclass(frozen=True, slots=True)
class Passages:
    """Searches manual and history through the tools."""

    tools: Toolbox

    async def choose(self, search: Search) -> Chosen:
        """Search both, or with `history_only` past incidents alone."""
        if search.history_only:
            manual, history = None, await self._history(search)
        else:
            manual, history = await asyncio.gather(self._manual(search), self._history(search))
        fitting = [
            passage
            for found in (manual, history)
            if found is not None
            for passage in found.passages
        ]
        ordered = _ordered(_distinct(fitting), search)
        quoted = await self._quoted(ordered[:SHOWN], search.channel)
        shown = {item.source for item in quoted}
        titles = [item for item in ordered if item.source not in shown]
        return Chosen(manual, history, quoted, tuple(titles[: SHOWN - 1]))

    async def _manual(self, search: Search) -> Found:
        return await search_operation_manual(
            self.tools,
            search.text,
            search.channel,
            DEPTH,
            search.least,
            language=search.language,
        )

    async def _history(self, search: Search) -> Found:
        return await search_operation_history(
            self.tools,
            search.text,
            search.channel,
            DEPTH,
            search.least,
            language=search.language,
        )

    async def _quoted(self, best: Sequence[Passage], channel: str) -> tuple[Passage, ...]:
        """Return the best section, and with it others among the best that stand on its page."""
        quoted: list[Passage] = []
        for item in best:
            if item.source.partition("#")[0] == best[0].source.partition("#")[0]:
                whole = await self._whole(item, channel)
                length = sum(len(each.text) for each in (*quoted, whole))
                if not quoted or length <= TOGETHER:
                    quoted.append(whole)
        return tuple(quoted)

    async def _whole(self, passage: Passage, channel: str) -> Passage:
        source = passage.source
        if passage.collection is Collection.HISTORY:  # what was done is told in another section
            source = source.partition("#")[0]
        section = await self.tools.whole_section(source, channel)
        if section is None or len(section.text) > WHOLE:
            return passage
        return replace(passage, text=section.text)


async def noted(
    tools: Toolbox, search: Search, turn: Turn, sources: tuple[str, ...], page: int = 0
) -> str:
    """Note what one post shows for the buttons under it; return the note's id, empty for none."""
    if tools.notes is None or not sources:
        return ""
    id_ = note_id(turn.id)
    note = GuideNote(
        id_,
        turn.channel,
        turn.thread_ts,
        turn.language,
        search.text,
        search.history_only,
        page,
        sources,
        search.recent,
    )
    await tools.notes.note(note)
    return id_


def note_id(turn_id: str) -> str:
    """Return the id of one post's note: the same for every delivery of the same question."""
    return hashlib.sha256(f"{turn_id}\0000".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _ordered(passages: Sequence[Passage], search: Search) -> list[Passage]:
    """Return what is near the best, best first; of incidents the team's own come first."""
    best = max((item.score for item in passages), default=0.0)
    needed = {True: NEAR, False: OWN_NEAR if search.history_only else NEAR}
    near = sorted(
        (item for item in passages if item.score >= needed[item.sample] * best),
        key=lambda item: -item.score,
    )
    if search.recent:
        near = sorted(near, key=lambda item: str(item.dated or ""), reverse=True)
    return sorted(near, key=lambda item: item.sample) if search.history_only else near


def _distinct(passages: Iterable[Passage]) -> list[Passage]:
    """Return one passage a section of the manual, and one an incident."""
    found: dict[str, Passage] = {}
    for item in sorted(passages, key=lambda item: -item.score):
        whole = item.source.partition("#")[0]
        found.setdefault(whole if item.collection is Collection.HISTORY else item.source, item)
    return list(found.values())


# Related pages: what the manual says where a message was read as something else than a how-to.
WAIT = 2.0  # seconds; the answer itself is ready and does not wait longer for titles
UNCOUNTED = 1  # the note's page: titles under another answer are no guide answer
SYMPTOMS = {Intent.DIAGNOSE, Intent.UNSUPPORTED, Intent.HISTORY}
CERTAIN = 0.8
"""From this belief on an answer needs no more than titles under it, or nothing."""
NOT_UNDERSTOOD = "not_understood"


class Place(StrEnum):
    """Where what was found is shown."""

    NOWHERE = "nowhere"
    TITLED = "titled"  # titles under the answer
    BENEATH = "beneath"  # the passage under the answer
    INSTEAD = "instead"  # the passage in place of an answer that says nothing


def place(asked: Sequence[Understanding], strength: float) -> Place:
    """Decide by how the requests of a message were read, and how much speaks for what was found.

    Search strength is itself a sign of a question to the manual: it counts where the reader only
    believes what it read. A question back about jobs, whose readings may hold a kill, gets nothing
    beside it.
    """
    if len(asked) != 1 or strength < FITS:
        return Place.NOWHERE
    (reading,) = asked
    if any(each.intent is Intent.KILL for each in (*reading.readings, *reading.also)):
        return Place.NOWHERE
    if reading.intent is Intent.OUT_OF_SCOPE or reading.question == NOT_UNDERSTOOD:
        return Place.INSTEAD
    if reading.intent is Intent.CLARIFY:
        return Place.TITLED if reading.readings else Place.NOWHERE
    doubted = reading.belief < CERTAIN
    if reading.intent in SYMPTOMS:
        # What we cannot do a page may tell.
        return Place.BENEATH if doubted or reading.intent is Intent.UNSUPPORTED else Place.TITLED
    return Place.BENEATH if doubted and reading.intent in OF_THE_PRESENT else Place.NOWHERE


@dataclass(frozen=True, slots=True)
class RelatedPages:
    """The node before the answer: searches where a page could be shown at all."""

    tools: Toolbox

    async def __call__(self, state: Memory) -> Memory:
        """Add the passage as a request of its own before the other, or titles to show beneath."""
        turn, found = state["turn"], state["found"]
        asked = [reading for reading, _ in found]
        if not state.get("typed") or state.get("alert") or place(asked, 1.0) is Place.NOWHERE:
            return {}
        search = Search(turn.text, turn.channel, turn.language)
        chosen = await self._chosen(search)
        where = place(asked, chosen.strength) if chosen is not None else Place.NOWHERE
        if chosen is None or where is Place.NOWHERE or _told(found[0][1]):
            return {}
        sources = tuple(item.source for item in chosen.shown)
        page = 0 if where is Place.INSTEAD else UNCOUNTED
        facts = GuideFacts(
            turn.text,
            chosen.manual,
            chosen.history,
            None,
            chosen.shown,
            id=await noted(self.tools, search, turn, sources, page),
            sure=chosen.sure,
            quoted=len(chosen.quoted),
        )
        if where is not Place.INSTEAD:
            # Of a system we do not look at the page is all there is to say.
            titles = where is Place.TITLED and not state.get("unseen")
            return {"related": replace(facts, quoted=0) if titles else facts}
        guide = Understanding(Intent.HOW_TO, AgentName.ADMIN_GUIDE, turn.language)
        return {"found": ((guide, facts), *found)}

    async def _chosen(self, search: Search) -> Chosen | None:
        """Search; None when nothing is found, or not in time."""
        try:
            async with asyncio.timeout(WAIT):
                chosen = await Passages(self.tools).choose(search)
        except TimeoutError:
            return None
        return chosen if chosen.shown else None


def _told(facts: Facts) -> bool:
    """Return True when the answer shows passages itself, and surely what was asked for."""
    return isinstance(facts, GuideFacts) and bool(facts.shown) and facts.sure


# The agent: what it searches for, and what a draft is made of.
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
        own = Search(turn.text, turn.channel, turn.language, history)
        if reading.about:
            return replace(own, text=reading.about)
        if (step := step_meant(turn.text, state.get("steps", []))) is not None:
            return replace(own, text=step)
        if not points(turn.text):
            return own
        subject = thread_subject(state)
        if subject:
            own_words = "" if says_nothing(turn.text) else f" {turn.text}"
            return replace(own, text=f"{subject}{own_words}", pointed=True)
        if history and says_nothing(turn.text):
            subject = await present_subject(self.tools)
            return replace(own, text=subject, recent=True, pointed=True)
        return own

    async def _found(self, search: Search, turn: Turn) -> tuple[Search, Chosen]:
        """Search; when the thread's subject leads nowhere, by the question's own words."""
        chosen = await Passages(self.tools).choose(search)
        if search.text == turn.text or not chosen.silent:
            return search, chosen
        own = Search(turn.text, turn.channel, turn.language, search.history_only)
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
