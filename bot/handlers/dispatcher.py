"""From what Slack delivers to the work that is done: a row first, then each thread in its order.

Bolt acknowledges before a listener runs, so a crash in a listener would lose the event. Work is
therefore kept by a global middleware, which delays the acknowledgement until it has returned; a
failed write acknowledges nothing, and Slack delivers again.
"""

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from bot.domain.language import Language
from bot.domain.posts import InboxItem, Incoming, Post
from bot.errors import DangjikError, StorageError
from bot.handlers.alerts.answers import Alerts
from bot.handlers.buttons import CardButtons
from bot.handlers.clicks import CHOOSE, ButtonPress, privately, read_press
from bot.handlers.events import AlertPost, Ignored, Outsider, Parser, Question, work_key
from bot.handlers.home_tab import Shortcut, Shortcuts, apology_post, read_shortcut
from bot.handlers.message_text import Json
from bot.handlers.modals import ApplicationPicker, Submission, complaint, read_submission
from bot.handlers.turns import Questions
from bot.handlers.views import blocks as kit
from bot.handlers.views.answer import NOTHING, Outcome, line_post, private_post
from bot.ports import Clock, Inbox
from bot.texts.slack import APOLOGY, LATE

Lane = tuple[str, str]
Work = Question | AlertPost | Outsider | ButtonPress | Submission | Shortcut
_LOG = structlog.get_logger(__name__)
_ANYTHING = re.compile(".*")
_NOT_A_MESSAGE = re.compile(r"^(?!message$).*")  # a plain pattern would take messages as well
KEPT = 500
MAX_TRIES = 3
_FOLLOWING_GRACE = 2.0
WIDTH = 32  # pieces of work at once


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


@dataclass(slots=True, eq=False)
class SlackRouter:
    """Knows which handler a delivery is for, and the lane it waits in."""

    deliveries: Deliveries
    alerts: Alerts
    questions: Questions
    buttons: CardButtons
    choosing: ApplicationPicker | None = None
    shortcuts: Shortcuts | None = None

    def lane(self, item: InboxItem) -> Lane:
        """Return (channel, thread): deliveries of the same lane are worked on one by one.

        Decisions and windows have lanes of their own: they wait for no answer, and a window must
        open within three seconds.
        """
        match self.deliveries.of(item):
            case ButtonPress() as press:
                siding = f":window:{press.user}" if press.action == CHOOSE else ""
                return press.channel, press.thread_ts + (":card" if press.decides else siding)
            case Submission(place=place):
                return place.channel, place.thread_ts
            case Shortcut() as used:
                return used.channel, f"{used.thread_ts}:shortcut:{used.user}"
            case AlertPost(alert):  # posts of one alert wait for each other, whatever they say
                return alert.channel, f"{alert.identity.sender}\n{alert.identity.name}"
            case Question(turn=turn) | Outsider(turn=turn):
                return turn.channel, turn.thread_ts
        return "", ""

    async def handle(self, item: InboxItem) -> Outcome:  # noqa: PLR0911 - one for each kind
        """Do the work; may be repeated, and then leaves posts with the same ids."""
        if item.payload.get("folded"):
            return NOTHING
        match self.deliveries.of(item):
            case ButtonPress() as press:
                return await self.buttons.handle(item, press)
            case Submission() as ticked if self.choosing is not None:
                team = self.deliveries.parser.who.team
                return await self.choosing.submitted(item, ticked, team)
            case Shortcut() as used if self.shortcuts is not None:
                return await self.shortcuts.handle(item, used)
            case AlertPost(alert):
                return await self.alerts.handle(item.key, alert)
            case Outsider() as outsider:
                return await self.questions.refuse(outsider)
            case Question(turn=turn) as question:
                outcome = await self.questions.handle(question)
                return _late(outcome, turn.language) if item.payload.get("late") else outcome
        return NOTHING

    async def apology(self, item: InboxItem, reference: str) -> tuple[Post, ...]:
        """Return what people see when the work failed for good: in the thread, or the presser alone."""
        match self.deliveries.of(item):
            case ButtonPress() as press:
                return privately(press, APOLOGY(press.language, reference=reference)).posts
            case Submission(place=place, user=user):
                text = APOLOGY(place.language, reference=reference)
                return (private_post(item.key, place.channel, place.thread_ts, user, text),)
            case Shortcut() as used:
                language = self.deliveries.parser.rules.language or Language.KO
                return (apology_post(used, APOLOGY(language, reference=reference)),)
            case Question(turn=turn) as question if self.questions.owes_answer(question):
                text = APOLOGY(turn.language, reference=reference)
                return (line_post(item.key, turn.channel, turn.thread_ts, text),)
            case AlertPost(alert):
                language = self.deliveries.parser.rules.language or Language.KO
                text = APOLOGY(language, reference=reference)
                return (line_post(item.key, alert.channel, alert.thread_ts, text),)
        return ()


def _late(outcome: Outcome, language: Language) -> Outcome:
    """Return an answer that came late, saying so."""
    line = kit.note(LATE(language))
    return replace(
        outcome, posts=tuple(replace(each, blocks=(*each.blocks, line)) for each in outcome.posts)
    )


