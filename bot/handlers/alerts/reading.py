"""One typed reading of a post: is it an alert's, what is it about, and which alert is it."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

from bot.domain.alerts import AlertStatus, Identity, Metric, Subject
from bot.handlers.alerts import words
from bot.handlers.alerts.classifier import Piece, classifier, merged, pieces_of, signs_of
from bot.handlers.alerts.words import (
    BRACKET,
    EMOJI,
    EMPTY,
    METRICS,
    NOUNS,
    Sense,
    counts_in,
    spaced,
    state_words,
    threshold_in,
    value_in,
)
from bot.handlers.message_text import Json, dicts, record, string

# What an alert is about: its metric, hosts, cluster, application and threshold.


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
_TICKET = re.compile(r"^[A-Z]{1,8}-\d+$")
# What the sender calls this very alert: "Incident ID: 4711", "장애번호 : D-20".
_OWN_ID = re.compile(
    r"\b(?:issue|incident|alert|alarm|event|problem|case|ticket|알[림람]|경보|장애|이벤트|사건|접수|관리)"
    r"\s?(?:id|key|number|no\.?|번호)\W{1,3}(?=\S*\d)([\w-]{3,40})",
    re.IGNORECASE,
)
# A line that leads to advice names machines as examples.
_ADVICE = re.compile(
    r"\W*(?:(?:run|play)\s?book|wiki|docs\b|guide|런북|가이드|참고)", re.IGNORECASE
)
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
_WAS = re.compile(r"\((?:was|from|previously|이전|직전)\b[^)]*\)", re.IGNORECASE)
_NAME = re.compile(r"\w[\w.-]*\w")
_MAX_HOSTS = 8


def metric_of(name: str, piece: Piece) -> Metric:
    """Return the metric the alert's name tells, else its titles, else what its lines measure.

    A line without a figure is advice or prose, and tells of no measured thing.
    """
    measured = (line for line in piece.lines if _FIGURE.search(line))
    for text in (name, "\n".join((*piece.titles, *measured))):
        apart = re.sub(r"[_-](?=[A-Za-z])", " ", spaced(text))
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
    text = "\n".join((title, *(line for line in piece.lines if not _ADVICE.match(line))))
    pairs = tuple(labelled(piece))
    ids = set(_OWN_ID.findall(text))
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
    bare = (_bare(each) for each in found if not _TICKET.match(each) and each not in ids)
    return tuple(dict.fromkeys(each for each in bare if _is_host(each)))[:_MAX_HOSTS]


def cluster_in(piece: Piece, text: str) -> str:
    """Return the cluster a post names, by field or in words; empty when it names none."""
    for key, value in labelled(piece):
        if _CLUSTER_KEY.match(key) and re.fullmatch(r"[^\W\d][\w./-]+", value.strip(" `'\"")):
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


# Which alert a post belongs to: its name without figures and states, and its group's labels.


MAX_TITLE = 200
# Fields that hold an alert's name, the surest first.
NAME_KEYS = (
    "alertname",
    "alert name",
    "alarm name",
    "rulename",
    "rule name",
    "rule",
    "monitor",
    "monitor name",
    "check",
    "check name",
    "trigger",
    "trigger name",
    "condition",
    "condition name",
    "title",
    "service",
    "metric name",
    "알람명",
    "알림명",
    "경보명",
    "이벤트명",
    "규칙",
    "항목",
    "감시 항목",
    "지표",
    "제목",
)
DOUBT = 2.0  # so much likelier than none must an alert be: answering chatter is worse than silence
TRUSTED = 0.85  # so likely may a post of a known sender be no alert's, and is taken for one
_FIGURES = re.compile(
    r"외\s?\d+\s?[가-힣]|\band \d+ (?:more|others?|other \w+)\b|"
    r"\d+(?:[.,]\d+)?\s*(?:%|퍼센트|percent\b|[kmgt]i?b\b|ms\b|s\b|m\b|h\b|min\w*\b|sec\w*\b|hours?\b"
    r"|days?\b|초|분|시간|일|건|회|개|core\w*|코어)"
    r"|\b\d{4}-\d\d-\d\d[T ]?[\d:.+Z]*|\b\d\d:\d\d(?::\d\d)?\b|[<>=≥≤]=?\s*\d+(?:[.,]\d+)?|\b\d+[.,]\d+\b|#\d+"
    r"|(?<![\w.-])\d+[가-힣]{1,2}(?![\w-])|(?<![\w.-])\d+(?![\w-])|\bp[1-5]\b",
    re.IGNORECASE,
)
_LABELS = frozenset(
    {"cluster", "environment", "env", "namespace", "queue", "region", "환경", "클러스터", "큐"}
)
_LED = re.compile(r"\W*\[[A-Z]{2,12}(?:[:\s-]+\d+)?[^\]]*\]")
# A group of one host: the host follows the name, as a group label's value does.
_BY_HOST = re.compile(r"\W*\[[^\]]*\]\s*[\w-]+\s+[\w.-]*\d[\w.:-]*\s*(?:\(|$)")
_SENTENCE = re.compile(
    r"\s(?:is|are|has|have|state|status|상태가?|matches|check (?:succeeded|failed)|was)\s.*$",
    re.IGNORECASE,
)
_RISE = re.compile(r"초과|넘\S*|이상|exceed\w*|above|over\b|now\b|>=?|<=?", re.IGNORECASE)
_REFERENCE = re.compile(r"(?<![\w#&/])#\d{2,9}\b")
_PLURAL = re.compile(r"(?<![\w.-])([A-Za-z][a-z]{2,}[^\W\dsuiS])s(?![\w.-])")  # "2 hosts", "1 host"
# Of one moment: "(99%, 15분 지속)".
_DETAIL = re.compile(r"\([^()]*\d\s?(?:%|분|초|min|[smh]\b)[^()]*\)")
_TOKEN = re.compile(r"[\w가-힣](?:[\w.}/%-]*[\w}%])?")


def grouped(titles: tuple[str, ...], piece: Piece, alerts: int, hosts: tuple[str, ...]) -> bool:
    """Tell whether a post stands for a group: it counts alerts, or lists several hosts."""
    counted = any(True for line in (*titles, *piece.lines[:10]) for _ in counts_in(line))
    return counted or alerts > 1 or len(hosts) > 1


def title_and_name(piece: Piece, subject_hosts: tuple[str, ...]) -> tuple[str, str]:
    """Return the title people are shown, and the name that stays over all posts of the alert."""
    named = _labelled_name(piece)
    titles = tuple(dict.fromkeys((*piece.titles, *piece.lines)))
    title, essence = _first_telling(titles, subject_hosts)
    if named:
        telling = essence and title not in dict(piece.fields)
        return (title if telling else named)[:MAX_TITLE], essence_of(named, subject_hosts)
    if (len(essence.split()) == 1 and "." in essence) or not essence:
        # a domain, or nothing but a host, is no name: the next line tells it
        rest = titles[titles.index(title) + 1 :] if title in titles else ()
        _, more = _first_telling(rest, subject_hosts)
        essence = f"{essence} {more}".strip()
    return title[:MAX_TITLE], essence


def essence_of(title: str, hosts: tuple[str, ...]) -> str:
    """Return a title's words that stay: without states, figures, emoji, hosts and the labels of one."""
    bare = title.partition(" | http")[0]
    bare = words.EMOJI.sub(" ", bare)
    if _LED.match(bare):  # the default template puts labels that come and go in parentheses
        hosts = () if _BY_HOST.match(bare) else hosts
        bare = re.sub(r"\([^()]*\)\s*$", " ", bare)
    bare = BRACKET.sub(_unless_state, _DETAIL.sub(" ", bare))
    bare = _FIGURES.sub(" ", bare)
    kept = _SENTENCE.sub(" ", f"{bare} ")
    bare = kept if _without_states(kept, hosts) or hosts else bare
    return _without_states(bare, hosts)


