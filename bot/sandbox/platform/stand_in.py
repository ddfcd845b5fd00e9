"""The data platform as one object: YARN (two), Prometheus, Alertmanager, alert."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

from bot.sandbox.local import Listener

from .alert_loop import AlertLoop
from .alertmanager_api import AlertmanagerApi
from .faults import Fault, Faults, Kind
from .model import PlatformModel
from .prometheus_api import PrometheusApi
from .scenario import Scenario
from .yarn_api import KillRequest, YarnApi

YARN, YARN_STANDBY = "yarn", "yarn_standby"
PROMETHEUS, ALERTMANAGER = "prometheus", "alertmanager"
SERVICES = (YARN, YARN_STANDBY, PROMETHEUS, ALERTMANAGER)


def wall_clock() -> datetime:
    """Return the time now, aware."""
    return datetime.now(UTC)


class PlatformStandIn:
    """A data platform on 127.0.0.1.

    `clock` gives aware times; the same scenario, seed, clock and events give the same
    answers. `kill_requests` holds every kill request that arrived, faults or not.
    """

    def __init__(
        self, scenario: Scenario, clock: Callable[[], datetime] = wall_clock, seed: int = 0
    ) -> None:
        self.scenario = scenario
        self._clock = clock
        self.model = PlatformModel(scenario, self.now(), seed)
        self.kill_requests: list[KillRequest] = []
        self.faults = {name: Faults() for name in SERVICES}
        self.alerts = AlertLoop(scenario.alert, scenario.cluster, self.model.cpu_percent, self.now)
        self._prometheus = PrometheusApi(self.model, self.now, self.faults[PROMETHEUS])
        served = {
            name: YarnApi(self.model, self.now, self.faults[name], self.kill_requests).application()
            for name in (YARN, YARN_STANDBY)
        }
        if scenario.prometheus:
            alertmanager = AlertmanagerApi(self.now, self.faults[ALERTMANAGER], self.alerts)
            served[PROMETHEUS] = self._prometheus.application()
            served[ALERTMANAGER] = alertmanager.application()
        self._listeners = {name: Listener(app) for name, app in served.items()}
        self._alerting: asyncio.Task[None] | None = None

    def now(self) -> float:
        """Seconds since the epoch on the injected clock."""
        return self._clock().timestamp()

    def _url(self, service: str) -> str:
        return self._listeners[service].url if service in self._listeners else ""

    @property
    def yarn_url(self) -> str:
        """Address of the active ResourceManager."""
        return self._url(YARN)

    @property
    def yarn_standby_url(self) -> str:
        """Address of the standby ResourceManager, which redirects to the active one."""
        return self._url(YARN_STANDBY)

    @property
    def prometheus_url(self) -> str:
        """Address of Prometheus; empty when the scenario serves YARN only."""
        return self._url(PROMETHEUS)

    @property
    def alertmanager_url(self) -> str:
        """Address of Alertmanager; empty when the scenario serves YARN only."""
        return self._url(ALERTMANAGER)

    async def start(self) -> None:
        """Listen."""
        for listener in self._listeners.values():
            await listener.start()
        await self.fault(YARN_STANDBY, Kind.STANDBY)

    async def stop(self) -> None:
        """End all servers and the alert loop."""
        if self._alerting is not None:
            self._alerting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._alerting
            self._alerting = None
        for faults in self.faults.values():
            faults.clear()
        for listener in self._listeners.values():
            await listener.stop()

    def start_incident(self) -> None:
        """Let the runaway applications loose now."""
        self.model.start_incident(self.now())

    def start_alerting(self, webhook_url: str) -> None:
        """Post alert messages to a Slack incoming webhook from now on."""
        if self._alerting is None:
            self._alerting = asyncio.create_task(self.alerts.run(webhook_url))

    def kill_count(self, application_id: str) -> int:
        """Count the kill requests for one application."""
        return sum(request.application_id == application_id for request in self.kill_requests)

    async def fault(
        self, service: str, kind: Kind | str, match: str = "", times: int | None = None
    ) -> None:
        """Switch a `Fault` on at a service: yarn, yarn_standby, prometheus, alertmanager."""
        kind = Kind(kind)
        other = self.yarn_standby_url if service == YARN else self.yarn_url
        self.faults[service].add(Fault(kind, match, times, other))
        if kind is Kind.STALE:
            self._prometheus.scraped_until = self.now()
        if kind is Kind.REFUSED:
            await self._listeners[service].close()

    async def clear_faults(self, service: str | None = None) -> None:
        """Lift the faults of one service, or of all; the standby stays a standby."""
        for name in SERVICES if service is None else (service,):
            self.faults[name].clear()
            if name == PROMETHEUS:
                self._prometheus.scraped_until = float("inf")
            if name in self._listeners:
                await self._listeners[name].open()
            if name == YARN_STANDBY:
                await self.fault(name, Kind.STANDBY)

    async def failover(self) -> None:
        """Swap the roles: the standby becomes active, the active one redirects to it."""
        self.faults[YARN_STANDBY].clear()
        await self.fault(YARN, Kind.STANDBY)
