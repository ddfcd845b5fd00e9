"""Works off the inbox: many threads at once, one delivery per thread at a time, in order."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import structlog

from bot.domain.language import Language
from bot.domain.posts import InboxItem, Post
from bot.errors import DangjikError, StorageError
from bot.handlers.alerts.answers import Alerts
from bot.handlers.buttons import CardButtons
from bot.handlers.clicks import CHOOSE, ButtonPress, privately
from bot.handlers.events import AlertPost, Outsider, Question
from bot.handlers.home_tab import Shortcut, Shortcuts, apology_post
from bot.handlers.intake import Deliveries
from bot.handlers.modals import ApplicationPicker, Submission
from bot.handlers.replies import NOTHING, Outcome, line_post, private_post
from bot.handlers.turns import Questions
from bot.handlers.views import blocks as kit
from bot.ports import Inbox
from bot.texts.alerts import LATE
from bot.texts.slack import APOLOGY

_LOG = structlog.get_logger(__name__)
MAX_TRIES = 3
_FOLLOWING_GRACE = 2.0
WIDTH = 32  # pieces of work at once

Lane = tuple[str, str]


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
class Lanes:
    """A lock per lane, kept only while somebody holds or wants it; waiters go in order."""

    _locks: dict[Lane, tuple[asyncio.Lock, int]] = field(default_factory=dict, init=False)

    @asynccontextmanager
    async def hold(self, lane: Lane) -> AsyncIterator[None]:
        """Wait for the lane and hold it."""
        lock, users = self._locks.get(lane, (asyncio.Lock(), 0))
        self._locks[lane] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[lane]
            if users == 1:
                del self._locks[lane]
            else:
                self._locks[lane] = (lock, users - 1)


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
    _lanes: Lanes = field(default_factory=Lanes, init=False)
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
        _spawn(self._tasks, self._named(key, lane, item))

    async def _named(self, key: str, lane: Lane, item: InboxItem | None) -> None:
        """Work under one id in every line that is logged meanwhile, by tasks begun here, too."""
        with structlog.contextvars.bound_contextvars(turn=key):
            begun = asyncio.get_running_loop().time()
            await self._work(key, lane, item)
            seconds = round(asyncio.get_running_loop().time() - begun, 3)
            _LOG.info("delivery_done", seconds=seconds)

    async def _work(self, key: str, lane: Lane, item: InboxItem | None) -> None:
        try:
            async with self._lanes.hold(lane), self._width:
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
