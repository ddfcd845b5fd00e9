"""The messenger's pace and patience, and which failures are final."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.domain.posts import Post
from bot.handlers.delivery import (
    Messenger,
    SendingPace,
    ThrottledError,
    UndeliverableError,
    UnsureError,
)
from tests.unit.handlers.memory import NOW, MemoryOutbox

Behaviour = Callable[[Post], None]


def post(name: str, channel: str = "C1") -> Post:
    return Post(name, channel, "1.0", name, ())


class Sender:
    """Notes what it is given; `behave` may raise."""

    def __init__(self, behave: Behaviour = lambda _: None) -> None:
        self.seen: list[Post] = []
        self.behave = behave

    async def send(self, post: Post) -> str:
        self.seen.append(post)
        self.behave(post)
        return f"ts-{post.id}"


@asynccontextmanager
async def running(outbox: MemoryOutbox, sender: Sender) -> AsyncIterator[Messenger]:
    messenger = Messenger(outbox, sender.send, lambda: NOW, period=0.01, every=0.001, pause=0.001)
    task = asyncio.create_task(messenger.run())
    try:
        yield messenger
    finally:
        await messenger.stop(grace=1)
        await task


async def until(outbox: MemoryOutbox, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            outbox.changed.clear()
            await outbox.changed.wait()


def test_a_channel_gets_three_at_once_and_then_one_a_second() -> None:
    """A token bucket; it fills again while nothing is sent."""
    now = [100.0]
    pace = SendingPace(lambda: now[0])
    assert [pace.delay() for _ in range(5)] == [0, 0, 0, 1, 2]
    now[0] += 10
    assert [pace.delay() for _ in range(4)] == [0, 0, 0, 1]


async def test_a_slow_channel_holds_up_no_other() -> None:
    """Order is kept within a channel only."""
    outbox, go = MemoryOutbox(), asyncio.Event()

    class Waiting(Sender):
        async def send(self, post: Post) -> str:
            if post.channel == "C1":
                await go.wait()
            return await super().send(post)

    sender = Waiting()
    await outbox.add([post("a"), post("b"), post("c", "C2")])
    async with running(outbox, sender):
        await until(outbox, lambda: "c" in outbox.stands)
        go.set()
        await until(outbox, lambda: len(outbox.stands) == 3)
    assert [each.id for each in sender.seen] == ["c", "a", "b"]


async def test_a_long_rate_limit_is_waited_out_in_the_outbox_with_all_that_follow() -> None:
    """So that no lease ends meanwhile, and the order stays."""

    def limited(_: Post) -> None:
        raise ThrottledError(30)

    outbox = MemoryOutbox()
    sender = Sender(limited)
    await outbox.add([post("a"), post("b")])
    messenger = Messenger(outbox, sender.send, lambda: NOW)
    await messenger._take()
    await until(outbox, lambda: len(outbox.later) == 2)
    assert outbox.later == [("a", NOW + timedelta(seconds=30)), ("b", NOW + timedelta(seconds=30))]
    assert [each.id for each in sender.seen] == ["a"]


async def test_after_an_unsure_send_the_post_says_that_it_was_tried() -> None:
    """The sender then searches before it posts."""

    def once_unsure(given: Post) -> None:
        if given.tries == 1:
            raise UnsureError("timeout")

    outbox, sender = MemoryOutbox(), Sender(once_unsure)
    await outbox.add([post("a")])
    async with running(outbox, sender):
        await until(outbox, lambda: "a" in outbox.stands)
    assert [each.tries for each in sender.seen] == [1, 2]


async def test_what_slack_never_takes_is_given_up_and_the_next_goes_on() -> None:
    """A refusal and a bug of ours, neither blocks the channel."""

    def refuse(given: Post) -> None:
        if given.id == "a":
            raise UndeliverableError("channel_not_found")
        if given.id == "b":
            raise KeyError("bug")

    outbox, sender = MemoryOutbox(), Sender(refuse)
    await outbox.add([post("a"), post("b"), post("c")])
    async with running(outbox, sender):
        await until(outbox, lambda: "c" in outbox.stands)
    assert outbox.given_up == {"a": "channel_not_found", "b": "unexpected error"}
