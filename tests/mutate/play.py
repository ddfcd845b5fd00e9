"""Tests in a fresh process: once to learn which lines each runs, then with a module exchanged.

The process is forked from one that has everything but the product and its tests imported.
"""

import builtins
import contextlib
import importlib.abc
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.mutate.mutants import PROBE, Mutant, told

PRELOADED = (
    *("pytest", "hypothesis", "sqlalchemy", "alembic.command", "httpx", "structlog", "pydantic"),
    *("slack_bolt.async_app", "langgraph.graph", "langchain_core.tools", "langchain_openai"),
    *("prometheus_client", "aiohttp.web", "matplotlib.figure", "tests.mutate.play"),
)
UNNEEDED = ("cacheprovider", "langsmith_plugin", "schemathesis", "hypothesispytest")
# Left out is what takes most of the time and sees what the others see.
QUICK = (
    *("-q", "-k", "not postgres and not 200_approvals", "--timeout", "120"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of what is imported before
    *(each for name in UNNEEDED for each in ("-p", f"no:{name}")),
)
Lines = dict[str, set[int]]  # by the path of a module


@dataclass
class Played:
    """One test: its id, how long it takes (seconds), and the lines it runs."""

    test: str
    seconds: float = 0.0
    lines: Lines = field(default_factory=dict)


class Recorder:
    """Notes the lines that each test reaches, in whatever thread."""

    def __init__(self) -> None:
        self._now = Played("")
        self.played: list[Played] = []
        self.failed = ""

    def reach(self, path: str, line: int) -> None:
        """Note a line; called by the modules as `told` makes them."""
        self._now.lines.setdefault(path, set()).add(line)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        if report.failed:
            self.failed = report.nodeid

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note a test with its fixtures."""
        self._now, begun = Played(item.nodeid), time.monotonic()
        outcome = yield
        self._now.seconds = time.monotonic() - begun
        self.played.append(self._now)
        return outcome


class Exchanged(importlib.abc.MetaPathFinder):
    """Finds one module in another file."""

    def __init__(self, name: str, file: str) -> None:
        self._name, self._file = name, file

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for that module alone."""
        if fullname != self._name:
            return None
        loader = SourceFileLoader(fullname, self._file)
        return importlib.util.spec_from_file_location(fullname, self._file, loader=loader)


class InOrder:
    """Runs the wanted tests alone, in the order they are wanted; notes the first that fails."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self._places = {test: place for place, test in enumerate(wanted)}
        self.failed = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out and sort."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._places),
            key=lambda item: self._places[item.nodeid],
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        if report.failed:
            self.failed = report.nodeid


def record(paths: Sequence[Path], tests: Sequence[str]) -> list[Played]:
    """Run all tests once; return those that reach one of the files, the quickest first."""
    recorder = Recorder()
    setattr(builtins, PROBE, recorder.reach)
    with contextlib.ExitStack() as stack:
        for path in paths:
            stack.enter_context(_exchanged(path, told(path)))
        code = _run(tests, recorder)
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"a test fails without any mutant: {recorder.failed or repr(code)}")
    return sorted((each for each in recorder.played if each.lines), key=lambda each: each.seconds)


def play(mutant: Mutant, tests: Sequence[str]) -> str:
    """Run tests with a mutant in its module's place; return the one that fails, if one does."""
    order = InOrder(tests)
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    with _exchanged(mutant.path, mutant.source):
        code = _run(["-x", *files], order)
    return "" if code == pytest.ExitCode.OK else order.failed or repr(code)


@contextlib.contextmanager
def _exchanged(path: Path, source: str) -> Iterator[None]:
    """Let a module be imported from another source."""
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "changed.py"
        changed.write_text(source, encoding="utf-8")
        module = path.with_suffix("").as_posix().replace("/", ".")
        sys.meta_path.insert(0, Exchanged(module, str(changed)))
        yield


def _run(arguments: Sequence[str], plugin: object) -> int | pytest.ExitCode:
    with Path(os.devnull).open("w") as nothing, contextlib.redirect_stdout(nothing):
        return pytest.main([*QUICK, *arguments], plugins=[plugin])
