"""Block Kit's composition objects, interactive elements and rich text, as Slack checks them.

Limits: docs.slack.dev/reference/block-kit, compared with the validators of slack_sdk 3.47.
"""

from bot.sandbox.slack.schema import (
    Check,
    anything,
    boolean,
    both,
    choice,
    fields,
    integer,
    items,
    number,
    one_needed,
    string,
    tagged,
)

IDENTIFIER = string(255)
URL = string(3000, pattern=r"^(https?|slack|mailto|tel):")
IMAGE_URL = string(3000, pattern=r"^https?://")


def plain_text(limit: int) -> Check:
    """Accept a `plain_text` object; only it may carry `emoji`."""
    return tagged({"plain_text": fields({"text": string(limit)}, {"emoji": boolean})})


def text_object(limit: int) -> Check:
    """Accept a `plain_text` or `mrkdwn` object; only mrkdwn may carry `verbatim`."""
    return tagged(
        {
            "plain_text": fields({"text": string(limit)}, {"emoji": boolean}),
            "mrkdwn": fields({"text": string(limit)}, {"verbatim": boolean}),
        }
    )


CONFIRM = fields(
    {
        "title": plain_text(100),
        "text": text_object(300),
        "confirm": plain_text(30),
        "deny": plain_text(30),
    },
    {"style": choice("primary", "danger")},
)
_OPTION = {"text": text_object(75), "value": string(150)}
OPTION = fields(_OPTION, {"description": text_object(75), "url": URL})
PLAIN_OPTION = fields(
    {"text": plain_text(75), "value": string(150)}, {"description": plain_text(75), "url": URL}
)
OPTION_GROUP = fields({"label": plain_text(75), "options": items(PLAIN_OPTION, 100)})
_INPUT = {"action_id": IDENTIFIER, "focus_on_load": boolean, "confirm": CONFIRM}
_PLACED = {**_INPUT, "placeholder": plain_text(150)}

BUTTON = fields(
    {"text": plain_text(75)},
    {
        "action_id": IDENTIFIER,
        "url": URL,
        "value": string(2000),
        "style": choice("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
STATIC_SELECT = both(
    fields(
        {},
        {
            **_PLACED,
            "options": items(PLAIN_OPTION, 100),
            "option_groups": items(OPTION_GROUP, 100),
            "initial_option": anything,
        },
    ),
    one_needed("options", "option_groups"),
)
IMAGE = both(
    fields(
        {"alt_text": string(2000, least=0)},
        {"image_url": IMAGE_URL, "slack_file": fields({}, {"id": string(), "url": string()})},
    ),
    one_needed("image_url", "slack_file"),
)
_CHOICES = fields(
    {"options": items(OPTION, 10)},
    {**_INPUT, "initial_options": items(OPTION, 10)},
)
_RADIO = fields({"options": items(OPTION, 10)}, {**_INPUT, "initial_option": anything})
_OVERFLOW = fields({"options": items(OPTION, 5)}, {"action_id": IDENTIFIER, "confirm": CONFIRM})
_PERSON = fields({}, {**_PLACED, "initial_user": IDENTIFIER})
_MULTI = fields(
    {},
    {
        **_PLACED,
        "options": items(PLAIN_OPTION, 100),
        "option_groups": items(OPTION_GROUP, 100),
        "initial_options": anything,
        "max_selected_items": integer(1, 100),
    },
)
_DATE = fields({}, {**_PLACED, "initial_date": string(10)})
_PLAIN_INPUT = fields(
    {},
    {
        **_PLACED,
        "initial_value": string(3000, least=0),
        "multiline": boolean,
        "min_length": integer(0, 3000),
        "max_length": integer(1, 3000),
        "dispatch_action_config": anything,
    },
)

ACTING = {
    "button": BUTTON,
    "checkboxes": _CHOICES,
    "datepicker": _DATE,
    "multi_static_select": _MULTI,
    "overflow": _OVERFLOW,
    "radio_buttons": _RADIO,
    "static_select": STATIC_SELECT,
    "users_select": _PERSON,
}
ACTIONS = tagged(ACTING)
ACCESSORY = tagged({**ACTING, "image": IMAGE})
INPUT = tagged(
    {
        **{name: check for name, check in ACTING.items() if name not in {"button", "overflow"}},
        "plain_text_input": _PLAIN_INPUT,
    }
)
CONTEXT_ELEMENT = tagged(
    {
        "image": IMAGE,
        "plain_text": fields({"text": string(3000)}, {"emoji": boolean}),
        "mrkdwn": fields({"text": string(3000)}, {"verbatim": boolean}),
    }
)

_STYLE = fields(
    {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "unlink"), boolean)
)
_STYLED = {"style": _STYLE}
_LINK = fields({"url": string(3000)}, {"text": string(3000), "unsafe": boolean, **_STYLED})
_TEXT = fields({"text": string(12000, least=0)}, _STYLED)
_RICH_PART = tagged(
    {
        "text": _TEXT,
        "link": _LINK,
        "user": fields({"user_id": IDENTIFIER}, _STYLED),
        "usergroup": fields({"usergroup_id": IDENTIFIER}, _STYLED),
        "channel": fields({"channel_id": IDENTIFIER}, _STYLED),
        "broadcast": fields({"range": choice("here", "channel", "everyone")}, _STYLED),
        "emoji": fields(
            {"name": string(100)}, {"unicode": string(100), "skin_tone": number, **_STYLED}
        ),
        "date": fields(
            {"timestamp": integer(0, 2**40), "format": string(200)},
            {"url": URL, "fallback": string(300), **_STYLED},
        ),
        "color": fields({"value": string(20)}, _STYLED),
    }
)
_SECTION = fields({"elements": items(_RICH_PART, 1000, 0)})
_BORDERED = {"border": integer(0, 1)}
_PLAIN_PARTS = items(tagged({"text": _TEXT, "link": _LINK}), 1000, 0)
RICH_TEXT_ELEMENT = tagged(
    {
        "rich_text_section": _SECTION,
        "rich_text_quote": fields({"elements": items(_RICH_PART, 1000, 0)}, _BORDERED),
        "rich_text_preformatted": fields(
            {"elements": _PLAIN_PARTS}, {**_BORDERED, "language": string(50)}
        ),
        "rich_text_list": fields(
            {
                "style": choice("bullet", "ordered"),
                "elements": items(tagged({"rich_text_section": _SECTION}), 1000, 0),
            },
            {**_BORDERED, "indent": integer(0, 8), "offset": integer(0, 10_000)},
        ),
    }
)
