"""An alert that names nodes is judged by what is used on them, where containers are told per node."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from bot.agents.targets import nodes_of
from bot.agents.templates.diagnosis import first_words, ranking
from bot.backends.http import make_client
from bot.backends.prometheus import PrometheusReader
from bot.backends.promql import Dialect
from bot.domain.answers import Bullets
from bot.domain.applications import Measurement, RunningApplications, Source
from bot.domain.cluster import ClusterMetrics, Gauge, NodeUsage
from bot.domain.core_usage import UsedCores, cores_on
from bot.domain.hypotheses import Cause, Situation, Standing, explain
from bot.domain.language import Language
from bot.domain.runaway import Background, calm, judge
from tests.contract.node_managers import Cluster, bean
from tests.unit.agents.test_hypotheses import application
from tests.unit.backends.test_used_cores import vector

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOT = NodeUsage("nm1.dc", cpu_percent=95.0, cores=7.6, container_cores=7.0)
COOL = NodeUsage("nm2.dc", cpu_percent=10.0, cores=0.8, container_cores=0.5)
METRICS = ClusterMetrics("prod", NOW, cpu=Gauge(30.0), nodes=(HOT, COOL))
FIRE, BULK = application(1, 6.0), application(2, 40.0)


def used(nodes: dict[str, dict[str, tuple[float, int]]]) -> UsedCores:
    return UsedCores(Measurement(Source.NODE_MANAGERS), {}, {}, nodes)


def situation(nodes: tuple[NodeUsage, ...], told: UsedCores) -> Situation:
    here = cores_on(nodes, told)
    snapshot = RunningApplications(NOW, (FIRE, BULK), total_cores=100.0)
    background = Background(calm=calm(METRICS, nodes), here=here)
    findings = judge(snapshot, background)
    return Situation(METRICS, snapshot, findings, {}, alerted=True, nodes=nodes, here=here)


async def test_node_managers_tell_what_is_used_on_each_node() -> None:
    """By the host of their address, whatever its port; another node's containers are not in it."""
    one, two = "container_1763776800000_0001_01_000002", "container_1763776800000_0002_01_000002"
    found = Cluster(
        {
            "nm1.dc:8042": {"beans": [bean(one, 6.0), bean(two, 1.0)]},
            "nm2.dc:8042": {"beans": [bean(two, 0.5)]},
        }
    )
    read = await found.reader().read()
    assert read is not None
    here = cores_on((HOT,), read)
    assert here is not None
    assert (here.cores, here.names) == ({FIRE.ref.id: 6.0, BULK.ref.id: 1.0}, ("nm1.dc",))
    assert here.whole == pytest.approx(8.0)
    assert cores_on((replace(HOT, cores=None),), read) is None  # its size is not told


async def test_prometheus_is_asked_for_the_named_nodes_alone() -> None:
    """Every built-in query gets the machines' names; an operator's own query tells no nodes."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(query := request.url.params["query"])
        if "container_resource" in query:
            return vector(({"app": FIRE.ref.id}, 6.0))
        return vector(({}, 8.0)) if query.startswith("count(count") else vector()

    own = {"application_cpu": "mine"}
    async with make_client(transport=httpx.MockTransport(answer)) as client:
        dialect = Dialect(selector='cluster="a"', window="1m")
        here = await PrometheusReader("http://p:9090", client, lambda: NOW, dialect).cores_on(
            (HOT,)
        )
        dialect = replace(dialect, own=own)
        none = await PrometheusReader("http://p:9090", client, lambda: NOW, dialect).cores_on(
            (HOT,)
        )
    assert none is None
    assert here is not None
    assert (here.cores[FIRE.ref.id], here.whole) == (6.0, 8.0)
    named = r'cluster="a",instance=~"(?i:(nm1|nm1\\.dc)(:[0-9]+)?)"'
    assert asked
    assert all(named in query for query in asked)


def test_the_cause_is_what_burns_on_the_named_node() -> None:
    """Not what uses more elsewhere; the share is of that node's cores, and says so."""
    told = used({"nm1.dc:8042": {FIRE.ref.id: (6.0, 1), BULK.ref.id: (0.2, 1)}})
    found = explain(situation((HOT,), told))
    first = found[0]
    assert (first.cause, first.standing) == (Cause.HEAVY, Standing.LIKELY)
    assert first.finding is not None
    assert first.finding.application.ref == FIRE.ref
    assert first.finding.share == pytest.approx(0.75)
    assert BULK.ref not in {each.finding.application.ref for each in found if each.finding}
    assert first_words(found, Language.EN) == "job_1: 75% of the cores of nm1.dc."
    bullets = next(
        each for each in ranking(found, frozenset(), Language.KO) if isinstance(each, Bullets)
    )
    assert "nm1.dc 코어의 75%" in "".join(span.text for span in bullets.items[0])


def test_a_hot_node_of_a_cool_cluster_is_neither_recovered_nor_nothing() -> None:
    """CPU is that of the node named, though the cluster's is low."""
    causes = {each.cause for each in explain(situation((HOT,), used({})))}
    assert not causes & {Cause.RECOVERED, Cause.NOTHING}
    cool = {each.cause: each.standing for each in explain(situation((COOL,), used({})))}
    assert cool[Cause.RECOVERED] is Standing.LIKELY


def test_where_no_node_is_told_the_cluster_judges_as_before() -> None:
    """A source that tells no containers per node: shares are of the cluster's cores."""
    found = situation((HOT,), used({})).findings
    assert [(each.application.ref, each.of) for each in found] == [(BULK.ref, "")]


def test_addresses_of_one_network_are_not_one_another() -> None:
    """An address has no short name."""
    nodes = (NodeUsage("10.0.0.1"), NodeUsage("10.0.0.2"), NodeUsage("nm1.dc"))
    assert [node.name for node in nodes_of(["10.0.0.2", "NM1"], nodes)] == ["10.0.0.2", "nm1.dc"]
