"""The one model behind both APIs: who burns how many cores at any moment, past or present.

Nothing here ticks. Every figure is a function of a time (seconds since the epoch) and of the
few events that happened (a kill, the incident), so an hour of history exists from the start
and the same seed and the same events give the same numbers.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .application import ENDED, FINISHED, KILLED, RUNNING, Application
from .placement import Placement, Placer
from .scenario import AppSpec, NodeSpec, QueueSpec, Scenario

MINUTE = 60.0


class UnknownApplicationError(LookupError):
    """No application has this id."""


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
        self.epoch = epoch
        self.seed = seed
        self.incident_s: float | None = None
        self.revision = 0
        self._last_usage: tuple[tuple[float, int], Usage] | None = None
        self._random = random.Random(seed)  # noqa: S311 - reproducible, not secret
        self._placer = Placer(scenario.nodes, self._random)
        self._rows: dict[str, Application] = {}
        self._number = 100
        large_first = sorted(scenario.applications, key=lambda spec: -spec.peak_memory_mb)
        places = {id(spec): self._placer.place(spec) for spec in large_first}
        for spec in sorted(scenario.applications, key=lambda spec: -spec.minutes_running):
            self._submit(spec, epoch - spec.minutes_running * MINUTE, places[id(spec)])

    @property
    def nodes(self) -> NodeSpec:
        """The machines."""
        return self.scenario.nodes

    @property
    def total_cores(self) -> int:
        """Cores of all machines."""
        return self.nodes.count * self.nodes.vcores

    def applications(self, at: float) -> list[Application]:
        """Return everything submitted by then, ended ones too, newest first."""
        rows = [row for row in self._rows.values() if row.started_s <= at]
        rows.reverse()
        return rows

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

    def queue(self, name: str) -> QueueSpec | None:
        """Return a queue by name."""
        return next((queue for queue in self.scenario.queues if queue.name == name), None)

    # -- events ---------------------------------------------------------------------------

    def start_incident(self, at: float) -> None:
        """Let the runaway applications grow from now on; a second call changes nothing."""
        if self.incident_s is not None:
            return
        self.incident_s = at
        self.revision += 1
        for row in self._rows.values():
            if row.spec.surge is not None and row.state(at) == RUNNING:
                row.surge_s = max(at, row.started_s)
                row.attempts.extend([at] * (row.spec.surge.attempt - len(row.attempts)))

    def kill(self, application_id: str, user: str, at: float, diagnostics: str = "") -> str:
        """Ask for a kill; return the state right now. An ended one stays as it ended."""
        row = self.find(application_id, at)
        state = row.state(at)
        timing = self.scenario.timing
        if state not in ENDED and row.end_state != KILLED:
            why = diagnostics or f"Application {row.id} was killed by user {user} at 127.0.0.1"
            self.end(row.id, at + timing.kill_s, KILLED, why)
            if row.spec.resubmit_after_s is not None and row.resubmits_left > 0:
                again = self._submit(
                    row.spec, at + timing.kill_s + row.spec.resubmit_after_s, row.placement
                )
                again.resubmits_left = row.resubmits_left - 1
        return state

    def end(self, application_id: str, at: float, state: str = FINISHED, why: str = "") -> None:
        """End an application at a moment; the next pending one of its queue gets admitted."""
        row = self._rows[application_id]
        row.ended_s, row.end_state, row.diagnostics = at, state, why
        self.revision += 1
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
        self.revision += 1

    def alter(self, application_id: str, at: float, **changes: str | float) -> None:
        """Change what makes up an identity: name, user, queue, or started_s (seconds)."""
        row = self.find(application_id, at)
        started = changes.pop("started_s", None)
        if started is not None:
            row.started_s = float(started)
        row.spec = replace(row.spec, **changes)  # type: ignore[arg-type] # checked by the dataclass
        self.revision += 1

    def _submit(self, spec: AppSpec, started: float, place: Placement) -> Application:
        self._number += 1
        self.revision += 1
        fresh_id = f"application_{self.scenario.cluster_id}_{self._number:04d}"
        application_id = spec.id if spec.id and spec.id not in self._rows else fresh_id
        ended = spec.ended_minutes_ago
        row = Application(
            id=application_id,
            spec=spec,
            started_s=started,
            admitted_s=None if spec.pending else started + 2.0,
            placement=place,
            phase=self._random.uniform(0, 2 * math.pi),
            ended_s=None if ended is None else self.epoch - ended * MINUTE,
            end_state=FINISHED if ended is None else spec.end_state,
            attempts=[started],
            surge_s=None if self.incident_s is None else max(self.incident_s, started),
            resubmits_left=spec.resubmit_times,
        )
        self._rows[application_id] = row
        return row

    # -- figures --------------------------------------------------------------------------

    def _burning(self, at: float) -> Iterator[tuple[Application, float]]:
        gone = self.scenario.timing.containers_gone_s
        for row in self._rows.values():
            if row.admitted_s is None or at < row.admitted_s:
                continue
            if row.ended_s is None or at < row.ended_s + (gone if row.end_state == KILLED else 0):
                yield row, row.wanted_cores(at)

    def _earlier_runs(self, at: float) -> Iterator[Application]:
        """Yield the applications whose place an earlier, forgotten run held at that time."""
        if at >= self.epoch:
            return
        for row in self._rows.values():
            if row.admitted_s is not None and at < row.admitted_s < self.epoch:
                yield row

    def usage(self, at: float) -> Usage:
        """Cores burnt; where a machine is asked for more than it has, all get less of it."""
        key = (at, self.revision)
        if self._last_usage is None or self._last_usage[0] != key:
            self._last_usage = (key, self._usage(at))
        return self._last_usage[1]

    def _usage(self, at: float) -> Usage:
        nodes = [self.nodes.idle_cores] * self.nodes.count
        for row in self._earlier_runs(at):
            for node, weight in row.placement:
                nodes[node] += row.wanted_cores(at) * weight
        burning = list(self._burning(at))
        for row, cores in burning:
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
            if vcores:
                count = row.containers(at)
                for node, weight in row.placement:
                    old = nodes[node]
                    share = max(1, round(count * weight))
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

    def memory_used(self, at: float) -> float:
        """Bytes in use on all nodes."""
        return sum(self.memory_per_node(at))
