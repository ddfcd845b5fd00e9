"""A conversation: what a person said, how it was understood, and what was listed before."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.applications import ApplicationRef
from bot.domain.language import Language
from bot.domain.selections import Measure, Selection


class Intent(StrEnum):
    """What a person wants; the names are part of the public surface."""

    STATUS = "status"
    COMPARE = "compare"
    DIAGNOSE = "diagnose"
    LIST = "list"
    DETAIL = "detail"
    KILL = "kill"
    WHAT_IF = "what_if"
    HOW_TO = "how_to"
    HISTORY = "history"
    AUDIT = "audit"
    CANCEL = "cancel"
    USE_BUTTONS = "use_buttons"
    CLARIFY = "clarify"
    HELP = "help"
    SMALLTALK = "smalltalk"
    OUT_OF_SCOPE = "out_of_scope"
    NONE = "none"


class AgentName(StrEnum):
    """Who answers."""

    INFRA_ENGINEER = "infra_engineer"
    DATA_ENGINEER = "data_engineer"
    ADMIN_GUIDE = "admin_guide"
    NONE = "none"


class Topic(StrEnum):
    """Parts of the cluster a status question may be about."""

    CPU = "cpu"
    MEMORY = "memory"
    DISK = "disk"
    NETWORK = "network"
    HDFS = "hdfs"
    NODES = "nodes"
    QUEUES = "queues"
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class Query:
    """Which applications a list should hold: order, how many, and only those matching `only`.

    `spare` asks which of them could be given up; `this_queue` for those of the queue the thread
    is about.
    """

    by: Measure = Measure.CPU
    count: int | None = None
    ascending: bool = False
    only: Selection | None = None
    waiting: bool = False
    spare: bool = False
    this_queue: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """The reading of one message.

    `selection` is set for kill, what_if and detail; `query` for list; `topics` for status.
    `question` names what to ask back when the intent is clarify (a key of the clarify texts).
    `window` is a stretch of past time the person named, `ago` how far back the time lies the
    present is to be compared with. `evidence` is a short trace of which
    words decided, for the context line and for tests. `sure` is False when the grammar only
    guessed and a second reader should be asked.
    """

    intent: Intent
    agent: AgentName
    language: Language
    selection: Selection | None = None
    query: Query = field(default_factory=Query)
    topics: tuple[Topic, ...] = ()
    question: str = ""
    window: timedelta | None = None
    ago: timedelta | None = None
    web: bool = False
    evidence: tuple[str, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class ThreadView:
    """What understanding may know of the thread: rows listed, and whether a card is open.

    `names`, `users`, `queues` are those known to run or to be listed, so that a bare word can be
    recognised as one of them. `on_card` are the ranks of the one open card's targets, empty when
    they are not all rows of the list shown. `nodes` are machines, casefolded. `looked_at` is True
    right after one application was shown in detail.
    """

    listed: int = 0
    open_card: bool = False
    kills_proved: bool = False
    names: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    on_card: tuple[int, ...] = ()
    nodes: frozenset[str] = frozenset()
    looked_at: bool = False


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One row as it was shown: `rank` is 1-based; share is 0 to 1.

    `memory` is bytes, None where nobody tells it.
    """

    rank: int
    ref: ApplicationRef
    attempt: int
    name: str
    user: str
    queue: str
    started_at: datetime
    cores: float
    memory: int | None
    cores_basis: str
    share: float | None = None
    state: str = "running"
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A numbered list, frozen when it was shown; at most 20 rows."""

    taken_at: datetime
    by: Measure
    rows: tuple[ListingRow, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's words, where and when they were said.

    `id` is the same for every delivery of the same message. `asker` is a Slack user id, or empty
    for an alert. `private` is True in direct messages and private channels.
    """

    id: str
    team: str
    channel: str
    thread_ts: str
    ts: str
    asker: str
    text: str
    language: Language
    said_at: datetime
    private: bool = False
