"""The sandbox's YARN answers as a real ResourceManager 3.4.2 did, which was recorded."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.platform import PlatformStandIn, load

RECORDED = Path(__file__).parent / "fixtures" / "yarn"
BASE = "/ws/v1/cluster"
KILL = json.dumps({"state": "KILLED"})
APP_ID = re.compile(r"application_\d+_\d+")
BODIES = ("info", "metrics", "nodes", "scheduler")


@pytest.fixture
async def platform() -> AsyncIterator[PlatformStandIn]:
    stand_in = PlatformStandIn(load("incident"), seed=3)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def http(platform: PlatformStandIn) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=platform.yarn_url + BASE, trust_env=False) as client:
        yield client


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


def answer(name: str) -> tuple[int, str, Any]:
    """Return status, media type and body of a recorded answer, parsed where it is JSON."""
    head, _, body = (RECORDED / f"{name}.txt").read_text(encoding="utf-8").partition("\n\n")
    media = re.search(r"(?im)^content-type: ([^;\n]+)", head)
    assert media
    return int(head.split()[1]), media[1], parsed(body)


def told(response: httpx.Response) -> tuple[int, str, Any]:
    """Return status, media type and body of an answer of the stand-in."""
    media = response.headers["content-type"].partition(";")[0]
    return response.status_code, media, parsed(response.text)


def parsed(body: str) -> Any:
    """Return what a body holds; its text where that is no JSON, whatever it calls itself."""
    try:
        return json.loads(body)
    except ValueError:
        return body.strip()


def kinds(body: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each path in a body with the JSON type found there; a row of a list has no number."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield from kinds(value, f"{path}/{key}")
    elif isinstance(body, list):
        for row in body:
            yield from kinds(row, f"{path}[]")
    elif body is not None:
        number = isinstance(body, int | float) and not isinstance(body, bool)
        yield path, "number" if number else type(body).__name__


def expect_known(made: Any, real: Any) -> None:
    """Expect no field and no type that the real body does not have."""
    strange = set(kinds(made)) - set(kinds(real))
    assert not strange


async def an_id(http: httpx.AsyncClient, user: str = "") -> str:
    rows = (await http.get("/apps", params={"states": "RUNNING"})).json()["apps"]["app"]
    return next(str(row["id"]) for row in rows if user in {"", row["user"]})


@pytest.mark.parametrize("name", BODIES)
async def test_body_has_no_field_or_type_of_its_own(http: httpx.AsyncClient, name: str) -> None:
    expect_known((await http.get(f"/{name}")).json(), recorded(name))


async def test_applications_have_no_field_or_type_of_their_own(http: httpx.AsyncClient) -> None:
    app_id = await an_id(http)
    one, real = (await http.get(f"/apps/{app_id}")).json(), recorded("app")
    expect_known(one, real)
    expect_known((await http.get(f"/apps/{app_id}/appattempts")).json(), recorded("app-attempts"))


async def test_empty_list(http: httpx.AsyncClient) -> None:
    found = await http.get("/apps", params={"applicationTypes": "NOTHING"})
    assert found.json() == recorded("apps-empty")


async def test_caller_without_the_right_sees_the_same_zeros(http: httpx.AsyncClient) -> None:
    app_id = await an_id(http)
    whole = (await http.get(f"/apps/{app_id}")).json()["app"]
    body = (await http.get(f"/apps/{app_id}", params={"user.name": "carol"})).json()["app"]
    rows = recorded("apps-hidden-from-the-caller")["apps"]["app"]
    hidden = next(row for row in rows if row["user"] != "carol" and row["state"] == "RUNNING")
    real = recorded("app")["app"]
    assert set(whole) - set(body) == (set(real) - set(hidden)) & set(whole)
    changed = {key for key in body if body[key] == 0 and whole[key]}
    assert changed == {key for key in body if hidden.get(key) == 0 and whole[key]}


async def test_kill_by_nobody(http: httpx.AsyncClient) -> None:
    made = await http.put(f"/apps/{await an_id(http)}/state", json={"state": "KILLED"})
    assert told(made) == answer("kill-as-nobody")


async def test_kill_without_the_right(http: httpx.AsyncClient) -> None:
    app_id, carol = await an_id(http), {"user.name": "carol"}
    made = await http.put(f"/apps/{app_id}/state", params=carol, json={"state": "KILLED"})
    status, media, words = answer("kill-as-carol")
    assert told(made) == (status, media, APP_ID.sub(app_id, words))


async def test_kill_with_the_right_and_again(
    http: httpx.AsyncClient, platform: PlatformStandIn
) -> None:
    app_id, admin = await an_id(http), {"user.name": "dangjik"}
    path = f"/apps/{app_id}/state"
    made = await http.put(path, params=admin, json={"state": "KILLED"})
    assert told(made) == answer("kill-as-bot")
    assert made.headers["location"].endswith(f"{BASE}{path}")
    state = ""
    while state != "KILLED":
        state = (await http.get(path)).json()["state"]
    again = await http.put(path, params={"user.name": "carol"}, json={"state": "KILLED"})
    assert told(again) == answer("kill-again")


async def test_kill_that_does_not_call_itself_json(http: httpx.AsyncClient) -> None:
    path = f"/apps/{await an_id(http)}/state"
    made = await http.put(path, params={"user.name": "dangjik"}, content=KILL)
    assert told(made) == answer("kill-wrong-content-type")


async def test_empty_name_of_a_user(http: httpx.AsyncClient) -> None:
    made, real = told(await http.get("/apps", params={"user.name": ""})), answer("empty-user-name")
    assert made[:2] == real[:2]
    title = re.compile(r"<title>.*</title>")
    assert title.findall(made[2]) == title.findall(real[2])


@pytest.mark.parametrize(
    ("name", "query"),
    [("bad-deselects", {"deSelects": "nonsense"}), ("bad-states", {"states": "nonsense"})],
)
async def test_bad_query(http: httpx.AsyncClient, name: str, query: dict[str, str]) -> None:
    assert told(await http.get("/apps", params=query)) == answer(name)


async def test_standby(platform: PlatformStandIn) -> None:
    assert platform.yarn_standby_url
    async with httpx.AsyncClient(trust_env=False) as client:
        made = await client.get(f"{platform.yarn_standby_url}{BASE}/apps?states=RUNNING")
    assert told(made) == answer("standby")
    assert made.headers["location"] == f"{platform.yarn_url}{BASE}/apps?states=RUNNING"
