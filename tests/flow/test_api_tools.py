"""The six tools over REST: typed figures with units, time, source and what is missing."""

from pathlib import Path

from bot.sandbox.slack.demo import ALERT_CHANNEL, RANDOM_CHANNEL
from tests.flow.gateway import gateway
from tests.flow.world import payload_of

READS = ("get_cluster_metrics", "get_spark_jobs")


async def test_figures_come_with_units_time_and_source(tmp_path: Path) -> None:
    """And with what is not set up, so that nobody takes it for zero."""
    async with gateway(tmp_path) as at, at.caller("reader") as client:
        metrics = (await client.get("/v1/tools/get_cluster_metrics")).json()
        assert metrics["cluster"] == at.world.platform.scenario.cluster
        assert {"percent", "cores", "memory", "time"} <= set(metrics["units"])
        assert metrics["sources"] == ["yarn"]
        assert metrics["result"]["applications_running"] > 0
        assert metrics["missing"] == []
        jobs = (await client.get("/v1/tools/get_spark_jobs?count=3")).json()
        rows = jobs["result"]["listing"]["rows"]
        assert [row["rank"] for row in rows] == [1, 2, 3]
        assert "yarn" in jobs["sources"]
        web = (await client.get("/v1/tools/search_internet_info?question=spark")).json()
        assert [each["kind"] for each in web["missing"]] == ["not_configured"]
        assert web["result"]["passages"] == []


async def test_manual_and_history_name_their_pages(tmp_path: Path) -> None:
    """A passage's source is the page and its heading."""
    async with gateway(tmp_path, documents=True) as at, at.caller("reader") as client:
        for tool in ("search_operation_manual", "search_operation_history"):
            path = f"/v1/tools/{tool}?question=CPU 사용률이 높을 때 어떻게 하나요"
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            assert all("/cpu.md" in source for source in answer.json()["sources"])


async def test_arguments_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """One that no tool has, too."""
    async with gateway(tmp_path) as at, at.caller("reader") as client:
        for query in ("count=0", "count=21", "by=love", "approved=true", "by=cpu&x=1"):
            answer = await client.get(f"/v1/tools/get_spark_jobs?{query}")
            assert (answer.status_code, answer.json()["code"]) == (422, "unfit"), query


async def test_a_platform_that_is_down_is_a_bad_gateway(tmp_path: Path) -> None:
    """Told as a problem, without an address."""
    nowhere = "http://127.0.0.1:9"
    async with (
        gateway(tmp_path, yarn_url=nowhere, prometheus_url=nowhere) as at,
        at.caller("model") as client,
    ):
        for tool in READS:
            answer = await client.get(f"/v1/tools/{tool}")
            assert answer.status_code == 502
            assert answer.headers["content-type"] == "application/problem+json"
            assert "127.0.0.1" not in answer.text
        wish = {"applications": ["application_1_0001"]}
        assert (await client.post("/v1/tools/kill_spark_job", json=wish)).status_code == 502


async def test_a_kill_is_asked_for_by_ids_that_run(tmp_path: Path) -> None:
    """The same wish makes the same card; what is protected or unknown is named."""
    async with gateway(tmp_path) as at, at.caller("model") as client:
        jobs = (await client.get("/v1/tools/get_spark_jobs?count=20")).json()["result"]["listing"]
        free = [row["ref"]["id"] for row in jobs["rows"] if not row["protected"]]
        kept = [row["ref"]["id"] for row in jobs["rows"] if row["protected"]]
        wish = {"applications": free[:2], "id": "w1", "language": "en"}
        first = (await client.post("/v1/tools/kill_spark_job", json=wish)).json()["proposal"]
        assert [each["id"] for each in first["targets"]] == free[:2]
        again = (await client.post("/v1/tools/kill_spark_job", json=wish)).json()["proposal"]
        assert again["id"] == first["id"]
        card = await at.world.post(lambda each: payload_of(each).get("proposal_id") == first["id"])
        assert card.channel == ALERT_CHANNEL
        refusals = {
            "unknown_application": {"applications": ["application_9_9999"]},
            "protected": {"applications": kept[:1], "language": "en"},
            "open": {"applications": free[:1], "language": "en"},
            "other_channel": {"applications": free[2:3], "channel": RANDOM_CHANNEL},
            "unfit": {"applications": free[2:3], "approved": True},
        }
        for code, body in refusals.items():
            answer = await client.post("/v1/tools/kill_spark_job", json=body)
            assert answer.json()["code"] == code, answer.text
        assert at.world.platform.kill_requests == []
