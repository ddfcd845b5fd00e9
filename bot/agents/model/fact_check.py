"""Which sentences of a model stand: facts are checked, wording is free, what fails goes alone.

A sentence falls when a number is no figure of whom it speaks of, when a name, time, link or
citation is unknown, or when it claims what is not so (`claims`). What the passages say supports
what the figures do not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

from bot.agents.model import claims
from bot.agents.model.arithmetic import (
    ADDED,
    FOR_EACH_CORE,
    HANDED_OUT,
    LIMIT,
    about,
    cluster_figures,
    follows,
    handed_out,
    is_limit,
    is_ratio,
    limited,
    makes,
    near,
    spare,
    spoken_groups,
    values,
)
from bot.agents.model.claims import Reason
from bot.agents.model.counting import COUNTS, PART_OF, PART_OF_KO, counted
from bot.agents.model.documents import Support
from bot.agents.model.evidence import Evidence, Figure, Kind, Subject, Unit
from bot.agents.model.quantities import ALIKE, ANY_UNIT, CLOCK, Quantity, supposed
from bot.agents.model.roles import Role, role_of
from bot.agents.model.sentence import ASCII_WORDS, TO_COME, Mention, Sentence, sentences
from bot.domain.language import Language
from bot.domain.selections import Measure

LONGEST = 500
UNSAFE = re.compile(
    r"<[@!#/]|<(?![a-z][\w-]*>)[a-z]|(?<![\w)])@\w|\]\(|!\[|```|\{\{|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
LINK = re.compile(r"(?:https?:|www\.)[!-~]*|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|ai|co|kr|app|sh)\b[!-~]*", ASCII_WORDS)  # fmt: skip
PIECES_OF_JSON = re.compile(r"[{}\\|]|(?:^|[,\[]\s*)\"[^\"]*\"\s*:|\"\s*\]|\[\s*\"")
CUT_OFF = re.compile(
    r"(?:[,(·=/&-]|\b(?:the|an?|of|and|or|to|in|by|with|at|is|are|from|for|than)|[가-힣](?:을|를|에서|보다|하고|으로|의))$",
    ASCII_WORDS,
)
"""A word that no sentence ends with."""
LATIN = re.compile(r"(?<![\w.-])[a-z]+(?![\w.-])")
GRAMMAR = re.compile(r"\b(?:the|an?|is|are|was|were|be|been|has|have|had|will|can|it|its|this|that|of|to|in|on|for|and|with|you|not)\b", re.IGNORECASE)  # fmt: skip
"""What makes English words a sentence: names of things alone are of any language."""
HANGUL = re.compile(r"[가-힣]+")
IDENTIFIER = re.compile(r"(?<![\w.-])(?=[\w.!/@-]*[A-Za-z])(?:[A-Za-z0-9]+(?:[_.\-/!@][A-Za-z0-9]+)+|[A-Za-z]+\d\w*|\d+[A-Za-z]\w*|[A-Z][a-z]+[A-Z]\w*)", re.ASCII)  # fmt: skip
PLAIN_COMPOUND = re.compile(r"[GMTK]iB|vCores?|[A-Za-z]+(?:[-/][A-Za-z]+)+|\d+(?:th)?(?:-\w+|%|th|st|nd|rd|[a-z]{1,3}|(?:[dhms]\d+)+[dhms]|GiB|MiB|TiB|GB|MB|TB|vcores?|cores?|코어)", ASCII_WORDS)  # fmt: skip
ID_END = re.compile(r"(?<![\w.])\d{4,}(?![\w.%])")
ADNOMINAL = re.compile(
    r"(?:[가-힣][는던]|중인|인|[한된쓴진]|짜리)(?<!것은)(?<!것는)(?<!코어는)(?<!메모리는)\s+(?:\S+(?:의|님의)\s+)?$"
)
WHOLE = re.compile(
    r"\bof (?=\d)|지금|현재|present|current|now\b|코어 중|전체|모두|총|가운데|중에|of the|of all|all (?:the )?|total|in all|altogether",
    re.IGNORECASE,
)
OWN_SHARE = re.compile(r"몫|비중|차지|점유|\bshare\b", re.IGNORECASE)
AGAINST = re.compile(r"(?:\b(?:against|than(?: the)?|versus|vs\.?)|(?<!최)대)\s*$", re.IGNORECASE)
NOUN = re.compile(
    r"^\s*(?!(?:are|is|were|was|have|has|hold|sit|run|stay|reach)\w*\b)(?:[a-z]+ )?(?!cores?\b|jobs?\b|nodes?\b)[a-z]{4,}|^\s?(?:가지|명|사람|번|뿐|밖|만)"
)
BEYOND = re.compile(
    r"초과|넘|웃돌|기준|\b(?:over|above|past|beyond|exceed\w*|overshoot\w*)\b", re.IGNORECASE
)
RELIEVED = "cpu points a kill gives back at most"
AMOUNTS = {Unit.CORES, Unit.GIB}
BESIDE = re.compile(
    r"(?:'s|의|이|가|은|는|에|엔|:)?\s*(?:\((?:[\w-]+,\s*)?|(?:with|on|at|has|holds|had|uses|[—–-])\s+)?(?:only |just |혼자 )?",
    re.IGNORECASE,
)
"""What stands between a name and the number that is its own."""
SIZE = re.compile(r"\s?짜리")
WANTED = re.compile(r"\b(?:asks?|asking|needs?|needing|requests?|requesting|wants?|wanting)\b(?: for)?(?: \w+)? $", re.IGNORECASE)  # fmt: skip
IT = re.compile(r"[,;].*\b(?:it|its)\b|(?:이|그)\s?(?:잡|작업|중)", re.IGNORECASE)
OTHERS = re.compile(
    r"나머지|다른|모두|전부|\b(?:others?|rest|every(?:thing|one|body)|else|all|each)\b",
    re.IGNORECASE,
)
FOLLOWING = re.compile(
    r"이어|잇[고는습]|뒤를|다음|\b(?:after|behind|followed|next|then)\b", re.IGNORECASE
)
PLACED = {
    Unit.CORES: Measure.CPU,
    Unit.GIB: Measure.MEMORY,
    Unit.SECONDS: Measure.DURATION,
}
TAKEN = re.compile(r"(?:할당|배정|예약)(?:량|분)?(?:은|는|이|도)\s")
"""What makes that which is left no free cores, but those still granted."""
ENUMERATED = re.compile(r"^(?:\)|\sof (?:the|these|those|them)\b(?! \d)|\s?(?:가지|단계|군데|곳)|\s(?:\w+ )?(?:things|ways|steps|reasons|causes|kinds|cases|options|places|points|levers|items|questions)\b)", re.IGNORECASE)  # fmt: skip
"""What a text itself is counted in."""
THOSE = re.compile(r"\b(?:the|those|these|all|both|other|first|last)\s$|(?:이|그|저|위|앞|뒤)\s$", re.IGNORECASE)  # fmt: skip
FEW = 4  # things anybody may count
IN_A_ROW = 3  # figures: fewer stand in an order by chance
TO_NAME = re.compile(r"\b(?:of|in|for|from|with|to|by|on)\s+(?:\S+'s )?$", re.IGNORECASE)
OF_NAME = re.compile(r"^\s*(?:of|in|for|from)\s+$", re.IGNORECASE)
TIMES = re.compile(r"^\s*(?:배|times\b|x\b)")
OF_OTHER = re.compile(r"(?<![체터어리])의\s*$")
"""Before a part of something that is not the whole cluster."""
RELATIVE = re.compile(r"\b(?:which|that)\s*$|인데\s$", re.IGNORECASE)
COUNTED = re.compile(r"\s(?:of (?:the|them|these|those)(?! \d{2,})|are|have)\b", re.IGNORECASE)
REACHED = re.compile(
    r"\b(?:no|nothing|none|nobody|n[e]?i?ther|never|\w+n't)\b[^.]*\b(?:reach\w*|near|close to|clear\w*|cross\w*|touch\w*) (?:the )?$",
    re.IGNORECASE,
)
"""Before a line that nobody comes to."""
APIECE = re.compile(r"씩|똑같|동일|\b(?:each|apiece|the same|equally)\b", re.IGNORECASE)
IN_TURN = re.compile(r"각각|\brespectively\b|in that order", re.IGNORECASE)
OVER_TIME = {"mean", "high"}


THEY = re.compile(r"\b(?:they|them|their|those|these)\b|둘", re.IGNORECASE)
LEFT_OVER = re.compile(
    r"(?:\b(?:the )?(?:rest|others?)|나머지[는가]?(?: (?:다|모두|전부))?(?: 합\S+)?)(?: (?:\d|holds?|has|have|just|only))*\s?$",
    re.IGNORECASE,
)
SUMMANDS = re.compile(r"\d[\d.]*(?:\s?\+\s?\d[\d.]*)+")
ONE = re.compile(
    r"^\W*(?:it|its)\b|^\W*[이그] (?:잡|작업|애플리케이션)[은는이의]|^\W*[이그]건", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence of a model, and why it was dropped; None when it stands."""

    sentence: str
    reason: Reason | None


