"""Thousands of applications, of which an answer looks at a few: each is made when it is looked at."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple, overload

from bot.domain.applications import Application, ApplicationState

Make = Callable[[int], Application]


class ApplicationSummary(NamedTuple):
    """What is known of every application before it is made; `cores` as `Application.cores`."""

    id: str
    state: ApplicationState
    cores: float | None


class LazyApplications(Sequence[Application]):
    """Applications by place; `make` gives the one at a place, which is kept from then on.

    Equal to any sequence of the same applications, so that nobody has to know which one it is.
    """

    def __init__(self, outlines: Sequence[ApplicationSummary], make: Make) -> None:
        self.outlines = outlines
        self._make = make
        self._made: dict[int, Application] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.outlines)

    @overload
    def __getitem__(self, index: int) -> Application: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Application, ...]: ...
    def __getitem__(self, index: int | slice) -> Application | tuple[Application, ...]:
        """Return the application at an index, or those of a slice."""
        places = range(len(self.outlines))[index]
        if isinstance(places, range):
            return tuple(self._at(place) for place in places)
        return self._at(places)

    def __eq__(self, other: object) -> bool:
        """Compare with any sequence of applications, one by one."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as that of a list, whose equal it may be

    def __repr__(self) -> str:
        """Show the number: there may be ten thousand."""
        return f"Many({len(self)})"

    def _at(self, place: int) -> Application:
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = self._make(place)
        return found


def outlines(applications: Sequence[Application]) -> Sequence[ApplicationSummary]:
    """Return the outlines by place; of a plain sequence they are read from its applications."""
    if isinstance(applications, LazyApplications):
        return applications.outlines
    return [ApplicationSummary(item.ref.id, item.state, item.cores) for item in applications]


def joined(parts: Iterable[Sequence[Application]]) -> Sequence[Application]:
    """Return the applications of several schedulers one after another, making none."""
    kept = [part for part in parts if part]
    if len(kept) <= 1:
        return kept[0] if kept else ()
    ends = list(accumulate(len(part) for part in kept))

    def make(place: int) -> Application:
        which = bisect_right(ends, place)
        return kept[which][place - ends[which]]  # from the end of its part, so below zero

    return LazyApplications([outline for part in kept for outline in outlines(part)], make)
