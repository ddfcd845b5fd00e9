"""What an agent found out or did, before anyone words it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.alerts import Alert
from bot.domain.applications import Application, Measurement
from bot.domain.cluster import ClusterMetrics, NodeUsage, PastUsage, Room
from bot.domain.conversation import (
    MOST_OPEN,
    DraftKind,
    Intent,
    Listing,
    ListingRow,
    Need,
    Query,
    Topic,
    Understanding,
    Watch,
    Wish,
)
from bot.domain.core_usage import UsageSum
from bot.domain.hypotheses import Hypothesis
from bot.domain.knowledge import Culprit, Found, Passage
from bot.domain.listings import Total
from bot.domain.proposals import DecidingRules, Proposal
from bot.domain.runaway import Finding
from bot.errors import Missing
from bot.tools.kill_spark_job import KillFacts


class AgentFacts:
    """What one intent's words are made of; a test holds `answer.TEMPLATES` to every kind."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class StatusFacts(AgentFacts):
    """How the cluster is; `nodes` are the machines asked about by name.

    `high_since` is when CPU went high, None when it is not.
    """

    metrics: ClusterMetrics
    topics: tuple[Topic, ...] = ()
    nodes: tuple[NodeUsage, ...] = ()
    high_since: datetime | None = None


class Since(StrEnum):
    """What the present is compared with."""

    KILL = "kill"
    ALERT = "alert"
    LAST_HOUR = "last_hour"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class CompareFacts(AgentFacts):
    """CPU now against an earlier time; percent, None where unknown."""

    metrics: ClusterMetrics
    since: Since
    before: float | None
    before_at: datetime | None
    killed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mover:
    """A running application whose use changed: cores then and now; `before` None: not started."""

    name: str
    user: str
    before: float | None
    now: float


@dataclass(frozen=True, slots=True)
class PastFacts(AgentFacts):
    """The present against an earlier time.

    `nodes` are those that changed most, as (name, percent then, percent now). `ended` are how many
    applications used cores then and are over, and how many cores.
    """

    metrics: ClusterMetrics
    past: PastUsage
    topics: tuple[Topic, ...] = ()
    movers: tuple[Mover, ...] = ()
    nodes: tuple[tuple[str, float, float], ...] = ()
    ended: tuple[int, float] = (0, 0.0)


