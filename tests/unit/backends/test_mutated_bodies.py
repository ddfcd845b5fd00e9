"""Any field of any recorded body may be missing or absurd: no error, no invented figure, no verdict.

A tenth of the mutations with a fixed seed in `make test`, all of them in the long tier.
"""

import copy
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.backends import promql, spark_standalone, yarn_parse
from bot.backends.shapes import percent
from bot.backends.usage import SchedulerUsage
from bot.domain.applications import Application, ApplicationState, RunningApplications
from bot.domain.cluster import NodeUsage, QueueUsage
from bot.domain.runaway import Background, judge

CONTRACT = Path(__file__).parents[2] / "contract" / "fixtures"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
GONE = object()
WRONG: tuple[Any, ...] = (GONE, None, 0, -1, -(10**9), 1e300, 2**70, "NaN", "much", "", [], {})
LONG, SHORT = 20_000, 2_000
MOST_CORES = 1e7
Step = str | int


def bodies() -> dict[str, Any]:
    """Return every recorded body by its name."""
    found = {}
    for folder in ("yarn/3.3.6", "yarn/3.5.0", "yarn/states-3.4.2", "spark", "prometheus"):
        for path in sorted((CONTRACT / folder).glob("*.json")):
            try:
                found[f"{folder}/{path.name}"] = json.loads(path.read_text("utf-8"))
            except ValueError:
                continue
    return found


def steps(body: Any, way: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Yield the way to every field."""
    parts: Any = body.items() if isinstance(body, dict) else ()
    parts = enumerate(body) if isinstance(body, list) else parts
    for step, inner in parts:
        yield (*way, step)
        yield from steps(inner, (*way, step))


def mutated(body: Any, way: tuple[Step, ...], wrong: Any) -> Any:
    """Return the body with one field replaced or removed."""
    changed = copy.deepcopy(body)
    inner = changed
    for step in way[:-1]:
        inner = inner[step]
    if wrong is GONE:
        del inner[way[-1]]
    else:
        inner[way[-1]] = wrong
    return changed


def sound_application(app: Application) -> bool:
    """Tell whether every figure is one or is missing."""
    return (
        (app.cores is None or 0 <= app.cores <= MOST_CORES)
        and (app.memory is None or 0 <= app.memory < 2**63)
        and (app.started_at is None or 2004 <= app.started_at.year < 2100)
        and (app.containers is None or 0 <= app.containers <= MOST_CORES)
    )


def sound_percent(*values: float | None, most: float = 100.0) -> bool:
    """Tell whether each is a percentage or missing."""
    return all(value is None or 0 <= value <= most for value in values)


def sound_usage(usage: SchedulerUsage | None) -> bool:
    """Tell the same of totals and nodes."""
    if usage is None:
        return True
    nodes: tuple[NodeUsage, ...] = usage.nodes
    counts = usage.node_counts
    return (
        all(sound_percent(node.cpu_percent) and node.name for node in nodes)
        and sound_percent(usage.cpu_percent)
        and (usage.cores_total is None or 0 <= usage.cores_total <= MOST_CORES)
        and (usage.memory_total is None or 0 <= usage.memory_total < 2**63)
        and (counts is None or 0 <= counts.members <= MOST_CORES)
    )


def sound_queue(queue: QueueUsage) -> bool:
    """Tell the same of a queue, which may hold more than the cluster."""
    return sound_percent(queue.used_percent, queue.capacity_percent, queue.max_percent, most=1000)


def read_applications(body: Any) -> list[Application]:
    """Return the applications of a YARN or Spark body."""
    found = list(yarn_parse.applications("c", yarn_parse.application_rows(body) or []).applications)
    if spark_standalone.is_master(body):
        found += spark_standalone.applications("c", body)[0]
    return found


def check(body: Any) -> None:
    """Read a body as everything it could be, and look at every figure that comes of it."""
    applications = read_applications(body)
    assert all(sound_application(app) for app in applications)
    assert sound_usage(yarn_parse.metrics(body))
    assert sound_usage(yarn_parse.nodes(body))
    assert all(sound_queue(queue) for queue in yarn_parse.queues(body) or ())
    if spark_standalone.is_master(body):
        assert sound_usage(spark_standalone.usage(body))
    snapshot = RunningApplications(NOW, applications, 8.0)
    for finding in judge(snapshot, Background()):
        assert finding.application.cores is not None
        assert finding.application.state is ApplicationState.RUNNING
    data = body.get("data") if isinstance(body, dict) else None
    samples = promql.samples(data if isinstance(data, dict) else {})
    assert sound_percent(*(percent(sample.value) for sample in samples))
    cores = promql.by_application(samples, promql.cores(8.0))
    assert all(0 <= each <= 8.8 for each in cores.values())
    assert all(
        sound_percent(node.cpu_percent, node.memory_percent)
        for node in promql.node_usages(samples, samples)
    )


def play(count: int) -> int:
    """Check so many mutations, every body its share."""
    chance = random.Random(15)
    known = bodies()
    ways = [(name, way) for name, body in known.items() for way in steps(body)]
    for _ in range(count):
        name, way = chance.choice(ways)
        wrong = chance.choice(WRONG)
        check(mutated(known[name], way, wrong))
    return count


def test_recorded_bodies_are_sound_as_they_are() -> None:
    """Unharmed, they hold what was recorded."""
    assert len(bodies()) > 20
    for body in bodies().values():
        check(body)


def test_a_tenth_of_the_mutations() -> None:
    """With a fixed seed."""
    assert play(SHORT) == SHORT


@pytest.mark.long
def test_all_mutations() -> None:
    """Twenty thousand."""
    assert play(LONG) == LONG


HELD = ("allocatedVCores", "allocatedMB", "startedTime", "runningContainers")


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: "gone" if wrong is GONE else repr(wrong))
@pytest.mark.parametrize("key", HELD)
def test_a_missing_figure_is_never_made_up(key: str, wrong: Any) -> None:
    """What cannot be read is None; a 0 that was written stays a 0."""
    rows = yarn_parse.application_rows(bodies()["yarn/3.3.6/apps.json"]) or []
    (plain, *_) = [row for row in rows if row["state"] == "RUNNING"]
    changed = mutated(plain, (key,), wrong)
    found = yarn_parse.application("c", changed)
    assert found is not None
    figure = {
        "allocatedVCores": found.granted_cores,
        "allocatedMB": found.granted_memory,
        "startedTime": found.started_at,
        "runningContainers": found.containers,
    }[key]
    assert figure is None or (wrong == 0 and figure == 0 and key != "startedTime")