def check(words: str, evidence: Evidence, language: Language) -> tuple[Verdict, ...]:
    """Judge a text's sentences, each by itself; the next one may carry on about whom one names."""
    focus = tuple(each for each in evidence.subjects if set(each.names) & set(evidence.about))
    about = focus if len(focus) == len(evidence.about) == 1 else ()
    found: list[Verdict] = []
    named: dict[tuple[str, ...], Subject] = {}
    both: tuple[Subject, ...] = ()
    for said in sentences(words):
        alone = about and len(focus) > 1 and ONE.search(said)  # "it" is none of several
        spoken = about if alone else both if both and THEY.search(said) else focus
        sentence = Sentence(said, evidence, spoken, tuple(named.values()))
        for each in sentence.mentions:
            if each.application:
                named.pop(each.subject.names, None)
                named[each.subject.names] = each.subject
        reason = _reason(sentence, language)
        found.append(Verdict(said, reason))
        if reason is Reason.NAME:
            focus = both = ()  # "it" would be somebody nobody knows
        elif sentence.applications or sentence.together:
            focus = sentence.applications or sentence.together
            every = {each.subject.names: each.subject for each in sentence.mentions}
            both = tuple(each for each in every.values() if each.kind is Kind.APPLICATION)
    return tuple(found)


