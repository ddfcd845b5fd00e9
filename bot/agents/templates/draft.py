"""A text to send elsewhere: a form filled with the thread's facts, nothing made up."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.agents.facts import DraftFacts
from bot.agents.templates.kills import PROPOSAL_STATES
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Note, Paragraph, Part, Quote
from bot.domain.applications import span
from bot.domain.conversation import DraftKind, ListingRow
from bot.domain.language import Language, Text
from bot.domain.proposals import Proposal, ProposalState
from bot.texts import cards, figures

TITLES = {
    DraftKind.SUMMARY: Text(ko="지금까지의 요약입니다.", en="Summary so far."),
    DraftKind.HANDOVER: Text(ko="인수인계 글입니다.", en="Handover."),
    DraftKind.POSTMORTEM: Text(ko="사후 분석 초안입니다.", en="Post-mortem skeleton."),
    DraftKind.OWNER: Text(ko="{owners} 님께 보낼 글입니다.", en="A message to {owners}."),
}
COPY = Text(
    ko="복사해서 쓰세요. 제가 아는 사실만 채웠고, 보내지는 않았습니다.",
    en="Copy it from here. It holds only what I know, and I sent it to nobody.",
)
COPY_WRITTEN = Text(
    ko="복사해서 쓰세요. AI가 썼고 수치와 이름은 확인했습니다. 보내지는 않았습니다.",
    en="Copy it from here. A model wrote it; its figures and names are checked. It was sent to nobody.",
)
ALERT = Text(ko="{time} 알람: {title}", en="{time} alert: {title}")
CAUSE = Text(ko="원인: {jobs}", en="Cause: {jobs}")
NO_CAUSE = Text(ko="원인: 폭주로 볼 만한 잡은 없었습니다.", en="Cause: no runaway job was found.")
JOB = Text(ko="{name} ({user}, {queue} 큐, {cores})", en="{name} ({user}, queue {queue}, {cores})")
DONE = Text(
    ko="{time} {names} 종료{requester}{decider}{effect}",
    en="{time} killed {names}{requester}{decider}{effect}",
)
BY_REQUEST = Text(ko=", 요청 {name}", en=", asked by {name}")
BY_APPROVAL = Text(ko=", 승인 {name}", en=", approved by {name}")
BY_REJECTION = Text(ko=", 거절 {name}", en=", rejected by {name}")
DRY_RUN = Text(ko=", 모의 실행", en=", dry run")
OTHER = Text(
    ko="{time} {names} 종료 제안: {state}{requester}{decider}",
    en="{time} kill card for {names}: {state}{requester}{decider}",
)
NOTHING_DONE = Text(ko="종료한 잡은 없습니다.", en="No job was killed.")
RELAUNCHED = Text(
    ko="다시 뜬 잡: {ids}. 띄우는 쪽을 멈춰야 합니다.",
    en="Started again: {ids}. What starts it must be stopped.",
)
NOW = Text(
    ko="지금({time}): CPU {cpu}{granted}{memory}{jobs}",
    en="Now ({time}): CPU {cpu}{granted}{memory}{jobs}",
)
NOW_GRANTED = Text(
    ko=", 할당 {granted}/{total}코어({share})", en=", {granted} of {total} cores granted ({share})"
)
NOW_MEMORY = Text(ko=", 메모리 {memory}", en=", memory {memory}")
NOW_JOBS = Text(
    ko=", 실행 {running}·대기 {waiting}", en=", {running} jobs running, {waiting} waiting"
)
HEAVIEST = Text(ko="가장 큰 잡: {jobs}", en="Heaviest: {jobs}")
OPEN_CARD = Text(
    ko="남은 일: {names} 종료 카드가 {time}까지 승인을 기다립니다.",
    en="Open: the card for {names} waits for approval until {time}.",
)
OPEN_JOBS = Text(ko="남은 일: {jobs} 확인", en="Open: look at {jobs}")
NOTHING_OPEN = Text(ko="남은 일: 제가 아는 것은 없습니다.", en="Open: nothing that I know of.")
SECTIONS = {
    "what": Text(ko="무슨 일이 있었나", en="What happened"),
    "cause": Text(ko="원인", en="Cause"),
    "actions": Text(ko="시간순 조치", en="Timeline of actions"),
    "now": Text(ko="지금 상태", en="State now"),
    "open": Text(ko="남은 일", en="Still open"),
    "impact": Text(ko="영향", en="Impact"),
    "lessons": Text(ko="배운 점과 재발 방지", en="Lessons and follow-up"),
}
FILL_IN = Text(ko="(사람이 채워 주세요)", en="(to be filled in by people)")
DEAR = Text(ko="{owners} 님, 안녕하세요.", en="Hi {owners},")
ABOUT = Text(
    ko="{cluster} 클러스터의 CPU가 {cpu}여서 연락드립니다. {jobs}이(가) 지금 자원을 많이 쓰고 있습니다.",
    en="CPU on cluster {cluster} is at {cpu}, and {jobs} holds much of it.",
)
OWNED = Text(
    ko="{name} ({id}, {queue} 큐, {cores}{share}, {time}째 실행)",
    en="{name} ({id}, queue {queue}, {cores}{share}, running for {time})",
)
SHARE = Text(ko=", 전체의 {share}", en=", {share} of the cluster")
REQUEST = Text(
    ko="직접 멈추거나 줄여 주실 수 있을까요? 중단하면 안 되는 작업이면 알려 주세요. 답이 없으면 승인자가 종료를 결정할 수 있습니다.",
    en="Could you stop it or make it smaller? If it must not be interrupted, please tell us. Without an answer an approver may decide to kill it.",
)


def form(facts: DraftFacts, voice: Voice) -> str:
    """Return what is filled in, as plain text."""
    return "\n".join(
        f"{part.title}\n{part.text}" if part.title else part.text
        for part in _BODIES[facts.kind](facts, voice)
    )


def draft(facts: DraftFacts, voice: Voice, written: str = "") -> Wording:
    """Return the filled form, to be copied; or the text `written` of the same facts by a model."""
    owners = ", ".join(dict.fromkeys(row.user for row in facts.chosen))
    title = TITLES[facts.kind](voice.language, owners=owners)
    body = [Quote(written, "")] if written else _BODIES[facts.kind](facts, voice)
    note = (COPY_WRITTEN if written else COPY)(voice.language)
    parts: list[Part] = [Paragraph((bold(title),)), *body, Note(note)]
    told = " ".join(part.text for part in body)
    return Wording(f"{title} {told}", tuple(parts), tuple(row.ref.id for row in facts.chosen))


def _summary(facts: DraftFacts, voice: Voice) -> list[Quote]:
    lines = [*_what(facts, voice), *_cause(facts, voice), *_actions(facts, voice)]
    return [Quote("\n".join([*lines, _now(facts, voice), *_open(facts, voice)]), "")]


def _handover(facts: DraftFacts, voice: Voice) -> list[Quote]:
    return [
        _section("what", [*_what(facts, voice), *_cause(facts, voice)], voice),
        _section("actions", _actions(facts, voice), voice),
        _section("now", [_now(facts, voice), *_heavy(facts, voice)], voice),
        _section("open", _open(facts, voice), voice),
    ]


def _postmortem(facts: DraftFacts, voice: Voice) -> list[Quote]:
    blank = [FILL_IN(voice.language)]
    return [
        _section("what", [*_what(facts, voice), _now(facts, voice)], voice),
        _section("impact", blank, voice),
        _section("cause", _cause(facts, voice), voice),
        _section("actions", [*_what(facts, voice), *_actions(facts, voice)], voice),
        _section("lessons", blank, voice),
    ]


def _owner(facts: DraftFacts, voice: Voice) -> list[Quote]:
    language, metrics = voice.language, facts.metrics
    owners = ", ".join(dict.fromkeys(row.user for row in facts.chosen))
    jobs = ", ".join(_owned(row, facts, language) for row in facts.chosen)
    cpu = figures.percent(metrics.cpu.percent if metrics.cpu else None)
    about = ABOUT(language, cluster=metrics.cluster, cpu=cpu, jobs=jobs)
    return [Quote("\n".join([DEAR(language, owners=owners), about, REQUEST(language)]), "")]


_BODIES = {
    DraftKind.SUMMARY: _summary,
    DraftKind.HANDOVER: _handover,
    DraftKind.POSTMORTEM: _postmortem,
    DraftKind.OWNER: _owner,
}


def _section(name: str, lines: list[str], voice: Voice) -> Quote:
    return Quote("\n".join(lines) or FILL_IN(voice.language), "", SECTIONS[name](voice.language))


def _what(facts: DraftFacts, voice: Voice) -> list[str]:
    if facts.opened_at is None:
        return []
    known = facts.cpu_before is not None
    then = f" (CPU {figures.percent(facts.cpu_before)})" if known else ""
    return [ALERT(voice.language, time=voice.time(facts.opened_at), title=facts.title) + then]


def _cause(facts: DraftFacts, voice: Voice) -> list[str]:
    if facts.opened_at is None:
        return []
    language = voice.language
    wild = [each for each in facts.culprits if each.runaway]
    if not wild:
        return [NO_CAUSE(language)]
    jobs = (
        JOB(
            language,
            name=each.name,
            user=each.user,
            queue=each.queue,
            cores=figures.judged_cores(each.cores, each.basis, language),
        )
        for each in wild
    )
    return [CAUSE(language, jobs=", ".join(jobs))]


def _actions(facts: DraftFacts, voice: Voice) -> list[str]:
    made = sorted(facts.proposals, key=lambda each: each.created_at)
    language = voice.language
    again = tuple(id_ for each in made for id_ in each.relaunched)
    lines = [told(each, facts.names, voice) for each in made] or [NOTHING_DONE(language)]
    return [*lines, RELAUNCHED(language, ids=", ".join(again))] if again else lines


def told(
    proposal: Proposal, names: Mapping[str, str], voice: Voice, shown: Callable[[str], str] = str
) -> str:
    """Return what came of a card in one line: when, of what, who asked, who decided, the effect.

    `names` are people's names by Slack id; `shown` returns a job's name as it may stand there.
    """
    language = voice.language
    denied = proposal.state is ProposalState.DENIED
    voted = [names.get(vote.user, vote.user) for vote in proposal.votes if vote.approve != denied]
    decider = BY_REJECTION if denied else BY_APPROVAL
    asked = names.get(proposal.requester, "")
    values = {
        "time": voice.time(proposal.finished_at or proposal.decided_at or proposal.created_at),
        "names": ", ".join(shown(target.name) for target in proposal.targets),
        "requester": BY_REQUEST(language, name=asked) if asked else "",
        "decider": decider(language, name=", ".join(voted)) if voted else "",
    }
    if len(proposal.killed) < len(proposal.targets):
        return OTHER(language, **values, state=_state(proposal, language, shown))
    effect = ""
    if proposal.cpu_before is not None and proposal.cpu_after is not None:
        before, after = figures.percent(proposal.cpu_before), figures.percent(proposal.cpu_after)
        effect = f", CPU {before} → {after}"
    return DONE(language, **values, effect=effect)


def _state(proposal: Proposal, language: Language, shown: Callable[[str], str]) -> str:
    """Return how a card stands; where it was carried out, what came of each job."""
    state = PROPOSAL_STATES[proposal.state.value](language)
    if proposal.state in {ProposalState.CLAIMED, ProposalState.DONE}:
        state = ", ".join(
            f"{shown(each.name)} {cards.TARGET[each.state](language)}" for each in proposal.targets
        )
    return state + (DRY_RUN(language) if proposal.dry_run else "")


def _now(facts: DraftFacts, voice: Voice) -> str:
    metrics, language = facts.metrics, voice.language
    memory = jobs = granted = ""
    room = metrics.room
    if room is not None and room.cores_total and room.cores_free is not None:
        held = room.cores_total - room.cores_free
        granted = NOW_GRANTED(
            language,
            granted=figures.number(held),
            total=figures.number(room.cores_total),
            share=figures.share(held / room.cores_total),
        )
    if metrics.memory is not None:
        memory = NOW_MEMORY(language, memory=figures.percent(metrics.memory.percent))
    if metrics.applications_running is not None:
        waiting = metrics.applications_waiting
        shown = figures.UNKNOWN if waiting is None else str(waiting)
        jobs = NOW_JOBS(language, running=metrics.applications_running, waiting=shown)
    cpu = figures.percent(metrics.cpu.percent if metrics.cpu else None)
    time = voice.time(metrics.taken_at)
    return NOW(language, time=time, cpu=cpu, granted=granted, memory=memory, jobs=jobs)


def _heavy(facts: DraftFacts, voice: Voice) -> list[str]:
    jobs = ", ".join(_row(row, voice.language) for row in facts.heavy)
    return [HEAVIEST(voice.language, jobs=jobs)] if jobs else []


def _open(facts: DraftFacts, voice: Voice) -> list[str]:
    """Return what waits for somebody: open cards, and runaways that still run."""
    language = voice.language
    cards = [
        OPEN_CARD(
            language,
            names=", ".join(target.name for target in each.targets),
            time=voice.time(each.expires_at),
        )
        for each in facts.proposals
        if each.state is ProposalState.PENDING
    ]
    wild = {(each.name, each.user) for each in facts.culprits if each.runaway}
    left = [row for row in facts.heavy if (row.name, row.user) in wild]
    if left:
        jobs = ", ".join(_row(row, language) for row in left)
        cards.append(OPEN_JOBS(language, jobs=jobs))
    return cards or [NOTHING_OPEN(language)]


def _row(row: ListingRow, language: Language) -> str:
    cores = figures.cores_of(row, language)
    return JOB(language, name=row.name, user=row.user, queue=row.queue, cores=cores)


def _owned(row: ListingRow, facts: DraftFacts, language: Language) -> str:
    at: datetime = facts.metrics.taken_at
    return OWNED(
        language,
        name=row.name,
        id=row.ref.id,
        queue=row.queue,
        cores=figures.cores_of(row, language),
        share=SHARE(language, share=figures.share(row.share)) if row.share is not None else "",
        time=figures.duration(span(row.started_at, at), language),
    )
