"""Block Kit's composition objects, interactive elements and rich text, as Slack checks them.

Only what the product and its demo post: any other kind is refused as unsupported.

Limits: docs.slack.dev/reference/block-kit, compared with the validators of slack_sdk 3.47.
"""

from bot.sandbox.slack.schema import (
    Check,
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
_INPUT = {"action_id": IDENTIFIER, "focus_on_load": boolean, "confirm": CONFIRM}

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
ACTING = {"button": BUTTON, "checkboxes": _CHOICES}
ACTIONS = tagged(ACTING)
ACCESSORY = tagged({**ACTING, "image": IMAGE})
INPUT = tagged({"checkboxes": _CHOICES})
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
