"""The control API: what a test in another process steers and reads."""

from typing import Any

import aiohttp
import pytest

from bot.sandbox.platform import PlatformStandIn

from .conftest import MovableClock


async def call(
    http: aiohttp.ClientSession, platform: PlatformStandIn, method: str, path: str, **body: Any
) -> tuple[int, dict[str, Any]]:
    url = f"{platform.control_url}/control/{path}"
    async with http.request(method, url, json=body or None) as response:
        return response.status, await response.json()


async def test_the_incident_starts_on_request(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession
) -> None:
    await call(http, platform, "POST", "incident")
    clock.forward(30)
    _, state = await call(http, platform, "GET", "state")
    assert state["incident_since"] is not None
    assert state["cpu_percent"] > 90


async def test_faults_go_on_and_off(platform: PlatformStandIn, http: aiohttp.ClientSession) -> None:
    status, state = await call(
        http, platform, "POST", "faults", service="yarn", kind="server_error", times=3
    )
    assert (status, state["faults"]["yarn"]) == (200, ["server_error"])
    _, state = await call(http, platform, "DELETE", "faults")
    assert state["faults"] == {
        "yarn": [],
        "prometheus": [],
        "control": [],
        "yarn_standby": ["standby"],
        "alertmanager": [],
    }
    _, state = await call(http, platform, "POST", "failover")
    assert (state["faults"]["yarn"], state["faults"]["yarn_standby"]) == (["standby"], [])


async def test_kill_requests_can_be_read(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    app = platform.model.named("fraud_stream", platform.now()).id
    url = f"{platform.yarn_url}/ws/v1/cluster/apps/{app}/state?user.name=mallory"
    await http.put(url, json={"state": "KILLED"})
    _, body = await call(http, platform, "GET", "kills")
    assert body["kills"] == [{"application_id": app, "user": "mallory", "at": platform.now()}]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"do": "finish"}, "FINISHED"),
        ({"do": "fail"}, "FAILED"),
        ({"do": "new_attempt"}, "RUNNING"),
        ({"do": "alter", "user": "eve"}, "RUNNING"),
        ({"do": "reuse_id", "name": "newcomer"}, "ACCEPTED"),
    ],
)
async def test_an_application_can_be_changed(
    platform: PlatformStandIn, http: aiohttp.ClientSession, body: dict[str, str], expected: str
) -> None:
    app = platform.model.named("sql_lab_07", platform.now()).id
    _, state = await call(http, platform, "POST", f"applications/{app}", **body)
    assert {row["id"]: row["state"] for row in state["applications"]}[app] == expected


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"service": "yarn", "kind": "earthquake"}),
        ("faults", {"service": "oracle", "kind": "hang"}),
        ("applications/application_1_1", {"do": "finish"}),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    platform: PlatformStandIn, http: aiohttp.ClientSession, path: str, body: dict[str, str]
) -> None:
    status, answer = await call(http, platform, "POST", path, **body)
    assert (status, "error" in answer) == (400, True)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}], ids=["page", "dns"]
)
async def test_another_sites_page_starts_no_incident_and_reads_nothing(
    platform: PlatformStandIn, headers: dict[str, str]
) -> None:
    """On each of the five ports, as on the page's own."""
    paths = {
        f"{platform.yarn_url}/ws/v1/cluster/apps",
        f"{platform.yarn_standby_url}/ws/v1/cluster/info",
        f"{platform.prometheus_url}/api/v1/query?query=up",
        f"{platform.alertmanager_url}/api/v2/alerts",
        f"{platform.control_url}/control/incident",
    }
    async with aiohttp.ClientSession(headers=headers) as http:
        for path in paths:
            async with http.request("POST" if "control" in path else "GET", path) as answer:
                assert answer.status == 403
    assert platform.model.incident_s is None
