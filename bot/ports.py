"""What the core asks of the outside world; each port has one real adapter and one fake."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.alerts import Alert, Heard, Investigation
from bot.domain.applications import (
    Application,
    ApplicationRef,
    KillAnswer,
    RunningApplications,
)
from bot.domain.cluster import ClusterMetrics, NodeUsage, PastUsage, Window
from bot.domain.conversation import Watch
from bot.domain.core_usage import NodeCores, UsageBaseline, UsageSum
from bot.domain.knowledge import Collection, Found, GuideFigures, GuideNote, Passage
from bot.domain.language import Language
from bot.domain.posts import InboxItem, Post
from bot.domain.proposals import KillOrder, Person, Proposal, ProposalRequest

Clock = Callable[[], datetime]
Left = Callable[[], float]  # seconds until a request must have begun; 0 or less: too late
SendKill = Callable[[KillOrder, Left], Awaitable[KillAnswer]]
# Searches the web with allowed words only: at most 5 results, or raises BackendError.
WebSearch = Callable[[str], Awaitable[tuple[Passage, ...]]]


class Applications(Protocol):
    """Reads applications. Never raises for a part that is missing: it is named in the result."""

    async def running(self) -> RunningApplications:
        """Return everything that runs or waits, in no order."""

    async def find(self, ref: ApplicationRef) -> Application | None:
        """Return one application as it is now, uncached; None when the cluster does not know it.

        Raises BackendError when the cluster gives no usable answer.
        """


class ApplicationControl(Protocol):
    """The only port that changes a cluster; held by the approval desk alone."""

    async def find(self, ref: ApplicationRef) -> Application | None:
        """Read identity from the address the kill will go to, uncached; as Applications.find."""

    async def prepare(self, ref: ApplicationRef) -> SendKill:
        """Find out where a kill request goes and what it needs; nothing is changed by that.

        The returned `send(order, left)` sends exactly one request: no retry, no redirect, and
        nothing once `left()` is over, which is asked right before the bytes go. It never raises
        BackendError. Raises BackendError itself.
        """


class ClusterHealth(Protocol):
    """Reads what the machines are doing. Missing parts are named in the result, never raised."""

    async def now(self) -> ClusterMetrics:
        """Return the cluster as it is, with the last hour's CPU where a history is kept."""

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        """Return CPU over a window, or None where no history is kept.

        Raises BackendError when the history gives no usable answer.
        """


class UsageHistory(Protocol):
    """What machines and applications used before now."""

    async def cores_at(self, at: datetime) -> Mapping[str, float]:
        """Return measured cores by application id at an earlier time; empty when unknown."""

    async def cores_around(
        self, before: datetime, after: datetime
    ) -> tuple[float | None, float | None]:
        """Return the cores all applications used at a time, and use by readings begun after another.

        Both by one source that measures; both None where there is none, or no such reading yet.
        """

    async def cores_on(self, nodes: Sequence[NodeUsage]) -> NodeCores | None:
        """Return the cores each application uses on some nodes; None where nothing tells that."""

    async def risen(self, applications: Sequence[str]) -> Mapping[str, tuple[datetime, float]]:
        """Return since when those of these ids that rose use so much, and the cores before.

        Where that has to be looked up, of the first alone.
        """

    async def usage_at(self, at: datetime) -> PastUsage:
        """Return what was measured around an earlier time; missing parts are named in it."""


class UsageBaselines(Protocol):
    """What applications of a name usually do, from our own samples."""

    async def habits(
        self, applications: Sequence[Application], at: datetime
    ) -> Mapping[str, UsageBaseline]:
        """Return the habit of each application's name and user, by application id.

        Raises StorageError.
        """

    async def sums(self, since: datetime) -> tuple[UsageSum, ...]:
        """Return the core-hours each owner used and was granted in each queue since a time.

        Raises StorageError.
        """


class Proposals(Protocol):
    """Proposes, looks up and withdraws; decides nothing. All the agents see of the desk."""

    async def propose(self, request: ProposalRequest) -> Proposal:
        """Store a proposal and its card, replacing the thread's open one.

        The same request id returns the stored proposal. Raises ProposalRefusedError.
        """

    async def get(self, proposal_id: str) -> Proposal | None:
        """Return a proposal; None when there is none."""

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        """Return the thread's proposals, newest first, at most 20."""

    async def since(self, at: datetime) -> tuple[Proposal, ...]:
        """Return the proposals made from then on in any thread, newest first, at most 20."""

    async def withdraw(self, proposal_id: str, user: str) -> Proposal | None:
        """Cancel an open proposal; None when there is nothing left to cancel.

        Raises NotAllowedError (not_requester) for whoever neither asked for it nor may approve.
        """

    def protected(self, name: str, user: str, queue: str) -> bool:
        """Return True when the policy forbids offering or killing such an application."""


