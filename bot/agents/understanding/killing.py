"""Messages that speak of killing: which of them order it, and which only look as if."""

from collections.abc import Callable
from dataclasses import replace

from bot.agents.understanding.decision import decided
from bot.agents.understanding.frames import AskError, frame
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Act, Mood
from bot.agents.understanding.orders import KILLS, asked_twice, selection_for
from bot.domain.conversation import Intent, Understanding
from bot.domain.selection_resolver import listed_only
from bot.domain.selections import Everything, Pronoun, Selection, Without

_WONDERING = {Mood.CONDITIONAL, Mood.DOUBTFUL}
_UNCERTAIN = {Mood.QUOTED, Mood.SCHEDULED}
_NOT_AT_ONCE = (
    "how",
    "suppose",
    "scheduled",
    "reported",
    "self",
    "since",
    "foreign",
    "conditional",
    "hold",
    "past",
)
_ALSO = frozenset({"도", "also", "andalso", "too", "aswell", "추가로"})


def killing(message: Message) -> Understanding | None:
    """Read a message that names a kill; None when killing is not what it is about."""
    kills = _kills(message) or _supposed(message)
    if not kills:
        return None
    for read in (_asked_about, _uncertain, _wondered, _ordered, _forbidden):
        found = read(message, kills)
        if found is not None:
            return found
    return None


def _kills(message: Message) -> list[Act]:
    return [act for act in message.acts if act.concept in KILLS]


def _moods(kills: list[Act]) -> set[Mood]:
    return {act.mood for act in kills}


def _supposed(message: Message) -> list[Act]:
    """Read `if the top two were killed` as the supposition it is."""
    if not message.has("suppose", "hesitate"):
        return []
    told = [act for act in message.acts if act.concept == "killed"]
    return [replace(act, mood=Mood.CONDITIONAL) for act in told]


def _asked_about(message: Message, kills: list[Act]) -> Understanding | None:
    """Tell questions about killing from the kill itself."""
    moods = _moods(kills)
    for intent, asks in _QUESTIONS:
        if asks(message, moods):
            return decided(message, intent)
    return None


_Asks = Callable[[Message, set[Mood]], bool]
_QUESTIONS: tuple[tuple[Intent, _Asks], ...] = (
    (
        Intent.NONE,
        lambda said, moods: said.has("hold") and moods == {Mood.NAMED} and not said.has("how"),
    ),
    (Intent.AUDIT, lambda said, moods: said.has("audit") and Mood.NEGATED not in moods),
    (Intent.COMPARE, lambda said, moods: said.has("since") and Mood.ORDER not in moods),
    (Intent.HISTORY, lambda said, moods: said.has("past") and _told(moods)),
    (Intent.AUDIT, lambda said, moods: said.has("who") and Mood.PAST in moods),
    (Intent.HOW_TO, lambda said, moods: said.has("how", "web") and _told(moods)),
    (
        Intent.COMPARE,
        lambda said, moods: (
            said.has("drop", "still", "after") and Mood.PAST in moods and Mood.ORDER not in moods
        ),
    ),
    (
        Intent.COMPARE,
        lambda said, moods: (
            Mood.NAMED in moods and said.has("effect", "drop") and said.view.kills_proved
        ),
    ),
    (
        Intent.COMPARE,
        lambda said, _: (
            said.view.kills_proved
            and said.has("drop")
            and all(act.sequel for act in said.acts if act.concept in KILLS)
        ),
    ),
    (
        Intent.COMPARE,
        lambda said, moods: (
            moods == {Mood.PAST}
            and said.view.kills_proved
            and said.has("state", "usage", "high", "cpu", "memory", "cluster")
        ),
    ),
    (
        Intent.AUDIT,
        lambda said, moods: Mood.NAMED in moods and said.has("who") and said.has("card"),
    ),
    (
        Intent.HOW_TO,
        lambda said, moods: (
            Mood.NAMED in moods and Mood.ORDER not in moods and not said.has("change", "why")
        ),
    ),
    (
        Intent.DIAGNOSE,
        lambda said, moods: Mood.NAMED in moods and Mood.ORDER not in moods and said.has("why"),
    ),
    (Intent.AUDIT, lambda _, moods: moods == {Mood.PAST}),
)


def _told(moods: set[Mood]) -> bool:
    """Tell whether killing is spoken of rather than ordered."""
    return Mood.NAMED in moods or Mood.PAST in moods or Mood.ORDER not in moods


def _uncertain(message: Message, kills: list[Act]) -> Understanding | None:
    """Ask when somebody else said it, it is for later, or it is both ordered and doubted."""
    moods = _moods(kills)
    both = Mood.ORDER in moods and moods & _WONDERING
    return clarified(message, "which_one") if moods & _UNCERTAIN or both else None


def _wondered(message: Message, kills: list[Act]) -> Understanding | None:
    """Read what would come of a kill nobody has ordered yet."""
    wondering = [act for act in kills if act.mood in _WONDERING]
    doubted = message.has("effect", "hesitate") and Mood.ORDER in _moods(kills)
    if not wondering and not doubted:
        return None
    return _what_if(message, wondering or kills)


def _ordered(message: Message, kills: list[Act]) -> Understanding | None:
    """Read an order, unless something beside it makes it none."""
    orders = [act for act in kills if act.mood is Mood.ORDER]
    if not orders:
        return None
    if message.has(*_NOT_AT_ONCE) or _denied_elsewhere(message):
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
        return _forbidden(message, _kills(message)) or clarified(message, question)
    if question or (message.view.open_card and _of_card_or_list(message, selection)):
        return clarified(message, question or "which_one")
    return decided(message, Intent.KILL, selection=selection)


def _of_card_or_list(message: Message, selection: Selection | None) -> bool:
    """Under an open card, `3번도 죽여줘` may add, and `2번 빼고 다` may speak of the card alone."""
    rest = isinstance(selection, Without) and isinstance(selection.base, Everything)
    added = (
        piece.text in _ALSO and piece.concept in {"object", "conj", "filler", "next"}
        for piece in message.pieces
    )
    return rest or any(added)


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
    last_shown = selection == Pronoun() and message.view.looked_at
    question = "" if last_shown else unclear(message, selection)
    if question:
        return clarified(message, question)
    return decided(message, Intent.WHAT_IF, selection=selection)


def _by_approval(message: Message) -> Understanding:
    """Count no claim of approval beside an order, and the order neither."""
    if message.view.open_card:
        return decided(message, Intent.USE_BUTTONS)
    return clarified(message, "which_one")


def _forbidden(message: Message, kills: list[Act]) -> Understanding | None:
    """Nothing may be killed; whatever else is asked is read by others."""
    if Mood.NEGATED not in _moods(kills) or _moods(kills) - {Mood.NEGATED, Mood.ORDER}:
        return None
    others = {act.concept for act in message.acts if act.mood is Mood.ORDER}
    if others & {"show", "tell", "check"} or message.has("detail"):
        return None
    if message.has("why", "past", "drop", "amount") and not message.has("anything", "still"):
        return None
    return decided(message, Intent.CANCEL if message.view.open_card else Intent.NONE)


def forbidding(message: Message) -> Understanding | None:
    """Read `don't stop them, I just want to look`: what else was said asks for nothing."""
    if _moods(_kills(message)) != {Mood.NEGATED}:
        return None
    return decided(message, Intent.CANCEL if message.view.open_card else Intent.NONE)


def clarified(message: Message, question: str) -> Understanding:
    """Return a question back."""
    return decided(message, Intent.CLARIFY, question=question)
