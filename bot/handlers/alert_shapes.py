"""Tells from a monitoring tool's post whether it fires or is over, and which alert it is.

Every tool writes its own shape, and each company its own templates, so nothing here depends on
one tool: markers are looked for in the title first, then in the whole text.
"""

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from bot.domain.alerts import AlertStatus
from bot.handlers.message_text import Json, fields_of, text_of, title_of

BUILT_IN_PATTERN = (
    r"cpu|utili[sz]ation|usage|saturat|(?<!down)(?<!up)(?<!pay)(?<!re)load(?!ing|ed|er)"
    r"|사용\s?[률율]|가동\s?[률율]|점유\s?[률율]|부하|프로세서"
)
_FIRING = re.compile(
    r"\bfiring\b|\b(?:re-?)?triggered\b|\bproblem\b|\balarm\b|\bcritical\b|\bwarn(?:ing)?\b"
    r"|\[alerting\]",
    re.IGNORECASE,
)
_FIRING_KO = re.compile(
    r"발생|경고|위험|초과"
)  # a Korean title ends with its state: order says nothing
_RESOLVED = re.compile(
    r"(?<!un)(?<!not )\bresolved\b|\[ok\]|^\W*ok\b|\bis ok\b|-> ok\b|\brecover(?:ed|y)\b"
    r"|(?<!비)정상(?!\s*(?:범위|수준|치)\S*\s*(?:초과|벗어|넘|아님))|(?:해소|복구|해제)(?!되지|\s*필요)",
    re.IGNORECASE,
)
_GOOD_COLORS = frozenset({"good", "#2eb886", "#2eb67d", "#36a64f", "#2fa44f", "#007a5a", "#00ff00"})
_STATE_WORDS = re.compile(
    r"\[(?:firing|resolved|ok|alerting|problem|recovery|no ?data)(?::\d+)?[^\]]*\]"
    r"|\[?\b(?:re-?)?(?:triggered|recovered|resolved|firing|acknowledged)\b"
    r"(?:\s+in\s+[\dhms ]+:)?|\bon(?=\s*\{)"
    r"|\*\*|\b(?:problem|recovery|alarm|ok|critical|warn(?:ing)?|down|up)\b"
    r"|\bis\b|발생|해소|복구|해제|비?정상|경고|위험|\b(?:service|host) alert\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"\d+(?:[.,]\d+)?\s*(?:%|퍼센트|percent\b|[kmgt]i?b\b|ms\b|s\b|m\b|h\b|초|분|시간)"
    r"|\b\d+[.,]\d+\b|[<>=]=?\s*\d+|#\d+|\b(?:at|is|over|above)\s+\d+\b|p[1-5]\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\b(?P<name>[a-z_]+)\s*[:=]\s*[`\"']?(?P<value>[\w.:/-]+)", re.IGNORECASE)
_STABLE_LABELS = frozenset(
    {"alertname", "cluster", "environment", "env", "service", "job", "namespace", "queue", "region"}
)
_VOLATILE_FIELDS = re.compile(
    r"value|current|duration|time|since|start|severity|status|state|urgency|priority|summary"
    r"|description|threshold|count|link|runbook|값|시각|시간|상태|심각도|현재|요약|설명",
    re.IGNORECASE,
)
_THRESHOLD = re.compile(
    r"(?:threshold|limit|above|over|exceed\w*|greater than|more than|기준|임계\S*|한도|>=?)"
    r"\s*(?:value|of|is|값|치|[:=`*])*\s*(?P<after>\d{1,3}(?:\.\d+)?)(?![\d.]*\d|\s?[gmk]i?b)"
    r"|(?P<before>\d{1,3}(?:\.\d+)?)\s?(?:%|퍼센트)\s?(?:초과|이상|를 넘|을 넘)",
    re.IGNORECASE,
)
_WHOLE = 100.0


def status_of(message: Json) -> AlertStatus:
    """Return RESOLVED when the post says that it is over, else FIRING.

    The marker that stands first in the title decides; without one a green bar and a word do.
    """
    title, text = title_of(message), text_of(message)
    resolved, firing = _RESOLVED.search(title), _FIRING.search(title)
    if resolved and (firing is None or resolved.start() < firing.start()):
        return AlertStatus.RESOLVED
    if firing:
        return AlertStatus.FIRING
    over = _RESOLVED.search(text)
    loud = _FIRING.search(text) or _FIRING_KO.search(text)
    if over and (_is_green(message) or not loud):
        return AlertStatus.RESOLVED
    return AlertStatus.FIRING


def key_of(message: Json, channel: str) -> str:
    """Return the alert's key: the same for repeats and for the resolved post of the same group."""
    labels = sorted(set(_labels(message)))
    essence = "\n".join([channel, _essence(title_of(message)), *labels])
    return f"{channel}:{hashlib.sha256(essence.encode(errors='replace')).hexdigest()[:16]}"


def threshold_of(message: Json) -> float | None:
    """Return the percentage the alert fires above, as its text or its link's query tells; or None."""
    for text in (text_of(message), *_queries(message)):
        for match in _THRESHOLD.finditer(text):
            value = float(match["after"] or match["before"])
            if 1.0 < value <= _WHOLE:
                return value
    return None


def _queries(message: Json) -> Iterator[str]:
    """Yield the links' queries: Prometheus puts the alert's expression there."""
    attachments = message.get("attachments")
    for each in attachments if isinstance(attachments, list) else []:
        link = each.get("title_link") if isinstance(each, dict) else None
        if isinstance(link, str) and "expr=" in link:
            yield unquote_plus(link.partition("?")[2][:2_000])


def _essence(title: str) -> str:
    bare = title.partition(" | http")[0]
    for pattern in (_STATE_WORDS, _FIGURES):
        bare = pattern.sub(" ", bare)
    return " ".join(re.findall(r"\{?\w(?:[\w.}/:-]*[\w}])?", bare.casefold()))


def _labels(message: Json) -> list[str]:
    found = [
        f"{title.casefold()}={value.casefold()}"
        for title, value in fields_of(message)
        if not _VOLATILE_FIELDS.search(title) and not _FIGURES.search(value)
    ]
    found += [
        f"{match['name'].casefold()}={match['value'].casefold()}"
        for match in _LABEL.finditer(text_of(message))
        if match["name"].casefold() in _STABLE_LABELS
    ]
    return found


def _is_green(message: Json) -> bool:
    attachments = message.get("attachments")
    colors = [
        str(each.get("color", "")).casefold()
        for each in (attachments if isinstance(attachments, list) else [])
        if isinstance(each, dict)
    ]
    return any(color in _GOOD_COLORS or f"#{color}" in _GOOD_COLORS for color in colors)
