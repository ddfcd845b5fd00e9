"""A conversation: what a person said, how it was understood, and what was listed before."""

import json
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from functools import cache
from typing import Any

from bot.domain import selections
from bot.domain.applications import ApplicationRef, Measurement
from bot.domain.language import Language, Text
from bot.domain.selections import Field, Measure, Selection

API = "api:"  # begins the channels and threads of the API; no id of Slack holds a colon


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
    CAPACITY = "capacity"
    WATCH = "watch"
    DRAFT = "draft"
    CANCEL = "cancel"
    USE_BUTTONS = "use_buttons"
    UNSUPPORTED = "unsupported"
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


# How each intent is called, and who answers it; None where nothing has to be looked up.
INTENTS: dict[Intent, tuple[Text, AgentName | None]] = {
    Intent.STATUS: (Text(ko="현황", en="status"), AgentName.INFRA_ENGINEER),
    Intent.COMPARE: (Text(ko="비교", en="comparison"), AgentName.INFRA_ENGINEER),
    Intent.DIAGNOSE: (Text(ko="원인 분석", en="diagnosis"), AgentName.INFRA_ENGINEER),
    Intent.LIST: (Text(ko="목록", en="list"), AgentName.DATA_ENGINEER),
    Intent.DETAIL: (Text(ko="잡 상세", en="job details"), AgentName.DATA_ENGINEER),
    Intent.KILL: (Text(ko="종료 요청", en="kill request"), AgentName.DATA_ENGINEER),
    Intent.WHAT_IF: (
        Text(ko="종료 효과 예상", en="expected effect of a kill"),
        AgentName.DATA_ENGINEER,
    ),
    Intent.HOW_TO: (Text(ko="방법 안내", en="how-to"), AgentName.ADMIN_GUIDE),
    Intent.HISTORY: (Text(ko="지난 사례", en="past incidents"), AgentName.ADMIN_GUIDE),
    Intent.AUDIT: (Text(ko="승인 이력", en="who decided"), AgentName.DATA_ENGINEER),
    Intent.CAPACITY: (Text(ko="남은 자리", en="room left"), AgentName.INFRA_ENGINEER),
    Intent.WATCH: (Text(ko="지켜보기", en="a watch"), AgentName.INFRA_ENGINEER),
    Intent.DRAFT: (Text(ko="글 초안", en="a draft"), AgentName.ADMIN_GUIDE),
    Intent.UNSUPPORTED: (
        Text(ko="할 수 없는 일", en="something I cannot do"),
        AgentName.DATA_ENGINEER,
    ),
    Intent.CANCEL: (Text(ko="제안 취소", en="withdrawal"), AgentName.DATA_ENGINEER),
    Intent.USE_BUTTONS: (Text(ko="버튼 안내", en="use of the buttons"), None),
    Intent.CLARIFY: (Text(ko="되묻기", en="question back"), None),
    Intent.HELP: (Text(ko="도움말", en="help"), None),
    Intent.SMALLTALK: (Text(ko="인사", en="small talk"), None),
    Intent.OUT_OF_SCOPE: (Text(ko="다른 주제", en="another subject"), None),
    Intent.NONE: (Text(ko="아무것도 하지 않음", en="nothing to do"), None),
}
ANSWERED_BY = {intent: agent for intent, (_, agent) in INTENTS.items() if agent is not None}
OF_THE_PRESENT = frozenset(
    {
        *(Intent.STATUS, Intent.COMPARE, Intent.LIST, Intent.DETAIL, Intent.WHAT_IF, Intent.AUDIT),
        *(Intent.CAPACITY, Intent.WATCH, Intent.HELP),
    }
)
"""What is answered from what the cluster and the bot do now: no page of a manual says it."""
WORDS_ALONE = INTENTS.keys() - ANSWERED_BY.keys() - {Intent.CLARIFY}
"""What is answered without looking anything up."""


