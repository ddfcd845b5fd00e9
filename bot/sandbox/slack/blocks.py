"""Block Kit as Slack checks it: messages and views with what they hold; the invalid is refused.

Only what the product and its demo post: any other kind is refused as unsupported.

Limits: docs.slack.dev/reference/block-kit, compared with the validators of slack_sdk 3.47.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails, SchemaValidator, ValidationError
from pydantic_core import core_schema as core

Json = dict[str, Any]
Schema = core.CoreSchema
Members = Mapping[str, Schema]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
BLOCKS_TOTAL = 13_200  # undocumented; bolt-js#2509 met msg_blocks_too_long beyond it
_UNTAGGED = frozenset({"union_tag_not_found", "union_tag_invalid", "model_attributes_type"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: the JSON pointer and what is wrong there."""

    pointer: str
    message: str

    def __str__(self) -> str:
        """Return it as `response_metadata.messages` words it."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


# ---- the words the rules are written in


def _string(most: int, least: int = 1, pattern: str | None = None) -> Schema:
    return core.str_schema(min_length=least, max_length=most, pattern=pattern)


def _choice(*values: str) -> Schema:
    return core.literal_schema([*values])


def _items(item: Schema, most: int, least: int = 1) -> Schema:
    return core.list_schema(item, min_length=least, max_length=most)


def _fields(required: Members, optional: Members | None = None) -> Schema:
    """Accept an object with these members and no others."""
    members = {name: core.typed_dict_field(each) for name, each in required.items()}
    for name, each in (optional or {}).items():
        members[name] = core.typed_dict_field(core.nullable_schema(each), required=False)
    return core.typed_dict_schema(members, extra_behavior="forbid")


def _kind(name: str, required: Members, optional: Members | None = None) -> dict[str, Schema]:
    """Name the rules of the objects of one `type`."""
    return {name: _fields({"type": _choice(name), **required}, optional)}


def _tagged(*kinds: Mapping[str, Schema]) -> Schema:
    """Accept an object whose `type` names one of the kinds, checked by that kind."""
    known = {name: schema for kind in kinds for name, schema in kind.items()}
    return core.tagged_union_schema(known, "type")


# ---- texts, choices and what a person can press

_ANY, _BOOLEAN = core.any_schema(), core.bool_schema()
_ID, _LONG = _string(255), _string(3000)
_STYLE = _choice("primary", "danger")


def _plain(limit: int) -> Schema:
    return _tagged(_kind("plain_text", {"text": _string(limit)}, {"emoji": _BOOLEAN}))


def _text(limit: int) -> dict[str, Schema]:
    """Only plain_text may carry `emoji`, only mrkdwn `verbatim`."""
    return {
        **_kind("plain_text", {"text": _string(limit)}, {"emoji": _BOOLEAN}),
        **_kind("mrkdwn", {"text": _string(limit)}, {"verbatim": _BOOLEAN}),
    }


def _image(**more: Schema) -> dict[str, Schema]:
    shown = {"image_url": _string(3000, pattern=r"^https?://")}
    return _kind("image", {"alt_text": _string(2000, least=0), **shown}, more)


_CONFIRM = _fields(
    {
        "title": _plain(100),
        "text": _tagged(_text(300)),
        "confirm": _plain(30),
        "deny": _plain(30),
    },
    {"style": _STYLE},
)
_OPTION = _fields(
    {"text": _tagged(_text(75)), "value": _string(150)},
    {"description": _tagged(_text(75))},
)
_BUTTON = _kind(
    "button",
    {"text": _plain(75)},
    {
        "action_id": _ID,
        "url": _string(3000, pattern=r"^(https?|slack|mailto|tel):"),
        "value": _string(2000),
        "style": _STYLE,
        "confirm": _CONFIRM,
    },
)
_BOXES = _kind("checkboxes", {"options": _items(_OPTION, 10)}, {"action_id": _ID})

# ---- rich text

_STYLED = {
    "style": _fields(
        {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "unlink"), _BOOLEAN)
    )
}
_RUN = _kind("text", {"text": _string(12_000, least=0)}, _STYLED)
_LINK = _kind("link", {"url": _LONG}, {"text": _LONG, **_STYLED})
_PART = _tagged(
    _RUN,
    _LINK,
    _kind("user", {"user_id": _ID}, _STYLED),
    _kind("channel", {"channel_id": _ID}, _STYLED),
    _kind("emoji", {"name": _string(100)}, _STYLED),
)
_PARTS = _items(_PART, 1000, 0)
_SECTION = _kind("rich_text_section", {"elements": _PARTS})
_BORDER = {"border": core.int_schema(ge=0, le=1)}
_LIST = {"style": _choice("bullet", "ordered"), "elements": _items(_tagged(_SECTION), 1000, 0)}
_QUOTED = {"elements": _items(_tagged(_RUN, _LINK), 1000, 0)}
_RICH = _tagged(
    _SECTION,
    _kind("rich_text_quote", {"elements": _PARTS}, _BORDER),
    _kind("rich_text_preformatted", _QUOTED, _BORDER),
    _kind("rich_text_list", _LIST, _BORDER),
)

# ---- blocks and views

_NAMED = {"block_id": _ID}
_RICH_TEXT = _kind("rich_text", {"elements": _items(_RICH, 1000)}, _NAMED)
_CELL = _tagged(_kind("raw_text", {"text": _string(12_000)}), _RICH_TEXT)
_COLUMN = _fields({}, {"align": _choice("left", "center", "right"), "is_wrapped": _BOOLEAN})
_ASKED = {"label": _plain(2000), "element": _tagged(_BOXES)}
_BLOCK = _tagged(
    _kind("divider", {}, _NAMED),
    _kind("header", {"text": _plain(150)}, _NAMED),
    _kind(
        "section",
        {},
        {
            **_NAMED,
            "text": _tagged(_text(3000)),
            "fields": _items(_tagged(_text(2000)), 10),
            "accessory": _tagged(_BUTTON, _BOXES, _image()),
        },
    ),
    _kind("context", {"elements": _items(_tagged(_text(3000), _image()), 10)}, _NAMED),
    _kind("actions", {"elements": _items(_tagged(_BUTTON, _BOXES), 25)}, _NAMED),
    _RICH_TEXT,
    _kind(
        "table",
        {"rows": _items(_items(_CELL, 20), 100)},
        {**_NAMED, "column_settings": _items(_COLUMN, 20, 0)},
    ),
    _image(**_NAMED, title=_plain(2000)),
    _kind("input", _ASKED, {**_NAMED, "optional": _BOOLEAN}),
)
_VIEW = {"callback_id": _string(255, least=0), "private_metadata": _string(3000, least=0)}
_SHOWN = {"blocks": _items(_BLOCK, VIEW_BLOCKS, 0)}
_ENDS = {"submit": _plain(24), "close": _plain(24)}


def _checked(schema: Schema) -> SchemaValidator:
    return SchemaValidator(schema, core.CoreConfig(strict=True))


_MESSAGE_RULES = _checked(_items(_BLOCK, MESSAGE_BLOCKS, 0))
_VIEW_RULES = {
    "home": _checked(_tagged(_kind("home", _SHOWN, _VIEW))),
    "modal": _checked(_tagged(_kind("modal", {**_SHOWN, "title": _plain(24)}, {**_VIEW, **_ENDS}))),
}
_METADATA_RULES = _checked(_fields({"event_type": _ID, "event_payload": core.dict_schema()}))


def message_problems(blocks: Any) -> list[Problem]:
    """Return what Slack would refuse in a message's blocks."""
    return [*_problems(_MESSAGE_RULES, blocks, "/blocks"), *_together(blocks, "/blocks")]


