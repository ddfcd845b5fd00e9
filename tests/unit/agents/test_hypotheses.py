"""Competing explanations: which lead, what speaks for and against them, and what is left out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.agents.templates.diagnosis import first_words, ranking
from bot.domain.answers import Bullets, Note
from bot.domain.applications import (
    Application,
    ApplicationRef,
    ApplicationState,
    RunningApplications,
)
from bot.domain.cluster import ClusterMetrics, Gauge, NodeCounts, QueueUsage, Window
from bot.domain.hypotheses import Cause, Hypothesis, Sign, Situation, Standing, explain
from bot.domain.language import Language
from bot.domain.runaway import Background, calm, judge
from tests.evals import incidents

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUSY = ClusterMetrics("prod", NOW, cpu=Gauge(92.0), node_counts=NodeCounts(5))


def application(number: int, cores: float, queue: str = "etl") -> Application:
    return Application(
        ref=ApplicationRef("prod", "yarn", f"application_1763776800000_{number:04}"),
        name=f"job_{number}",
        user="bob",
        queue=queue,
        state=ApplicationState.RUNNING,
        started_at=NOW - timedelta(hours=1),
        granted_cores=cores,
        used_cores=cores,
    )


def situation(
    metrics: ClusterMetrics,
    *applications: Application,
    earlier: dict[str, float] | None = None,
    alerted: bool = False,
) -> Situation:
    snapshot = RunningApplications(NOW, applications, total_cores=100.0)
    background = Background(queues=metrics.queues, earlier=earlier, calm=calm(metrics))
    return Situation(metrics, snapshot, judge(snapshot, background), earlier or {}, alerted)


def standing(found: tuple[Hypothesis, ...], cause: Cause) -> Standing | None:
    return next((item.standing for item in found if item.cause is cause), None)


@pytest.mark.parametrize(
    "scenario",
    [item for item in incidents.scenarios() if "causes" in item],
    ids=lambda item: item["id"],
)
async def test_the_expected_explanation_leads(scenario: incidents.Json) -> None:
    """In every scenario, as the answer shows it; and no kill is offered for nothing."""
    verdict = await incidents.run(scenario)
    assert verdict.ranked, verdict.causes
    assert not verdict.offered_wrongly


def test_growth_that_was_looked_for_and_not_found_speaks_against_a_runaway() -> None:
    """The figure of ten minutes before is told; an unknown one is not guessed."""
    queues = (QueueUsage("etl", 45.0, 20.0, 60.0),)
    heavy = application(1, 45.0)
    at = situation(replace(BUSY, queues=queues), heavy, earlier={heavy.ref.id: 44.0})
    first = explain(at)[0]
    assert first.cause is Cause.RUNAWAY
    assert [(point.sign, point.limit) for point in first.against] == [(Sign.STEADY, 44.0)]
    assert explain(situation(replace(BUSY, queues=queues), heavy))[0].against == ()


def test_figures_nobody_read_make_no_explanation() -> None:
    """Unknown nodes, queues and cores are left out: neither likely nor ruled out."""
    unknown = ClusterMetrics("prod", NOW, cpu=Gauge(92.0))
    found = explain(Situation(unknown, RunningApplications(NOW, ()), (), {}))
    assert found == ()


def test_an_alert_on_a_calm_cluster_has_recovered_only_if_it_ever_was_high() -> None:
    """With a peak it recovered; without one, that nothing was wrong comes first."""
    calm_now = replace(BUSY, cpu=Gauge(40.0))
    hour = Window(NOW - timedelta(hours=1), NOW, 30.0, 55.0, 96.0)
    peaked = explain(situation(replace(calm_now, last_hour=hour), alerted=True))
    assert (peaked[0].cause, standing(peaked, Cause.NOTHING)) == (
        Cause.RECOVERED,
        Standing.UNLIKELY,
    )
    never = explain(situation(replace(calm_now, last_hour=replace(hour, high=45.0)), alerted=True))
    assert never[0].cause is Cause.NOTHING
    assert standing(never, Cause.RECOVERED) is Standing.POSSIBLE


def test_a_queue_over_its_capacity_is_told_once() -> None:
    """As evidence of the runaway in it, or as an explanation of its own."""
    queues = (QueueUsage("adhoc", 45.0, 20.0, 60.0, pending=3),)
    inside = explain(situation(replace(BUSY, queues=queues), application(1, 45.0, "adhoc")))
    assert standing(inside, Cause.QUEUE) is None
    beside = explain(situation(replace(BUSY, queues=queues), *map(_small, range(10))))
    assert standing(beside, Cause.QUEUE) is Standing.LIKELY


def _small(number: int) -> Application:
    return application(100 + number, 8.0)


@pytest.mark.parametrize("language", Language)
def test_the_words_number_what_is_worth_reading_and_name_what_is_not(language: Language) -> None:
    """At most three in the list, the unlikely ones in one quiet line."""
    found = explain(situation(BUSY, *map(_small, range(10))))
    parts = ranking(found, frozenset(), language)
    bullets = next(part for part in parts if isinstance(part, Bullets))
    assert bullets.numbered
    assert 1 <= len(bullets.items) <= 3
    assert sum(isinstance(part, Note) for part in parts) == 1
    assert first_words(found, language)
