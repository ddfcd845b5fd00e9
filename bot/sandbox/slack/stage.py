"""The parts every room of the stand-in shares: workspace, clock, ids, record, sockets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.sockets import SocketHub
from bot.sandbox.slack.transcript import Json, Transcript
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
    content: bytes | None = None
    content_type: str = "application/octet-stream"
    alt: str = ""


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

    def trigger(self, user: str) -> str:
        """Return a new trigger id for a person's gesture."""
        trigger_id = f"{self.ids.new('', 11)}.{self.ids.new('', 12)}.{self.ids.new('', 16)}"
        self.triggers[trigger_id] = Trigger(user, self.clock())
        return trigger_id

    def person(self, user_id: str) -> Json:
        """Return the `user` object of interaction payloads; raise `UnknownError`."""
        user = self.workspace.user(user_id)
        return {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        }

    def interaction(self, kind: str, user_id: str) -> Json:
        """Return what every interaction payload starts with."""
        team = self.workspace.team
        return {
            "type": kind,
            "user": self.person(user_id),
            "api_app_id": self.workspace.bot.app_id,
            "token": "sandbox-verification-token",
            "trigger_id": self.trigger(user_id),
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }
