"""The CPU of the lab's own machine: what its Spark executors want of it, and a /proc that says so.

The lab's cluster is a machine of one CPU, to which the executors' Python workers are bound (the
Java around them is not: starting would take twice as long). node_exporter reads a made /proc/stat:
the CPU is busy while an executor runs or its workers wait for it, as the kernel's schedstat tells.
So the alert fires and resolves by the lab's own applications, however much of that CPU others on
the real machine take.
"""

import asyncio
import contextlib
import os
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.processes import stat_of

HZ = os.sysconf("SC_CLK_TCK")
EVERY = 0.5  # seconds
CPU = max(os.sched_getaffinity(0))
_EXECUTOR = "CoarseGrainedExecutorBackend"  # YARN's is called Yarn… in the same package
_LINKED = ("1", "self", "net", "sys", "meminfo", "loadavg", "cpuinfo")


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread of an executor or of its Python workers: seconds on the CPU and waiting for it.

    Java's waiting counts for nothing: it waits for the machine's CPUs, of which others have most.
    """

    application: str
    ran: float
    waited: float
    worker: bool


def executor_threads() -> dict[int, Thread]:
    """Return every thread of every executor of this machine, by thread id; bind the workers'."""
    above = {
        int(entry.name): int(parts[1])
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (parts := stat_of(int(entry.name)))
    }
    owners: dict[int, str] = {}
    for pid in above:
        words = _command(pid)
        if any(word.endswith(_EXECUTOR) for word in words) and "--app-id" in words:
            owners[pid] = words[words.index("--app-id") + 1]
    found: dict[int, Thread] = {}
    for pid in above:
        root = pid
        while root not in owners and root in above:
            root = above[root]
        if root in owners:
            threads = _threads(pid, owners[root], worker=pid != root)
            if pid != root:
                _bind(threads)
            found |= threads
    return found


def _bind(threads: Iterable[int]) -> None:
    """Bind threads to the lab's CPU; what they start follows them."""
    for thread in threads:
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(thread, {CPU})


def _threads(pid: int, application: str, *, worker: bool) -> dict[int, Thread]:
    """Return the threads of a process; one that ends meanwhile hides none of the others.

    A thread that was left out would be new at the next look, with all it ever ran.
    """
    found: dict[int, Thread] = {}
    tasks: list[Path] = []
    with contextlib.suppress(OSError):
        tasks += Path(f"/proc/{pid}/task").iterdir()
    for task in tasks:
        with contextlib.suppress(OSError):
            ran, waited, _ = (task / "schedstat").read_text().split()
            late = int(waited) / 1e9 if worker else 0.0
            found[int(task.name)] = Thread(application, int(ran) / 1e9, late, worker)
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


class MadeProc:
    """Keeps the made /proc up to date; `cores` is what each application's workers just used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cores: dict[str, float] = {}
        self._busy = self._idle = 0.0
        self._seen: dict[int, Thread] = {}
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
        """Add what every thread ran and waited since the last look: one that ended takes none back."""
        at, seen = time.monotonic(), executor_threads()
        passed, used, wanted = max(at - self._at, 1e-3), defaultdict[str, float](float), 0.0
        for number, thread in seen.items():
            before = self._seen.get(number, Thread("", 0.0, 0.0, worker=False))
            ran = max(0.0, thread.ran - before.ran)
            used[thread.application] += ran * thread.worker
            wanted += ran + max(0.0, thread.waited - before.waited)
        self._at, self._seen = at, seen
        latest = {application: seconds / passed for application, seconds in used.items()}
        self.cores = {
            name: 0.8 * self.cores.get(name, value) + 0.2 * value for name, value in latest.items()
        }
        busy = min(passed, wanted)
        self._busy += busy
        self._idle += passed - busy

    def _write(self) -> None:
        row = f"{int(self._busy * HZ)} 0 0 {int(self._idle * HZ)} 0 0 0 0 0 0"
        zeros = "\n".join(f"{name} 0" for name in ("intr", "ctxt", "btime", "processes"))
        rest = f"{zeros}\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n"
        fresh = self.folder / "stat.new"
        fresh.write_text(f"cpu  {row}\ncpu0 {row}\n{rest}")
        fresh.replace(self.folder / "stat")  # a reader never sees half of it
