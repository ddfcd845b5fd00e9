"""CPU of applications as two figures: cores used, by one source a read, and cores granted.

Where anything tells used cores, they rank and judge, and an application without such a figure has
none: missing is never granted. Where nothing does, granted cores take their place by their name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.applications import (
    Application,
    Basis,
    LazyApplications,
    Measurement,
    RunningApplications,
    outlines,
)
from bot.domain.cluster import NodeUsage, all_names, host_names

if TYPE_CHECKING:  # both stand on this module
    from bot.domain.conversation import ListingRow
    from bot.domain.proposals import Target

IDLE_PART = 0.05  # of the cores it was granted: uses nearly nothing
RISE = 2.0  # times what it used before
RISE_LEAST = 1.0  # cores
OUTSIDE_PART = 0.5  # of all cores in use: most of the heat
OUTSIDE_LEAST = 1.0  # cores
OUTSIDE_NAMED = 3
IDLE_LEAST = 2.0  # granted cores; holding fewer keeps nobody waiting


@dataclass(frozen=True, slots=True)
class UsedCores:
    """Used cores by application id, and how many of its containers each figure is of, where told.

    `nodes` are the same by the address of each node, where a source tells that; `reach` is how far
    back the oldest figure in it goes, None where that is not known.
    """

    measurement: Measurement
    cores: Mapping[str, float]
    containers: Mapping[str, int] = field(default_factory=dict)
    nodes: Mapping[str, Mapping[str, tuple[float, int]]] = field(default_factory=dict)
    reach: timedelta | None = None


def shown(names: Sequence[str]) -> str:
    """Return the first few names of machines, and how many more there are."""
    more = len(names) - OUTSIDE_NAMED
    return ", ".join(names[:OUTSIDE_NAMED]) + (f" +{more}" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class NodeCores:
    """The cores each application id uses on the nodes of these names, and all cores they have."""

    names: tuple[str, ...]
    cores: Mapping[str, float]
    whole: float

    def part(self, *applications: str) -> float:
        """Return the part of these nodes' cores that applications use together, 0 to 1."""
        return sum(self.cores.get(app, 0.0) for app in applications) / self.whole

    @property
    def shown(self) -> str:
        """The names as people read them, the first few."""
        return shown(self.names)


def node_cores(
    nodes: Sequence[NodeUsage], cores: Mapping[str, float], whole: float | None = None
) -> NodeCores | None:
    """Return cores used on nodes; None where none is, or their size is not told.

    Without `whole` their size is what is in use there by the percentage that it is.
    """
    sizes = [
        node.cores / node.cpu_percent * 100 if node.cores and node.cpu_percent else None
        for node in nodes
    ]
    known = [size for size in sizes if size is not None]
    size = whole or (sum(known) if len(known) == len(nodes) else None)
    if not cores or not size:
        return None
    return NodeCores(tuple(node.name for node in nodes), cores, size)


def cores_on(nodes: Sequence[NodeUsage], used: UsedCores) -> NodeCores | None:
    """Return what is used on nodes, by a source that tells each node's containers; else None."""
    names, cores = all_names(nodes), dict[str, float]()
    for address, applications in used.nodes.items():
        if names & host_names(address.rpartition(":")[0]):
            for app, (each, _) in applications.items():
                cores[app] = cores.get(app, 0.0) + each
    return node_cores(nodes, cores)


Weighed: TypeAlias = "Application | ListingRow | Target"
"""What shows an application's cores: `cores`, of `cores_basis`, is what it is ranked by."""


def with_used(
    applications: Sequence[Application], used: UsedCores | None, memory: Mapping[str, int]
) -> Sequence[Application]:
    """Add what the machines saw each use, by id; with used cores of any, granted ones rank none."""
    if used is None and not memory:
        return applications

    def make(place: int) -> Application:
        app = applications[place]
        app = replace(app, used_memory=memory.get(app.ref.id))
        return app if used is None else _weighed(app, used)

    known = outlines(applications)
    if used is not None:
        known = [each._replace(cores=used.cores.get(each.id)) for each in known]
    return LazyApplications(known, make)


def _weighed(app: Application, used: UsedCores) -> Application:
    cores, read = used.cores.get(app.ref.id), used.containers.get(app.ref.id)
    partly = not used.measurement.whole
    if read is not None and app.containers is not None:
        partly = read < app.containers
    return replace(
        app,
        basis=used.measurement.basis,
        used_cores=cores,
        partly=cores is not None and partly,
    )


def freed_points(app: Application, snapshot: RunningApplications) -> float | None:
    """Return the CPU percentage points its end should free, at most its share.

    None where nothing measured what it uses: granted cores and busy slots promise nothing.
    """
    share = snapshot.share(app)
    if share is None or app.cores_basis is not Basis.MEASURED:
        return None
    return min(share, 1.0) * 100


