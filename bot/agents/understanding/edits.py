"""Words that change an open card by a row: `2번은 빼줘`, `add #3`, `leave #2 out`."""

from bot.agents.understanding.decision import decided
from bot.agents.understanding.frames import AskError, frame
from bot.agents.understanding.items import WordItem
from bot.agents.understanding.killing import clarified
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Mood
from bot.agents.understanding.orders import KILLS
from bot.agents.understanding.selecting import select
from bot.domain.conversation import Intent, Understanding
from bot.domain.selections import Everything, Pronoun, Ranks, Selection, Without

_LEAVING_OUT = ("except_after", "except_before")
_ELSEWHERE = ("show", "tell", "check", "cancel", "change")


def edited(message: Message) -> Understanding | None:
    """Read rows added to the open card or left out of it; the new card replaces the old one."""
    if not message.view.open_card or _only_speaks(message):
        return None
    adds = Mood.ORDER in message.moods_of("add")
    if not adds and not _leaves_out(message):
        return None
    named = _named(message)
    if frame(message.items).empty and Mood.ORDER in message.moods_of("leave"):
        return decided(message, Intent.CANCEL)
    if named is None or isinstance(named, Pronoun | Everything):
        return None if message.has("pronoun", "pronouns", "anything", "all") else _ask(message)
    wanted = _with(message, named) if adds else _without(message, named)
    if wanted is None:
        return _ask(message)
    return decided(message, Intent.KILL, selection=wanted)


def _only_speaks(message: Message) -> bool:
    asks = "?" in message.normal or message.has("how", "why", "who", "reported", "scheduled")
    return asks or bool({act.concept for act in message.acts} & {*_ELSEWHERE})


def _leaves_out(message: Message) -> bool:
    """Tell whether rows are to be spared and no other rows are to be killed."""
    if message.moods_of(*KILLS):
        return _removes(message)
    return Mood.ORDER in message.moods_of("leave") or message.has(*_LEAVING_OUT)


def _removes(message: Message) -> bool:
    """`remove #2 from the card` spares it; `remove #2` alone may mean either."""
    return message.moods_of(*KILLS) == message.moods_of("remove") == {Mood.ORDER}


def _named(message: Message) -> Selection | None:
    """Return the rows named, None for none; what is unclear is asked about by the caller."""
    items = [
        item
        for item in message.items
        if not (isinstance(item, WordItem) and item.concept in _LEAVING_OUT)
    ]
    try:
        return select(items, message.view.listed)
    except AskError:
        return None


def _with(message: Message, named: Selection) -> Selection | None:
    if not message.view.on_card or not isinstance(named, Ranks):
        return None
    return Ranks(tuple(sorted({*message.view.on_card, *named.ranks})))


def _without(message: Message, named: Selection) -> Selection | None:
    if not message.view.on_card or (_removes(message) and not message.has("card")):
        return None
    if isinstance(named, Ranks) and not set(named.ranks) <= set(message.view.on_card):
        return None
    return Without(Ranks(message.view.on_card), named)


def _ask(message: Message) -> Understanding:
    return clarified(message, "which_one")
