"""From chosen rows to a proposal: read again, leave out what may not or cannot die, propose."""

import asyncio
import hashlib
from collections.abc import Sequence

from bot.agents.facts import KillFacts, Refusal, UnreadableFacts
from bot.agents.memory import Memory
from bot.agents.targets import Choice
from bot.agents.what_if import relief_points
from bot.domain.applications import Application, RunningApplications
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import ListingRow, Query, Turn
from bot.domain.proposals import ProposalRequest, Target
from bot.errors import BackendError, ProposalRefusedError
from bot.tools.toolbox import Toolbox


async def propose_kill(
    memory: Memory, choice: Choice, tools: Toolbox
) -> KillFacts | UnreadableFacts:
    """Propose killing the chosen rows, as they are now; the card is made from the stored row.

    In the thread of another cluster's alert there is no card.
    """
    if elsewhere := memory.get("elsewhere"):
        return KillFacts(None, (), "elsewhere", {"named": elsewhere})
    try:
        jobs, metrics, identities = await asyncio.gather(
            tools.get_spark_jobs(Query()),
            tools.get_cluster_metrics(),
            asyncio.gather(*(tools.applications.find(row.ref) for row in choice.rows)),
        )
    except BackendError as error:
        return UnreadableFacts((error.missing,))
    targets: list[Target] = []
    left_out: list[tuple[ListingRow, Refusal]] = []
    for row, identity in zip(choice.rows, identities, strict=True):
        refusal = _refusal(row, identity, tools)
        if refusal is None and identity is not None:
            targets.append(_target(identity, jobs.snapshot))
        elif refusal is not None:
            left_out.append((row, refusal))
    if not targets:
        return KillFacts(None, tuple(left_out))
    request = _request(memory["turn"], choice, tuple(targets), metrics)
    try:
        return KillFacts(await tools.kill_spark_job(request), tuple(left_out))
    except ProposalRefusedError as error:
        return KillFacts(None, tuple(left_out), error.code, dict(error.values))


def _request(
    turn: Turn, choice: Choice, targets: tuple[Target, ...], before: ClusterMetrics
) -> ProposalRequest:
    return ProposalRequest(
        id=proposal_id(turn, targets),
        team=turn.team,
        channel=turn.channel,
        thread_ts=turn.thread_ts,
        requester=turn.asker,
        language=turn.language,
        targets=targets,
        listed_at=choice.listed_at,
        before=before,
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


def _target(identity: Application, snapshot: RunningApplications) -> Target:
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
        relief=relief_points(used, snapshot),
    )
