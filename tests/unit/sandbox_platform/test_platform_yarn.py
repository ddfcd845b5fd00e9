"""The YARN stand-in on the wire: filters, rights, kills, bad days."""

import asyncio
from typing import Any

import aiohttp
import httpx
import pytest

from bot.sandbox.platform import Kind, PlatformStandIn

from .conftest import MovableClock

APPS = "/ws/v1/cluster/apps"
JOIN = "adhoc_clickstream_join"


def id_of(platform: PlatformStandIn, name: str = JOIN) -> str:
    return platform.model.named(name, platform.now()).id


async def get(
    http: aiohttp.ClientSession, url: str, **params: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    async with http.get(url, params=params, allow_redirects=False) as response:
        return response.status, await response.json(), dict(response.headers)


async def put(
    http: aiohttp.ClientSession,
    platform: PlatformStandIn,
    app: str,
    *,
    user: str = "dangjik",
    state: str = "KILLED",
) -> tuple[int, str]:
    query = {"user.name": user} if user else {}
    url = f"{platform.yarn_url}{APPS}/{app}/state"
    async with http.put(url, params=query, json={"state": state}) as response:
        return response.status, await response.text()


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 43),
        ({"states": "ACCEPTED"}, 4),
        ({"applicationTypes": "MAPREDUCE,TEZ", "states": "RUNNING"}, 4),
        ({"states": "KILLED", "finalStatus": "KILLED"}, 1),
        ({"limit": "7"}, 7),
    ],
)
async def test_the_list_is_filtered_as_asked(
    platform: PlatformStandIn, http: aiohttp.ClientSession, params: dict[str, str], count: int
) -> None:
    _, body, _ = await get(http, platform.yarn_url + APPS, **params)
    assert len(body["apps"]["app"]) == count


