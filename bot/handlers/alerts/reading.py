"""One typed reading of a post: is it an alert's, what does it say, and which alert is it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

from bot.domain.alerts import AlertStatus, Identity, Metric, Subject
from bot.handlers.alerts.forms import form_of
from bot.handlers.alerts.names import grouped, identity_of, title_and_name
from bot.handlers.alerts.pieces import Piece, merged, pieces_of
from bot.handlers.alerts.states import Evidence, evidence_of, threshold_in
from bot.handlers.alerts.subjects import cluster_in, known_subject, subject_of
from bot.handlers.message_text import Json, dicts, string


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

    An end needs no word of a metric: it belongs to what it ends. From a `trusted` sender less
    of a sign is enough.
    """
    pieces = pieces_of(message)
    piece = merged(pieces)
    titles = _titles(pieces)
    alerts = [evidence_of(each, _titles([each])) for each in pieces if each.titles]
    evidence = evidence_of(piece, titles)
    evidence.trusted = trusted
    status = _status(evidence, alerts)
    text = "\n".join((*piece.titles, *piece.lines))
    form = form_of(f"{sender_of(message)}\n{text[:2_000]}")
    hosts = subject_of("", "\n".join(titles), piece).hosts
    title, name = title_and_name(piece, hosts, form)
    subject = subject_of(name, title, piece)
    if form is not None and form.cluster_keys and not subject.cluster:
        told = dict(piece.pairs)
        cluster = next((told[key] for key in form.cluster_keys if key in told), "")
        subject = replace(subject, cluster=cluster.strip(" `") or cluster_in(piece, text))
    if subject.metric is Metric.CPU and subject.threshold is None:
        subject = replace(subject, threshold=threshold_in(" ".join(_queries(message))))
    why = ""
    if status is None:
        why = "no sign that anything fires or is over"
    elif status is AlertStatus.FIRING and not (speaks_of or known_subject)(text):
        status, why = None, "no word of a metric we know"
    return Reading(
        status,
        title,
        subject,
        identity_of(
            sender_of(message),
            name,
            piece,
            subject,
            is_grouped=grouped(titles, piece, _firing_alike(alerts), hosts),
        ),
        piece.colour,
        why,
    )


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


def _status(evidence: Evidence, alerts: list[Evidence]) -> AlertStatus | None:
    """Return the post's state; while one of several alerts fires, nothing is over."""
    states = [each.status for each in alerts]
    if len(states) > 1 and AlertStatus.RESOLVED in states and AlertStatus.FIRING in states:
        return AlertStatus.FIRING
    return evidence.status


def _firing_alike(alerts: list[Evidence]) -> int:
    return sum(each.status is not None for each in alerts)
