"""A data platform on loopback: YARN's ResourceManager REST and Prometheus over one model."""

from .alert_loop import AlertLoop
from .faults import Kind
from .scenario import AppSpec, Scenario, ScenarioError, load
from .stand_in import PlatformStandIn
from .yarn_api import KillRequest

__all__ = [
    "AlertLoop",
    "AppSpec",
    "KillRequest",
    "Kind",
    "PlatformStandIn",
    "Scenario",
    "ScenarioError",
    "load",
]