def freed_cores(item: Weighed) -> tuple[float | None, bool]:
    """Return the cores its end frees, and whether they were measured in use; else at most so many."""
    if item.cores_basis == Basis.MEASURED and item.cores is not None:
        return item.cores, True
    return item.cores if item.cores_basis == Basis.BOUND else item.granted_cores, False


def wasted_cores(item: Weighed) -> float | None:
    """Return the granted cores that are not used; None where either is not told, or not whole."""
    if item.cores_basis != Basis.MEASURED or item.partly:
        return None
    if item.cores is None or item.granted_cores is None:
        return None
    return max(0.0, item.granted_cores - item.cores)


def holds_idle(app: Application, earlier: float | None) -> bool:
    """Tell whether an application holds cores and uses next to none of them, all of it read.

    `earlier` are the cores it used minutes ago; what is not known to have idled then is none.
    """
    granted, used = app.granted_cores, app.used_cores
    if granted is None or used is None or app.partly or granted < IDLE_LEAST:
        return False
    nothing = granted * IDLE_PART
    return earlier is not None and earlier <= nothing and used <= nothing


def risen_since(
    past: Sequence[tuple[datetime, Mapping[str, float]]],
) -> dict[str, tuple[datetime, float]]:
    """Return since when each application uses what it does, and what it used before; oldest first.

    Only of one that at least doubled, by a core or more, and never fell back since.
    """
    found: dict[str, tuple[datetime, float]] = {}
    for app, now in past[-1][1].items() if past else ():
        for (_, before), (at, _) in zip(past[-2::-1], past[:0:-1], strict=True):
            earlier = before.get(app)
            if earlier is None:
                break
            if earlier * RISE > now:
                continue
            if now - earlier >= RISE_LEAST:
                found[app] = (at, earlier)
            break
    return found


@dataclass(frozen=True, slots=True)
class OutsideHeat:
    """Cores in use outside the scheduler's containers, of all in use; the nodes with most of them."""

    cores: float
    whole: float
    nodes: tuple[tuple[str, float], ...]


def outside_heat(nodes: Sequence[NodeUsage]) -> OutsideHeat | None:
    """Return what burns outside of containers where that is most of the heat, else None.

    Managers on one machine each see all of it: theirs is counted once.
    """
    whole: dict[str, float] = {}
    contained: dict[str, float] = {}
    for node in nodes:
        if node.cores is None or node.container_cores is None:
            continue
        machine = "localhost" if node.name.startswith("127.") else node.name
        whole[machine] = max(whole.get(machine, 0.0), node.cores)
        contained[machine] = contained.get(machine, 0.0) + node.container_cores
    outside = {name: max(0.0, cores - contained[name]) for name, cores in whole.items()}
    cores, total = sum(outside.values()), sum(whole.values())
    if cores < OUTSIDE_LEAST or cores < total * OUTSIDE_PART:
        return None
    hottest = sorted(outside.items(), key=lambda item: -item[1])[:OUTSIDE_NAMED]
    return OutsideHeat(cores, total, tuple(hottest))


@dataclass(frozen=True, slots=True)
class UsageSum:
    """Core-hours an owner used and was granted since a time; only where both were known."""

    owner: str
    queue: str
    used: float
    granted: float
    since: datetime

    @property
    def wasted(self) -> float:
        """Core-hours granted and not used."""
        return max(0.0, self.granted - self.used)


def usage_sums(
    applications: Iterable[Application], hour: datetime, lasting: timedelta
) -> tuple[UsageSum, ...]:
    """Return what each owner and queue used over a stretch of time, from one read of it."""
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    hours = lasting / timedelta(hours=1)
    for app in applications:
        if wasted_cores(app) is None:
            continue
        used, granted = sums.get((app.user, app.queue), (0.0, 0.0))
        more = (app.used_cores or 0.0) * hours, (app.granted_cores or 0.0) * hours
        sums[app.user, app.queue] = used + more[0], granted + more[1]
    return tuple(UsageSum(*key, *found, hour) for key, found in sums.items())


def by_owner(sums: Iterable[UsageSum]) -> tuple[UsageSum, ...]:
    """Return one sum an owner, over all queues, who used most first."""
    whole: dict[str, UsageSum] = {}
    for each in sums:
        before = whole.get(each.owner, UsageSum(each.owner, "", 0.0, 0.0, each.since))
        whole[each.owner] = replace(
            before,
            used=before.used + each.used,
            granted=before.granted + each.granted,
            since=min(before.since, each.since),
        )
    return tuple(sorted(whole.values(), key=lambda each: -each.used))


@dataclass(frozen=True, slots=True)
class UsageBaseline:
    """The habit of a name: medians, and on how much they rest; None where nothing was seen.

    `cores` is per run, at about this hour on `days` earlier days; `length` is that of `runs`
    finished runs, as far as they were among the heaviest and so sampled.
    """

    cores: float | None = None
    days: int = 0
    length: timedelta | None = None
    runs: int = 0
