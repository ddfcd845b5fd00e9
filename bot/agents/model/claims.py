"""What a sentence claims beyond its figures, held against what is so.

Each check looks for one kind of claim, by the words that make it one, and returns a reason only
where the evidence says otherwise or cannot say so. Words that claim nothing are free.
"""

import re
from enum import StrEnum
from itertools import chain, pairwise, product

from bot.agents.model.arithmetic import (
    FOR_EACH_CORE,
    is_heavy,
    is_runaway_line,
    limited,
    per_core,
)
from bot.agents.model.documents import FREED, HANGUL, NEAR, REPEATED, WAIVED, Support, denied_in
from bot.agents.model.evidence import Kind, Subject, Unit
from bot.agents.model.quantities import ROW
from bot.agents.model.relations import related
from bot.agents.model.remainder import HAPPENS, Assertion
from bot.agents.model.sentence import ASCII_WORDS, EVERY, MEASURES, NEXT, Mention, Sentence
from bot.agents.reading.words import listed
from bot.domain.selections import Measure


class Reason(StrEnum):
    """Why a sentence of a model is not shown, as it is counted and told."""

    FORM = "form"  # cut off, too long, or pieces of a data structure
    LANGUAGE = "language"  # not the asker's
    LINK = "link"
    CITATION = "citation"
    NAME = "name"
    NUMBER = "number"
    TIME = "time"
    RANK = "rank"
    OWNER = "owner"  # an owner or a queue that is another one's
    TREND = "trend"
    STATE = "state"
    ACT = "act"  # something done that the audit trail does not tell
    CAUSE = "cause"  # a cause nobody found
    ADVICE = "advice"  # a permission or an order that the documents do not give
    UNTOLD = "untold"  # it asserts what nothing in the evidence tells


TOLD = {Assertion.TREND, Assertion.STATE, Assertion.CAUSE, Assertion.STORY}  # by documents
DONE = {Assertion.ACT, Assertion.KILL, Assertion.APPROVAL, Assertion.PERMIT}  # by what is near
UNBORNE = {
    Assertion.ACT: Reason.ACT,
    Assertion.STATE: Reason.STATE,
    Assertion.CAUSE: Reason.CAUSE,
    Assertion.TREND: Reason.TREND,
    Assertion.PERMIT: Reason.ADVICE,
    Assertion.WORSE: Reason.TREND,
    Assertion.SECRET: Reason.UNTOLD,
    Assertion.STORY: Reason.UNTOLD,
}
MOVES = {Assertion.ACT, Assertion.TREND}
I = re.IGNORECASE  # noqa: E741 - the flag of nearly every line below
NOT = re.compile(
    r"\b(?:no|not|nothing|never|none|nobody|without|neither|nor|\w+n't)\b|않|못|없|아니|아닙|아닌|(?<![가-힣])안\s[가-힣]",
    I,
)
DOWN = re.compile(r"떨어|내려[가갑갔간갈오옵온왔]|내렸|낮아[지졌]|감소|줄어|줄었|줄고|하락|완화|회복|\b(?:drop\w*|fall(?:s|ing|en)?|fell|declin\w+|decreas\w+|(?:com|go)ing down|came down|went down|gone down|back down|recover\w*|eas(?:ed|ing)|shr[iau]nk\w*|halved)\b", I)  # fmt: skip
UP = re.compile(r"올라|올랐|오르|오른|상승|증가|불어[나났난]|늘어|늘었|치솟|높아[지졌]|급등|\b(?:ris(?:e|es|ing|en)|rose|increas\w+|climb\w+|gr(?:ow\w*|ew)|went up|going up|up from|jump(?:ed|ing)|surg\w+|spik\w+)\b", I)  # fmt: skip
SAME = re.compile(r"그대로|변함|변화가 없|제자리|\b(?:stay\w*|remain\w*)\s+(?:exactly|where|the same|unchanged|flat)|\bunchanged\b|no (?:change|effect)|영향이 없", I)  # fmt: skip
WAYS = (("same", SAME), ("down", DOWN), ("up", UP))
CHANGE = "cpu change"
UNLIKELY = re.compile(r"낮|어려|unlikely|rule out|improbable|아닌|아닙|아니", I)
DONT = re.compile(
    r"(?<!\bI )\b(?:don't|do not|never|avoid)\s+(?!have\b|need\b|seem\b|look\b|appear\b)[a-z]{3,}|[가-힣]지\s*(?:마|말(?!지))",
    I,
)


def refuted(sentence: Sentence, support: Support) -> Reason | None:
    """Return why a sentence falls: a claim that is not so, or one that nothing in sight can bear.

    Each check says whether claims of its kind hold; None where there are none.
    """
    checks = ((Reason.OWNER, related), (Reason.NAME, _identified), (Reason.RANK, _ranks))
    proved = False
    for reason, holding in checks:
        if (holds := holding(sentence, support)) is False:
            return reason
        proved = proved or holds is True
    documented = support.told
    if support.grants or (documented and not _advised(sentence, support)):
        return Reason.ADVICE
    here = bool(sentence.applications) or bool(HERE.search(sentence.text))
    stated = None if documented and not sentence.applications else _states(sentence)
    if stated is False:
        return Reason.STATE
    asked = sentence.text.endswith("?")  # asserts nothing but the names and figures in it
    if not (documented or asked) and (unheard := _unheard(sentence)):
        return unheard
    asserted = _asserted(sentence)
    told = asserted in TOLD and not here  # how it is now, no document tells
    near = {Assertion.PERMIT: NEAR}.get(asserted, REPEATED)
    if asserted in DONE and not (here or support.limits or UNASKED.search(sentence.text)):
        told = support.overlap > near
    if asked or (documented and told) or _claims_nothing(asserted, sentence.text):
        return None
    proved = stated is True or (proved and not HAPPENS.search(sentence.text))
    return _unborne(asserted, sentence, stated=proved)


