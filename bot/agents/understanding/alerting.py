"""Questions on the alerts themselves: `지금 울리는 알람 있어?`, `which alerts are silenced`."""

import re

from bot.agents.understanding.decision import decided
from bot.agents.understanding.message import Message
from bot.domain.conversation import Intent, Topic, Understanding

_ASKED = re.compile(
    r"(?:알람|알림|경보|얼럿)\S*\s*(?:\S+\s+)?(?:울리|울린|울렸|떠\s*있|떴|뜬|켜진|활성|살아|있[어나니습는]|몇|뭐|뭔|목록|현황|보여|알려|남았)"
    r"|(?:울리는|울린|떠\s*있는|켜진|활성|무음|음소거|남은)\s*(?:알람|알림|경보|얼럿)|사일런스"
    r"|\b(?:active|firing|open|current|silenced|muted|which|what|any|list|show)\b.*\balerts?\b"
    r"|\balerts?\b.*\b(?:active|firing|silenced|muted|open)\b|\bsilences\b",
    re.IGNORECASE,
)
_ELSE = ("how", "why", "past", "when_high", "conditional", "who", "foreign", "web")


def alerting(message: Message) -> Understanding | None:
    """Read which alerts fire or are kept quiet."""
    if not _ASKED.search(message.normal) or message.has(*_ELSE) or message.filters:
        return None
    return decided(message, Intent.STATUS, topics=(Topic.ALERTS,))
