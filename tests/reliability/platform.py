"""The world outside, as a test sees it: a cluster that counts calls, and a Slack that forgets."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    KillAnswer,
    KillOutcome,
    RunningApplications,
)
from bot.domain.cluster import ClusterMetrics, Gauge, Window
from bot.domain.proposals import KillOrder, Person, Target
from bot.errors import BackendError, FaultKind, Missing
from bot.ports import Left, SendKill
from tests.reliability.stepping import point

START = datetime(2026, 1, 5, tzinfo=UTC)
Choose = Callable[[tuple[str, ...]], str]


@dataclass
class Time:
    """Wall clock and tick counter; the wall may be set, ticks only pass."""

    wall: datetime = START
    ticks: float = 0.0

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock; no time passes."""
        self.wall += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.wall


@dataclass(frozen=True)
class Call:
    """One kill request as it arrived: who got it, and when."""

    ref: ApplicationRef
    reason: str
    tick: float
    found: Application | None

    @property
    def proposal_id(self) -> str:
        return self.reason.rpartition(" ")[2]


def application(number: int, started_at: datetime = START) -> Application:
    return Application(
        ref=ApplicationRef("prod", "yarn", f"application_1_{number:04}"),
        name=f"job-{number}",
        user="etl",
        queue="root.batch",
        state=ApplicationState.RUNNING,
        started_at=started_at,
        granted_cores=8.0,
        granted_memory=1 << 34,
    )


def target_of(found: Application) -> Target:
    return Target(
        ref=found.ref,
        attempt=found.attempt,
        name=found.name,
        user=found.user,
        queue=found.queue,
        started_at=found.started_at,
        cores=found.cores,
        memory=found.memory,
        cores_basis=found.cores_basis.value,
    )


@dataclass
class Platform:
    """Applications as they truly are. `choose` decides how each kill request goes."""

    time: Time
    choose: Choose = lambda options: options[0]
    applications: dict[ApplicationRef, Application] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    seen_at: dict[ApplicationRef, float] = field(default_factory=dict)
    late: list[tuple[float, ApplicationRef]] = field(default_factory=list)
    down: bool = False
    whole_at: float = 0.0  # the tick at which a takeover is over
    ahead: timedelta = timedelta(0)  # of its clock
    on_call: Callable[[Call], None] = lambda _: None

    def put(self, found: Application) -> Application:
        self.applications[found.ref] = found
        return found

    async def find(self, ref: ApplicationRef) -> Application | None:
        await point("find")
        if self.down:
            raise BackendError("yarn", FaultKind.UNREACHABLE)
        found = self.applications.get(ref)
        self.seen_at[ref] = self.time.ticks
        await point("found")
        return found

    async def prepare(self, ref: ApplicationRef) -> SendKill:
        await point("prepare")
        if self.down:
            raise BackendError("yarn", FaultKind.UNREACHABLE)
        return partial(self.kill, ref)

    async def kill(self, ref: ApplicationRef, order: KillOrder, _left: Left) -> KillAnswer:
        call = Call(ref, order.reason, self.time.ticks, self.applications.get(ref))
        self.calls.append(call)
        self.on_call(call)
        how = self.choose(("ok", "ok", "lost answer", "lost request", "late", "no", "silent"))
        if self.down:
            how = "lost request"
        if how in {"ok", "lost answer"}:
            self.end(ref, ApplicationState.KILLED)
        if how == "late":
            self.late.append((self.time.ticks + 20, ref))
        await point("called")
        if how in {"lost answer", "lost request"}:
            return KillAnswer(KillOutcome.UNKNOWN, "no answer")
        return KillAnswer(KillOutcome.REFUSED if how == "no" else KillOutcome.ACCEPTED)

    async def running(self) -> RunningApplications:
        await point("list")
        alive = tuple(each for each in self.applications.values() if not each.state.over)
        return RunningApplications(self.time.wall, alive)

    async def now(self) -> ClusterMetrics:
        await point("measure")
        cpu = None if self.down else Gauge(40.0)
        if self.time.ticks < self.whole_at:
            coming_back = (Missing("yarn", FaultKind.SETTLING),)
            return ClusterMetrics("prod", self.time.wall, cpu=Gauge(95.0), missing=coming_back)
        return ClusterMetrics("prod", self.time.wall, cpu=cpu)

    async def cpu(self, start: datetime, end: datetime, step: timedelta) -> Window | None:
        await point("history")
        return Window(start, end, 80, 90, 95, ((end - step, 91.0), (end, 95.0)))

    def end(self, ref: ApplicationRef, state: ApplicationState) -> None:
        found = self.applications.get(ref)
        if found is not None and not found.state.over:
            at = self.time.wall + self.ahead
            self.applications[ref] = replace(found, state=state, finished_at=at)

    def catch_up(self) -> None:
        """Let kills that were slow take effect."""
        for due, ref in list(self.late):
            if due <= self.time.ticks:
                self.late.remove((due, ref))
                self.end(ref, ApplicationState.KILLED)


@dataclass
class Directory:
    """Slack's people: everybody is a plain member of T1 unless told otherwise."""

    persons: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    down: bool = False
    asked: int = 0

    async def person(self, user: str) -> Person:
        await point("person")
        self._check()
        return self.persons.get(user, Person(user, "T1"))

    async def group_members(self, group: str) -> frozenset[str]:
        await point("group")
        self._check()
        return self.groups.get(group, frozenset())

    def _check(self) -> None:
        self.asked += 1
        if self.down:
            raise BackendError("slack", FaultKind.UNREACHABLE)


@dataclass
class Channel:
    """What stands in Slack: one message per post id, found again by that id."""

    messages: dict[str, tuple[str, object]] = field(default_factory=dict)
    by_post: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def put(self, post_id: str, ts: str | None, content: object) -> str:
        if ts is None:
            self.count += 1
            ts = f"17000.{self.count:06}"
        self.messages[ts] = (post_id, content)
        self.by_post[post_id] = ts
        return ts
