"""What waits to be posted, and what came in: rows of the outbox and the inbox."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


class Incoming(StrEnum):
    """What an inbox row holds."""

    EVENT = "event"
    CLICK = "click"
    VIEW = "view"
    SHORTCUT = "shortcut"


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One delivery, written before it is acknowledged.

    `key` is unique per piece of work: every redelivery of the same message or click has the same.
    `payload` is Slack's JSON as it came. `tries` counts how often work on it began.
    """

    key: str
    kind: Incoming
    payload: dict[str, Any]
    received_at: datetime
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """One message to be posted, already rendered.

    `id` is deterministic: the same work never leaves two posts, and the id travels in the
    message's metadata so that a lost answer is found in the thread before posting again.
    `replaces_ts` edits that message instead of posting. `ephemeral_to` shows it to one user.
    With a `view` the blocks are made from the proposal's row when the post is sent, so that what
    is shown is what is stored: "card" is posted once and edited from then on. `tries` counts how
    often sending began: above 1 the thread is searched first, for the answer may have been lost. A `draft`
    is replaced by the next post of its id, by an edit where it stands in Slack already.
    """

    id: str
    channel: str
    thread_ts: str | None
    text: str
    blocks: tuple[dict[str, Any], ...]
    event_type: str = "oncall_answer"
    event_payload: dict[str, Any] = field(default_factory=dict)
    replaces_ts: str | None = None
    ephemeral_to: str | None = None
    proposal_id: str | None = None
    view: Literal["", "card", "proof", "relaunch"] = ""
    draft: bool = False
    tries: int = 0

    @property
    def line(self) -> str:
        """Where it stands in line: its channel's, or one of its own for what one person alone sees."""
        return f"{self.channel}/{self.ephemeral_to}" if self.ephemeral_to else self.channel

    @property
    def pressing(self) -> bool:
        """True for all but what is said under an alert by itself: people do not wait behind alerts."""
        return self.event_type != "alert_investigation"
