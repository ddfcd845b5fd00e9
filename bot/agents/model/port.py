"""The model as the agents see it: it answers or says why not, and never raises."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from langchain_core.tools import BaseTool
from pydantic import BaseModel

Value = TypeVar("Value")
Shape = TypeVar("Shape", bound=BaseModel)


class ModelFailure(StrEnum):
    """Why a model gave nothing that can be used."""

    RESTING = "resting"  # it failed several times and is left alone for a while
    BUDGET = "budget"  # the turn, the thread or the day has used what it may
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    KEY = "key"  # 401, 403
    RATE_LIMITED = "rate_limited"
    QUOTA = "quota"  # the account has nothing left to spend
    SERVER = "server"  # 5xx
    BAD_REQUEST = "bad_request"  # 400, 404, 422: the server cannot do what was asked
    TOO_LONG = "too_long"
    REFUSAL = "refusal"
    CUT = "cut"  # it stopped in the middle
    BAD_ANSWER = "bad_answer"  # not the API's shape, not the JSON asked for, or nothing at all

    @property
    def outage(self) -> bool:
        """True when asking the same server again soon is of no use."""
        return self in OUTAGES


OUTAGES = frozenset(
    {
        ModelFailure.TIMEOUT,
        ModelFailure.UNREACHABLE,
        ModelFailure.KEY,
        ModelFailure.RATE_LIMITED,
        ModelFailure.QUOTA,
        ModelFailure.SERVER,
        ModelFailure.BAD_ANSWER,
    }
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked: our instructions, and the case with all text from outside in fences.

    `brief` is the case without what it can be without, for a server that finds it too long.
    """

    system: str
    user: str
    brief: str = ""


@dataclass(frozen=True, slots=True)
class UsageKey:
    """Whom to book tokens and time on: the ids of the turn and of its thread."""

    turn: str
    thread: str


@dataclass(frozen=True, slots=True)
class Reply(Generic[Value]):
    """A value, or the trouble; exactly one of them is set. `second` when a fallback gave it."""

    value: Value | None = None
    trouble: ModelFailure | None = None
    second: bool = False


class Model(Protocol):
    """A language model. No method raises; every answer comes within the turn's time."""

    async def fill(self, prompt: Prompt, shape: type[Shape], bill: UsageKey) -> Reply[Shape]:
        """Return the shape filled in by the model and validated."""
        ...

    async def write(self, prompt: Prompt, bill: UsageKey) -> Reply[str]:
        """Return a few sentences."""
        ...

    async def research(
        self, prompt: Prompt, tools: Sequence[BaseTool], bill: UsageKey
    ) -> Reply[str]:
        """Let the model call read-only tools within limits; return its last words."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
