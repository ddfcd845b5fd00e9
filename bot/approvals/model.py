"""What the rules of a kill are made of: the policy, the timers, a case and a change.

A rule sees one `Case`, as one transaction sees it, and returns the `Change` to write, or None, or
raises. The store writes a change with its audit row and its posts, or not at all. Rules do no
I/O, read no clock and no language model's words: policy holds those up to the approval,
execution those after it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from bot.domain.proposals import Proposal, Vote
from bot.domain.protection import Protection
from bot.errors import ApprovalError, DangjikError

View = Literal["card", "proof", "relaunch"]
LARGEST_PROPOSAL = 20
CARDS_PER_CHANNEL = 3
KILLS_WITHOUT_SECOND = 3
KILL_WINDOW = timedelta(minutes=10)


class LostLeaseError(DangjikError):
    """Another replica carries the proposal out by now; this one stops, silently."""


@dataclass(frozen=True, slots=True)
class Timers:
    """How long each step may take."""

    lease: timedelta = timedelta(seconds=30)
    deadline: timedelta = timedelta(seconds=120)  # from the last approval to the call
    read_age: timedelta = timedelta(seconds=5)  # from reading the identity to the call
    freeze_age: timedelta = timedelta(seconds=1)  # from checking the freeze to the call
    refusal: timedelta = timedelta(seconds=2)  # after a no, until a read bears it out
    grace: timedelta = timedelta(seconds=60)  # for the cluster to carry the kill out
    unreachable: timedelta = timedelta(minutes=30)  # of no answer, until a person is asked
    settle: timedelta = timedelta(seconds=10)  # until the effect can be measured
    watch: timedelta = timedelta(minutes=2)  # for the effect and for a relaunch
    polls: tuple[float, ...] = (0.5, 1, 2, 4, 8)  # seconds between reads
    longest_poll: float = 60  # while the cluster gives no answer
    watch_poll: float = 5  # between two looks at the effect


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """Who may approve, how many must, for how long, and what may never be killed."""

    approvers: frozenset[str] = frozenset()
    approver_group: str | None = None
    self_approval: bool = True
    approvals_required: int = 1
    ttl: timedelta = timedelta(minutes=15)
    protection: Protection = field(default_factory=lambda: Protection(()))
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What a look at the cluster after a kill measured: CPU percent and cores used, then and now.

    None where it is not known, or not yet.
    """

    cpu_before: float | None = None
    cpu_after: float | None = None
    cores_before: float | None = None
    cores_after: float | None = None


@dataclass(frozen=True, slots=True)
class ProposalSnapshot:
    """A proposal as one transaction sees it, and what the rules need to know around it.

    `now` is the database's own clock, which never goes back. `recent_kills` counts other kills
    begun or promised on the same clusters within `KILL_WINDOW`. `called_at` is by position.
    """

    proposal: Proposal
    now: datetime
    frozen: bool = False
    token: int = 0
    lease_until: datetime | None = None
    watching: bool = False
    cards: frozenset[str] = frozenset()
    envelopes: frozenset[str] = frozenset()
    recent_kills: int = 0
    called_at: Mapping[int, datetime] = field(default_factory=dict)

    def held_with(self, token: int) -> None:
        """Raise LostLeaseError when somebody took the proposal over."""
        if self.token != token:
            raise LostLeaseError(self.proposal.id)


@dataclass(frozen=True, slots=True)
class Transition:
    """What to write. `event` names it in the audit; without one it is only a longer lease.

    `lease` is counted from now; `take` hands out a new token. `attempt` is the position of a
    target whose one call begins. `refusal` is raised after the change is written.
    """

    proposal: Proposal
    event: str = ""
    actor: str = "bot"
    detail: Mapping[str, Any] = field(default_factory=dict)
    vote: Vote | None = None
    envelope_id: str = ""
    attempt: int | None = None
    lease: timedelta | None = None
    take: bool = False
    watching: bool | None = None
    views: tuple[View, ...] = ()
    refusal: ApprovalError | None = None


@dataclass(frozen=True, slots=True)
class DeskState:
    """What a new proposal meets: the time, the freeze switch, and every open proposal."""

    now: datetime
    frozen: bool
    open: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a card: may they approve, and which waiting cards of others theirs outranks."""

    approver: bool = False
    outranked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A new proposal, and the older ones it ends."""

    proposal: Proposal
    ended: tuple[Transition, ...] = ()


class ProposalStore(Protocol):
    """Keeps proposals; each call is one transaction. Raises StorageError."""

    async def admit(self, proposal_id: str, rule: Callable[[DeskState], NewProposal]) -> Proposal:
        """Store what `rule` admits; a proposal with this id already there is returned."""
        ...

    async def change(
        self, proposal_id: str, rule: Callable[[ProposalSnapshot], Transition | None]
    ) -> ProposalSnapshot | None:
        """Write what `rule` says of the case; return the case after it, None when unknown."""
        ...

    async def get(self, proposal_id: str) -> Proposal | None:
        """Return a proposal."""
        ...

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        """Return the thread's proposals, newest first, at most 20."""
        ...

    async def since(self, at: datetime) -> tuple[Proposal, ...]:
        """Return the proposals made from then on, newest first, at most 20."""
        ...

    async def frozen(self, ticks: Callable[[], float]) -> tuple[bool, float]:
        """Return the freeze switch, and what `ticks` told when it was read."""
        ...

    async def due(self) -> tuple[Proposal, ...]:
        """Return what is past its time to decide, or to be carried out under nobody's lease."""
        ...