OURSELVES = re.compile(r"^\W*(?:I|we)\b|^\W*(?:제가|저희가|방금)", I)


def _asserted(sentence: Sentence) -> Assertion:
    """Return what a sentence asserts, or a clause of what we did: "I stopped it, so a core is free"."""
    whole = sentence.asserted(sentence.text)
    ours = (each for each in sentence.clauses if OURSELVES.search(each) and not NOT.search(each))
    killed = whole is Assertion.PLAIN and Assertion.KILL in map(sentence.asserted, ours)
    return Assertion.KILL if killed else whole


UNASKED = re.compile(r"(?:승인|확인|동의|허락|연락|문의|알림)\S*\s?없이|(?:묻|알리|물어보)지 (?:않|말)|나중|\b(?:later|afterwards)\b|\bwithout (?:\w+ )?(?:ask\w*|approv\w*|consent|a person)", I)  # fmt: skip
"""What no document may allow: to go on without a person who says so."""
HERE = re.compile(r"\b(?:in (?:your|this) case|yours|this time|right now|at the moment|tonight|today)\b|지금|현재|이번|방금|오늘", I)  # fmt: skip
"""What speaks of what happens here, and not of what happens as a rule."""


def _unheard(sentence: Sentence) -> Reason | None:
    """Return why a sentence falls that speaks of what only documents could tell."""
    told = (
        (Reason.TREND, _of_the_past),
        (Reason.UNTOLD, _gives_access),
        (Reason.ADVICE, _waves_off),
    )
    return next((reason for reason, said in told if said(sentence)), None)


def _unborne(asserted: Assertion, sentence: Sentence, *, stated: bool) -> Reason | None:
    """Return why a sentence falls for what it asserts beside its figures."""
    borne = {Assertion.STATE: stated, Assertion.TREND: _moved(sentence)}
    if borne.get(asserted) or (asserted in MOVES and _would_move(sentence)):
        return None
    match asserted:
        case Assertion.KILL | Assertion.APPROVAL if UNDONE.search(sentence.text):
            return Reason.ACT if sentence.evidence.killed | sentence.evidence.approved else None
        case Assertion.KILL:
            return None if _on_record(sentence.evidence.killed, sentence) else Reason.ACT
        case Assertion.APPROVAL:
            return None if _on_record(sentence.evidence.approved, sentence) else Reason.ACT
        case _:
            return UNBORNE.get(asserted)


TENSE = re.compile(r"\b(?:\w+ed|have|has|had|was|were|is|are|am|be|did|done|gone|will|ago|i|we)\b|'(?:s|ve|ll|m|re)\b", I)  # fmt: skip
TENSE_KO = re.compile(rf"[{''.join(chr(at) for at in range(0xAC14, 0xD7A4, 28) if chr(at) not in '있겠')}]|완료|끝|중|처리|[게께]요|겠")  # fmt: skip
"""What says that something happens: past syllables of Korean end alike."""
ASKING = re.compile(r"문의|물어|묻|여쭤|상의|알[리려]|연락|기다|확인|\b(?:ask|check|talk|contact|ping|tell|wait)\w*\b", I)  # fmt: skip
NEEDED = re.compile(r"\b(?:needs?|requires?|must|has to|have to)\b|필요(?!\s?없|하)|[해받]아?야", I)


def _claims_nothing(asserted: Assertion, text: str) -> bool:
    """Tell whether what looks like an act has no tense, or what looks like a permission asks or forbids."""
    if asserted in {Assertion.ACT, Assertion.KILL}:
        return not (TENSE_KO if HANGUL.search(text) else TENSE).search(text)
    free = any(way.search(text) for way in (WAIVED, FREED, UNASKED))
    denied = denied_in(text)
    if asserted is not Assertion.PERMIT or free or any(map(ASKING.search, denied)):
        return False
    return bool(denied or ASKING.search(text) or NEEDED.search(text))


UNDONE = re.compile(
    r"\b(?:nothing|nobody|none|neither|not|never|\w+n't)\b[^.,]{0,24}\b(?:been|was|were|yet)\b|지 않았|(?:안|못) [했됐죽눌내]",
    I,
)
"""What says that an act did not happen."""


def _on_record(record: frozenset[str], sentence: Sentence) -> bool:
    """Tell whether the audit trail says so of all that are meant."""
    return bool(record) and {each.names[0] for each in sentence.meant} <= record


def _identified(sentence: Sentence, _: Support) -> bool | None:
    """Tell whether an id is said to be of the application that has it."""
    ids = [
        each
        for each in sentence.mentions
        if each.application and sentence.text[each.start : each.end] in each.subject.names[1:]
    ]
    told = []
    for each in ids:
        start, end = sentence.clause(each.start)
        others = [one for one in sentence.mentions if one.application and one not in ids]
        here = [one.subject for one in others if start <= one.start < end]
        here = here or [one.subject for one in others if one.end <= each.start]
        told.append(each.subject in (here or (*sentence.focus, *sentence.asked) or [each.subject]))
    return all(told) if told else None


