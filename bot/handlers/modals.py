"""Windows: opened with a press's trigger, which lives three seconds, and read when submitted."""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.applications import span
from bot.domain.conversation import AgentName, Intent, Listing, ListingRow, Turn, Understanding
from bot.domain.language import Language
from bot.domain.posts import InboxItem
from bot.domain.selections import Either, Field, Having
from bot.handlers.clicks import ButtonPress, privately
from bot.handlers.delivery import SlackCallError, asked
from bot.handlers.message_text import Json, dicts, record, string
from bot.handlers.turns import Turns
from bot.handlers.views import blocks as kit
from bot.handlers.views.answer import Outcome, answer_post, private_post
from bot.handlers.views.blocks import sanitize_line
from bot.texts import figures
from bot.texts import slack as texts
from bot.texts.slack import OUTSIDER

# The window in which a person ticks applications of the thread's frozen listing.


CALLBACK = "choose_applications"
APPLICATIONS = "applications"
_BLOCK = "choose"
_PER_BLOCK = 10  # options of one checkboxes element (Slack API docs)
_MAX_OPTION = 75
_MAX_ID = 150


@dataclass(frozen=True, slots=True)
class Place:
    """The thread a window belongs to, and the language it speaks; travels in its metadata."""

    channel: str
    thread_ts: str
    language: Language

    def packed(self) -> str:
        """Return the place as a view's private metadata."""
        values = {"channel": self.channel, "thread": self.thread_ts, "language": self.language}
        return json.dumps(values)


def place_of(metadata: Any) -> Place | None:
    """Return the place private metadata names; None when it is none of ours."""
    try:
        values = json.loads(metadata)
        language = Language(values["language"])
        channel, thread = values["channel"], values["thread"]
    except (TypeError, ValueError, KeyError):
        return None
    if not (isinstance(channel, str) and isinstance(thread, str) and channel and thread):
        return None
    return Place(channel, thread, language)


def chooser(listing: Listing, place: Place, zone: tzinfo) -> Json:
    """Return the modal: a box for each row that may be chosen, the protected ones named below."""
    language = place.language
    open_rows = [row for row in listing.rows if not row.protected and len(row.ref.id) <= _MAX_ID]
    asked = list(_inputs(open_rows, listing, language))
    intro = (texts.CHOOSE_INTRO if asked else texts.CHOOSE_ALL_PROTECTED)(language)
    taken = texts.CHOOSE_TAKEN(language, time=figures.clock_time(listing.taken_at, zone))
    blocks = [kit.paragraph(kit.words(intro)), *asked]
    closed = [row for row in listing.rows if row not in open_rows]
    if closed:
        protected = kit.words(" " + texts.CHOOSE_PROTECTED(language), bold=True)
        blocks += [kit.paragraph(kit.emoji("lock"), protected), _named(closed, language)]
    view: Json = {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": place.packed(),
        "title": kit.plain(texts.CHOOSE_TITLE(language)),
        "close": kit.plain(texts.CHOOSE_CANCEL(language)),
        "blocks": [*blocks, kit.note(taken)],
    }
    if asked:
        view["submit"] = kit.plain(texts.CHOOSE_SUBMIT(language))
    return view


def _inputs(rows: Sequence[ListingRow], listing: Listing, language: Language) -> Iterator[Json]:
    """Yield checkboxes, ten to a block; with several blocks none of them alone must be filled."""
    for start in range(0, len(rows), _PER_BLOCK):
        label = texts.CHOOSE_MORE if start else texts.CHOOSE_LABEL
        options = [_option(row, listing, language) for row in rows[start : start + _PER_BLOCK]]
        yield {
            "type": "input",
            "block_id": f"{_BLOCK}.{start}",
            "optional": len(rows) > _PER_BLOCK,
            "label": kit.plain(label(language)),
            "element": {"type": "checkboxes", "action_id": APPLICATIONS, "options": options},
        }