def labels_of(piece: Piece) -> tuple[tuple[str, str], ...]:
    """Return the labels of the group: those with one value over the whole post."""
    found: dict[str, set[str]] = {}
    for key, value in labelled(piece):
        if key in _LABELS and re.match(r"\W*[^\W\d]", value):  # "free in the cluster: 11.2"
            found.setdefault(key, set()).add(value.casefold().strip(" `'\"")[:100])
    return tuple(sorted((key, *values) for key, values in found.items() if len(values) == 1))  # type: ignore[misc]  # one value each


def identity_of(
    sender: str, name: str, piece: Piece, subject: Subject, *, is_grouped: bool
) -> Identity:
    """Return what stays of the alert."""
    metric = subject.metric if subject.metric is not Metric.NO_DATA else Metric.OTHER
    heads = "\n".join((*piece.titles, *piece.lines[:1]))
    numbers = (*_REFERENCE.findall(heads), *_OWN_ID.findall("\n".join(piece.lines)))[:1]
    return Identity(sender, name, labels_of(piece), subject.hosts, metric, is_grouped, numbers)


def _labelled_name(piece: Piece) -> str:
    told: dict[str, dict[str, None]] = {}
    for key, value in (*piece.pairs, *labelled(piece)):
        if len(value) <= MAX_TITLE:
            told.setdefault(key, {}).setdefault(value.strip(" `'\""))
    for key in NAME_KEYS:
        values = [each for each in told.get(key, ()) if essence_of(each, ())]
        if len(values) == 1:
            return values[0]
    return ""


