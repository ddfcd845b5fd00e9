"""Scenario files: the machines, queues and applications a stand-in starts with."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

SCENARIOS = Path(__file__).parent / "scenarios"


class ScenarioError(ValueError):
    """A scenario file is missing, or names something that does not exist."""


@dataclass(frozen=True, slots=True)
class Surge:
    """What an application grows to once the incident has started.

    `cores` is what it burns, `vcores` and `memory_mb` what YARN grants it, reached
    linearly after `ramp_s` seconds. `attempt` is the application attempt from then on.
    """

    cores: float
    vcores: int
    memory_mb: int
    ramp_s: float = 20.0
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class AppSpec:
    """One application. `cores` is measured CPU, `vcores` and `memory_mb` are granted.

    `swing` is the part of `cores` that comes and goes every `period_s` seconds.
    `ended_minutes_ago` makes it an ended one with `end_state`. `resubmit_after_s` lets the
    scheduler start it again, once, under a new id that long after a kill.
    `max_nodes` keeps its executors on so few machines (0: anywhere).
    """

    name: str
    user: str
    queue: str
    vcores: int
    memory_mb: int
    cores: float
    minutes_running: float = 30.0
    id: str = ""
    type: str = "SPARK"
    swing: float = 0.05
    period_s: float = 240.0
    executor_vcores: int = 4
    pending: bool = False
    ended_minutes_ago: float | None = None
    end_state: str = "FINISHED"
    protected: bool = False
    max_nodes: int = 0
    resubmit_after_s: float | None = None
    surge: Surge | None = None

    def peak(self, name: str) -> int:
        """Return the most `vcores` or `memory_mb` YARN will grant it."""
        most: int = max(getattr(self, name), getattr(self.surge, name, 0))
        return most


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A leaf queue under root; both capacities in percent of the cluster."""

    name: str
    capacity: float
    max_capacity: float


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """The machines, all alike."""

    count: int
    vcores: int
    memory_mb: int
    idle_cores: float = 0.8
    name: str = "worker-{number:02d}"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """CPU above `threshold` percent for `for_s` seconds; repeated every `repeat_interval_s`.

    It is resolved after `keep_firing_s` below it, as Prometheus' keep_firing_for does.
    """

    threshold: float = 90.0
    for_s: float = 15.0
    repeat_interval_s: float = 300.0
    keep_firing_s: float = 0.0
    channel: str = "#data-oncall"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from an event to its effect: kill to KILLED, to empty machines, to admission."""

    kill_s: float = 0.3
    containers_gone_s: float = 1.0
    admit_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything a stand-in starts with. `prometheus` False: only YARN is served."""

    cluster: str
    nodes: NodeSpec
    queues: tuple[QueueSpec, ...]
    applications: tuple[AppSpec, ...]
    cluster_id: int = 1_763_776_800_000
    alert: AlertRule = field(default_factory=AlertRule)
    timing: Timing = field(default_factory=Timing)
    admins: tuple[str, ...] = ("dangjik", "yarn")
    prometheus: bool = True

    @property
    def protected(self) -> tuple[str, ...]:
        """Names of the applications nobody may kill, for the bot's PROTECTED setting."""
        return tuple(app.name for app in self.applications if app.protected)


def load(name: str = "incident") -> Scenario:
    """Read a scenario of this package by name, with the files it extends."""
    raw = _read(name)
    apps = {entry["name"]: entry for entry in raw.pop("applications", [])}
    for change in raw.pop("changes", []):
        if change["name"] not in apps:
            msg = f"scenario {name}: unknown application {change['name']!r}"
            raise ScenarioError(msg)
        apps[change["name"]] = {**apps[change["name"]], **change}
    return TypeAdapter(Scenario).validate_python({**raw, "applications": [*apps.values()]})


def _read(name: str) -> dict[str, Any]:
    path = SCENARIOS / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SCENARIOS.glob("*.toml")))
        msg = f"no scenario {name!r}; there are {known}"
        raise ScenarioError(msg)
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    parent = raw.pop("extends", None)
    if parent is None:
        return raw
    base = _read(parent)
    changes = [*base.pop("changes", []), *raw.pop("changes", [])]
    return {**base, **raw, "changes": changes}
