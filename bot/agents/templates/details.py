"""One application in detail, and what a kill would bring."""

from bot.agents.facts import Detail, DetailFacts, UnreadableFacts, WhatIfFacts
from bot.agents.templates import talk
from bot.agents.templates.lists import HEADS
from bot.agents.templates.wording import Voice, Wording, bold, evidence_words, numbered, risen
from bot.domain.answers import Facts, Note, Notice, Paragraph, Part, Table, Tone, plain
from bot.domain.applications import Application
from bot.domain.core_usage import freed_cores
from bot.domain.language import Language, Text
from bot.texts import figures
from bot.texts.figures import said

STATES = {
    "waiting": Text(ko="대기 중", en="waiting"),
    "running": Text(ko="실행 중", en="running"),
    "finished": Text(ko="정상 종료", en="finished"),
    "failed": Text(ko="실패", en="failed"),
    "killed": Text(ko="강제 종료됨", en="killed"),
}
RUNS = Text(
    ko="{name}: {time}째 {state} · {user} · {queue} 큐 · {cores} · {memory}",
    en="{name}: {state} for {time} · {user} · queue {queue} · {cores} · {memory}",
)
IS_OVER = Text(
    ko="{name}: {state} · {user} · {queue} 큐 · {time} 실행",
    en="{name}: {state} · {user} · queue {queue} · ran {time}",
)
LOOKS_RUNAWAY = Text(
    ko="폭주로 보입니다. 근거: {evidence}.", en="It looks like a runaway: {evidence}."
)
LOOKS_HEAVY = Text(
    ko="무겁지만 폭주로 볼 근거는 부족합니다: {evidence}.",
    en="Heavy, but not enough says it is out of hand: {evidence}.",
)
LOOKS_ORDINARY = Text(ko="눈에 띄는 점은 없습니다.", en="Nothing about it stands out.")
AS_ALWAYS = Text(
    ko="이 시간대에 평소 쓰는 만큼입니다(평소 {cores}).",
    en="It uses what it usually does at this hour ({cores}).",
)
IS_PROTECTED = Text(
    ko="보호 대상이라 여기서 종료할 수 없습니다.",
    en="It is protected and cannot be killed from here.",
)
ARE_PROTECTED = Text(
    ko="{names}: 보호 대상이라 여기서 종료할 수 없습니다.",
    en="Protected, so not to be killed from here: {names}.",
)
GONE = Text(
    ko="{name}({id})은(는) 클러스터에 더 이상 없습니다.",
    en="{name} ({id}) is no longer known to the cluster.",
)
LABEL_STARTED = Text(ko="시작", en="Started")
LABEL_SHARE = Text(ko="클러스터 비율", en="Share of the cluster")
LABEL_CONTAINERS = Text(ko="컨테이너", en="Containers")
LABEL_ATTEMPT = Text(ko="시도", en="Attempt")
LABEL_DIAGNOSTICS = Text(ko="진단 메시지", en="Diagnostics")
EXPECTED = Text(
    ko="{jobs}을 종료하면 CPU가 {now}에서 {then}쯤으로 내려갑니다.",
    en="Killing {jobs} should take CPU from {now} to about {then}.",
)
EXPECTED_CORES = Text(
    ko="{jobs}을 종료하면 쓰던 {cores}가 풀립니다. CPU 사용률에 미치는 영향은 계산할 수 없습니다.",
    en="Killing {jobs} would free {cores} in use. The effect on CPU use cannot be worked out.",
)
EXPECTED_AT_MOST = Text(
    ko="{jobs}을 종료하면 최대 {cores}가 풀립니다. 실사용은 측정되지 않아 CPU가 얼마나 내려갈지 알 수 없습니다.",
    en="Killing {jobs} frees {cores} at most. Use is not measured, so how far CPU falls is unknown.",
)
AND_MEMORY = Text(ko="{cores}, 메모리 {memory}", en="{cores} and {memory} of memory")
GRANTED_THEN = Text(
    ko=" 할당은 {before}에서 {after}({share})로 줄어듭니다.",
    en=" What is granted goes from {before} to {after} ({share}).",
)
RELIEF = Text(ko="예상 CPU 변화", en="Expected CPU change")
ESTIMATE = Text(
    ko="예상값입니다. 대기 중인 잡이 빈 자리를 채우면 덜 내려갑니다. 아무것도 종료하지 않았습니다.",
    en="This is an estimate: waiting jobs may take the room. Nothing was killed.",
)
ALREADY_OVER = Text(ko="이미 끝난 잡: {names}.", en="Already over: {names}.")


def detail(facts: DetailFacts, voice: Voice) -> Wording:
    """Show applications as they are now."""
    sentences: list[str] = []
    parts: list[Part] = []
    for item in facts.details:
        sentence, shown = _one(item, facts, voice)
        sentences.append(sentence)
        parts.extend(shown)
    basis = [figures.measured(facts.measurement, voice.language)]
    parts.append(voice.footing(facts.read_at, (), *basis))
    ids = tuple(item.row.ref.id for item in facts.details)
    return Wording(" ".join(sentences), tuple(parts), ids)


