"""Field cases: what systems really answer, and what is made of it; nothing is invented."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.backends.build import build_backends, build_cluster
from bot.backends.cluster import merged_metrics
from bot.backends.promql import Dialect
from bot.backends.usage import MachineUsage, SchedulerUsage
from bot.backends.yarn_parse import application_rows, applications, metrics, nodes
from bot.doctor.examination import _queries, check_backends
from bot.doctor.findings import said as doctor_said
from bot.domain.applications import (
    ApplicationRef,
    ApplicationState,
    KillOutcome,
    RunningApplications,
    Shared,
)
from bot.domain.cluster import ClusterMetrics, NodeState, NodeUsage
from bot.domain.conversation import Query
from bot.domain.language import Language
from bot.domain.listings import ranked
from bot.domain.protection import protecting_pattern, shared_service
from bot.errors import FaultKind, FaultReason, StartError
from bot.sandbox.platform.stand_in import wall_clock
from bot.settings import Settings, load_settings
from bot.texts.cluster import node_states
from bot.texts.figures import KINDS, REASONS, said
from tests.contract.kills import carry
from tests.contract.served import served

CASES = Path(__file__).parent / "fixtures" / "clusters"
REAL = Path(__file__).parent / "fixtures" / "yarn"


def case(number: str) -> dict[str, Any]:
    (path,) = CASES.glob(f"{number}-*.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def settings_of(found: dict[str, Any], base: str, **more: Any) -> Settings:
    given = {name: value.replace("{base}", base) for name, value in found["settings"].items()}
    return load_settings(_env_file=None, **given, **more)


async def now(number: str, **more: Any) -> ClusterMetrics:
    found = case(number)
    async with (
        served(found["answers"]) as (base, _),
        build_cluster(settings_of(found, base, **more), wall_clock) as cluster,
    ):
        return await cluster.now()


async def running(number: str) -> RunningApplications:
    found = case(number)
    async with (
        served(found["answers"]) as (base, _),
        build_cluster(settings_of(found, base), wall_clock) as cluster,
    ):
        return await cluster.running()


async def doctor(number: str, **more: Any) -> list[str]:
    found = case(number)
    async with served(found["answers"]) as (base, _):
        settings = settings_of(found, base, **more)
        async with build_backends(settings, wall_clock) as backends:
            checks = [*await check_backends(backends), *await _queries(settings, backends)]
    return [doctor_said(check, Language.EN) for check in checks]


async def test_unhealthy_nodes_are_told_and_never_all_respond() -> None:
    """Three of five are out of order, with the words of their health report."""
    metrics_ = await now("01")
    assert metrics_.nodes_faulty == 3
    told = node_states(metrics_, Language.EN)
    assert told.startswith("3 of 5 nodes are out of order")
    assert "respond" not in told


async def test_figures_hidden_by_acls_are_unknown() -> None:
    """A dash and the missing right, never 0 cores since 1970; last in every list."""
    found = await running("03")
    hidden = [app for app in found.applications if app.hidden]
    assert [app.name for app in hidden] == ["ledger_rebuild"]
    for app in hidden:
        assert (app.cores, app.memory, app.started_at) == (None, None, None)
        assert app.running_for(found.taken_at) is None
        assert found.share(app) is None
    assert "hides the figures of" in said(found.missing, Language.EN)
    rows = ranked(found, Query(), lambda *_: False)
    assert [row.cores for row in rows][-len(hidden) :] == [None] * len(hidden)


async def test_an_empty_list_may_come_as_a_text() -> None:
    """Jersey 2 writes an empty map so."""
    found = await running("04")
    assert (list(found.applications), found.missing) == ([], ())


async def test_queues_of_one_leaf_name_are_told_apart() -> None:
    """By their paths."""
    names = {queue.name for queue in (await now("06")).queues}
    assert {"root.ops.nightly", "root.sales.nightly"} <= names


async def test_the_doctor_shows_the_whole_path_asked_for() -> None:
    """Knox's REST path and the UI's address; the setting for it works."""
    assert any(
        "/gateway/prod/resourcemanager/ws/v1/cluster/info" in line for line in await doctor("07")
    )
    assert any("yarn: active" in line for line in await doctor("07", yarn_rest_path="/v1"))
    (line, *_) = await doctor("08")
    assert "/cluster/ws/v1/cluster/info: 404" in line
    assert "without /cluster" in line


async def test_a_gateway_gets_its_header_with_the_kill() -> None:
    """Without it the gateway's refusal is told, and nothing was done."""
    outcomes = []
    found = case("10")
    taken = {"method": "PUT", "status": 202, "json": {"state": "KILLING"}}
    for headers in ("", "X-XSRF-Header: valid"):
        async with (
            served([*found["answers"], taken]) as (base, _),
            build_cluster(settings_of(found, base, yarn_headers=headers), wall_clock) as cluster,
        ):
            ref = ApplicationRef("cluster", "yarn", "application_1790000000000_0001")
            outcomes.append((await carry(cluster, ref)).outcome)
    assert outcomes == [KillOutcome.REFUSED, KillOutcome.ACCEPTED]


