"""What the dispatcher does with a delivery, however the keeping, the claim or the work goes."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from bot.domain.posts import InboxItem, Incoming, Post
from bot.errors import StorageError
from bot.handlers.clicks import CHOOSE, ButtonPress
from bot.handlers.dispatcher import MAX_TRIES, Dispatcher, Lane, SlackRouter
from bot.handlers.views.answer import NOTHING, Outcome
from tests.unit.handlers.memory import MemoryInbox

LIMIT = 10  # seconds, for what comes at once


class UnclaimedInbox(MemoryInbox):
    """Keeps what it is given, but the first claim fails; `looked` is set by a look that found it."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = 1
        self.looked = asyncio.Event()

    async def renew(self, keys: Sequence[str]) -> None:
        await super().renew([key for key in keys if key in self.leased])

    async def waiting(self) -> tuple[InboxItem, ...]:
        found = await super().waiting()
        if found:
            self.looked.set()
        return found

    async def claim(self, key: str) -> InboxItem | None:
        if self.failing:
            self.failing -= 1
            raise StorageError("locked")
        return await super().claim(key)


class TakenInbox(MemoryInbox):
    """Another replica claims whatever is kept."""

    async def claim(self, key: str) -> InboxItem | None:
        return None


class UnreadInbox(MemoryInbox):
    """The first look for what waits fails."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = 1

    async def waiting(self) -> tuple[InboxItem, ...]:
        if self.failing:
            self.failing -= 1
            raise StorageError("locked")
        return await super().waiting()


class Worker(SlackRouter):
    """A router whose work fails as often as told, and which notes what it was given."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.worked: list[InboxItem] = []
        self.references: list[str] = []
        self.begun, self.over = asyncio.Event(), asyncio.Event()

    def lane(self, item: InboxItem) -> Lane:
        return "C1", item.key

    async def handle(self, item: InboxItem) -> Outcome:
        self.worked.append(item)
        self.begun.set()
        if self.failures:
            self.failures -= 1
            raise ValueError("no answer")
        self.over.set()
        return NOTHING

    async def apology(self, item: InboxItem, reference: str) -> tuple[Post, ...]:
        self.references.append(reference)
        self.over.set()
        return ()


class Endless(Worker):
    """A router whose work never ends by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled = False

    async def handle(self, item: InboxItem) -> Outcome:
        self.over.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return NOTHING


class Gated(Worker):
    """A router of one lane, whose work waits at a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.second = asyncio.Event()

    def lane(self, item: InboxItem) -> Lane:
        return "C1", "1.0"

    async def handle(self, item: InboxItem) -> Outcome:
        self.worked.append(item)
        self.over.set()
        await self.gate.wait()
        if len(self.worked) > 1:
            self.second.set()
        return NOTHING


class Following(Worker):
    """A router whose work is followed by what fails."""

    async def handle(self, item: InboxItem) -> Outcome:
        return Outcome((), self._follow)

    async def _follow(self) -> None:
        self.over.set()
        raise StorageError("locked")


class Presses:
    """Deliveries that are all one press."""

    def __init__(self, action: str) -> None:
        self.press = ButtonPress("k", action, "v", "label", "U1", "T1", "C1", "2.0", "1.0", "2.1")

    def of(self, item: InboxItem) -> ButtonPress:
        return self.press


def delivery(key: str = "msg:a", tries: int = 0, *, folded: bool = False) -> InboxItem:
    payload = {"folded": True} if folded else {}
    return InboxItem(key, Incoming.EVENT, payload, datetime.now(UTC), tries)


async def test_a_delivery_whose_claim_failed_is_worked_on_all_the_same() -> None:
    """It is kept, so it is claimed again when its turn comes."""
    inbox, router = UnclaimedInbox(), Worker()
    dispatcher = Dispatcher(inbox, router, lambda: None)
    assert await dispatcher.accept(delivery())
    await asyncio.wait_for(router.over.wait(), LIMIT)
    await dispatcher.stop()
    assert [each.key for each in router.worked] == ["msg:a"]
    assert set(inbox.done) == {"msg:a"}


async def test_what_was_kept_and_not_worked_on_is_taken_up_when_it_comes_again() -> None:
    """A redelivery need not wait for the next look at what was forgotten."""
    inbox, router = MemoryInbox(), Worker()
    await inbox.put(delivery())
    dispatcher = Dispatcher(inbox, router, lambda: None)
    assert not await dispatcher.accept(delivery())
    await asyncio.wait_for(router.over.wait(), LIMIT)
    await dispatcher.stop()
    assert set(inbox.done) == {"msg:a"}


async def test_whoever_posts_is_woken_once_the_work_is_written_down() -> None:
    """The answer leaves at once, and not with the next look at what is due."""
    inbox, written = MemoryInbox(), asyncio.Queue[set[str]]()
    dispatcher = Dispatcher(inbox, Worker(), lambda: written.put_nowait(set(inbox.done)))
    with capture_logs() as logged:
        await dispatcher.accept(delivery())
        assert await asyncio.wait_for(written.get(), LIMIT) == {"msg:a"}
        await dispatcher.stop()
    assert [each["event"] for each in logged if "seconds" in each] == ["delivery_done"]


async def test_what_another_replica_took_is_left_to_it() -> None:
    """Nothing is done about it here, and nothing is told as having failed."""
    router = Worker()
    dispatcher = Dispatcher(TakenInbox(), router, lambda: None)
    with capture_logs() as logged:
        assert await dispatcher.accept(delivery())
        await dispatcher.stop()
    assert router.worked == []
    assert router.references == []
    assert [each for each in logged if each["log_level"] in {"error", "critical"}] == []