LABEL = re.compile(r"\W*\w+:")


def _placed(sentence: Sentence) -> list[tuple[int, str]]:
    """Return the clauses by where they begin, a label with what it stands before."""
    places: list[tuple[int, str]] = []
    at, label = 0, ""
    for clause in sentence.clauses:
        labels = LABEL.fullmatch(clause)
        places += [] if labels else [(at - len(label), label + clause)]
        label = clause if labels else ""
        at += len(clause)
    return places


PERSON = re.compile(
    r"([A-Za-z][\w.-]*)\s?님|\b(?:check with|ask|contact|ping|talk to|tell)\s+([a-z][\w.-]*)|(?<![\w.-])([A-Za-z][\w.-]*)의\s+(?:잡|애플리케이션|작업)|소유자(?:는|가|인)?\s+([A-Za-z][\w.-]*)|([A-Za-z][\w.-]*)(?:님|\s계정)?(?:이|가)\s+(?:실행|돌리|띄운|제출|소유)"
    r"|\b([a-z][\w.-]*)'s (?:job|app|application)\b|\b(?:run|owned|started|submitted|launched) by (?!the\b|an?\b|hand\b|cpu\b|memory\b)([a-z][\w.-]*)|\bbelongs? to (?!the\b)([a-z][\w.-]*)|\bowner (?:is )?([a-z][\w.-]*) ?(?:[,.]|$)"
    r"|([A-Za-z][\w.-]*)\s+큐(?![가-힣]{2})|\bthe (?!only\b|next\b|\w+est\b)([\w.-]+) queue\b|\bqueue (?:called|named) ([\w.-]+)",
    ASCII_WORDS,
)  # fmt: skip
NOBODY = frozenset(
    listed(
        "it its this that first again before the same which each one today yesterday let here there spark yarn cluster 이 그"
        " 해당 other largest busiest whole me you her him them us for from about whoever whether if a an"
        " something somebody someone anything anybody anyone nobody nothing everybody everyone"
    )
)


def unknown_person(sentence: Sentence) -> bool:
    """Tell whether an owner or a queue is named that nobody knows."""
    subjects = sentence.evidence.subjects
    if not any(each.owner for each in subjects):
        return False
    known = {part for each in subjects for part in (each.owner, each.queue, *each.names)}
    passages = " ".join(text for _, text in sentence.evidence.passages)
    for match in PERSON.finditer(sentence.text):
        name = next(group for group in match.groups() if group).rstrip(".-")
        if name not in known and name.lower() not in NOBODY and name not in passages:
            return True
    return False


MOST = re.compile(r"가장|제일|최대|\b(?:leads|(?:in the|take the) lead|tops|largest|biggest|heaviest|highest|longest|oldest|(?<!on )top|busiest|hottest|greatest|most (?:cores|memory|cpu)|(?:more|larger|bigger|longer|older|heavier|higher|greater)\b[^.,]{0,16} than (?:any\w*|every\w*|all|the (?:rest|others)))\b|(?:어느|다른 (?:어떤|모든|누구)|나머지 (?:모두|전부)?)\s?\S+보다 (?:더 )?(?:많|크|길|오래)", I)  # fmt: skip
NONE_MORE = re.compile(
    r"\b(?:nothing|none|no \w+)\b[^.,]*\b(?:\w+er|more) than\b|보다 (?:더 )?(?:큰|많은|긴|오래된|높은) \S+ 없",
    I,
)
LEAST = re.compile(
    r"(?:가장|제일)\s*(?:적|작|짧|낮|가벼|최근|최신|새|늦게)|\b(?:smallest|least|lowest|newest|youngest|shortest|lightest|fewest|(?:less|smaller|fewer|shorter|younger|newer|lighter|lower)\b[^.,]{0,16} than (?:any\w*|every\w*|all|the (?:rest|others))|last (?:in|by|on)|last one(?:'s| is))\b|마지막[은이]\s",
    I,
)
NO_MOST = re.compile(
    r"최대\s*[\d약]|(?:가장|제일) (?:의심|유력|먼저|확실|좋|안전|빠|큰 이유|큰 원인)|most likely|at most|top (?:jobs|\d)|최대한",
    I,
)
MORE = re.compile(
    r"많|크(?!기)|높|길(?!이)|오래|웃돌|앞서|\b(?:more|larger|bigger|greater|higher|longer|above|ahead|exceed\w*|heavier|older)\b",
    I,
)
FEWER = re.compile(
    r"적|작|낮|짧|뒤|\b(?:less|smaller|fewer|lower|shorter|behind|below|lighter|newer|younger)\b", I
)


