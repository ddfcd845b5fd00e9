"""What a sentence claims beyond its figures, held against what is so.

Each check looks for one kind of claim, by the words that make it one, and returns a reason only
where the evidence says otherwise or cannot say so. Words that claim nothing are free.
"""

import re
from enum import StrEnum
from itertools import product

from bot.agents.model.documents import Support
from bot.agents.model.evidence import GRANTED_CORES, Evidence, Figure, Kind, Subject
from bot.agents.model.quantities import RANK, ROW
from bot.agents.model.sentence import ASCII_WORDS, Mention, Sentence, rank_of


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


I = re.IGNORECASE  # noqa: E741 - the flag of nearly every line below
FINALS, SS, N, L = 28, 20, 4, 8  # final consonants of a syllable block; the places of ㅆ, ㄴ, ㄹ
WILL_KO = "[" + "".join(chr(0xAC00 + at) for at in range(11172) if at % FINALS == L) + "]"
PAST_KO = re.compile(
    "["
    + "".join(
        chr(0xAC00 + at)
        for at in range(11172)
        if at % FINALS == SS and chr(0xAC00 + at) not in "있겠"
    )
    + "]"
)
HYPOTHETICAL = re.compile(
    r"\b(?:if|before|until|unless|whether|would|could|should|may|might|can|must|to be|will need|needs?|require\w*|in case|have (?:it|them|one|this)|check (?:that|whether)|confirm|verify|make sure)\b"
    r"|(?:다면|으면|하면|되면|이면|려면|[가-힣]면\s)|는지|은지|ㄴ지|을지|할지|(?:하|되|기|죽이|치)기\s*전",
    I,
)  # fmt: skip
NOT = re.compile(
    r"\b(?:no|not|nothing|never|none|nobody|without|neither|nor|\w+n't)\b|않|못|없|아니|아닙|아닌|안\s[가-힣]",
    I,
)
KILL = r"\bend(?:s|ed|ing)?\b|종료|강제\s*종료|중단|중지|정지|죽|킬|kill\w*|정리|내렸|terminat\w*|shut\s?down|stopp?\w*"
TOLD_KO = re.compile(
    r"시작|떴|띄[웠운]|올렸|제출|돌았|실행|지났|됐[고으지]|되었[고으]|차지|가져|받아|썼|사용|점유|할당|배정|지정|걸렸|[이까]었|였|넘|초과|웃돌|기록|많았|적었|높았|낮았|컸|작았|없었"
)  # what a listing itself tells of a job
STATE_KO = re.compile(r"\S+\s(?:상태|바 있|적이 있)")
GOING_KO = re.compile(rf"(?:{KILL}|재시작|승인|삭제|해제|이동|조정)\S{{0,4}}\s?(?:중(?:이|입|에)|하고 있|되고 있|시키고 있|(?:하|시키|드리|되)?겠습|(?:할|해 드릴|시킬)게요|(?:될|할)?\s?예정|절차를? 진행|처리(?:를 )?진행|들어갔|걸어 (?:두|뒀))", I)  # fmt: skip
SHOWN_KO = re.compile(
    "보여|찾|확인|정렬|비교|계산|집계|조회|나열|말씀|설명|알려|골랐|골라|봤|보았|정리해 (?:드|보)|요약|추렸|적어"
)
SELF_KO = re.compile(
    r"(?:제가|저는|저희가|봇이|대신|제 손으로)\s|[가-힣]\s(?<!보여\s)(?<!알려\s)(?<!정리해\s)(?<!말씀해\s)(?:두었|뒀|놓았|놨|드렸|버렸)"
)
TOLD_EN = (
    "allocat|grant|guarante|protect|list|bas|compar|offer|affect|us|submitt|launch|start|own|nam|measur|estimat"
    "|averag|peak|pass|exceed|requir|reserv|expect|combin|climb|dropp|reach|increas|decreas|declin|recover|concentrat|allow|relat|suspect|rank|order|need|promis|hand"
)  # fmt: skip
ACT_EN = re.compile(
    rf"\b(?!(?:{TOLD_EN})ed\b|need\b|exceed\b|indeed\b|speed\b|bed\b|red\b)[a-z]{{2,}}ed\b"
    r"|\b(?:ha[sd]|have|'ve|was|were|been|being|got)\s+(?:(?:already|now|just|also|been|\w+ly)\s+)*(?:gone(?! past| over)|put|sent|shut|cut|set|let|given|done|made|told|taken (?:\w+ )?(?:down|off|out|care)|brought|thrown|written|chosen|begun)\b"
    r"|\b(?:went|sent|shut|gave|told|brought|threw|wrote|blew|broke|began|did|got rid|took (?:\w+ )?(?:down|off|out|care)|set (?:\w+ )?off)\b"
    r"|\b(?:is|are|it's) (?:already |now )?gone\b"
    r"|\b(?:kill|termination|approval|restart|shutdown)\b[^.]{0,20}\b(?:is|was|has been|went)\s+(?:under ?way|in progress|done|complete[d]?|through|given|granted|carried out)"
    r"|\b(?:killing|terminating|stopping|restarting|ending)\s+(?:it|them|the|this)\b[^.]{0,12}\bnow\b"
    r"|\bI(?:'ll| will| am going to|'m going to)\s+(?:\w+\s+)?(?:kill|terminate|stop|end|restart|approve|move|pause)",
    I,
)  # fmt: skip
DONE_EN = re.compile(r"\b(?:has|have|had|was|were|did)\b", I)
GONE = re.compile(r"\bno longer\b|더\s?이상\s[^.]*지 않|이제 없", I)
ENDED_KO = re.compile(rf"(?:{KILL})[된한]", I)
SELF_EN = re.compile(r"\bI(?:'ve| have)?\s+(?:just\s+|already\s+|also\s+)?(?!(?:list|sort|check|look|compar|count|measur|rank|calculat|estimat|order|includ)ed\b)(\w+ed|went|told|took|put|shut|cut|gave|sent|made|ran|set)\b")  # fmt: skip
DOWN = re.compile(r"떨어|내려[가갑갔간갈오옵온왔]|내렸|낮아[지졌]|감소|줄어|줄었|줄고|하락|완화|회복|\b(?:drop\w*|fall(?:s|ing|en)?|fell|declin\w+|decreas\w+|(?:com|go)ing down|came down|went down|gone down|back down|recover\w*|eas(?:ed|ing)|shr[iau]nk\w*|halved)\b", I)  # fmt: skip
UP = re.compile(r"올라|올랐|오르|오른|상승|증가|늘어|늘었|치솟|높아[지졌]|급등|\b(?:ris(?:e|es|ing|en)|rose|increas\w+|climb\w+|gr(?:ow\w*|ew)|went up|going up|up from|jump(?:ed|ing)|surg\w+|spik\w+)\b", I)  # fmt: skip
GAUGED = re.compile(
    r"CPU|[가-힣](?:률|율)|가동|부하|메모리|수치|%|\b(?:usage|load|utili[sz]ation|memory)\b", I
)
WHETHER = re.compile(r"[는은인던]지|\bwhether\b")
SAME = re.compile(r"그대로|변함|변화가 없|제자리|\b(?:stay\w*|remain\w*)\s+(?:exactly|where|the same|unchanged|flat)|\bunchanged\b|no (?:change|effect)|영향이 없", I)  # fmt: skip
WAYS = (("same", SAME), ("down", DOWN), ("up", UP))
CHANGE = "cpu change"
ENDING = rf"{KILL}|내리면|끄면|빼면"
MODAL = re.compile(rf"{WILL_KO}\s?(?:것|거)|예상|것으로 보|수 있|수도|려면|[가-힣]면|도록|경우|\b(?:should|would|could|may|might|can|expect\w*|if|to (?:lower|bring|reduce)|will)\b|[해어아]도\s", I)  # fmt: skip
CAUSE_EN = re.compile(
    r"\b(?:because(?: of)?|due to|caused by|cause (?:is|was)|reason (?:is|was)|result of|root cause|owing to|thanks to)\b(.*)",
    I,
)
CAUSE_KO = re.compile(r"(원인(?:은|이)\s*[^.]*(?:입니다|이에요|예요|네요)|[^,.]*(?:때문(?:입|이|에)|탓(?:입|이|에)|로 인한|로 인해|생긴 (?:문제|일)|(?:문제|누수|장애|오류|버그)로 확인)[^.]*)")  # fmt: skip
OF = re.compile(r"[가-힣](?:은|는|건)\s(?=.*(?:때문|탓))")
UNLIKELY = re.compile(r"낮|어려|unlikely|rule out|improbable|아닌|아닙|아니", I)
PERMIT = re.compile(
    r"(?:[어아여해려져내둬려겨와가봐써쳐여도]|\S)도\s*(?:됩|돼|괜찮|좋|무방|상관|문제없|안전)|(?:으면|이면|하면|만으로)\s*(?:충분|됩니다|그만)|필요(?:는|가|도)?\s*없|셔도"
    r"|\b(?:may|can) (?:safely|just|simply|skip|ignore)|\bis enough\b|\bneed ?n[o']t\b|\bneed not\b|\bno need\b|\bnot (?:needed|necessary|required)\b|\bno \w+ (?:is|are) (?:needed|necessary|required)\b"
    r"|\b(?:don't|do not) (?:need|have) to\b|\bfeel free\b",
    I,
)  # fmt: skip
GUARD = re.compile(r"승인|동의|허락|approv|consent|permission", I)
STILL = re.compile(
    r"전에|않는 한|없이는|아직|\b(?:before|until|without|unless|yet|been|was|were)\b", I
)
DONT = re.compile(
    r"(?<!\bI )\b(?:don't|do not|never|avoid)\s+(?!have\b|need\b|seem\b|look\b|appear\b)[a-z]{3,}|[가-힣]지\s*(?:마|말)",
    I,
)
BYPASS = re.compile(r"(?:승인|확인|카드|동의|절차|연락)\s*(?:도|은|을|를|이|과)?\s*(?:없이|생략|건너|안 받)|without\s+(?:\w+\s+){0,3}(?:approv\w*|confirm\w*|ask\w*|permission|check\w*|card|telling)|(?:혼자|임의로)\s+(?:판단|결정|종료|죽)", I)  # fmt: skip
ORDER = re.compile(
    r"(?:^|[,;:]\s*|\b(?:just|then|please|simply|and)\s+|to relieve it,?\s+)(?:run(?! by\b)|execute|kill|reboot|restart|delete|send the kill|resend|terminate|drop|remove|force|disable)\b"
    r"|(?:죽이|종료하|재부팅하|재시작하|삭제하|비우|실행하|끄|내리|강제\S* 종료하|다시 보내)(?:세요|십시오|시면 됩니다|면 됩니다|시기 바랍니다|는 것이 (?:가장 )?(?:좋|안전|낫|빠))",
    I,
)  # fmt: skip
BY_CARD = re.compile(r"카드|버튼|승인|card\b|button|approv|\brequest|propos|제안|소유자|owner", I)