def name_of(intent: Intent, language: Language) -> str:
    """Return what an intent is called, as in "Read as: list."."""
    return INTENTS[intent][0](language)


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

    `after` leaves out as many of the first rows as this ("the rest", "what is below those").
    `per` sums up by user or queue instead of listing rows; `total` asks for the count and sum
    alone. `spare` asks which of them could be given up; `this_queue` for those of the queue the
    thread is about.
    """

    by: Measure = Measure.CPU
    count: int | None = None
    ascending: bool = False
    only: Selection | None = None
    waiting: bool = False
    spare: bool = False
    this_queue: bool = False
    after: int = 0
    per: Field | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody wants to start: cores, memory in bytes, in a queue; None for what is not said."""

    cores: float | None = None
    memory: int | None = None
    queue: str | None = None


class WatchKind(StrEnum):
    """What may be waited for."""

    CPU_BELOW = "cpu_below"
    CPU_ABOVE = "cpu_above"
    MEMORY_BELOW = "memory_below"
    MEMORY_ABOVE = "memory_above"
    ENDED = "ended"  # the chosen application is over
    RELAUNCHED = "relaunched"  # one of the same name and owner runs again
    ROOM = "room"  # the queue, or the cluster, has room for `need`


@dataclass(frozen=True, slots=True)
class WatchFor:
    """What a person wants to be told of; `percent` for CPU and memory, `need` for room."""

    kind: WatchKind
    percent: float | None = None
    need: Need = field(default_factory=Need)


class DraftKind(StrEnum):
    """What may be written from what the thread knows."""

    SUMMARY = "summary"
    HANDOVER = "handover"
    POSTMORTEM = "postmortem"
    OWNER = "owner"  # a message to the owner of the chosen applications


class Wish(StrEnum):
    """What people ask for and we cannot do; the answer says what to do instead."""

    MOVE = "move"
    PRIORITY = "priority"
    RESTART = "restart"
    PAUSE = "pause"
    RESIZE = "resize"
    MUTE = "mute"
    PAGE = "page"
    CONFIG = "config"
    PERMISSION = "permission"
    NODES = "nodes"
    SCHEDULE = "schedule"
    UNDO = "undo"
    LOGS = "logs"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Understanding:
    """The reading of one message.

    `selection` is set for kill, what_if and detail; `query` for list; `topics` for status.
    `question` names what to ask back when the intent is clarify (a key of the clarify texts), and
    `readings` are what the message may have meant, the likeliest first: one button each. `need`
    is set for capacity, `watch` for watch (with `selection` for an application), `draft` for
    draft, `wish` for unsupported. `also` are further requests of the same message, in order.
    `unapplied` are words that would have narrowed a list and could not be applied.
    `window` is a stretch of past time the person named, `ago` how far back the time lies the
    present is to be compared with. `about` is the question to search our documents for, where the
    message alone does not say it. `evidence` is a short trace of which
    words decided, for the context line and for tests. `sure` is False when the grammar only
    guessed and a second reader should be asked; `belief` is how probable it took its reading to be,
    or any that is answered from the same figures.
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
    belief: float = 1.0
    need: Need | None = None
    watch: WatchFor | None = None
    draft: DraftKind | None = None
    wish: Wish | None = None
    readings: tuple["Understanding", ...] = ()
    also: tuple["Understanding", ...] = ()
    unapplied: tuple[str, ...] = ()
    about: str = ""

    @property
    def answered_by(self) -> AgentName:
        """Who answers it: each intent has one agent, a question back that of its subject."""
        return ANSWERED_BY.get(self.intent, self.agent)


@dataclass(frozen=True, slots=True)
class ThreadView:
    """What understanding may know of the thread: rows listed, and whether a card is open.

    `names`, `users`, `queues` are those known to run or to be listed, so that a bare word can be
    recognised as one of them. `on_card` are the ranks of the one open card's targets, empty when
    they are not all rows of the list shown. `looked_at` is True
    right after one application was shown in detail, `looked_at_rank` is its rank in the list.
    `rows` are the rows listed, `running` everything that ran at `at`, the heaviest first.
    """

    listed: int = 0
    open_card: bool = False
    kills_proved: bool = False
    names: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    on_card: tuple[int, ...] = ()
    looked_at: bool = False
    rows: tuple["ListingRow", ...] = ()
    running: tuple["ListingRow", ...] = ()
    at: datetime | None = None
    looked_at_rank: int | None = None


@dataclass(frozen=True, slots=True)
class OverheardLine:
    """A line in a thread that does not name us.

    `before` is what somebody else wrote last since we spoke, empty for nothing. `to_person` when
    the line mentions a person or a group.
    """

    text: str
    view: ThreadView
    before: str = ""
    to_person: bool = False


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether a line is surely for us, and the score that says so; 0 is the threshold."""

    addressed: bool
    score: float


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One row as it was shown: `rank` is 1-based; share is 0 to 1.

    `memory` is bytes; it, the start and the cores are None where nobody tells them. `cores` are
    those it was ranked by, of `cores_basis`; `partly` when they leave out nodes not read.
    """

    rank: int
    ref: ApplicationRef
    attempt: int
    name: str
    user: str
    queue: str
    started_at: datetime | None
    cores: float | None
    memory: int | None
    cores_basis: str
    share: float | None = None
    state: str = "running"
    protected: bool = False
    granted_cores: float | None = None
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A numbered list, frozen when it was shown; at most 20 rows.

    `measurement` tells where used cores come from; None where nothing tells them.
    """

    taken_at: datetime
    by: Measure
    rows: tuple[ListingRow, ...]
    measurement: Measurement | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's words, where and when they were said.

    `id` is the same for every delivery of the same message. `asker` is a Slack user id, or empty
    for an alert. `private` is True in direct messages and private channels. `opens_thread` when
    it is the first message of its thread and speaks to us and nobody else. `may_propose` is False
    where no card may come of it.
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
    opens_thread: bool = False
    may_propose: bool = True


