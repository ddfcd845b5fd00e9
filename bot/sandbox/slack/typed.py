"""What a person types, turned into Slack's wire text and its rich_text block."""

import re
from collections.abc import Iterator

from bot.sandbox.slack.transcript import Json
from bot.sandbox.slack.workspace import Workspace

_KEPT = re.compile(r"<(?P<kind>[@#])(?P<id>[A-Z][A-Z0-9]+)>")
_URL = re.compile(r"https?://[^\s<>|]+")
_PIECE = re.compile(r"<([^<>]+)>|`([^`\n<>]+)`|(?<!\w)\*([^*\s<>](?:[^*\n<>]*[^*\s<>])?)\*(?!\w)")
_NAME_END = r"(?![A-Za-z0-9_.-])"


def wire_text(typed: str, workspace: Workspace) -> str:
    """Escape `& < >` as Slack's composer does; mentions of known names and links become entities.

    `@당직`, `@dangjik` and `<@U…>` of a known member become `<@U…>`; everything else in angle
    brackets is escaped, so a person cannot type `<!channel>`.
    """
    named = _names_to_ids(typed, workspace)
    pieces: list[str] = []
    position = 0
    for match in _KEPT.finditer(named):
        known = workspace.users if match["kind"] == "@" else workspace.channels
        if match["id"] not in known:
            continue
        pieces += [_escape_and_link(named[position : match.start()]), match[0]]
        position = match.end()
    return "".join([*pieces, _escape_and_link(named[position:])])


def _names_to_ids(typed: str, workspace: Workspace) -> str:
    for user in workspace.users.values():
        for name in sorted({user.name, user.real_name, *user.aliases}, key=len, reverse=True):
            end = _NAME_END if name.isascii() else ""
            pattern = re.compile(rf"(?<![\w<]){re.escape('@' + name)}{end}", re.IGNORECASE)
            typed = pattern.sub(f"<@{user.id}>", typed)
    return typed


def _escape_and_link(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _URL.sub(lambda match: f"<{match[0]}>", escaped)


def unescape(text: str) -> str:
    """Return wire text as a person reads it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def rich_text(text: str, block_id: str) -> Json:
    """Return the rich_text block Slack's composer adds to a person's message."""
    section = {"type": "rich_text_section", "elements": list(_elements(text))}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def _elements(text: str) -> Iterator[Json]:
    position = 0
    for match in _PIECE.finditer(text):
        yield from _plain(text[position : match.start()])
        entity, code, bold = match.groups()
        style = {"style": {"code" if code else "bold": True}}
        yield _entity(entity) if entity else {**_text(code or bold), **style}
        position = match.end()
    yield from _plain(text[position:])


def _text(wire: str) -> Json:
    return {"type": "text", "text": unescape(wire)}


def _plain(text: str) -> Iterator[Json]:
    if text:
        yield _text(text)


def _entity(inner: str) -> Json:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": unescape(target), **({"text": label} if label else {})}
