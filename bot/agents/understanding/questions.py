"""Messages that kill nothing: status, comparisons, causes, lists, details, guides, small talk."""

from datetime import timedelta
from itertools import pairwise

from bot.agents.understanding.decision import decided
from bot.agents.understanding.error_texts import is_error_text
from bot.agents.understanding.frames import AskError, frame
from bot.agents.understanding.items import FilterItem
from bot.agents.understanding.killing import clarified, unclear
from bot.agents.understanding.listing import query_of
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Mood
from bot.agents.understanding.orders import selection_asked_about
from bot.agents.understanding.scanning import BESIDE
from bot.agents.understanding.segment import UNKNOWN, WORD
from bot.domain.conversation import Intent, Topic, Understanding
from bot.domain.selections import Both, LongerThan, Pronoun, Ranks, Selection

TOPICS = {
    "cpu": Topic.CPU,
    "memory": Topic.MEMORY,
    "disk": Topic.DISK,
    "network": Topic.NETWORK,
    "hdfs": Topic.HDFS,
    "node": Topic.NODES,
    "queue": Topic.QUEUES,
}
JOBS = ("job", "one_job", "many_jobs", "spark")
_BY_NOW = frozenset({"이제", "now"})
MACHINES = ("node", "hdfs", "disk", "network")
_A_PAIR = 2
CLUSTER = ("cluster", "trend", "usage", "state", "high", *TOPICS)


def helping(message: Message) -> Understanding | None:
    """Read a call for help on the bot itself."""
    if _names_rows(message):
        return None
    if not message.has("help") or message.has("trouble", "when_high", "past", "after", *CLUSTER):
        return None
    return decided(message, Intent.HELP)


def out_of_scope(message: Message) -> Understanding | None:
    """Read what is none of our business."""
    if not message.has("foreign") or (message.has("how") and message.has("trouble")):
        return None
    return decided(message, Intent.OUT_OF_SCOPE)


def asking_who_decides(message: Message) -> Understanding | None:
    """Read questions on deciding a card: who may, until when, and if nobody does."""
    return decided(message, Intent.AUDIT) if message.has("deciding") else None


def auditing(message: Message) -> Understanding | None:
    """Read who did or approved what."""
    did = message.has("who") and message.has("kill_noun", "killed", "approve")
    if not (did or message.has("audit")) or message.has("doubtful"):
        return None
    return decided(message, Intent.AUDIT)


def history(message: Message) -> Understanding | None:
    """Read questions on past incidents."""
    if not message.has("past") or message.has("length") or _lists_now(message):
        return None
    if message.has("how") and not message.has("trouble", "die"):
        return decided(message, Intent.HOW_TO)
    return decided(message, Intent.HISTORY)


def _lists_now(message: Message) -> bool:
    """Tell a list of jobs from past trouble with jobs."""
    asked = message.has("show", "run", "use") and message.has(*JOBS)
    return asked and not message.has("trouble", "kill", "killed", "die", "high")


def guiding(message: Message) -> Understanding | None:
    """Read questions on how to do something."""
    asked = message.has("how", "web", "purpose") and not _how_much_is_it(message)
    case = message.has("when_high") and message.has(
        "what", "purpose", "doubtful", "trouble", "conditional", "do"
    )
    breaking = message.has("why") and message.has("die")
    to_check = message.has("what") and Mood.DOUBTFUL in message.moods_of("check")
    if (
        asked
        or breaking
        or to_check
        or message.has("chore")
        or _in_what_order(message)
        or (case and not message.has("drop", "still", "after"))
    ):
        return decided(message, Intent.HOW_TO)
    return None


def _how_much_is_it(message: Message) -> bool:
    """`사용량이 어떻게 되지?` asks for a figure, not for a way."""
    pieces = message.pieces
    told = any(
        one.text == "어떻게" and after.text.startswith(("되", "돼", "된", "됩"))
        for one, after in pairwise(pieces)
    )
    return told and message.has("usage", "amount") and not message.has("conditional", "when_high")


def _in_what_order(message: Message) -> bool:
    """`노드 교체하는 순서 알려줘` asks for steps, unless it is the order of a list."""
    listed = message.has(*JOBS, "use", "run", "most", "much", "top", "rank_word", "listing", "long")
    return message.has("order") and message.has("tell", "what") and not listed


def pasting(message: Message) -> Understanding | None:
    """Read an error message: what to do about it is in the manual."""
    orders = Mood.ORDER in message.moods_of("kill", "stop", "remove")
    if not is_error_text(message.normal) or orders or message.has("past"):
        return None
    return decided(message, Intent.HOW_TO)


def machines(message: Message) -> Understanding | None:
    """Read how the machines do: `노드 하나 죽었어?`, `worker-03 상태 어때`."""
    named = any(piece.text.casefold() in message.view.nodes for piece in message.pieces)
    died = message.has("node") and message.has("die", "failed", "no") and not message.has(*JOBS)
    if not (named or died) or message.has("how", "why", "web", "past", "when_high", "conditional"):
        return None
    return decided(message, Intent.STATUS, topics=(Topic.NODES,))


def side_by_side(message: Message) -> Understanding | None:
    """Read which rows to put beside each other: `1번이랑 3번 비교해줘`, `compare #1 with #3`."""
    if not any(piece.text.casefold() in BESIDE for piece in message.pieces):
        return None
    said = frame(message.items)
    ranks = sorted({*said.ranks, *(() if said.ranks else said.counts)})
    if len(ranks) < _A_PAIR or not message.view.listed or said.filters:
        return None
    return decided(message, Intent.DETAIL, selection=Ranks(tuple(ranks)))