def _one(item: Detail, facts: DetailFacts, voice: Voice) -> tuple[str, list[Part]]:
    language, row, now = voice.language, item.row, item.application
    if now is None:
        sentence = GONE(language, name=row.name, id=row.ref.id)
        return sentence, [plain(sentence)]
    headline = IS_OVER if now.state.over else RUNS
    sentence = headline(
        language,
        name=now.name,
        state=STATES[now.state.value](language),
        user=now.user,
        queue=now.queue,
        cores=figures.cores_of(now, language),
        memory=figures.gib(now.memory),
        time=figures.duration(now.running_for(facts.read_at), language),
    )
    parts: list[Part] = [Paragraph((bold(sentence),))]
    if told := _judgement(item, language):
        parts.append(plain(told))
    if item.rise is not None and not now.state.over:
        parts.append(plain(risen(now.name, item.rise, now.cores, voice)))
    parts.append(Facts(_pairs(item, now, voice)))
    if now.diagnostics:
        parts.append(Note(f"{LABEL_DIAGNOSTICS(language)}: {now.diagnostics[:300]}"))
    return sentence, parts


def _judgement(item: Detail, language: Language) -> str:
    """Say whether it stands out, with the evidence, and whether it is protected."""
    words = [IS_PROTECTED(language)] if item.row.protected else []
    finding = item.finding
    if finding is not None and finding.as_always and finding.usual_cores:
        usual = figures.cores(finding.usual_cores, language)
        words.insert(0, AS_ALWAYS(language, cores=usual))
    elif finding is not None and finding.evidence:
        evidence = ", ".join(evidence_words(one, language) for one in finding.evidence)
        looks = LOOKS_RUNAWAY if finding.runaway else LOOKS_HEAVY
        words.insert(0, looks(language, evidence=evidence))
    elif finding is None and item.share is not None:
        words.insert(0, LOOKS_ORDINARY(language))
    return " ".join(words)


def what_if(facts: WhatIfFacts, voice: Voice) -> Wording:
    """Say what a kill should give back; propose nothing."""
    language = voice.language
    told = [freed_cores(relief.now) for relief in facts.reliefs]
    known = [cores for cores, _ in told if cores is not None]
    total = sum(known) if len(known) == len(facts.reliefs) else None
    sure = all(measured for _, measured in told)
    gone = ", ".join(row.name for row in facts.gone)
    over = ALREADY_OVER(language, names=gone) if gone else ""
    if not facts.reliefs:
        return Wording(over, (plain(over), voice.footing(facts.read_at, ())))
    jobs = numbered([(relief.row.rank, relief.row.name) for relief in facts.reliefs], language)
    if facts.cpu_now is not None and facts.cpu_then is not None:
        now, then = figures.percent(facts.cpu_now), figures.percent(facts.cpu_then)
        sentence = EXPECTED(language, jobs=jobs, now=now, then=then)
    else:
        cores = _freed(facts, total, language)
        sentence = (EXPECTED_CORES if sure else EXPECTED_AT_MOST)(language, jobs=jobs, cores=cores)
        sentence += _granted_then(facts, language)
    parts: list[Part] = [Paragraph((bold(sentence),)), _relief_table(facts, language)]
    if over:
        parts.append(Notice(over, Tone.INFO))
    if kept := ", ".join(relief.row.name for relief in facts.reliefs if relief.row.protected):
        parts.append(plain(ARE_PROTECTED(language, names=kept)))
    parts.extend((Note(ESTIMATE(language)), voice.footing(facts.read_at, ())))
    ids = tuple(relief.row.ref.id for relief in facts.reliefs)
    return Wording(sentence, tuple(parts), ids)


def _freed(facts: WhatIfFacts, cores: float | None, language: Language) -> str:
    """Return the cores that a kill frees, and the memory where all of it is known."""
    memory = [relief.now.granted_memory for relief in facts.reliefs]
    known = [held for held in memory if held is not None]
    told = figures.cores(cores, language)
    if len(known) < len(memory):
        return told
    return AND_MEMORY(language, cores=told, memory=figures.gib(sum(known)))


def _granted_then(facts: WhatIfFacts, language: Language) -> str:
    """Say what the scheduler will have granted afterwards: known also where use is not."""
    total, free = facts.room.cores_total, facts.room.cores_free
    freed = [relief.now.granted_cores for relief in facts.reliefs]
    held = [cores for cores in freed if cores is not None]
    if not total or free is None or len(held) < len(freed):
        return ""
    after = max(0.0, total - free - sum(held))
    return GRANTED_THEN(
        language,
        before=figures.cores(total - free, language),
        after=figures.cores(after, language),
        share=figures.share(after / total),
    )


def unreadable(facts: UnreadableFacts, voice: Voice) -> Wording:
    """Say that the cluster cannot be read, and which part of it."""
    sentence, gap = talk.UNREADABLE(voice.language), said(facts.missing, voice.language)
    return Wording(f"{sentence} {gap}", (Notice(f"{sentence} {gap}", Tone.WARNING),))


def _relief_table(facts: WhatIfFacts, language: Language) -> Table:
    heads = (
        *(HEADS[each](language) for each in ("rank", "name", "user", "cores")),
        RELIEF(language),
    )
    rows = [
        (
            str(relief.row.rank),
            relief.row.name,
            relief.row.user,
            figures.core_pair(relief.now),
            figures.UNKNOWN if relief.points is None else figures.points(-relief.points, language),
        )
        for relief in facts.reliefs
    ]
    return Table((heads, *rows), frozenset({0, 3, 4}))


def _pairs(item: Detail, now: Application, voice: Voice) -> tuple[tuple[str, str], ...]:
    language = voice.language
    started = voice.moment(now.started_at) if now.started_at else figures.UNKNOWN
    pairs = [
        (HEADS["id"](language), now.ref.id),
        (LABEL_SHARE(language), figures.share(item.share)),
        (LABEL_STARTED(language), started),
        (LABEL_ATTEMPT(language), str(now.attempt)),
    ]
    if now.containers is not None:
        pairs.append((LABEL_CONTAINERS(language), str(now.containers)))
    return tuple(pairs)
