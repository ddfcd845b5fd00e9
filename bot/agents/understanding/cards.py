"""Words about an open card: typed approvals, withdrawals, changes of the targets."""

from bot.agents.understanding.decision import decided
from bot.agents.understanding.edits import edited
from bot.agents.understanding.frames import AskError, frame
from bot.agents.understanding.killing import clarified, unclear
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Mood
from bot.agents.understanding.orders import KILLS, selection_anywhere
from bot.domain.conversation import Intent, Understanding
from bot.domain.selections import Selection

_SMALL = frozenset(
    {
        "filler",
        "laugh",
        "agree",
        "mark",
        "object",
        "plain",
        "light",
        "request",
        "do",
        "thank",
        "card",
        "approve",
        "emoji",
        "sequel",
        "pronoun",
        "check",
        "doubtful",
        "all",
        "go",
        "from_to",
    }
)


_MATTERS = ("cluster", "cpu", "memory", "job", "many_jobs", "hdfs", "queue", "foreign", "trouble")


def on_cards(message: Message) -> Understanding | None:
    """Read what is said to a card; None when it is about something else."""
    for read in (edited, _approval, _change, _withdrawal, _agreement):
        found = read(message)
        if found is not None:
            return found
    return None


def _approval(message: Message) -> Understanding | None:
    """Read a typed approval: it counts for nothing, whatever comes with it."""
    moods = message.moods_of("approve") or _going_on(message)
    if not moods or message.has("past"):
        return None
    if Mood.NEGATED in moods:
        return decided(message, Intent.CANCEL if message.view.open_card else Intent.NONE)
    if message.has("who", "audit") or Mood.PAST in moods:
        return None if message.has("doubtful", "how") else decided(message, Intent.AUDIT)
    if message.has("cancel") or (message.has("how", "purpose") and not message.view.open_card):
        return None
    if message.view.open_card:
        return decided(message, Intent.USE_BUTTONS)
    return clarified(message, "which_one")


def _going_on(message: Message) -> set[Mood]:
    """Return the moods of "go on", unless it goes with something named: 1번 종료 진행해줘."""
    named = {act.concept for act in message.acts} & {*KILLS, "show", "tell", "check", "cancel"}
    return set() if named or message.has("how", *_MATTERS) else message.moods_of("go")


def _agreement(message: Message) -> Understanding | None:
    """Read a plain yes under an open card."""
    if not message.has("agree") or not message.view.open_card or not message.concepts <= _SMALL:
        return None
    return decided(message, Intent.USE_BUTTONS)


def _change(message: Message) -> Understanding | None:
    """`1번만 죽이는 걸로 바꿔줘`: another kill replaces the card."""
    wanted = message.moods_of("change")
    corrects = message.has("only", "only_word", "correction", "no") and not message.acts
    if Mood.ORDER not in wanted and not corrects:
        return None
    if message.has("how", "when_high", "mark_question") or _asks(message):
        return None
    selection = _selection(message)
    if selection is None:
        return None
    if not message.view.open_card:
        lists = message.has("show", "job") or message.names_field("user", "queue", "state")
        return None if lists else clarified(message, "which_one")
    if isinstance(selection, str) or message.has("add"):
        return clarified(message, "which_one")
    question = unclear(message, selection)
    return (
        clarified(message, question)
        if question
        else decided(message, Intent.KILL, selection=selection)
    )


def _asks(message: Message) -> bool:
    return "?" in message.normal or message.has("negated", "reported")


def _withdrawal(message: Message) -> Understanding | None:
    moods = message.moods_of("cancel")
    if _taken_back(message):
        return decided(message, Intent.CANCEL)
    if not moods:
        return None
    if message.has("who", "audit") or moods & {Mood.PAST}:
        return decided(message, Intent.AUDIT)
    if message.has("past", "how") or Mood.NAMED in moods:
        buttons = message.view.open_card and not message.has("past")
        return decided(message, Intent.USE_BUTTONS) if buttons else None
    if Mood.NEGATED in moods:
        return decided(message, Intent.NONE)
    return _cancelled(message)


def _taken_back(message: Message) -> bool:
    return message.has("take_back") and frame(message.items).empty and not message.acts


def _cancelled(message: Message) -> Understanding:
    """Without a card, `2번 잡 취소해줘` is a kill; with one, it is unclear which is meant."""
    orders = message.moods_of(*KILLS)
    selection = _selection(message)
    pronoun_only = not message.filters and not isinstance(selection, str)
    named = frame(message.items)
    if not (named.ranks or named.counts or named.filters or named.unknown):
        return decided(message, Intent.CANCEL)
    if Mood.ORDER in orders or isinstance(selection, str):
        return clarified(message, "which_one")
    if selection is None or (pronoun_only and _just_that(message)):
        return decided(message, Intent.CANCEL)
    if message.view.open_card:
        return clarified(message, "which_one")
    question = unclear(message, selection)
    if question:
        return clarified(message, question)
    return decided(message, Intent.KILL, selection=selection)


def _just_that(message: Message) -> bool:
    return message.has("pronoun", "pronouns", "card", "all") and not message.has(
        "ord", "rank_word", "rank_sign", "top", "number"
    )


def _selection(message: Message) -> Selection | str | None:
    """Return the selection, None for none, or the question it raises."""
    try:
        return selection_anywhere(message)
    except AskError as ask:
        return ask.question