def comparing(message: Message) -> Understanding | None:
    """Read whether it got better."""
    if (
        _names_rows(message)
        or message.has("who", "purpose", "web")
        or (message.has("run") and message.has(*JOBS))
    ):
        return None
    steady = message.has("still") and message.has(*CLUSTER)
    by_now = message.view.kills_proved and any(p.text in _BY_NOW for p in message.pieces)
    if by_now and message.has(*CLUSTER) and not message.has("why", "how"):
        return decided(message, Intent.COMPARE, topics=topics(message), window=window(message))
    changed = message.has("drop", "after") and not message.has("why", "conditional")
    if changed or (steady and not message.has("why")):
        return decided(message, Intent.COMPARE, topics=topics(message), window=window(message))
    return None


def diagnosing(message: Message) -> Understanding | None:
    """Read why."""
    if not message.has("why", "rise") or (message.has("why", "usual") and _asks_of_rows(message)):
        return None
    return decided(message, Intent.DIAGNOSE, topics=topics(message))


def detailing(message: Message) -> Understanding | None:
    """Read a question on certain rows."""
    wondering = message.has("why", "usual") and _asks_of_rows(message)
    pointing = wondering or _names_rows(message) or message.has("pronoun", "pronouns")
    if (
        not pointing
        or (_only_filters(message) and not wondering)
        or (message.has("pronoun", "pronouns") and not _about(message))
    ):
        return None
    try:
        selection = _owned(message) if wondering else selection_asked_about(message)
    except AskError as ask:
        return clarified(message, ask.question)
    last_shown = selection == Pronoun() and message.view.looked_at
    question = "" if last_shown else unclear(message, selection)
    if question:
        return clarified(message, question)
    supposed = message.has("suppose") and message.has("die", "if")
    intent = Intent.WHAT_IF if supposed else Intent.DETAIL
    return decided(message, intent, selection=selection)


def _asks_of_rows(message: Message) -> bool:
    """Tell whether why is asked of certain rows: `alice 잡은 왜 그렇게 많이 써?`, `why is #2 slow`."""
    return _names_rows(message) or message.names_field("user")


def _owned(message: Message) -> Selection | None:
    """Return the rows why is asked of: "so much" is what is asked, and selects nothing."""
    named = tuple(dict.fromkeys(item.filter for item in message.filters))
    if frame(message.items).ranks or not named:
        return selection_asked_about(message)
    return named[0] if len(named) == 1 else Both(named)


def _about(message: Message) -> bool:
    return message.has("detail", "ord", "rank_word", "rank_sign") and not message.has(*CLUSTER)


def _names_rows(message: Message) -> bool:
    said = frame(message.items)
    number_only = said.bare and not (message.has("detail") and message.view.listed)
    return (bool(said.ranks) and not number_only) or message.names_field("id", "name")


def _only_filters(message: Message) -> bool:
    return (
        not frame(message.items).ranks
        and not message.names_field("id", "name")
        and bool(message.filters)
    )


def listing(message: Message) -> Understanding | None:
    """Read which applications to show."""
    if not _lists(message):
        return None
    return decided(message, Intent.LIST, query=query_of(message))


def _lists(message: Message) -> bool:
    said = frame(message.items)
    attributes = message.names_field("user", "queue", "name", "any")
    asks = message.has("what", "who", "detail")
    if message.has("trend") and not message.has(*JOBS):
        return False
    if message.has(*MACHINES) and not (attributes or message.has(*JOBS, "use")):
        return False
    ranked = message.has("top", "most", "much", "least", "oldest", "long", "newest")
    return (
        message.has("waiting", "failed", "now_word", "listing", "job", "many_jobs")
        or (message.has("what") and message.has("run"))
        or (bool(said.filters) and (attributes or message.has(*JOBS, "run", "show")))
        or (message.has("spark") and not message.has(*CLUSTER))
        or (message.has("order", "run") and bool(message.moods_of("show")))
        or (message.has("run") and any(message.names_words()) and not message.has(*CLUSTER))
        or (message.has("use") and asks and not message.has("why"))
        or (
            ranked
            and message.has("use", "run", "what", "who", "number", "num", "thing", "show", "detail")
        )
        or (message.view.listed > 0 and _follows_up(message, said.counts))
    )


def _follows_up(message: Message, counts: list[int]) -> bool:
    """`그럼 메모리 순으로는?`, `next 5`: the list again, in another order or longer."""
    ordered = message.has("order", "show") and message.has("cpu", "memory", "pronouns", "long")
    return bool(counts) or ordered or message.has("change", "next")


def status(message: Message) -> Understanding | None:
    """Read how the cluster does."""
    how_much = message.has("amount") and not message.has(UNKNOWN, WORD)
    if not message.has(*CLUSTER) and not how_much:
        return None
    return decided(message, Intent.STATUS, topics=topics(message), window=window(message))


def topics(message: Message) -> tuple[Topic, ...]:
    """Return the parts of the cluster that are named, each once."""
    found = [TOPICS[piece.concept] for piece in message.pieces if piece.concept in TOPICS]
    return tuple(dict.fromkeys(found))


def window(message: Message) -> timedelta | None:
    """Return the stretch of past time that is named."""
    for item in message.items:
        if isinstance(item, FilterItem) and isinstance(item.filter, LongerThan):
            return item.filter.than
    return None
