"""Spark standalone masters: versions with and without token, and every way a kill can end."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.backends.http import HttpLimits, make_client
from bot.backends.spark_standalone import SparkStandalone, csrf_token, offers_kill
from bot.domain.applications import ApplicationRef, ApplicationState, KillOutcome
from bot.errors import BackendError, FaultKind
from bot.sandbox.platform import Kind
from tests.contract.kills import kill
from tests.contract.spark_master import FIXTURES, TOKEN, SparkMaster, Version, versions

CLUSTER = "lab"
QUICK = HttpLimits(read_s=2.0, send_s=2.0)  # short for what hangs, long for a busy machine
NEWEST = versions()[-1]
OLDEST = versions()[0]
ETL = ApplicationRef(CLUSTER, "spark", "app-20261122120809-0003")
DRIVER = ApplicationRef(CLUSTER, "spark", "driver-20261122121311-0000")


@pytest.fixture
async def master() -> AsyncIterator[SparkMaster]:
    made = SparkMaster(NEWEST)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def spark(master: SparkMaster) -> AsyncIterator[SparkStandalone]:
    async with make_client() as client:
        yield SparkStandalone(CLUSTER, [master.url], client, limits=QUICK)


def by_version(version: Version) -> str:
    return version.spark


@pytest.mark.parametrize("version", versions(), ids=by_version)
async def test_the_token_is_sent_where_the_page_has_one(version: Version) -> None:
    """4.0.5, 4.1.4, 4.2.1 and 4.3.0 want it; 3.5.8, 3.5.9 and 4.1.1 know none."""
    master = SparkMaster(version)
    await master.start()
    async with make_client() as client:
        spark = SparkStandalone(CLUSTER, [master.url], client)
        app = (await spark.running()).applications[0]
        answer = await kill(spark, app.ref, "test")
        found = await spark.find(app.ref)
    await master.stop()
    expected = {"id": app.ref.id, "terminate": "true"}
    assert master.posts == [expected | ({"csrfToken": TOKEN} if version.wants_token else {})]
    assert answer.outcome is KillOutcome.ACCEPTED
    assert found is not None
    assert found.state is ApplicationState.KILLED


@pytest.mark.parametrize("version", [v for v in versions() if v.page], ids=by_version)
def test_recorded_pages_give_form_and_token(version: Version) -> None:
    """The form stands beside every running application, the token in it where it is wanted."""
    assert version.page is not None
    page = version.page.read_bytes()
    assert csrf_token(page) == (TOKEN if version.wants_token else None)
    assert offers_kill(page, "/app/kill/")
    assert not offers_kill(page, "/driver/kill/")


async def test_kills_switched_off_are_refused_without_sending(
    master: SparkMaster, spark: SparkStandalone
) -> None:
    """spark.ui.killEnabled=false takes the forms off the page, in every version."""
    master.kill_enabled = False
    answer = await kill(spark, ETL, "test")
    assert answer.outcome is KillOutcome.REFUSED
    assert "offers no kill" in answer.detail
    assert not master.posts


@pytest.mark.parametrize("version", [OLDEST, NEWEST], ids=by_version)
async def test_kills_switched_off_in_old_and_new_versions(version: Version) -> None:
    """Before 4.0 such a master answered 302 and did nothing: only the page tells."""
    master = SparkMaster(version, kill_enabled=False)
    await master.start()
    async with make_client() as client:
        spark = SparkStandalone(CLUSTER, [master.url], client)
        ref = (await spark.running()).applications[0].ref
        answer = await kill(spark, ref, "test")
        found = await spark.find(ref)
    await master.stop()
    assert answer.outcome is KillOutcome.REFUSED
    assert found is not None
    assert found.state is ApplicationState.RUNNING


async def test_a_405_refuses(master: SparkMaster, spark: SparkStandalone) -> None:
    """Kills switched off after the page was read: the POST itself says no."""
    master.kill_enabled = False
    master.page_lags = True
    answer = await kill(spark, ETL, "test")
    assert answer.outcome is KillOutcome.REFUSED
    assert "405" in answer.detail


async def test_without_permission_the_302_is_accepted_and_the_read_shows_it_running(
    master: SparkMaster, spark: SparkStandalone
) -> None:
    """A user the ACLs do not allow gets the same 302; nothing is killed."""
    master.permission = False
    answer = await kill(spark, ETL, "test")
    assert answer.outcome is KillOutcome.ACCEPTED
    found = await spark.find(ETL)
    assert found is not None
    assert found.state is ApplicationState.RUNNING
    assert len(master.posts) == 1


async def test_a_finished_application_is_found_among_the_completed(
    master: SparkMaster, spark: SparkStandalone
) -> None:
    """Its state says how it ended, and the end is start plus duration."""
    master.end(ETL.id, "FINISHED")
    found = await spark.find(ETL)
    assert found is not None
    assert found.state is ApplicationState.FINISHED
    assert found.finished_at is not None
    assert found.started_at is not None
    assert (found.finished_at - found.started_at).total_seconds() == pytest.approx(43.43)
    assert found.granted_cores == 0


async def test_an_application_in_no_list_is_gone(
    master: SparkMaster, spark: SparkStandalone
) -> None:
    """The completed ones are bounded and can be cleared: absent means gone, not an error."""
    master.body["activeapps"] = []
    assert await spark.find(ETL) is None


async def test_only_a_standby_left_is_told(master: SparkMaster, spark: SparkStandalone) -> None:
    """A standby's empty lists are not an empty cluster; no kill is sent to it."""
    master.status = "STANDBY"
    with pytest.raises(BackendError) as raised:
        await spark.running()
    assert raised.value.missing.kind is FaultKind.STANDBY
    with pytest.raises(BackendError):
        await spark.prepare(ETL)
    assert not master.posts


