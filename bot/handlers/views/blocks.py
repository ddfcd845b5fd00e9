"""The Block Kit pieces we use, each within Slack's limits; all text literal, none of it markup."""

import re
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]

MAX_BLOCKS = 50
MAX_CHARACTERS = 9_500  # Slack refuses a message somewhere near 13,000 characters of blocks
MAX_TEXT = 3_000
MAX_HEADER = 150
MAX_FIELD = 2_000
MAX_FIELDS = 10
MAX_BUTTON = 75
MAX_VALUE = 2_000
MAX_BUTTONS = 25
MAX_ROWS = 100
MAX_COLUMNS = 20
MAX_CONFIRM_TITLE = 100
MAX_CONFIRM_TEXT = 300
MAX_CONFIRM_WORD = 30
MAX_FALLBACK = 4_000
EMPTY = "–"
_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What goes to Slack: blocks, and escaped text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]


def words(text: str, *, bold: bool = False, code: bool = False) -> Block:
    """Return a rich_text run."""
    style = {name: True for name, on in (("bold", bold), ("code", code)) if on}
    return {"type": "text", "text": text or EMPTY, **({"style": style} if style else {})}


def emoji(name: str) -> Block:
    """Return an emoji in rich text."""
    return {"type": "emoji", "name": name}


def place(channel: str) -> Block:
    """Return a channel, shown by its name and opened by a click."""
    return {"type": "channel", "channel_id": channel}


def person(user: str) -> Block:
    """Return a person by Slack id; anything that is no id as plain words."""
    if _USER.fullmatch(user):
        return {"type": "user", "user_id": user}
    return words(user)


def channel(channel_id: str) -> Block:
    """Return a channel by Slack id; anything that is no id as plain words."""
    if _CHANNEL.fullmatch(channel_id):
        return {"type": "channel", "channel_id": channel_id}
    return words(channel_id)


def link(url: str, text: str) -> Block:
    """Return a link. Both are ours: nothing from outside may become one."""
    return {"type": "link", "url": url, "text": text}


def section(*runs: Block) -> Block:
    """Return one paragraph of a rich_text block."""
    return {"type": "rich_text_section", "elements": list(runs)}


def rich(*elements: Block) -> Block:
    """Return a rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def paragraph(*runs: Block) -> Block:
    """Return a rich_text block of one paragraph."""
    return rich(section(*runs))


def plain(text: str) -> Block:
    """Return a plain_text object; `:codes:` stay as they are typed."""
    return {"type": "plain_text", "text": text or EMPTY, "emoji": False}


def header(text: str) -> Block:
    """Return a header block."""
    return {"type": "header", "text": plain(text)}


def note(text: str) -> Block:
    """Return one quiet line."""
    return {"type": "context", "elements": [plain(text)]}


def facts(pairs: list[tuple[str, str]]) -> Block:
    """Return label and value pairs, at most 10."""
    return {
        "type": "section",
        "fields": [plain(f"{label}\n{value or EMPTY}") for label, value in pairs[:MAX_FIELDS]],
    }


def size(node: Any) -> int:
    """Return how many characters of text a block holds."""
    if isinstance(node, dict):
        own = sum(len(node[key]) for key in ("text", "value") if isinstance(node.get(key), str))
        return own + sum(size(child) for child in node.values())
    if isinstance(node, list | tuple):
        return sum(size(child) for child in node)
    return 0
