"""YARN on its bad days: each answer that looks like something else ends as what it is."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.backends.http import HttpLimits, make_client
from bot.backends.yarn import DESELECTS, YarnApplications
from bot.domain.applications import Application, ApplicationRef, ApplicationState, KillOutcome
from bot.errors import BackendError, FaultKind
from bot.sandbox.platform import Kind, PlatformStandIn, load
from bot.sandbox.platform.stand_in import YARN, YARN_STANDBY
from tests.contract.kills import kill
from tests.contract.yarn_bodies import (
    RUNNING_ID,
    UNKNOWN_ID,
    ResourceManager,
    application,
    remote_exception,
)

CLUSTER = "prod"
QUICK = HttpLimits(read_s=2.0, send_s=2.0)  # short for what hangs, long for a busy machine
REF = ApplicationRef(CLUSTER, "yarn", RUNNING_ID)
KILL_PATH = f"apps/{RUNNING_ID}/state"


@pytest.fixture
async def platform() -> AsyncIterator[PlatformStandIn]:
    stand_in = PlatformStandIn(load("incident"), seed=3)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def yarn(platform: PlatformStandIn) -> AsyncIterator[YarnApplications]:
    async with make_client() as client:
        addresses = [platform.yarn_url, platform.yarn_standby_url]
        yield YarnApplications(CLUSTER, addresses, client, limits=QUICK)


@pytest.fixture
def manager() -> ResourceManager:
    return ResourceManager()


@pytest.fixture
async def single(manager: ResourceManager) -> AsyncIterator[YarnApplications]:
    async with make_client(transport=manager) as client:
        yield YarnApplications(CLUSTER, ["http://rm:8088"], client, limits=QUICK)


async def some(yarn: YarnApplications) -> Application:
    return (await yarn.running()).applications[0]


STANDBYS = [Kind.STANDBY, Kind.STANDBY_REFRESH, Kind.NO_ACTIVE]


@pytest.mark.parametrize("kind", STANDBYS)
async def test_a_standby_of_each_kind_is_left_for_the_active_one(
    platform: PlatformStandIn, yarn: YarnApplications, kind: Kind
) -> None:
    """After a failover the next read asks every address for its haState and goes on."""
    app = await some(yarn)
    await platform.failover()
    platform.faults[YARN].clear()
    await platform.fault(YARN, kind)
    assert (await yarn.running()).applications
    assert await yarn.find(app.ref) is not None


@pytest.mark.parametrize("kind", STANDBYS)
async def test_no_active_one_at_all_is_told_as_standby(
    platform: PlatformStandIn, yarn: YarnApplications, kind: Kind
) -> None:
    """Two standbys are no answer; the error says what each is."""
    await platform.fault(YARN, kind)
    with pytest.raises(BackendError) as raised:
        await yarn.running()
    assert raised.value.missing.kind is FaultKind.STANDBY
    assert raised.value.missing.detail.count("STANDBY") == 2


@pytest.mark.parametrize("kind", STANDBYS)
async def test_a_kill_at_a_standby_is_refused_and_not_sent_on(
    platform: PlatformStandIn, yarn: YarnApplications, kind: Kind
) -> None:
    """A failover between read and kill: a definite no, and no request reached an active one."""
    app = await some(yarn)
    await platform.failover()
    platform.faults[YARN].clear()
    await platform.fault(YARN, kind)
    answer = await kill(yarn, app.ref, "test")
    assert answer.outcome is KillOutcome.REFUSED
    assert not platform.kill_requests
    assert (await yarn.find(app.ref)) is not None  # the next read finds the new active one


async def test_a_dead_active_one_is_left_for_the_other(
    platform: PlatformStandIn, yarn: YarnApplications
) -> None:
    """A refused connection makes the reader look for the active one again."""
    await some(yarn)
    await platform.failover()
    await platform.fault(YARN, Kind.REFUSED)
    assert (await yarn.running()).applications


async def test_a_hanging_standby_does_not_delay_the_active_one(
    platform: PlatformStandIn, yarn: YarnApplications
) -> None:
    """The first address that says ACTIVE is taken; nobody waits for the rest."""
    platform.faults[YARN_STANDBY].clear()
    await platform.fault(YARN_STANDBY, Kind.HANG)
    assert (await yarn.running()).applications


async def test_every_request_names_the_user(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """user.name goes with reads and with the kill."""
    await single.running()
    await single.find(REF)
    await kill(single, REF, "test")
    assert {request.url.params.get("user.name") for request in manager.requests} == {"dangjik"}


FORBIDDEN = [
    "Unable to obtain user name, user not authenticated",
    "The default static user cannot carry out this operation.",
    f"Unauthorized attempt to kill appid {RUNNING_ID} by remote user dangjik",
]


@pytest.mark.parametrize("words", FORBIDDEN)
async def test_a_plain_text_403_refuses_the_kill_in_its_own_words(
    manager: ResourceManager, single: YarnApplications, words: str
) -> None:
    """403s are no JSON; what they say is what the approver reads."""
    manager.overrides[KILL_PATH] = httpx.Response(403, text=words)
    answer = await kill(single, REF, "test")
    assert answer.outcome is KillOutcome.REFUSED
    assert words in answer.detail
    assert len(manager.kills) == 1


async def test_a_plain_text_403_on_a_read_is_refused(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """A read without rights says so."""
    manager.overrides["apps"] = httpx.Response(403, text=FORBIDDEN[0])
    with pytest.raises(BackendError) as raised:
        await single.running()
    assert raised.value.missing.kind is FaultKind.REFUSED
    assert FORBIDDEN[0] in raised.value.missing.detail


async def test_a_401_asking_for_kerberos_is_refused(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """Without a ticket neither reads nor kills are done."""
    challenge = httpx.Response(401, headers={"WWW-Authenticate": "Negotiate"}, text="who?")
    manager.overrides["apps"] = challenge
    manager.overrides[KILL_PATH] = challenge
    with pytest.raises(BackendError) as raised:
        await single.running()
    assert raised.value.missing.kind is FaultKind.REFUSED
    assert (await kill(single, REF, "test")).outcome is KillOutcome.REFUSED


@pytest.mark.parametrize("state", ["FINISHED", "FAILED", "KILLED"])
async def test_a_200_with_an_ended_state_is_accepted_and_told(
    manager: ResourceManager, single: YarnApplications, state: str
) -> None:
    """200 is no proof of a kill: the state in the body is handed on, a read decides."""
    manager.overrides[KILL_PATH] = httpx.Response(200, json={"state": state})
    answer = await kill(single, REF, "test")
    assert answer.outcome is KillOutcome.ACCEPTED
    assert state in answer.detail


async def test_a_202_is_accepted_with_the_state_of_the_moment(single: YarnApplications) -> None:
    """202 comes with the old state."""
    answer = await kill(single, REF, "test")
    assert (answer.outcome, answer.detail) == (KillOutcome.ACCEPTED, "202 state RUNNING")


async def test_a_404_refuses_the_kill_and_finds_nothing(single: YarnApplications) -> None:
    """RemoteException NotFoundException: the cluster does not know the application."""
    unknown = ApplicationRef(CLUSTER, "yarn", UNKNOWN_ID)
    assert await single.find(unknown) is None
    answer = await kill(single, unknown, "test")
    assert answer.outcome is KillOutcome.REFUSED
    assert "not found" in answer.detail


async def test_a_404_that_is_not_yarns_is_no_proof_of_absence(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """A proxy's 404 page must not be read as "the application is gone"."""
    manager.overrides[f"apps/{RUNNING_ID}"] = httpx.Response(404, text="<html>nginx</html>")
    with pytest.raises(BackendError) as raised:
        await single.find(REF)
    assert raised.value.missing.kind is FaultKind.BAD_ANSWER


