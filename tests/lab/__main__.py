"""`python -m tests.lab [ko] [en] [--all]`: whole incidents on real clusters and real monitoring.

Everything listens on loopback and ends with the command, Ctrl-C and SIGTERM included. Exit code 1
and one clear message when something is missing or does not go as expected; 75 when a package
registry could not be reached.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.lab import on_alertmanager, on_standalone, on_yarn
from tests.lab.expectations import LabError, Stopwatch
from tests.lab.fetching import UnreachableError
from tests.lab.incident import SCRIPTS
from tests.lab.machine import HADOOP, REQUIREMENTS, SPARK, monitors, prepared

KEPT_LOGS = Path("build") / "lab-logs"
FAILED, UNREACHABLE = 1, 75
PARTS = ("spark", "yarn", "alertmanager", "used")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played: the languages of each part, which versions, everything or CI's part.

    `groups`: Alertmanager's groups, which need no cluster; `used`: cores that YARN alone tells.
    """

    groups: bool
    standalone: tuple[str, ...]
    yarn: tuple[str, ...]
    used: tuple[str, ...]
    spark: str
    hadoop: str
    whole: bool
    fetch: bool


def planned(words: list[str]) -> Plan:
    """Read the command line; without languages each part is played in another one."""
    reader = argparse.ArgumentParser(prog="make lab ARGS=…", description=__doc__)
    reader.add_argument("languages", nargs="*", metavar="LANGUAGE", help=" ".join(SCRIPTS))
    reader.add_argument("--all", action="store_true", help="every step, in both languages")
    reader.add_argument("--only", choices=PARTS, help="one of the parts")
    reader.add_argument("--fetch", action="store_true", help="only fetch what it needs")
    reader.add_argument("--hadoop", default=HADOOP, metavar="VERSION")
    reader.add_argument("--spark", default=SPARK, choices=sorted(REQUIREMENTS))
    read = reader.parse_args(words)
    if strange := [each for each in read.languages if each not in SCRIPTS]:
        reader.error(f"languages: {' '.join(SCRIPTS)}; not {' '.join(strange)}")
    both = tuple(read.languages) or (tuple(SCRIPTS) if read.all else ())
    return Plan(
        groups=read.only in {None, "alertmanager"},
        standalone=(both or ("en",)) if read.only in {None, "spark"} else (),
        yarn=(both or ("ko",)) if read.only in {None, "yarn"} else (),
        used=(both or ("ko",))[:1] if read.only == "used" or (read.all and not read.only) else (),
        spark=read.spark,
        hadoop=read.hadoop,
        whole=read.all,
        fetch=read.fetch,
    )


async def play(plan: Plan, folder: Path, watch: Stopwatch) -> None:
    """Play each part; Alertmanager's groups, which mostly wait, beside the clusters. Raises LabError."""
    programs = await asyncio.to_thread(monitors)
    try:
        async with asyncio.TaskGroup() as parts:
            if plan.groups and not plan.fetch:
                program, aside = programs[on_alertmanager.PACKAGE], watch.beside("alertmanager")
                parts.create_task(on_alertmanager.play(program, folder / PARTS[2], aside))
            if plan.standalone or plan.yarn or plan.used:
                parts.create_task(_on_clusters(plan, folder, watch))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _on_clusters(plan: Plan, folder: Path, watch: Stopwatch) -> None:
    begun = watch.now()
    on_hadoop = plan.hadoop if plan.yarn or plan.used else None
    machine = await asyncio.to_thread(prepared, plan.spark, on_hadoop)
    watch.note("programs found or fetched", begun)
    if plan.fetch:
        return
    if plan.standalone:
        await on_standalone.play(
            plan.standalone, machine, folder / PARTS[0], watch, whole=plan.whole
        )
    if plan.yarn:
        await on_yarn.play(plan.yarn, machine, folder / PARTS[1], watch, whole=plan.whole)
    for language in plan.used:
        await on_yarn.play_used(language, machine, folder / PARTS[3], watch)


async def main(plan: Plan) -> int:
    """Run the lab and print its table; return the exit code."""
    console, watch = Console(width=100), Stopwatch()
    begun = watch.now()
    task = asyncio.current_task()
    assert task is not None

    def interrupt() -> None:
        if not task.cancelling():  # a second signal must not cut the ending short
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupt)
    with tempfile.TemporaryDirectory(prefix="dangjik-lab-", ignore_cleanup_errors=True) as name:
        try:
            await play(plan, Path(name), watch)
        except LabError as error:
            console.print(watch.table())
            console.print(f"lab failed: {error}", style="bold red", markup=False)
            if _kept(Path(name)):
                console.print(f"the logs are kept in {KEPT_LOGS}")
            return UNREACHABLE if isinstance(error, UnreachableError) else FAILED
        except asyncio.CancelledError:
            console.print("lab interrupted; everything it started has ended")
            return FAILED
    watch.scene = "lab"
    watch.note(f"all of it, Spark {plan.spark}, Hadoop {plan.hadoop}", begun)
    console.print(watch.table())
    for line in watch.lines:
        console.print(line, markup=False)
    console.print("lab passed")
    return 0


def _kept(folder: Path) -> bool:
    """Copy the logs to where they are kept; tell whether there are any."""
    found = [log for logs in folder.glob("*/logs") for log in logs.iterdir()]
    for log in found:
        kept = KEPT_LOGS / log.parents[1].name
        kept.mkdir(parents=True, exist_ok=True)
        (kept / log.name).write_bytes(log.read_bytes())
    return bool(found)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(planned(sys.argv[1:]))))
