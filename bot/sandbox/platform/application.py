"""One submitted application: its state, what it is granted and what it burns at any time."""

import math
from dataclasses import dataclass, field

from .placement import Placement
from .scenario import AppSpec

RUNNING, ACCEPTED, FINISHED, KILLED = "RUNNING", "ACCEPTED", "FINISHED", "KILLED"
ENDED = frozenset({FINISHED, KILLED, "FAILED"})


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
    resubmits_left: int = 0

    def state(self, at: float) -> str:
        """YARN's word for the state at a moment."""
        if self.ended_s is not None and at >= self.ended_s:
            return self.end_state
        if self.admitted_s is None or at < self.admitted_s:
            return ACCEPTED
        return RUNNING

    def grown(self, at: float) -> float:
        """How far the surge has come, 0 to 1."""
        if self.spec.surge is None or self.surge_s is None or at <= self.surge_s:
            return 0.0
        return min(1.0, (at - self.surge_s) / max(self.spec.surge.ramp_s, 0.001))

    def wanted_cores(self, at: float) -> float:
        """Cores it would burn on idle machines, were it running."""
        base = self.spec.cores
        if self.spec.surge is not None:
            base += (self.spec.surge.cores - base) * self.grown(at)
        if not self.spec.swing:
            return base
        turn = 2 * math.pi * at / self.spec.period_s + self.phase
        wave = 0.7 * math.sin(turn) + 0.3 * math.sin(3.7 * turn)
        return base * (1 + self.spec.swing * wave)

    def granted(self, at: float) -> tuple[int, int]:
        """(vcores, MB) YARN has allocated; zeros while pending or after the end."""
        if self.state(at) != RUNNING:
            return 0, 0
        vcores, memory = float(self.spec.vcores), float(self.spec.memory_mb)
        if self.spec.surge is not None:
            grown = self.grown(at)
            vcores += (self.spec.surge.vcores - vcores) * grown
            memory += (self.spec.surge.memory_mb - memory) * grown
        return round(vcores), round(memory)

    def containers(self, at: float) -> int:
        """Executors and the application master."""
        vcores = self.granted(at)[0]
        return 1 + max(0, vcores - 1) // self.spec.executor_vcores if vcores else 0
