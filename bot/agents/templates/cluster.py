"""Words for the Infra Engineer's facts, and for what an Alertmanager holds."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.agents.facts import CompareFacts, Mover, PastFacts, ResolvedFacts, Since, StatusFacts
from bot.agents.templates.wording import Voice, Wording, bold, settling_first
from bot.domain.alerts import AlertBoard, StandingAlert
from bot.domain.answers import Button, Buttons, Facts, Note, Paragraph, Part, Span, Table, plain
from bot.domain.applications import Basis
from bot.domain.cluster import ClusterMetrics, NodeUsage, QueueUsage
from bot.domain.conversation import Topic
from bot.domain.hypotheses import HIGH_CPU, from_the_first
from bot.domain.language import Language, Text
from bot.errors import FaultKind
from bot.texts import cluster as texts
from bot.texts import figures
from bot.texts.figures import said

NAMED = 4
SILENCES_SHOWN = 3


def alert_pairs(board: AlertBoard | None, voice: Voice) -> list[tuple[str, str]]:
    """Return the lines of a status; none where no Alertmanager was asked."""
    if board is None:
        return []
    language = voice.language
    pairs = [(texts.ALERTS_LABEL(language), alerts_line(board, language))]
    shown = [
        texts.SILENCE(
            language,
            matches=each.matches,
            until=voice.time(each.until) if each.until else figures.UNKNOWN,
            by=each.by or figures.UNKNOWN,
        )
        for each in board.silences[:SILENCES_SHOWN]
    ]
    if shown:
        more = len(board.silences) - len(shown)
        words = " · ".join([*shown, *([f"+{more}"] if more else [])])
        pairs.append((texts.SILENCES_LABEL(language), words))
    return pairs


def alerts_line(board: AlertBoard, language: Language) -> str:
    """Return how many alerts fire and how many are kept quiet, the first ones by name."""
    parts = []
    if board.loud:
        names = _names(board.loud)
        parts.append(texts.ALERTS(language, count=len(board.loud), names=names))
    if board.quiet:
        names = _names(board.quiet)
        parts.append(texts.ALERTS_QUIET(language, count=len(board.quiet), names=names))
    return " · ".join(parts) or texts.ALERTS_NONE(language)


def _names(alerts: Iterable[StandingAlert]) -> str:
    """Return names in their order, one that fires several times with its number."""
    counts = Counter(each.name or figures.UNKNOWN for each in alerts)
    words = [name if count == 1 else f"{name} ×{count}" for name, count in counts.items()]
    return ", ".join([*words[:NAMED], *([f"+{len(words) - NAMED}"] if len(words) > NAMED else [])])


NODES_SHOWN = 3
QUEUES_NAMED = 3
NODES_ALL = 20
IN_PLACE = "here"  # of a refresh button: the post it stands under is edited
A_CHANGE = 3.0  # percentage points below which a change is noise


def status(facts: StatusFacts, voice: Voice) -> Wording:
    """Say in two lines how the cluster is: what was asked for and CPU, then everything else.

    A table follows where nodes or queues were asked for.
    """
    metrics, language = facts.metrics, voice.language
    pairs = (*_pairs(metrics, facts.topics, language), *alert_pairs(metrics.alerts, voice))
    asked = _asked(facts, dict(pairs), language)
    cpu = " ".join([cpu_sentence(metrics, language), *high(metrics, facts.high_since, voice)])
    lead = (bold(asked), Span(" " + cpu)) if asked else (bold(cpu),)
    rest = [*hour(metrics, language), *(texts.PAIR(language, label=a, value=b) for a, b in pairs)]
    rest.append(texts.TAKEN(language, time=voice.time(metrics.taken_at)))
    parts: list[Part] = [Paragraph(lead), plain(" · ".join(rest))]
    parts.extend(_tables(metrics, facts.topics, language))
    if gap := said(metrics.missing, language):
        parts.append(Note(gap))
    parts.append(next_steps(language, why=True, here=True, chart=charted(metrics)))
    wording = Wording(f"{asked} {cpu}" if asked else cpu, tuple(parts))
    return settling_first(wording, metrics.missing, language)


def _asked(facts: StatusFacts, known: Mapping[str, str], language: Language) -> str:
    """Return the answer to what was asked of, where that is not CPU; an empty string otherwise."""
    if facts.nodes:
        return " ".join(node_line(node, language) for node in facts.nodes[:NODES_SHOWN])
    told = (_part(topic, facts.metrics, known, language) for topic in facts.topics)
    return " ".join(sentence for sentence in told if sentence)


def node_line(node: NodeUsage, language: Language) -> str:
    """Return how one node is."""
    if not node.healthy:
        return texts.node_faulty(node, language)
    cpu, memory = figures.percent(node.cpu_percent), figures.percent(node.memory_percent)
    return texts.NODE_IS(language, name=node.name, cpu=cpu, memory=memory)


def _part(
    topic: Topic, metrics: ClusterMetrics, known: Mapping[str, str], language: Language
) -> str:
    if topic is Topic.CPU:
        return ""
    if topic is Topic.NODES and metrics.nodes:
        return _nodes(metrics, language)
    if topic is Topic.QUEUES and metrics.queues:
        return _over_capacity(metrics.queues, language)
    if topic is Topic.ALERTS and metrics.alerts is None:
        return texts.ALERTS_UNKNOWN(language)
    label = texts.LABELS[topic](language)
    value = known.get(label, figures.UNKNOWN)
    sentence = texts.PART_UNKNOWN if value == figures.UNKNOWN else texts.PART_IS
    return sentence(language, part=label, value=value)


def _nodes(metrics: ClusterMetrics, language: Language) -> str:
    words = texts.node_states(metrics, language)
    hottest = texts.hottest(metrics.nodes, 1)[0]
    if hottest.cpu_percent is None:
        return words
    busiest = f"{hottest.name} {figures.percent(hottest.cpu_percent)}"
    return f"{words} {texts.HOTTEST(language, nodes=busiest)}"


def _over_capacity(queues: Sequence[QueueUsage], language: Language) -> str:
    over = [queue for queue in queues if queue.over_capacity]
    if not over:
        return texts.QUEUES_WITHIN(language)
    told = (
        texts.QUEUE_OVER(
            language,
            name=queue.name,
            used=figures.percent(queue.used_percent),
            capacity=figures.percent(queue.capacity_percent),
        )
        for queue in sorted(over, key=lambda queue: -(queue.used_percent or 0.0))[:QUEUES_NAMED]
    )
    return texts.QUEUES_OVER(language, queues=", ".join(told))


def cpu_sentence(metrics: ClusterMetrics, language: Language) -> str:
    """Return one sentence on CPU, saying when it is only what was granted."""
    if metrics.cpu is None:
        return texts.CPU_UNKNOWN(language, cluster=metrics.cluster)
    measured = metrics.cpu.basis is Basis.MEASURED
    sentence = texts.CPU_MEASURED if measured else texts.CPU_GRANTED
    return sentence(language, cluster=metrics.cluster, cpu=figures.percent(metrics.cpu.percent))


def hour(metrics: ClusterMetrics, language: Language) -> tuple[str, ...]:
    """Return the last hour's CPU in a few words, or nothing."""
    window = metrics.last_hour
    if window is None:
        return ()
    mean, most = figures.percent(window.mean), figures.percent(window.high)
    return (texts.LAST_HOUR(language, mean=mean, high=most),)


