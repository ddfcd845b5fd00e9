"""A clock for deadlines: it follows the wall clock forward and never back."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.ports import Clock


class SteadyClock:
    """Tells `wall` time; when that is set back, it goes on from where it was.

    `ticks` counts seconds and never steps. Without this a clock set back by an hour would give
    every open card another hour.
    """

    def __init__(self, wall: Clock, ticks: Callable[[], float]) -> None:
        self._wall = wall
        self._ticks = ticks
        self._ahead = timedelta(0)
        self._last: tuple[datetime, float] = (wall(), ticks())

    def __call__(self) -> datetime:
        """Return the time, never earlier than any time told before."""
        wall, tick = self._wall(), self._ticks()
        last_wall, last_tick = self._last
        if wall < last_wall:
            passed = timedelta(seconds=max(tick - last_tick, 0.0))
            self._ahead += last_wall + passed - wall
        self._last = (wall, tick)
        return wall + self._ahead

    def learn(self, seen: datetime) -> None:
        """Catch up with a time that the database, or another replica, has reached already."""
        behind = seen - self()
        if behind > timedelta(0):
            self._ahead += behind
