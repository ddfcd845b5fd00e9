"""What an alert is about: its metric, hosts, cluster, application and threshold."""

import re
from collections.abc import Iterable, Iterator

from bot.domain.alerts import Metric, Subject
from bot.handlers.alerts.classifier import classifier
from bot.handlers.alerts.pieces import Piece
from bot.handlers.alerts.words import EMOJI, EMPTY, METRICS, spaced, threshold_in, value_in

HOST_KEY = re.compile(
    r"^(?:(?:affected|target|source)\s)?(?:host|host ?name|instance|node|server|entity|machine|ip"
    r"|nodename|device|address|서버|서버명|호스트|호스트명|노드|노드명|장비|장비명|대상|인스턴스)$"
)
_PERHAPS = frozenset({"name", "이름", "resource", "object", "리소스", "target name", "대상명"})
_CLUSTER_KEY = re.compile(
    r"^(?:(?:k8s|kubernetes|emr|hadoop|yarn)\s)?cluster(?:\s?(?:name|id))?$|^클러스터\s?(?:명|이름)?$"
)
# Looked ahead for: `tags: cluster:ads` tells of tags and of a cluster.
_LABEL = re.compile(r"(?<![\w-])(?=([a-z_]{2,30})\s?[=:]\s?[\"'`]?([\w][\w./:-]*))", re.IGNORECASE)
_PORT = re.compile(
    r"(?<![\w/.-])([a-z][a-z0-9.-]*[a-z0-9]|\d+(?:\.\d+){3}):\d{2,5}\b", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?<![\w./])(\d{1,3}(?:\.\d{1,3}){3})(?![\w./]*\d)")
_ON = re.compile(
    r"\b(?:on|host|node|server|instance|for)\s[\"'`]?([a-z][\w.-]*[a-z\d])(?=[\"'`\s,.)\]|:]|$)"
    r"|([a-z][a-z0-9.-]*\d)\s?(?:서버|호스트|노드|장비)",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    r"(?<![\w./@#:-])([a-z][a-z0-9]*(?:-[a-z0-9]+)*-\d{1,4}|i-[0-9a-f]{8,17})(?![\w/-])",
    re.IGNORECASE,
)
_FQDN = re.compile(
    r"(?<![\w./@-])([a-z][a-z0-9-]*\d(?:\.[a-z][a-z0-9-]*){1,5})(?![\w/-])", re.IGNORECASE
)
_NO_HOST = re.compile(
    r"^(?:[a-z]{2}(?:-gov)?-(?:north|south|east|west|central)[a-z]*-\d|(?:sev|tier|zone|level|prio"
    r"|priority|step|phase|stage|part|day|week|top|rev|p|utf|sha|iso|rfc|x)-?\d+)$|^application|-pod-|cpu|load|usage|alarm|alert|util",
    re.IGNORECASE,
)
# "cluster kafka-main", "분석 클러스터(reco)"; "the analytics cluster", "ads 클러스터".
_CLUSTER_NAMED = re.compile(
    r"(?:\bcluster|클러스터)[ ]([A-Za-z][\w.]*[-_\d][\w-]*)|클러스터[ ]?[(\[:]\s?([A-Za-z][\w.-]+)",
    re.IGNORECASE,
)
_OF_CLUSTER = re.compile(r"(?<![\w-])([A-Za-z][\w.-]*)(?:[ ]?클러스터|[ ]cluster\b)", re.IGNORECASE)
_KOREAN_CLUSTER = re.compile(r"([가-힣]{2,12})[ ]?클러스터")
_APPLICATION = re.compile(r"application_\d+_\d+|app-\d{14}-\d{4}")
_APPLICATION_KEY = re.compile(r"^(?:app|application|application id|spark app|애플리케이션)$")
_SCOPED = re.compile(r"(?<![\w.-])([a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)(?![\w.-])", re.IGNORECASE)
_TICKET = re.compile(r"^[A-Z]{2,8}-\d+$")
# A name with a metric in it is an alert's; a region is no cluster.
_NO_SCOPE = re.compile(
    r"cpu|alarm|alert|usage|util|high|^[a-z]{2}(?:-gov)?-(?:north|south|east|west|central)[a-z]*-\d$",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"^\W*\[[A-Z]{2,12}(?::\d+)?[^\]]*\]\s*[\w-]+\s+([a-z][\w-]*(?:\s[\w-]+)*)\s*(?:\(|$)"
)
_CLUSTER_ALERT = re.compile(r"\]\s*[a-z]*cluster[a-z]*\s", re.IGNORECASE)
_FIGURE = re.compile(r"\d")
_MAX_HOSTS = 8