def high(metrics: ClusterMetrics, since: datetime | None, voice: Voice) -> tuple[str, ...]:
    """Return since when CPU is high, and for how long, as a sentence; nothing when it is not."""
    if since is None:
        return ()
    limit = figures.percent(HIGH_CPU)
    window = metrics.last_hour
    if from_the_first(window, since):
        return (texts.HIGH_ALL_HOUR(voice.language, limit=limit),)
    age = figures.duration(max(metrics.taken_at - since, timedelta(0)), voice.language)
    time = voice.minute(since)
    return (texts.HIGH_SINCE(voice.language, time=time, limit=limit, age=age),)


def next_steps(
    language: Language,
    *,
    why: bool = False,
    top: bool = True,
    here: bool = False,
    chart: bool = False,
) -> Buttons:
    """Return the buttons that need no typing; `here` refreshes the post they stand under."""
    buttons = [Button("refresh_status", texts.REFRESH(language), IN_PLACE if here else "")]
    if top:
        buttons.insert(0, Button("list_top", texts.TOP_FIVE(language), style="primary"))
    if why:
        buttons.insert(-1, Button("why", texts.WHY(language)))
    if chart:
        buttons.append(chart_button(language))
    return Buttons(tuple(buttons))


def chart_button(language: Language) -> Button:
    """Return the button that posts CPU over time, with the threshold and the kills."""
    return Button("show_chart", texts.CHART(language))


def charted(metrics: ClusterMetrics) -> bool:
    """Tell whether there is a history to draw."""
    return metrics.last_hour is not None