async def test_two_clusters_in_one_setting_are_refused_by_the_doctor() -> None:
    """Two that are ACTIVE at once."""
    assert any("more than one cluster" in line for line in await doctor("11"))


async def test_a_partial_answer_is_told_and_not_judged_by() -> None:
    """The figure stands with the server's own words."""
    metrics_ = await now("13")
    assert metrics_.cpu is not None
    assert (metrics_.cpu.percent, metrics_.cpu.partial) == (34, True)
    assert "answered in part: store b1:10901 unavailable" in said(metrics_.missing, Language.EN)


async def test_a_missing_buildinfo_is_no_failure() -> None:
    """The queries decide."""
    lines = await doctor("15")
    assert any(line.startswith("✓ prometheus: found") for line in lines)
    assert not any(line.startswith("✗ prometheus") for line in lines)


async def test_an_impossible_figure_is_none() -> None:
    """A counter that went back: unknown, and told with what came."""
    metrics_ = await now("16")
    assert metrics_.cpu is None
    assert {node.name: node.cpu_percent for node in metrics_.nodes} == {"wk1": None, "wk2": 95}
    assert "impossible figure: cpu: -727178 %" in said(metrics_.missing, Language.EN)


async def test_machines_behind_one_address_stay_apart() -> None:
    """Three exporters by their ports."""
    nodes_ = (await now("18")).nodes
    assert sorted(node.cpu_percent or 0 for node in nodes_) == [9, 11, 97]


async def test_a_query_of_several_series_is_told() -> None:
    """Two clusters in one Prometheus."""
    lines = await doctor("20")
    assert any("2 series where one is wanted" in line for line in lines)


async def test_ids_of_the_operators_own_pattern_are_listed() -> None:
    """Spark 4 lets the operator choose it."""
    found = await running("22")
    assert {app.ref.id for app in found.applications} == {"nightlysales", "app-20260901101010-007"}
    assert not found.missing


def real(name: str) -> Any:
    return json.loads((REAL / name).read_text("utf-8"))


def test_a_resource_manager_that_took_over_is_not_taken_for_an_empty_cluster() -> None:
    """Accepted again, without figures: it runs, what it holds is unknown, and no node is one."""
    body = real("states-3.4.2/apps-just-after-a-takeover.json")
    listed = applications("c", application_rows(body) or [])
    assert listed.recovered == len(listed.applications) > 0
    for app in listed.applications:
        assert app.state is ApplicationState.RUNNING
        assert app.cores is None
        assert app.started_at is not None
    seen = nodes(real("states-3.4.2/nodes-just-after-a-takeover.json"))
    assert seen == SchedulerUsage(settling=True)
    assert metrics(real("states-3.4.2/metrics-just-after-a-takeover.json")) == SchedulerUsage(
        settling=True
    )


def test_a_real_list_tells_what_the_caller_may_see() -> None:
    """Somebody else's figures are hidden, of the same applications that nobody named sees whole."""
    hidden = applications(
        "c", application_rows(real("states-3.4.2/apps-hidden-from-the-caller.json")) or []
    )
    assert hidden.hidden
    seen = applications(
        "c", application_rows(real("states-3.4.2/apps-seen-by-nobody-named.json")) or []
    )
    assert not seen.hidden
    assert all(app.cores is not None for app in seen.applications)


def test_real_node_states_are_read() -> None:
    """The decommissioned one is no member, and a lost one's last figures are none."""
    found = nodes(real("states-3.4.2/nodes-running-unhealthy-decommissioned-lost.json"))
    assert found is not None
    assert {node.state for node in found.nodes} == {
        NodeState.RUNNING,
        NodeState.UNHEALTHY,
        NodeState.LOST,
    }
    counts = metrics(real("states-3.4.2/metrics-unhealthy-decommissioned-lost.json"))
    assert counts is not None
    assert counts.node_counts == found.node_counts
    assert all(node.cpu_percent is None for node in found.nodes if node.state is NodeState.LOST)


def row(host: str, port: int, state: str) -> dict[str, Any]:
    return {
        "id": f"{host}:{port}",
        "nodeHostName": host,
        "state": state,
        "availableVirtualCores": 8,
    }