def _ranks(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether each place, each "most" and each comparison is so."""
    named = [each for each in sentence.mentions if each.subject.ranks]
    told = [_placed_at(match, sentence, support) for match in sentence.places_said]
    told += [_row(match, sentence) for match in ROW.finditer(sentence.text)]
    if named or not sentence.evidence.passages:  # people and steps come first, too
        told += [_most(sentence, named), _compares(sentence, named)]
    told += [_none_over(sentence), _enumerated(sentence), _beyond_line(sentence)]
    told += [_between(sentence), _multiplied(sentence), _following(sentence)]
    return False if False in told else True if True in told else None


def _row(match: re.Match[str], sentence: Sentence) -> bool | None:
    """Tell whether a row's number stands beside the name of that row; None beside no name."""
    beside = [
        each
        for each in sentence.mentions
        if each.named
        and each.application
        and ROW_OF.fullmatch(sentence.text, match.end(), each.start)
    ]
    at = int(match[1] or match[2])
    return sentence.rows.get(at) in beside[0].subject.names if beside and sentence.rows else None


ROW_OF = re.compile(r"(?:은|는|이|인|,)?\s?[(:·|]?\s?")


def _placed_at(match: re.Match[str], sentence: Sentence, support: Support) -> bool | None:
    """Tell whether a place is that of whom it is said of; None where it only names one."""
    text, evidence = sentence.text, sentence.evidence
    at = [each for each in sentence.mentions if each.start == match.start()]
    if AGAINST.match(text, match.end()) or any(map(sentence.compared, at)):
        return None
    start, end = sentence.clause(match.start())
    measure = sentence.measured_at(match.start())
    named = [
        each
        for each in sentence.mentions
        if (each.named or each in sentence.references)
        and each.subject.ranks
        and (
            not sentence.compared(each) or match.end() <= each.start < min(end, match.end() + CLOSE)
        )
    ]
    near = [each for each in named if start <= each.start < end] or named
    if near:
        subject = min(near, key=lambda each: _gap(match, each)).subject
    elif at:
        return None
    elif sentence.focus:
        subject = sentence.focus[0]
    else:
        return None if support.told else False
    listed = {name: place for place, name in enumerate(evidence.listed, start=1)}
    places = {each.ranks.get(measure) for each in (subject, *sentence.members(subject))}
    if measure is evidence.by or (near and ADNOMINAL.match(text, match.end())):
        places.add(listed.get(subject.names[0]))
        places.add(subject.ranks.get(evidence.by))
    if evidence.expected and THEN.search(text):
        left = [one for one in sentence.ranked if one.names[0] not in evidence.about]
        places.add(left.index(subject) + 1 if subject in left else None)
    return sentence.place(match) in places


CLOSE = 12  # characters between a place and the name it describes
AGAINST = re.compile(r"\s?(?:[와과]\s(?=.*(?:차이|격차|합))|보다|에 비해|대비)")
ADNOMINAL = re.compile(r"(?:인|의)?\s(?=[\w(])")
THEN = re.compile(r"그러면|그 뒤|다음에는|[되돼됩]|바뀌|\b(?:would|then|become\w*)\b", I)


def _gap(match: re.Match[str], mention: Mention) -> int:
    """Return how far a name is from a rank; what the rank describes stands after it."""
    return (
        mention.start - match.end()
        if mention.start >= match.end()
        else 5 + match.start() - mention.end
    )


def _most(sentence: Sentence, named: list[Mention]) -> bool | None:
    """Tell whether who is said to have most, or least, has."""
    text = sentence.text
    if NONE_MORE.search(text):
        than = [each.subject for each in named if sentence.compared(each)]
        places = [each.ranks.get(sentence.measured(text)) for each in (*than, *sentence.meant)[:1]]
        return places == [1] if places else None
    if NO_MOST.search(text):
        return None
    told = [
        _is_most(found, sentence, named, least=least)
        for least, pattern in ((False, MOST), (True, LEAST))
        for found in pattern.finditer(text)
        if (least or not LEAST.match(text, found.start()))
        and not (PLACED.search(text[: found.start()]) or OF_SEVERAL.match(text[found.end() :]))
    ]
    return False if False in told else True if True in told else None


OF_SEVERAL = re.compile(r"\s?\d")
"""Behind "smallest", how many: whom that means is a group."""
PLACED = re.compile(r"\d(?:st|nd|rd|th)[\s-]*$")
"""Before "longest", a place: the second longest is checked as that."""


def _is_most(
    found: re.Match[str], sentence: Sentence, named: list[Mention], *, least: bool
) -> bool | None:
    """Tell whether those of whom "most" or "least" is said have it; None where it is of nobody known."""
    text = sentence.text
    start, end = sentence.clause(found.start())
    no = NO_MORE.search(text[start:end])
    clause = text[start:end]
    if NOT.search(clause) and not no:
        return None
    told = any(pattern.search(clause) for _, pattern in MEASURES)
    said = clause if told else text[:end]  # "By memory, too, it is the largest"
    measure = sentence.measured(said)
    here = [each.subject for each in named if start <= each.start < end]
    if text[start:end].rstrip().endswith(":"):  # a label stands before whom it is of
        here = [each.subject for each in named if each.start >= end][:1]
    subjects = here or [each.subject for each in named[-1:]] or list(sentence.focus[:1])
    many = int(EXTREMES.findall(text)[0]) if EXTREMES.search(text) else 1
    part = slice(-many, None) if least else slice(many)
    every = sentence.by(measure, subjects[0].kind) if subjects else ()
    if FOR_EACH_CORE.search(text):
        every = tuple(sorted(every, key=per_core, reverse=True))
    shown = [each for each in every if each.names[0] in sentence.evidence.listed]
    known = any(each in every for each in subjects)
    if many > 1:
        subjects = list(sentence.applications or sentence.together or sentence.focus)
        return set(map(_name, subjects)) == set(map(_name, every[part])) if known else None
    pools = [every, shown, *sentence.grouped.values()]
    if OF_THESE.search(text) and len(sentence.focus) > 1:
        pools.append([each for each in every if each in sentence.focus])
    if sentence.evidence.expected and THEN.search(text):
        pools.append([each for each in every if each.names[0] not in sentence.evidence.about])
    most = any(each in subjects for pool in pools for each in pool[part])
    return most != bool(no) if known else None


OF_THESE = re.compile(
    r"\bof (?:them|(?:the|those|these) (?:trio|pair|lot|bunch|\d)\b)|[셋둘이그] ?중에?", I
)


def _name(subject: Subject) -> str:
    return subject.names[0]


def _subject(mention: Mention) -> Subject:
    return mention.subject


NONE_OVER = re.compile(
    r"(?:기준|선|규칙|%)\S*\s(?:\S+\s)?(?:넘|초과|걸리|해당)\S*\s(?:\S+\s)?\S{1,7}\s?없"
    r"|\b(?:no|none|nothing|nobody)\b[^.,]*\b(?:above|over|exceed\w*|past|clears?|reach\w*|cross\w*|near|close)\b",
    I,
)


def _none_over(sentence: Sentence) -> bool | None:
    """Tell whether nobody is above the line that nobody is said to be above."""
    if not (limited(sentence) and NONE_OVER.search(sentence.text)):
        return None
    named = [each.subject for each in sentence.mentions if each.application]
    pools = list(sentence.grouped.values()) or list(sentence.groups[-2:])
    if named:
        behind = sentence.by(Measure.CPU)
        pools = [behind[max(each.ranks.get(Measure.CPU, 0) for each in named) :]]
    return any(
        not any(is_heavy(one) for each in pool for one in each.figures) for pool in pools if pool
    )


def _enumerated(sentence: Sentence) -> bool | None:
    """Tell whether the names given for a group, "the bottom 3 (a, b, c)", are those of the group."""
    told = []
    for at, group in sentence.grouped.items():
        start = sentence.clause(at)[0]
        listed = [
            each.subject.names
            for each in sentence.mentions
            if each.application
            and each.start >= start
            and (GIVEN.search(sentence.text, at, each.start))
        ]
        if len(set(listed)) == len(group) > 1:
            told.append(set(listed) == {each.names for each in group})
    return all(told) if told else None


def _between(sentence: Sentence) -> bool | None:
    """Tell whether who is said to stand between two others does."""
    found = BETWEEN.search(sentence.text)
    named = [each for each in sentence.mentions if each.application]
    start, end = found.span() if found else (0, 0)
    inside = [each.subject for each in named if start <= each.start < end]
    mine = [each.subject for each in named if each.subject not in inside] or list(sentence.focus)
    others = [each for each in (*sentence.named_before, *sentence.focus) if each not in mine[:1]]
    pair = list({each.names: each for each in inside or others}.values())[-2:]
    if not (found and mine and len(pair) == 2):  # noqa: PLR2004 - the one and the other
        return None
    measure = sentence.measured_at(start)
    sides = [_ahead(mine[0], each, measure) for each in pair]
    return None if None in sides else sides[0] != sides[1]


def _ahead(one: Subject, other: Subject, measure: Measure) -> bool | None:
    """Tell whether one has more than another; None where they are alike, or nobody knows."""
    ours, theirs = one.ranks.get(measure), other.ranks.get(measure)
    return None if ours is None or theirs is None or ours == theirs else ours < theirs


BETWEEN = re.compile(
    r"\b(?:sits?|is|are|comes?|falls?|lands?|ranks?|stands?|slots? in|right)(?: \w+)? (?:in )?between (?:[^,.]* and [\w.-]+|the 2|them|these|those)"
    r"|(?:둘|2 ?(?:잡|개|건)|그)(?:의)? 사이(?:에|쯤)|\S+[와과] \S+ 사이(?:에|쯤)",
    I,
)
GIVEN = re.compile(r"[(:—–=]|\b(?:namely|are)\b|은 |는 ")
"""What stands between a group and the names given for it."""


def _beyond_line(sentence: Sentence) -> bool | None:
    """Tell whether who is said to be above, or below, the runaway line is."""
    told = []
    for line in sentence.numbers:
        start, end = sentence.clause(line.start)
        clause = sentence.text[start:end]
        known = line.units == {Unit.SECONDS} or is_runaway_line(line, sentence)
        if not (line.bound and known) or SUPPOSED.search(clause):
            continue
        named = [each for each in sentence.mentions if each.application]
        here = [each.subject for each in named if start <= each.start < end]
        groups = (group for at, group in sentence.grouped.items() if start <= at < end)
        subjects = here or list(chain(*groups))
        carried = not subjects and line.units == {Unit.PERCENT} and len(sentence.meant) == 1
        subjects = list(sentence.meant) if carried else subjects
        if ONLY.search(clause) and subjects and not carried:
            fits = [{each.names for each in pool} for pool in sentence.bounded]
            told.append({each.names for each in subjects} in fits)
        told += [
            any(map(line.is_figure, shares))
            for each in subjects
            if (shares := [one for one in each.figures if one.unit in line.units])
        ]
    return all(told) if told else None


ONLY = re.compile(r"\bonly\b|뿐|(?:하나|1건?)만", I)
UNSAID = re.compile(
    r"\b(?:would|could|may|might|if|once|until|whether|check|plausible|suspect\w*)\b|가능성|의심|[가-힣]면\s|는지|은지|여부|수 있",
    I,
)
SUPPOSED = re.compile(rf"{NOT.pattern}|{UNSAID.pattern}|'d\b|\bneed|필요", I)


EXTREMES = re.compile(
    r"\b(\d)\s(?:largest|biggest|heaviest|oldest|smallest|lightest|newest|youngest)\b", I
)
NO_MORE = re.compile(
    r"(?:n't|\bnot|\bnever) (?:the |its |their )?\w+est\b|(?:지|것은|건|이|가)\s?(?:는\s)?(?:않|아니|아닙)",
    I,
)


def _compares(sentence: Sentence, named: list[Mention]) -> bool | None:
    """Tell whether one is more, or less, than the other it is compared with."""
    others = [each for each in named if sentence.compared(each)]
    pair = None if others else PAIR.search(sentence.text)
    mine = [*sentence.meant, *sentence.asked]
    theirs = [each.subject for each in others] or list(sentence.named_before[::-1])
    mine = [each for each in mine if not others or each.names != theirs[0].names][:1]
    theirs = [each for each in theirs if each not in mine][: len(others) or 1]
    if not (mine and theirs and (others or pair)):
        return None
    start, end = sentence.clause(pair.start() if pair else others[0].start)
    clause = sentence.text[start:] if MORE.search(sentence.text[start:]) else sentence.text[:end]
    behind = sentence.text[others[0].end :] if others else ""
    said = pair.group() if pair else behind if THAN_KO.match(behind) else clause
    if bool(MORE.search(said)) == bool(FEWER.search(said)) or NOT.search(clause):
        return None if pair or sentence.numbers or NOT.search(clause) else False
    measure = sentence.measured_at(pair.start() if pair else others[0].start)
    theirs = theirs if AND.search(said) else theirs[:1]
    told = [_ahead(mine[0], each, measure) for each in theirs]
    return None if None in told else all(each == bool(MORE.search(said)) for each in told)


def _following(sentence: Sentence) -> bool | None:
    """Tell whether who is named as the next one stands right behind the last one spoken of."""
    named = [each.subject for each in sentence.mentions if each.application]
    if not (named and sentence.focus and NEXT.search(sentence.text)):
        return None
    every = sentence.by(sentence.measured_at(0))
    return any(pair == (sentence.focus[-1], named[0]) for pair in pairwise(every))


def _multiplied(sentence: Sentence) -> bool | None:
    """Tell whether who is said to be so many times another is the larger one."""
    text = sentence.text
    others = [
        each
        for each in sentence.mentions
        if TIMES_KO.match(text, each.end) or TIMES_EN.search(text[: each.start])
    ][:1]
    mine = [each for each in sentence.meant if each not in map(_subject, others)]
    if not (others and mine) or FEWER.search(text) or FOR_EACH_CORE.search(text):
        return None
    return _ahead(mine[0], others[0].subject, sentence.measured_at(others[0].start))


TIMES_KO = re.compile(r"(?:\([^)]*\))?의\s(?:\S{1,4}\s)?\d[\d.]*\s?배")
TIMES_EN = re.compile(
    r"\d times (?:as \w+(?: \w+)? as|the (?:size|cores|memory) of)(?: \w+'s)? $", I
)
AND = re.compile(r"^[^.]*\band\b[^.]*$|[와과] ", I)
PAIR = re.compile(
    r"\bthe (?:\w+er|more \w+|less \w+) (?:one|of the 2)\b|더 (?:많|크|큰|오래|적|작|길|무거)\S*", I
)
"""What compares one with the other of two that are in sight."""
THAN_KO = re.compile(r"\S{0,2}\s?보다|에 비해")


STATES = (
    ("protected", None, re.compile(r"보호|\bprotect\w*", I), re.compile(r"풀려|풀렸|해제|끝났|unprotected|lapsed|lifted|expired|removed|no longer", I)),
    ("!protected", None, re.compile(r"(?:후보|제안|카드)\S{0,3}\s?\S{0,6}\s?(?:수\s?[도는]?\s?[있없]|가능)|\b(?:can(?:not|'t)?|could|may) (?:all |both |also |safely )?be (?:proposed|offered|ended|killed|stopped|terminated)", I), None),
    ("over its guarantee", Kind.QUEUE, re.compile(r"(?:보장|용량|guarantee\w*|capacity|share)\S*\s*[^.,]{0,12}(?:넘|초과|웃돌)|(?:past|over|above|beyond|exceed\w*|more than) (?:its|their|the) (?:\w+ )?(?:guarantee\w*|capacity|share)|over[- ]capacity", I), None),
    ("!over its guarantee", Kind.QUEUE, re.compile(r"(?:보장|용량)\S*\s*(?:용량\s*)?(?:안|이내|범위)|(?:within|under|below) (?:its|their|the) (?:\w+ )?(?:guarantee\w*|capacity|share)", I), None),
    ("runaway", None, re.compile(r"폭주(?!\s*(?:기준|규칙|판정 기준|선))|(?<!as a )\brunaway\b(?! (?:rule|limit|threshold|line|mark))", I), None),
    ("waiting", None, re.compile(r"ACCEPTED|기다리고 있|\b(?:is|still) (?:waiting|queued|pending)\b", I), None),
    ("ended", None, re.compile(r"종료(?:됐|돼|되었)|끝났|끝난 (?:상태|잡)|완료(?:됐|돼|되었)|실패했|\b(?:has|have|had|was|were|just|already) (?:\w+ )?(?:finished|ended|completed|failed|exited|stopped|crashed|died)\b|\b(?:finished|ended|completed|failed|exited|crashed|died) (?:\w+ ){1,3}ago\b|(?:\bis|'s) (?:done|finished|gone|over)\b(?! the)", I), None),
    ("nodes out of order", Kind.CLUSTER, re.compile(r"(?:노드|서버)\S*[^.,]{0,14}(?:응답하지|죽|장애|다운|빠졌|내려갔|꺼졌)|\b(?:nodes?|hosts?|machines?)\b[^.,]{0,24}\b(?:down|lost|unreachable|dead|unhealthy|failed|not respond\w*|failure)\b", I), None),
    ("!nodes out of order", Kind.CLUSTER, re.compile(r"(?:노드|대)\S*[^.,]{0,8}(?:정상|응답하고|살아)|\b(?:nodes?|machines?|hosts?|workers?)\b[^.,]{0,16}\b(?:up|healthy|fine|responding)\b", I), None),
    ("spread over many jobs", Kind.CLUSTER, re.compile(r"고르게|골고루|균등|눈에 띄는 (?:잡|애플리케이션)\S* 없|\bevenly\b|spread (?:over|across) (?:many|several|all)|no (?:single )?(?:job|application) stands out", I), None),
    ("calm", Kind.CLUSTER, re.compile(r"(?:CPU|클러스터|사용률)\S*\s*[^.,]{0,16}(?:여유|한가|안정|정상|낮|문제가 없)|(?:^|[\s,])(?:정상(?:입니다|이에요)|문제(?:가|는|도)? 없(?:습|어))|\b(?:cluster|everything|all) is (?:healthy|fine|ok|well|good)\b|^no problems?\b|nothing is wrong|\bcomfortabl\w*|\b(?:CPU|cluster|load)\b[^.,]{0,20}\b(?:calm|idle|quiet|low|headroom|relaxed)\b|headroom left on the CPU", I), None),
    ("busy", Kind.CLUSTER, re.compile(r"(?:CPU|클러스터)\S*\s*[^.,]{0,14}(?:포화|과부하|높(?:습|고|아|다|네|으며|은 (?:상태|수준|편)))|\b(?:CPU|cluster)\b[^.,]{0,12}\b(?:saturat\w*|overload\w*|high)\b(?!er)", I), None),
    ("somebody waits", Kind.CLUSTER, re.compile(r"대기 중인 (?:잡|애플리케이션)|(?:\b(?:are|is)|'s) (?:waiting|queued|pending)\b", I), None),
)  # fmt: skip
RATHER = re.compile(
    r"않|없|아니|아닙|아닌|못|\b(?:no|not|none|nothing|nobody|never|neither|(?:is|are|was|would|do|does|ca)n't|cannot|without|unlikely|little)\b",
    I,
)


NOT_SO = re.compile(r"(?:상황|수준|상태|정도|단계)(?:은|는|이|까지는)?\s?(?:아니|아닙|아닌)")
"""A denial at the end of a Korean clause, however far behind what it denies."""


def _states(sentence: Sentence) -> bool | None:
    """Tell whether the states said of somebody are theirs; one that nobody looked at is no state."""
    told: list[bool] = []
    said_at: list[tuple[int, int]] = []
    for (start, clause), (name, kind, pattern, ended) in product(_placed(sentence), STATES):
        for found in pattern.finditer(clause):
            at = (start + found.start(), start + found.end())
            taken = any(one[0] < at[1] and at[0] < one[1] for one in said_at)
            when = sentence.text[:start].endswith(("when", "once", "until"))
            if taken or when or UNSAID.search(clause.replace(found.group(), "")):
                continue
            around = clause[max(0, found.start() - 28) : found.end() + 12]
            over = ended and ended.search(clause, max(0, found.start() - 28))
            said = not (
                over or _denied(found.group(), around) or NOT_SO.search(clause, found.end())
            )
            if name.startswith("!"):
                said = not said
            of = _stated(sentence, kind, start + found.start())
            said_at += [at] if of else []
            told += [_has(each, name.lstrip("!"), sentence) == said for each in of]
    return all(told) if told else None


def _has(subject: Subject, state: str, sentence: Sentence) -> bool | None:
    """Tell whether somebody is in a state; none but those killed have ended."""
    known = {**subject.states, "ended": bool({*subject.names} & sentence.evidence.killed)}
    return known.get(state)


def _denied(state: str, around: str) -> bool:
    """Tell whether a state is said not to be; one that holds a "no" of its own is as it says."""
    own = state.lower().startswith(("no ", "none ")) or "없" in state
    return not own and bool(RATHER.search(around) or UNLIKELY.search(around))


def _stated(sentence: Sentence, kind: Kind | None, at: int) -> list[Subject]:
    """Return whom a state is said of."""
    if kind is Kind.CLUSTER:
        return [each for each in sentence.evidence.subjects if each.kind is kind]
    if kind is Kind.QUEUE:
        start, end = sentence.clause(at)
        every = [each for each in sentence.mentions if each.subject.kind is kind]
        here = [each for each in every if each.start < end]
        named = [each.subject for each in here if not start <= at < each.start - 8] or [
            each.subject for each in here
        ]
        queues = {each.queue for each in sentence.meant}
        return named[-1:] or [
            each
            for each in sentence.evidence.subjects
            if each.kind is kind and queues & set(each.names)
        ]
    if not sentence.applications and EVERY.search(sentence.text):
        group = sentence.together or (sentence.focus if len(sentence.focus) > 1 else ())
        if BOTH.search(sentence.text) and len(sentence.named_before) > 1:
            group = sentence.focus if len(sentence.focus) == 2 else sentence.named_before[-2:]  # noqa: PLR2004 - the one and the other
        return list(group or sentence.groups[-2])
    jobs = [each for each in sentence.mentions if each.application]
    if ahead := [each for each in jobs if OF_NEXT.fullmatch(sentence.text, at, each.start)]:
        return [ahead[0].subject]
    before = [each for each in jobs if each.start < at][-1:]
    if before and LIKE.match(sentence.text, before[0].end) and sentence.focus:
        return list(sentence.focus[:1])
    carried = () if sentence.applications else sentence.asked  # "its": of both it may be of
    return [each.subject for each in before] or [*sentence.meant[:1], *carried]


OF_NEXT = re.compile(r"\w+(?:\s(?:중|대상))?(?:인|한|된)?\s(?:job |stream )?", I)
"""A state right before a name is of whoever has it: "the protected X"."""
BOTH = re.compile(r"\b(?:both|n?either)\b|둘", I)
LIKE = re.compile(r"처럼(?!\s\S+인\s)")


PAST = re.compile(
    r"처음(?:에는|엔|에\s|보다|부터)|어[제젯]|그제|간밤|지난\s?(?:주|달|번|배포)|아까|오늘\s?(?:아침|오전|새벽)|(?<![가-힣])(?:아침|오전|점심|새벽)(?=보다|에는|까지|부터|만 해도)|(?:분|시간|조금|직|일|주|달)\s?전(?:보다|에\s?비[해하]|에는|까지|만 해도|\s?조회|\s?대비|[과와이]랑?\s)"
    r"|지난 \d+\s?(?:시간|분|일)\s?동안|\b(?:up|down) from\b[^.]*\bago\b"
    r"|\b(?:initially|in the beginning|started (?:out|off)|to begin with|at first(?=,)|(?<!look )at first (?:it|they|there))\b|\byesterday\b|\bthis (?:morning|afternoon|week)\b|\blast (?:night|week|month|time)\b|\bovernight\b|\bearlier (?:today|this)\b|\bat (?:lunch|noon|midnight)\b|\b(?:hours?|minutes?) (?:ago|earlier|before),? (?:it|they|that|there|when)\b"
    r"|\b(?:than|what|as) (?:it|they|there|that|we) (?:was|were|did|had|held|used|took|ran)\b",
    I,
)
"""A time before that something now is compared with; when a job started is none."""
BESIDE = re.compile(r"(?:비교하|비하|견주)면\s|(?:비교해|견줘|견주어|놓고)\s?보면\s")
"""What sets two times side by side, and is no condition."""
ACCESS = re.compile(
    r"비밀번호|패스워드|암호|토큰|자격 ?증명|\b(?:pass(?:word|phrase|code)s?|credentials?|token|(?:api|access|override|secret|master) (?:keys?|codes?))\b",
    I,
)
ENDS = re.compile(
    r"kill|stop|end|terminat|cancel|restart|rush|panic|worry|hesitat|expect|forget|touch|건드|손대|종료|죽이|내리|끄|서두르|걱정",
    I,
)


def _of_the_past(sentence: Sentence) -> bool:
    """Tell whether it tells how it was at another time, of which there is no figure."""
    told = (
        clause
        for _, clause in _placed(sentence)
        if PAST.search(clause) and not (NOT.search(clause) or UNSAID.search(BESIDE.sub("", clause)))
    )
    return any(told) and not _moved(sentence)


def _gives_access(sentence: Sentence) -> bool:
    """Tell whether it speaks of what opens a door: nothing in the evidence does."""
    return bool(ACCESS.search(sentence.text)) and not NOT.search(sentence.text)


def _waves_off(sentence: Sentence) -> bool:
    """Tell whether it says to leave out what is no act on a job: only documents could."""
    return any(not ENDS.search(found.group()) for found in DONT.finditer(sentence.text))


def _moved(sentence: Sentence) -> bool:
    """Tell whether CPU went the way it says, as far as two figures tell."""
    ways = {way for way, pattern in WAYS if pattern.search(sentence.text)}
    told = any({Unit.PERCENT, Unit.POINTS} & one.units for one in sentence.numbers)
    changed = any(
        one.label == CHANGE for each in sentence.evidence.subjects for one in each.figures
    )
    known = {*sentence.evidence.trends, sentence.evidence.expected}
    return bool(ways) and ways <= known and (told or changed)


def _would_move(sentence: Sentence) -> bool:
    """Tell whether it goes from one figure to another, as a kill that is asked about would bring it."""
    asked = sentence.evidence.expected or KILLING.search(sentence.text)
    return bool(asked and FROM_TO.search(sentence.text))


KILLING = re.compile(
    r"^\W*(?:killing|stopping|ending|removing)\b|(?:죽이|종료하|멈추|내리|빼)면", I
)
FROM_TO = re.compile(r"\b(?:takes|go|goes|going|would|free|frees)\b[^.]*\b\d[\d.]* to \d", I)


def _advised(sentence: Sentence, support: Support) -> bool:
    """Tell whether what it tells to do or to leave is what the documents say."""
    return not support.denied and (support.forbids or not DONT.search(sentence.text))
