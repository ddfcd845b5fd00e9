"""The CPU of the lab's own machine: what its Spark executors use, and a /proc that says so.

The lab's cluster is a machine of one CPU, to which the Spark worker is bound. node_exporter
reads a made /proc/stat with the executors' share of that CPU, so the alert fires and resolves
by the lab's own applications, whatever else the real machine does.
"""

import asyncio
import os
import time
from collections import defaultdict
from pathlib import Path

from tests.lab.processes import stat_of

HZ = os.sysconf("SC_CLK_TCK")
EVERY = 0.5  # seconds
CPU = max(os.sched_getaffinity(0))
_EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"
_LINKED = ("1", "self", "net", "sys", "meminfo", "loadavg", "cpuinfo")


def bind_to_cpu() -> None:
    """Bind the process calling, and all it starts, to the lab's CPU."""
    os.sched_setaffinity(0, {CPU})


def executor_seconds() -> dict[int, tuple[str, float]]:
    """Return the application id and the CPU seconds so far, by pid of executors and workers."""
    stats = {
        int(entry.name): parts
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (parts := stat_of(int(entry.name)))
    }
    owners: dict[int, str] = {}
    for pid in stats:
        words = _command(pid)
        if _EXECUTOR in words and "--app-id" in words:
            owners[pid] = words[words.index("--app-id") + 1]
    found: dict[int, tuple[str, float]] = {}
    for pid, parts in stats.items():
        above = pid
        while above not in owners and above in stats:
            above = int(stats[above][1])
        if above in owners:
            found[pid] = (owners[above], (int(parts[11]) + int(parts[12])) / HZ)
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


class MadeProc:
    """Keeps the made /proc up to date; `cores` is what each application has just used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cores: dict[str, float] = {}
        self._busy = self._idle = 0.0
        self._seen: dict[int, tuple[str, float]] = {}
        self._at = time.monotonic()

    async def keep(self) -> None:
        """Write it anew twice a second, until cancelled."""
        self.folder.mkdir(parents=True)
        for name in _LINKED:
            (self.folder / name).symlink_to(f"/proc/{name}")
        while True:
            self._look()
            self._write()
            await asyncio.sleep(EVERY)

    def _look(self) -> None:
        """Add what every process used since the last look: one that has ended takes none back."""
        at, seen = time.monotonic(), executor_seconds()
        passed, used = max(at - self._at, 1e-3), defaultdict[str, float](float)
        for pid, (application, seconds) in seen.items():
            before = self._seen.get(pid, ("", 0.0))[1]
            used[application] += max(0.0, seconds - before)
        self._at, self._seen = at, seen
        latest = {application: seconds / passed for application, seconds in used.items()}
        self.cores = {
            name: 0.8 * self.cores.get(name, value) + 0.2 * value for name, value in latest.items()
        }
        busy = min(passed, sum(used.values()))
        self._busy += busy
        self._idle += passed - busy

    def _write(self) -> None:
        row = f"{int(self._busy * HZ)} 0 0 {int(self._idle * HZ)} 0 0 0 0 0 0"
        zeros = "\n".join(f"{name} 0" for name in ("intr", "ctxt", "btime", "processes"))
        rest = f"{zeros}\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n"
        fresh = self.folder / "stat.new"
        fresh.write_text(f"cpu  {row}\ncpu0 {row}\n{rest}")
        fresh.replace(self.folder / "stat")  # a reader never sees half of it