async def test_a_400_refuses_the_kill(manager: ResourceManager, single: YarnApplications) -> None:
    """BadRequestException: nothing was done."""
    words = "Only 'KILLED' is allowed as a target state."
    manager.overrides[KILL_PATH] = remote_exception(400, "BadRequestException", words)
    answer = await kill(single, REF, "test")
    assert answer.outcome is KillOutcome.REFUSED
    assert words in answer.detail


MAYBE = [
    Kind.SERVER_ERROR,
    Kind.UNAVAILABLE,
    Kind.HTML,
    Kind.CUT_BODY,
    Kind.DROP_RESPONSE,
    Kind.HANG,
]


@pytest.mark.parametrize("kind", MAYBE)
async def test_a_kill_without_a_clear_answer_is_unknown_and_sent_once(
    platform: PlatformStandIn, yarn: YarnApplications, kind: Kind
) -> None:
    """It may have been done; a repeat could hit something else, so there is none."""
    app = await some(yarn)
    await platform.fault(YARN, kind, match="PUT")
    answer = await kill(yarn, app.ref, "test")
    assert answer.outcome is KillOutcome.UNKNOWN
    assert answer.detail
    assert platform.kill_count(app.ref.id) == 1


async def test_a_kill_that_cannot_connect_was_not_sent(platform: PlatformStandIn) -> None:
    """A refused connection is known to have done nothing."""
    async with httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0)) as client:
        yarn = YarnApplications(CLUSTER, [platform.yarn_url], client, limits=QUICK)
        send = await yarn.prepare(REF)
        await platform.fault(YARN, Kind.REFUSED)
        answer = await send("test", lambda: 1.0)
    assert answer.outcome is KillOutcome.UNSENT
    assert "connection refused" in answer.detail
    assert not platform.kill_requests


async def test_a_redirect_loop_ends_at_once(
    platform: PlatformStandIn, yarn: YarnApplications
) -> None:
    """Redirects are never followed, so a loop is one answer; a kill goes out once."""
    app = await some(yarn)
    await platform.fault(YARN, Kind.REDIRECT_LOOP)
    with pytest.raises(BackendError):
        await yarn.running()
    await platform.clear_faults(YARN)
    await some(yarn)
    await platform.fault(YARN, Kind.REDIRECT_LOOP, match="PUT")
    answer = await kill(yarn, app.ref, "test")
    assert answer.outcome is KillOutcome.REFUSED
    assert platform.kill_count(app.ref.id) == 1


