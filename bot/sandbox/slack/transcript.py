"""What happened in the workspace: messages, views, files, calls and envelopes, with a way to wait."""

import asyncio
import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from bot.sandbox.slack.workspace import UnknownError

T = TypeVar("T")
Json = dict[str, Any]
Listener = Callable[[Json], None]


@dataclass(slots=True)
class Message:
    """One post. `body` is what `conversations.history` returns; the rest only Slack knows.

    `visible_to` is set on ephemerals; `history` holds earlier bodies, oldest first;
    `warnings` are clicks nobody acknowledged, shaped `{action_id, user}`; `choices` is what was
    last chosen in the message's menus and boxes, `{block_id: {action_id: state}}`.
    """

    channel: str
    body: Json
    visible_to: str = ""
    deleted: bool = False
    history: list[Json] = field(default_factory=list)
    warnings: list[Json] = field(default_factory=list)
    choices: dict[str, dict[str, Json]] = field(default_factory=dict)

    @property
    def ts(self) -> str:
        """The message's id within its channel."""
        return str(self.body["ts"])

    @property
    def root(self) -> str:
        """The ts of the thread this message belongs to; its own for a top-level post."""
        return str(self.body.get("thread_ts") or self.ts)

    @property
    def in_thread(self) -> bool:
        """Whether it is a reply."""
        return self.root != self.ts

    def to_json(self) -> Json:
        """Return it as the page shows it: the body, where it is and who sees it."""
        known = {"visible_to": self.visible_to, "deleted": self.deleted, "warnings": self.warnings}
        return copy.deepcopy({**self.body, "channel": self.channel, **known})


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call: when it arrived (ISO), with what, and what it was answered."""

    method: str
    at: str
    arguments: Json
    error: str = ""


@dataclass(slots=True)
class Attempt:
    """One try to hand an envelope to a socket. `connection` 0 means that none was open."""

    envelope_id: str
    connection: int = 0
    ack_after_s: float | None = None


@dataclass(slots=True)
class Envelope:
    """An event or click on its way to the bot, with all its tries. `settled` ends the waiting."""

    kind: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    acknowledged: bool = False
    ack_payload: Json = field(default_factory=dict)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def event_id(self) -> str:
        """The event's id, empty for clicks."""
        return str(self.payload.get("event_id", ""))

    def to_json(self) -> Json:
        """Return it as JSON; latency in seconds per try."""
        return {
            "type": self.kind,
            "event_id": self.event_id,
            "payload": self.payload,
            "acknowledged": self.acknowledged,
            "settled": self.settled.is_set(),
            "ack_payload": self.ack_payload,
            "attempts": [asdict(each) for each in self.attempts],
        }


class Transcript:
    """The record; every change wakes those who wait and tells the listeners."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.statuses: dict[tuple[str, str], Json] = {}
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, Json] = {}
        self.calls: list[Call] = []
        self.envelopes: list[Envelope] = []
        self._by_id: dict[tuple[str, str], Message] = {}
        self._listeners: list[Listener] = []

    def add(self, message: Message) -> None:
        """Keep a new post and tell of it."""
        self.messages.append(message)
        self._by_id[message.channel, message.ts] = message
        self.touch(message)

    def touch(self, message: Message) -> None:
        """Tell that a post changed."""
        self.tell({"kind": "message", "message": message.to_json()})

    def get(self, channel: str, ts: str) -> Message | None:
        """Return the post, also a deleted or an ephemeral one."""
        return self._by_id.get((channel, ts))

    def find(self, channel: str, ts: str) -> Message:
        """Return the post; raise `UnknownError`."""
        message = self.get(channel, ts)
        if message is None or message.deleted:
            raise UnknownError(f"no message {ts} in {channel}")
        return message

    def in_channel(self, channel: str, *, ephemeral: bool = False) -> list[Message]:
        """Return the channel's living posts, replies too, oldest first."""
        return [
            each
            for each in self.messages
            if each.channel == channel and not each.deleted and (ephemeral or not each.visible_to)
        ]

    def thread(self, channel: str, root: str, *, ephemeral: bool = False) -> list[Message]:
        """Return a thread's living posts, the parent first."""
        return [each for each in self.in_channel(channel, ephemeral=ephemeral) if each.root == root]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every change from now on; the result ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, change: Json) -> None:
        """Pass a change to the listeners."""
        for listener in list(self._listeners):
            listener(change)

    async def wait_for(
        self,
        predicate: Callable[["Transcript"], T | None],
        timeout: float = 30.0,  # noqa: ASYNC109  # callers think in seconds
    ) -> T:
        """Return the predicate's first truthy result; raise `TimeoutError` after `timeout` s."""
        changed = asyncio.Event()
        silence = self.listen(lambda _: changed.set())
        try:
            async with asyncio.timeout(timeout):
                while not (result := predicate(self)):
                    await changed.wait()
                    changed.clear()
                return result
        finally:
            silence()

    def to_json(self) -> Json:
        """Return the whole record but calls and envelopes."""
        return {
            "messages": [each.to_json() for each in self.messages],
            "statuses": list(self.statuses.values()),
            "views": self.views,
            "homes": self.homes,
            "files": self.files,
        }
