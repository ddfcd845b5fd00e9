"""The demo as a stranger starts it: `python -m bot demo` as a process of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.free_ports import free_port

HERE = (sys.executable, "-m", "bot")
START_LIMIT = 60.0  # seconds until the page can be used


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: where its page is and how long it took to be there."""

    address: str
    started_s: float


@contextmanager
def running_demo(log: Path, language: str, program: Sequence[str] = HERE) -> Iterator[Demo]:
    """Start the demo, wait for its page, and end it as Ctrl-C does.

    `language` is the one the bot uses unasked, under an alert; `program` is what runs commands.
    """
    port = free_port()
    command = [*program, "demo", "--port", str(port), "--no-browser"]
    begun = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(  # the command is ours
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LANGUAGE": language},  # noqa: TID251 - handed on, not read
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            _await_page(address, process, begun + START_LIMIT)
            yield Demo(address, time.monotonic() - begun)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(30)
    assert code == 0, f"the demo ended with {code}: {log.read_text()[-2000:]}"


def _await_page(address: str, process: subprocess.Popen[bytes], until: float) -> None:
    while time.monotonic() < until:
        assert process.poll() is None, "the demo ended before its page was there"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise TimeoutError(f"no page at {address}")
