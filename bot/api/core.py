"""What the gateway works with: the parts of the product that both its faces share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from bot.api.limits import Limits
from bot.api.tokens import Token, TokenBook
from bot.approvals.desk import ApprovalDesk
from bot.domain.language import Language
from bot.ports import Clock
from bot.services.conversations import Conversations
from bot.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Core:
    """The parts, and what the settings say of this gateway.

    `team` is the workspace people belong to, `cluster` our cluster's name, `systems` what is read.
    `channels` are Slack's channels a caller may ask a card to stand in, `channel` the one it
    stands in unasked; none where no Slack is. `carry_out` begins what was approved, `heard` counts
    a call by token and route.
    """

    talk: Conversations
    tools: Toolbox
    desk: ApprovalDesk
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
