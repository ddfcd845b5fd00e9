"""What a question such as "has this happened before?" is about, when it does not say."""

import re

from bot.agents.memory import Memory, culprits_of, listing_of
from bot.domain.conversation import Query
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

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
