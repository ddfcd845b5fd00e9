"""The doctor's findings per backend; nothing is ever killed by looking."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.backends.build import Backends, build_backends
from bot.doctor.examination import check_backends
from bot.doctor.findings import Level
from bot.sandbox.platform import Kind, PlatformStandIn, load
from bot.sandbox.platform.stand_in import PROMETHEUS, YARN, wall_clock
from bot.settings import Settings, load_settings
from tests.contract.spark_master import SparkMaster, versions


@pytest.fixture
async def platform() -> AsyncIterator[PlatformStandIn]:
    stand_in = PlatformStandIn(load("incident"), seed=3)
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def master() -> AsyncIterator[SparkMaster]:
    made = SparkMaster(versions()[-1])
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def settings(platform: PlatformStandIn, master: SparkMaster) -> Settings:
    return load_settings(
        _env_file=None,
        yarn_url=(platform.yarn_url, platform.yarn_standby_url),
        prometheus_url=platform.prometheus_url,
        spark_master_url=(master.url,),
    )


async def findings(settings: Settings) -> dict[str, Level]:
    async with build_backends(settings, wall_clock) as backends:
        return {check.key: check.level for check in await check_backends(backends)}


async def test_a_healthy_platform_is_named_whole(
    settings: Settings, platform: PlatformStandIn
) -> None:
    """Active and standby, versions, rights, proved on what had ended by itself."""
    async with build_backends(settings, wall_clock) as backends:
        assert backends.yarn is not None
        before = {app.ref for app in (await backends.yarn.running()).applications}
        checks = await check_backends(backends)
        after = {app.ref for app in (await backends.yarn.running()).applications}
    assert {check.level for check in checks} == {Level.OK}
    assert {check.key for check in checks} == {
        "yarn_active",
        "yarn_standby",
        "yarn_kill_proved",
        "spark_master",
        "spark_kill_offered",
        "prometheus_found",
        "prometheus_applications",
    }
    values = {check.key: check.values for check in checks}
    assert values["yarn_active"]["version"] == "3.3.6"
    assert values["prometheus_found"]["version"] == "2.42.0"
    assert platform.kill_requests
    assert not {request.application_id for request in platform.kill_requests} & {
        ref.id for ref in before
    }
    assert before == after


async def test_a_caller_yarn_does_not_know_is_a_failure(
    settings: Settings, platform: PlatformStandIn
) -> None:
    """403 in plain text: the fix is the user or the authentication."""
    await platform.fault(YARN, Kind.UNAUTHORIZED, match="PUT")
    found = await findings(settings)
    assert found["yarn_kill_forbidden"] is Level.FAIL


async def test_no_active_resource_manager_is_a_failure(
    settings: Settings, platform: PlatformStandIn
) -> None:
    """Two standbys: nothing can be read or killed."""
    await platform.fault(YARN, Kind.STANDBY)
    found = await findings(settings)
    assert found["yarn_no_active"] is Level.FAIL
    assert "yarn_kill_reachable" not in found


async def test_an_unclear_answer_to_the_trial_is_a_warning(
    settings: Settings, platform: PlatformStandIn
) -> None:
    """A 500 neither proves nor disproves the right."""
    await platform.fault(YARN, Kind.SERVER_ERROR, match="PUT")
    assert (await findings(settings))["yarn_kill_unknown"] is Level.WARN


async def test_kills_switched_off_at_the_master_are_a_failure(
    settings: Settings, master: SparkMaster
) -> None:
    """Something runs and the page offers no kill; with nothing running it cannot be told."""
    master.kill_enabled = False
    assert (await findings(settings))["spark_kill_off"] is Level.FAIL
    master.body["activeapps"] = []
    assert (await findings(settings))["spark_kill_untried"] is Level.WARN
    assert not master.posts


async def test_a_dead_master_is_a_failure(settings: Settings, master: SparkMaster) -> None:
    """No alive master at any address."""
    await master.refuse()
    found = await findings(settings)
    assert found["backend_failed"] is Level.WARN
    assert found["spark_no_alive"] is Level.FAIL


async def test_a_page_that_fails_is_told(settings: Settings, master: SparkMaster) -> None:
    """The master lives and its page does not answer properly."""
    master.page_status = 403
    assert (await findings(settings))["backend_failed"] is Level.WARN


async def test_prometheus_without_exporters_is_named(
    settings: Settings, platform: PlatformStandIn
) -> None:
    """No CPU series is a failure; no per-application series a warning."""
    await platform.fault(PROMETHEUS, Kind.EMPTY)
    found = await findings(settings)
    assert found["prometheus_no_cpu"] is Level.FAIL
    assert found["cores_none"] is Level.WARN


async def test_prometheus_refused_is_a_failure(
    settings: Settings, platform: PlatformStandIn
) -> None:
    """Configured and not there."""
    await platform.fault(PROMETHEUS, Kind.REFUSED)
    assert (await findings(settings))["backend_failed"] is Level.FAIL


async def test_nothing_configured_is_a_failure() -> None:
    """Without applications there is no product; without Prometheus there is less of it."""
    checks = await asyncio.wait_for(check_backends(Backends()), 1)
    assert {check.key: check.level for check in checks} == {
        "backend_none": Level.FAIL,
        "prometheus_none": Level.WARN,
    }