def standing(words: str, evidence: Evidence, language: Language) -> tuple[str, ...]:
    """Return the sentences that stand."""
    return tuple(one.sentence for one in check(words, evidence, language) if one.reason is None)


def _reason(sentence: Sentence, language: Language) -> Reason | None:
    said, passages = sentence.said, sentence.evidence.passages
    support = Support(sentence)
    plain = support.unquoted if passages else said
    malformed = len(said) > LONGEST or CUT_OFF.search(plain) or PIECES_OF_JSON.search(plain)
    formal = (
        (Reason.FORM, malformed),
        (Reason.LANGUAGE, _another_tongue(plain, language)),
        (Reason.LINK, UNSAFE.search(plain) or _foreign(plain, sentence.evidence)),
        (Reason.CITATION, any(not 1 <= each <= len(passages) for each in sentence.citations)),
    )
    for reason, fails in formal:
        if fails:
            return reason
    if _unknown_name(sentence):
        return Reason.NAME
    if not support.says_times and not _times_stand(sentence):
        return Reason.TIME
    if not all(_borne(one, sentence, support) for one in sentence.numbers):
        return Reason.NUMBER
    if not support.told and not all(
        _fits(*pair, sentence.text) for pair in pairwise(sentence.numbers)
    ):
        return Reason.NUMBER
    return claims.refuted(sentence, support)


def _another_tongue(said: str, language: Language) -> bool:
    """Tell whether most words are of another language; names and figures are of none."""
    english, korean = len(LATIN.findall(said)), len(HANGUL.findall(said))
    if language is Language.KO:
        return korean == 0 and english > 1 and bool(GRAMMAR.search(said))
    return korean > english


def _foreign(said: str, evidence: Evidence) -> bool:
    known = " ".join(f"{source} {text}" for source, text in evidence.passages)
    return any(link.group().rstrip(".,)") not in known for link in LINK.finditer(said))


