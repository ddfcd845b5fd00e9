"""The one model behind the APIs: who burns how many cores at any moment, past or present.

Nothing here ticks. Every figure is a function of a time (seconds since the epoch) and of the
few events that happened (a kill, the incident), so an hour of history exists from the start
and the same seed and the same events give the same numbers.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .scenario import AppSpec, NodeSpec, Scenario

MINUTE = 60.0
RUNNING, ACCEPTED, FINISHED, KILLED = "RUNNING", "ACCEPTED", "FINISHED", "KILLED"
ENDED = frozenset({FINISHED, KILLED, "FAILED"})
Placement = tuple[tuple[int, float], ...]
"""Pairs of node index and the share of the application on it; shares add up to 1."""


class UnknownApplicationError(LookupError):
    """No application has this id."""


@dataclass(slots=True)
class Application:
    """A submitted application. Times are seconds since the epoch, None: not (yet)."""

    id: str
    spec: AppSpec
    started_s: float
    admitted_s: float | None
    placement: Placement
    phase: float
    ended_s: float | None = None
    end_state: str = FINISHED
    attempts: list[float] = field(default_factory=list)
    diagnostics: str = ""
    surge_s: float | None = None

    def state(self, at: float) -> str:
        """YARN's word for the state at a moment."""
        if self.ended_s is not None and at >= self.ended_s:
            return self.end_state
        if self.admitted_s is None or at < self.admitted_s:
            return ACCEPTED
        return RUNNING

    def _surged(self, name: str, at: float) -> float:
        """Return the scenario's figure as far as the surge has come."""
        base, surge = float(getattr(self.spec, name)), self.spec.surge
        if surge is None or self.surge_s is None or at <= self.surge_s:
            return base
        grown = min(1.0, (at - self.surge_s) / max(surge.ramp_s, 0.001))
        return base + (float(getattr(surge, name)) - base) * grown

    def wanted_cores(self, at: float) -> float:
        """Cores it would burn on idle machines, were it running."""
        turn = 2 * math.pi * at / self.spec.period_s + self.phase
        wave = 0.7 * math.sin(turn) + 0.3 * math.sin(3.7 * turn)
        return self._surged("cores", at) * (1 + self.spec.swing * wave)

    def granted(self, at: float) -> tuple[int, int]:
        """(vcores, MB) YARN has allocated; zeros while pending or after the end."""
        if self.state(at) != RUNNING:
            return 0, 0
        return round(self._surged("vcores", at)), round(self._surged("memory_mb", at))

    def containers(self, at: float) -> int:
        """Executors and the application master."""
        vcores = self.granted(at)[0]
        return 1 + max(0, vcores - 1) // self.spec.executor_vcores if vcores else 0


