"""Words for a diagnosis, and for the first reply under an alert: about its host, its metric, its cluster."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.agents.facts import AlertFacts, DiagnoseFacts
from bot.agents.templates.cluster import (
    alerts_line,
    charted,
    cpu_sentence,
    high,
    hour,
    next_steps,
    node_line,
)
from bot.agents.templates.lists import choose_buttons, cores_basis, job_table
from bot.agents.templates.wording import (
    Voice,
    Wording,
    bold,
    evidence_words,
    risen,
    settling_first,
)
from bot.domain.alerts import Metric, Scope
from bot.domain.answers import Bullets, Button, Buttons, Note, Paragraph, Part, Span, plain
from bot.domain.applications import ApplicationRef, Basis
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import ListingRow
from bot.domain.hypotheses import Cause, Hypothesis, Point, Sign, Standing
from bot.domain.language import Language, Text
from bot.domain.runaway import Rule, RunawaySigns
from bot.texts import cluster, figures

# What is said of the competing explanations for a busy cluster.


HEADING = Text(ko="원인 후보(가능성 순)", en="Possible causes, likeliest first")
HEADINGS = {
    Basis.GRANTED: Text(
        ko="원인 후보(할당 코어 기준, 실사용은 측정되지 않음)",
        en="Possible causes, by granted cores (use is not measured)",
    ),
    Basis.BOUND: Text(
        ko="원인 후보(바쁜 태스크 슬롯 기준, 실사용의 상한)",
        en="Possible causes, by busy task slots (an upper bound of use)",
    ),
}
SHARES = {
    Basis.GRANTED: Text(
        ko="전체 코어의 {share}를 할당받음(실사용은 측정되지 않음)",
        en="granted {share} of all cores (use is not measured)",
    ),
    Basis.BOUND: Text(
        ko="바쁜 슬롯으로 최대 전체 코어의 {share}",
        en="at most {share} of all cores, by busy slots",
    ),
}
LABELS = {
    Cause.BESIDE: Text(ko="컨테이너 밖의 작업", en="Work outside of containers"),
    Cause.IDLE: Text(ko="쓰지 않으면서 잡고 있는 잡", en="A job that holds cores and idles"),
    Cause.RUNAWAY: Text(ko="폭주한 잡", en="A runaway job"),
    Cause.HEAVY: Text(ko="무거운 정상 잡", en="A healthy heavy job"),
    Cause.NODES: Text(ko="노드 장애", en="Node fault"),
    Cause.RECOVERED: Text(ko="이미 회복됨", en="Already recovered"),
    Cause.NOTHING: Text(ko="이상 없음", en="Nothing wrong"),
    Cause.QUEUE: Text(ko="큐 용량 초과", en="Queue over capacity"),
    Cause.MANY: Text(ko="여러 잡이 나누어 씀", en="Spread over many jobs"),
    Cause.OUTSIDE: Text(ko="Spark 밖의 작업", en="Work outside Spark"),
}
ADVICE = {
    Cause.NODES: Text(
        ko="남은 노드가 일을 나누어 맡습니다. 노드부터 확인해 주세요.",
        en="The nodes left carry the work. Look at the nodes first.",
    ),
    Cause.RECOVERED: Text(ko="지금 조치할 것은 없습니다.", en="There is nothing to do now."),
    Cause.NOTHING: Text(ko="조치할 것이 없습니다.", en="There is nothing to do."),
    Cause.MANY: Text(
        ko="하나를 종료해도 거의 내려가지 않습니다.", en="Killing one would change little."
    ),
    Cause.BESIDE: Text(
        ko="잡을 종료해도 내려가지 않습니다. 그 노드에서 다른 프로세스를 확인해 주세요.",
        en="Killing jobs would not help. Look at other processes on those nodes.",
    ),
    Cause.IDLE: Text(
        ko="끝나면 대기 중인 잡이 그 자리를 씁니다.", en="Its end would give the waiting jobs room."
    ),
    Cause.OUTSIDE: Text(
        ko="서버에서 다른 프로세스를 확인해 주세요.", en="Look at other processes on the machines."
    ),
}
POINTS = {
    Sign.SHARE: Text(ko="전체 코어의 {seen}", en="{seen} of all cores"),
    Sign.USUAL: Text(
        ko="이 시간대 평소 {limit}코어, 지금 {seen}코어로 늘 쓰던 만큼",
        en="usually {limit} cores at this hour, now {seen}: as always",
    ),
    Sign.NEW: Text(
        ko="평소와 비교할 이 시간대 이력이 아직 부족함({seen}일)",
        en="No comparison with the usual: not enough history at this hour yet ({seen} d)",
    ),
    Sign.STEADY: Text(
        ko="{limit}코어에서 {seen}코어로 늘지 않음",
        en="no growth ({limit} to {seen} cores)",
    ),
    Sign.WITHIN: Text(
        ko="{name} 큐는 보장 용량을 넘지 않음({limit} 중 {seen})",
        en="its queue {name} is within its share ({seen} of {limit})",
    ),
    Sign.RULES: Text(
        ko="기준 {limit}개 이상에 걸린 잡 없음", en="no job meets {limit} of the rules"
    ),
    Sign.CPU: Text(ko="CPU {seen}(높음 기준 {limit})", en="CPU {seen} (high from {limit})"),
    Sign.PEAK: Text(ko="지난 1시간 최고 {seen}", en="{seen} at most over the last hour"),
    Sign.TOGETHER: Text(ko="나머지 잡은 모두 합쳐 {seen}", en="the other jobs use {seen} together"),
    Sign.SPARK: Text(
        ko="Spark 잡은 모두 합쳐 전체 코어의 {seen}",
        en="all Spark jobs together use {seen} of the cores",
    ),
    Sign.COUNT: Text(ko="눈에 띄지 않는 잡 {seen}개", en="{seen} jobs, none of which stands out"),
    Sign.LOST: Text(ko="문제가 있는 노드 {seen}대", en="{seen} nodes out of order"),
    Sign.WAITING: Text(ko="대기 중인 잡 {seen}개", en="waiting jobs: {seen}"),
    Sign.OVER: Text(
        ko="{name} 큐가 보장 용량 {limit}를 넘어 {seen} 사용",
        en="queue {name} uses {seen}, over its capacity of {limit}",
    ),
    Sign.BESIDE: Text(
        ko="쓰는 {limit}코어 중 {seen}코어가 컨테이너 밖({name})",
        en="{seen} of {limit} cores in use are outside of containers ({name})",
    ),
    Sign.HOLDS: Text(
        ko="{name}: 할당 {limit}코어 중 {seen}코어만 사용",
        en="{name} uses {seen} of its {limit} granted cores",
    ),
    Sign.NONE_OVER: Text(ko="보장 용량을 넘은 큐 없음", en="no queue is over its capacity"),
}
OF_NODES = {
    Sign.SHARE: Text(ko="{name} 코어의 {seen}", en="{seen} of the cores of {name}"),
    Sign.CPU: Text(
        ko="{name}의 CPU {seen}(높음 기준 {limit})", en="CPU of {name} {seen} (high from {limit})"
    ),
    Sign.TOGETHER: Text(
        ko="{name}에서 나머지 잡은 모두 합쳐 {seen}",
        en="on {name} the other jobs use {seen} together",
    ),
    Sign.SPARK: Text(
        ko="Spark 잡은 모두 합쳐 {name} 코어의 {seen}",
        en="all Spark jobs together use {seen} of the cores of {name}",
    ),
}
LARGEST = Text(ko="가장 큰 잡이 {seen}", en="the largest uses {seen}")
ALL_RESPOND = Text(ko="모든 노드가 응답", en="every node responds")
AGAINST = Text(ko=" 다만 {evidence}.", en=" But {evidence}.")
RULED_OUT = Text(ko="가능성 낮음: {causes}", en="Unlikely: {causes}")
UNLIKELY = Text(ko="{cause}({evidence})", en="{cause} ({evidence})")
NO_CAUSE = Text(
    ko="읽은 값만으로는 뚜렷한 원인을 찾지 못했습니다.",
    en="The figures read show no clear cause.",
)


# Words for the ranked explanations of a diagnosis.


SHOWN = 3
UNLIKELY_SHOWN = 4
_SHARES = {Sign.SHARE, Sign.WITHIN, Sign.TOGETHER, Sign.SPARK}
_PERCENT = {Sign.CPU, Sign.PEAK, Sign.OVER}
_RULES = {Sign(rule.value): rule for rule in Rule}


def ranking(
    hypotheses: tuple[Hypothesis, ...], protected: frozenset[ApplicationRef], language: Language
) -> list[Part]:
    """Return the explanations worth reading as a numbered list, and one line on the others."""
    shown = [item for item in hypotheses if item.standing is not Standing.UNLIKELY][:SHOWN]
    parts: list[Part] = []
    if shown:
        items = tuple(_item(item, protected, language) for item in shown)
        parts.append(Paragraph((bold(_heading(shown, language)),)))
        parts.append(Bullets(items, numbered=True))
    else:
        parts.append(plain(NO_CAUSE(language)))
    told = {item.cause for item in shown}
    out = [
        item
        for item in hypotheses
        if item.standing is Standing.UNLIKELY and item.against and item.cause not in told
    ]
    if out:
        causes = (
            UNLIKELY(
                language,
                cause=LABELS[item.cause](language),
                evidence=_points(item.against[:1], language),
            )
            for item in out[:UNLIKELY_SHOWN]
        )
        parts.append(Note(RULED_OUT(language, causes=" · ".join(causes))))
    return parts


def _heading(shown: Sequence[Hypothesis], language: Language) -> str:
    """Say what applications were judged by, where that is not what they use."""
    bases = {item.finding.application.cores_basis for item in shown if item.finding is not None}
    heading = next((HEADINGS[one] for one in bases if one in HEADINGS), HEADING)
    return heading(language)


def first_words(hypotheses: tuple[Hypothesis, ...], language: Language) -> str:
    """Return the likeliest explanation in a few words, for one line; empty when there is none."""
    first = hypotheses[0] if hypotheses else None
    if first is None or first.standing is Standing.UNLIKELY:
        return ""
    if first.finding is not None:
        basis = first.finding.application.cores_basis
        whole = cluster.SHARE_OF_NODES if first.finding.of else cluster.SHARE_OF_CORES
        text, nodes = SHARES.get(basis, whole), first.finding.of
        share = text(language, share=figures.share(first.finding.share), nodes=nodes)
        return f"{first.finding.application.name}: {share}."
    return LABELS[first.cause](language) + "."


def _item(
    item: Hypothesis, protected: frozenset[ApplicationRef], language: Language
) -> tuple[Span, ...]:
    evidence = _points(item.speaks_for, language)
    if item.finding is None:
        spans = [bold(LABELS[item.cause](language)), Span(f" — {evidence}.")]
    else:
        application = item.finding.application
        wild = item.cause is Cause.RUNAWAY
        words = (cluster.RUNAWAY if wild else cluster.HEAVY)(language, evidence=evidence)
        spans = [bold(application.name), Span(f" ({application.user})"), Span(words)]
        if application.ref in protected:
            spans.append(Span(cluster.PROTECTED_NOTE(language)))
    against = tuple(point for point in item.against if point.sign is not Sign.NEW)
    if against:
        spans.append(Span(AGAINST(language, evidence=_points(against, language))))
    if item.cause in ADVICE and not item.against:
        spans.append(Span(" " + ADVICE[item.cause](language)))
    return tuple(spans)


def _points(points: Iterable[Point], language: Language) -> str:
    found = tuple(points)
    crowd = any(point.sign is Sign.COUNT for point in found)
    return ", ".join(_point(point, language, crowd=crowd) for point in found)


def _point(point: Point, language: Language, *, crowd: bool) -> str:
    """Return one figure in words; beside a count the share is that of the largest."""
    if point.sign is Sign.LOST and not point.seen:
        return ALL_RESPOND(language)
    seen = _figure(point.sign, point.seen)
    if point.sign is Sign.SHARE and crowd:
        return LARGEST(language, seen=seen)
    if point.sign in _RULES and point.limit is not None:
        rule = RunawaySigns(_RULES[point.sign], point.seen, point.limit, point.name)
        return evidence_words(rule, language)
    limit = "" if point.limit is None else _figure(point.sign, point.limit)
    of_nodes = OF_NODES.get(point.sign) if point.name else None
    words = of_nodes or POINTS[point.sign]
    return words(language, seen=seen, limit=limit, name=point.name)


def _figure(sign: Sign, value: float) -> str:
    if sign in _SHARES:
        return figures.share(value)
    return figures.percent(value) if sign in _PERCENT else figures.number(value)


NODES_NAMED = 3
PROPOSALS_OFFERED = 2


def diagnose(facts: DiagnoseFacts, voice: Voice) -> Wording:
    """Say how busy, which nodes, what explains it and why, and list the heaviest."""
    metrics, language = facts.metrics, voice.language
    busy = [cpu_sentence(metrics, language), *high(metrics, facts.high_since, voice)]
    sentence = " ".join([*_outside(facts, language), *busy])
    last_hour = [Span(f" ({words})") for words in hour(metrics, language)]
    parts: list[Part] = [Paragraph((bold(sentence), *last_hour, *_nodes(facts, language)))]
    parts.extend(plain(words) for words in _risen(facts, voice))
    protected = frozenset(row.ref for row in facts.listing.rows if row.protected)
    parts.extend(ranking(facts.hypotheses, protected, language))
    if facts.listing.rows:
        parts.append(job_table(facts.listing, voice))
    if metrics.alerts is not None:
        alerts = alerts_line(metrics.alerts, language)
        parts.append(Note(cluster.ALSO_ALERTING(language, alerts=alerts)))
    missing = (*metrics.missing, *facts.missing)
    parts.append(voice.footing(metrics.taken_at, missing, *cores_basis(facts.listing, language)))
    parts.append(_buttons(facts, language))
    ids = tuple(row.ref.id for row in facts.listing.rows)
    summary = f"{sentence} {first_words(facts.hypotheses, language)}".rstrip()
    wording = Wording(summary, tuple(parts), applications=ids)
    return settling_first(wording, missing, language)


def is_outside(facts: DiagnoseFacts) -> bool:
    """Tell whether most of the heat is outside of containers: then no kill is offered."""
    return any(item.cause is Cause.BESIDE for item in facts.hypotheses)


def _outside(facts: DiagnoseFacts, language: Language) -> tuple[str, ...]:
    """Return the sentence that leads where most of the heat is outside of containers."""
    point = next((i.speaks_for[0] for i in facts.hypotheses if i.cause is Cause.BESIDE), None)
    if point is None:
        return ()
    cores = figures.cores(point.seen, language)
    return (cluster.OUTSIDE_HEAT(language, cores=cores, nodes=point.name),)


def _risen(facts: DiagnoseFacts, voice: Voice) -> tuple[str, ...]:
    """Say since when those that stand out use so much, where that was sampled."""
    found = [(each, facts.risen.get(each.application.ref.id)) for each in facts.findings]
    return tuple(
        risen(each.application.name, rise, each.cores, voice)
        for each, rise in found
        if rise is not None
    )


def propose_button(row: ListingRow, language: Language) -> Button:
    """Return the button that makes a kill card for one row."""
    label = cluster.PROPOSE(language, rank=row.rank, name=row.name)
    value = json.dumps({"id": row.ref.id, "cluster": row.ref.cluster})
    return Button("propose_kill", label, value)


def _nodes(facts: DiagnoseFacts, language: Language) -> tuple[Span, ...]:
    hot = [
        f"{node.name} {figures.percent(node.cpu_percent)}"
        for node in cluster.hottest(facts.metrics.nodes, NODES_NAMED)
        if node.cpu_percent is not None
    ]
    spans = [Span(" " + cluster.HOTTEST(language, nodes=", ".join(hot)))] if hot else []
    if facts.metrics.nodes_faulty:
        spans.append(Span(" " + cluster.node_states(facts.metrics, language)))
    return tuple(spans)


def _buttons(facts: DiagnoseFacts, language: Language) -> Buttons:
    if is_outside(facts):
        return next_steps(language, chart=charted(facts.metrics))
    wild = [item.application.ref for item in facts.findings if item.runaway]
    offered = [
        propose_button(row, language)
        for row in facts.listing.rows
        if row.ref in wild and not row.protected
    ][:PROPOSALS_OFFERED]
    choose = choose_buttons(facts.listing, language)
    steps = next_steps(language, chart=charted(facts.metrics))
    return Buttons((*offered, *choose, *steps.buttons))


# Words for the first reply under an alert: about its host, its metric, its cluster.


NODES_TOLD = 3
KILLS = frozenset({"propose_kill", "choose_applications"})


def first_reply(facts: AlertFacts, voice: Voice) -> Wording:
    """Speak of the alert's subject first; the rest of the cluster where it explains it."""
    alert, language = facts.alert, voice.language
    metrics = facts.diagnosis.metrics
    if alert.scope is Scope.FOREIGN:
        said = cluster.FOREIGN(language, named=alert.elsewhere, ours=metrics.cluster)
        return Wording(said, (plain(said),))
    if facts.strangers and not facts.nodes and not facts.cluster_wide:
        return _stranger(facts, language)
    if alert.subject.metric in {Metric.CPU, Metric.LOAD}:
        return _busy(facts, voice)
    return _other(facts, voice)


