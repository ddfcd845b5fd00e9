"""The image as the Dockerfile makes it: an incident played from its root by its own user."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.flow.test_incident import incident
from tests.flow.world import World, world
from tests.free_ports import free_port
from tests.image.container import (
    Container,
    end_of,
    ended,
    replayed,
    running_bot,
    why_not,
)
from tests.image.dockerfile import locked, shipped
from tests.image.incident import alerted, approved, carded, guided
from tests.reliability.replicas import environment_of

COPIES = tuple(
    f"COPY {step.rest}" for stage in shipped() for step in stage.steps if step.word == "COPY"
)
INSTALLS = "pip install --no-deps --no-index"
pytestmark = pytest.mark.xdist_group("image")  # one worker makes the root


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, incident(), documents=True) as made:
        yield made


async def test_an_incident_is_played_from_the_image_and_a_second_start_finds_it(
    container: Container, at: World, tmp_path: Path
) -> None:
    """Asked and answered, healthy by its own command, ended by SIGTERM; the next start goes on."""
    port, log = str(free_port()), tmp_path / "log"
    async with running_bot(container, at, log, HEALTH_PORT=port) as process:
        thread = await alerted(at)
        card = await carded(at, thread, "ko")
        assert container.run(*container.stage.health_command, HEALTH_PORT=port).returncode == 0
        assert await ended(process) == 0, end_of(log)
    async with running_bot(container, at, log, HEALTH_PORT=port) as process:
        await approved(at, card, "ko")
        await guided(at, thread, "ko")
        assert await ended(process) == 0, end_of(log)
    assert container.run(*container.stage.health_command, HEALTH_PORT=port).returncode != 0


async def test_it_ends_in_order_while_it_reads_its_documents(
    container: Container, at: World, tmp_path: Path
) -> None:
    """A rollout that is taken back at once: the index is unfinished, the end is not."""
    log = tmp_path / "log"
    async with running_bot(container, at, log, DATA_DIR="/data/new") as process:
        assert await ended(process) == 0, end_of(log)


async def test_the_doctor_builds_in_the_image_what_a_run_builds(
    container: Container, at: World
) -> None:
    """And so does the installed script, which is the same."""
    process = await asyncio.create_subprocess_exec(
        *container.command("dangjik", "doctor"),
        env=container.environment(environment_of(at.settings) | {"DATA_DIR": "/data"}),
        stdout=PIPE,
        stderr=STDOUT,
    )
    said, _ = await process.communicate()
    assert f"version {version('dangjik')}, can start" in said.decode()


def test_every_module_is_there_with_what_it_imports(container: Container) -> None:
    """All but the console, which is not in it."""
    walk = (
        "import bot, importlib, pkgutil\n"
        "for each in pkgutil.walk_packages(bot.__path__, 'bot.'):\n"
        "    each.name.endswith(('__main__', '.env')) or each.name.startswith('bot.console.') or importlib.import_module(each.name)"
    )
    done = container.run("python", "-c", walk)
    assert done.returncode == 0, done.stderr


def test_it_holds_what_the_lock_names_and_nothing_else(container: Container) -> None:
    """So that the list of parts and the audit, which read the lock, are of what is run."""
    names = (
        "from importlib.metadata import distributions as d\n"
        "print(*(x.name.lower().replace('_', '-').replace('.', '-') for x in d()))"
    )
    found = set(container.run("python", "-c", names).stdout.split())
    assert found == {"dangjik", *locked("requirements-runtime.lock")}


def test_its_user_writes_nowhere_but_where_it_should(container: Container) -> None:
    """Among what the Dockerfile makes; the base image keeps /usr and /etc for root."""
    left = [part for path in ("/proc", "/dev", "/usr", "/etc") for part in ("-path", path, "-o")]
    found = container.run("find", "/", "(", *left[:-1], ")", "-prune", "-o", "-writable", "-print")
    roots = {path for path in found.stdout.split() if not path.startswith(("/data/", "/tmp/"))}
    assert roots == {"/data", "/tmp"}


@pytest.mark.long
@pytest.mark.skipif(bool(why_not()), reason=why_not())
@pytest.mark.parametrize("line", [*COPIES, INSTALLS])
def test_without_one_line_it_does_not_start(tmp_path: Path, line: str) -> None:
    """What the tests above would tell."""
    with suppress(ChildProcessError), replayed(tmp_path / "roots", line) as container:
        assert container.run(*container.stage.command, "doctor", "--help").returncode != 0
