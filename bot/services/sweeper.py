"""Looks now and then for proposals nobody is working on: expired, or left by a dead replica."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from bot.errors import DangjikError

_LOG = structlog.get_logger(__name__)


class SweptDesk(Protocol):
    """The approval desk, as sweeping needs it."""

    async def sweep(self) -> tuple[str, ...]:
        """Expire what is late; return the ids to be carried out."""
        ...

    async def carry_out(self, proposal_id: str) -> object:
        """Carry one out, unless somebody else does."""
        ...


class Sweeper:
    """Sweeps every `period` seconds; `swept` is called after each, for cards may have changed.

    `first` runs before each sweep: the time is measured by which the sweep judges.
    """

    def __init__(
        self,
        desk: SweptDesk,
        first: Callable[[], Awaitable[None]],
        swept: Callable[[], None],
        period: float = 10.0,
    ) -> None:
        self._desk = desk
        self._first = first
        self._swept = swept
        self._period = period
        self._loop: asyncio.Task[None] | None = None
        self._work: dict[str, asyncio.Task[object]] = {}

    async def start(self) -> None:
        """Begin, with a first sweep at once."""
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; what was being carried out is found again by the next sweep of any replica."""
        tasks = [task for task in (self._loop, *self._work.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._first()
                for proposal_id in await self._desk.sweep():
                    self._carry_out(proposal_id)
                self._swept()
            except DangjikError as error:
                _LOG.warning("sweep_failed", error=str(error))
            await asyncio.sleep(self._period)

    def _carry_out(self, proposal_id: str) -> None:
        if proposal_id in self._work:
            return
        task: asyncio.Task[object] = asyncio.create_task(self._one(proposal_id))
        self._work[proposal_id] = task
        task.add_done_callback(lambda _: self._work.pop(proposal_id, None))

    async def _one(self, proposal_id: str) -> None:
        with structlog.contextvars.bound_contextvars(proposal=proposal_id):
            try:
                await self._desk.carry_out(proposal_id)
            except DangjikError as error:
                _LOG.warning("carrying_out_failed", error=str(error))
        self._swept()
