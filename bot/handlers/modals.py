"""Windows: opened with a press's trigger, which lives three seconds, and read when submitted."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.conversation import AgentName, Intent, Listing, Turn, Understanding
from bot.domain.posts import InboxItem
from bot.domain.selections import Either, Field, Having
from bot.handlers.clicks import ButtonPress
from bot.handlers.delivery import ThrottledError, UndeliverableError, UnsureError, asked
from bot.handlers.message_text import Json
from bot.handlers.replies import Outcome, answer_post, private_post
from bot.handlers.turns import Turns
from bot.handlers.views.chooser import CALLBACK, Place, chooser, chosen_in, nothing_chosen, place_of
from bot.texts import slack as texts
from bot.texts.slack import OUTSIDER

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


# Choosing applications without typing: a window over the listing, then the way of every kill.


class Listings(Protocol):
    """The frozen listings of threads."""

    async def listing(self, channel: str, thread_ts: str) -> Listing | None:
        """Return the last list shown in a thread, or None."""
        ...


class ApplicationPicker:
    """Opens the window, and takes what was ticked to the same checks as typed words."""

    def __init__(self, listings: Listings, windows: Modals, turns: Turns, zone: tzinfo) -> None:
        self._listings = listings
        self._windows = windows
        self._turns = turns
        self._zone = zone

    async def open(self, press: ButtonPress) -> Outcome:
        """Open the window over the thread's listing; the presser is told when it cannot be."""
        listing = await self._listings.listing(press.channel, press.thread_ts)
        if listing is None or not listing.rows:
            return _privately(press, texts.NO_LIST(press.language))
        place = Place(press.channel, press.thread_ts, press.language)
        view = chooser(listing, place, self._zone)
        if await self._windows.open(press.trigger, view) is None:
            return _privately(press, texts.NOT_OPENED(press.language))
        return Outcome()

    async def submitted(self, item: InboxItem, asked: Submission, team: str) -> Outcome:
        """Propose the kill; a refusal is shown to whoever chose, and to nobody else."""
        place = asked.place
        if asked.user_team != team:
            text = OUTSIDER(place.language)
            post = private_post(asked.key, place.channel, place.thread_ts, asked.user, text)
            return Outcome((post,))
        turn = _turn(item, asked, team)
        answer = await self._turns.answer(turn, _reading(asked), private_known=False)
        post = answer_post(asked.key, turn, answer)
        if answer.proposal_id is None:
            post = replace(post, id=f"{asked.key}:private", ephemeral_to=asked.user)
        return Outcome((post,))


def _turn(item: InboxItem, asked: Submission, team: str) -> Turn:
    place = asked.place
    return Turn(
        id=asked.key,
        team=team,
        channel=place.channel,
        thread_ts=place.thread_ts,
        ts=f"{item.received_at.timestamp():.6f}",
        asker=asked.user,
        text=texts.CHOSEN(place.language, ids=", ".join(asked.chosen)),
        language=place.language,
        said_at=item.received_at,
        private=place.channel.startswith("D"),
    )


def _reading(asked: Submission) -> Understanding:
    return Understanding(
        intent=Intent.KILL,
        agent=AgentName.DATA_ENGINEER,
        language=asked.place.language,
        selection=Either(tuple(Having(Field.ID, each) for each in asked.chosen)),
        evidence=("window", "choose_applications"),
    )


def _privately(press: ButtonPress, text: str) -> Outcome:
    return Outcome((private_post(press.key, press.channel, press.thread_ts, press.user, text),))
