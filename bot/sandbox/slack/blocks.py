"""Block Kit's blocks, messages and views, as Slack checks them: an invalid payload is refused."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack import elements as el
from bot.sandbox.slack.schema import (
    Check,
    Problem,
    anything,
    boolean,
    both,
    choice,
    fields,
    integer,
    items,
    one_needed,
    string,
    tagged,
)
from bot.sandbox.slack.transcript import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
BLOCKS_TOTAL = 13_200  # undocumented; bolt-js#2509 met msg_blocks_too_long beyond it
METADATA_NAME = 255

_NAMED: Mapping[str, Check] = {"block_id": el.IDENTIFIER}
_RICH_TEXT = fields({"elements": items(el.RICH_TEXT_ELEMENT, 1000)}, _NAMED)
_CELL = tagged({"raw_text": fields({"text": string(12_000)}), "rich_text": _RICH_TEXT})
_COLUMN = fields({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})


_FIELDS_OR_TEXT = both(
    fields(
        {},
        {
            **_NAMED,
            "text": el.text_object(3000),
            "fields": items(el.text_object(2000), 10),
            "accessory": el.ACCESSORY,
            "expand": boolean,
        },
    ),
    one_needed("text", "fields"),
)
_IMAGE = both(
    fields(
        {"alt_text": string(2000, least=0)},
        {
            **_NAMED,
            "title": el.plain_text(2000),
            "image_url": el.IMAGE_URL,
            "slack_file": fields({}, {"id": string(), "url": string()}),
        },
    ),
    one_needed("image_url", "slack_file"),
)
_INPUT = fields(
    {"label": el.plain_text(2000), "element": el.INPUT},
    {**_NAMED, "hint": el.plain_text(2000), "optional": boolean, "dispatch_action": boolean},
)
_TABLE = fields(
    {"rows": items(items(_CELL, 20), 100)}, {**_NAMED, "column_settings": items(_COLUMN, 20, 0)}
)
BLOCK = tagged(
    {
        "header": fields({"text": el.plain_text(150)}, {**_NAMED, "level": integer(1, 6)}),
        "section": _FIELDS_OR_TEXT,
        "context": fields({"elements": items(el.CONTEXT_ELEMENT, 10)}, _NAMED),
        "divider": fields({}, _NAMED),
        "actions": fields({"elements": items(el.ACTIONS, 25)}, _NAMED),
        "rich_text": _RICH_TEXT,
        "table": _TABLE,
        "image": _IMAGE,
        "input": _INPUT,
    }
)


def message_problems(blocks: Any) -> list[Problem]:
    """Return what Slack would refuse in a message's blocks."""
    return _problems(blocks, "/blocks", MESSAGE_BLOCKS)


def _problems(blocks: Any, at: str, most: int) -> list[Problem]:
    found = list(items(BLOCK, most, 0)(blocks, at))
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return found
    return [
        *found,
        *_repeated([block.get("block_id") for block in blocks], at, "block_id"),
        *_repeated_actions(blocks, at),
        *_one_table(blocks, at),
    ]


def _repeated(names: list[Any], at: str, what: str) -> Iterator[Problem]:
    for name, times in Counter(str(name) for name in names if name).items():
        if times > 1:
            yield Problem(at, f"{what} {name!r} already exists")


def _repeated_actions(blocks: list[Json], at: str) -> Iterator[Problem]:
    for index, block in enumerate(blocks):
        held = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        names = [each.get("action_id") for each in held if isinstance(each, dict)]
        yield from _repeated(names, f"{at}/{index}", "action_id")


def _one_table(blocks: list[Json], at: str) -> Iterator[Problem]:
    tables = [i for i, block in enumerate(blocks) if block.get("type") == "table"]
    for index in tables[1:]:
        yield Problem(f"{at}/{index}", "only_one_table_allowed")


def too_long(blocks: list[Json]) -> bool:
    """Tell whether Slack would answer `msg_blocks_too_long`."""
    return _length(blocks) > BLOCKS_TOTAL


def _length(value: Any) -> int:
    if isinstance(value, list):
        return sum(_length(each) for each in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    inner = sum(_length(each) for each in value.values())
    return inner + (len(own) if isinstance(own, str) else 0)


_VIEW = {
    "blocks": anything,
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_VIEWS = tagged(
    {
        "home": fields({"blocks": anything}, _VIEW),
        "modal": fields(
            {"blocks": anything, "title": el.plain_text(24)},
            {
                **_VIEW,
                "submit": el.plain_text(24),
                "close": el.plain_text(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        ),
    }
)


def view_problems(view: Any, kind: str) -> list[Problem]:
    """Return what Slack would refuse in a `home` or `modal` view."""
    found = list(_VIEWS(view, "/view"))
    if not isinstance(view, dict):
        return found
    if view.get("type") != kind:
        found.append(Problem("/view/type", f"must be {kind}"))
    blocks = view.get("blocks")
    found += _problems(blocks, "/view/blocks", VIEW_BLOCKS)
    listed = blocks if isinstance(blocks, list) else []
    asks = any(isinstance(block, dict) and block.get("type") == "input" for block in listed)
    if kind == "modal" and asks and not view.get("submit"):
        found.append(Problem("/view/submit", "a modal with input blocks needs submit"))
    return found


_METADATA = fields({"event_type": string(METADATA_NAME), "event_payload": anything})


def metadata_problems(metadata: Any) -> list[Problem]:
    """Return what is wrong with message metadata: `event_type`, and an object `event_payload`."""
    found = list(_METADATA(metadata, "/metadata"))
    if isinstance(metadata, dict) and not isinstance(metadata.get("event_payload"), dict):
        found.append(Problem("/metadata/event_payload", "must be an object"))
    return found