class Documents(Protocol):
    """Searches our own documents."""

    async def search(
        self,
        collection: Collection,
        question: str,
        channel: str,
        limit: int = 3,
        *,
        language: Language | None = None,
    ) -> Found:
        """Return passages, best first, and how much speaks for them. Raises BackendError.

        `language` is the one to show where a page exists in both; without it the question's.
        """

    async def section(self, source: str, channel: str) -> Passage | None:
        """Return a whole section (`collection/file#heading`) or document (`collection/file`).

        None when there is none, or when it belongs to another channel. Raises BackendError.
        """


class GuideNotes(Protocol):
    """Remembers what a guide answer was asked and showed, for its buttons."""

    async def note(self, note: GuideNote) -> None:
        """Keep a note; one that is there already stays as it is. Raises StorageError."""

    async def noted(self, id_: str) -> GuideNote | None:
        """Return a note; None when there is none."""

    async def vote(self, answer_id: str, passage: int, user: str, *, helpful: bool) -> None:
        """Count a person's vote on an answer (passage 0) or a passage; the last one counts."""


class Watches(Protocol):
    """What people wait to be told of. Raises StorageError."""

    async def add(self, watch: Watch) -> None:
        """Keep a watch; one that is there already stays as it is."""

    async def open(self) -> tuple[Watch, ...]:
        """Return every open watch."""

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Watch, ...]:
        """Return a thread's open watches."""

    async def close(self, id_: str, state: str) -> bool:
        """End an open watch as told, cancelled or expired; False when it was over before."""


class Past(Protocol):
    """What happened since a time, newest first."""

    async def investigations(self, since: datetime) -> tuple[Investigation, ...]:
        """Return investigations opened since then, or still open."""

    async def proposals(self, since: datetime) -> tuple[Proposal, ...]:
        """Return proposals made since then."""

    async def guides(self, since: datetime) -> GuideFigures:
        """Return how many guide answers were given since then, and the votes on them."""


class People(Protocol):
    """What Slack says of people."""

    async def person(self, user: str) -> Person:
        """Return a user. Raises BackendError when Slack gives no answer."""

    async def group_members(self, group: str) -> frozenset[str]:
        """Return a user group's members. Raises BackendError when Slack gives no answer."""


class Inbox(Protocol):
    """What came in from Slack, durable before it is acknowledged."""

    async def put(self, item: InboxItem) -> bool:
        """Store a delivery; False when its key is there already. Raises StorageError."""

    async def claim(self, key: str) -> InboxItem | None:
        """Take one item for working on it, under a lease; None when done or taken by another."""

    async def waiting(self) -> tuple[InboxItem, ...]:
        """Claim and return what is not done and under nobody's lease, oldest first."""

    async def renew(self, keys: Sequence[str]) -> None:
        """Go on holding what we took; what another has taken since stays the other's."""

    async def last_at(self) -> datetime | None:
        """Return when something was last taken in; None when nothing ever was."""

    async def finish(self, key: str, posts: Sequence[Post] = ()) -> None:
        """Mark an item done and queue its posts, in one transaction."""


class Outbox(Protocol):
    """What waits to be posted; order is kept within a channel, people's posts before alerts'."""

    async def add(self, posts: Sequence[Post]) -> None:
        """Queue posts; one whose id is there already is left as it is, unless it was a draft."""

    async def due(self) -> tuple[Post, ...]:
        """Claim and return what is to be sent now, oldest first."""

    async def sent(self, post: Post, ts: str) -> None:
        """Note that the post stands in Slack with this ts."""

    async def card_stands(self, proposal_id: str, ts: str) -> None:
        """Note where a proposal's card stands, although its sender never said so."""

    async def failed(self, post: Post, retry_at: datetime | None, reason: str) -> None:
        """Note a failure; with no `retry_at` it is given up and only the reason is kept."""

    async def revive(self, post_id: str) -> bool:
        """Send a post that was given up once more; False when it stands, waits, or is unknown."""

    async def standing(self, post_id: str) -> Post | None:
        """Return a post that stands in Slack, with its ts as `replaces_ts`; None for any other."""


class Investigations(Protocol):
    """One investigation per alert group, and the threads the bot takes part in."""

    async def open(self, alert: Alert, reply: str = "", *, anew: bool = False) -> Heard:
        """Return the alert's open investigation, counting a repeat, or open one.

        `reply` is the id its first reply would have. `anew` closes the open one as one whose end
        was not heard, and opens another.
        """

    async def close(self, alert: Alert) -> Investigation | None:
        """Close the alert's open investigation; None when there is none, or it goes on."""

    async def join(self, channel: str, thread_ts: str) -> None:
        """Remember that the bot takes part in a thread."""

    async def joined(self, channel: str, thread_ts: str) -> bool:
        """Tell whether the bot takes part in a thread."""
