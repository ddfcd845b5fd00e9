"""What a kill came to: CPU before and after, and whether the same jobs run again."""

from datetime import timedelta

from bot.approvals import execution as steps
from bot.approvals.model import ProposalSnapshot, Timers
from bot.errors import BackendError
from bot.ports import Applications, Clock, ClusterHealth

HISTORY = timedelta(minutes=1)
HISTORY_STEP = timedelta(seconds=15)


class Proof:
    """Measures the cluster after a kill; it only reads."""

    def __init__(
        self, health: ClusterHealth, applications: Applications, timers: Timers, clock: Clock
    ) -> None:
        self._health = health
        self._applications = applications
        self._timers = timers
        self._clock = clock

    async def cpu(self, case: ProposalSnapshot) -> tuple[float | None, float | None]:
        """Return CPU percent just before the first call, where a history is kept, and now.

        The second is None until a reading exists that was taken after the effect settled.
        """
        proposal = case.proposal
        settled = (proposal.finished_at or case.now) + self._timers.settle
        if proposal.cpu_after is not None or self._clock() < settled:
            return None, None
        metrics = await self._health.now()
        if metrics.cpu is None or metrics.taken_at < settled:
            return None, None
        called_at = min(case.called_at.values(), default=case.now)
        try:
            window = await self._health.cpu(called_at - HISTORY, called_at, HISTORY_STEP)
        except BackendError:
            window = None
        before = window.points[-1][1] if window and window.points else None
        return before, metrics.cpu.percent

    async def relaunched(self, case: ProposalSnapshot) -> tuple[str, ...]:
        """Return the ids under which killed targets run again."""
        listed = await self._applications.running()
        return steps.relaunches(case, listed.applications)