def _option(row: ListingRow, listing: Listing, language: Language) -> Json:
    lasted = figures.duration(span(row.started_at, listing.taken_at), language)
    shown = [figures.share(row.share), figures.cores_of(row, language), lasted, row.user]
    return {
        "text": kit.plain(sanitize_line(f"{row.rank}. {row.name}", _MAX_OPTION, language)),
        "description": kit.plain(sanitize_line(" · ".join(shown), _MAX_OPTION, language)),
        "value": row.ref.id,
    }


def _named(rows: Sequence[ListingRow], language: Language) -> kit.Block:
    lines = [
        kit.section(kit.words(sanitize_line(f"{row.rank}. {row.name} ({row.user})", 200, language)))
        for row in rows
    ]
    return kit.rich({"type": "rich_text_list", "style": "bullet", "elements": lines})


def chosen_in(view: Json) -> tuple[str, ...]:
    """Return the ids ticked in a submitted window, in the order shown, each once."""
    values = record(record(view.get("state")).get("values"))
    found: dict[str, None] = {}
    for block in dicts(view.get("blocks")):
        element = record(record(values.get(string(block.get("block_id")))).get(APPLICATIONS))
        chosen = (string(option.get("value")) for option in dicts(element.get("selected_options")))
        found |= dict.fromkeys(value for value in chosen if value)
    return tuple(found)


def nothing_chosen(view: Json) -> dict[str, str]:
    """Return what the window answers when nothing is ticked: a line by the first block's id."""
    place = place_of(view.get("private_metadata"))
    language = place.language if place else Language.KO
    return {f"{_BLOCK}.0": texts.CHOOSE_NOTHING(language)}


_LOG = structlog.get_logger(__name__)
_MAX_CHOSEN = 20  # rows of a listing


async def open_window(client: AsyncWebClient, trigger: str, view: Json) -> str | None:
    """Open a window and return its id; None when Slack does not show it."""
    try:
        answer = await asked(client.views_open, {"trigger_id": trigger, "view": view})
    except SlackCallError as error:
        _LOG.warning("window_not_opened", error=str(error))
        return None
    return string(record(answer.get("view")).get("id")) or None


async def change_window(client: AsyncWebClient, view_id: str, view: Json) -> None:
    """Show other content in an open window; nobody misses it when it was closed meanwhile."""
    try:
        await asked(client.views_update, {"view_id": view_id, "view": view})
    except SlackCallError as error:
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
    view, user = record(body.get("view")), record(body.get("user"))
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
    return {"response_action": "errors", "errors": nothing_chosen(record(body.get("view")))}


# Choosing applications without typing: a window over the listing, then the way of every kill.


Listings = Callable[[str, str], Awaitable[Listing | None]]  # a thread's last list, frozen


@dataclass(frozen=True, slots=True)
class ApplicationPicker:
    """Opens the window, and takes what was ticked to the same checks as typed words."""

    listings: Listings
    client: AsyncWebClient
    turns: Turns
    zone: tzinfo

    async def open(self, press: ButtonPress) -> Outcome:
        """Open the window over the thread's listing; the presser is told when it cannot be."""
        listing = await self.listings(press.channel, press.thread_ts)
        if listing is None or not listing.rows:
            return privately(press, texts.NO_LIST(press.language))
        place = Place(press.channel, press.thread_ts, press.language)
        view = chooser(listing, place, self.zone)
        if await open_window(self.client, press.trigger, view) is None:
            return privately(press, texts.NOT_OPENED(press.language))
        return Outcome()

    async def submitted(self, item: InboxItem, asked: Submission, team: str) -> Outcome:
        """Propose the kill; a refusal is shown to whoever chose, and to nobody else."""
        place = asked.place
        if asked.user_team != team:
            text = OUTSIDER(place.language)
            post = private_post(asked.key, place.channel, place.thread_ts, asked.user, text)
            return Outcome((post,))
        turn = _turn(item, asked, team)
        reading = Understanding(
            intent=Intent.KILL,
            agent=AgentName.DATA_ENGINEER,
            language=place.language,
            selection=Either(tuple(Having(Field.ID, each) for each in asked.chosen)),
            evidence=("window", "choose_applications"),
        )
        answer = await self.turns.answer(turn, reading, private_known=False)
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