def _first_telling(lines: tuple[str, ...], hosts: tuple[str, ...]) -> tuple[str, str]:
    """Return the first line that says more than a state or a heading, and what it says."""
    first = ""
    for line in lines:
        pair = line.partition(":")
        if HOST_KEY.match(pair[0].strip(" []").casefold()) and pair[2]:
            continue
        essence = essence_of(line, hosts)
        if not first and line.strip():
            first = line
        if essence or any(host in line.casefold() for host in hosts):
            return line, essence
    return first, ""


def _unless_state(match: re.Match[str]) -> str:
    inside = match[1]
    told = any(True for _ in state_words(inside)) or any(True for _ in counts_in(inside))
    return " " if told else f" {inside} "


def _without_states(text: str, hosts: tuple[str, ...]) -> str:
    bare = list(text)
    for start, end, _ in state_words(text):
        bare[start:end] = " " * (end - start)
    left = _RISE.sub(" ", _PLURAL.sub(r"\1", "".join(bare))).casefold()
    tokens = [re.sub(r":\d+$", "", each) for each in _TOKEN.findall(left)]
    kept = [
        each for each in tokens if each not in words.EMPTY and each not in hosts and each != "_"
    ]
    return " ".join(kept)[:MAX_TITLE]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a post says. `status` is None for one that is no alert's; `why` names the reason."""

    status: AlertStatus | None
    title: str
    subject: Subject
    identity: Identity
    colour: str
    why: str = ""

    def key(self, channel: str) -> str:
        """Return the key of posts that name the same alert in the same way."""
        told = self.identity
        hosts = () if told.grouped else told.hosts
        metric = "" if told.name else told.metric.value
        parts = [channel, told.sender, told.name, *map(str, told.labels), *sorted(hosts), metric]
        digest = hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:16]
        return f"{channel}:{digest}"


