"""Payloads Slack refuses are refused, with the place named; slack_sdk's limits agree."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models import blocks as sdk

from bot.sandbox.slack.blocks import (
    message_problems,
    metadata_problems,
    too_long,
    view_problems,
)

Json = dict[str, Any]


def plain(text: str, **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def md(text: str, **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("ok"), "action_id": "a", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def confirm(**more: Any) -> Json:
    texts = {"title": plain("t"), "text": md("x"), "confirm": plain("y"), "deny": plain("n")}
    return {**texts, **more}


def table(*rows: list[Json], **more: Any) -> Json:
    return {"type": "table", "rows": list(rows), **more}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def rich_section(*parts: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(parts)}


OPTION = {"text": plain("o"), "value": "o"}
DIVIDER: Json = {"type": "divider"}

ACCEPTED: dict[str, list[Json]] = {
    "header": [{"type": "header", "text": plain("h", emoji=True)}],
    "section": [{"type": "section", "text": md("x", verbatim=True), "accessory": button()}],
    "fields": [{"type": "section", "fields": [md("a"), plain("b")]}],
    "context": [{"type": "context", "elements": [md("x"), plain("y")]}],
    "buttons": [actions(button(style="danger", confirm=confirm(style="danger")))],
    "rich text": [
        rich(
            rich_section({"type": "text", "text": "b", "style": {"bold": True}}),
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [rich_section({"type": "text", "text": "1"})],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        )
    ],
    "table": [table([raw("h")], [rich(rich_section())], column_settings=[{"align": "right"}])],
    "image": [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": ""}],
    "fifty": [DIVIDER] * 50,
}

REFUSED: dict[str, tuple[list[Any], str]] = {
    "no type": ([{}], "/blocks/0/type"),
    "unknown type": ([{"type": "video_wall"}], "/blocks/0/type"),
    "51 blocks": ([DIVIDER] * 51, "/blocks"),
    "unknown member": ([{"type": "divider", "colour": "red"}], "/blocks/0/colour"),
    "mrkdwn header": ([{"type": "header", "text": md("x")}], "/blocks/0/text/type"),
    "empty text": ([{"type": "section", "text": md("")}], "/blocks/0/text/text"),
    "string text": ([{"type": "section", "text": "x"}], "/blocks/0/text/type"),
    "empty section": ([{"type": "section"}], "/blocks/0"),
    "emoji in mrkdwn": (
        [{"type": "section", "text": md("x", emoji=True)}],
        "/blocks/0/text/emoji",
    ),
    "verbatim in plain": (
        [{"type": "section", "text": plain("x", verbatim=True)}],
        "/blocks/0/text/verbatim",
    ),
    "11 fields": ([{"type": "section", "fields": [md("x")] * 11}], "/blocks/0/fields"),
    "long field": (
        [{"type": "section", "fields": [md("x" * 2001)]}],
        "/blocks/0/fields/0/text",
    ),
    "no elements": ([actions()], "/blocks/0/elements"),
    "same action ids": ([actions(button(), button())], "/blocks/0"),
    "same block ids": ([{**DIVIDER, "block_id": "b"}] * 2, "/blocks"),
    "button style": ([actions(button(style="loud"))], "/blocks/0/elements/0/style"),
    "button mrkdwn": ([actions(button(text=md("x")))], "/blocks/0/elements/0/text/type"),
    "button url": ([actions(button(url="javascript:x"))], "/blocks/0/elements/0/url"),
    "confirm without deny": (
        [actions(button(confirm={"title": plain("t"), "text": md("x"), "confirm": plain("y")}))],
        "/blocks/0/elements/0/confirm/deny",
    ),
    "long confirm": (
        [actions(button(confirm=confirm(text=md("x" * 301))))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "11 boxes": (
        [actions({"type": "checkboxes", "action_id": "s", "options": [OPTION] * 11})],
        "/blocks/0/elements/0/options",
    ),
    "button in context": (
        [{"type": "context", "elements": [button()]}],
        "/blocks/0/elements/0/type",
    ),
    "two tables": ([table([raw("a")]), table([raw("a")])], "/blocks/1"),
    "101 rows": ([table(*[[raw("a")]] * 101)], "/blocks/0/rows"),
    "21 cells": ([table([raw("a")] * 21)], "/blocks/0/rows/0"),
    "plain cell": ([table([plain("a")])], "/blocks/0/rows/0/0/type"),
    "empty cell": ([table([raw("")])], "/blocks/0/rows/0/0/text"),
    "alignment": (
        [table([raw("a")], column_settings=[{"align": "middle"}])],
        "/blocks/0/column_settings/0/align",
    ),
    "text outside a section": ([rich({"type": "text", "text": "x"})], "/blocks/0/elements/0/type"),
    "list without style": (
        [rich({"type": "rich_text_list", "elements": []})],
        "/blocks/0/elements/0/style",
    ),
    "style as text": (
        [rich(rich_section({"type": "text", "text": "x", "style": "bold"}))],
        "/blocks/0/elements/0/elements/0/style",
    ),
    "image without alt": (
        [{"type": "image", "image_url": "https://x.example/a.png"}],
        "/blocks/0/alt_text",
    ),
    "not an object": (["x"], "/blocks/0/type"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_slack_takes_is_taken(name: str) -> None:
    assert message_problems(ACCEPTED[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_slack_refuses_is_refused_with_its_pointer(name: str) -> None:
    blocks, pointer = REFUSED[name]
    assert pointer in [problem.pointer for problem in message_problems(blocks)]


LIMITS: dict[str, tuple[Callable[[int], Json], int]] = {
    "header": (lambda n: {"type": "header", "text": plain("x" * n)}, 150),
    "section": (lambda n: {"type": "section", "text": md("x" * n)}, 3000),
    "fields": (lambda n: {"type": "section", "fields": [md("x")] * n}, 10),
    "context": (lambda n: {"type": "context", "elements": [md("x")] * n}, 10),
    "actions": (lambda n: actions(*[button(action_id=f"a{i}") for i in range(n)]), 25),
    "block id": (lambda n: {**DIVIDER, "block_id": "x" * n}, 255),
    "action id": (lambda n: actions(button(action_id="x" * n)), 255),
    "button text": (lambda n: actions(button(text=plain("x" * n))), 75),
    "button value": (lambda n: actions(button(value="x" * n)), 2000),
    "confirm title": (lambda n: actions(button(confirm=confirm(title=plain("x" * n)))), 100),
    "confirm text": (lambda n: actions(button(confirm=confirm(text=md("x" * n)))), 300),
    "confirm button": (lambda n: actions(button(confirm=confirm(deny=plain("x" * n)))), 30),
    "alt text": (
        lambda n: {"type": "image", "image_url": "https://x.example", "alt_text": "x" * n},
        2000,
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_those_of_slack_sdk(name: str) -> None:
    """At the limit slack_sdk and the stand-in accept, one past it both refuse."""
    build, limit = LIMITS[name]
    assert _sdk_takes(build(limit))
    assert message_problems([build(limit)]) == []
    assert not _sdk_takes(build(limit + 1))
    assert message_problems([build(limit + 1)])


def _sdk_takes(block: Json) -> bool:
    parsed = sdk.Block.parse(block)
    assert parsed is not None
    try:
        parsed.to_dict()
    except SlackObjectFormationError:
        return False
    return True


def test_a_view_has_its_own_rules() -> None:
    """A modal needs a short title, and a submit button when it asks for input."""
    good = {"type": "modal", "title": plain("t"), "blocks": [DIVIDER]}
    asks = {
        "type": "input",
        "label": plain("l"),
        "element": {
            "type": "checkboxes",
            "action_id": "x",
            "options": [OPTION],
        },
    }
    assert view_problems(good, "modal") == []
    assert view_problems({**good, "title": plain("t" * 25)}, "modal")
    assert view_problems({**good, "blocks": [asks]}, "modal")
    assert view_problems({"type": "home", "blocks": []}, "home") == []
    assert view_problems({"type": "home", "blocks": []}, "modal")
    assert view_problems({"type": "home", "blocks": [DIVIDER] * 101}, "home")


def test_metadata_has_a_name_and_an_object() -> None:
    assert metadata_problems({"event_type": "x", "event_payload": {}}) == []
    assert metadata_problems({"event_type": "x"})
    assert metadata_problems({"event_type": "x", "event_payload": "y"})
    assert metadata_problems("x")


def test_too_much_text_in_all_is_told() -> None:
    """Sections that are fine alone exceed what Slack takes together."""
    section = {"type": "section", "text": md("x" * 3000)}
    assert not too_long([section] * 4)
    assert too_long([section] * 5)