def _unknown_name(sentence: Sentence) -> bool:
    """Tell whether a name, an id or a command's piece stands nowhere in the evidence."""
    text = sentence.text
    for mention in reversed(sentence.mentions):
        if mention.named:
            blank = " " * (mention.end - mention.start)
            text = text[: mention.start] + blank + text[mention.end :]
    known = {each.owner for each in sentence.evidence.subjects} | set(sentence.evidence.listed)
    passages = "\n".join(part for passage in sentence.evidence.passages for part in passage)
    for match in IDENTIFIER.finditer(text):
        word = match.group()
        if not (PLAIN_COMPOUND.fullmatch(word) or word in known or word in passages):
            return True
    ids = [name for each in sentence.evidence.subjects for name in each.names[1:]]
    return claims.unknown_person(sentence) or any(
        not any(name.endswith(end.group()) for name in ids) and end.group()[0] == "0"
        for end in ID_END.finditer(text)
    )


def _fits(one: Quantity, after: Quantity, text: str) -> bool:
    """Tell whether a part is not larger than its whole, and a fall is down and a rise up."""
    between = text[one.end : after.start]
    if not one.units & after.units:
        return True
    if PART.fullmatch(between):
        return one.value <= after.value + after.tolerance
    if PART_KO.fullmatch(between):
        return after.value <= one.value + one.tolerance
    if not MOVE.fullmatch(between):
        return True
    falls, rises = (bool(way.search(text, after.end)) for way in (claims.DOWN, claims.UP))
    return falls in {rises, one.value > after.value}


PART = re.compile(r"\s*(?:out )?of(?: the| all| its)*\s*", re.IGNORECASE)
PART_KO = re.compile(r"\s?(?:중|가운데)(?:에서?|의)?,?\s[^\d,]{0,8}")
MOVE = re.compile(r"(?:대|쯤)?에서\s[^\d]{0,8}|\s?(?:to|→|->)\s[^\d]{0,14}", re.IGNORECASE)
"""What stands between a figure and the one it goes to."""


def _times_stand(sentence: Sentence) -> bool:
    return all(
        any(found.group() in time for time in sentence.evidence.times)
        for found in CLOCK.finditer(sentence.text)
    )


def _borne(one: Quantity, sentence: Sentence, support: Support) -> bool:
    """Tell whether a number is a figure, or beside documents what they say of the same."""
    if not sentence.evidence.passages:
        return _stands(one, sentence)
    text, bare = sentence.text, one.units >= ANY_UNIT
    listed = ENUMERATED.match(text[one.end :]) or THOSE.search(text[: one.start])
    if (bare and one.value <= FEW and listed) or support.says(one):
        return True
    about = sentence.mentions or sentence.meant or sentence.asked
    if about or role_of(one, text) is Role.FREE:
        return _stands(one, sentence)
    return not (bare or one.units & {Unit.PERCENT, Unit.SECONDS}) and _stands(one, sentence)


