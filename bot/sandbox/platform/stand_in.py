"""The data platform as one object: YARN (two), Prometheus, Alertmanager, alert."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Unpack

from bot.sandbox.local import Listener

from .alert_loop import AlertLoop
from .alertmanager_api import AlertmanagerApi
from .faults import Fault, FaultOptions, Faults, Kind
from .model import PlatformModel
from .prometheus_api import PrometheusApi
from .scenario import Scenario
from .yarn_api import KillRequest, YarnApi

YARN, YARN_STANDBY, PROMETHEUS = "yarn", "yarn_standby", "prometheus"
ALERTMANAGER = "alertmanager"
ORDER = (YARN, PROMETHEUS, YARN_STANDBY, ALERTMANAGER)
MONITORING = (PROMETHEUS, ALERTMANAGER)


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
        self.faults = {name: Faults() for name in ORDER}
        self.alerts = AlertLoop(scenario.alert, scenario.cluster, self.model.cpu_percent, self.now)
        self._prometheus = PrometheusApi(self.model, self.now, self.faults[PROMETHEUS])
        self._alertmanager = AlertmanagerApi(
            self.now, self.faults[ALERTMANAGER], self.alerts.active
        )
        self.alerts.silenced = self._alertmanager.silenced
        apps = {
            YARN: self._yarn(YARN).application(),
            YARN_STANDBY: self._yarn(YARN_STANDBY).application(),
            PROMETHEUS: self._prometheus.application(),
            ALERTMANAGER: self._alertmanager.application(),
        }
        self._listeners = {
            name: Listener(app)
            for name, app in apps.items()
            if scenario.prometheus or name not in MONITORING
        }
        self._alerting: asyncio.Task[None] | None = None

    def _yarn(self, name: str) -> YarnApi:
        return YarnApi(self.model, self.now, self.faults[name], self.kill_requests)

    def now(self) -> float:
        """Seconds since the epoch on the injected clock."""
        return self._clock().timestamp()

    @property
    def yarn_url(self) -> str:
        """Address of the active ResourceManager."""
        return self._listeners[YARN].url

    @property
    def yarn_standby_url(self) -> str:
        """Address of the standby ResourceManager, which redirects to the active one."""
        return self._listeners[YARN_STANDBY].url

    @property
    def prometheus_url(self) -> str:
        """Address of Prometheus; empty when the scenario serves YARN only."""
        return self._listeners[PROMETHEUS].url if PROMETHEUS in self._listeners else ""

    @property
    def alertmanager_url(self) -> str:
        """Address of Alertmanager; empty when the scenario serves YARN only."""
        return self._listeners[ALERTMANAGER].url if ALERTMANAGER in self._listeners else ""

    async def start(self, port: int = 0) -> None:
        """Listen. With a port: YARN there, the others right after, in the order of `ORDER`."""
        for offset, name in enumerate(ORDER):
            if name in self._listeners:
                await self._listeners[name].start(port + offset if port else 0)
        await self.fault(YARN_STANDBY, Kind.STANDBY, location=self.yarn_url)

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

    async def fault(self, service: str, kind: Kind | str, **options: Unpack[FaultOptions]) -> None:
        """Switch a fault on at a service: yarn, yarn_standby, prometheus, alertmanager."""
        kind = Kind(kind)
        fault = Fault(kind, **options)
        if kind is Kind.STANDBY and not fault.location:
            fault.location = self.yarn_standby_url if service == YARN else self.yarn_url
        self.faults[service].add(fault)
        if kind is Kind.STALE:
            self._prometheus.scraped_until = self.now()
        if kind is Kind.REFUSED:
            await self._listeners[service].close()

    async def clear_faults(self, service: str | None = None) -> None:
        """Lift the faults of one service, or of all; the standby stays a standby."""
        for name in ORDER if service is None else (service,):
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
