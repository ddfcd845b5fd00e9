"""A data platform on loopback: YARN's ResourceManager REST and Prometheus over one model."""

from .alert_loop import AlertLoop
from .faults import Kind
from .scenario import Scenario, ScenarioError, load
from .stand_in import PlatformStandIn

__all__ = [
    "AlertLoop",
    "Kind",
    "PlatformStandIn",
    "Scenario",
    "ScenarioError",
    "load",
]
