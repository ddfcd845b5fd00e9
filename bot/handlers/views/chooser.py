"""The window in which a person ticks applications of the thread's frozen listing."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.domain.applications import span
from bot.domain.conversation import Listing, ListingRow
from bot.domain.language import Language
from bot.handlers.message_text import Json
from bot.handlers.views import blocks as kit
from bot.handlers.views.sanitize import sanitize_line
from bot.texts import figures
from bot.texts import slack as texts

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
        blocks += [kit.paragraph(*_lock(language)), _named(closed, language)]
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


def _lock(language: Language) -> Iterator[kit.Block]:
    yield kit.emoji("lock")
    yield kit.words(" " + texts.CHOOSE_PROTECTED(language), bold=True)


def _named(rows: Sequence[ListingRow], language: Language) -> kit.Block:
    lines = [
        kit.section(kit.words(sanitize_line(f"{row.rank}. {row.name} ({row.user})", 200, language)))
        for row in rows
    ]
    return kit.rich({"type": "rich_text_list", "style": "bullet", "elements": lines})


def chosen_in(view: Json) -> tuple[str, ...]:
    """Return the ids ticked in a submitted window, in the order shown, each once."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    found: dict[str, None] = {}
    for block in view.get("blocks") or ():
        held = values.get(block.get("block_id")) if isinstance(values, dict) else None
        element = held.get(APPLICATIONS) if isinstance(held, dict) else None
        for option in (element.get("selected_options") or ()) if isinstance(element, dict) else ():
            value = option.get("value") if isinstance(option, dict) else None
            if isinstance(value, str) and value:
                found.setdefault(value)
    return tuple(found)


def nothing_chosen(view: Json) -> dict[str, str]:
    """Return what the window answers when nothing is ticked: a line by the first block's id."""
    place = place_of(view.get("private_metadata"))
    language = place.language if place else Language.KO
    return {f"{_BLOCK}.0": texts.CHOOSE_NOTHING(language)}