def beside_the_alert(wording: Wording, cluster_name: str, language: Language) -> Wording:
    """Return an answer in the thread of another cluster's alert: it names the one it speaks of."""
    said = cluster.SPEAKS_OF(language, ours=cluster_name)
    parts = (plain(said), *without_kills(wording.parts))
    return replace(wording, summary=f"{said} {wording.summary}", parts=parts)


def without_kills(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts without buttons that kill or lead to a kill."""
    return tuple(
        Buttons(tuple(each for each in part.buttons if each.action not in KILLS))
        if isinstance(part, Buttons)
        else part
        for part in parts
    )


def _stranger(facts: AlertFacts, language: Language) -> Wording:
    hosts, ours = ", ".join(facts.strangers), facts.diagnosis.metrics.cluster
    said = cluster.STRANGERS(language, hosts=hosts, cluster=ours)
    return Wording(said, (Paragraph((bold(said),)), *_quoted(facts, language)))


def _busy(facts: AlertFacts, voice: Voice) -> Wording:
    """Return the diagnosis, led by the hosts named; kill buttons only where they may help."""
    language = voice.language
    wording = diagnose(facts.diagnosis, voice)
    lead = _hosts(facts, language)
    if facts.alert.subject.metric is Metric.LOAD:
        lead.append(cluster.ALERT_ABOUT[Metric.LOAD](language))
    may_kill = facts.may_kill and not is_outside(facts.diagnosis)
    parts = wording.parts if may_kill else without_kills(wording.parts)
    notes: list[Part] = []
    if facts.alert.scope is Scope.UNSURE:
        named, ours = facts.alert.elsewhere, facts.diagnosis.metrics.cluster
        notes.append(Note(cluster.UNSURE(language, named=named, cluster=ours)))
    first: tuple[Part, ...] = (Paragraph((bold(" ".join(lead)),)),) if lead else ()
    return Wording(
        " ".join((*lead, wording.summary)), (*first, *parts, *notes), wording.applications
    )


def _other(facts: AlertFacts, voice: Voice) -> Wording:
    """Say what is known of a metric that is not CPU; nothing here leads to a kill."""
    language, metrics = voice.language, facts.diagnosis.metrics
    subject = facts.alert.subject
    value = _value(subject.metric, metrics)
    about = cluster.ALERT_ABOUT[subject.metric](language, cluster=metrics.cluster, value=value)
    lead = [*_hosts(facts, language), about]
    if subject.metric is Metric.MEMORY and value == figures.UNKNOWN:
        lead = _hosts(facts, language)
    if subject.value is not None and subject.metric not in {Metric.NO_DATA, Metric.OTHER}:
        metric = cluster.ALERT_METRICS[subject.metric](language)
        told = cluster.ALERT_TELLS(language, metric=metric, value=figures.percent(subject.value))
        lead.append(told)
    lead = lead or [about]
    parts: list[Part] = [Paragraph((bold(lead[0]), *(Span(" " + each) for each in lead[1:])))]
    parts.extend(_quoted(facts, language))
    listing = facts.diagnosis.listing
    ids: tuple[str, ...] = ()
    if subject.metric is Metric.MEMORY and listing.rows:
        parts.append(job_table(listing, voice))
        ids = tuple(row.ref.id for row in listing.rows)
    elif subject.metric in {Metric.THROTTLING, Metric.WAITING, Metric.OTHER, Metric.NETWORK}:
        parts.append(plain(cpu_sentence(metrics, language)))
    parts.append(voice.footing(metrics.taken_at, (*metrics.missing, *facts.diagnosis.missing)))
    buttons = [Button("refresh_status", cluster.REFRESH(language))]
    if facts.may_kill:
        buttons = [*(_proposals(facts, language)), *buttons]
    return Wording(" ".join(lead), (*parts, Buttons(tuple(buttons))), ids)


def _proposals(facts: AlertFacts, language: Language) -> list[Button]:
    """Return the button that proposes to kill the one application the alert names."""
    named = facts.alert.subject.application
    rows = facts.diagnosis.listing.rows
    return [
        propose_button(row, language)
        for row in rows
        if named in {row.ref.id, row.name} and not row.protected
    ][:1]


def _hosts(facts: AlertFacts, language: Language) -> list[str]:
    ours = facts.diagnosis.metrics.cluster
    told = [node_line(node, language) for node in facts.nodes[:NODES_TOLD]]
    if facts.strangers:
        text = cluster.STRANGERS if facts.diagnosis.metrics.nodes else cluster.NO_NODES
        told.append(text(language, hosts=", ".join(facts.strangers), cluster=ours))
    return told


def _quoted(facts: AlertFacts, language: Language) -> tuple[Part, ...]:
    return (Note(cluster.ALERT_TITLE(language, title=facts.alert.title)),)


def _value(metric: Metric, metrics: ClusterMetrics) -> str:
    if metric is Metric.NETWORK:
        return f"{figures.rate(metrics.network_in)} / {figures.rate(metrics.network_out)}"
    known = {
        Metric.MEMORY: metrics.memory.percent if metrics.memory else None,
        Metric.DISK: metrics.disk_percent,
        Metric.HDFS: metrics.hdfs_percent,
    }
    return figures.percent(known.get(metric))
