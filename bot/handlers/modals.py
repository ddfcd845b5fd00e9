"""Windows: opened with a press's trigger, which lives three seconds, and read when submitted."""

from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked
from bot.handlers.message_text import Json
from bot.handlers.views.chooser import CALLBACK, Place, chosen_in, nothing_chosen, place_of

_LOG = structlog.get_logger(__name__)
_MAX_CHOSEN = 20  # rows of a listing


class Modals:
    """Opens and changes windows; a window that cannot be shown is told by False or None."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def open(self, trigger: str, view: Json) -> str | None:
        """Open a window and return its id; None when Slack does not show it."""
        try:
            answer = await asked(self._client.views_open, {"trigger_id": trigger, "view": view})
        except (ThrottledError, UnsureError, UndeliverableError) as error:
            _LOG.warning("window_not_opened", error=str(error))
            return None
        return str((answer.get("view") or {}).get("id") or "") or None

    async def change(self, view_id: str, view: Json) -> None:
        """Show other content in an open window; nobody misses it when it was closed meanwhile."""
        try:
            await asked(self._client.views_update, {"view_id": view_id, "view": view})
        except (ThrottledError, UnsureError, UndeliverableError) as error:
            _LOG.info("window_not_changed", error=str(error))


@dataclass(frozen=True, slots=True)
class Submission:
    """Applications ticked in a window: by whom, for which thread. `key` names it once and for all."""

    key: str
    user: str
    user_team: str
    place: Place
    chosen: tuple[str, ...]


def read_submission(body: Json) -> Submission | None:
    """Return what a `view_submission` body asks for; None when it is none of ours."""
    view, user = _dict(body.get("view")), _dict(body.get("user"))
    place = place_of(view.get("private_metadata"))
    who, view_id = user.get("id"), view.get("id")
    if view.get("callback_id") != CALLBACK or place is None or not (who and view_id):
        return None
    return Submission(
        key=f"view:{view_id}:{who}",
        user=str(who),
        user_team=str(user.get("team_id") or ""),
        place=place,
        chosen=chosen_in(view)[:_MAX_CHOSEN],
    )


def complaint(body: Json) -> Json | None:
    """Return what a window is to show instead of closing; None when it may close."""
    submission = read_submission(body)
    if submission is None or submission.chosen:
        return None
    return {"response_action": "errors", "errors": nothing_chosen(_dict(body.get("view")))}


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