def compare(facts: CompareFacts, voice: Voice) -> Wording:
    """Whether CPU went down since the kill, the alert, or over the last hour."""
    language, now = voice.language, facts.metrics.cpu
    if now is None:
        sentence = texts.CPU_UNKNOWN(language, cluster=facts.metrics.cluster)
    elif facts.before is None:
        sentence = texts.NO_BEFORE(language, now=figures.percent(now.percent))
    else:
        sentence = change(facts.before, now.percent, language)
    parts: list[Part] = [Paragraph((bold(sentence), *_since(facts, voice)))]
    if now is not None and now.percent >= HIGH_CPU:
        parts.append(plain(texts.STILL_HIGH(language)))
    parts.append(voice.footing(facts.metrics.taken_at, facts.metrics.missing))
    parts.append(next_steps(language, chart=charted(facts.metrics)))
    return Wording(sentence, tuple(parts))


def change(before: float, now: float, language: Language) -> str:
    """Return one sentence on how CPU changed."""
    moved = now - before
    sentence = texts.SAME if abs(moved) < A_CHANGE else texts.DROPPED if moved < 0 else texts.ROSE
    return sentence(
        language,
        before=figures.percent(before),
        now=figures.percent(now),
        points=figures.points(round(now) - round(before), language),  # of the figures shown
    )


def resolved(facts: ResolvedFacts, voice: Voice) -> Wording:
    """Close an investigation: CPU then and now, how long it took, what was killed."""
    language, now = voice.language, facts.metrics.cpu
    shown = figures.percent(now.percent if now else None)
    if not facts.of_cpu:
        sentence = texts.ALERT_OVER(language)
    elif now is not None and now.percent >= HIGH_CPU:
        sentence = texts.RESOLVED_STILL_HIGH(language, now=shown)
    elif facts.before is None:
        sentence = texts.RESOLVED(language, now=shown)
    else:
        sentence = texts.RESOLVED_FROM(language, before=figures.percent(facts.before), now=shown)
    words = [bold(sentence)]
    if facts.opened_at is not None:
        took = figures.duration(facts.metrics.taken_at - facts.opened_at, language)
        words.append(Span(" " + texts.DURATION(language, duration=took)))
    names = ", ".join(facts.killed)
    killed = texts.KILLED(language, names=names) if names else texts.NOTHING_KILLED(language)
    words.append(Span(" " + killed))
    footing = voice.footing(facts.metrics.taken_at, facts.metrics.missing)
    buttons = (Buttons((chart_button(language),)),) if charted(facts.metrics) else ()
    return Wording(sentence, (Paragraph(tuple(words)), footing, *buttons))


def _since(facts: CompareFacts, voice: Voice) -> tuple[Span, ...]:
    language = voice.language
    at = voice.time(facts.before_at) if facts.before_at else ""
    words = {
        Since.KILL: texts.SINCE_KILL(language, time=at, names=", ".join(facts.killed)),
        Since.ALERT: texts.SINCE_ALERT(language, time=at),
        Since.LAST_HOUR: texts.SINCE_HOUR(language),
    }.get(facts.since)
    return (Span(" " + words),) if words else ()


def _pairs(
    metrics: ClusterMetrics, topics: tuple[Topic, ...], language: Language
) -> tuple[tuple[str, str], ...]:
    labels = {topic: label(language) for topic, label in texts.LABELS.items()}
    memory = figures.percent(metrics.memory.percent if metrics.memory else None)
    if metrics.memory and metrics.memory.basis is Basis.GRANTED:
        memory = f"{memory} ({figures.basis(Basis.GRANTED, language)})"
    network = f"{figures.rate(metrics.network_in)} / {figures.rate(metrics.network_out)}"
    known = {
        Topic.MEMORY: memory if metrics.memory else "",
        Topic.DISK: figures.percent(metrics.disk_percent) if metrics.disk_percent else "",
        Topic.HDFS: figures.percent(metrics.hdfs_percent) if metrics.hdfs_percent else "",
        Topic.NETWORK: network if metrics.network_in is not None else "",
        Topic.NODES: _node_count(metrics, language),
    }
    asked = [topic for topic in topics if topic in known]
    order = [*asked, *(topic for topic in known if topic not in asked)]
    pairs = [
        (labels[topic], known[topic] or figures.UNKNOWN)
        for topic in order
        if known[topic] or topic in asked
    ]
    if metrics.applications_running is not None:
        jobs = texts.JOBS(
            language,
            running=metrics.applications_running,
            waiting=metrics.applications_waiting or 0,
        )
        pairs.append((texts.JOBS_LABEL(language), jobs))
    return tuple(pairs)