@dataclass(slots=True, eq=False)
class Dispatcher:
    """Claims, works and finishes. `posted` is called when posts may wait to be sent.

    `limit` is the longest a piece of work may take, and `period` how often leases are renewed and
    forgotten work is looked for, both in seconds; `pauses` are the waits before each retry.
    """

    inbox: Inbox
    router: SlackRouter
    posted: Callable[[], None]
    limit: float = 55.0
    period: float = 10.0
    pauses: tuple[float, ...] = (0.2, 1.0)
    # A lock per lane, there only while somebody holds or wants it; waiters go in order.
    _lanes: WeakValueDictionary[Lane, asyncio.Lock] = field(
        default_factory=WeakValueDictionary, init=False
    )
    _width: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WIDTH), init=False)
    _busy: set[str] = field(default_factory=set, init=False)
    _claimed: dict[str, InboxItem] = field(default_factory=dict, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _following: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def accept(self, item: InboxItem) -> bool:
        """Keep a delivery and begin work on it; when stopping, the next start begins.

        False when it had been kept before. Raises StorageError when it is not kept. Keeping and claiming go side by side, so that a
        database that commits in groups flushes its disk once for both.
        """
        if item.payload.get("folded"):  # told by a newer post of its alert: nothing to do
            fresh = await self.inbox.put(item)
            if fresh:
                await self.inbox.finish(item.key)
            return fresh
        if self._stopping.is_set():
            return await self.inbox.put(item)
        kept, claimed = await asyncio.gather(
            self.inbox.put(item), self.inbox.claim(item.key), return_exceptions=True
        )
        if isinstance(kept, BaseException):
            raise kept
        mine = None if isinstance(claimed, BaseException) else claimed
        if mine is not None or kept:
            self._start(item.key, self.router.lane(item), mine)
        return bool(kept)

    async def run(self) -> None:
        """Take up what an earlier run or a dead replica left, now and then again, until `stop`."""
        while not self._stopping.is_set():
            try:
                if self._busy:
                    await self.inbox.renew(tuple(self._busy))
                for item in await self.inbox.waiting():
                    self._start(item.key, self.router.lane(item), item)
            except StorageError as error:
                _LOG.error("inbox_not_read", error=str(error))
            try:
                await asyncio.wait_for(self._stopping.wait(), self.period)
            except TimeoutError:
                continue

    async def stop(self, grace: float = 20.0) -> None:
        """Start nothing more and wait for what runs; after `grace` seconds the next start has it.

        Work that follows, a kill being proved, takes minutes and may be cancelled anywhere: the
        approval desk takes it up again.
        """
        self._stopping.set()
        await _end(self._tasks, grace)
        await _end(self._following, min(grace, _FOLLOWING_GRACE))

    def _start(self, key: str, lane: Lane, item: InboxItem | None) -> None:
        if key in self._busy:
            if item is not None:  # whoever waits for its turn with this key can no longer claim it
                self._claimed.setdefault(key, item)
            return
        self._busy.add(key)
        _spawn(self._tasks, self._work(key, lane, item))

    async def _work(self, key: str, lane: Lane, item: InboxItem | None) -> None:
        """Work under one id in every line that is logged meanwhile, by tasks begun here, too."""
        begun = asyncio.get_running_loop().time()
        with structlog.contextvars.bound_contextvars(turn=key):
            try:
                async with self._lanes.setdefault(lane, asyncio.Lock()), self._width:
                    item = item or await self._claim(key)
                    if item is None:
                        return
                    outcome = await self._outcome(item)
                    await self.inbox.finish(key, outcome.posts)
                self.posted()
                if outcome.then is not None:
                    _spawn(self._following, outcome.then())
            finally:
                self._busy.discard(key)
                self._claimed.pop(key, None)
            seconds = round(asyncio.get_running_loop().time() - begun, 3)
            _LOG.info("delivery_done", seconds=seconds)

    async def _claim(self, key: str) -> InboxItem | None:
        """Take an item, unless the look for forgotten ones has taken it for us already."""
        if key not in self._claimed:
            found = await self.inbox.claim(key)
            if found is not None:
                return found
        return self._claimed.get(key)

    async def _outcome(self, item: InboxItem) -> Outcome:
        """Return what the work came to; after the last try, the apology."""
        reference = ""
        for attempt in range(max(item.tries, 1), MAX_TRIES + 1):
            try:
                async with asyncio.timeout(self.limit):
                    return await self.router.handle(item)
            except TimeoutError:
                reference = _log_failure(item, attempt)
                break  # what took this long once is not tried again while a person waits
            except Exception:  # noqa: BLE001 - the outermost boundary: people see a reference only
                reference = _log_failure(item, attempt)
            if attempt < MAX_TRIES:
                await asyncio.sleep(self.pauses[min(attempt, len(self.pauses)) - 1])
        if not reference:
            reference = _reference()
            _LOG.error("delivery_given_up", reference=reference, key=item.key, tries=item.tries)
        return Outcome(await self.router.apology(item, reference))


def _spawn(tasks: set[asyncio.Task[None]], work: Awaitable[object]) -> None:
    task = asyncio.ensure_future(_quietly(work))
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _end(tasks: set[asyncio.Task[None]], grace: float) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=grace)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


async def _quietly(work: Awaitable[object]) -> None:
    """Run to the end; a failure is logged, for nobody awaits the task."""
    try:
        await work
    except DangjikError as error:
        _LOG.error("work_not_finished", error=str(error), kind=type(error).__name__)
    except Exception:  # noqa: BLE001 - a task's own boundary; the item stays in the inbox
        _LOG.exception("work_failed", reference=_reference())


def _log_failure(item: InboxItem, attempt: int) -> str:
    reference = _reference()
    _LOG.exception("delivery_failed", reference=reference, key=item.key, attempt=attempt)
    return reference


def _reference() -> str:
    return secrets.token_hex(3)
