"""The parts every room of the stand-in shares: workspace, clock, ids, record, sockets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.sockets import SocketHub
from bot.sandbox.slack.transcript import Transcript
from bot.sandbox.slack.workspace import Workspace


@dataclass(slots=True)
class Trigger:
    """A trigger id: who may open a view with it, until it is used or three seconds old."""

    user: str
    at: datetime
    used: bool = False


@dataclass(slots=True)
class Upload:
    """A file between its upload address and its completion."""

    name: str
    length: int
    content_type: str
    alt: str
    content: bytes | None = None


@dataclass(slots=True)
class Stage:
    """Shared state of one running stand-in. `base_url` is known after the start."""

    workspace: Workspace
    clock: Callable[[], datetime]
    ids: Identifiers
    transcript: Transcript
    sockets: SocketHub
    base_url: str = ""
    triggers: dict[str, Trigger] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
