"""Which rows an action is about: the words that belong to each verb, and what is to be spared."""

from collections.abc import Sequence

from bot.agents.understanding.frames import NOT_JOBS, SUPERLATIVES, AskError, frame
from bot.agents.understanding.items import Item, MeasureItem, WordItem
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Act, Mood
from bot.agents.understanding.selecting import select
from bot.domain.selections import Either, Everything, Pronoun, Ranks, Selection

KILLS = frozenset({"kill", "stop", "killing", "remove"})
_BOUNDARY = WordItem("boundary")
_GROUPS = frozenset({"all", "both", "rest", "pronoun", "pronouns"})


def selection_for(message: Message, wanted: Sequence[Act]) -> Selection | None:
    """Return the rows of these actions together, without those to be spared.

    Raises `AskError` when the words are unclear.
    """
    spared = [
        item
        for act in message.acts
        if act.concept == "leave" or (act.concept in KILLS and act.mood is Mood.NEGATED)
        for item in (*_region(message, act), _BOUNDARY)
    ]
    if any(isinstance(item, WordItem) and item.concept in {"rest", "all"} for item in spared):
        spared = []
    listed = message.view.listed
    regions = [_region(message, act) for act in wanted]
    orders = [act for act in wanted if act.mood is Mood.ORDER]
    gone_on = (_region(message, act) for act in message.acts if act.concept == "go")
    if any(_strange(_region(message, act)) for act in orders) or any(
        not frame(region).empty for region in gone_on
    ):
        raise AskError
    found = [select(region, listed, spared) for region in regions]
    return _together([part for part in found if part is not None])


def _strange(items: list[Item]) -> bool:
    """Tell whether a word nobody taught us stands beside what is to be killed: #1 neighbor."""
    named = items[: items.index(_BOUNDARY)] if _BOUNDARY in items else items
    said = frame(named)
    strangers = [word for word in said.unknown if not word.casefold().endswith("ly")]
    others = said.ranks or said.counts or said.filters or said.words & (SUPERLATIVES | _GROUPS)
    return bool(strangers and others) or WordItem("noise") in named


def selection_anywhere(message: Message) -> Selection | None:
    """Return the rows the whole message names, whatever its verbs."""
    return select(message.items, message.view.listed)


def selection_asked_about(message: Message) -> Selection | None:
    """Return the rows a question is on: what it asks of them (`3번 큐가 뭐야`) selects nothing."""
    items = message.items
    said = frame(items)
    sorts = said.words & (SUPERLATIVES | {"much", "long", "order"})
    if said.ranks and not sorts:
        items = [item for item in items if not _attribute(item)]
    return select(items, message.view.listed)


def _attribute(item: Item) -> bool:
    asked = isinstance(item, WordItem) and item.concept in {"queue", "owner", "vague", *NOT_JOBS}
    return asked or isinstance(item, MeasureItem)


def _together(found: list[Selection]) -> Selection | None:
    clear = [part for part in found if not isinstance(part, Pronoun)] or found[:1]
    clear = list(dict.fromkeys(clear))
    if len(clear) <= 1:
        return clear[0] if clear else None
    if any(isinstance(part, Everything) for part in clear):
        raise AskError
    ranks = [part for part in clear if isinstance(part, Ranks)]
    if len(ranks) == len(clear):
        return Ranks(tuple(sorted({rank for part in ranks for rank in part.ranks})))
    return Either(tuple(clear))


def _place_of(message: Message, act: Act) -> int:
    return next(place for place, other in enumerate(message.acts) if other.at == act.at)


def _region(message: Message, act: Act) -> list[Item]:
    """Return the items that belong to an act: before it in Korean, after it in English."""
    place = _place_of(message, act)
    start = message.acts[place - 1].end if place else 0
    last = place + 1 == len(message.acts)
    stop = len(message.pieces) if last else message.acts[place + 1].at
    before = list(message.items_of(start, act.at))
    after = list(message.items_of(act.end, stop))
    if act.korean or message.korean:
        if frame(before).empty:
            return after if last or _ends_clause(message, act) else before
        supposed = act.mood in {Mood.CONDITIONAL, Mood.DOUBTFUL} and act.korean
        return _with_trail(before, after) if last and not supposed else before
    if _only_pronoun(after) and all(item.concept == "die" for item in message.acts[:place]):
        before = list(message.items_of(0, act.at))
        return after if frame(before).empty else before
    return after


def _with_trail(before: list[Item], after: list[Item]) -> list[Item]:
    """Add what comes after the verb; `3개 죽여줘 위에서부터` is one phrase."""
    said = frame(before)
    counted = said.counts and not (said.ranks or said.filters or said.words & SUPERLATIVES)
    return [*before, *after] if counted else [*before, _BOUNDARY, *after]


def _ends_clause(message: Message, act: Act) -> bool:
    """Tell whether the words after a verb still belong to it: 죽여줘 1번, 2번은 보여줘."""
    place = _place_of(message, act)
    return message.acts[place + 1].concept in KILLS


def _only_pronoun(items: list[Item]) -> bool:
    said = frame(items)
    bare = not (said.ranks or said.counts or said.filters or said.unknown)
    return bare and not said.words & {"all", "top", "most", "bottom", "rest", "both", "least"}


def asked_twice(message: Message, order: Act) -> bool:
    """Tell whether another thing is asked besides the kill, which the kill's own report is not."""
    for act in message.acts:
        if act.concept not in {"show", "tell", "check"} or act.mood is not Mood.ORDER:
            continue
        region = frame(_region(message, act))
        rows = region.ranks or region.filters or region.counts or act.at < order.at
        if rows and (not region.empty or region.words & {"job", "many_jobs", "listing"}):
            return True
    return False
