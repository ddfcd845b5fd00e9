"""Runs tests with one module's source exchanged: `python -m tests.mutate.one MODULE FILE TEST…`."""

import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType

import pytest


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


if __name__ == "__main__":
    module, file, *tests = sys.argv[1:]
    sys.meta_path.insert(0, Exchanged(module, file))
    # Left out is what takes most of the time and sees what the others see.
    quick = "not postgres and not 200_approvals"
    quiet = ("-x", "-q", "-p", "no:cacheprovider", "-k", quick)
    sys.exit(pytest.main([*quiet, *tests]))