async def test_what_a_look_claimed_is_worked_on_by_whoever_waits_with_it() -> None:
    """It waits for its thread, and by then only the look holds the claim."""
    inbox, router = UnclaimedInbox(), Gated()
    inbox.failing = 0
    dispatcher = Dispatcher(inbox, router, lambda: None, period=0.01)
    await dispatcher.accept(delivery("msg:a"))
    await asyncio.wait_for(router.over.wait(), LIMIT)
    inbox.failing = 1
    await dispatcher.accept(delivery("msg:b"))
    running = asyncio.create_task(dispatcher.run())
    await asyncio.wait_for(inbox.looked.wait(), LIMIT)
    assert inbox.leased == {"msg:a", "msg:b"}
    router.gate.set()
    await asyncio.wait_for(router.second.wait(), LIMIT)
    await dispatcher.stop()
    await asyncio.wait_for(running, LIMIT)
    assert [each.key for each in router.worked] == ["msg:a", "msg:b"]
    assert set(inbox.done) == {"msg:a", "msg:b"}


async def test_a_look_that_failed_is_logged_and_the_next_one_finds_the_work() -> None:
    """A database that is away for a moment costs time and nothing else."""
    inbox, router = UnreadInbox(), Worker()
    await inbox.put(delivery())
    dispatcher = Dispatcher(inbox, router, lambda: None, period=0.01)
    with capture_logs() as logged:
        running = asyncio.create_task(dispatcher.run())
        await asyncio.wait_for(router.over.wait(), LIMIT)
        await dispatcher.stop()
        await asyncio.wait_for(running, LIMIT)
    assert [each["error"] for each in logged if each["event"] == "inbox_not_read"] == ["locked"]
    assert set(inbox.done) == {"msg:a"}


async def test_work_in_hand_is_renewed_as_long_as_it_lasts() -> None:
    """No other replica takes it while it is worked on."""
    inbox, router = MemoryInbox(), Endless()
    dispatcher = Dispatcher(inbox, router, lambda: None, period=0.01)
    await dispatcher.accept(delivery())
    await asyncio.wait_for(router.over.wait(), LIMIT)
    running = asyncio.create_task(dispatcher.run())
    await asyncio.wait_for(inbox.renewed.wait(), LIMIT)
    await dispatcher.stop(grace=0.01)
    await asyncio.wait_for(running, LIMIT)


async def test_work_that_outlasts_the_grace_is_ended_and_left_to_the_next_start() -> None:
    """A stop waits for it no longer, and it is not noted as done."""
    inbox, router = MemoryInbox(), Endless()
    dispatcher = Dispatcher(inbox, router, lambda: None)
    await dispatcher.accept(delivery())
    await asyncio.wait_for(router.over.wait(), LIMIT)
    await asyncio.wait_for(dispatcher.stop(grace=0.01), LIMIT)
    assert router.cancelled
    assert inbox.done == {}


async def test_a_post_told_by_a_newer_one_is_finished_as_soon_as_it_is_kept() -> None:
    """No start takes it up again."""
    inbox, router = MemoryInbox(), Worker()
    dispatcher = Dispatcher(inbox, router, lambda: None)
    assert await dispatcher.accept(delivery(folded=True))
    assert set(inbox.done) == {"msg:a"}
    assert not await dispatcher.accept(delivery(folded=True))
    assert await inbox.waiting() == ()
    assert router.worked == []


async def test_a_try_that_failed_is_not_repeated_before_its_pause_is_over() -> None:
    """What failed a moment ago fails again."""
    router = Worker(failures=1)
    dispatcher = Dispatcher(MemoryInbox(), router, lambda: None, pauses=(60.0,))
    await dispatcher.accept(delivery())
    await asyncio.wait_for(router.begun.wait(), LIMIT)
    await dispatcher.stop(grace=0.01)
    assert len(router.worked) == 1


async def test_what_follows_and_fails_is_logged_with_its_reason() -> None:
    """Nobody awaits it, so nobody else would tell."""
    router = Following()
    dispatcher = Dispatcher(MemoryInbox(), router, lambda: None)
    with capture_logs() as logged:
        await dispatcher.accept(delivery())
        await asyncio.wait_for(router.over.wait(), LIMIT)
        await dispatcher.stop()
    told = [each for each in logged if each["event"] == "work_not_finished"]
    assert [(each["error"], each["kind"]) for each in told] == [("locked", "StorageError")]


async def test_people_are_told_the_reference_of_the_failure_that_was_logged() -> None:
    """Whoever looks for it in the log finds the traceback, and no other reference beside it."""
    router = Worker(failures=MAX_TRIES)
    dispatcher = Dispatcher(MemoryInbox(), router, lambda: None, pauses=(0.0, 0.0, 60.0))
    with capture_logs() as logged:
        await dispatcher.accept(delivery())
        await asyncio.wait_for(router.over.wait(), LIMIT)
        await dispatcher.stop()
    failed = [each["reference"] for each in logged if each["event"] == "delivery_failed"]
    assert len(failed) == MAX_TRIES
    assert router.references == failed[-1:]
    assert not [each for each in logged if each["event"] == "delivery_given_up"]


@pytest.mark.parametrize(("action", "beside"), [(CHOOSE, True), ("show_help", False)])
def test_only_a_press_that_opens_a_window_goes_beside_the_threads_other_work(
    action: str, *, beside: bool
) -> None:
    """A window must open within three seconds; whatever else is asked for comes in order."""
    router = SlackRouter(Presses(action), None, None, None)  # type: ignore[arg-type]  # a lane needs no handler
    assert (router.lane(delivery()) != ("C1", "1.0")) is beside