async def test_deselected_fields_are_left_out_and_unknown_words_refused(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    url = platform.yarn_url + APPS
    _, body, _ = await get(http, url, deSelects="timeouts,resourceRequests", limit="1")
    assert not {"timeouts", "resourceRequests"} & set(body["apps"]["app"][0])
    status, body, _ = await get(http, url, deSelects="foo")
    assert status == 400
    assert body["RemoteException"]["exception"] == "BadRequestException"
    await platform.fault("yarn", Kind.OLD_VERSION)
    assert (await get(http, url, deSelects="resourceRequests"))[0] == 200
    assert (await get(http, url, deSelects="timeouts"))[0] == 400


@pytest.mark.parametrize("params", [{"states": "RUNING"}, {"limit": "0"}, {"limit": "x"}])
async def test_bad_filters_are_refused(
    platform: PlatformStandIn, http: aiohttp.ClientSession, params: dict[str, str]
) -> None:
    status, body, _ = await get(http, platform.yarn_url + APPS, **params)
    assert (status, body["RemoteException"]["exception"]) == (400, "BadRequestException")


async def test_a_kill_is_202_then_200(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession
) -> None:
    app = id_of(platform)
    assert await put(http, platform, app) == (202, '{"state": "KILLING"}')
    clock.forward(0.2)
    assert await put(http, platform, app) == (202, '{"state": "KILLING"}')
    clock.forward(0.2)
    assert await put(http, platform, app) == (200, '{"state": "KILLED"}')
    assert platform.kill_count(app) == 3


async def test_a_finished_application_answers_200_with_its_own_end(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    app = id_of(platform, "report_daily_sales")
    assert await put(http, platform, app) == (200, '{"state": "FINISHED"}')


async def test_who_may_kill(platform: PlatformStandIn, http: aiohttp.ClientSession) -> None:
    app = id_of(platform)
    assert await put(http, platform, app, user="mallory") == (
        403,
        f"Unauthorized attempt to kill appid {app} by remote user mallory",
    )
    assert (await put(http, platform, app, user="bob"))[0] == 202


async def test_unknown_ids_and_other_targets_are_remote_exceptions(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    status, text = await put(http, platform, "application_1_0001")
    assert (status, "NotFoundException" in text) == (404, True)
    assert (await put(http, platform, "app-1"))[0] == 400
    status, text = await put(http, platform, id_of(platform), state="FINISHED")
    assert status == 400
    assert "Only 'KILLED' is allowed as a target state." in text
    assert platform.kill_count(id_of(platform)) == 0


async def test_three_kinds_of_standby(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    url = f"{platform.yarn_url}{APPS}?states=RUNNING"
    await platform.failover()
    async with http.get(url, allow_redirects=False) as response:
        assert response.status == 307
        location = response.headers["Location"]
        assert location == f"{platform.yarn_standby_url}{APPS}?states=RUNNING"
    assert (await get(http, location))[0] == 200
    info = f"{platform.yarn_url}/ws/v1/cluster/info"
    assert (await get(http, info))[1]["clusterInfo"]["haState"] == "STANDBY"
    await platform.clear_faults("yarn")
    await platform.fault("yarn", Kind.STANDBY_REFRESH, times=1)
    async with http.get(url, allow_redirects=False) as response:
        assert (response.status, "Location" in response.headers) == (307, False)
        assert response.headers["Refresh"].startswith("3; url=")
    await platform.fault("yarn", Kind.NO_ACTIVE, times=1)
    async with http.get(url) as response:
        assert (response.status, response.content_type) == (200, "text/plain")
        assert await response.text() == "There is no active RM right now."
    assert (await get(http, info))[1]["clusterInfo"]["haState"] == "ACTIVE"


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        (Kind.SERVER_ERROR, 500, "text/plain"),
        (Kind.UNAVAILABLE, 503, "text/plain"),
        (Kind.UNAUTHORIZED, 401, "text/plain"),
        (Kind.HTML, 200, "text/html"),
    ],
)
async def test_wrong_answers(
    platform: PlatformStandIn,
    http: aiohttp.ClientSession,
    kind: Kind,
    status: int,
    content_type: str,
) -> None:
    await platform.fault("yarn", kind, match="GET /ws/v1/cluster/apps", times=1)
    async with http.get(platform.yarn_url + APPS) as response:
        assert (response.status, response.content_type) == (status, content_type)
    assert (await get(http, platform.yarn_url + APPS))[0] == 200


async def test_no_connection_until_the_fault_is_lifted(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    url = platform.yarn_url + APPS
    await get(http, url)
    await platform.fault("yarn", Kind.REFUSED)
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.get(url)
    with pytest.raises(aiohttp.ClientConnectorError):
        await http.get(url)
    await platform.clear_faults()
    assert (await get(http, url))[0] == 200


async def test_half_a_body_and_a_redirect_loop(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    await platform.fault("yarn", Kind.CUT_BODY, times=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await get(http, platform.yarn_url + APPS)
    await platform.fault("yarn", Kind.REDIRECT_LOOP)
    with pytest.raises(aiohttp.TooManyRedirects):
        await http.get(platform.yarn_url + APPS)


async def test_a_hanging_request_goes_on_when_the_fault_is_lifted(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    await platform.fault("yarn", Kind.HANG)
    asked = asyncio.create_task(get(http, platform.yarn_url + APPS))
    done, _ = await asyncio.wait({asked}, timeout=0.05)
    assert not done
    await platform.clear_faults("yarn")
    assert (await asked)[0] == 200


async def test_a_kill_whose_answer_is_lost_is_carried_out(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession
) -> None:
    """Asked with httpx: aiohttp's client would send a PUT again on its own."""
    app = id_of(platform)
    url = f"{platform.yarn_url}{APPS}/{app}/state?user.name=dangjik"
    await platform.fault("yarn", Kind.DROP_RESPONSE, match="PUT", times=1)
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.put(url, json={"state": "KILLED"})
    clock.forward(1)
    assert (await get(http, f"{platform.yarn_url}{APPS}/{app}/state"))[1] == {"state": "KILLED"}
    assert platform.kill_count(app) == 1


async def test_a_kill_may_be_accepted_and_ignored_or_forbidden(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession
) -> None:
    app = id_of(platform)
    await platform.fault("yarn", Kind.KILL_FORBIDDEN, match=app, times=1)
    assert (await put(http, platform, app))[0] == 403
    await platform.fault("yarn", Kind.KILL_IGNORED, times=1)
    assert (await put(http, platform, app))[0] == 202
    clock.forward(60)
    assert (await get(http, f"{platform.yarn_url}{APPS}/{app}/state"))[1] == {"state": "RUNNING"}
    assert platform.kill_count(app) == 2


async def test_an_identity_can_change_under_its_id(
    platform: PlatformStandIn, http: aiohttp.ClientSession
) -> None:
    app, now = id_of(platform), platform.now()
    platform.model.new_attempt(app, now)
    platform.model.alter(app, now, name="other", user="eve", queue="prod", started_s=now - 5)
    _, body, _ = await get(http, f"{platform.yarn_url}{APPS}/{app}")
    shown = body["app"]
    assert (shown["name"], shown["user"], shown["queue"]) == ("other", "eve", "prod")
    assert shown["startedTime"] == round((now - 5) * 1000)
    _, body, _ = await get(http, f"{platform.yarn_url}{APPS}/{app}/appattempts")
    assert [attempt["id"] for attempt in body["appAttempts"]["appAttempt"]] == [1, 2]


async def test_the_name_once_given_lives_on_in_a_cookie(platform: PlatformStandIn) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        await get(http, platform.yarn_url + APPS, **{"user.name": "dangjik"})
        assert (await put(http, platform, id_of(platform), user=""))[0] == 202


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}], ids=["page", "dns"]
)
async def test_another_sites_page_reaches_no_port_of_the_platform(
    platform: PlatformStandIn, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    for url in (
        f"{platform.yarn_url}/ws/v1/cluster/info",
        f"{platform.prometheus_url}/api/v1/query",
    ):
        async with http.get(url, headers=headers) as answer:
            assert answer.status == 403
