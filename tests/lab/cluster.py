"""What the lab asks of a cluster, whichever it is, and the loads submitted to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

HOST = "127.0.0.1"
LIGHT = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
APPLICATION = Path(__file__).with_name("apps") / "burn.py"
LIFE_S = 1800  # of an application nobody kills
START_S, RUN_S = 90.0, 120.0


@dataclass(frozen=True, slots=True)
class Load:
    """An application to submit: what it is called, the cores it is granted, and what it does.

    `queue` and `mode` (Spark's deploy mode) are YARN's.
    """

    name: str
    user: str
    cores: int
    tasks: int
    busy: float  # part of the time each task computes
    queue: str = "prod"
    mode: str = "cluster"

    @property
    def work(self) -> list[str]:
        """Return the arguments of burn.py."""
        return [self.name, str(LIFE_S), str(self.tasks), str(self.busy)]


class Cluster(Protocol):
    """A real scheduler with real Spark applications on it."""

    @property
    def settings(self) -> Mapping[str, str]:
        """Return the bot's settings for it."""
        ...

    async def submit(self, load: Load) -> None:
        """Submit an application; see `running`."""
        ...

    async def running(self, client: httpx.AsyncClient, *names: str) -> dict[str, str]:
        """Wait until these applications run; return their ids by name. Raises LabError."""
        ...

    async def killed(self, client: httpx.AsyncClient, *ids: str) -> bool:
        """Tell whether the scheduler has all of them as KILLED."""
        ...

    async def left(self, client: httpx.AsyncClient) -> list[str]:
        """Return the ids of what has not ended."""
        ...
