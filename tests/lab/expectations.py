"""What the lab expects, how it waits for it, and the table of what it took."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from rich.table import Table

T = TypeVar("T")
BETWEEN_LOOKS = 0.1  # seconds
# A system that is just starting refuses, hangs up, or answers with half of what it will say.
_NOT_YET = (httpx.HTTPError, OSError, KeyError, IndexError, ValueError)


class LabError(Exception):
    """The lab could not be run, or something did not happen as expected; one clear message."""


def expect(what: str, met: bool, seen: object = "") -> None:
    """Raise LabError unless the expectation is met; `seen` is shown."""
    if not met:
        raise LabError(f"expected {what}" + (f", but saw: {seen}" if seen != "" else ""))


async def until(what: str, question: Callable[[], Awaitable[T]], within: float) -> T:
    """Ask a real system again and again until it gives something true. Raises LabError."""
    last: object = None
    try:
        async with asyncio.timeout(within):
            while True:
                try:
                    if last := await question():
                        return last
                except _NOT_YET as error:
                    last = f"{type(error).__name__}: {error}"
                await asyncio.sleep(BETWEEN_LOOKS)
    except TimeoutError:
        raise LabError(f"not within {within:g} s: {what} (last seen: {last})") from None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table; `goal` is the most it may take, in seconds."""

    scene: str
    what: str
    seconds: float
    goal: float | None = None


@dataclass
class Stopwatch:
    """Keeps the times, by a clock that only goes forward, and lines worth showing with them."""

    scene: str = "lab"
    steps: list[Step] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def beside(self, scene: str) -> "Stopwatch":
        """Return one for what is played at the same time; its steps stand in the same table."""
        return Stopwatch(scene, self.steps, self.lines)

    def now(self) -> float:
        """Return seconds from some point in the past."""
        return time.monotonic()

    def note(self, what: str, since: float, goal: float | None = None) -> float:
        """Note what happened now, and the seconds since; return now. Raises LabError past a goal."""
        at = self.now()
        self.steps.append(Step(self.scene, what, at - since, goal))
        if goal is not None:
            expect(f"{what} within {goal:g} s", at - since <= goal, f"{at - since:.1f} s")
        return at

    def table(self) -> Table:
        """Return the times as people read them."""
        shown = Table(title="lab")
        for head in ("", "what", "seconds", "at most"):
            shown.add_column(head, justify="right" if head in {"seconds", "at most"} else "left")
        for step in self.steps:
            goal = "" if step.goal is None else f"{step.goal:g}"
            shown.add_row(step.scene, step.what, f"{step.seconds:.1f}", goal)
        return shown