LASTS = timedelta(hours=12)
MOST_OPEN = 10  # in one thread


@dataclass(frozen=True, slots=True)
class Watched:
    """An application a watch is about."""

    ref: ApplicationRef
    name: str
    user: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What is waited for, who asked, and until when; `id` is the turn's, so a repeat makes no second."""

    id: str
    channel: str
    thread_ts: str
    asker: str
    language: Language
    wanted: WatchFor
    applications: tuple[Watched, ...]
    made_at: datetime
    expires_at: datetime


# A reading as a short text and back: what a button carries.


LONGEST_BUTTON = 1_900  # characters; Slack takes 2,000
_LEFT_OUT = {"evidence", "readings"}


def button_text(reading: Understanding) -> str:
    """Return a reading as text; empty when it is too long for a button."""
    text = json.dumps(_plain(reading), ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= LONGEST_BUTTON else ""


def reading_in(text: str) -> Understanding | None:
    """Return the reading a text holds; None when it is none of ours."""
    try:
        found = _made(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if isinstance(found, Understanding) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"_": type(value).__name__, "v": value.value}
    if isinstance(value, timedelta):
        return {"_": "timedelta", "v": value.total_seconds()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not is_dataclass(value):
        return value
    said = {
        field.name: _plain(getattr(value, field.name))
        for field in fields(value)
        if field.name not in _LEFT_OUT and not _default(field, getattr(value, field.name))
    }
    return {"_": type(value).__name__, **said}


def _default(field: Any, value: Any) -> bool:
    if field.default is not MISSING:
        return bool(value == field.default)
    return field.default_factory is not MISSING and bool(value == field.default_factory())


def _made(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_made(item) for item in value)
    if not isinstance(value, dict):
        return value
    name = value["_"]
    if name == "timedelta":
        return timedelta(seconds=value["v"])
    kind = _kinds()[name]
    if issubclass(kind, Enum):
        return kind(value["v"])
    return kind(**{key: _made(item) for key, item in value.items() if key != "_"})


@cache
def _kinds() -> dict[str, Any]:
    """Return the values a reading may hold, by name."""
    return {
        name: kind
        for name, kind in {**vars(selections), **globals()}.items()
        if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Enum))
    }
