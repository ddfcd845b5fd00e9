"""Programs run from an image's root as its own user, without a container engine."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from tests.flow.world import World
from tests.image.dockerfile import ROOT, Stage, shipped
from tests.image.replay import READY, SYSTEM_PATH
from tests.lab.processes import tree
from tests.reliability.replicas import environment_of

SOCKETS = 2
HOLD = f"""
mount --bind "$1" "$2"
for each in proc dev; do mount --rbind "/$each" "$2/$each"; done
mount -o remount,bind,ro "$2"
mount -t tmpfs -o "mode=0700,uid=$3,gid=$3" tmpfs "$2/data"
mount -t tmpfs -o size=256m,mode=1777 tmpfs "$2/tmp"
echo {READY}
exec cat
"""  # as compose.yaml mounts them; it ends with its input
START_S, END_S = 60.0, 60.0  # the latter as compose.yaml grants it


class Place(Protocol):
    """Where the product is installed, and how it is run from there."""

    data_dir: ClassVar[str]

    def bot(self, *arguments: str) -> list[str]:
        """Return what runs one of its commands."""
        ...

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return every variable of its process."""
        ...


@dataclass(frozen=True, slots=True)
class Container:
    """A root, seen by the process `holder` and those that join it, and the stage it was made of."""

    root: Path
    holder: int
    stage: Stage
    data_dir: ClassVar[str] = "/data"

    def bot(self, *arguments: str) -> list[str]:
        """Return what runs a command as the image's entry point does."""
        return self.command(*self.stage.command, *arguments)

    def command(self, *arguments: str, user: int | None = None) -> list[str]:
        """Return what runs a program in the root, as the image's user, where it would start."""
        uid = self.stage.user if user is None else user
        enter = ["/usr/bin/nsenter", "--mount", "--target", str(self.holder)]
        change = ["/usr/sbin/chroot", f"--userspec={uid}:{uid}", "--groups=", str(self.root)]
        where = "/" if user is not None else self.stage.last("WORKDIR")
        return [*enter, *change, "/usr/bin/env", f"--chdir={where}", *arguments]

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the image's variables with the settings over them."""
        return self.stage.environment({"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"}) | dict(settings)

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(settings),
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )

    def as_user(self, uid: int, *arguments: str) -> None:
        """Run a program as somebody else. Raises ChildProcessError."""
        command = self.command(*arguments, user=uid)
        environment = {"PATH": SYSTEM_PATH}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ChildProcessError(done.stderr)


def why_not() -> str:
    """Return why this machine cannot run programs in another root, or an empty string."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "roots of their own need root and Linux"
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/tmp"]
    done = subprocess.run(probe, capture_output=True, check=False)
    return "" if done.returncode == 0 else "this machine allows no mounts"


@contextmanager
def replayed(folder: Path, left_out: str = "") -> Iterator[Container]:
    """Replay the Dockerfile below a folder; `left_out` is a line it is replayed without.

    Raises ChildProcessError when it cannot be built.
    """
    program = [sys.executable, "-m", "tests.image.replay", str(folder), left_out]
    with _holding(program) as holder:
        yield Container(folder / "image", holder, shipped()[-1])


@contextmanager
def held(root: Path, folder: Path) -> Iterator[Container]:
    """Show a built image's root at a folder, read-only but for /data and /tmp."""
    stage = shipped()[-1]
    program = ["/bin/sh", "-ec", HOLD, "hold", str(root), str(folder), str(stage.user)]
    with _holding(program) as holder:
        yield Container(folder, holder, stage)


@contextmanager
def _holding(program: list[str]) -> Iterator[int]:
    """Run what mounts in a namespace of its own, as long as the block; give its pid."""
    with subprocess.Popen(
        ["unshare", "--mount", *program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline().strip() != READY:
            raise ChildProcessError("the image cannot be made")
        try:
            yield holder.pid
        finally:
            holder.stdin.close()


@asynccontextmanager
async def running_bot(
    place: Place, at: World, log: Path, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot until the block ends; it begins with the bot connected."""
    given = environment_of(at.settings) | {"DATA_DIR": place.data_dir} | settings
    there = {each.number for each in at.slack.sockets.connections}

    def connected(_: object) -> bool:
        fresh = [each for each in at.slack.sockets.connections if each.number not in there]
        return len(fresh) >= SOCKETS

    with log.open("ab") as to:
        process = await asyncio.create_subprocess_exec(
            *place.bot("run"),
            env=place.environment(given),
            stdin=DEVNULL,
            stdout=to,
            stderr=STDOUT,
        )
    try:
        waiting = asyncio.create_task(at.slack.wait_for(connected, START_S))
        ending = asyncio.create_task(process.wait())
        await asyncio.wait({waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
        assert process.returncode is None, end_of(log)
        await waiting
        yield process
    finally:
        waiting.cancel()
        if process.returncode is None:
            process.kill()
        await ending


def megabytes_of(pid: int) -> float:
    """Return the memory of a process and of all it has started, shared pages counted once."""
    kept = (Path(f"/proc/{each}/smaps_rollup") for each in tree([pid]))
    found = [re.findall(r"^Pss: +(\d+) kB", path.read_text(), re.MULTILINE) for path in kept]
    return sum(int(each[0]) for each in found) / 1024


def end_of(log: Path) -> str:
    """Return the last a process has said."""
    return log.read_text(encoding="utf-8")[-2000:]


async def ended(process: asyncio.subprocess.Process) -> int:
    """Ask it to stop, as an engine does; return its code. Raises TimeoutError."""
    process.terminate()
    return await asyncio.wait_for(process.wait(), END_S)
