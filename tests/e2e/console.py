"""The console as a process of its own, in front of a product that serves its API."""

import asyncio
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.console.people import add_member
from tests.flow.gateway import Gateway, gateway

PASSWORD = "a long enough one"
MEMBERS = ("oncall", "talker")  # names of callers of the gateway


@dataclass
class Running:
    """The gateway, and the console's address."""

    gateway: Gateway
    url: str


@asynccontextmanager
async def running_console(folder: Path) -> AsyncIterator[Running]:
    """Start the product with its API, and the console in front of it."""
    async with gateway(folder, slack=False) as at:
        members = folder / "console-users"
        for name in MEMBERS:
            add_member(members, name, PASSWORD, at.tokens[name])
        command = [sys.executable, "-m", "bot", "console", "--api", at.url]
        command += ["--users", str(members), "--port", "0"]
        log = (folder / "console.log").open("wb")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)  # noqa: ASYNC220 - returns at once
        assert process.stdout is not None
        try:
            told = (await asyncio.to_thread(process.stdout.readline)).decode()
            assert told.startswith("console: "), (folder / "console.log").read_text()
            url = told.removeprefix("console: ").strip()
            await asyncio.to_thread(_answers, url, process)
            yield Running(at, url)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)
            process.stdout.close()
            log.close()


def _answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            continue
    raise AssertionError(f"the console ended with {process.returncode}")