def test_a_restarted_manager_is_well_in_any_order() -> None:
    """LOST under the old port, RUNNING under the new one; DECOMMISSIONED and SHUTDOWN are gone."""
    rows = [row("nm1", 1, "LOST"), row("nm1", 2, "RUNNING"), row("nm2", 1, "SHUTDOWN")]
    for order in (rows, rows[::-1]):
        found = nodes({"nodes": {"node": order}})
        assert found is not None
        assert [(node.name, node.state) for node in found.nodes] == [("nm1", NodeState.RUNNING)]


def test_nodes_of_two_domains_do_not_swap_their_health() -> None:
    """A short name that two share joins nobody; names that join nothing are told."""
    machines = MachineUsage(nodes=(NodeUsage("nm1.dc1", 90), NodeUsage("nm1.dc2", 10)))
    part = SchedulerUsage(
        nodes=(NodeUsage("nm1.dc2", state=NodeState.UNHEALTHY), NodeUsage("nm1.dc1"))
    )
    found = merged_metrics("c", wall_clock(), machines, [part])
    assert {node.name: node.state for node in found.nodes} == {
        "nm1.dc1": NodeState.RUNNING,
        "nm1.dc2": NodeState.UNHEALTHY,
    }
    strange = SchedulerUsage(nodes=(NodeUsage("alpha"), NodeUsage("beta")))
    told = merged_metrics("c", wall_clock(), machines, [strange]).missing
    assert [item.kind for item in told] == [FaultKind.UNMATCHED]


async def test_no_answer_is_told_by_its_cause() -> None:
    """A name that does not resolve, a closed port, plain HTTP where TLS was meant."""
    async with served([]) as (base, _):
        for address, reason in (
            ("http://no-such-host.invalid:8088", FaultReason.NAME),
            ("http://127.0.0.1:9", FaultReason.CLOSED),
            (f"https://{base}", FaultReason.NOT_TLS),
            (f"http://{base}", FaultReason.NOT_FOUND),
        ):
            settings = load_settings(_env_file=None, yarn_url=address)
            async with build_cluster(settings, wall_clock) as cluster:
                missing = (await cluster.running()).missing
            assert [item.reason for item in missing] == [reason]


@pytest.mark.parametrize(
    ("status", "reason"), [(404, FaultReason.NOT_FOUND), (429, FaultReason.LIMIT)]
)
async def test_a_wrong_path_and_a_busy_server_are_told_as_such(
    status: int, reason: FaultReason
) -> None:
    """Each system's own words for its status, and never those of an unreadable answer."""
    async with served([{"path": "/", "status": status, "text": "no"}]) as (base, _):
        address = f"http://{base}"
        for name in ("yarn_url", "spark_master_url", "prometheus_url"):
            settings = load_settings(_env_file=None, **{name: address})
            async with build_cluster(settings, wall_clock) as cluster:
                missing = (await cluster.now()).missing
            assert {item.reason for item in missing if item.kind is FaultKind.BAD_ANSWER} == {
                reason
            }
            for language in Language:
                words = said(missing, language)
                assert REASONS[reason](language) in words
                assert KINDS[FaultKind.BAD_ANSWER](language) not in words


async def test_the_doctor_proves_the_right_to_kill_on_what_has_ended() -> None:
    """403 names the caller and the right; the answer of an ended application proves it."""
    info = {"clusterInfo": {"id": 1, "haState": "ACTIVE", "resourceManagerVersion": "3.4.2"}}
    ended = {
        "id": "application_1790000000000_0007",
        "user": "alice",
        "queue": "root.etl",
        "state": "FINISHED",
        "finalStatus": "SUCCEEDED",
        "applicationType": "SPARK",
    }
    lines = []
    for status, answer in (
        (200, {"json": {"state": "FINISHED"}}),
        (403, {"text": "Unauthorized attempt to kill appid x by remote user dangjik"}),
    ):
        answers: list[dict[str, Any]] = [
            {"path": "/ws/v1/cluster/info", "json": info},
            {
                "path": "/ws/v1/cluster/apps",
                "query": "FINISHED",
                "json": {"apps": {"app": [ended]}},
            },
            {"method": "PUT", "path": "/ws/v1/cluster/apps/", "status": status, **answer},
            {"path": "/ws/v1/cluster/apps", "json": {"apps": {}}},
            {"path": "/ws/v1/cluster/metrics", "json": {"clusterMetrics": {"totalNodes": 1}}},
        ]
        async with served(answers) as (base, _):
            settings = load_settings(_env_file=None, yarn_url=base)
            async with build_backends(settings, wall_clock) as backends:
                checks = await check_backends(backends)
        lines.append([doctor_said(check, Language.EN) for check in checks if check.name == "yarn"])
    assert any("✓ yarn: dangjik may kill (queues root.etl" in line for line in lines[0])
    assert any("✗ yarn: kill requests of dangjik are refused" in line for line in lines[1])