def _stands(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is a figure, or is made of two others in the sentence that are."""
    plain = not (sentence.evidence.passages or limited(sentence))
    if (plain and supposed(one, sentence.text)) or _told(one, sentence):
        return True
    others = [each for each in sentence.numbers if each is not one and _told(each, sentence)]
    if any(
        each.units == one.units and abs(each.value - one.value) < one.tolerance for each in others
    ):
        return True  # it says the same again
    ratio = bool(TIMES.match(sentence.text[one.end :]))
    return any(makes(one, a, b, ratio=ratio) for a, b in permutations(others, 2))


def _told(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is a figure of whom it speaks of, or follows from such figures."""
    checks = (
        _times,
        _unused,
        _taken,
        _counts,
        _of_rest,
        _part,
        _beside_name,
        _clear,
        _as_said,
        _alone,
        _shared,
    )
    for bound in checks:
        if (holds := bound(one, sentence)) is not None:
            return holds
    line = LIMIT.search(sentence.text) or REACHED.search(sentence.text[: one.start])
    limits = sentence.evidence.limits if line or one.bound else ()
    lines = (each for each in limits if line or each.unit is not Unit.SECONDS)
    told = _own(one, sentence), _of_cluster(one, sentence), _is_id(one, sentence)
    limit = replace(one, bound=0)
    return any(map(limit.is_figure, lines)) or any(told) or follows(one, sentence)


def _times(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether "so many times" is so; None where a quantity is no ratio."""
    return is_ratio(one, sentence) if TIMES.match(sentence.text[one.end :]) else None


def _unused(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether what is said to be free is; None where nothing is said to be."""
    if not one.units & AMOUNTS or role_of(one, sentence.text) is not Role.FREE:
        return None
    start, end = sentence.clause(one.start)
    taken = TAKEN.search(sentence.text[start:end]) or _named_beside(one, sentence)
    if limited(sentence) or taken or PART_OF.search(sentence.text[: one.start]):
        return None  # the room below a limit, or a whole that a free part is of
    return any(one.says(each, unit) for unit in one.units for each in spare(sentence, unit))


def _taken(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether what is said to be granted, of whoever's, is; None where nothing is said to be."""
    role = role_of(one, sentence.text) if one.units & AMOUNTS else None
    part = PART_OF.search(sentence.text[: one.start])
    if role is not Role.TAKEN or part or sentence.meant or sentence.queues:
        return None
    return any(one.says(each, unit) for unit in one.units for each in handed_out(sentence, unit))


def _counts(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether a count is right; None where a number may be something else than a count."""
    units = {*COUNTS, Unit.QUEUES}
    if not one.units & units:
        return None
    right = counted(one, sentence)
    beside = [] if one.units == {Unit.QUEUES} else _named_beside(one, sentence)
    if beside:
        several = one.value == len(sentence.applications) > 1 or beside[0].kind is Kind.QUEUE
        return (right and (several or one.units <= units)) or None
    plainly = one.units <= units or (
        COUNTED.match(sentence.text[one.end :])
        and any(each.bound and not each.units & COUNTS for each in sentence.numbers)
    )
    return right if right or plainly else None


def _part(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether who is said to hold more, or less, than a part of the whole does."""
    part = one.bound and one.units == {Unit.PERCENT} and not limited(sentence)
    if not part or _defines(one, sentence):
        return None
    start, end = sentence.clause(one.start)
    every = [each for each in sentence.mentions if each.application]
    here = [each for each in every if start <= each.start < end]
    here = here or (every if RELATIVE.search(sentence.text[:start]) else [])
    one_alone = len({each.subject.names for each in here}) == 1 and not sentence.together
    holders = [here[0].subject] if one_alone else () if every else sentence.together
    of_other = OF_OTHER.search(sentence.text[: one.start]) or ADDED.search(sentence.text)
    if not holders or of_other or any(map(sentence.compared, here)):
        return None
    unit = Unit.GIB if sentence.measured_at(one.start) is Measure.MEMORY else Unit.CORES
    ends = ("in all", "granted") if HANDED_OUT.search(sentence.text) else ("in all",)
    wholes = (each.value for each in cluster_figures(sentence, unit) if each.label.endswith(ends))
    held = [sum(values(holders, unit))] if len(holders) > 1 else values(holders, unit)
    return any(one.says(100 * each / whole, Unit.PERCENT) for whole in wholes for each in held)


def _beside_name(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether an amount right behind a name is a figure of who has it; None behind none."""
    role = role_of(one, sentence.text)
    if not one.units & {*AMOUNTS, Unit.SECONDS} or role not in {Role.HELD, Role.NEAR_GAP}:
        return None
    named = _named_beside(one, sentence)
    alike = [each for each in sentence.numbers if each.units == one.units]
    if len(alike) > 1 and _in_a_row(alike, sentence.text):
        return None  # "a / b — 4 and 2 cores": each name has its own
    if named and one.units >= ANY_UNIT:
        return _row_stands(sentence)
    own = any(map(one.is_figure, (figure for each in named for figure in each.figures)))
    return None if not named or (not own and FOR_EACH_CORE.search(sentence.text)) else own


def _row_stands(sentence: Sentence) -> bool:
    """Tell whether the bare numbers behind names are all of one kind: "a 56, b 32" are cores or memory."""
    row = [
        (one, named)
        for one in sentence.numbers
        if one.units >= ANY_UNIT and (named := _named_beside(one, sentence))
    ]
    return any(
        all(any(each.says(value, unit) for value in values(named, unit)) for each, named in row)
        for unit in (Unit.CORES, Unit.GIB, Unit.JOBS, Unit.SECONDS)
    )


def _named_beside(one: Quantity, sentence: Sentence) -> list[Subject]:
    """Return who has the name right before a number: one job or queue, or all jobs of an owner."""
    kinds = {Kind.APPLICATION, Kind.QUEUE}
    if one.units >= ANY_UNIT and NOUN.match(sentence.text[one.end :]):
        return []
    named = [each for each in sentence.mentions if each.subject.kind in kinds]
    behind = [
        each
        for each in (*named, *sentence.owners)
        if BESIDE.fullmatch(sentence.text, each.end, one.start)
    ]
    if not behind:
        return []
    last = behind[-1]
    theirs = [each for each in sentence.ranked if each.owner == last.subject.owner]
    return theirs if last in sentence.owners else [last.subject]


def _as_said(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether a quantity is what the words beside it call it: a limit, a gap, memory per core."""
    role = role_of(one, sentence.text)
    if role is Role.LIMIT and one.units & {Unit.PERCENT, Unit.CORES}:
        return is_limit(one, sentence)
    apart = role is Role.GAP or (role is Role.PER_CORE and Unit.GIB in one.units)
    return follows(one, sentence) if apart else None


def _alone(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell that a number without a unit counts something else."""
    few = one.units >= ANY_UNIT and one.value <= FEW
    return True if few and NOUN.match(sentence.text[one.end :]) else None


def _clear(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell that a number stands whoever is named: in a row by rank, as a size, as a bound of the rest."""
    kinds = (_in_order, _sized, _defines, _summand)
    return any(holds(one, sentence) for holds in kinds) or None


def _summand(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether "32 + 12" are the figures of a group or a queue spoken of, one each."""
    for sums in SUMMANDS.finditer(sentence.text):
        if sums.start() <= one.start < sums.end():
            said = sorted(map(float, sums.group().split("+")))
            groups = spoken_groups(sentence)
            return any(said == sorted(values(group, u)) for group in groups for u in AMOUNTS)
    return False


def _defines(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a bound tells which jobs are counted: "four jobs under 10 cores"."""
    if not one.bound:
        return False
    kept = [any(map(one.is_figure, each.figures)) for each in sentence.applications]
    if kept and all(kept) and one.units == {Unit.SECONDS}:
        return True  # "those under ten minutes are …"
    sizes = {len(each) for each in sentence.bounded}
    return any(each.value in sizes for each in sentence.numbers if Unit.JOBS in each.units)


def _of_rest(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether all but those named keep a bound, or hold together what they are said to."""
    start, end = sentence.clause(one.start)
    numbers = [each for each in sentence.numbers if start <= each.start < end]
    kept = one.bound and one.units == {Unit.SECONDS} and OTHERS.search(sentence.text[start:end])
    counted_too = any(Unit.JOBS in each.units for each in numbers)
    held = one.units & AMOUNTS and LEFT_OVER.search(sentence.text[: one.start])
    if counted_too if kept else one.bound or not held:
        return None
    named = sentence.applications or sentence.together or sentence.named_before
    rests = [[each for each in pool if each not in named] for pool in sentence.groups[-2:]]
    if kept:
        every = ([any(map(one.is_figure, each.figures)) for each in rest] for rest in rests)
        return any(each and all(each) for each in every)
    return any(one.says(sum(values(rest, unit)), unit) for rest in rests for unit in AMOUNTS)


def _shared(one: Quantity, sentence: Sentence) -> bool | None:
    """Tell whether each of those that are said to be alike has a quantity; None where none are."""
    start, end = sentence.clause(one.start)
    sharing = {each.names: each for each in (m.subject for m in sentence.mentions if m.named)}
    if len(sharing) < 2 or not APIECE.search(sentence.text[start:end]):  # noqa: PLR2004 - two are alike
        return None
    return all(any(map(one.is_figure, each.figures)) for each in sharing.values())


def _own(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is a figure of whom it speaks of."""
    start, end = sentence.clause(one.start)
    topics, beyond = _topics(one, sentence), BEYOND.search(sentence.text[start:end])
    return any(
        one.is_figure(item) and _on(item, topics) and not (beyond and item.label == RELIEVED)
        for each in _subjects(one, sentence)
        for item in each.figures
    )


def _sized(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a size describes one of those that run, or one that might come: "another 32-core job"."""
    text = sentence.text
    size = "-" in text[one.start : one.end] or SIZE.match(text[one.end :])
    size = size or WANTED.search(text[: one.start])
    if not size or not one.units & {Unit.CORES, Unit.GIB, Unit.SECONDS}:
        return False
    if TO_COME.search(text):
        return True
    whose = (*sentence.applications, *sentence.named_before) or sentence.ranked
    return any(one.is_figure(figure) for each in whose for figure in each.figures)


def _in_order(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether numbers are the figures of those that follow each other by rank."""
    alike = [each for each in sentence.numbers if each.units & one.units & set(PLACED)]
    if len(alike) < (IN_A_ROW - 1 if FOLLOWING.search(sentence.text) else IN_A_ROW):
        return False
    units = (Unit.CORES, Unit.GIB) if one.units == ANY_UNIT else one.units & set(PLACED)
    kinds = (Kind.APPLICATION, Kind.QUEUE)[: 1 + bool(sentence.queues)]
    rows = (values(sentence.by(PLACED[unit], of), unit) for unit in units for of in kinds)
    return any(_in_row(alike, row) for row in rows)


def _in_row(said: list[Quantity], figures: list[float]) -> bool:
    """Tell whether numbers are some of the figures that follow each other."""
    rows = (figures[at : at + len(said)] for at in range(len(figures) - len(said) + 1))
    return any(
        all(abs(one.value - each) <= one.tolerance for one, each in zip(said, row, strict=True))
        for row in rows
    )


def _of_cluster(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a quantity is the cluster's, which a clause may speak of without naming it."""
    text = sentence.text
    start, end = sentence.clause(one.start)
    here = any(
        each.subject.kind is not Kind.CLUSTER and start <= each.start < end
        for each in sentence.mentions
    ) or any(start <= at < end for at in sentence.grouped)
    part = PART_OF.search(text[: one.start]) or PART_OF_KO.match(text[one.end :])
    whole = part or WHOLE.search(text[max(0, start - 1) : one.end + 8])
    if not whole and (ADDED.search(text[start:end]) or here or (not start and sentence.meant)):
        return False
    topics = _topics(one, sentence)
    granted = HANDED_OUT.search(text[start:end]) and "cpu" not in topics
    silent = not topics and sentence.measured_at(one.start) is not Measure.MEMORY
    parts = {"memory", "disk", "hdfs"} if silent else set()
    return any(
        one.is_figure(item)
        and _on(item, topics)
        and not (granted and item.topic == "cpu")
        and not (item.topic in parts and item.unit is Unit.PERCENT)
        for unit in one.units - COUNTS
        for item in cluster_figures(sentence, unit)
    )


def _is_id(one: Quantity, sentence: Sentence) -> bool:
    """Tell whether a number is how the id of one it is about ends."""
    written = sentence.text[one.start : one.end].strip(" ,")
    ids = (name for each in sentence.meant for name in each.names[1:])
    return len(written) >= 4 and any(name.endswith(written) for name in ids)  # noqa: PLR2004 - an id's last four digits


def _on(figure: Figure, topics: frozenset[str]) -> bool:
    """Tell whether a figure is of what is spoken of: a mean is never the figure of now."""
    if figure.unit in COUNTS:
        return True
    over_time = topics & OVER_TIME
    if over_time or figure.topic in OVER_TIME:
        return figure.topic in over_time
    parts = topics - OVER_TIME - {""}
    return not parts or figure.topic in {"", *parts}


def _topics(one: Quantity, sentence: Sentence) -> frozenset[str]:
    start, end = sentence.clause(one.start)
    after = sentence.text[one.end : end]
    return frozenset(
        each.topic
        for each in sentence.mentions
        if not each.named
        and each.topic
        and (
            start <= each.start < one.start
            or (one.end <= each.start < end and len(after[: each.start - one.end].strip()) < 4)  # noqa: PLR2004 - it follows at once
        )
    )


def _subjects(one: Quantity, sentence: Sentence) -> Iterator[Subject]:
    """Yield whose figure a quantity would be: the nearest named before it, or whom it describes."""
    text = sentence.text

    def able(mention: Mention) -> bool:
        return any(figure.unit in one.units for figure in mention.subject.figures)

    after = [
        each
        for each in sentence.mentions
        if each.start >= one.end and (each.named or each.application) and able(each)
    ]
    between = text[one.end : after[0].start] if after else ""
    if after and (ADNOMINAL.search(between) or OF_NAME.match(between)):
        yield after[0].subject
        return
    before = [each for each in sentence.mentions if each.end <= one.start and able(each)]
    start, end = sentence.clause(one.start)
    here = any(each.start >= start for each in before)
    if before and after and not here and after[0].start < end and TO_NAME.search(between):
        yield after[0].subject
        return
    alike = [each for each in sentence.numbers if each.units == one.units]
    alike = [each for each in alike if not TIMES.match(text[each.end :])]
    places = [each.subject for each in before if each.application and each.end <= alike[0].start]
    places = places or list(sentence.together) or list(about(sentence))
    if 1 < len(alike) == len(places) and (IN_TURN.search(text) or _in_a_row(alike, text)):
        yield places[alike.index(one)]
        return
    if not before:
        yield from _carried(one, sentence, after[:1])
        return
    yield from _spoken_before(one, sentence, before)


def _spoken_before(one: Quantity, sentence: Sentence, before: list[Mention]) -> Iterator[Subject]:
    """Yield whose figure one behind some names is: of the last of them, and of what goes with it."""
    text, last = sentence.text, before[-1].subject
    yield last
    if IT.search(text[before[-1].end : one.start]):
        yield from sentence.meant[:1]
    if AGAINST.search(text[: one.start]):
        yield from near(sentence)
    if last.kind is Kind.CLUSTER:
        others = [each for each in before if each.subject.kind is not Kind.CLUSTER]
        yield from (each.subject for each in others[-1:])
        whole = not before[-1].topic or OWN_SHARE.search(text)
        if not others and (one.units != {Unit.PERCENT} or whole):
            yield from sentence.focus
        yield from (each for each in sentence.evidence.subjects if each.kind is Kind.LIST)
    elif last.kind is Kind.APPLICATION and ("큐" in text or "queue" in text):
        yield from (
            each
            for each in sentence.evidence.subjects
            if each.kind is Kind.QUEUE and last.queue in each.names
        )
    elif last.kind is Kind.QUEUE:
        yield from (
            each for each in sentence.meant if each.queue in last.names and sentence.applications
        )


def _in_a_row(numbers: list[Quantity], text: str) -> bool:
    """Tell whether numbers stand one right after the other, as those of subjects in their order."""
    return all(ALIKE.match(text[one.end : after.start]) for one, after in pairwise(numbers))


def _carried(one: Quantity, sentence: Sentence, after: list[Mention]) -> Iterator[Subject]:
    """Yield whose figure one without a name before it is: whom it goes on about, or the next named.

    A clause that names nobody may speak of whom the sentence then names: "With 32 cores, X …".
    """
    start, end = sentence.clause(one.start)
    here = any(each.application and start <= each.start < one.start for each in sentence.mentions)
    away = not here and start == 0
    carried = [
        each for each in (*sentence.focus, *sentence.asked) if away or not sentence.applications
    ]
    yield from carried
    ahead = away and (end < len(sentence.text) or len(sentence.applications) == 1)
    if not carried or ahead:
        yield from (each.subject for each in after if not (ahead and sentence.compared(each)))
    if not carried:
        yield from (each.subject for each in sentence.mentions if each.subject.kind is Kind.CLUSTER)
        yield from sentence.applications if len(sentence.applications) == 1 else ()
        owners = {each.subject.names: each.subject for each in sentence.owners}
        yield from owners.values() if len(owners) == 1 else ()