def refuted(sentence: Sentence, support: Support, *, figures: bool) -> Reason | None:
    """Return why a sentence falls: a claim that is not so, or nothing in it that anybody told.

    Each check says whether claims of its kind hold; None where there are none. `figures` tells
    that the sentence holds a figure, which was found right before.
    """
    checks = (
        (Reason.ACT, _acts),
        (Reason.OWNER, _others),
        (Reason.NAME, _identified),
        (Reason.RANK, _ranks),
        (Reason.STATE, _states),
        (Reason.TREND, _trends),
        (Reason.CAUSE, _causes),
        (Reason.ADVICE, _advice),
    )
    holds = [(reason, holding(sentence, support)) for reason, holding in checks]
    wrong = next((reason for reason, one in holds if one is False), None)
    told = figures or support.told or any(one for _, one in holds) or not sentence.asserts
    return wrong if wrong or told else Reason.UNTOLD


def _acts(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether the record tells what is said to be done, being done, or left alone."""
    denied = None
    for clause in sentence.clauses:
        if _acted(clause):
            own = SELF_KO.search(clause) or SELF_EN.search(clause)
            if not _on_record(clause, sentence) and not (support.documented and not own):
                return False
            denied = True
        elif NOT.search(clause) and (
            PAST_KO.search(clause) or DONE_EN.search(clause) or ENDED_KO.search(clause)
        ):
            denied = True if not sentence.evidence.killed else denied
    return denied


def _acted(clause: str) -> bool:
    """Tell whether a past or perfect act is told; what a listing itself tells of a job is none."""
    if SELF_EN.search(clause):
        return True
    past = [found.span() for found in PAST_KO.finditer(clause)]
    done = [
        (start, end) for start, end in past if not SHOWN_KO.search(clause[max(0, start - 6) : end])
    ]
    if GONE.search(clause) or (done and SELF_KO.search(clause) and not NOT.search(clause)):
        return True
    if HYPOTHETICAL.search(clause):
        return False
    if NOT.search(clause):
        return False
    if ACT_EN.search(clause) or GOING_KO.search(clause):
        return True
    done += [
        found.span()
        for found in STATE_KO.finditer(clause)
        if (ord(found.group()[found.group().index(" ") - 1]) - 0xAC00) % FINALS == N
    ]
    return any(not _is_told(clause, start, end) for start, end in done)


def _is_told(clause: str, start: int, end: int) -> bool:
    words = clause[max(0, start - 4) : end + 1]
    if "다시" in clause[:start]:
        return False
    moved = GAUGED.search(clause) and (UP.search(words) or DOWN.search(words))
    return bool(moved or TOLD_KO.search(words))


def _on_record(clause: str, sentence: Sentence) -> bool:
    approval = re.search(r"승인|approv|agreed|동의", clause, I)
    record = sentence.evidence.approved if approval else sentence.evidence.killed
    if not (approval or re.search(KILL, clause, I)):
        return False
    named = [each.names[0] for each in sentence.applications]
    known = {each.names[0] for each in sentence.meant} | set(named)
    return bool(record) and (known <= record if named else True)


def _others(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether owners and queues are said of those who have them."""
    if support.documented and not sentence.meant:
        return None
    if not sentence.applications and (group := sentence.together):
        return _owned_together(sentence, group)
    told = [_alike(sentence)]
    told += [
        _said_of(sentence, (start, clause), name, at)
        for start, clause in _placed(sentence)
        for name, at in _found({*_owners(sentence), *_queues(sentence)}, clause)
    ]
    return False if False in told else True if True in told else None


def _alike(sentence: Sentence) -> bool | None:
    """Tell whether those said to share a queue do."""
    found = SAME_QUEUE.search(sentence.text)
    if found is None:
        return None
    several = sentence.applications if len(sentence.applications) > 1 else ()
    group = several or sentence.together or sentence.ranked
    shared = len({each.queue for each in group}) == 1
    return shared != bool(NOT.search(sentence.text))


SAME_QUEUE = re.compile(r"(?:같은|한|동일한|1)\s?큐|\b(?:the same|a single|one) queue\b", I)


def _owners(sentence: Sentence) -> set[str]:
    return {each.owner for each in sentence.evidence.subjects if each.owner}


def _queues(sentence: Sentence) -> set[str]:
    return {each.queue for each in sentence.evidence.subjects if each.queue}


def _owned_together(sentence: Sentence, group: tuple[Subject, ...]) -> bool | None:
    """Tell whether the owners or queues named are those of a whole group."""
    said = {name for name, _ in _found(_owners(sentence), sentence.text)}
    queued = {name for name, _ in _found(_queues(sentence), sentence.text)}
    if not (said or queued):
        return None
    return said in (set(), {each.owner for each in group}) and queued in (
        set(),
        {each.queue for each in group},
    )


def _identified(sentence: Sentence, _: Support) -> bool | None:
    """Tell whether an id is said to be of the application that has it."""
    ids = [
        each
        for each in sentence.mentions
        if each.application and sentence.text[each.start : each.end] in each.subject.names[1:]
    ]
    named = [
        each.subject for each in sentence.mentions if each.application and each not in ids
    ] or sentence.focus
    return any(each.subject in named for each in ids) if ids and named else None


def _said_of(sentence: Sentence, place: tuple[int, str], name: str, at: int) -> bool | None:
    """Tell whether a name is the owner or the queue of whom it is said of."""
    start, clause = place
    here = [
        each
        for each in sentence.mentions
        if each.application and start <= each.start < start + len(clause)
    ]
    earlier = [each for each in sentence.mentions if each.application and each.start < start]
    subjects = _of(at + start, here or earlier[-1:], sentence)
    if name in _owners(sentence) and any(each.owner == name for each in subjects):
        return True if OWNED.search(clause[:at] + "\0" + clause[at + len(name) :]) else None
    if name in _queues(sentence) and QUEUED.search(clause[:at] + "\0" + clause[at + len(name) :]):
        if any(pattern.search(clause) for _, kind, pattern, _ in STATES if kind is Kind.QUEUE):
            return None
        counted = any(start <= one.start < start + len(clause) for one in sentence.numbers)
        if not here and (counted or not subjects):
            return None
        return all(each.queue.endswith(name) for each in subjects)
    asked = [
        each for each in sentence.evidence.subjects if {*each.names} & {*sentence.evidence.about}
    ]
    known = {each.owner for each in (*sentence.named_before, *asked)}  # who may be asked or told
    owned = OWNED.search(clause[:at] + "\0" + clause[at + len(name) :])
    return False if name in _owners(sentence) and (owned or name not in known) else None


OWNED = re.compile(
    r"\0\s?(?:'s\b|\S{0,2}(?:의|이|가|은|는)?\s+(?:계정|사용자|잡|\S*(?:실행|돌|띄|올린|올려|제출|소유)|[\w-]*_))|(?:소유자|주인)\S*\s+\0|\0\S{0,2}\s?(?:소유|것|잡)"
    r"|(?:\bby|belongs? to|owner is|owner of \S+ is|owner is listed as|[(,])\s+\0|\(\0|\0(?:,? and \w+)?\s+(?:ha(?:s|ve)(?! (?:no|been|\w+ed)\b)|holds?|owns?|runs?|started|submitted|launched)\b",
    I,
)
QUEUED = re.compile(
    r"\0\s?큐|\0\S{0,2},? .*큐|\0(?:,? \w+)*,? queue|\b(?:in|to|into|under|from|through) (?:the )?\0",
    I,
)


def _placed(sentence: Sentence) -> list[tuple[int, str]]:
    places, at = [], 0
    for clause in sentence.clauses:
        places.append((at, clause))
        at += len(clause)
    return places


def _found(names: set[str], clause: str) -> list[tuple[str, int]]:
    return [
        (name, match.start())
        for name in sorted(names)
        for match in re.finditer(
            rf"(?<![\w.-]){re.escape(name)}(?![A-Za-z0-9_]|[.-][A-Za-z0-9])", clause
        )
    ]


def _of(at: int, here: list[Mention], sentence: Sentence) -> tuple[Subject, ...]:
    """Return whom an owner or a queue is said of: whom it stands right before, else the others."""
    text = sentence.text
    following = [
        each
        for each in here
        if 0 <= each.start - at < NEARBY
        and re.search(r"(?:의|님의|'s|이 실행한|가 실행한)\s*$", text[at : each.start])
    ]
    if following:
        return (following[0].subject,)
    main = [each.subject for each in here if not sentence.compared(each)]
    if main or here:
        return tuple(main or (each.subject for each in here))
    return sentence.focus[:1] if not sentence.applications else sentence.applications


NEARBY = 24  # characters between an owner and what is said to be theirs
PERSON = re.compile(
    r"([A-Za-z][\w.-]*)\s?님|\b(?:check with|ask|contact|ping|talk to|tell)\s+([a-z][\w.-]*)|(?<![\w.-])([A-Za-z][\w.-]*)의\s+(?:잡|애플리케이션|작업)|소유자(?:는|가|인)?\s+([A-Za-z][\w.-]*)|([A-Za-z][\w.-]*)(?:님|\s계정)?(?:이|가)\s+(?:실행|돌리|띄운|제출|소유)"
    r"|\b([a-z][\w.-]*)'s (?:job|app|application)\b|\b(?:run|owned|started|submitted|launched) by (?!the\b|an?\b|hand\b|cpu\b|memory\b)([a-z][\w.-]*)|\bbelongs? to (?!the\b)([a-z][\w.-]*)|\bowner (?:is )?([a-z][\w.-]*) ?(?:[,.]|$)"
    r"|([A-Za-z][\w.-]*)\s+큐(?![가-힣]{2})|\bthe ([\w.-]+) queue\b",
    ASCII_WORDS,
)  # fmt: skip
NOBODY = frozenset(
    [
        "it",
        "its",
        "this",
        "that",
        "the",
        "same",
        "which",
        "each",
        "one",
        "today",
        "yesterday",
        "let",
        "here",
        "there",
        "spark",
        "yarn",
        "cluster",
        "이",
        "그",
        "해당",
        "other",
        "largest",
        "busiest",
        "whole",
        "me",
        "her",
        "him",
        "them",
        "us",
        "for",
        "from",
        "about",
        "whoever",
        "whether",
        "if",
        "a",
        "an",
    ]
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


MOST = re.compile(r"가장|제일|최대|\b(?:largest|biggest|heaviest|highest|longest|oldest|top|busiest|hottest|greatest|most (?:cores|memory|cpu)|more \w+ than any other)\b", I)  # fmt: skip
NONE_MORE = re.compile(
    r"\b(?:nothing|none|no \w+)\b[^.,]*\b(?:\w+er|more) than\b|보다 (?:더 )?(?:큰|많은|긴|오래된|높은) \S+ 없",
    I,
)
LEAST = re.compile(
    r"(?:가장|제일)\s*(?:적|작|짧|낮|가벼|최근)|\b(?:smallest|least|lowest|newest|youngest|shortest|lightest|fewest)\b",
    I,
)
NO_MOST = re.compile(
    r"최대\s*[\d약]|가장 (?:의심|유력|먼저|확실|좋|안전|빠|큰 이유|큰 원인)|most likely|at most|top (?:jobs|\d)|최대한",
    I,
)
MORE = re.compile(
    r"많|크|높|길|오래|웃돌|앞서|\b(?:more|larger|bigger|greater|higher|longer|above|ahead|exceed\w*|heavier|older)\b",
    I,
)
FEWER = re.compile(
    r"적|작|낮|짧|뒤|\b(?:less|smaller|fewer|lower|shorter|behind|below|lighter|newer)\b", I
)


def _ranks(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether each place, each "most" and each comparison is so."""
    named = [each for each in sentence.mentions if each.subject.ranks]
    told = [_placed_at(match, sentence, support) for match in RANK.finditer(sentence.text)]
    told += [_row(match, sentence) for match in ROW.finditer(sentence.text)]
    told += [_most(sentence, named), _compares(sentence, named)]
    return False if False in told else True if True in told else None


def _row(match: re.Match[str], sentence: Sentence) -> bool | None:
    """Tell whether a row's number stands before the name of that row; None before no name."""
    after = [each for each in sentence.mentions if each.named and 0 <= each.start - match.end() < 3]  # noqa: PLR2004 - it follows at once
    rows, at = sentence.evidence.listed, int(match[1] or match[2])
    return rows[at - 1 : at] == after[0].subject.names[:1] if after and rows else None


def _placed_at(match: re.Match[str], sentence: Sentence, support: Support) -> bool | None:
    """Tell whether a place is that of whom it is said of; None where it only names one."""
    text, evidence = sentence.text, sentence.evidence
    start, end = sentence.clause(match.start())
    measure = sentence.measured(text[start:end])
    named = [
        each
        for each in sentence.mentions
        if each.named and each.subject.ranks and not sentence.compared(each)
    ]
    near = [each for each in named if start <= each.start < end] or named
    if near:
        subject = min(near, key=lambda each: _gap(match, each)).subject
    elif any(each.start == match.start() for each in sentence.mentions):
        return None
    elif sentence.focus:
        subject = sentence.focus[0]
    else:
        return None if support.documented else False
    listed = {name: place for place, name in enumerate(evidence.listed, start=1)}
    places = {subject.ranks.get(measure)}
    if measure is evidence.by:
        places.add(listed.get(subject.names[0]))
    return rank_of(match) in places


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
    found = MOST.search(text) or LEAST.search(text)
    if found is None or NO_MOST.search(text):
        return None
    start, end = sentence.clause(found.start())
    no = NO_MORE.search(text[start:end])
    if NOT.search(text) and not no:
        return None
    measure = sentence.measured(text[start:end])
    here = [each.subject for each in named if start <= each.start < end]
    subjects = here or [each.subject for each in named[-1:]] or list(sentence.focus[:1])
    many = int(EXTREMES.findall(text)[0]) if EXTREMES.search(text) else 1
    part = slice(-many, None) if LEAST.search(text) else slice(many)
    every = sentence.by(measure, subjects[0].kind) if subjects else ()
    shown = [each for each in every if each.names[0] in sentence.evidence.listed]
    known = any(each in every for each in subjects)
    if many > 1:
        subjects = list(sentence.applications or sentence.together or sentence.focus)
        return set(map(_name, subjects)) == set(map(_name, every[part])) if known else None
    most = any(each in subjects for pool in (every, shown) for each in pool[part])
    return most != bool(no) if known else None


def _name(subject: Subject) -> str:
    return subject.names[0]


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
    if not others or not sentence.meant:
        return None
    start, end = sentence.clause(others[0].start)
    clause = sentence.text[start:] if MORE.search(sentence.text[start:]) else sentence.text[:end]
    after = (
        sentence.text[others[0].end :]
        if re.match(r"\S{0,2}\s?보다|에 비해", sentence.text[others[0].end :])
        else clause
    )
    if bool(MORE.search(after)) == bool(FEWER.search(after)) or NOT.search(clause):
        return None
    measure = sentence.measured(clause)
    mine, theirs = sentence.meant[0].ranks.get(measure), others[0].subject.ranks.get(measure)
    if mine is None or theirs is None or mine == theirs:
        return None
    return (mine < theirs) == bool(MORE.search(after))


STATES = (
    ("protected", None, re.compile(r"보호|\bprotect\w*", I), re.compile(r"풀려|풀렸|해제|unprotected", I)),
    ("!protected", None, re.compile(r"(?:후보|제안|카드)\S{0,3}\s?\S{0,6}\s?(?:수\s?[도는]?\s?[있없]|가능)|\b(?:can(?:not|'t)?|could|may) (?:all |both |also |safely )?be (?:proposed|offered|ended|killed|stopped|terminated)", I), None),
    ("over its guarantee", Kind.QUEUE, re.compile(r"(?:보장|용량|guarantee\w*|capacity|share)\S*\s*[^.,]{0,12}(?:넘|초과|웃돌)|(?:past|over|above|beyond|exceed\w*|more than) (?:its|their|the) (?:\w+ )?(?:guarantee\w*|capacity|share)|over[- ]capacity", I), None),
    ("!over its guarantee", Kind.QUEUE, re.compile(r"(?:보장|용량)\S*\s*(?:용량\s*)?(?:안|이내|범위)|(?:within|under|below) (?:its|their|the) (?:\w+ )?(?:guarantee\w*|capacity|share)", I), None),
    ("runaway", None, re.compile(r"폭주(?!\s*(?:기준|규칙|판정 기준|선))|\brunaway\b(?! (?:rule|limit|threshold|line|mark))", I), None),
    ("waiting", None, re.compile(r"ACCEPTED|기다리고 있|\b(?:is|still) (?:waiting|queued|pending)\b", I), None),
    ("nodes out of order", Kind.CLUSTER, re.compile(r"(?:노드|서버)\S*[^.,]{0,14}(?:응답하지|죽|장애|다운|빠졌|내려갔|꺼졌)|\b(?:nodes?|hosts?|machines?)\b[^.,]{0,24}\b(?:down|lost|unreachable|dead|unhealthy|failed|not respond\w*|failure)\b", I), None),
    ("!nodes out of order", Kind.CLUSTER, re.compile(r"(?:노드|대)\S*[^.,]{0,8}(?:정상|응답하고)|\b(?:nodes?)\b[^.,]{0,16}\b(?:up|healthy|fine|responding)\b", I), None),
    ("spread over many jobs", Kind.CLUSTER, re.compile(r"고르게|골고루|균등|눈에 띄는 (?:잡|애플리케이션)\S* 없|\bevenly\b|spread (?:over|across)|no (?:single )?(?:job|application) stands out", I), None),
    ("calm", Kind.CLUSTER, re.compile(r"(?:CPU|클러스터|사용률)\S*\s*[^.,]{0,16}(?:여유|한가|안정|정상|낮|문제가 없)|(?:^|[\s,])(?:정상(?:입니다|이에요)|문제(?:가|는|도)? 없(?:습|어))|\b(?:cluster|everything|all) is (?:healthy|fine|ok|well|good)\b|^no problems?\b|nothing is wrong|\bcomfortabl\w*|\b(?:CPU|cluster|load)\b[^.,]{0,20}\b(?:calm|idle|quiet|low|headroom|relaxed)\b|headroom left on the CPU", I), None),
    ("busy", Kind.CLUSTER, re.compile(r"(?:CPU|클러스터)\S*\s*[^.,]{0,14}(?:포화|과부하|높(?:습|고|아|다|네|으며|은 (?:상태|수준|편)))|\b(?:CPU|cluster)\b[^.,]{0,12}\b(?:saturat\w*|overload\w*|high)\b(?!er)", I), None),
    ("somebody waits", Kind.CLUSTER, re.compile(r"대기 중인 (?:잡|애플리케이션)|\b(?:are|is) (?:waiting|queued|pending)\b", I), None),
)  # fmt: skip
RATHER = re.compile(
    r"않|없|아니|아닙|아닌|못|\b(?:no|not|none|nothing|nobody|never|neither|isn't|aren't|can't|cannot|without|unlikely|little)\b",
    I,
)
UNSAID = re.compile(
    r"\b(?:would|could|may|might|if|whether|check|plausible|suspect\w*)\b|가능성|의심|[가-힣]면\s|는지|은지|여부|수 있",
    I,
)


def _states(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether the states said of somebody are theirs; one that nobody looked at is no state."""
    if support.documented:
        return None
    told: list[bool] = []
    for (start, clause), (name, kind, pattern, ended) in product(_placed(sentence), STATES):
        for found in pattern.finditer(clause):
            if UNSAID.search(clause.replace(found.group(), "")):
                continue
            around = clause[max(0, found.start() - 28) : found.end() + 12]
            said = not ((ended and ended.search(around)) or _denied(found.group(), around))
            if name.startswith("!"):
                said = not said
            of = _stated(sentence, kind, start + found.start())
            told += [each.states.get(name.lstrip("!")) == said for each in of]
    if not told and GRANTED.search(sentence.text):
        figures = [one for each in sentence.evidence.subjects for one in each.figures]
        return any(one.label == GRANTED_CORES for one in figures) or None
    return all(told) if told else None


GRANTED = re.compile(r"할당|\bgranted\b", I)


EVERY = re.compile(r"\b(?:all|both|every|each|none|n?either) \b|모두|전부|모든|다\s", I)


def _denied(state: str, around: str) -> bool:
    """Tell whether a state is said not to be; one that holds a "no" of its own is as it says."""
    own = state.lower().startswith(("no ", "none ")) or "없" in state
    return not own and bool(RATHER.search(around) or UNLIKELY.search(around))


def _stated(sentence: Sentence, kind: Kind | None, at: int) -> list[Subject]:
    """Return whom a state is said of."""
    if kind is Kind.CLUSTER:
        return [each for each in sentence.evidence.subjects if each.kind is kind]
    if kind is Kind.QUEUE:
        named = [
            each.subject
            for each in sentence.mentions
            if each.subject.kind is kind and each.start < at + 8
        ]
        queues = {each.queue for each in sentence.meant}
        return named[-1:] or [
            each
            for each in sentence.evidence.subjects
            if each.kind is kind and queues & set(each.names)
        ]
    if not sentence.applications and EVERY.search(sentence.text):
        return list(sentence.together or sentence.groups[-2])
    before = [each.subject for each in sentence.mentions if each.application and each.start < at]
    return before[-1:] or list(sentence.meant[:1])


def _trends(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether what is said to rise, fall or stay does so, as far as two figures tell."""
    evidence = sentence.evidence
    if support.documented and evidence.passages:
        there = " ".join(support.pieces)
        turned = ((UP, DOWN), (DOWN, UP))
        return (
            not any(
                mine.search(sentence.text) and not mine.search(there) and other.search(there)
                for mine, other in turned
            )
            or False
        )
    told: list[bool] = []
    for clause in sentence.clauses:
        moves = [way for way, pattern in WAYS if pattern.search(clause)]
        if not moves or WHETHER.search(clause):
            continue
        negated = bool(NOT.search(clause))
        if not GAUGED.search(sentence.text):
            told += [] if negated or MODAL.search(clause) else [False]
        elif not MODAL.search(clause):
            told.append(bool(evidence.trends) and negated != (moves[0] in evidence.trends))
        elif re.search(ENDING, sentence.text, I):
            rises = moves[0] == "up" and not negated
            idle = moves[0] == "same" or (moves[0] == "down" and negated)
            told.append(not rises and not (idle and evidence.expected == "down"))
    counted = sentence.numbers or any(each.label == CHANGE for each in _cluster(evidence))
    return False if False in told else True if told and counted else None


def _cluster(evidence: Evidence) -> list[Figure]:
    return [one for each in evidence.subjects if each.kind is Kind.CLUSTER for one in each.figures]


def _causes(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether a cause is one of those that run: it is named, or a figure tells it."""
    text = sentence.text
    if support.documented or NOT.search(text) or UNLIKELY.search(text):
        return None
    if sentence.asserts and any(_baseless(at, each, sentence) for at, each in _placed(sentence)):
        return False
    found = CAUSE_EN.search(text) or CAUSE_KO.search(text)
    if found is None:
        return None
    start, end = found.span(1)
    start += max((each.end() for each in OF.finditer(found[1])), default=0)
    named = any(each.named and start <= each.start < end for each in sentence.mentions)
    return named or any(start <= one.start < end for one in sentence.numbers)


def _baseless(at: int, clause: str, sentence: Sentence) -> bool:
    """Tell whether a clause gives a reason that no figure and no state tells."""
    counted = any(at <= one.start < at + len(clause) for one in sentence.numbers)
    stated = any(pattern.search(clause) for _, _, pattern, _ in STATES)
    return bool(REASON_KO.search(clause)) and not (counted or stated)


REASON_KO = re.compile(r"[^있]?(?<!있)[어아]서\s$")


def _advice(sentence: Sentence, support: Support) -> bool | None:
    """Tell whether what it permits, orders or forbids is what the documents say."""
    text = sentence.text
    if BYPASS.search(text) and not NOT.search(BYPASS.sub("", text)):
        return False
    if any(
        GUARD.search(each) and NOT.search(each) and not STILL.search(each)
        for each in sentence.clauses
    ):
        return support.forbids or support.documented
    if DONT.search(text):
        return support.forbids
    if PERMIT.search(text) and not PERMIT.search(support.nearest):
        return False
    order = ORDER.search(text)
    if order and not BY_CARD.search(text) and not support.orders(order.group()):
        return False
    return False if sentence.evidence.passages and support.denied else None