def view_problems(view: Any, kind: str) -> list[Problem]:
    """Return what Slack would refuse in a `home` or `modal` view."""
    found = _problems(_VIEW_RULES[kind], view, "/view")
    blocks = view.get("blocks") if isinstance(view, dict) else None
    found += _together(blocks, "/view/blocks")
    listed = blocks if isinstance(blocks, list) else []
    asks = any(isinstance(block, dict) and block.get("type") == "input" for block in listed)
    if kind == "modal" and asks and not view.get("submit"):
        found.append(Problem("/view/submit", "a modal with input blocks needs submit"))
    return found


def metadata_problems(metadata: Any) -> list[Problem]:
    """Return what is wrong with message metadata: `event_type`, and an object `event_payload`."""
    return _problems(_METADATA_RULES, metadata, "/metadata")


def _problems(rules: SchemaValidator, value: Any, at: str) -> list[Problem]:
    try:
        rules.validate_python(value)
    except ValidationError as refused:
        errors = refused.errors(include_url=False, include_input=False)
        return [Problem(_pointer(each, value, at), each["msg"]) for each in errors]
    return []


def _pointer(error: ErrorDetails, value: Any, at: str) -> str:
    """Return where it is; between the steps of the way stand the types of what is walked through."""
    fresh = True
    for step in error["loc"]:
        if fresh and isinstance(value, dict) and value.get("type") == step:
            fresh = False
            continue
        at, fresh = f"{at}/{step}", True
        known = step in value if isinstance(value, dict) else isinstance(value, list)
        value = value[step] if known else None
    return f"{at}/type" if error["type"] in _UNTAGGED else at


def _together(blocks: Any, at: str) -> Iterator[Problem]:
    """Yield what blocks lack or have twice though each member is fine."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return
    yield from _repeated(blocks, at, "block_id")
    for index, block in enumerate(blocks):
        held = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        acting = [each for each in held if isinstance(each, dict)]
        yield from _repeated(acting, f"{at}/{index}", "action_id")
        if block.get("type") == "section" and not (block.get("text") or block.get("fields")):
            yield Problem(f"{at}/{index}", "one of text, fields is required")
    tables = [index for index, block in enumerate(blocks) if block.get("type") == "table"]
    for index in tables[1:]:
        yield Problem(f"{at}/{index}", "only_one_table_allowed")


def _repeated(holders: list[Json], at: str, what: str) -> Iterator[Problem]:
    names = (str(each[what]) for each in holders if each.get(what))
    for name, times in Counter(names).items():
        if times > 1:
            yield Problem(at, f"{what} {name!r} already exists")


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
