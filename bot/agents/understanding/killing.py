"""Messages that speak of killing: which of them order it, and which only look as if."""

from dataclasses import replace

from bot.agents.understanding.decision import decided
from bot.agents.understanding.frames import AskError, frame
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Act, Mood
from bot.agents.understanding.orders import KILLS, asked_twice, selection_for
from bot.agents.understanding.selecting import listed_only
from bot.domain.conversation import Intent, Understanding
from bot.domain.selections import Pronoun, Selection

_WONDERING = {Mood.CONDITIONAL, Mood.DOUBTFUL}
_UNCERTAIN = {Mood.QUOTED, Mood.SCHEDULED}


def killing(message: Message) -> Understanding | None:
    """Read a message that names a kill; None when killing is not what it is about."""
    kills = [act for act in message.acts if act.concept in KILLS] or _supposed(message)
    if not kills:
        return None
    moods = {act.mood for act in kills}
    about = _about_killing(message, moods)
    if about is not None:
        return decided(message, about)
    if moods & _UNCERTAIN:
        return clarified(message, "which_one")
    orders = [act for act in kills if act.mood is Mood.ORDER]
    wondering = [act for act in kills if act.mood in _WONDERING]
    if orders and wondering:
        return clarified(message, "which_one")
    if wondering or (orders and message.has("effect", "hesitate")):
        return _what_if(message, wondering or orders)
    if orders:
        return _ordered(message, orders)
    if moods == {Mood.NEGATED}:
        return _forbidden(message)
    return decided(message, Intent.AUDIT) if Mood.PAST in moods else None


def _supposed(message: Message) -> list[Act]:
    """Read `if the top two were killed` as the supposition it is."""
    if not message.has("suppose", "hesitate"):
        return []
    told = [act for act in message.acts if act.concept == "killed"]
    return [replace(act, mood=Mood.CONDITIONAL) for act in told]


def _about_killing(message: Message, moods: set[Mood]) -> Intent | None:
    """Tell questions about killing from the kill itself."""
    if message.has("audit") and Mood.NEGATED not in moods:
        return Intent.AUDIT
    if message.has("since") and Mood.ORDER not in moods:
        return Intent.COMPARE
    told = Mood.PAST in moods or Mood.NAMED in moods
    if message.has("past") and (told or Mood.ORDER not in moods):
        return Intent.HISTORY
    if message.has("who") and Mood.PAST in moods:
        return Intent.AUDIT
    if message.has("how", "web") and (Mood.NAMED in moods or Mood.ORDER not in moods):
        return Intent.HOW_TO
    if Mood.PAST in moods and message.has("drop", "still", "after") and Mood.ORDER not in moods:
        return Intent.COMPARE
    if Mood.NAMED in moods and Mood.ORDER not in moods and not message.has("change"):
        return Intent.DIAGNOSE if message.has("why") else Intent.HOW_TO
    return None


def _ordered(message: Message, orders: list[Act]) -> Understanding:
    if message.has(
        "how", "suppose", "scheduled", "reported", "self", "since", "foreign"
    ) or _on_condition(message):
        return clarified(message, "which_one")
    if message.has("hold") or _denied_elsewhere(message):
        return clarified(message, "which_one")
    if message.has("approve"):
        return _by_approval(message)
    if asked_twice(message, orders[-1]):
        return clarified(message, "two_requests")
    return kill_of(message, orders)


def _denied_elsewhere(message: Message) -> bool:
    """Tell whether an English "never" or "don't" belongs to no verb that was recognised."""
    said = any(piece.concept == "negation" and not piece.korean for piece in message.pieces)
    return said and all(act.mood is not Mood.NEGATED for act in message.acts)


def kill_of(message: Message, orders: list[Act]) -> Understanding:
    """Return the kill of what the words select, or what has to be asked first."""
    try:
        selection = selection_for(message, orders)
        question = unclear(message, selection)
    except AskError as ask:
        selection, question = None, ask.question
    bare = isinstance(selection, Pronoun) or frame(message.items).empty
    if question and bare and message.view.open_card and not _forbids(message):
        stops = all(act.concept == "stop" for act in orders)
        return decided(message, Intent.CANCEL if stops else Intent.USE_BUTTONS)
    if question and _forbids(message):
        return _forbidden(message) or clarified(message, question)
    if question:
        return clarified(message, question)
    return decided(message, Intent.KILL, selection=selection)


def _forbids(message: Message) -> bool:
    return Mood.NEGATED in message.moods_of(*KILLS)


def unclear(message: Message, selection: Selection | None) -> str:
    """Return what must be asked before a selection can be looked up, or nothing."""
    if selection is None:
        return "which_one" if message.view.listed else "no_listing"
    if not message.view.listed and listed_only(selection):
        return "no_listing"
    return "which_one" if isinstance(selection, Pronoun) and message.view.listed != 1 else ""


def _what_if(message: Message, acts: list[Act]) -> Understanding:
    try:
        selection = selection_for(message, acts)
    except AskError as ask:
        return clarified(message, ask.question)
    question = unclear(message, selection)
    if question:
        return clarified(message, question)
    return decided(message, Intent.WHAT_IF, selection=selection)


def _on_condition(message: Message) -> bool:
    """Tell whether anything is supposed anywhere outside a polite formula."""
    return message.has("conditional")


def _by_approval(message: Message) -> Understanding:
    """A claim of approval beside an order changes nothing, and is no order either."""
    if message.view.open_card:
        return decided(message, Intent.USE_BUTTONS)
    return clarified(message, "which_one")


def _forbidden(message: Message) -> Understanding | None:
    """Nothing may be killed; whatever else is asked is read by others."""
    others = {act.concept for act in message.acts if act.mood is Mood.ORDER} - KILLS
    if others & {"show", "tell", "check"} or message.has("detail"):
        return None
    if message.has("why", "past", "drop", "amount", "still") and not message.has(
        "anything", "still"
    ):
        return None
    if message.view.open_card:
        return decided(message, Intent.CANCEL)
    return decided(message, Intent.NONE)


def clarified(message: Message, question: str) -> Understanding:
    """Return a question back."""
    return decided(message, Intent.CLARIFY, question=question)
