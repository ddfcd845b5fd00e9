"""Cores used by applications: which source tells them, over what, and what is never made of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.agents.facts import Detail, DetailFacts, DiagnoseFacts, ListFacts
from bot.agents.templates.details import detail
from bot.agents.templates.diagnosis import diagnose
from bot.agents.templates.lists import listed
from bot.agents.templates.wording import Voice
from bot.backends.cluster import ClusterGateway
from bot.backends.http import make_client
from bot.backends.prometheus import PrometheusReader
from bot.backends.promql import Dialect
from bot.domain.answers import Buttons
from bot.domain.applications import Basis, Measurement, RunningApplications, Source
from bot.domain.cluster import ClusterMetrics, Gauge, NodeUsage
from bot.domain.conversation import Query
from bot.domain.core_usage import UsedCores, freed_points, holds_idle, outside_heat, with_used
from bot.domain.hypotheses import Cause, explain
from bot.domain.language import Language
from bot.domain.listings import frozen, ranked
from bot.domain.selections import Measure
from tests.unit.agents.test_hypotheses import application, situation

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
    texts = {dialect.queries()[name]: answer for name, answer in answers.items()}

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
    assert [holds_idle(each, 0.0) for each in rows] == [True, False, False, False]
    assert [freed_points(each, snapshot) for each in rows] == [0.0, 6.1, None, pytest.approx(3.1)]
    granted = ranked(snapshot, Query(by=Measure.GRANTED), lambda *_: False)
    assert granted[0].ref == giant.ref


def test_busy_slots_promise_nothing() -> None:
    """An upper bound ranks by its name; no relief is told of it."""
    app = replace(application(1, 8.0), used_cores=None)
    (seen,) = with_used([app], UsedCores(Measurement(Source.SLOTS), {app.ref.id: 6.0}), {})
    assert (seen.cores, seen.cores_basis) == (6.0, Basis.BOUND)
    assert freed_points(seen, RunningApplications(NOW, (seen,), 100.0)) is None


def test_heat_outside_of_containers_leads_and_offers_no_kill() -> None:
    """Eleven of twelve cores burn beside YARN: it is told first, and no application is offered."""
    nodes = (
        NodeUsage("nm1", 95.0, cores=8.0, container_cores=0.5),
        NodeUsage("nm2", 90.0, cores=4.0, container_cores=0.5),
        NodeUsage("nm3", 5.0),
    )
    metrics = ClusterMetrics("prod", NOW, cpu=Gauge(93.0), nodes=nodes)
    heavy = application(1, 30.0)
    found = situation(metrics, heavy)
    hypotheses = explain(found)
    rows = ranked(found.snapshot, Query(), lambda *_: False)
    listing = frozen(rows, Query(), found.snapshot)
    facts = DiagnoseFacts(metrics, found.findings, listing, hypotheses=hypotheses)
    told = diagnose(facts, Voice(Language.KO, UTC))
    assert hypotheses[0].cause is Cause.BESIDE
    assert told.summary.startswith("컨테이너 밖에서 11코어: YARN 잡이 아닙니다(nm1 7.5, nm2 3.5).")
    actions = [b.action for part in told.parts if isinstance(part, Buttons) for b in part.buttons]
    assert not {"propose_kill", "choose_applications"} & set(actions)


def test_managers_of_one_machine_see_it_once() -> None:
    """Three managers on one machine, whose containers use all of it: nothing is outside."""
    shared = tuple(NodeUsage(f"127.0.0.{n}", cores=2.0, container_cores=0.65) for n in (11, 12, 13))
    assert outside_heat(shared) is None
    assert outside_heat(shared[:1]) is not None


@pytest.mark.parametrize(
    ("waiting", "before", "told"), [(2, 0.0, True), (0, 0.0, False), (2, 9.0, False)]
)
def test_an_idle_holder_is_named_only_while_others_wait(
    waiting: int, before: float, told: bool
) -> None:
    """Granted 64, uses nothing for minutes: the first to go when queues wait, no cause of CPU."""
    giant = replace(application(1, 0.0), granted_cores=64.0, used_cores=0.0)
    metrics = ClusterMetrics("prod", NOW, cpu=Gauge(40.0), applications_waiting=waiting)
    found = explain(situation(metrics, giant, earlier={giant.ref.id: before}))
    assert (Cause.IDLE in {item.cause for item in found}) is told
    assert not {Cause.HEAVY, Cause.RUNAWAY} & {i.cause for i in found if i.finding is not None}


def ranged(*cores: float) -> httpx.Response:
    begin = NOW.timestamp() - 60 * len(cores)
    values = [[begin + 60 * at, str(each)] for at, each in enumerate(cores)]
    data = {"resultType": "matrix", "result": [{"metric": {}, "values": values}]}
    return httpx.Response(200, json={"status": "success", "data": data})


@pytest.mark.parametrize(
    ("answer", "rise"),
    [
        (ranged(*[0.4] * 40, *[6.1] * 10), (NOW - timedelta(minutes=10), 0.4)),
        (ranged(*[6.1] * 50), None),
        (ranged(), None),
        (httpx.Response(503), None),
        (httpx.Response(200, json={"status": "success", "data": {"result": "?"}}), None),
    ],
)
async def test_prometheus_tells_since_when_one_application_rose(
    answer: httpx.Response, rise: tuple[datetime, float] | None
) -> None:
    """One range query of the last hour, for this application alone; never an error."""
    asked: list[httpx.URL] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return answer

    async with make_client(transport=httpx.MockTransport(serve)) as client:
        prometheus = PrometheusReader("http://p:9090", client, lambda: NOW, Dialect())
        assert await prometheus.risen(APP) == rise
        own = Dialect(own={"application_cpu": "mine"})
        assert await PrometheusReader("http://p", client, lambda: NOW, own).risen(APP) is None
    url = asked[0]  # a failed read is tried again
    assert (url.path, url.params["step"]) == ("/api/v1/query_range", "60.000")
    assert "1763776800000_0001_" in url.params["query"]
    assert f'groupname="{APP}"' in url.params["query"]


def test_details_tell_since_when() -> None:
    """Of one that rose, in both languages, with what it used before."""
    app = replace(application(1, 6.1), used_cores=6.1)
    snapshot = RunningApplications(NOW, (app,), 100.0)
    (row,) = ranked(snapshot, Query(), lambda *_: False)
    told = Detail(row, app, 0.06, rise=(NOW - timedelta(minutes=10), 0.4))
    for language, said in (
        (Language.KO, "부터 0.4 → 6.1코어"),
        (Language.EN, "0.4 → 6.1 cores since"),
    ):
        found = detail(DetailFacts((told,), NOW), Voice(language, UTC))
        assert said in str(found.parts)


async def test_relief_measured_by_prometheus_waits_until_no_rate_reaches_before_the_end() -> None:
    """What all used at the call, and use once the window holds nothing of what was killed."""
    clock = [NOW]
    dialect = Dialect(window="1m")

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["query"] != dialect.queries()["application_containers"]:
            return vector()
        at = float(request.url.params.get("time", NOW.timestamp()))
        return vector(({"app": APP}, 6.1 if at <= NOW.timestamp() else 0.3))

    async with make_client(transport=httpx.MockTransport(answer)) as client:
        prometheus = PrometheusReader("http://p:9090", client, lambda: clock[0], dialect)
        gateway = ClusterGateway("c", lambda: clock[0], {}, prometheus)
        await gateway.running()
        clock[0] += timedelta(seconds=50)
        assert await gateway.cores_around(NOW, NOW) == (None, None)
        clock[0] += timedelta(seconds=15)
        assert await gateway.cores_around(NOW, NOW) == (6.1, 0.3)
