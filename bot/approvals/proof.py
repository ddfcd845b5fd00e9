"""What a kill came to: CPU before and after, and whether the same jobs run again."""

from contextlib import suppress
from datetime import datetime, timedelta

from bot.approvals import execution as steps
from bot.approvals.model import Effect, ProposalSnapshot, Timers
from bot.domain.proposals import TargetState
from bot.errors import BackendError, FaultKind
from bot.ports import Applications, ClusterHealth, UsageHistory

HISTORY = timedelta(minutes=1)
HISTORY_STEP = timedelta(seconds=15)


class Proof:
    """Measures the cluster after a kill; it only reads."""

    def __init__(
        self,
        health: ClusterHealth,
        applications: Applications,
        timers: Timers,
        history: UsageHistory | None = None,
    ) -> None:
        self._health = health
        self._applications = applications
        self._timers = timers
        self._history = history
        self._taken_over: datetime | None = None  # when a takeover was last seen

    async def effect(self, case: ProposalSnapshot) -> Effect:
        """Return what is measured by now and was not before."""
        return Effect(*await self.cpu(case), *await self.cores(case))

    async def cores(self, case: ProposalSnapshot) -> tuple[float | None, float | None]:
        """Return the cores all applications used just before the first call, and use since.

        By what told the targets' own, and only by readings that hold nothing of before the end.
        """
        proposal = case.proposal
        ended, called = proposal.finished_at, case.called_at.values()
        if self._history is None or proposal.cores_after is not None or not (ended and called):
            return None, None
        if not proposal.killed or not proposal.expected[1]:  # nothing measured to compare with
            return None, None
        return await self._history.cores_around(min(called), ended)

    async def cpu(self, case: ProposalSnapshot) -> tuple[float | None, float | None]:
        """Return CPU percent just before the first call, where a history is kept, and now.

        The second is None until a reading exists that was taken after the effect settled. A
        ResourceManager that has just taken over cannot tell nodes yet to end what was killed.
        """
        proposal = case.proposal
        settled = (proposal.finished_at or case.now) + self._timers.settle
        if proposal.cpu_after is not None or case.now < settled:
            return None, None
        metrics = await self._health.now()
        if any(each.kind is FaultKind.SETTLING for each in metrics.missing):
            self._taken_over = case.now
        if self._taken_over is not None:
            settled = max(settled, self._taken_over + self._timers.settle)
        if metrics.cpu is None or case.now < settled:
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
        killed = []
        for target in case.proposal.targets:
            if target.state is TargetState.SUCCEEDED:
                with suppress(BackendError):
                    killed.append(await self._applications.find(target.ref))
        listed = await self._applications.running()
        return steps.relaunches([each for each in killed if each], listed.applications)
