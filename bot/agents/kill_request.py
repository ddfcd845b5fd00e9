"""From chosen rows to a proposal: read again, leave out what may not or cannot die, propose."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence

from bot.agents.facts import KillFacts, Refusal, UnreadableFacts
from bot.agents.memory import Memory
from bot.agents.targets import Choice
from bot.domain.applications import Application, RunningApplications
from bot.domain.cluster import ClusterMetrics
from bot.domain.conversation import ListingRow, Query, Turn
from bot.domain.core_usage import freed_points
from bot.domain.proposals import Proposal, ProposalRequest, Target
from bot.errors import BackendError, ProposalRefusedError
from bot.tools.toolbox import Toolbox

MOVING = ("button", "move_card")  # of a reading: the card whose id follows is to be moved here


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
            targets.append(_target(identity, jobs.snapshot, row.rank if choice.shown else None))
        elif refusal is not None:
            left_out.append((row, refusal))
    if not targets:
        return KillFacts(None, tuple(left_out))

    def request(of: Sequence[Target]) -> ProposalRequest:
        return _request(memory, choice, tuple(of), metrics)

    return await _proposed(request, choice.rows, targets, left_out, tools)


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
            proposal = await tools.kill_spark_job(request(targets))
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
    memory: Memory, choice: Choice, targets: tuple[Target, ...], before: ClusterMetrics
) -> ProposalRequest:
    turn, evidence = memory["turn"], memory["reading"].evidence
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
        moving=evidence[2] if evidence[:2] == MOVING else "",
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