def _node_count(metrics: ClusterMetrics, language: Language) -> str:
    counts = metrics.node_counts
    if counts is None:
        return texts.NODES(language, count=len(metrics.nodes)) if metrics.nodes else ""
    words = texts.NODES(language, count=counts.members)
    states = texts.states_counted(counts, language)
    return f"{words} · {states}" if states else words


def _tables(metrics: ClusterMetrics, topics: tuple[Topic, ...], language: Language) -> list[Part]:
    if Topic.QUEUES in topics and metrics.queues:
        return [_queues(metrics, language)]
    if Topic.NODES not in topics or not metrics.nodes:
        return []
    shown = texts.hottest(metrics.nodes, NODES_ALL)
    parts: list[Part] = [node_table(metrics, len(shown), language)]
    if len(shown) < len(metrics.nodes):
        more = texts.MORE_NODES(language, shown=len(shown), total=len(metrics.nodes))
        parts.append(plain(more))
    return parts


def node_table(metrics: ClusterMetrics, count: int, language: Language) -> Table:
    """Return the busiest nodes as a table."""
    rows = [
        (
            texts.node_name(node, language),
            figures.percent(node.cpu_percent),
            figures.percent(node.memory_percent),
        )
        for node in texts.hottest(metrics.nodes, count)
    ]
    return Table((tuple(head(language) for head in texts.NODE_HEADS), *rows), frozenset({1, 2}))


def _queues(metrics: ClusterMetrics, language: Language) -> Table:
    rows = [
        (
            queue.name,
            figures.percent(queue.used_percent),
            figures.percent(queue.capacity_percent),
            figures.percent(queue.max_percent),
            figures.number(queue.running),
            figures.number(queue.pending),
        )
        for queue in metrics.queues[:NODES_ALL]
    ]
    heads = tuple(head(language) for head in texts.QUEUE_HEADS)
    return Table((heads, *rows), frozenset({1, 2, 3, 4, 5}))


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
    sentence, behind = _past_sentence(facts, voice)
    parts: list[Part] = [Paragraph((bold(sentence), Span(" " + behind)))]
    memory = _past_memory(facts, language)
    if memory and facts.past.cpu is not None:
        parts.append(Facts(((MEMORY(language), memory),)))
    parts.extend(_past_tables(facts, language))
    missing = tuple(
        item for item in facts.past.missing if item.kind is not FaultKind.NOT_CONFIGURED
    )
    gaps = tuple(dict.fromkeys((*facts.metrics.missing, *missing)))
    parts.append(voice.footing(facts.metrics.taken_at, gaps))
    parts.append(next_steps(language, why=True))
    return Wording(sentence, tuple(parts))


def _past_sentence(facts: PastFacts, voice: Voice) -> tuple[str, str]:
    """Return the sentence that answers, and the one that says what it rests on."""
    language, now, then = voice.language, facts.metrics.cpu, facts.past.cpu
    when = voice.moment(facts.past.at)
    if then is None:
        shown = figures.percent(now.percent if now else None)
        unset = any(item.kind is FaultKind.NOT_CONFIGURED for item in facts.past.missing)
        reason = (NO_PROMETHEUS if unset else NOT_KEPT)(language)
        return NO_PAST(language, now=shown, when=when), reason
    if now is None:
        unknown = texts.CPU_UNKNOWN(language, cluster=facts.metrics.cluster)
        return unknown, AROUND(language, when=when)
    before = figures.percent(then.mean)
    if now.basis is Basis.GRANTED:
        granted = texts.CPU_GRANTED(
            language, cluster=facts.metrics.cluster, cpu=figures.percent(now.percent)
        )
        return granted, NOT_MEASURED(language, when=when, before=before)
    return change(then.mean, now.percent, language), AROUND(language, when=when)


def _past_memory(facts: PastFacts, language: Language) -> str:
    now, before = facts.metrics.memory, facts.past.memory_percent
    if now is None or before is None or now.basis is Basis.GRANTED:
        return ""
    points = figures.points(round(now.percent) - round(before), language)
    return f"{figures.percent(before)} → {figures.percent(now.percent)} ({points})"


def _past_tables(facts: PastFacts, language: Language) -> list[Part]:
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
    nodes: list[Part] = [_past_nodes(facts, language)] if facts.nodes else []
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


def _past_nodes(facts: PastFacts, language: Language) -> Table:
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
