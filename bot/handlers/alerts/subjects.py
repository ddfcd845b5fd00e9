"""What an alert is about: its metric, hosts, cluster, application and threshold."""

import re
from collections.abc import Iterable, Iterator

from bot.domain.alerts import Metric, Subject
from bot.handlers.alerts.pieces import Piece
from bot.handlers.alerts.states import spaced, threshold_in, value_in
from bot.handlers.alerts.words import EMOJI, EMPTY

_METRICS: tuple[tuple[Metric, re.Pattern[str]], ...] = tuple(
    (metric, re.compile(pattern, re.IGNORECASE))
    for metric, pattern in (
        (
            Metric.NO_DATA,
            (
                r"data\s?source\s?error|\bno\s?data\b|failed to (?:query|evaluate)|missing data|absent"
                r"|데이터\s?(?:없음|소스)|수집\s?(?:중단|실패|불가)|no value\]"
            ),
        ),
        (Metric.THROTTLING, r"throttl|\bcfs\b|[스쓰]로틀"),
        (Metric.GPU, r"\bgpus?\b|\bcuda\b|nvidia|\bdcgm\b|vram|그래픽"),
        (
            Metric.HDFS,
            (r"hdfs|name\s?node|under.?replicated|\bdfs\b|missing blocks|블록 (?:유실|손상)"),
        ),
        (
            Metric.DISK,
            (
                r"\bdisks?\b|file\s?system|\binodes?\b|\bmount|\bvolume|\bstorage\b|\biops\b|partition"
                r"|디스크|파일\s?시스템|볼륨|스토리지|저장\s?(?:공간|소)|\B/data\d*\b"
            ),
        ),
        (
            Metric.MEMORY,
            (r"\bmem\b|memory|\bheap\b|\boom|\bswap|\bram\b|메모리|힙\s?(?:사용|메모)|스왑|\bgc\b"),
        ),
        (
            Metric.NETWORK,
            (
                r"\bnetwork|bandwidth|\bpackets?\b|\bnic\b|\btcp\b|\b[rt]x\b|\blatency\b|네트워크|트래픽|대역폭"
            ),
        ),
        (  # other quantities of a processor, which no application's end would mend
            Metric.OTHER,
            r"\btemp(?:erature)?\b|\bdegrees\b|\bfan\b|voltage|\brpm\b|온도|전압|팬\s?속도",
        ),
        (
            Metric.LOAD,
            (
                r"load\s?av(?:era)?g|\bload\s?(?:1|5|15)\b|\bhigh\s?load\b|\bload\s?(?:is\s)?(?:too\s)?high\b"
                r"|system load|io\s?wait|\bsteal|로드\s?(?:애버리지|평균)|평균\s?부하"
            ),
        ),
        (
            Metric.CPU,
            (
                r"cpu|processor|\bvcores?\b|core usage|프로세서|씨피유|가동\s?[률율]|부하"
                r"|(?:cluster|server|node|host|system|yarn)\s?(?:\w+\s)?(?:utili[sz]ation|usage|load|busy)"
                r"|(?:클러스터|서버|노드|시스템)\s?(?:전체\s)?(?:사용\s?[률율]|점유\s?[률율])"
            ),
        ),
    )
)
BUILT_IN_PATTERN = (
    r"(?<![a-z])cpu|utili[sz]ation|\busage\b|saturat|\bload\b|사용\s?[률율]|가동\s?[률율]"
    r"|점유\s?[률율]|부하|프로세서"
)
_KNOWN = re.compile(BUILT_IN_PATTERN, re.IGNORECASE)
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
    r"\bcluster[ ][\"'`]?([A-Za-z][\w.]*[-_\d][\w-]*)|클러스터[ ]?[(\[:]\s?([A-Za-z][\w.-]+)",
    re.IGNORECASE,
)
_OF_CLUSTER = re.compile(r"(?<![\w-])([A-Za-z][\w.-]*)(?:[ ]?클러스터|[ ]cluster\b)", re.IGNORECASE)
_KOREAN_CLUSTER = re.compile(r"([가-힣]{2,12})[ ]?클러스터")
_OUR_WORDS = re.compile(
    r"하둡|전체|스파크|데이터|빅데이터|우리|메인|현재|해당|운영|얀|본|당사|모든|위험|경고|장애|발생|긴급|심각|주의|알람|알림"
)
_NO_CLUSTER = frozenset(
    {
        "the",
        "a",
        "an",
        "this",
        "our",
        "whole",
        "entire",
        "all",
        "per",
        "in",
        "of",
        "on",
        "yarn",
        "hadoop",
        "spark",
        "data",
        "main",
        "production",
        "prod",
        "hdfs",
        "emr",
        "high",
        "total",
        "overall",
        "each",
        "hot",
        "busy",
        "and",
        "cpu",
        "memory",
        "shared",
        "big",
        "new",
        "primary",
        "same",
        "current",
        "local",
        "healthy",
        "single",
        "hadoop-yarn",
        "your",
        "my",
        "their",
        "one",
        "nodes",
        "critical",
        "warning",
        "firing",
        "resolved",
        "problem",
        "alert",
        "alarm",
        "usage",
        "utilization",
        "load",
        "percent",
        "over",
        "above",
        "across",
    }
)
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
        for metric, pattern in _METRICS:
            if pattern.search(apart):
                return metric
    return Metric.OTHER


def known_subject(text: str) -> bool:
    """Tell whether a text has a word of a metric we can say anything of."""
    return bool(_KNOWN.search(text) or any(pattern.search(spaced(text)) for _, pattern in _METRICS))


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
    for pattern in (_CLUSTER_NAMED, _OF_CLUSTER):
        for match in pattern.finditer(text):
            word = next(each for each in match.groups() if each).strip(".-")
            if word.casefold() not in _NO_CLUSTER and not _NO_SCOPE.search(word):
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
        if not _OUR_WORDS.search(match[1]):
            yield match[1]


def _bare(host: str) -> str:
    host = re.sub(r"^https?://", "", host.strip(" `'\"/")).split("/")[0]
    return re.sub(r":\d+$", "", host).rstrip(".,)").casefold()


def _is_host(word: str) -> bool:
    if _NO_HOST.search(word) or not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,80}", word):
        return False
    return not word.replace(".", "").isdigit() or bool(_ADDRESS.fullmatch(word))
