"""`python -m tests.image [--built]`: builds the image where nothing can be pulled and plays incidents in it.

With `--built` it takes what was built last. Prints a table of times and the size. Exit code 1 and one clear message when something is missing
or does not go as expected.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.flow.test_incident import incident
from tests.flow.world import World, world
from tests.free_ports import free_port
from tests.image.building import build, check_tools, opened, sizes
from tests.image.container import Container, ended, megabytes_of, running_bot
from tests.image.dockerfile import locked
from tests.image.incident import alerted, approved, carded, guided
from tests.image.prometheus import SETTINGS, real_prometheus
from tests.lab.expectations import LabError, Step, Stopwatch, expect

LARGEST_MB = 750
CONNECTED_S, ENDED_S = 3.0, 10.0  # goals; a busy machine may miss them
MEMORY_MB = 0.7 * 1024  # compose.yaml's limit with 30 % to spare
LANGUAGES = ("ko", "en")
BUILT = "--built"


def look(container: Container, watch: Stopwatch) -> None:
    """Check what can be seen from outside: who it is, where it writes, what it holds, its size."""
    said = set(container.run("sh", "-c", "id -u; find / -xdev -writable").stdout.split())
    expect("uid 10001 that writes only to /data and /tmp", said == {"10001", "/data", "/tmp"}, said)
    parts = sizes(container)
    whole = parts["dangjik"]
    watch.lines.append(", ".join(f"{name} {size} MB" for name, size in parts.items()))
    expect(f"an environment of {LARGEST_MB} MB at most", whole <= LARGEST_MB, whole)
    names = "from importlib.metadata import distributions as d; print(*(x.name for x in d()))"
    found = {name.lower() for name in container.run("python", "-c", names).stdout.split()}
    wanted = {"dangjik", *locked("requirements-runtime.lock")}
    odd = {name.replace("_", "-").replace(".", "-") for name in found} ^ wanted
    expect("what the lock names and nothing else", not odd, odd)


async def play(container: Container, at: World, folder: Path, watch: Stopwatch) -> None:
    """Play an incident: a card put up by one run is decided, carried out and proved in the next.

    Before it a run is ended at once, while it reads its documents.
    """
    language, log, port = watch.scene, folder / "log", str(free_port())
    async with real_prometheus(at.platform, folder) as url:
        settings = {"PROMETHEUS_URL": url, "HEALTH_PORT": port, **SETTINGS}
        begun = watch.now()
        async with running_bot(container, at, log, **settings) as process:
            watch.note("started → connected", begun)
            await _end(process, watch)
        async with running_bot(container, at, log, **settings) as process:
            thread = await alerted(at)
            card = await carded(at, thread, language)
            healthy = container.run(*container.stage.health_command, HEALTH_PORT=port).returncode
            expect("HEALTHCHECK's command to pass", healthy == 0)
            await _end(process, watch)
        begun = watch.now()
        async with running_bot(container, at, log, **settings) as process:
            _figure(watch, "started again → connected", begun, CONNECTED_S)
            await approved(at, card, language)
            await guided(at, thread, language)
            used = megabytes_of(process.pid)
            watch.lines.append(f"{language}: {used:.0f} MB used once the documents were asked")
            expect(f"{MEMORY_MB:.0f} MB at most", used <= MEMORY_MB, used)
            await _end(process, watch)


async def _end(process: asyncio.subprocess.Process, watch: Stopwatch) -> None:
    begun = watch.now()
    code = await ended(process)
    expect("code 0", code == 0, code)
    _figure(watch, "SIGTERM → ended with 0", begun, ENDED_S)


def _figure(watch: Stopwatch, what: str, since: float, goal: float) -> None:
    """Note how long it took beside its goal; past it, a line says so with the machine's load."""
    step = Step(watch.scene, what, watch.now() - since, goal)
    watch.steps.append(step)
    if step.seconds > goal:
        watch.lines.append(f"{what}: {step.seconds:.1f} s, at load {os.getloadavg()[0]:.0f}")


async def check(folder: Path, watch: Stopwatch, *, built: bool) -> None:
    """Build it unless it is built, look, and play an incident in each language. Raises LabError."""
    await asyncio.to_thread(check_tools)
    if not built:
        await asyncio.to_thread(build, watch)
    for language in LANGUAGES:
        watch.scene = language
        here = folder / language
        (here / "root").mkdir(parents=True)
        with opened(here / "root") as container:
            if language == LANGUAGES[0]:
                await asyncio.to_thread(look, container, watch)
            async with world(here, incident(), documents=True) as at:
                await play(container, at, here, watch)


def main() -> int:
    """Run the check and print what it took; return the exit code."""
    console, watch = Console(width=100), Stopwatch("image")
    with tempfile.TemporaryDirectory(prefix="dangjik-image-") as folder:
        try:
            asyncio.run(check(Path(folder), watch, built=BUILT in sys.argv))
        except (LabError, AssertionError, TimeoutError) as error:
            console.print(watch.table())
            console.print(f"image-check failed: {error!r}", style="bold red", markup=False)
            return 1
    console.print(watch.table())
    for line in watch.lines:
        console.print(line, markup=False)
    console.print("image-check passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
