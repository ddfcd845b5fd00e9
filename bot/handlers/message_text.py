"""Collects what a Slack message says, wherever it says it: text, attachments, blocks."""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_ENTITY = re.compile(r"<([^<>\n]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
# Code, and lines that quote: what stands there is shown, not said.
_SHOWN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`|^(?:&gt;|>)[^\n]*$", re.DOTALL | re.MULTILINE)
_MENTIONED = re.compile(
    r"<(?:@([UW][A-Z0-9]+)|!subteam\^([A-Z0-9]+)|!(here|channel|everyone))[^>]*>"
)
_SHOWING = frozenset({"rich_text_preformatted", "rich_text_quote"})
_TEXT_KEYS = ("text", "title", "fallback", "pretext", "alt_text", "description")
_NESTED_KEYS = ("elements", "fields", "rows", "accessory", "title", "text", "element", "cells")
MAX_READ = 20_000  # characters of a message that are looked at; patterns run over them
MAX_TITLE = 300
MAX_FIELD = 300
_DEPTH = 12  # Slack nests blocks four deep; a hostile body must not exhaust the stack


def readable(wire: str) -> str:
    """Return Slack's wire text as a person reads it: no entities, links as their label or address.

    A mention becomes `@U…`, a channel `#name`, a group or broadcast `@name`.
    """
    text = _ENTITY.sub(lambda match: _entity(match[1]), wire)
    for escaped, character in _ENTITIES:
        text = text.replace(escaped, character)
    return text


def _entity(inner: str) -> str:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return f"@{target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].split('^')[0]}"
    return label or target


def mentions_of(message: Json) -> frozenset[str]:
    """Return the users and groups a message speaks to: those named in code or a quote are shown.

    A broadcast such as @here counts as `here`.
    """
    wire = _SHOWN.sub(" ", string(message.get("text"))[:MAX_READ])
    found = {user or group or all_ for user, group, all_ in _MENTIONED.findall(wire)}
    if not wire.strip():
        found.update(_mentioned_in(message.get("blocks"), _DEPTH))
    return frozenset(found)


def _mentioned_in(node: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(node, list):
        for child in node:
            yield from _mentioned_in(child, depth - 1)
    elif isinstance(node, dict) and node.get("type") not in _SHOWING:
        name = node.get("user_id") or node.get("usergroup_id") or node.get("range")
        if isinstance(name, str):
            yield name
        yield from _mentioned_in(node.get("elements"), depth - 1)


def title_of(message: Json) -> str:
    """Return the line a reader sees first: an attachment's title, a header, or the first line."""
    for attachment in dicts(message.get("attachments")):
        for key in ("title", "pretext", "fallback"):
            if text := string(attachment.get(key)):
                return _first_line(readable(text[:MAX_READ]))
        if text := _first_header(attachment.get("blocks")):
            return text
    header = _first_header(message.get("blocks"))
    return header or _first_line(text_of(message))


def text_of(message: Json) -> str:
    """Return everything the message says, a line per piece, without repeats."""
    pieces: list[str] = []
    if text := string(message.get("text")):
        pieces.append(readable(text))
    for attachment in dicts(message.get("attachments")):
        pieces.extend(_attachment_texts(attachment))
    pieces.extend(block_texts(message.get("blocks")))
    seen: dict[str, None] = {}
    for piece in pieces:
        if stripped := piece.strip():
            seen.setdefault(stripped)
    return "\n".join(seen)[:MAX_READ]


def fields_of(message: Json) -> Iterator[tuple[str, str]]:
    """Yield the attachments' fields as (title, value)."""
    for attachment in dicts(message.get("attachments")):
        for item in dicts(attachment.get("fields")):
            title, value = string(item.get("title")), string(item.get("value"))
            if title and value:
                yield readable(title[:MAX_FIELD]), readable(value[:MAX_FIELD])


def without_unfurls(message: Json) -> Json:
    """Return the message without the previews Slack adds to links."""
    kept = [
        each
        for each in dicts(message.get("attachments"))
        if not (each.get("from_url") or each.get("original_url") or each.get("is_msg_unfurl"))
    ]
    return {**message, "attachments": kept}


def _attachment_texts(attachment: Json) -> Iterator[str]:
    for key in ("pretext", "title", "text"):
        if text := string(attachment.get(key)):
            yield readable(text)
    for title, value in fields_of({"attachments": [attachment]}):
        yield f"{title}: {value}"
    yield from block_texts(attachment.get("blocks"))
    fallback = readable(string(attachment.get("fallback")))
    if fallback and fallback != "[no preview available]":
        yield fallback


def block_texts(blocks: Any) -> Iterator[str]:
    """Yield what each block says, its own lines divided."""
    for block in dicts(blocks):
        yield "".join(_pieces(block, _DEPTH))


def _pieces(node: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(node, list):
        for child in node:
            yield from _pieces(child, depth - 1)
            if isinstance(child, dict) and child.get("type") in _BREAKS:
                yield "\n"
    elif isinstance(node, dict) and node.get("type") not in _CONTROLS:
        yield from _own_text(node)
        for key in _NESTED_KEYS:
            if isinstance(node.get(key), list | dict):
                yield from _pieces(node[key], depth - 1)


# What a button says is no part of the message: PagerDuty's "Resolve" resolves nothing.
_CONTROLS = frozenset({"actions", "button", "overflow", "static_select", "users_select"})
_BREAKS = frozenset(
    {"rich_text_section", "rich_text_preformatted", "rich_text_quote", "mrkdwn", "plain_text"}
    | {"raw_text", "raw_number", "rich_text"}
)


def _own_text(node: Json) -> Iterator[str]:
    kind = node.get("type")
    if kind == "user":
        yield f"@{string(node.get('user_id'))}"
    elif kind == "broadcast":
        yield f"@{string(node.get('range'))}"
    elif kind == "emoji":
        yield f":{string(node.get('name'))}:"
    elif kind == "link":
        yield string(node.get("text")) or string(node.get("url"))
    else:
        for key in _TEXT_KEYS:
            if text := string(node.get(key)):
                yield readable(text) if kind in {"mrkdwn", "markdown"} else text


def _first_header(blocks: Any) -> str:
    for block in dicts(blocks):
        if block.get("type") == "header":
            return _first_line("".join(_pieces(block, _DEPTH)))
    return ""


def _first_line(text: str) -> str:
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first[:MAX_TITLE]


def string(value: Any) -> str:
    """Return a text as it is, and an empty one for anything else."""
    return value if isinstance(value, str) else ""


def record(value: Any) -> Json:
    """Return an object as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def dicts(value: Any) -> list[Json]:
    """Return the objects of a list; empty when it is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
