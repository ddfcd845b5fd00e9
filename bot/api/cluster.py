"""The cluster for a Slack process that knows none: every read, and the one call of a stored order."""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import structlog
from fastapi import Body
from pydantic import AwareDatetime, Field, StringConstraints

from bot.api.views import ApplicationId, Caller, Problem, ProposalId, Sent, Sha256
from bot.approvals.desk import ApprovalDesk
from bot.approvals.model import LARGEST_PROPOSAL
from bot.domain.applications import Application, ApplicationRef, KillAnswer, RunningApplications
from bot.domain.cluster import ClusterMetrics, NodeUsage, PastUsage, Reading, Window
from bot.domain.core_usage import NodeCores
from bot.domain.proposals import KillOrder
from bot.errors import ApprovalError, BackendError, CardMismatchError
from bot.tools.toolbox import Toolbox

_LOG = structlog.get_logger(__name__)
T = TypeVar("T")
Around = tuple[float | None, float | None]
MOST_ASKED = 100  # nodes or applications
Word = Annotated[str, StringConstraints(max_length=200)]
Time = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))
]
Ids = Annotated[tuple[ApplicationId, ...], Body(max_length=MOST_ASKED)]
Nodes = Annotated[tuple[NodeUsage, ...], Body(max_length=MOST_ASKED)]
Seconds = Annotated[float, Field(ge=1, le=86_400)]


class Call(Sent):
    """Which stored order to carry out: the proposal, the target's place, the digest approved."""

    proposal: ProposalId
    position: Annotated[int, Field(ge=0, lt=LARGEST_PROPOSAL)]
    digest: Sha256


@dataclass(frozen=True, slots=True, eq=False)
class ClusterDoor:
    """The ports of a cluster as routes for a process of ours; OpenAPI does not tell of them."""

    tools: Toolbox
    desk: ApprovalDesk

    async def running(self) -> RunningApplications:
        """Return everything that runs or waits."""
        found = await self.tools.applications.running()
        return replace(found, applications=tuple(found.applications))

    async def now(self) -> ClusterMetrics:
        """Return the cluster as it is."""
        return await self.tools.health.now()

    async def application(self, cluster: Word, backend: Word, id: Word) -> Reading[Application]:  # noqa: A002 - as a query names it
        """Return one application as it is now, or why it cannot be read."""
        ref = ApplicationRef(cluster, backend, id)
        return await _reading(self.tools.applications.find(ref))

    async def cpu(self, start: Time, end: Time, step: Seconds) -> Reading[Window]:
        """Return CPU over a window of time, or why it cannot be read."""
        return await _reading(self.tools.health.cpu(start, end, timedelta(seconds=step)))

    async def cores(self, at: Time) -> dict[str, float]:
        """Return the cores that applications used at an earlier time, by id."""
        return dict(await self.tools.cores_at(at))

    async def around(self, before: Time, after: Time) -> Around:
        """Return the cores all applications used at a time, and use since another."""
        history = self.tools.history
        return await history.cores_around(before, after) if history else (None, None)

    async def nodes(self, named: Nodes) -> NodeCores | None:
        """Return the cores each application uses on some nodes; null where nothing tells that."""
        return await self.tools.cores_on(named)

    async def risen(self, applications: Ids) -> dict[str, tuple[datetime, float]]:
        """Return since when those of these ids that rose use so much, and the cores before."""
        return dict(await self.tools.risen(applications))

    async def usage(self, at: Time) -> PastUsage:
        """Return what was measured around an earlier time."""
        return await self.tools.usage_at(at)

    async def kill(self, token: Caller, call: Call) -> KillAnswer:
        """Make the one call of a target that people approved: what is stored decides."""
        order = KillOrder(call.proposal, call.position, call.digest, ())
        try:
            return await self.desk.call(order, token.place)
        except CardMismatchError:
            raise Problem(404, "unknown_proposal", "There is no such order.") from None
        except ApprovalError as error:
            _LOG.warning(
                "call_refused", token=token.name, proposal=order.proposal_id, why=error.code
            )
            told = f"No call was made: {error.code}."
            raise Problem(409, error.code, told) from None


async def _reading(question: Awaitable[T | None]) -> Reading[T]:
    try:
        return Reading(await question)
    except BackendError as error:
        return Reading(missing=error.missing)
