"""Work done now and then: one scheduler, no overlap, no failure that ends it, no loop beside it."""

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path

from bot.errors import StorageError
from bot.services.jobs import Job, Jobs, every

BOT = Path(__file__).parents[3] / "bot"
# Each waits for an event, and at most so long: what came is worked off, or sent, at once.
SOCKET_AND_BOXES = {"handlers/dispatcher.py", "handlers/delivery.py", "handlers/socket.py"}
QUICK = 0.01


class Work:
    """Fails twice, as named and unnamed errors do, then stays at work until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.busy = asyncio.Event()
        self.ended = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        if self.begun == 1:
            raise StorageError("database is locked")
        if self.begun == 2:
            raise ValueError("a defect")
        self.busy.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def test_a_job_survives_its_failures_runs_alone_and_is_ended() -> None:
    """While it is at work the other goes on; it is not begun a second time."""
    work, jobs, others = Work(), Jobs(), asyncio.Queue[int]()
    jobs.add(Job("slow", work, every(QUICK)))
    await jobs.start()
    await asyncio.wait_for(work.busy.wait(), 20)

    async def other() -> None:
        await others.put(1)

    jobs.add(Job("other", other, every(QUICK)))
    for _ in range(5):
        await asyncio.wait_for(others.get(), 20)
    assert work.begun == 3
    await jobs.stop()
    assert work.ended.is_set()


async def test_what_is_begun_twice_goes_on_once() -> None:
    """A kill that a second sweep finds again is carried out by the task that does so already."""
    work, jobs = Work(), Jobs()
    work.begun = 2
    await jobs.start()
    jobs.begin("kill p1", work)
    jobs.begin("kill p1", work)
    await asyncio.wait_for(work.busy.wait(), 20)
    assert work.begun == 3
    await jobs.stop()


def test_no_loop_is_written_by_hand() -> None:
    """What recurs is a job; only the socket, the inbox and the outbox wait in loops of their own."""
    found = {
        path.relative_to(BOT).as_posix()
        for path in BOT.rglob("*.py")
        if not path.is_relative_to(BOT / "sandbox")
        if any(_endless(ast.parse(path.read_text())))
    }
    assert found <= SOCKET_AND_BOXES


def _endless(tree: ast.Module) -> Iterator[ast.While]:
    """Yield loops that sleep and that nothing but a cancelling or a flag to stop ends."""
    for loop in ast.walk(tree):
        if isinstance(loop, ast.While) and _for_ever(loop.test):
            within = [each for child in loop.body for each in ast.walk(child)]
            ends = any(isinstance(each, ast.Return | ast.Break) for each in within)
            sleeps = any(isinstance(each, ast.Call) and _slept(each.func) for each in within)
            if sleeps and not ends:
                yield loop


def _for_ever(condition: ast.expr) -> bool:
    always = isinstance(condition, ast.Constant) and bool(condition.value)
    return always or "stop" in ast.unparse(condition)


def _slept(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name.strip("_") == "sleep"
