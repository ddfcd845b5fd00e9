"""What the gateway works with: the parts of the product that both its faces share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Protocol

from bot.agents.memory import Memory
from bot.api.limits import Limits
from bot.api.tokens import Token, TokenBook
from bot.domain.answers import Answer, Show
from bot.domain.conversation import Turn, Understanding
from bot.domain.language import Language
from bot.domain.proposals import Click, Proposal
from bot.ports import Clock, Proposals
from bot.tools.toolbox import Toolbox


class Talk(Protocol):
    """The conversation, as the gateway needs it."""

    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        """Answer a turn; `show` gets the answer as far as it stands."""
        ...

    async def recall(self, channel: str, thread_ts: str) -> Memory:
        """Return what a thread remembers."""
        ...


class DecisionDesk(Proposals, Protocol):
    """The approval desk, as the gateway needs it."""

    async def decide(self, click: Click) -> Proposal:
        """Count a decision. Raises ApprovalError."""
        ...


@dataclass(frozen=True, slots=True)
class Core:
    """The parts, and what the settings say of this gateway.

    `team` is the workspace people belong to, `cluster` our cluster's name, `systems` what is read.
    `channels` are Slack's channels a caller may ask a card to stand in, `channel` the one it
    stands in unasked; none where no Slack is. `carry_out` begins what was approved, `heard` counts
    a call by token and route.
    """

    talk: Talk
    tools: Toolbox
    desk: DecisionDesk
    book: TokenBook
    clock: Clock
    team: str
    cluster: str
    carry_out: Callable[[str], None]
    zone: tzinfo = UTC
    systems: tuple[str, ...] = ()
    channels: frozenset[str] = frozenset()
    channel: str = ""
    language: Language | None = None
    limits: Limits = field(default_factory=Limits)
    heard: Callable[[Token, str], None] = lambda _token, _what: None
