"""Alerts as people post them, whatever tool wrote the message."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

MOST_HOSTS = 20  # remembered of one alert, as are its numbers
SILENT_GAP = timedelta(hours=1)  # without a post of the alert; a repeat after it is news


class AlertStatus(StrEnum):
    """What a post says of its alert; an acknowledged one neither begins nor ends."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Metric(StrEnum):
    """What an alert is about."""

    CPU = "cpu"
    LOAD = "load"
    WAITING = "waiting"
    MEMORY = "memory"
    DISK = "disk"
    HDFS = "hdfs"
    NETWORK = "network"
    GPU = "gpu"
    THROTTLING = "throttling"
    NO_DATA = "no_data"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert names: a metric, machines, a cluster, an application; empty where it does not.

    `scopes` are names that may be a cluster's or something else's. `threshold` is the percentage
    of that metric it fires above, `value` the one it tells.
    """

    metric: Metric = Metric.OTHER
    hosts: tuple[str, ...] = ()
    cluster: str = ""
    application: str = ""
    threshold: float | None = None
    value: float | None = None
    scopes: tuple[str, ...] = ()


class Scope(StrEnum):
    """Whose an alert is: our cluster's, perhaps, or another's."""

    OURS = "ours"
    UNSURE = "unsure"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class ClusterNames:
    """What our cluster is called; `aliases` are globs. Without a name nothing is foreign."""

    name: str = ""
    aliases: tuple[str, ...] = ()

    def scope_of(self, subject: Subject, text: str) -> tuple[Scope, str]:
        """Return whose the alert is, and the name that is not ours where it names one."""
        if not self.name:
            return Scope.OURS, ""
        if subject.cluster:
            mine = self._ours(subject.cluster)
            return (Scope.OURS, "") if mine else (Scope.FOREIGN, subject.cluster)
        if any(self._ours(word) for word in _NAMES.findall(text)):
            return Scope.OURS, ""
        own = _folded(self.name).split("-")
        for scope in subject.scopes:  # `stage-dw` beside our `prod-dw`
            parts = _folded(scope).split("-")
            if len(parts) == len(own) > 1 and parts[1:] == own[1:]:
                return Scope.FOREIGN, scope
        return (Scope.UNSURE, subject.scopes[0]) if subject.scopes else (Scope.OURS, "")

    def _ours(self, name: str) -> bool:
        """Tell whether a name is ours: a name or an alias, or said short, as `DW` of `prod-dw`."""
        told = _folded(name.strip("."))
        if told in _folded(self.name).split("-"):
            return True
        return any(fnmatchcase(told, _folded(glob)) for glob in (self.name, *self.aliases) if glob)


_NAMES = re.compile(r"[\w][\w.-]*")


def _folded(name: str) -> str:
    """Return a cluster's name without what tools change of it: case, and hyphens for underscores."""
    return name.casefold().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays of an alert over its posts.

    `name` has neither figures nor states in it; `labels` are (name, value) of the group, sorted.
    A `grouped` post stands for several alerts: which hosts it names changes as they come and go.
    `references` are the numbers its sender gave it, such as `#881`.
    """

    sender: str = ""
    name: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    hosts: tuple[str, ...] = ()
    metric: Metric = Metric.OTHER
    grouped: bool = False
    references: tuple[str, ...] = ()

    def refers(self, other: "Identity") -> bool:
        """Tell whether one sender gave both the same number, whatever else they say."""
        shared = set(self.references) & set(other.references)
        return bool(shared) and self.sender == other.sender

    def same(self, other: "Identity") -> bool:
        """Tell whether both are posts of one alert, as far as they tell."""
        if (self.sender, self.name) != (other.sender, other.name):
            return False
        return self._compatible(other) and (bool(self.name) or self._near(other))

    def joined(self, other: "Identity") -> "Identity":
        """Return this identity with the hosts and numbers another post of the alert names."""
        hosts = tuple(dict.fromkeys((*self.hosts, *other.hosts)))[:MOST_HOSTS]
        numbers = tuple(dict.fromkeys((*other.references, *self.references)))[:MOST_HOSTS]
        grouped = self.grouped or other.grouped
        return replace(self, hosts=hosts, grouped=grouped, references=numbers)

    def left_by(self, end: "Identity") -> tuple[str, ...]:
        """Return the hosts that still fire after an end that names only some of them."""
        if self.grouped or end.grouped or not end.hosts:
            return ()
        return tuple(host for host in self.hosts if host not in end.hosts)

    def likeness(self, end: "Identity") -> float:
        """Return how well an end that fits no alert exactly fits this one: 0 (not) to 1."""
        if self.sender != end.sender or not self._compatible(end) or not self._near(end):
            return 0.0
        mine, theirs = set(self.name.split()), set(end.name.split())
        if not theirs:  # it names nothing, or nothing but the host
            return 1.0 if set(end.hosts) & set(self.hosts) else 0.5
        if not mine:
            return 0.5
        if any(_PROPER.search(word) for word in mine - theirs) and any(
            _PROPER.search(word) for word in theirs - mine
        ):
            return 0.0  # each names something the other does not
        shared = len(mine & theirs) / min(len(mine), len(theirs))
        of_host = bool(set(end.hosts) & set(self.hosts)) and self.metric is end.metric
        return max(shared, ENOUGH) if of_host else shared

    def _compatible(self, other: "Identity") -> bool:
        mine, theirs = dict(self.labels), dict(other.labels)
        if any(mine[key] != theirs[key] for key in mine.keys() & theirs.keys()):
            return False
        if self.grouped or other.grouped or not self.hosts or not other.hosts:
            return True
        return bool(set(self.hosts) & set(other.hosts))

    def _near(self, other: "Identity") -> bool:
        return Metric.OTHER in {self.metric, other.metric} or self.metric is other.metric


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert post.

    `key` is the same for posts of one alert that say the same of it; which investigation a post
    belongs to is told by its `identity`. `channel` and `ts` are where and when it was posted or
    edited; `thread_ts` where it is answered. `colour` is that of its bar: green, red or empty.
    `elsewhere` is the name in it that is not, or may not be, our cluster's.
    """

    key: str
    status: AlertStatus
    title: str
    text: str
    channel: str
    ts: str
    thread_ts: str
    posted_at: datetime
    subject: Subject = field(default_factory=Subject)
    identity: Identity = field(default_factory=Identity)
    colour: str = ""
    scope: Scope = Scope.OURS
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Investigation:
    """Our work on one alert group: where it is answered, since when, and whether it is open.

    `reply` is the id of the post that is its first reply, `title` what the alert called itself.
    """

    id: str
    alert_key: str
    channel: str
    thread_ts: str
    opened_at: datetime
    repeats: int = 1
    closed_at: datetime | None = None
    reply: str = ""
    title: str = ""
    subject: Subject = field(default_factory=Subject)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a firing post is to its investigation.

    `new` when it opened it; `quiet` is how long nothing had been heard of the alert before this
    post; `turned` when its bar has turned from red to green, which ends it.
    """

    investigation: Investigation
    new: bool = False
    quiet: timedelta = timedelta(0)
    turned: bool = False


def fitting(alert: Alert, known: Iterable[tuple[str, Identity]]) -> str | None:
    """Return the id of the open investigation a post belongs to; None when it fits none.

    An end that fits none exactly belongs to the one it fits best, when that is plainly one.
    """
    opened = tuple(known)
    numbered = [id_ for id_, identity in opened if identity.refers(alert.identity)]
    if len(numbered) == 1:
        return numbered[0]
    for id_, identity in opened:
        if identity.same(alert.identity):
            return id_
    if alert.status is not AlertStatus.RESOLVED:
        return None
    ranked = sorted(
        ((identity.likeness(alert.identity), id_) for id_, identity in opened), reverse=True
    )
    ranked = [each for each in ranked if each[0] >= ENOUGH]
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


ENOUGH = 0.5  # of the words of an end's name, when none of them speaks against it
_PROPER = re.compile(r"[\d._-]")  # in the names of things, hardly ever in other words


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """One alert that is firing; `quiet` when a silence or another alert keeps it from being posted."""

    name: str
    severity: str
    since: datetime | None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence in force: what it matches, until when, who made it and why."""

    matches: str
    until: datetime | None
    by: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class AlertBoard:
    """Everything an Alertmanager holds now: alerts by severity and age, silences by their end."""

    alerts: tuple[StandingAlert, ...] = ()
    silences: tuple[Silence, ...] = ()

    @property
    def loud(self) -> tuple[StandingAlert, ...]:
        """The alerts nothing keeps quiet."""
        return tuple(each for each in self.alerts if not each.quiet)

    @property
    def quiet(self) -> tuple[StandingAlert, ...]:
        """The alerts that are kept quiet."""
        return tuple(each for each in self.alerts if each.quiet)
