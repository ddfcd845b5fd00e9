"""A kill is proposed: read again, leave out what may not or cannot die; a person decides."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bot.domain.applications import Application, RunningApplications
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import ListingRow, Query, Turn
from bot.domain.core_usage import freed_points
from bot.domain.proposals import Proposal, ProposalRequest, Target
from bot.errors import BackendError, Missing, ProposalRefusedError
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox, TypedTool, traced, typed

MOST = 20  # applications in one call
UNKNOWN = "unknown_application"


class Refusal(StrEnum):
    """Why one chosen application is not on the card."""

    PROTECTED = "protected"
    OVER = "over"
    CHANGED = "changed"
    OPEN = "open"  # another card for it waits


@dataclass(frozen=True, slots=True)
class KillFacts:
    """A kill was asked for: the card made, or why none was.

    `others` are the cards elsewhere that hold some of what was chosen; `missing` is what could not
    be read, and then nothing was proposed.
    """

    proposal: Proposal | None
    left_out: tuple[tuple[ListingRow, Refusal], ...] = ()
    refused: str = ""
    values: dict[str, str] = field(default_factory=dict)
    others: tuple[Proposal, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class KillWish:
    """Who wants which rows of a list to end, and when that list was taken.

    `shown` when it is a list people saw: its numbers are what they call the rows by. `moving` is
    the id of a card elsewhere that the new one is to take the place of.
    """

    turn: Turn
    rows: tuple[ListingRow, ...]
    listed_at: datetime
    shown: bool = False
    moving: str = ""


@traced
async def kill_spark_job(tools: Toolbox, wish: KillWish) -> KillFacts:
    """Propose killing the rows as they are now; the card is made from the stored proposal."""
    if not wish.turn.may_propose:
        return KillFacts(None, refused="no_scope")
    try:
        jobs, metrics, identities = await asyncio.gather(
            get_spark_jobs(tools, Query()),
            get_cluster_metrics(tools),
            asyncio.gather(*(tools.applications.find(row.ref) for row in wish.rows)),
        )
    except BackendError as error:
        return KillFacts(None, missing=(error.missing,))
    targets: list[Target] = []
    left_out: list[tuple[ListingRow, Refusal]] = []
    for row, identity in zip(wish.rows, identities, strict=True):
        refusal = _refusal(row, identity, tools)
        if refusal is None and identity is not None:
            targets.append(_target(identity, jobs.snapshot, row.rank if wish.shown else None))
        elif refusal is not None:
            left_out.append((row, refusal))
    if not targets:
        return KillFacts(None, tuple(left_out))

    def request(of: Sequence[Target]) -> ProposalRequest:
        return _request(wish, tuple(of), metrics)

    return await _proposed(request, wish.rows, targets, left_out, tools)


def kill_tool(tools: Toolbox, turn: Turn) -> TypedTool:
    """Return the tool over its ports, for what one person asks for in one thread."""

    async def run(
        applications: Annotated[
            list[str], Field(min_length=1, max_length=MOST, description="whole ids, as listed")
        ],
    ) -> KillFacts:
        """Propose killing applications: it puts up a card, and nothing dies before a person approves."""
        jobs = await get_spark_jobs(tools, Query())
        known = {row.ref.id: row for row in jobs.rows}
        strangers = [each for each in applications if each not in known]
        if strangers and jobs.snapshot.failed:
            return KillFacts(None, missing=jobs.snapshot.failed)
        if strangers:
            return KillFacts(None, refused=UNKNOWN, values={"application": strangers[0]})
        rows = tuple(known[each] for each in dict.fromkeys(applications))
        return await kill_spark_job(tools, KillWish(turn, rows, jobs.snapshot.taken_at))

    return typed("kill_spark_job", run)


async def _proposed(
    request: Callable[[Sequence[Target]], ProposalRequest],
    chosen: Sequence[ListingRow],
    targets: list[Target],
    left_out: list[tuple[ListingRow, Refusal]],
    tools: Toolbox,
) -> KillFacts:
    """Propose what may be proposed; what waits on another card is left out and named."""
    others: dict[str, Proposal] = {}
    rows = {row.ref: row for row in chosen}
    while targets:
        try:
            proposal = await tools.proposals.propose(request(targets))
        except ProposalRefusedError as error:
            taken = [each for each in targets if each.ref.id == error.values.get("application")]
            if error.code != "target_open" or not taken:
                return KillFacts(None, tuple(left_out), error.code, dict(error.values))
            other = await tools.proposals.get(error.values.get("proposal", ""))
            if other is not None:
                others[other.id] = other
            targets = [each for each in targets if each not in taken]
            left_out += [(rows[each.ref], Refusal.OPEN) for each in taken]
        else:
            return KillFacts(proposal, tuple(left_out), others=tuple(others.values()))
    return KillFacts(None, tuple(left_out), others=tuple(others.values()))


def _request(
    wish: KillWish, targets: tuple[Target, ...], before: ClusterMetrics
) -> ProposalRequest:
    turn = wish.turn
    return ProposalRequest(
        id=proposal_id(turn, targets),
        team=turn.team,
        channel=turn.channel,
        thread_ts=turn.thread_ts,
        requester=turn.asker,
        language=turn.language,
        targets=targets,
        listed_at=wish.listed_at,
        before=before,
        moving=wish.moving,
    )


def proposal_id(turn: Turn, targets: Sequence[Target]) -> str:
    """Return the same id for the same turn and targets, so that a repeated turn makes one card."""
    words = [turn.id, *sorted(f"{item.ref.cluster}/{item.ref.id}" for item in targets)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def _refusal(row: ListingRow, now: Application | None, tools: Toolbox) -> Refusal | None:
    if row.protected or tools.proposals.protected(row.name, row.user, row.queue):
        return Refusal.PROTECTED
    if now is None or now.state.over:
        return Refusal.OVER
    if tools.proposals.protected(now.name, now.user, now.queue):
        return Refusal.PROTECTED
    same = (now.name, now.user, now.started_at) == (row.name, row.user, row.started_at)
    return None if same else Refusal.CHANGED


def _target(identity: Application, snapshot: RunningApplications, rank: int | None) -> Target:
    """Freeze who it is from its own fresh read, and what it uses from the list's."""
    used = next((item for item in snapshot.applications if item.ref == identity.ref), identity)
    return Target(
        ref=identity.ref,
        attempt=identity.attempt,
        name=identity.name,
        user=identity.user,
        queue=identity.queue,
        started_at=identity.started_at,
        cores=used.cores,
        memory=used.memory,
        cores_basis=used.cores_basis.value,
        share=snapshot.share(used),
        relief=freed_points(used, snapshot),
        rank=rank,
        granted_cores=used.granted_cores,
        partly=used.partly,
    )