async def test_a_federations_router_counts_as_active() -> None:
    """It answers for its clusters and has no state of its own."""
    answers: list[dict[str, Any]] = [
        {
            "path": "/ws/v1/cluster/info",
            "json": {
                "federationClusterInfo": {"subCluster": [{"resourceManagerVersion": "3.4.2"}]}
            },
        },
        {"path": "/ws/v1/cluster/apps", "json": {"apps": {}}},
        {"path": "/ws/v1/cluster/metrics", "json": {"clusterMetrics": {"totalNodes": 4}}},
    ]
    async with (
        served(answers) as (base, _),
        build_cluster(load_settings(_env_file=None, yarn_url=base), wall_clock) as cluster,
    ):
        assert not (await cluster.running()).missing


def test_other_types_are_counted_and_named() -> None:
    """A list of Spark says what else is there; `*` lists all."""
    rows = [
        {"id": f"application_1790000000000_000{n}", "state": "RUNNING", "applicationType": kind}
        for n, kind in enumerate(("SPARK", "TEZ", "TEZ", "MAPREDUCE"))
    ]
    found = applications("c", rows, frozenset({"SPARK"}))
    assert len(found.applications) == 1
    assert found.others == {"TEZ": 2, "MAPREDUCE": 1}
    assert len(applications("c", rows).applications) == 4


def test_a_comma_in_a_password_splits_nothing() -> None:
    """The next address begins with its scheme."""
    given = "http://u:a,b,c@rm1:8088/x, https://rm2:8088,rm3"
    found = load_settings(_env_file=None, yarn_url=given).yarn_url
    assert found == ("http://u:a,b,c@rm1:8088/x", "https://rm2:8088", "rm3")


async def test_tokens_headers_and_files_of_secrets_are_sent(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """A bearer token from a file, and a tenant's header."""
    (tmp_path / "token").write_text("sesame\n", "utf-8")
    monkeypatch.setenv("PROMETHEUS_TOKEN_FILE", str(tmp_path / "token"))
    async with served([]) as (base, asked):
        settings = load_settings(
            _env_file=None, prometheus_url=base, prometheus_headers="X-Scope-OrgID: dw; X-A: b"
        )
        async with build_cluster(settings, wall_clock) as cluster:
            await cluster.now()
    assert asked
    for request in asked:
        assert request.headers["Authorization"] == "Bearer sesame"
        assert (request.headers["X-Scope-OrgID"], request.headers["X-A"]) == ("dw", "b")


async def test_a_certificate_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """At the start, by the name of the setting."""
    (tmp_path / "ca").write_text("nothing", "utf-8")
    settings = load_settings(_env_file=None, prometheus_url="http://p", ca_bundle=tmp_path / "ca")
    with pytest.raises(StartError, match="CA_BUNDLE"):
        async with build_backends(settings, wall_clock):
            pass


def test_the_selector_is_in_every_built_in_query() -> None:
    """One setting instead of eleven queries; an own query stays as it is."""
    queries = Dialect(selector='cluster="a"', own={"hdfs": "mine"}).queries()
    assert queries.pop("hdfs") == "mine"
    assert all('cluster="a"' in text for text in queries.values())


def test_the_rate_window_follows_the_scrapes() -> None:
    """Four intervals, never under a minute; a fixed one stays."""
    for interval, window in ((None, "1m"), (15, "1m"), (30, "2m"), (60, "4m"), (20, "80s")):
        assert f"[{window}]" in Dialect().queries(interval)["cpu"]
    assert "[5m]" in Dialect(window="5m").queries(60)["cpu"]


def test_shared_services_are_recognised() -> None:
    """By type, name, tags and configuration; an ordinary job is none."""
    known = {
        "Thrift JDBC/ODBC Server": Shared.SQL_SERVER,
        "Spark Connect server": Shared.CONNECT,
        "livy-session-318": Shared.SESSION,
        "orders_streaming": Shared.STREAM,
        "upstream_orders_daily": None,
        "adhoc_clickstream_join": None,
    }
    assert {name: shared_service(name) for name in known} == known
    assert shared_service("x", tags="zeppelin,team-a") is Shared.SESSION
    assert protecting_pattern("livy-session-318") == "name:livy-session-*"
