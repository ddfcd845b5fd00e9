"""Words for the first reply under an alert: about its host, its metric, its cluster."""

from dataclasses import replace

from bot.agents.facts import AlertFacts
from bot.agents.templates import diagnosis
from bot.agents.templates.cluster import cpu_sentence, node_line
from bot.agents.templates.lists import job_table
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.alerts import Metric, Scope
from bot.domain.answers import Button, Buttons, Note, Paragraph, Part, Span, plain
from bot.domain.cluster import ClusterMetrics
from bot.domain.language import Language
from bot.texts import alerts as texts
from bot.texts import cluster, figures

NODES_TOLD = 3
KILLS = frozenset({"propose_kill", "choose_applications"})


def first_reply(facts: AlertFacts, voice: Voice) -> Wording:
    """Speak of the alert's subject first; the rest of the cluster where it explains it."""
    alert, language = facts.alert, voice.language
    metrics = facts.diagnosis.metrics
    if alert.scope is Scope.FOREIGN:
        said = texts.FOREIGN(language, named=alert.elsewhere, ours=metrics.cluster)
        return Wording(said, (plain(said),))
    if facts.strangers and not facts.nodes and not facts.cluster_wide:
        return _stranger(facts, language)
    if alert.subject.metric in {Metric.CPU, Metric.LOAD}:
        return _busy(facts, voice)
    return _other(facts, voice)


def beside_the_alert(wording: Wording, cluster_name: str, language: Language) -> Wording:
    """Return an answer in the thread of another cluster's alert: it names the one it speaks of."""
    said = texts.SPEAKS_OF(language, ours=cluster_name)
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
    said = texts.STRANGERS(language, hosts=hosts, cluster=ours)
    return Wording(said, (Paragraph((bold(said),)), *_quoted(facts, language)))


def _busy(facts: AlertFacts, voice: Voice) -> Wording:
    """Return the diagnosis, led by the hosts named; kill buttons only where they may help."""
    language = voice.language
    wording = diagnosis.diagnose(facts.diagnosis, voice)
    lead = _hosts(facts, language)
    if facts.alert.subject.metric is Metric.LOAD:
        lead.append(texts.ABOUT[Metric.LOAD](language))
    may_kill = facts.may_kill and not diagnosis.is_outside(facts.diagnosis)
    parts = wording.parts if may_kill else without_kills(wording.parts)
    notes: list[Part] = []
    if facts.alert.scope is Scope.UNSURE:
        named, ours = facts.alert.elsewhere, facts.diagnosis.metrics.cluster
        notes.append(Note(texts.UNSURE(language, named=named, cluster=ours)))
    first: tuple[Part, ...] = (Paragraph((bold(" ".join(lead)),)),) if lead else ()
    return Wording(
        " ".join((*lead, wording.summary)), (*first, *parts, *notes), wording.applications
    )


def _other(facts: AlertFacts, voice: Voice) -> Wording:
    """Say what is known of a metric that is not CPU; nothing here leads to a kill."""
    language, metrics = voice.language, facts.diagnosis.metrics
    subject = facts.alert.subject
    value = _value(subject.metric, metrics)
    about = texts.ABOUT[subject.metric](language, cluster=metrics.cluster, value=value)
    lead = [*_hosts(facts, language), about]
    if subject.metric is Metric.MEMORY and value == figures.UNKNOWN:
        lead = _hosts(facts, language)
    if subject.value is not None and subject.metric not in {Metric.NO_DATA, Metric.OTHER}:
        metric = texts.METRICS[subject.metric](language)
        told = texts.TOLD(language, metric=metric, value=figures.percent(subject.value))
        lead.append(told)
    lead = lead or [about]
    parts: list[Part] = [Paragraph((bold(lead[0]), *(Span(" " + each) for each in lead[1:])))]
    parts.extend(_quoted(facts, language))
    listing = facts.diagnosis.listing
    ids: tuple[str, ...] = ()
    if subject.metric is Metric.MEMORY and listing.rows:
        parts.append(job_table(listing, voice))
        ids = tuple(row.ref.id for row in listing.rows)
    elif subject.metric in {Metric.THROTTLING, Metric.OTHER, Metric.NETWORK}:
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
        diagnosis.propose_button(row, language)
        for row in rows
        if named in {row.ref.id, row.name} and not row.protected
    ][:1]


def _hosts(facts: AlertFacts, language: Language) -> list[str]:
    ours = facts.diagnosis.metrics.cluster
    told = [node_line(node, language) for node in facts.nodes[:NODES_TOLD]]
    if facts.strangers:
        text = texts.STRANGERS if facts.diagnosis.metrics.nodes else texts.NO_NODES
        told.append(text(language, hosts=", ".join(facts.strangers), cluster=ours))
    return told


def _quoted(facts: AlertFacts, language: Language) -> tuple[Part, ...]:
    return (Note(texts.TITLE(language, title=facts.alert.title)),)


def _value(metric: Metric, metrics: ClusterMetrics) -> str:
    if metric is Metric.NETWORK:
        return f"{figures.rate(metrics.network_in)} / {figures.rate(metrics.network_out)}"
    known = {
        Metric.MEMORY: metrics.memory.percent if metrics.memory else None,
        Metric.DISK: metrics.disk_percent,
        Metric.HDFS: metrics.hdfs_percent,
    }
    return figures.percent(known.get(metric))
