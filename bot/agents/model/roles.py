"""What a quantity is said to be, by the words beside it: a gap, a part of each core, what is free, a limit.

Whatever else a sentence speaks of, these words bind the number they stand at: "48 GiB more" is a
difference and never what somebody holds, and "48 GiB" alone is never a difference.
"""

import re
from enum import StrEnum

from bot.agents.model.quantities import Quantity

I = re.IGNORECASE  # noqa: E741 - the flag of every line below
REACH = 28  # characters before a number that still speak of it


class Role(StrEnum):
    """What a number is said to be."""

    GAP = "gap"  # how far two are apart
    NEAR_GAP = "near gap"  # words of distance stand around: this, or what somebody holds
    PER_CORE = "per core"
    TAKEN = "taken"  # granted, whoever has it
    FREE = "free"
    LIMIT = "limit"
    HELD = "held"  # what somebody has, a sum, a share


GAP_AFTER = re.compile(
    r"^\s?(?:정도|쯤|가량|만큼|이나|나|도)?\s?(?:더\s|덜\s)?\s?(?:더[^하해]|덜|많|적|길|짧|앞서|뒤[져지처쳐]|모자라|부족|차이|격차|먼저|늦)"
    r"|^[을를]\s(?:더|덜)\s|^\s?(?:of memory |cores? )?(?:more|fewer|less|larger|smaller|apart|short|longer|shorter|extra|older|younger)\b",
    I,
)
GAP_BEFORE = re.compile(
    r"(?:차이|격차|간격)\S{0,2}\s*$|\b(?:gap|difference|margin)(?: \w+){0,4}\s*$|\bby(?: (?:about|some|just|only|nearly|almost|roughly))?\s*$",
    I,
)
CHANGED_BY = re.compile(
    r"\b(?:down|f[ae]ll\w*|drop\w*|ris\w*|rose|lower\w*|reduc\w*|shr[iu]nk\w*|cut\w*|improv\w*|grow\w*|increas\w*|up) by\b[^\d]{0,12}$",
    I,
)
"""What says how far one figure moves, and not how far two are apart."""
AROUND = re.compile(
    r"차이|격차|간격|더\s|덜\s|많|적|크|작|높|낮|길|짧|앞서|뒤[져지처쳐]|모자라|부족|못 미|넘|초과|보다|먼저|나중|뒤면"
    r"|\b(?:gap|differ\w*|apart|another|plus|additional|more|less|fewer|ahead|behind|over|above|below|under|beyond|short|past|than|from|between|later|earlier|before|after|margin|by|outlive\w*|exceed\w*|younger|older|larger|smaller|extra)\b",
    I,
)
MOST = re.compile(r"(?:가장|제일)\s\S+|\b\w+est\b", I)
"""The most of all is no distance from another."""
DIGIT = re.compile(r"\d")
OWN_KO = re.compile(r"^으?로(?![가-힣])")
CORE_AFTER = re.compile(
    r"^\s?(?:per|an?|for every|for each|each|/)\s?(?:\w+ )?core|^\s?(?:씩|꼴)", I
)
CORE_BEFORE = re.compile(r"코어\s?(?:당|하나|1개|마다)[^\d]{0,20}$|\bper[- ]core\b[^\d]{0,12}$", I)
LIMIT_AFTER = re.compile(
    r"^\s?(?:기준|선(?![가-힣]{2})|한계)|^\s?(?:\w+ )?(?:line|mark|rule|bar|threshold|cutoff)\b", I
)
LIMIT_BEFORE = re.compile(
    r"기준(?:선|값)?(?:인|은|이|\()?\s?$|\b(?:line|mark|rule|bar|threshold) (?:of|is)\s$", I
)
NOWHERE = re.compile(r"(?!)")
TAKEN_AFTER = re.compile(
    r"^[가이는은를을]?\s+(?:나가|나간|(?:할당|배정|예약)(?![받분]))|^\s*(?:(?:cores|are|is|already|now) ){0,3}(?:granted|handed out|given out|taken|allocated)\b",
    I,
)
FREE_AFTER = re.compile(
    r"^[^\s,]{0,3}\s+(?:비어|남아|남[음는았습]|놀고)|^\s?(?:정도|쯤|가량)?의?\s?여유"
    r"|^\s*(?:(?:are|is|remain|stay|sit|still|now|left|that) ){0,3}(?:free|spare|idle|unused|unallocated)\b",
    I,
)
FREE_BEFORE = re.compile(
    r"(?:빈|남은|여유|(?:비어|남아|놀고)\s?있는|노는|안 \S{1,3})\s(?:코어|메모리)\S{0,2}\s(?:[가-힣]+\s){0,2}$"
    r"|\b(?:free|spare|idle|unused|unallocated|remaining) (?:cores?|memory)\b[^\d.,;]{0,24}$|\bleft(?: over)? (?:is|are)(?: \w+)? $|\bleav(?:es?|ing) (?:(?:you|us|it|about|only|just|the cluster|with) )*$",
    I,
)


def role_of(one: Quantity, text: str) -> Role:
    """Return what the words beside a quantity say that it is."""
    before, after = text[max(0, one.start - REACH) : one.start], text[one.end :]
    beside = (
        (Role.GAP, GAP_AFTER, GAP_BEFORE),
        (Role.PER_CORE, CORE_AFTER, CORE_BEFORE),
        (Role.LIMIT, LIMIT_AFTER, LIMIT_BEFORE),
        (Role.TAKEN, TAKEN_AFTER, NOWHERE),
        (Role.FREE, FREE_AFTER, FREE_BEFORE),
    )
    for role, behind, ahead in beside:
        moved = role is Role.GAP and CHANGED_BY.search(before)
        if behind.search(after) or (ahead.search(before) and not moved):
            return role
    if OWN_KO.match(after):
        return Role.HELD
    around = f"{DIGIT.split(before)[-1]} \0 {DIGIT.split(after[:REACH])[0]}"
    return Role.NEAR_GAP if AROUND.search(MOST.sub("", around)) else Role.HELD
