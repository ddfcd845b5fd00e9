"""`python -m bot run` in processes of its own, forked from one that has the product imported.

A start then takes a fraction of a second, so that a test can afford to end many.
"""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Any

from pydantic import SecretStr

from bot.__main__ import main
from bot.sandbox.slack.server import SlackStandIn
from bot.settings import Settings

SOCKETS = 2  # that each replica opens
START = 180.0  # seconds; importing takes long on a busy machine


@cache
def forks() -> ForkServerContext:
    """Return the context whose processes begin with the product imported."""
    context = multiprocessing.get_context("forkserver")
    preloaded = ("processes", "replicas", "warmed")
    context.set_forkserver_preload([f"tests.reliability.{name}" for name in preloaded])
    return context


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings as the environment tells them."""
    given = settings.model_dump(exclude_defaults=True)
    return {name.upper(): _told(value) for name, value in given.items() if value is not None}


def _told(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def serve(environment: dict[str, str], folder: Path, log: Path) -> None:
    """Be `dangjik run`, its output in a file."""
    os.chdir(folder)
    os.environ.update(environment)  # noqa: TID251 - a new process is given its settings
    to = os.open(log, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.dup2(to, 1)
    os.dup2(to, 2)
    sys.argv = ["dangjik", "run"]
    main()


@dataclass
class Replicas:
    """The running processes over one set of settings; `exits` holds the codes of ended ones."""

    slack: SlackStandIn
    settings: Settings
    folder: Path
    running: list[ForkServerProcess] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)

    @property
    def log(self) -> str:
        """What all of them have said."""
        return (self.folder / "log").read_text(encoding="utf-8")

    async def start(self) -> ForkServerProcess:
        """Start one more and wait until it is connected."""
        there = {each.number for each in self.slack.sockets.connections}
        context = forks()
        arguments = (environment_of(self.settings), self.folder, self.folder / "log")
        process = context.Process(target=serve, args=arguments)
        await asyncio.to_thread(process.start)
        self.running.append(process)

        def connected(_: object) -> bool:
            fresh = [each for each in self.slack.sockets.connections if each.number not in there]
            return len(fresh) >= SOCKETS

        await self.slack.wait_for(connected, START)
        return process

    async def end(self, process: ForkServerProcess, how: Signals, within: float = 60.0) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        os.kill(process.pid or 0, how)
        return await self.ended(process, within)

    async def ended(self, process: ForkServerProcess, within: float = 60.0) -> int:
        """Wait for a process to end; return its exit code. Raises TimeoutError."""
        await asyncio.to_thread(process.join, within)
        code = process.exitcode
        if code is None:
            raise TimeoutError
        self.running.remove(process)
        process.close()
        self.exits.append(code)
        return code

    async def kill(self, process: ForkServerProcess) -> None:
        """End one as the kernel does when memory is short."""
        await self.end(process, SIGKILL)

    async def terminate(self, process: ForkServerProcess, within: float = 60.0) -> int:
        """Ask one to stop, as an orchestrator does; return its exit code."""
        return await self.end(process, SIGTERM, within)


@asynccontextmanager
async def replicas(
    slack: SlackStandIn, settings: Settings, folder: Path
) -> AsyncIterator[Replicas]:
    """Give a way to start replicas; whatever still runs at the end is killed."""
    made = Replicas(slack, settings, folder)
    try:
        yield made
    finally:
        for process in list(made.running):
            await made.kill(process)
