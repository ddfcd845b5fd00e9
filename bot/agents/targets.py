"""What a request is about: the applications chosen, or all that run, judged.

A symbolic selection is resolved against the frozen listing first, then against what runs.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.agents.facts import Facts, QuestionFacts, UnreadableFacts
from bot.agents.memory import (
    Memory,
    baseline_of,
    culprits_of,
    listing_of,
    looked_at,
    spoken_groups,
    spoken_of,
)
from bot.domain.applications import ApplicationRef
from bot.domain.cluster import ClusterMetrics, NodeUsage, all_names, host_names
from bot.domain.conversation import Intent, Listing, ListingRow, Query
from bot.domain.core_usage import NodeCores
from bot.domain.knowledge import Culprit
from bot.domain.runaway import GROWTH_WINDOW, Background, Finding, calm, judge
from bot.domain.selection_resolver import Resolved, Unresolved, listed_only, resolve
from bot.domain.selections import Both, Either, Field, Having, Pronoun, Ranks, Selection
from bot.tools.get_cluster_metrics import get_cluster_metrics
from bot.tools.get_spark_jobs import Jobs, get_spark_jobs
from bot.tools.toolbox import Toolbox

MOST_NAMED = 5  # applications in one question
BOTH = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """The rows a person chose, and when the list they come from was taken.

    `shown` when it is a list people saw: its numbers are what they call the rows by.
    """

    rows: tuple[ListingRow, ...]
    listed_at: datetime
    shown: bool = False

    @property
    def refs(self) -> set[ApplicationRef]:
        """The applications themselves, whatever the list calls them."""
        return {row.ref for row in self.rows}


async def choose(memory: Memory, tools: Toolbox) -> Choice | Facts:
    """Resolve the reading's selection; what cannot be resolved becomes a question, never a guess."""
    reading = memory["reading"]
    selection, listing = reading.selection, listing_of(memory)
    if reading.intent is Intent.CLARIFY or selection is None:
        return QuestionFacts(reading.question or "which_one")
    if isinstance(selection, Pronoun) and reading.intent is not Intent.KILL:
        meant = pointed_at(memory, several=selection.plural)
        if meant:
            return Choice(meant, memory["turn"].said_at)
    unresolved: Unresolved | None = None
    if listing is not None:
        found = resolve(selection, listing.rows, memory["turn"].said_at)
        if isinstance(found, Resolved):
            return Choice(found.rows, listing.taken_at, shown=True)
        unresolved = found
    orders = reading.intent is Intent.KILL
    beyond = not listing or _beyond(selection, listing)  # a question may be of what no list showed
    unseen = listed_only(selection) and (orders or not beyond)
    if unseen or (unresolved and unresolved.candidates):
        return _asked(unresolved or Unresolved("no_listing"))
    running = await _choose_running(memory, tools, selection)
    if listing is not None and orders and isinstance(running, Choice):
        return _off_the_list(running, selection)
    return running


def _beyond(selection: Selection, listing: Listing) -> bool:
    """Tell whether only numbers are meant that come after those of the list."""
    last = max((row.rank for row in listing.rows), default=0)
    return isinstance(selection, Ranks) and min(selection.ranks, default=0) > last


def pointed_at(memory: Memory, *, several: bool) -> tuple[ListingRow, ...]:
    """Return what "it" or "both" means: the row, or the rows, that were spoken of last."""
    shown, groups = looked_at(memory), spoken_groups(memory)
    if not several:
        last = (shown,) if shown is not None else groups[0] if groups else ()
        return last if len(last) == 1 else ()
    if groups and len(groups[0]) > 1:
        return groups[0]
    return spoken_of(memory)[:BOTH] if len(spoken_of(memory)) >= BOTH else ()


def _off_the_list(running: Choice, selection: Selection) -> Choice | Facts:
    """Take what was named by its whole id; ask about what runs, but is not on the list shown."""
    parts = selection.parts if isinstance(selection, Both | Either) else (selection,)
    named = {part.value for part in parts if isinstance(part, Having) and part.field is Field.ID}
    if all(row.ref.id in named for row in running.rows):
        return running
    shown = (f"{row.name} ({row.user}, {row.ref.id})" for row in running.rows[:MOST_NAMED])
    return QuestionFacts("not_listed", {"names": ", ".join(shown)})


async def _choose_running(memory: Memory, tools: Toolbox, selection: Selection) -> Choice | Facts:
    jobs = await get_spark_jobs(tools, Query())
    if jobs.snapshot.failed and not jobs.rows:
        return UnreadableFacts(jobs.snapshot.missing)
    found = resolve(selection, jobs.rows, memory["turn"].said_at)
    if isinstance(found, Unresolved):
        return _asked(found)
    return Choice(found.rows, jobs.snapshot.taken_at)


def _asked(unresolved: Unresolved) -> QuestionFacts:
    return QuestionFacts(unresolved.question, dict(unresolved.values), unresolved.candidates)


# The running applications, judged against all that is known around them.


@dataclass(frozen=True, slots=True)
class Judged:
    """The cluster, its applications, what stands out, and the cores each id used before.

    `named` are our nodes that the thread's alert names, `here` what is used on them, where told.
    """

    metrics: ClusterMetrics
    jobs: Jobs
    findings: tuple[Finding, ...]
    earlier: Mapping[str, float]
    named: tuple[NodeUsage, ...] = ()
    here: NodeCores | None = None


async def judged(query: Query, memory: Memory, tools: Toolbox) -> Judged:
    """Read the cluster and judge what runs; what cannot be read is missing from the metrics.

    Under an alert the time before it is what the present is compared with, however long ago: what
    ran away then is not tame for having stopped to grow.
    """
    baseline = baseline_of(memory)
    at = baseline.taken_at if baseline is not None else memory["turn"].said_at
    metrics, jobs, earlier = await asyncio.gather(
        get_cluster_metrics(tools), get_spark_jobs(tools, query), tools.cores_at(at - GROWTH_WINDOW)
    )
    named = nodes_of(memory.get("alert_hosts", ()), metrics.nodes)
    if len(named) == len(metrics.nodes):  # all of them are the cluster
        named = ()
    here = await tools.cores_on(named) if jobs.snapshot.measurement is not None else None
    habits = await tools.usual(jobs.snapshot, here)
    background = Background(metrics.queues, habits, earlier, calm(metrics, named), here)
    findings = judge(jobs.snapshot, background)
    if not background.calm:
        findings = still_wild(findings, culprits_of(memory))
    return Judged(metrics, jobs, findings, earlier, named, here)


def nodes_of(hosts: Iterable[str], nodes: tuple[NodeUsage, ...]) -> tuple[NodeUsage, ...]:
    """Return those of the nodes that hosts, as an alert names them, are."""
    names = {name for host in hosts for name in host_names(host)}
    return tuple(node for node in nodes if names & all_names((node,)))


def still_wild(findings: tuple[Finding, ...], culprits: tuple[Culprit, ...]) -> tuple[Finding, ...]:
    """Keep the verdict the alert began with, also on what was started again under its name."""
    wild = {(each.name, each.user): each for each in culprits if each.runaway}

    def kept(finding: Finding) -> Finding:
        before = wild.get((finding.application.name, finding.application.user))
        if before is None or finding.runaway or finding.as_always:
            return finding
        held = {sign.rule for sign in finding.evidence}
        signs = (*finding.evidence, *(sign for sign in before.evidence if sign.rule not in held))
        return replace(finding, evidence=signs, runaway=True)

    return tuple(sorted(map(kept, findings), key=lambda item: (not item.runaway, -item.share)))