def metric_of(name: str, piece: Piece) -> Metric:
    """Return the metric the alert's name tells, else its titles, else what its lines measure.

    A line without a figure is advice or prose, and tells of no measured thing.
    """
    measured = (line for line in piece.lines if _FIGURE.search(line))
    for text in (name, "\n".join((*piece.titles, *measured))):
        apart = re.sub(r"[_-](?=[A-Za-z])", " ", spaced(text))
        apart = (
            re.sub(r"\bload (?!av|is|high|1|5|on\b)", "load_", apart) if "load_" in text else apart
        )
        for metric, pattern in METRICS:
            if pattern.search(apart):
                return metric
    return Metric.OTHER


def subject_of(name: str, title: str, piece: Piece) -> Subject:
    """Return what the post names."""
    text = "\n".join((title, *piece.lines))
    metric = metric_of(f"{name}\n{title}", piece)
    hosts = hosts_in(piece, title)
    cluster = cluster_in(piece, text)
    scopes = tuple(dict.fromkeys(_scopes(title, {*hosts, cluster, name})))
    if not cluster and len(scopes) == 1 and _CLUSTER_ALERT.search(title):
        cluster = scopes[0]
    threshold = threshold_in(text) if metric is Metric.CPU else None
    return Subject(
        metric,
        hosts,
        cluster,
        _application(piece, text),
        threshold,
        value_in(text),
        scopes,
    )


def hosts_in(piece: Piece, title: str) -> tuple[str, ...]:
    """Return the machines a post names, by field, port, address, preposition or shape."""
    text = "\n".join((title, *piece.lines))
    pairs = tuple(labelled(piece))
    found = [value for key, value in pairs if HOST_KEY.match(key)]
    found += [value for key, value in pairs if key in _PERHAPS and _SHAPE.match(value.lstrip("/"))]
    found += [match[1] for match in _PORT.finditer(text)]
    found += [match[1] for match in _ADDRESS.finditer(text)]
    found += [match[1] for match in _FQDN.finditer(text)]
    found += [match[1] for match in _SHAPE.finditer(text)]
    found += [
        word
        for match in _ON.finditer(text)
        if (word := match[1] or match[2]) and re.search(r"\d", word)
    ]
    bare = (_bare(each) for each in found if not _TICKET.match(each))
    return tuple(dict.fromkeys(each for each in bare if _is_host(each)))[:_MAX_HOSTS]


def cluster_in(piece: Piece, text: str) -> str:
    """Return the cluster a post names, by field or in words; empty when it names none."""
    for key, value in labelled(piece):
        if _CLUSTER_KEY.match(key) and re.fullmatch(r"[\w./-]{2,80}", value.strip(" `'\"")):
            return value.strip(" `'\"")
    for match in (*_CLUSTER_NAMED.finditer(text), *_OF_CLUSTER.finditer(text)):
        word = next(each for each in match.groups() if each).strip(".-")
        a_figure = not any(letter.isalpha() for letter in word)  # "CPU in the cluster: 11.2 %"
        if not a_figure and not classifier().knows(word) and not _NO_SCOPE.search(word):
            return word
    return ""


def labelled(piece: Piece) -> Iterator[tuple[str, str]]:
    """Yield fields and labels, keys folded."""
    yield from piece.pairs
    for line in piece.lines:
        for match in _LABEL.finditer(line):
            yield match[1].casefold().replace("_", " "), match[2].rstrip(".:,")


def _application(piece: Piece, text: str) -> str:
    if match := _APPLICATION.search(text):
        return match[0]
    return next((value for key, value in piece.pairs if _APPLICATION_KEY.match(key)), "")[:100]


def _scopes(title: str, known: Iterable[str]) -> Iterator[str]:
    """Yield the title's other names, such as a group label's value: perhaps a cluster's."""
    before = EMOJI.sub(" ", title).partition("(")[0]
    for match in _SCOPED.finditer(before):
        if match[1].casefold() not in known and not _NO_SCOPE.search(match[1]):
            yield match[1]
    if led := _GROUP.match(title):  # the default template: name, then the values of group labels
        for word in led[1].split():
            if not _NO_SCOPE.search(word) and word.casefold() not in known and word not in EMPTY:
                yield word
    for match in _KOREAN_CLUSTER.finditer(before):
        if not classifier().knows(match[1]):
            yield match[1]


def _bare(host: str) -> str:
    host = re.sub(r"^https?://", "", host.strip(" `'\"/")).split("/")[0]
    return re.sub(r":\d+$", "", host).rstrip(".,)").casefold()


def _is_host(word: str) -> bool:
    if _NO_HOST.search(word) or not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,80}", word):
        return False
    return not word.replace(".", "").isdigit() or bool(_ADDRESS.fullmatch(word))
