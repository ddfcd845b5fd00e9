"""Which jobs could be given up: `이 큐에서 줄여도 되는 잡은?`, `which jobs could we cut?`.

It asks for a list; nothing is to be killed yet.
"""

import re
from dataclasses import replace

from bot.agents.understanding.decision import decided
from bot.agents.understanding.frames import frame
from bot.agents.understanding.listing import query_of
from bot.agents.understanding.message import Message
from bot.agents.understanding.moods import Mood
from bot.agents.understanding.orders import KILLS
from bot.domain.conversation import Intent, Query, Understanding

_GIVE_UP = r"줄[이여일]|빼|죽[이여일]|내[리려릴]|끊|멈[추춰출]|정리[하해할]?|종료[하해할]?|중[지단][하해할]?|양보[하해할]?|포기[하해할]?|kill\s*[하해할]?|[킬끄꺼끌]"
_ALLOWED = r"\s*(?:어|아|해)?도\s*(?:되|돼|될|괜찮|괜춘|무방|상관\s*없|문제\s*없|안전)\S*|\S?\s*만한|\S?\s*수\s*있는|\s*여지"
_KOREAN = re.compile(
    rf"(?:{_GIVE_UP})(?:{_ALLOWED})\s*(?:\S+\s+)?(?:잡|쟙|작업|앱|거|것|애|놈|게|어플|애플리케이션|쿼리)"
)
_ENGLISH = re.compile(
    r"\b(?:which|what|any|anything)\b.*\b(?:can|could|may|might|should|safe|safely|okay|ok|afford)\b"
    r".*\b(?:cut|reduced?|trim(?:med)?|kill(?:ed)?|stop(?:ped)?|spared?|dropped|drop|give up|given up"
    r"|sacrificed?|shed|scaled? down|scale back|killable|let go)\b"
    r"|\b(?:killable|expendable|dispensable)\b",
    re.IGNORECASE,
)
_WHICH_TO_KILL = re.compile(
    r"(?:뭐|뭘|무엇을|누굴|(?:어떤|어느)\s*\S+)\s*(?:먼저\s*|부터\s*)?"
    r"(?:죽[이여일]|끊|내[리려릴]|줄[이여일]|종료[하해할]|kill\s*[하해할])\S*"
    r"\s*(?:좋|되|돼|될|할까|하[나지]|해|낫|나을)?\S*$"
    r"|\b(?:what|which(?: \w+){0,2}) (?:should|shall|do|would|could) (?:i|we|you) (?:\w+ )?"
    r"(?:kill|stop|terminate|cut|end)\b(?! command)"
    r"|\b(?:safe|okay|ok|fine) to (?:kill|stop|terminate|cut) any",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[?？]|뭐|뭘|어느|어떤|무슨|알려|보여|있|찾아|골라|추천|은$|는$|which|what|any\b|show|list",
    re.IGNORECASE,
)
_THIS_QUEUE = re.compile(
    r"(?:이|그|해당|저)\s*(?:큐|대기열|풀)|\b(?:this|that|the same)\s+(?:queue|pool)\b",
    re.IGNORECASE,
)


def sparing(message: Message) -> Understanding | None:
    """Read a question which jobs, none of them named, could be given up."""
    text = message.normal
    if _WHICH_TO_KILL.search(text.rstrip("?!. ")):
        return None if message.has("past", "who", "reported") else _spares(message, text)
    asked = _KOREAN.search(text) or _ENGLISH.search(text)
    if asked is None or not _ASKS.search(text):
        return None
    if (
        _ordered_beside(message, asked)
        or _names_rows(message)
        or message.has("how", "past", "who", "reported")
    ):
        return None
    return _spares(message, text)


def _spares(message: Message, text: str) -> Understanding:
    said = query_of(message)
    query = Query(
        by=said.by,
        count=said.count,
        only=said.only,
        spare=True,
        this_queue=said.only is None and bool(_THIS_QUEUE.search(text)),
    )
    return decided(message, Intent.LIST, query=query)


def _ordered_beside(message: Message, asked: re.Match[str]) -> bool:
    """Tell whether a kill is ordered too, in words beside the question."""
    if Mood.ORDER not in message.moods_of(*KILLS):
        return False
    rest = f"{asked.string[: asked.start()]} {asked.string[asked.end() :]}"
    return Mood.ORDER in replace(message, text=rest).moods_of(*KILLS)


def _names_rows(message: Message) -> bool:
    """Tell whether rows are pointed at: then it is asked what their end would bring."""
    said = frame(message.items)
    pointed = {"pronoun", "pronouns", "all", "both", "rest"} & said.words
    this = bool(_THIS_QUEUE.search(message.normal))
    return bool(said.ranks) or message.names_field("id", "name") or bool(pointed and not this)
