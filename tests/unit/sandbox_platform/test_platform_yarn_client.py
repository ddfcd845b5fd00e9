"""The YARN stand-in, judged by an independent client: yarn-api-client."""

import asyncio
from typing import Any

from requests import PreparedRequest
from requests.auth import AuthBase
from yarn_api_client import ResourceManager

from bot.sandbox.platform import PlatformStandIn

from .conftest import MovableClock


class UserName(AuthBase):
    """The pseudo authentication of Hadoop: user.name in the query."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.prepare_url(request.url or "", {"user.name": "dangjik"})
        return request


async def ask(url: str, method: str, *args: Any, **kwargs: Any) -> Any:
    def call() -> Any:
        client = ResourceManager(service_endpoints=[url], auth=UserName(), timeout=5)
        try:
            return getattr(client, method)(*args, **kwargs).data
        finally:
            client.session.close()

    return await asyncio.to_thread(call)


async def test_the_client_lists_running_spark_applications(platform: PlatformStandIn) -> None:
    data = await ask(
        platform.yarn_url, "cluster_applications", states=["RUNNING"], application_types=["SPARK"]
    )
    names = {app["name"] for app in data["apps"]["app"]}
    assert {"fraud_stream", "adhoc_clickstream_join", "ml_train_ctr"} <= names
    assert {app["state"] for app in data["apps"]["app"]} == {"RUNNING"}


async def test_the_client_reads_one_application(
    platform: PlatformStandIn, clock: MovableClock
) -> None:
    row = platform.model.named("adhoc_clickstream_join", platform.now())
    app = (await ask(platform.yarn_url, "cluster_application", row.id))["app"]
    assert (app["id"], app["user"], app["queue"]) == (row.id, "bob", "adhoc")
    assert app["allocatedVCores"] == 8
    assert app["startedTime"] == round((platform.now() - 38 * 60) * 1000)


async def test_the_client_kills_an_application(
    platform: PlatformStandIn, clock: MovableClock
) -> None:
    row = platform.model.named("adhoc_clickstream_join", platform.now())
    assert await ask(platform.yarn_url, "cluster_application_kill", row.id) == {"state": "KILLING"}
    clock.forward(1)
    assert await ask(platform.yarn_url, "cluster_application_state", row.id) == {"state": "KILLED"}
    app = (await ask(platform.yarn_url, "cluster_application", row.id))["app"]
    assert (app["finalStatus"], app["allocatedVCores"], app["runningContainers"]) == (
        "KILLED",
        -1,
        -1,
    )
    assert platform.kill_count(row.id) == 1


async def test_the_client_reads_metrics_nodes_and_scheduler(platform: PlatformStandIn) -> None:
    metrics = (await ask(platform.yarn_url, "cluster_metrics"))["clusterMetrics"]
    assert metrics["totalVirtualCores"] == 256
    assert metrics["appsPending"] == 4
    nodes = (await ask(platform.yarn_url, "cluster_nodes"))["nodes"]["node"]
    assert len(nodes) == 8
    info = (await ask(platform.yarn_url, "cluster_scheduler"))["scheduler"]["schedulerInfo"]
    assert info["type"] == "capacityScheduler"
    assert {queue["queueName"] for queue in info["queues"]["queue"]} >= {"prod", "adhoc"}


async def test_a_standby_leads_the_client_to_the_active_one(platform: PlatformStandIn) -> None:
    row = platform.model.named("fraud_stream", platform.now())
    url = platform.yarn_standby_url
    assert (await ask(url, "cluster_information"))["clusterInfo"]["haState"] == "STANDBY"
    assert (await ask(url, "cluster_application", row.id))["app"]["name"] == "fraud_stream"
    assert await ask(url, "cluster_application_kill", row.id) == {"state": "KILLING"}
    assert platform.kill_count(row.id) == 1