def read(
    message: Json, speaks_of: Callable[[str], bool] | None = None, *, trusted: bool = False
) -> Reading:
    """Read a bot's post. `speaks_of` tells whether a text is about something we answer.

    An end need speak of nothing: it belongs to what it ends. From a `trusted` sender less of a
    sign is enough.
    """
    pieces = pieces_of(message)
    piece, titles = merged(pieces), _titles(pieces)
    status = _status(message, pieces, trusted=trusted)
    hosts = hosts_in(piece, "\n".join(titles))
    title, name = title_and_name(piece, hosts)
    subject = subject_of(name, title, piece)
    if subject.metric is Metric.CPU and subject.threshold is None:
        subject = replace(subject, threshold=threshold_in(" ".join(_queries(message))))
    why = "" if status else "no sign that anything fires or is over"
    if status is AlertStatus.FIRING and speaks_of and not speaks_of("\n".join(piece.lines)):
        status, why = None, "no word that ALERT_PATTERN names"
    many = grouped(titles, piece, sum(bool(each.titles) for each in pieces), hosts)
    identity = identity_of(sender_of(message), name, piece, subject, is_grouped=many)
    return Reading(status, title, subject, identity, piece.colour, why)


def signs_in(message: Json) -> set[str]:
    """Return what a post shows of its being an alert's."""
    pieces = pieces_of(message)
    piece, titles = merged(pieces), _titles(pieces)
    profile = record(message.get("bot_profile"))
    sender = string(message.get("username")) or string(profile.get("name"))
    return signs_of(piece, titles, hosts_in(piece, "\n".join(titles)), sender)


def _status(message: Json, pieces: list[Piece], *, trusted: bool) -> AlertStatus | None:
    """Return the likeliest status; while one alert of several fires, nothing is over."""
    likelihoods = classifier().likelihoods(signs_in(message))
    if trusted and likelihoods[None] < TRUSTED:
        likelihoods[None] = 0.0
    status = max(likelihoods, key=lambda each: likelihoods[each])
    if status is AlertStatus.FIRING and likelihoods[status] < DOUBT * likelihoods[None]:
        return None
    lines = (*_titles(pieces), *merged(pieces).lines[:10])
    mixed = {"green", "red"} <= {each.colour for each in pieces}
    counted = any(sense is Sense.FIRES for line in lines for sense in counts_in(line))
    still = status is AlertStatus.RESOLVED and (mixed or counted or _some_fire(merged(pieces)))
    return AlertStatus.FIRING if still else status


def _some_fire(piece: Piece) -> bool:
    """Tell whether rows of some hosts end and one of another fires: in words, else by emoji."""
    hosts, told = set(hosts_in(piece, "")), {sense: set[str]() for sense in Sense}
    marks = ((Sense.FIRES, words.BAD_EMOJI), (Sense.ENDS, words.GOOD_EMOJI))
    for row in re.split(r"\n|[,;]\s", _WAS.sub(" ", "\n".join(piece.lines))):
        said = [(0, 0, sense) for sense, emoji in marks if emoji.search(row)]
        said += [each for each in state_words(row) if row[each[0] : each[1]].lower() not in NOUNS]
        if said:  # of a change the last one holds
            told[max(said)[2]].update(hosts.intersection(_NAME.findall(row.casefold())))
    return bool(told[Sense.ENDS] and told[Sense.FIRES] - told[Sense.ENDS])


def _queries(message: Json) -> Iterator[str]:
    """Yield the links' queries: Prometheus puts the alert's expression there."""
    for each in dicts(message.get("attachments")):
        link = string(each.get("title_link"))
        if "expr=" in link:
            yield unquote_plus(link.partition("?")[2][:2_000])


def sender_of(message: Json) -> str:
    """Return who posts: the app, the bot, or the name a webhook gives itself."""
    for key in ("username", "app_id", "bot_id", "user"):
        if isinstance(message.get(key), str) and message[key]:
            return str(message[key])
    return ""


def _titles(pieces: list[Piece]) -> tuple[str, ...]:
    """Return the lines in which a state has its place: titles, and each piece's first lines."""
    found = [title for each in pieces for title in each.titles]
    found += [each.lines[0] for each in pieces[:1] if each.lines]
    if not any(each.titles for each in pieces):
        found += [line for each in pieces[:1] for line in each.lines[1:2]]
    return tuple(dict.fromkeys(found))
