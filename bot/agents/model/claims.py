"""What a sentence claims beyond its figures, held against what is so.

Each check looks for one kind of claim, by the words that make it one, and returns a reason only
where the evidence says otherwise or cannot say so. Words that claim nothing are free.
"""

import re
from itertools import product

from bot.agents.model.documents import DENIED, Support
from bot.agents.model.evidence import Kind, Subject
from bot.agents.model.quantities import RANK
from bot.agents.model.reasons import Reason
from bot.agents.model.sentence import ASCII_WORDS, Mention, Sentence, rank_of

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
    r"\b(?:if|when|once|before|after|until|unless|whether|would|could|should|may|might|can|must|to be|will need|needs?|require\w*|in case|have (?:it|them|one|this)|check (?:that|whether)|confirm|verify|make sure)\b"
    r"|(?:다면|으면|하면|되면|이면|려면|[가-힣]면\s)|는지|은지|ㄴ지|을지|할지|(?:하|되|기|죽이|치)기\s*전",
    I,
)  # fmt: skip
NOT = re.compile(
    r"\b(?:no|not|nothing|never|none|nobody|without|neither|nor|\w+n't)\b|않|못|없|아니|아닙|아닌|안\s[가-힣]",
    I,
)
KILL = r"종료|강제\s*종료|중단|중지|정지|죽|킬|kill\w*|정리|내렸|terminat\w*|shut\s?down|stopp?\w*"
TOLD_KO = re.compile(
    r"시작|떴|띄[웠운]|올렸|제출|돌았|실행|지났|됐[고으지]|되었[고으]|차지|가져|받아|썼|사용|점유|할당|배정|지정|걸렸|[이까]었|였|넘|초과|웃돌|기록|많았|적었|높았|낮았|컸|작았|없었"
)  # what a listing itself tells of a job
STATE_KO = re.compile(r"\S+\s(?:상태|바 있|적이 있)")
GOING_KO = re.compile(rf"(?:{KILL}|재시작|승인|삭제|해제|이동|조정)\S{{0,4}}\s?(?:중(?:이|입|에)|하고 있|되고 있|시키고 있|(?:하|시키|드리|되)?겠습|(?:할|해 드릴|시킬)게요|(?:될|할)?\s?예정|절차를? 진행|처리(?:를 )?진행|들어갔|걸어 (?:두|뒀))", I)  # fmt: skip
SHOWN_KO = re.compile(
    "보여|찾|확인|정렬|비교|계산|집계|조회|나열|말씀|설명|알려|골랐|골라|봤|보았|정리해 (?:드|보)|요약|추렸|적어"
)
SELF_KO = re.compile(r"(?:제가|저는|저희가|봇이|대신)\s")
TOLD_EN = (
    "allocat|grant|guarante|protect|list|bas|compar|offer|affect|us|submitt|launch|start|own|nam|measur|estimat"
    "|averag|peak|pass|exceed|requir|reserv|expect|combin|climb|dropp|reach|increas|decreas|declin|recover|concentrat|allow|relat|suspect|rank|order"
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
SELF_EN = re.compile(r"\bI(?:'ve| have)?\s+(?:just\s+|already\s+|also\s+)?(?!(?:list|sort|check|look|compar|count|measur|rank|calculat|estimat|order|includ)ed\b)(\w+ed|took|put|shut|cut|gave|sent|made|ran|set)\b")  # fmt: skip
DOWN = re.compile(r"떨어|내려[가갔간오왔]|내렸|낮아[지졌]|감소|줄어|줄었|줄고|하락|완화|회복|\b(?:drop\w*|fall(?:s|ing|en)?|fell|declin\w+|decreas\w+|(?:com|go)ing down|came down|went down|gone down|back down|recover\w*|eas(?:ed|ing)|shr[iau]nk\w*|halved)\b", I)  # fmt: skip
UP = re.compile(r"올라[가갔왔]|올랐|오르|오른|상승|증가|늘어|늘었|치솟|높아[지졌]|급등|\b(?:ris(?:e|es|ing|en)|rose|increas\w+|climb\w+|gr(?:ow\w*|ew)|went up|going up|up from|jump(?:ed|ing)|surg\w+|spik\w+)\b", I)  # fmt: skip
GAUGED = re.compile(
    r"CPU|[가-힣](?:률|율)|가동|부하|메모리|수치|%|\b(?:usage|load|utili[sz]ation|memory)\b", I
)
CHANGING = re.compile(r"\b(?:load|usage|utili[sz]ation|CPU|memory)\s+(?:is|has been|have been|keeps?)\s+(?:\w+ly\s+)?(?!running|being|using)\w+ing\b|(?:부하|[사가할]\S[률율량])\S{0,2}\s[^.,\d]{0,12}(?:고 있|는 중)", I)  # fmt: skip
SAME = re.compile(r"그대로|변함|변화가 없|제자리|\b(?:stay\w*|remain\w*)\s+(?:exactly|where|the same|unchanged|flat)|\bunchanged\b|no (?:change|effect)|영향이 없", I)  # fmt: skip
ENDING = rf"{KILL}|내리면|끄면|빼면"
MODAL = re.compile(rf"{WILL_KO}\s?(?:것|거)|예상|것으로 보|수 있|수도|려면|[가-힣]면|도록|경우|\b(?:should|would|could|may|might|can|expect\w*|if|to (?:lower|bring|reduce)|will)\b|[해어아]도\s", I)  # fmt: skip
HEDGED = re.compile(r"수 있|수도|\b(?:may|might|could)\b", I)
CAUSE_EN = re.compile(
    r"\b(?:because of|due to|caused by|cause (?:is|was)|reason (?:is|was)|result of|root cause|owing to|thanks to)\b(.*)",
    I,
)
BROKEN = re.compile(
    r"([^,.]*(?:(?:장애|고장|다운|오류)(?:입니다|가 났|가 발생|로 보|\s?상태)|세이프 모드|\b(?:is|are|has|have|was|were)\s+(?:broken|failed|crashed|corrupt\w*|dead|in safe mode)\b)[^,.]*)",
    I,
)
CAUSE_KO = re.compile(r"(원인(?:은|이)\s*[^.]*(?:입니다|이에요|예요|네요)|[^,.]*(?:때문(?:입|이|에)|탓(?:입|이|에)|로 인한|로 인해|생긴 (?:문제|일)|(?:문제|누수|장애|오류|버그)로 확인)[^.]*)")  # fmt: skip
UNLIKELY = re.compile(r"낮|어려|unlikely|rule out|improbable|아닌|아닙|아니", I)
PERMIT = re.compile(
    r"(?:[어아여해려져내둬려겨와가봐써쳐여도]|\S)도\s*(?:됩|돼|괜찮|좋|무방|상관|문제없|안전)|(?:으면|이면|하면|만으로)\s*(?:충분|됩니다|그만)|필요(?:는|가|도)?\s*없|셔도"
    r"|\b(?:may|can) (?:safely|just|simply|skip|ignore)|\bis enough\b|\bneed ?n[o']t\b|\bneed not\b|\bno need\b|\bnot (?:needed|necessary|required)\b|\bno \w+ (?:is|are) (?:needed|necessary|required)\b"
    r"|\b(?:don't|do not) (?:need|have) to\b|\bfeel free\b",
    I,
)  # fmt: skip
ASSURE = re.compile(
    r"안전(?:합|하)|괜찮|무방|(?:가장 )?(?:좋습|낫습|낫다|좋다)|\b(?:safe|fine|ok|okay|best|harmless)\b",
    I,
)
DONT = re.compile(
    r"(?<!\bI )\b(?:don't|do not|never|avoid)\s+(?!have\b|need\b|seem\b|look\b|appear\b)[a-z]{3,}|[가-힣]지\s*(?:마|말)",
    I,
)
BYPASS = re.compile(r"(?:승인|확인|카드|동의|절차|연락)\s*(?:도|은|을|를|이|과)?\s*(?:없이|생략|건너|안 받)|without\s+(?:\w+\s+){0,3}(?:approv\w*|confirm\w*|ask\w*|permission|check\w*|card|telling)|(?:혼자|임의로)\s+(?:판단|결정|종료|죽)", I)  # fmt: skip
ORDER = re.compile(
    r"(?:^|[,;:]\s*|\b(?:just|then|please|simply|and)\s+|to relieve it,?\s+)(?:run|execute|kill|reboot|restart|delete|send the kill|resend|terminate|drop|remove|force|disable)\b"
    r"|(?:죽이|종료하|재부팅하|재시작하|삭제하|비우|실행하|끄|내리|강제\S* 종료하|다시 보내)(?:세요|십시오|시면 됩니다|면 됩니다|시기 바랍니다|는 것이 (?:가장 )?(?:좋|안전|낫|빠))",
    I,
)  # fmt: skip
BY_CARD = re.compile(r"카드|버튼|승인|card\b|button|approv|\brequest|propos|제안|소유자|owner", I)


def refuted(sentence: Sentence, support: Support) -> Reason | None:
    """Return the first reason why what a sentence claims is not so, or None."""
    checks = (
        (Reason.ACT, _acts),
        (Reason.OWNER, _others),
        (Reason.RANK, _ranks),
        (Reason.STATE, _states),
        (Reason.TREND, _trends),
        (Reason.CAUSE, _causes),
        (Reason.ADVICE, _advice),
    )
    return next((reason for reason, fails in checks if fails(sentence, support)), None)


def _acts(sentence: Sentence, support: Support) -> bool:
    """Tell whether it says that something was, is being or will be done that no record tells."""
    for clause in sentence.clauses:
        if _acted(clause) and not _on_record(clause, sentence):
            past_incident = support.documented and not (
                SELF_KO.search(clause) or SELF_EN.search(clause)
            )
            if not past_incident:
                return True
    return False


def _acted(clause: str) -> bool:
    """Tell whether a past or perfect act is told; what a listing itself tells of a job is none."""
    if SELF_EN.search(clause):
        return True
    past = [found.span() for found in PAST_KO.finditer(clause)]
    done = [
        (start, end) for start, end in past if not SHOWN_KO.search(clause[max(0, start - 6) : end])
    ]
    if done and SELF_KO.search(clause):
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


def _others(sentence: Sentence, support: Support) -> bool:
    """Tell whether an owner or a queue is said of one that has another, or of nobody settled."""
    if support.documented and not sentence.meant:
        return False
    if not sentence.applications and (group := _group(sentence)):
        said = {name for name, _ in _found({each.owner for each in group}, sentence.text)}
        others = _found({each.owner for each in sentence.ranked} - said, sentence.text)
        queued = {
            name for name, _ in _found({each.queue for each in sentence.ranked}, sentence.text)
        }
        mine = {each.owner for each in group}
        wrong = queued and queued != {each.queue for each in group}
        return bool(others or wrong) or said not in (set(), mine)
    queues = {each.queue for each in sentence.evidence.subjects if each.queue}
    owners = {each.owner for each in sentence.evidence.subjects if each.owner}
    ids = [
        each
        for each in sentence.mentions
        if each.application and sentence.text[each.start : each.end] in each.subject.names[1:]
    ]
    named = [
        each.subject for each in sentence.mentions if each.application and each not in ids
    ] or sentence.focus
    if ids and named and not any(each.subject in named for each in ids):
        return True
    for start, clause in _placed(sentence):
        here = [
            each
            for each in sentence.mentions
            if each.application and start <= each.start < start + len(clause)
        ]
        earlier = [each for each in sentence.mentions if each.application and each.start < start]
        for owner, at in _found(owners, clause):
            subjects = _of(at + start, here or earlier[-1:], sentence)
            if not any(each.owner == owner for each in subjects):
                return True
        for queue, at in _found(queues, clause):
            within = WITHIN.search(clause[:at])
            if not (within or "큐" in clause or "queue" in clause.lower()):
                continue
            placed = here or within or PLACED.search(clause)
            subjects = _of(at + start, here or earlier[-1:], sentence)
            if placed and not any(each.queue.endswith(queue) for each in subjects):
                return True
    return False


def _group(sentence: Sentence) -> tuple[Subject, ...]:
    """Return the jobs it speaks of together, where it names none and carries on about none."""
    ranked = [group for at, group in sentence.grouped.items() if sentence.text[at].isdigit()]
    shown = sentence.groups[-2]
    together = not sentence.focus and re.search(rf"\b(?:them|both|(?:the|these) {len(shown)})\b|(?<!\d){len(shown)}\s?(?:개|건|잡)|둘|셋", sentence.text, I)  # fmt: skip
    return ranked[0] if ranked else shown if together else ()


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


WITHIN = re.compile(r"\b(?:in|to|into|under|from)\s+(?:the\s+)?$", I)
PLACED = re.compile(r"큐에서|큐\S*\s*(?:소속|잡(?:이|입)|쓰|사용)", I)
NEARBY = 24  # characters between an owner and what is said to be theirs
PERSON = re.compile(
    r"(?<![\w.-])([A-Za-z][\w.-]*)(?:님)?의\s+(?:잡|애플리케이션|작업)|소유자(?:는|가|인)?\s+([A-Za-z][\w.-]*)|([A-Za-z][\w.-]*)(?:님|\s계정)?(?:이|가)\s+(?:실행|돌리|띄운|제출|소유)"
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
        "same",
        "whole",
        "adhoc's",
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


def _ranks(sentence: Sentence, support: Support) -> bool:
    """Tell whether a place, a "most" or a comparison is not so."""
    text = sentence.text
    named = [each for each in sentence.mentions if each.named and each.subject.ranks]
    for match in RANK.finditer(text):
        start, end = sentence.clause(match.start())
        measure = sentence.measured(text[start:end])
        near = [each for each in named if start <= each.start < end] or named
        subject = (
            min(near, key=lambda each: _gap(match, each)).subject
            if near
            else (sentence.focus or (None,))[0]
        )
        if subject is None:
            if support.documented or any(each.start == match.start() for each in sentence.mentions):
                continue
            return True
        listed = {name: place for place, name in enumerate(sentence.evidence.listed, start=1)}
        places = {
            subject.ranks.get(measure),
            listed.get(subject.names[0]) if measure is sentence.evidence.by else None,
        }
        if rank_of(match) not in places:
            return True
    return _wrong_most(sentence, named) or _wrong_comparison(sentence, named)


def _gap(match: re.Match[str], mention: Mention) -> int:
    """Return how far a name is from a rank; what the rank describes stands after it."""
    return (
        mention.start - match.end()
        if mention.start >= match.end()
        else 5 + match.start() - mention.end
    )


def _wrong_most(sentence: Sentence, named: list[Mention]) -> bool:
    found = MOST.search(sentence.text)
    if NONE_MORE.search(sentence.text):
        measure = sentence.measured(sentence.text)
        return any(each.ranks.get(measure, 1) != 1 for each in sentence.meant[:1])
    if found is None or NO_MOST.search(sentence.text) or NOT.search(sentence.text):
        return False
    start, end = sentence.clause(found.start())
    measure = sentence.measured(sentence.text[start:end])
    here = [each.subject for each in named if start <= each.start < end]
    subjects = here or [each.subject for each in named[-1:]] or list(sentence.focus[:1])
    ranks = [rank for each in subjects if (rank := each.ranks.get(measure)) is not None]
    if not ranks:
        return False
    if LEAST.search(sentence.text):
        last = sum(measure in each.ranks for each in sentence.evidence.subjects if each.owner)
        return last not in ranks
    return 1 not in ranks


def _wrong_comparison(sentence: Sentence, named: list[Mention]) -> bool:
    others = [each for each in named if sentence.compared(each)]
    if not others or not sentence.meant:
        return False
    start, end = sentence.clause(others[0].start)
    clause = sentence.text[start:] if MORE.search(sentence.text[start:]) else sentence.text[:end]
    after = (
        sentence.text[others[0].end :]
        if re.match(r"\S{0,2}\s?보다|에 비해", sentence.text[others[0].end :])
        else clause
    )
    if bool(MORE.search(after)) == bool(FEWER.search(after)) or NOT.search(clause):
        return False
    measure = sentence.measured(clause)
    mine, theirs = sentence.meant[0].ranks.get(measure), others[0].subject.ranks.get(measure)
    if mine is None or theirs is None or mine == theirs:
        return False
    return (mine < theirs) != bool(MORE.search(after))


STATES = (
    ("protected", None, re.compile(r"보호|\bprotect\w*", I), re.compile(r"풀려|풀렸|해제|unprotected", I)),
    ("over its guarantee", Kind.QUEUE, re.compile(r"(?:보장|용량|guarantee\w*|capacity|share)\S*\s*[^.,]{0,12}(?:넘|초과|웃돌)|(?:past|over|above|beyond|exceed\w*|more than) (?:its|their|the) (?:\w+ )?(?:guarantee\w*|capacity|share)|over[- ]capacity", I), None),
    ("!over its guarantee", Kind.QUEUE, re.compile(r"(?:보장|용량)\S*\s*(?:용량\s*)?(?:안|이내|범위)|(?:within|under|below) (?:its|their|the) (?:\w+ )?(?:guarantee\w*|capacity|share)", I), None),
    ("runaway", None, re.compile(r"폭주(?!\s*(?:기준|규칙|판정 기준|선))|\brunaway\b(?! (?:rule|limit|threshold|line|mark))", I), None),
    ("waiting", None, re.compile(r"ACCEPTED|자원을? 기다리|\b(?:is|still) (?:waiting|queued|pending)\b", I), None),
    ("nodes out of order", Kind.CLUSTER, re.compile(r"(?:노드|서버)\S*[^.,]{0,14}(?:응답하지|죽|장애|다운|빠졌|내려갔|꺼졌)|\b(?:nodes?|hosts?|machines?)\b[^.,]{0,24}\b(?:down|lost|unreachable|dead|unhealthy|failed|not respond\w*|failure)\b", I), None),
    ("!nodes out of order", Kind.CLUSTER, re.compile(r"(?:노드|대)\S*[^.,]{0,8}(?:정상|응답하고)|\b(?:nodes?)\b[^.,]{0,16}\b(?:up|healthy|fine|responding)\b", I), None),
    ("spread over many jobs", Kind.CLUSTER, re.compile(r"고르게|골고루|균등|눈에 띄는 (?:잡|애플리케이션)\S* 없|\bevenly\b|spread (?:over|across)|no (?:single )?(?:job|application) stands out", I), None),
    ("calm", Kind.CLUSTER, re.compile(r"(?:CPU|클러스터|사용률)\S*\s*[^.,]{0,16}(?:여유|한가|안정|정상|낮|문제가 없)|(?:^|[\s,])(?:정상(?:입니다|이에요)|문제(?:가|는|도)? 없(?:습|어))|\b(?:cluster|everything|all) is (?:healthy|fine|ok|well|good)\b|^no problems?\b|nothing is wrong|\bcomfortabl\w*|\b(?:CPU|cluster|load)\b[^.,]{0,20}\b(?:calm|idle|quiet|low|headroom|relaxed)\b|headroom left on the CPU", I), None),
    ("busy", Kind.CLUSTER, re.compile(r"(?:CPU|클러스터)\S*\s*[^.,]{0,14}(?:포화|과부하|높(?:습|고|아|다|네|으며|은 (?:상태|수준|편)))|\b(?:CPU|cluster)\b[^.,]{0,12}\b(?:saturat\w*|overload\w*|high)\b(?!er)", I), None),
    ("somebody waits", Kind.CLUSTER, re.compile(r"대기 중인 (?:잡|애플리케이션)|\b(?:are|is) (?:waiting|queued|pending)\b", I), None),
)  # fmt: skip
RATHER = re.compile(
    r"않|없|아니|아닙|아닌|못|\b(?:no|not|none|nothing|nobody|never|isn't|aren't|without|unlikely|little)\b",
    I,
)
UNSAID = re.compile(
    r"\b(?:would|could|may|might|if|whether|check|plausible|suspect\w*)\b|가능성|의심|[가-힣]면\s|는지|은지|여부|수 있",
    I,
)


def _states(sentence: Sentence, support: Support) -> bool:
    """Tell whether a state is said of somebody of whom the opposite is known."""
    if support.documented:
        return False
    for (start, clause), (name, kind, pattern, ended) in product(_placed(sentence), STATES):
        for found in pattern.finditer(clause):
            if UNSAID.search(clause):
                continue
            around = clause[max(0, found.start() - 28) : found.end() + 12]
            said = not ((ended and ended.search(around)) or _denied(found.group(), around))
            if name.startswith("!"):
                said = not said
            known = [
                each.states.get(name.lstrip("!"))
                for each in _stated(sentence, kind, start + found.start())
            ]
            if [one for one in known if one is not None and one != said]:
                return True
    return False


def _denied(state: str, around: str) -> bool:
    """Tell whether a state is said not to be; one that holds a "no" of its own is as it says."""
    own = state.lower().startswith(("no ", "none ")) or "없" in state
    return not own and bool(RATHER.search(around))


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
    before = [each.subject for each in sentence.mentions if each.application and each.start < at]
    return before[-1:] or list(sentence.meant[:1])


def _trends(sentence: Sentence, support: Support) -> bool:
    """Tell whether it says that something rises, falls or stays that does not."""
    evidence = sentence.evidence
    if support.documented and evidence.passages:
        there = " ".join(support.pieces)
        turned = ((UP, DOWN), (DOWN, UP))
        return any(
            mine.search(sentence.text) and not mine.search(there) and other.search(there)
            for mine, other in turned
        )
    if not GAUGED.search(sentence.text):
        return False
    if CHANGING.search(sentence.text) and not any(
        each.search(sentence.text) for each in (DOWN, UP, SAME)
    ):
        return True
    for clause in sentence.clauses:
        down, up, same = DOWN.search(clause), UP.search(clause), SAME.search(clause)
        if re.search(r"[는은인던]지|\bwhether\b", clause):
            continue
        modal = MODAL.search(clause)
        up = up or (modal and re.search(r"\b(?:up|higher)\b(?! to\b)", clause))
        if not (down or up or same):
            continue
        negated = bool(NOT.search(clause))
        if modal:
            rises = up and not down and not negated and re.search(ENDING, clause, I)
            against = same or (down and negated) or (up and not negated)
            if rises or (evidence.expected == "down" and against and not HEDGED.search(clause)):
                return True
            continue
        said = "same" if same else "down" if down else "up"
        if negated == (said in evidence.trends) or not evidence.trends:
            return True
    return False


def _causes(sentence: Sentence, support: Support) -> bool:
    """Tell whether it names a cause nobody found: one without a known name or figure in it."""
    text = sentence.text
    if support.documented or NOT.search(text) or UNLIKELY.search(text):
        return False
    found = CAUSE_EN.search(text) or CAUSE_KO.search(text) or BROKEN.search(text)
    if found is None:
        return False
    start, end = found.span(1)
    named = any(each.named and start <= each.start < end for each in sentence.mentions)
    counted = any(start <= one.start < end for one in sentence.numbers)
    return not (named or counted)


def _advice(sentence: Sentence, support: Support) -> bool:
    """Tell whether it permits or orders what the documents do not, or turns a "not" around."""
    text = sentence.text
    nearest = support.nearest
    if BYPASS.search(text) and not NOT.search(BYPASS.sub("", text)):
        return True
    if DONT.search(text) and not support.forbids:
        return True
    serious = PERMIT.search(text) or (
        ASSURE.search(text) and re.search(KILL, DENIED.sub(" ", text), I)
    )
    if serious and not (PERMIT.search(nearest) or ASSURE.search(nearest)):
        return True
    order = ORDER.search(text)
    if order and not BY_CARD.search(text) and not support.orders(order.group()):
        return True
    return bool(sentence.evidence.passages) and support.denied
