"""Writes every piece of work into the inbox before Slack hears that we have it.

Bolt acknowledges before a listener runs, so a crash in a listener would lose the event. Work is
therefore kept by a global middleware, which delays the acknowledgement until it has returned; a
failed write acknowledges nothing, and Slack delivers again.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from bot.domain.posts import InboxItem, Incoming
from bot.errors import StorageError
from bot.handlers.clicks import ButtonPress, read_press
from bot.handlers.events import AlertPost, Ignored, Outsider, Parser, Question, work_key
from bot.handlers.home_tab import Shortcut, read_shortcut
from bot.handlers.message_text import Json
from bot.handlers.modals import Submission, complaint, read_submission
from bot.ports import Clock

Work = Question | AlertPost | Outsider | ButtonPress | Submission | Shortcut
KEPT = 500


@dataclass(slots=True, eq=False)
class Deliveries:
    """Reads bodies; what was taken in is remembered until so many more have come."""

    parser: Parser
    _read: OrderedDict[str, Work] = field(default_factory=OrderedDict, init=False)

    def take(self, body: Json, at: datetime) -> InboxItem | None:
        """Return a body as the piece of work it is; None when it is none of ours."""
        found = self._work(body)
        if found is None:
            return None
        kind, key, work = found
        self._read.setdefault(key, work)
        while len(self._read) > KEPT:
            self._read.popitem(last=False)
        return InboxItem(key, kind, body, at)

    def of(self, item: InboxItem) -> Work | None:
        """Return what an item of the inbox is; one of an earlier run is read anew."""
        known = self._read.get(item.key)
        if known is not None:
            return known
        found = self._work(item.payload)
        return None if found is None else found[2]

    def _work(self, body: Json) -> tuple[Incoming, str, Work] | None:
        match body.get("type"):
            case "block_actions":
                press = read_press(body)
                return (Incoming.CLICK, press.key, press) if press else None
            case "view_submission":
                ticked = read_submission(body)
                return (Incoming.VIEW, ticked.key, ticked) if ticked else None
            case "message_action" | "shortcut":
                used = read_shortcut(body)
                return (Incoming.SHORTCUT, used.key, used) if used else None
            case "event_callback":
                heard = self.parser.read(body)
                if not isinstance(heard, Ignored):
                    return Incoming.EVENT, work_key(body), heard
        return None


_LOG = structlog.get_logger(__name__)
_ANYTHING = re.compile(".*")
_NOT_A_MESSAGE = re.compile(r"^(?!message$).*")  # a plain pattern would take messages as well


@dataclass(frozen=True, slots=True)
class Intake:
    """Sorts deliveries; `accept` keeps a piece of work, or raises StorageError."""

    accept: Callable[[InboxItem], Awaitable[bool]]
    deliveries: Deliveries
    clock: Clock

    def register(self, app: AsyncApp) -> None:
        """Hang the middleware and listeners that acknowledge everything on the app.

        A delivery no listener matches is answered 404 inside bolt and never acknowledged.
        """
        app.middleware(self.keep)
        app.event("message")(_nothing)
        app.event(_NOT_A_MESSAGE)(_nothing)
        for listen in (app.action, app.view, app.shortcut, app.command, app.options):
            listen(_ANYTHING)(_acknowledge)

    async def keep(
        self,
        body: dict[str, Any],
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - bolt passes arguments by name
    ) -> BoltResponse:
        """Store the delivery when it is work, then let bolt acknowledge it.

        A window with nothing in it is no work: it stays open and says so.
        """
        wrong = complaint(body) if body.get("type") == "view_submission" else None
        if wrong is not None:
            return BoltResponse(status=200, body=wrong)
        item = self.deliveries.take(body, self.clock())
        if item is not None:
            try:
                await self.accept(item)
            except StorageError as error:
                _LOG.error("delivery_not_kept", key=item.key, error=str(error))
                return BoltResponse(status=503, body="not kept")
        return await next()

    async def late(self, body: Json) -> bool:
        """Keep a delivery that never came; False when it did, or is no work. Raises StorageError."""
        item = self.deliveries.take(body, self.clock())
        return item is not None and await self.accept(item)


async def _nothing() -> None:
    """Match the event, so that bolt acknowledges it; the work is in the inbox already."""


async def _acknowledge(ack: AsyncAck) -> None:
    await ack()