async def test_the_alive_master_is_found_again_after_a_takeover(master: SparkMaster) -> None:
    """The master last seen alive is asked first; when it is a standby the others are asked."""
    other = SparkMaster(NEWEST, status="STANDBY")
    await other.start()
    async with make_client() as client:
        spark = SparkStandalone(CLUSTER, [master.url, other.url], client, limits=QUICK)
        await spark.running()
        asked = other.reads
        await spark.running()
        assert other.reads == asked
        master.status, other.status = "STANDBY", "ALIVE"
        assert (await spark.running()).applications
        await kill(spark, ETL, "test")
        await master.refuse()
        assert await spark.find(ETL) is not None
    await other.stop()
    assert not master.posts
    assert len(other.posts) == 1


async def test_a_bearer_opens_a_master_behind_a_jws_filter(master: SparkMaster) -> None:
    """Without it everything is 403 with the reason in an HTML title."""
    master.bearer = "header.claims.signature"
    headers = {"Authorization": f"Bearer {master.bearer}"}
    async with make_client() as nobody, make_client(headers=headers) as somebody:
        with pytest.raises(BackendError) as raised:
            await SparkStandalone(CLUSTER, [master.url], nobody).running()
        assert raised.value.missing.kind is FaultKind.REFUSED
        assert "Authorization header is missing." in raised.value.missing.detail
        spark = SparkStandalone(CLUSTER, [master.url], somebody)
        assert (await spark.running()).applications
        assert (await kill(spark, ETL, "test")).outcome is KillOutcome.ACCEPTED


MAYBE = [Kind.SERVER_ERROR, Kind.HTML, Kind.CUT_BODY, Kind.DROP_RESPONSE, Kind.HANG]


@pytest.mark.parametrize("kind", MAYBE)
async def test_a_kill_without_a_clear_answer_is_unknown_and_sent_once(
    master: SparkMaster, spark: SparkStandalone, kind: Kind
) -> None:
    """No retry: whether it was done is for a read to tell."""
    master.fault(kind, "POST")
    answer = await kill(spark, ETL, "test")
    assert answer.outcome is KillOutcome.UNKNOWN
    assert len(master.posts) == 1


async def test_a_page_that_cannot_be_read_sends_no_kill(
    master: SparkMaster, spark: SparkStandalone
) -> None:
    """Without the page it is unknown whether a token is wanted."""
    master.fault(Kind.HANG, "GET /")
    with pytest.raises(BackendError):
        await spark.prepare(ETL)
    assert not master.posts


async def test_drivers_are_named_apart_and_killed_by_their_own_form() -> None:
    """A supervised driver brings its application back, so it can be found and killed itself."""
    body = json.loads((FIXTURES / "master-json-with-driver.json").read_text())
    master = SparkMaster(NEWEST, body=body, page_is_recorded=False)
    await master.start()
    async with make_client() as client:
        spark = SparkStandalone(CLUSTER, [master.url], client)
        listed = (await spark.running()).applications
        (driver,) = (app for app in listed if app.ref == DRIVER)
        assert driver.kind == "DRIVER"
        assert driver.started_at is not None
        assert driver.started_at.year == 2026  # a text of milliseconds in this list
        assert (await kill(spark, DRIVER, "test")).outcome is KillOutcome.ACCEPTED
        found = await spark.find(DRIVER)
    await master.stop()
    assert found is not None
    assert found.state is ApplicationState.KILLED


async def test_the_recorded_list_is_read_whole(spark: SparkStandalone) -> None:
    """Names, users, cores and totals as Spark 4.3.0 wrote them; memory per application unknown."""
    found = await spark.running()
    assert [(app.name, app.user, app.granted_cores) for app in found.applications] == [
        ("etl_daily_orders", "alice", 2),
        ("clicks_stream", "svc_stream", 2),
        ("ml_train_recs", "bob", 4),
        ("adhoc_notebook", "carol", 1),
    ]
    assert (found.cores_total, found.memory_total) == (16, 16384 * 2**20)
    assert all(app.granted_memory is None for app in found.applications)


async def test_waiting_applications_hold_no_cores(
    master: SparkMaster, spark: SparkStandalone
) -> None:
    """WAITING is a state of its own and counts as waiting."""
    master.body["activeapps"][0] |= {"state": "WAITING", "cores": 0}
    first = (await spark.running()).applications[0]
    assert (first.state, first.granted_cores) == (ApplicationState.WAITING, 0)
    usage = await spark.usage()
    assert (usage.running, usage.waiting) == (3, 1)
