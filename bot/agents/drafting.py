"""What a thread knows, gathered for a text that somebody sends elsewhere."""

import asyncio

from bot.agents.facts import DraftFacts, Facts, QuestionFacts
from bot.agents.memory import Memory, baseline_of, culprits_of
from bot.agents.targets import Choice, choose
from bot.domain.conversation import DraftKind, ListingRow, Query
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import get_spark_jobs
from bot.tools.toolbox import Toolbox

HEAVIEST = 3


async def drafted(memory: Memory, tools: Toolbox) -> Facts:
    """Return the facts of a draft; a message to an owner needs to know whose job it is about."""
    reading, turn = memory["reading"], memory["turn"]
    kind = reading.draft or DraftKind.SUMMARY
    chosen: tuple[ListingRow, ...] = ()
    if reading.selection is not None:
        choice = await choose(memory, tools)
        if not isinstance(choice, Choice):
            return choice
        chosen = choice.rows
    elif kind is DraftKind.OWNER:
        return QuestionFacts("which_one")
    metrics, jobs, proposals = await asyncio.gather(
        get_cluster_metrics(tools),
        get_spark_jobs(tools, Query()),
        tools.proposals.in_thread(turn.channel, turn.thread_ts),
    )
    baseline = baseline_of(memory)
    people = (
        user
        for each in proposals
        for user in (each.requester, *(vote.user for vote in each.votes))
        if user.startswith(("U", "W"))
    )
    return DraftFacts(
        kind,
        metrics,
        proposals,
        tuple(jobs.rows[:HEAVIEST]),
        title=memory.get("alert_title", ""),
        opened_at=baseline.taken_at if baseline else None,
        cpu_before=baseline.cpu.percent if baseline and baseline.cpu else None,
        culprits=culprits_of(memory),
        chosen=chosen,
        names=await tools.names(people),
        missing=(*metrics.missing, *jobs.snapshot.missing),
    )
