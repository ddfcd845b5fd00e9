"""Looks for proposals nobody is working on: expired, or left by a dead replica."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import structlog

from bot.services.jobs import Work


class SweptDesk(Protocol):
    """The approval desk, as sweeping needs it."""

    async def sweep(self) -> tuple[str, ...]:
        """Expire what is late; return the ids to be carried out."""
        ...

    async def carry_out(self, proposal_id: str) -> object:
        """Carry one out, unless somebody else does."""
        ...


class Sweeper:
    """Sweeps; `swept` is called after each sweep and each kill, for cards may have changed.

    `first` runs before each sweep: the time is measured by which the sweep judges. `begin` does
    work beside the sweeps: to carry out a kill may take minutes.
    """

    def __init__(
        self,
        desk: SweptDesk,
        first: Callable[[], Awaitable[None]],
        swept: Callable[[], None],
        begin: Callable[[str, Work], None],
    ) -> None:
        self._desk = desk
        self._first = first
        self._swept = swept
        self._begin = begin

    async def sweep(self) -> None:
        """Sweep once, and begin to carry out what waits for it. Raises StorageError."""
        await self._first()
        for proposal_id in await self._desk.sweep():
            self._begin(f"kill {proposal_id}", partial(self._carry_out, proposal_id))
        self._swept()

    async def _carry_out(self, proposal_id: str) -> None:
        with structlog.contextvars.bound_contextvars(proposal=proposal_id):
            try:
                await self._desk.carry_out(proposal_id)
            finally:
                self._swept()