@dataclass(frozen=True, slots=True)
class DiagnoseFacts(AgentFacts):
    """What makes the cluster busy; `listing` holds the heaviest applications.

    `hypotheses` are the competing explanations, the likeliest first; `risen` says, by application
    id, since when one uses so much, and the cores before that.
    """

    metrics: ClusterMetrics
    findings: tuple[Finding, ...]
    listing: Listing
    missing: tuple[Missing, ...] = ()
    alert: Alert | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    high_since: datetime | None = None
    risen: Mapping[str, tuple[datetime, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertFacts(AgentFacts):
    """What an alert is about: its hosts among our nodes, those that are none, and the diagnosis.

    `cluster_wide` when it names our cluster, whatever hosts it names besides. `may_kill` when
    killing an application could help.
    """

    alert: Alert
    diagnosis: DiagnoseFacts
    nodes: tuple[NodeUsage, ...] = ()
    strangers: tuple[str, ...] = ()
    cluster_wide: bool = False
    may_kill: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedFacts(AgentFacts):
    """The alert is over: CPU then and now where it was about CPU, and what was killed meanwhile."""

    metrics: ClusterMetrics
    before: float | None
    opened_at: datetime | None
    killed: tuple[str, ...] = ()
    of_cpu: bool = True


@dataclass(frozen=True, slots=True)
class ListFacts(AgentFacts):
    """A list, frozen as it is shown; `matching` counts all that fit the query.

    `unapplied` are words that could not narrow it; `others` counts, by type, what is not listed;
    `history` are owners' core-hours of the last days, where waste was asked for.
    """

    listing: Listing
    query: Query
    matching: int
    missing: tuple[Missing, ...] = ()
    unapplied: tuple[str, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    history: tuple[UsageSum, ...] = ()


@dataclass(frozen=True, slots=True)
class TotalFacts(AgentFacts):
    """What all that fits the query holds together, and per owner or queue when that was asked.

    `share` is the part of the cluster's cores, 0 to 1; `granted` when cores are what was granted;
    `rows` are the first of those summed up.
    """

    query: Query
    whole: Total
    taken_at: datetime
    share: float | None = None
    granted: bool = False
    per: tuple[Total, ...] = ()
    missing: tuple[Missing, ...] = ()
    unapplied: tuple[str, ...] = ()
    measurement: Measurement | None = None
    history: tuple[UsageSum, ...] = ()
    rows: tuple[ListingRow, ...] = ()


class Worth(StrEnum):
    """Whether giving an application up is worth a thought."""

    RUNAWAY = "runaway"  # evidence says it is out of hand
    OWNER = "owner"  # it would free much; only its owner knows whether it may go
    IDLE = "idle"  # it holds cores, uses next to none, and others wait for some
    LITTLE = "little"  # it would free next to nothing


@dataclass(frozen=True, slots=True)
class Spare:
    """One application that could be given up; `points` is what CPU should fall by."""

    row: ListingRow
    worth: Worth
    points: float | None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class SpareFacts(AgentFacts):
    """What could be given up in a queue, or anywhere: `spares` are the rows of `listing`.

    `protected` names those that may not be; `matching` counts all that may.
    """

    listing: Listing
    spares: tuple[Spare, ...]
    metrics: ClusterMetrics
    queue: str | None = None
    protected: tuple[str, ...] = ()
    matching: int = 0
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """One application as it is now; None when the cluster does not know it any more.

    `finding` is set when it stands out, `rise` when it is known since when it uses so much, with
    the cores before.
    """

    row: ListingRow
    application: Application | None
    share: float | None = None
    finding: Finding | None = None
    rise: tuple[datetime, float] | None = None


@dataclass(frozen=True, slots=True)
class DetailFacts(AgentFacts):
    """The applications asked about, at most 3."""

    details: tuple[Detail, ...]
    read_at: datetime
    measurement: Measurement | None = None


@dataclass(frozen=True, slots=True)
class Relief:
    """What killing a target should give back: CPU percentage points, where use was measured."""

    row: ListingRow
    now: Application
    points: float | None


@dataclass(frozen=True, slots=True)
class WhatIfFacts(AgentFacts):
    """What a kill would bring; nothing was proposed. `room` is what is free before it."""

    reliefs: tuple[Relief, ...]
    cpu_now: float | None
    cpu_then: float | None
    read_at: datetime
    gone: tuple[ListingRow, ...] = ()
    room: Room = field(default_factory=Room)


@dataclass(frozen=True, slots=True)
class AuditFacts(AgentFacts):
    """Who asked, who decided, and what came of it, in this thread or `since` a time anywhere.

    `approvers` are the ids of those who may decide, `names` theirs where Slack tells them.
    """

    proposals: tuple[Proposal, ...]
    rules: DecidingRules | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    approvers: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnsupportedFacts(AgentFacts):
    """A wish we cannot fulfil, and the applications it was about, where they were told."""

    wish: Wish
    rows: tuple[ListingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class UnseenFacts(AgentFacts):
    """Something was asked of systems that we do not look at; their names."""

    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueRoom:
    """What one queue may still get: cores and bytes up to its guarantee, and up to its maximum."""

    name: str
    guaranteed: Need
    most: Need


@dataclass(frozen=True, slots=True)
class CapacityFacts(AgentFacts):
    """Whether there is room: what is asked for, what is free, and free in each queue.

    `freed` are the names of those whose end was counted in. A figure nobody tells is None.
    """

    need: Need
    free: Need
    total: Need
    queues: tuple[QueueRoom, ...]
    metrics: ClusterMetrics
    freed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchFacts(AgentFacts):
    """A watch that was asked for: kept, unless it was so `already` or the thread holds too many."""

    watch: Watch
    metrics: ClusterMetrics
    already: bool = False
    full: bool = False
    most: int = MOST_OPEN


@dataclass(frozen=True, slots=True)
class DraftFacts(AgentFacts):
    """What a thread knows, for a text somebody sends elsewhere; without an alert `opened_at` is None.

    `heavy` are the heaviest applications now, `chosen` those a message to their owner is about.
    `names` are people's by Slack id.
    """

    kind: DraftKind
    metrics: ClusterMetrics
    proposals: tuple[Proposal, ...]
    heavy: tuple[ListingRow, ...]
    title: str = ""
    opened_at: datetime | None = None
    cpu_before: float | None = None
    culprits: tuple[Culprit, ...] = ()
    chosen: tuple[ListingRow, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelFacts(AgentFacts):
    """Open cards that were withdrawn; empty when there was none.

    `kept` are cards the asker may not withdraw, `watches` how many watches ended.
    """

    withdrawn: tuple[Proposal, ...]
    kept: tuple[Proposal, ...] = ()
    watches: int = 0


@dataclass(frozen=True, slots=True)
class GuideFacts(AgentFacts):
    """What manual, history and the web gave; None for what was not asked.

    `shown` are the passages of the answer, best first. `id` names the note their buttons refer
    to, empty without buttons; `recent` when the newest incidents came first; `sure` is False when
    the best may not be what was asked; so many of our own passages are `quoted`, of the others
    the titles are shown.
    """

    question: str
    manual: Found | None
    history: Found | None
    web: Found | None
    shown: tuple[Passage, ...] = ()
    id: str = ""
    recent: bool = False
    sure: bool = True
    quoted: int = 1


@dataclass(frozen=True, slots=True)
class QuestionFacts(AgentFacts):
    """Something to ask back; `key` chooses the words.

    `meant` are what the message may have meant, each with the rows it chooses.
    """

    key: str
    values: dict[str, str] = field(default_factory=dict)
    candidates: tuple[ListingRow, ...] = ()
    meant: tuple[tuple[Understanding, tuple[ListingRow, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingsFacts(AgentFacts):
    """A kill request read in more than one way: the rows of each, and a reading that is no kill."""

    kills: tuple[tuple[ListingRow, ...], ...]
    other: Intent | None = None


@dataclass(frozen=True, slots=True)
class WordsFacts(AgentFacts):
    """Nothing to look up: help, thanks, an acknowledgement, out of scope, use the buttons."""

    key: str
    open_card: bool = False


@dataclass(frozen=True, slots=True)
class UnreadableFacts(AgentFacts):
    """The cluster gave nothing the question needs."""

    missing: tuple[Missing, ...]


Facts = AgentFacts | KillFacts