class _Placer:
    """Puts executors one by one on the machine with the most left of what it has least of."""

    def __init__(self, nodes: NodeSpec, rng: random.Random) -> None:
        """Start with empty machines; `rng` breaks ties. Free parts run from 1 down to 0."""
        self._vcores = [1.0] * nodes.count
        self._memory = [1.0] * nodes.count
        self._nodes = nodes
        self._random = rng
        self._next = 0

    def place(self, spec: AppSpec) -> Placement:
        """Choose machines for the largest size the application will have."""
        executors = max(1, round(spec.peak("vcores") / spec.executor_vcores))
        if spec.max_nodes == 1:
            self._next = (self._next + 1) % self._nodes.count
            return ((self._next, 1.0),)
        allowed = list(range(self._nodes.count))
        self._random.shuffle(allowed)
        allowed = allowed[: spec.max_nodes or None]
        counts: dict[int, int] = {}
        for _ in range(executors):
            node = max(allowed, key=lambda index: min(self._vcores[index], self._memory[index]))
            counts[node] = counts.get(node, 0) + 1
            if not spec.pending and spec.ended_minutes_ago is None:
                self._vcores[node] -= spec.peak("vcores") / executors / self._nodes.vcores
                self._memory[node] -= spec.peak("memory_mb") / executors / self._nodes.memory_mb
        return tuple((node, count / executors) for node, count in sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class Usage:
    """Cores burnt at one moment: per node, and per application id."""

    nodes: tuple[float, ...]
    applications: dict[str, float]


class PlatformModel:
    """Nodes, queues and applications; `epoch` is the moment `minutes_running` counts back from."""

    def __init__(self, scenario: Scenario, epoch: float, seed: int = 0) -> None:
        """Place every application of the scenario, the same way for the same seed."""
        self.scenario = scenario
        self.nodes = scenario.nodes
        self.total_cores = scenario.nodes.count * scenario.nodes.vcores
        self.epoch = epoch
        self._incident_s: float | None = None
        self._random = random.Random(seed)  # noqa: S311 - reproducible, not secret
        placer = _Placer(scenario.nodes, self._random)
        self._rows: dict[str, Application] = {}
        self._number = 100
        large_first = sorted(scenario.applications, key=lambda spec: -spec.peak("memory_mb"))
        places = {id(spec): placer.place(spec) for spec in large_first}
        for spec in sorted(scenario.applications, key=lambda spec: -spec.minutes_running):
            self._submit(spec, epoch - spec.minutes_running * MINUTE, places[id(spec)])

    def applications(self, at: float) -> list[Application]:
        """Return everything submitted by then, ended ones too, newest first."""
        return [row for row in reversed(self._rows.values()) if row.started_s <= at]

    def find(self, application_id: str, at: float) -> Application:
        """Return one application, or raise UnknownApplicationError."""
        row = self._rows.get(application_id)
        if row is None or row.started_s > at:
            raise UnknownApplicationError(application_id)
        return row

    def named(self, name: str, at: float) -> Application:
        """Return the newest application of that name, or raise UnknownApplicationError."""
        for row in self.applications(at):
            if row.spec.name == name:
                return row
        raise UnknownApplicationError(name)

    # -- events ---------------------------------------------------------------------------

    def start_incident(self, at: float) -> None:
        """Let the runaway applications grow from now on; a second call changes nothing."""
        if self._incident_s is not None:
            return
        self._incident_s = at
        for row in self._rows.values():
            if row.spec.surge is not None and row.state(at) == RUNNING:
                row.surge_s = max(at, row.started_s)
                row.attempts.extend([at] * (row.spec.surge.attempt - len(row.attempts)))

    def kill(self, application_id: str, user: str, at: float, diagnostics: str = "") -> None:
        """Ask for a kill. One that has ended stays as it ended."""
        row = self.find(application_id, at)
        if row.state(at) in ENDED or row.end_state == KILLED:
            return
        gone = at + self.scenario.timing.kill_s
        why = diagnostics or f"Application {row.id} was killed by user {user} at 127.0.0.1"
        self.end(row.id, gone, KILLED, why)
        if row.spec.resubmit_after_s is not None:
            again = replace(row.spec, resubmit_after_s=None)
            self._submit(again, gone + row.spec.resubmit_after_s, row.placement)

    def end(self, application_id: str, at: float, state: str = FINISHED, why: str = "") -> None:
        """End an application at a moment; the next pending one of its queue gets admitted."""
        row = self._rows[application_id]
        row.ended_s, row.end_state, row.diagnostics = at, state, why
        waiting = (
            other
            for other in self._rows.values()
            if other.admitted_s is None and other.spec.queue == row.spec.queue
        )
        following = next(waiting, None)
        if following is not None and following is not row:
            following.admitted_s = at + self.scenario.timing.admit_s

    def new_attempt(self, application_id: str, at: float) -> None:
        """Restart the application master: the attempt number goes up, the id stays."""
        self.find(application_id, at).attempts.append(at)

    def alter(self, application_id: str, at: float, **changes: str | float) -> None:
        """Change what makes up an identity: name, user, queue, or started_s (seconds)."""
        row = self.find(application_id, at)
        row.started_s = float(changes.pop("started_s", row.started_s))
        row.spec = replace(row.spec, **changes)  # type: ignore[arg-type] # checked by the dataclass

    def _submit(self, spec: AppSpec, started: float, place: Placement) -> None:
        self._number += 1
        fresh_id = f"application_{self.scenario.cluster_id}_{self._number:04d}"
        application_id = spec.id if spec.id and spec.id not in self._rows else fresh_id
        ended = spec.ended_minutes_ago
        self._rows[application_id] = Application(
            id=application_id,
            spec=spec,
            started_s=started,
            admitted_s=None if spec.pending else started + 2.0,
            placement=place,
            phase=self._random.uniform(0, 2 * math.pi),
            ended_s=None if ended is None else self.epoch - ended * MINUTE,
            end_state=FINISHED if ended is None else spec.end_state,
            attempts=[started],
            surge_s=None if self._incident_s is None else max(self._incident_s, started),
        )

    # -- figures --------------------------------------------------------------------------

    def _burning(self, at: float) -> Iterator[tuple[Application, float]]:
        gone = self.scenario.timing.containers_gone_s
        for row in self._rows.values():
            if row.admitted_s is None or at < row.admitted_s:
                continue
            if row.ended_s is None or at < row.ended_s + (gone if row.end_state == KILLED else 0):
                yield row, row.wanted_cores(at)

    def _earlier_runs(self, at: float) -> Iterator[tuple[Application, float]]:
        """Yield the applications whose place an earlier, forgotten run held at that time."""
        for row in self._rows.values():
            if row.admitted_s is not None and at < row.admitted_s < self.epoch:
                yield row, row.wanted_cores(at)

    def usage(self, at: float) -> Usage:
        """Cores burnt; where a machine is asked for more than it has, all get less of it."""
        nodes = [self.nodes.idle_cores] * self.nodes.count
        burning = list(self._burning(at))
        for row, cores in [*self._earlier_runs(at), *burning]:
            for node, weight in row.placement:
                nodes[node] += cores * weight
        scale = [min(1.0, self.nodes.vcores / used) for used in nodes]
        return Usage(
            nodes=tuple(min(float(self.nodes.vcores), used) for used in nodes),
            applications={
                row.id: sum(cores * weight * scale[node] for node, weight in row.placement)
                for row, cores in burning
            },
        )

    def cpu_percent(self, at: float) -> float:
        """CPU of the whole cluster in percent."""
        return 100 * sum(self.usage(at).nodes) / self.total_cores

    def granted_per_node(self, at: float) -> list[tuple[float, float, int]]:
        """(vcores, MB, containers) allocated on every node."""
        nodes = [(0.0, 0.0, 0)] * self.nodes.count
        for row in self._rows.values():
            vcores, memory = row.granted(at)
            for node, weight in row.placement if vcores else ():
                share = max(1, round(row.containers(at) * weight))
                old = nodes[node]
                nodes[node] = (
                    old[0] + vcores * weight,
                    old[1] + memory * weight,
                    old[2] + share,
                )
        return nodes

    def host(self, node: int) -> str:
        """Return the name of a machine."""
        return self.nodes.name.format(number=node + 1)

    def memory_per_node(self, at: float) -> list[float]:
        """Bytes in use on every node: the system's, and four fifths of what is granted."""
        whole = self.nodes.memory_mb * 2.0**20
        return [
            min(0.99 * whole, 0.06 * whole + 0.8 * memory * 2**20)
            for _, memory, _ in self.granted_per_node(at)
        ]
