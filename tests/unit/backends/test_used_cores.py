"""Cores used by applications: which source tells them, over what, and what is never made of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.agents.facts import ListFacts
from bot.agents.templates.lists import listed
from bot.agents.templates.wording import Voice
from bot.backends.http import make_client
from bot.backends.prometheus import PrometheusReader
from bot.backends.promql import Dialect
from bot.domain.applications import Basis, Measurement, RunningApplications, Source
from bot.domain.conversation import Query
from bot.domain.core_usage import UsedCores, freed_points, holds_idle, with_used
from bot.domain.language import Language
from bot.domain.listings import frozen, ranked
from bot.domain.selections import Measure
from tests.unit.agents.test_hypotheses import application

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
VOICE = Voice(Language.EN, UTC)


def vector(*samples: tuple[dict[str, str], float]) -> httpx.Response:
    result = [
        {"metric": labels, "value": [NOW.timestamp(), str(cores)]} for labels, cores in samples
    ]
    data = {"resultType": "vector", "result": result}
    return httpx.Response(200, json={"status": "success", "data": data})


def reader(
    answers: dict[str, httpx.Response], own: dict[str, str] | None = None
) -> PrometheusReader:
    dialect = Dialect(window="2m", own=own or {})
    texts = {getattr(dialect.queries(), name): answer for name, answer in answers.items()}

    def answer(request: httpx.Request) -> httpx.Response:
        return texts.get(request.url.params["query"], vector())

    client = make_client(transport=httpx.MockTransport(answer))
    return PrometheusReader("http://p:9090", client, lambda: NOW, dialect)


APP = "application_1763776800000_0001"
BURNT = vector(({"groupname": APP}, 1.5))
CONTAINED = vector(({"app": APP}, 3.0))
COUNTED = vector(({"app": APP}, 2))


@pytest.mark.parametrize(
    ("answers", "own", "source", "cores"),
    [
        ({"application_cpu": BURNT}, None, Source.PROCESSES, 1.5),
        (
            {
                "application_cpu": BURNT,
                "application_containers": CONTAINED,
                "application_container_count": COUNTED,
            },
            None,
            Source.CONTAINERS,
            3.0,
        ),
        (
            {"application_cpu": BURNT, "application_containers": CONTAINED},
            {"application_cpu": "mine"},
            Source.QUERY,
            1.5,
        ),
    ],
)
async def test_the_best_source_tells_all(
    answers: dict[str, httpx.Response], own: dict[str, str] | None, source: Source, cores: float
) -> None:
    """The operator's own query before containers, containers before processes; never two mixed."""
    used = (await reader(answers, own).applications()).used
    assert used is not None
    assert (used.measurement.source, used.cores) == (source, {APP: cores})
    assert used.measurement.window == (None if source is Source.QUERY else timedelta(minutes=2))


def test_what_was_granted_never_stands_for_what_is_used() -> None:
    """An idle giant is behind those that burn; what has no figure is a dash at the end."""
    giant, burner, unseen, part = (application(n, 64.0 / n) for n in range(1, 5))
    used = UsedCores(
        Measurement(Source.NODE_MANAGERS, timedelta(minutes=1), 3, 4),
        {giant.ref.id: 0.0, burner.ref.id: 6.1, part.ref.id: 3.1},
        {giant.ref.id: 2, burner.ref.id: 2, part.ref.id: 1},
    )
    rows = with_used(
        [replace(each, used_cores=None, containers=2) for each in (giant, burner, unseen, part)],
        used,
        {},
    )
    snapshot = RunningApplications(NOW, rows, 100.0, measurement=used.measurement)
    listing = frozen(ranked(snapshot, Query(), lambda *_: False), Query(), snapshot)
    shown = listed(ListFacts(listing, Query(), 4), VOICE)
    assert [row.ref for row in listing.rows] == [burner.ref, part.ref, giant.ref, unseen.ref]
    table = next(each for each in shown.parts if hasattr(each, "rows"))
    assert [row[2] for row in table.rows] == [
        "Cores used / granted",
        "6.1 / 32",
        "≥ 3.1 / 16",
        "0 / 64",
        "– / 21",
    ]
    assert [holds_idle(each) for each in rows] == [True, False, False, False]
    assert [freed_points(each, snapshot) for each in rows] == [0.0, 6.1, None, pytest.approx(3.1)]
    granted = ranked(snapshot, Query(by=Measure.GRANTED), lambda *_: False)
    assert granted[0].ref == giant.ref


def test_busy_slots_promise_nothing() -> None:
    """An upper bound ranks by its name; no relief is told of it."""
    app = replace(application(1, 8.0), used_cores=None)
    (seen,) = with_used([app], UsedCores(Measurement(Source.SLOTS), {app.ref.id: 6.0}), {})
    assert (seen.cores, seen.cores_basis) == (6.0, Basis.BOUND)
    assert freed_points(seen, RunningApplications(NOW, (seen,), 100.0)) is None