@pytest.mark.parametrize("body", [{"apps": None}, {"apps": {}}, {}, {"apps": {"app": []}}])
async def test_every_form_of_an_empty_list_is_empty(
    manager: ResourceManager, single: YarnApplications, body: dict[str, Any]
) -> None:
    """Versions differ in how they write "none"."""
    manager.overrides["apps"] = httpx.Response(200, json=body)
    assert not (await single.running()).applications


async def test_one_application_may_come_as_an_object(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """A list of one written as the element itself is read as a list of one."""
    manager.overrides["apps"] = httpx.Response(200, json={"apps": {"app": application()}})
    assert [app.ref for app in (await single.running()).applications] == [REF]


@pytest.mark.parametrize("body", [[], "x", {"RemoteException": {}}, {"apps": 3}])
async def test_a_body_that_is_no_list_is_a_bad_answer(
    manager: ResourceManager, single: YarnApplications, body: object
) -> None:
    """JSON of another shape is not an empty cluster."""
    manager.overrides["apps"] = httpx.Response(200, json=body)
    with pytest.raises(BackendError) as raised:
        await single.running()
    assert raised.value.missing.kind is FaultKind.BAD_ANSWER


async def test_rows_without_sense_are_left_out_and_counted(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """One broken row does not hide the others, and is not silent."""
    rows = [application(), {"id": "../../x", "state": "RUNNING"}, {"id": UNKNOWN_ID, "state": 7}]
    manager.overrides["apps"] = httpx.Response(200, json={"apps": {"app": rows}})
    found = await single.running()
    assert len(found.applications) == 1
    assert "2 applications" in found.missing[0].detail


async def test_minus_one_means_that_nothing_is_held_any_more(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """An ended application holds unknown, not minus one, cores."""
    manager.applications[RUNNING_ID] = application(
        state="FINISHED",
        finalStatus="SUCCEEDED",
        allocatedMB=-1,
        allocatedVCores=-1,
        runningContainers=-1,
        finishedTime=1790000900000,
    )
    found = await single.find(REF)
    assert found is not None
    assert found.state is ApplicationState.FINISHED
    assert (found.granted_cores, found.granted_memory, found.containers) == (None, None, None)
    assert found.finished_at is not None


async def test_a_new_attempt_is_seen(manager: ResourceManager, single: YarnApplications) -> None:
    """/appattempts names the newest attempt before the list's container id does."""
    path = f"apps/{RUNNING_ID}/appattempts"
    attempts = {"appAttempts": {"appAttempt": [{"id": 1}, {"id": 3}, {"id": 2}]}}
    manager.overrides[path] = httpx.Response(200, json=attempts)
    found = await single.find(REF)
    assert found is not None
    assert found.attempt == 3
    assert (await single.running()).applications[0].attempt == 2  # from the container id


async def test_an_old_version_without_attempts_keeps_that_of_the_container(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """A missing list of attempts does not lose the application."""
    manager.overrides[f"apps/{RUNNING_ID}/appattempts"] = httpx.Response(404, text="?")
    found = await single.find(REF)
    assert found is not None
    assert found.attempt == 2


async def test_an_old_version_gets_the_words_it_knows(
    platform: PlatformStandIn, yarn: YarnApplications
) -> None:
    """400 for deSelects: the shorter list is tried, then none."""
    await platform.fault(YARN, Kind.OLD_VERSION)
    assert (await yarn.running()).applications


async def test_a_version_that_refuses_every_deselect_is_asked_without(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """The fallback is remembered: the next list is one request again."""
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/apps"):
            asked.append(request.url.params.get("deSelects", ""))
            if asked[-1]:
                return remote_exception(400, "BadRequestException", "Invalid deSelects string")
        return await manager.handle_async_request(request)

    async with make_client(transport=httpx.MockTransport(answer)) as client:
        yarn = YarnApplications(CLUSTER, ["rm:8088"], client)
        assert (await yarn.running()).applications
        assert asked == list(DESELECTS)
        await yarn.running()
        assert asked == [*DESELECTS, ""]


async def test_the_reason_travels_as_diagnostics_on_one_bounded_line(
    manager: ResourceManager, single: YarnApplications
) -> None:
    """Who approved stands in YARN's own record; nobody can write a second line into it."""
    await kill(single, REF, "approved by U1\nfake: line\u202e" + "x" * 900)
    sent = json.loads(manager.kills[0].content)
    assert sent["state"] == "KILLED"
    assert sent["diagnostics"].startswith("approved by U1 fake: line")
    assert len(sent["diagnostics"]) == 200


async def test_an_error_shows_no_password() -> None:
    """An address may carry a password; errors show host and port alone."""
    async with make_client() as client:
        yarn = YarnApplications(CLUSTER, ["http://u:s3cret@127.0.0.1:9"], client, limits=QUICK)
        with pytest.raises(BackendError) as raised:
            await yarn.running()
    assert raised.value.missing.kind is FaultKind.UNREACHABLE
    assert "127.0.0.1:9" in str(raised.value)
    assert "s3cret" not in str(raised.value)
    assert "user.name" not in str(raised.value)
