"""How long each step of a turn takes, for whoever collects traces; by default nobody does.

Attributes are names of ours and figures: never a message, a person's name or a secret.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Attribute = str | bool | int


class Noted(Protocol):
    """A step that is being timed."""

    def note(self, **attributes: Attribute) -> None:
        """Add what is known only at the end of the step."""
        ...


class Spans(Protocol):
    """Times steps; a step inside another one is its child."""

    def turn(self, thread: str) -> AbstractContextManager[Noted]:
        """Time a whole turn; `thread` finds it again for what comes of it later."""
        ...

    def step(
        self, name: str, thread: str = "", **attributes: Attribute
    ) -> AbstractContextManager[Noted]:
        """Time a step; outside of a turn, that of the last turn of `thread`."""
        ...


class _Nothing:
    def note(self, **attributes: Attribute) -> None:
        """Keep nothing."""


class NoSpans:
    """Times nothing."""

    @contextmanager
    def turn(self, thread: str) -> Iterator[Noted]:  # noqa: ARG002 - the port's shape
        """Do nothing."""
        yield _Nothing()

    @contextmanager
    def step(
        self,
        name: str,  # noqa: ARG002 - the port's shape
        thread: str = "",  # noqa: ARG002
        **attributes: Attribute,  # noqa: ARG002
    ) -> Iterator[Noted]:
        """Do nothing."""
        yield _Nothing()
