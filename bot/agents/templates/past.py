"""Words for the present against an earlier time."""

from bot.agents.facts import Mover, PastFacts
from bot.agents.templates.cluster import change, next_steps
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Facts, Paragraph, Part, Span, Table, plain
from bot.domain.applications import Basis
from bot.domain.conversation import Topic
from bot.domain.language import Language, Text
from bot.errors import FaultKind
from bot.texts import cluster, figures

# What is said of the present against an earlier time.


AROUND = Text(
    ko="{when} 무렵의 평균과 비교했습니다.",
    en="Compared with the average around {when}.",
)
NO_PAST = Text(
    ko="CPU 사용률은 {now}입니다. {when}의 측정값이 없어 비교할 수 없습니다.",
    en="CPU use is {now}. Nothing was measured at {when}, so it cannot be compared.",
)
NOT_KEPT = Text(
    ko="과거 값은 Prometheus가 보관하는 기간 안에서만 알 수 있습니다.",
    en="Earlier figures are known only as far back as Prometheus keeps them.",
)
NO_PROMETHEUS = Text(
    ko="과거 값은 Prometheus를 연결해야(PROMETHEUS_URL) 알 수 있습니다.",
    en="Earlier figures are known only with Prometheus connected (PROMETHEUS_URL).",
)
NOT_MEASURED = Text(
    ko="지금 값은 측정값이 아니라 할당률이어서 {when}의 측정값 {before}와 비교하지 않습니다.",
    en="The present figure is what was granted, not measured; it is not compared with"
    " the {before} measured at {when}.",
)
MEMORY = Text(ko="메모리", en="Memory")
MOVERS = Text(ko="CPU 사용이 가장 많이 바뀐 잡", en="Jobs whose CPU use changed most")
MOVER_HEADS = (
    Text(ko="잡", en="Job"),
    Text(ko="사용자", en="Owner"),
    Text(ko="그때 코어", en="Cores then"),
    Text(ko="지금 코어", en="Cores now"),
    Text(ko="변화", en="Change"),
)
NODE_HEADS = (
    Text(ko="노드", en="Node"),
    Text(ko="그때 CPU", en="CPU then"),
    Text(ko="지금 CPU", en="CPU now"),
    Text(ko="변화", en="Change"),
)
NOT_STARTED = Text(ko="시작 전", en="not started")
ENDED = Text(
    ko="그때 {cores}를 쓰던 잡 {count}개는 끝났습니다.",
    en="Over since then: {count}, which used {cores}.",
)
NO_MOVERS = Text(
    ko="그때부터 크게 바뀐 잡은 없습니다.", en="No running job has changed much since then."
)


def compared(facts: PastFacts, voice: Voice) -> Wording:
    """Say how CPU changed since then, what changed most, or why that cannot be known."""
    language = voice.language
    sentence, behind = _sentence(facts, voice)
    parts: list[Part] = [Paragraph((bold(sentence), Span(" " + behind)))]
    memory = _memory(facts, language)
    if memory and facts.past.cpu is not None:
        parts.append(Facts(((MEMORY(language), memory),)))
    parts.extend(_tables(facts, language))
    missing = tuple(
        item for item in facts.past.missing if item.kind is not FaultKind.NOT_CONFIGURED
    )
    gaps = tuple(dict.fromkeys((*facts.metrics.missing, *missing)))
    parts.append(voice.footing(facts.metrics.taken_at, gaps))
    parts.append(next_steps(language, why=True))
    return Wording(sentence, tuple(parts))


def _sentence(facts: PastFacts, voice: Voice) -> tuple[str, str]:
    """Return the sentence that answers, and the one that says what it rests on."""
    language, now, then = voice.language, facts.metrics.cpu, facts.past.cpu
    when = voice.moment(facts.past.at)
    if then is None:
        shown = figures.percent(now.percent if now else None)
        unset = any(item.kind is FaultKind.NOT_CONFIGURED for item in facts.past.missing)
        reason = (NO_PROMETHEUS if unset else NOT_KEPT)(language)
        return NO_PAST(language, now=shown, when=when), reason
    if now is None:
        unknown = cluster.CPU_UNKNOWN(language, cluster=facts.metrics.cluster)
        return unknown, AROUND(language, when=when)
    before = figures.percent(then.mean)
    if now.basis is Basis.GRANTED:
        granted = cluster.CPU_GRANTED(
            language, cluster=facts.metrics.cluster, cpu=figures.percent(now.percent)
        )
        return granted, NOT_MEASURED(language, when=when, before=before)
    return change(then.mean, now.percent, language), AROUND(language, when=when)


def _memory(facts: PastFacts, language: Language) -> str:
    now, before = facts.metrics.memory, facts.past.memory_percent
    if now is None or before is None or now.basis is Basis.GRANTED:
        return ""
    points = figures.points(round(now.percent) - round(before), language)
    return f"{figures.percent(before)} → {figures.percent(now.percent)} ({points})"


def _tables(facts: PastFacts, language: Language) -> list[Part]:
    """Return what changed most: the applications, and the nodes; the nodes first when asked."""
    jobs: list[Part] = []
    if facts.movers:
        jobs += [Paragraph((bold(MOVERS(language)),)), _movers(facts.movers, language)]
    elif facts.past.cores:
        jobs.append(plain(NO_MOVERS(language)))
    count, cores = facts.ended
    if count:
        used = figures.cores(cores, language)
        jobs.append(plain(ENDED(language, count=count, cores=used)))
    nodes: list[Part] = [_nodes(facts, language)] if facts.nodes else []
    return [*nodes, *jobs] if Topic.NODES in facts.topics else [*jobs, *nodes]


def _movers(movers: tuple[Mover, ...], language: Language) -> Table:
    rows = [
        (
            one.name,
            one.user,
            NOT_STARTED(language) if one.before is None else figures.number(one.before),
            figures.number(one.now),
            f"{one.now - (one.before or 0.0):+.0f}",
        )
        for one in movers
    ]
    heads = tuple(head(language) for head in MOVER_HEADS)
    return Table((heads, *rows), frozenset({2, 3, 4}))


def _nodes(facts: PastFacts, language: Language) -> Table:
    rows = [
        (
            name,
            figures.percent(before),
            figures.percent(now),
            figures.points(round(now) - round(before), language),
        )
        for name, before, now in facts.nodes
    ]
    heads = tuple(head(language) for head in NODE_HEADS)
    return Table((heads, *rows), frozenset({1, 2, 3}))
