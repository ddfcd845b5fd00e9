"""Processes of the lab: started with a log each, ended by pid with everything they started."""

import asyncio
import contextlib
import os
import signal
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.lab.expectations import LabError

TERM_S, KILL_S = 8.0, 5.0
LOG_TAIL = 1500  # characters


class Processes:
    """Starts processes and ends every one of them, children and grandchildren included.

    `folder` is the lab's own: what runs in it is the lab's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._logs = folder / "logs"
        self._started: dict[str, asyncio.subprocess.Process] = {}

    async def start(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        """Start a process in a session of its own, in `folder` or among the logs."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._log(name).open("wb") as log:
            self._started[name] = await asyncio.create_subprocess_exec(
                *map(str, command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(environment),
                cwd=folder or self._logs,
                start_new_session=True,
            )

    def check(self, name: str) -> None:
        """Raise LabError with the end of its log when the process has ended."""
        code = self._started[name].returncode
        if code is not None:
            words = self._log(name).read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]
            raise LabError(f"{name} ended with {code}:\n{words}")

    async def ended(self, name: str) -> int:
        """Wait until a process has ended by itself; return its exit code."""
        return await self._started[name].wait()

    async def stop(self, *names: str, first: signal.Signals = signal.SIGTERM) -> None:
        """End these processes, or all; those that do not end in time are killed."""
        chosen = [self._started.pop(name) for name in names or tuple(self._started)]
        pids = set(tree([process.pid for process in chosen if process.returncode is None]))
        for number, within in ((first, TERM_S), (signal.SIGKILL, KILL_S)):
            if not names:
                pids |= self._strays()
            for pid in filter(_alive, pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            if await _gone(pids, within) and (names or not self._strays()):
                break
        for process in chosen:
            await process.wait()

    def _strays(self) -> set[int]:
        """Return whatever runs in a folder of the lab: a YARN container outlives its node."""
        found = set()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and (entry / "cwd").resolve().is_relative_to(self._folder):
                    found.add(int(entry.name))
        return found - {os.getpid()}

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


async def _gone(pids: Iterable[int], within: float) -> bool:
    """Wait until none of them lives; a child of a child tells nobody of its end."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while any(map(_alive, pids)):  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.05)
            return True
    return False


def tree(roots: Iterable[int]) -> list[int]:
    """Return processes and all they have started, as /proc tells it now."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parts := stat_of(int(entry.name))):
            children[int(parts[1])].append(int(entry.name))
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        found.append(waiting.pop())
        waiting += children[found[-1]]
    return found


def stat_of(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _alive(pid: int) -> bool:
    parts = stat_of(pid)
    return bool(parts) and parts[0] != "Z"
