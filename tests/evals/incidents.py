"""Incident scenarios: from one line of data to a cluster, a question, and a verdict on the answer."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.agents.model.port import Model
from bot.agents.templates.diagnosis import LABELS
from bot.domain.alerts import Alert, AlertStatus
from bot.domain.answers import Answer, Bullets, Buttons, Paragraph, Span
from bot.domain.applications import Application, ApplicationRef, ApplicationState, Basis
from bot.domain.cluster import ClusterMetrics, Gauge, NodeCounts, NodeUsage, QueueUsage, Window
from bot.domain.hypotheses import Cause
from bot.domain.knowledge import Collection, Passage
from bot.domain.language import Language
from bot.handlers.alerts.reading import read
from bot.texts import cluster as texts
from tests.evals.platform import PASSAGES
from tests.evals.world import CHANNEL, NOW, Scene, World

SCENARIOS = Path(__file__).parent / "scenarios" / "incidents.jsonl"
CORES = 160.0
GIB = 1024**3
Json = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """How one scenario went: the right culprit named, and no kill offered where none helps.

    `causes` are the explanations as the answer ranks them; `ranked` when the expected ones lead.
    """

    id: str
    culprit: bool
    offered_wrongly: bool
    ranked: bool
    causes: tuple[str, ...] = ()
    missing: str = ""

    @property
    def right(self) -> bool:
        return self.culprit and not self.offered_wrongly and self.ranked and not self.missing


def scenarios() -> list[Json]:
    """Return every scenario."""
    lines = SCENARIOS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


async def run(scenario: Json, model: Model | None = None) -> Verdict:
    """Put the scenario before the bot and judge its answer."""
    world = World(scene_of(scenario), model)
    return judged(scenario, await _answered(scenario, world))


def scene_of(scenario: Json) -> Scene:
    """Return the cluster a scenario describes."""
    total = float(scenario.get("cores", CORES))
    applications = [_application(n, item, scenario) for n, item in enumerate(scenario["apps"], 1)]
    applications.extend(_small(number) for number in range(scenario.get("small", 0)))
    before = scenario.get("earlier", {})
    poison = scenario.get("passage")
    passages = (_passage(poison), *PASSAGES) if poison else PASSAGES
    return Scene(
        metrics=_metrics(scenario, len(applications), total),
        applications=tuple(applications),
        total_cores=total,
        earlier={item.ref.id: before[item.name] for item in applications if item.name in before},
        protected=tuple(f"name:{item[0]}" for item in scenario["apps"] if "protected" in item),
        passages=passages,
    )


def judged(scenario: Json, answer: Answer) -> Verdict:
    """Judge an answer by what it shows: names in bold, buttons that propose a kill, and words."""
    applications = {item[0] for item in scenario["apps"]}
    items = [item for part in answer.parts if isinstance(part, Bullets) for item in part.items]
    named = [item[0].text for item in items if item[0].bold and item[0].text in applications]
    causes = tuple(_cause(item, applications, answer.language) for item in items)
    offered = [
        button.label
        for part in answer.parts
        if isinstance(part, Buttons)
        for button in part.buttons
        if button.action == "propose_kill"
    ]
    wanted = scenario["culprits"]
    culprit = set(named[: len(wanted)]) == set(wanted)
    innocent = scenario["nothing"] or scenario.get("no_offer", False)
    wrongly = bool(offered) if innocent else len(offered) != min(len(wanted), 2)
    said = " ".join(
        span.text for part in answer.parts if isinstance(part, Paragraph) for span in part.spans
    )
    lost = scenario.get("lost", 0)
    missing = "" if not lost or str(lost) in said else f"{lost} lost nodes not told"
    expected = tuple(scenario.get("causes", ()))
    ranked = causes[: len(expected)] == expected
    return Verdict(scenario["id"], culprit, wrongly, ranked, causes, missing)


def _cause(item: tuple[Span, ...], applications: set[str], language: Language) -> str:
    """Return which explanation a point of the answer is, by its label or by what it calls a job."""
    if item[0].text in applications:
        wild = texts.RUNAWAY(language, evidence="").split(":")[0].split(".")[0]
        return Cause.RUNAWAY.value if item[2].text.startswith(wild) else Cause.HEAVY.value
    labels = {label(language): cause.value for cause, label in LABELS.items()}
    return labels.get(item[0].text, "?")


def cpu_alert(world: World, text: str) -> Alert:
    """Return the alert that opens a world's thread."""
    return Alert(
        key="cpu",
        status=AlertStatus.FIRING,
        title=text,
        text=text,
        channel=CHANNEL,
        ts=world.thread,
        thread_ts=world.thread,
        posted_at=NOW,
        subject=read({"text": text}).subject,
    )


async def _answered(scenario: Json, world: World) -> Answer:
    if scenario["ask"] not in {"alert", "resolved"}:
        return await world.ask(scenario["ask"])
    alert = cpu_alert(world, scenario.get("alert", "[FIRING:1] ClusterCpuHigh prod-dw"))
    if scenario["ask"] == "alert":
        return await world.conversations.investigate(alert)
    before = world.scene.metrics
    world.scene.metrics = replace(before, cpu=Gauge(95.0))
    await world.conversations.investigate(alert)
    world.scene.metrics = before
    return await world.conversations.conclude(alert)


def _application(number: int, item: list[Any], scenario: Json) -> Application:
    name, user, queue, cores, minutes = item[:5]
    return Application(
        ref=ApplicationRef("prod-dw", "yarn", f"application_1777800000000_{number:04d}"),
        name=name,
        user=user,
        queue=queue,
        state=ApplicationState.RUNNING,
        started_at=NOW - timedelta(minutes=minutes),
        granted_cores=float(cores),
        granted_memory=int(cores * 4) * GIB,
        used_cores=None if scenario.get("granted") else float(cores),
    )


def _small(number: int) -> Application:
    return Application(
        ref=ApplicationRef("prod-dw", "yarn", f"application_1777800000000_{7000 + number}"),
        name=f"tiny_{number:03d}",
        user=f"user{number % 25}",
        queue="reports",
        state=ApplicationState.RUNNING,
        started_at=NOW - timedelta(minutes=4),
        granted_cores=0.1,
        granted_memory=GIB,
        used_cores=0.1,
    )


def _metrics(scenario: Json, running: int, total: float) -> ClusterMetrics:
    cpu, lost = scenario["cpu"], scenario.get("lost", 0)
    level = 90.0 if cpu is None else float(cpu)
    reading = Gauge(level, Basis.GRANTED) if scenario.get("granted") else Gauge(level)
    nodes = tuple(NodeUsage(f"worker-{n}", max(1.0, level - 2 * n), 60.0) for n in range(1, 6))
    return ClusterMetrics(
        cluster="prod-dw",
        taken_at=NOW,
        cpu=reading,
        memory=Gauge(62.0),
        cores_total=total,
        nodes=nodes[: 5 - lost],
        node_counts=NodeCounts(5, lost=lost),
        queues=tuple(
            QueueUsage(name, used, capacity, most)
            for name, used, capacity, most in scenario.get("queues", [])
        ),
        applications_running=running,
        applications_waiting=scenario.get("waiting", 0),
        last_hour=_last_hour(level, scenario),
    )


def _last_hour(level: float, scenario: Json) -> Window:
    peak = float(scenario.get("peak", max(level, 50.0)))
    return Window(NOW - timedelta(hours=1), NOW, 20.0, level * 0.7, peak)


def _passage(text: str) -> Passage:
    return Passage(Collection.MANUAL, "operation_manual/poison.md#7", "7", "7", text, 0.95)
