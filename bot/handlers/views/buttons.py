"""Buttons as Slack blocks."""

from collections.abc import Iterable

from bot.domain.answers import Button
from bot.domain.language import Language
from bot.handlers.views import blocks as kit
from bot.handlers.views.inert import inert

_PER_ROW = 5  # a phone shows no more without folding
_STYLES = frozenset({"primary", "danger"})


def button_rows(buttons: Iterable[Button], language: Language) -> list[kit.Block]:
    """Return actions blocks.

    Slack wants action ids unique within a block, so a second button of a name starts another row.
    """
    rows: list[list[kit.Block]] = []
    for each in list(buttons)[: kit.MAX_BUTTONS]:
        free = (row for row in rows if len(row) < _PER_ROW and not _holds(row, each.action))
        row = next(free, None)
        if row is None:
            row = []
            rows.append(row)
        row.append(_button(each, language))
    return [{"type": "actions", "elements": row} for row in rows]


def _holds(row: list[kit.Block], action: str) -> bool:
    return any(element["action_id"] == action for element in row)


def _button(button: Button, language: Language) -> kit.Block:
    block: kit.Block = {
        "type": "button",
        "action_id": button.action[:255],
        "text": kit.plain(inert(button.label, kit.MAX_BUTTON, language)),
    }
    if button.value:
        encodable = button.value.encode("utf-8", "replace").decode("utf-8")
        block["value"] = encodable[: kit.MAX_VALUE]
    if button.style in _STYLES:
        block["style"] = button.style
    if button.confirm is not None:
        block["confirm"] = _confirm(button.confirm, button.style, language)
    return block


def _confirm(asked: tuple[str, str, str, str], style: str, language: Language) -> kit.Block:
    title, text, yes, no = asked
    return {
        "title": kit.plain(inert(title, kit.MAX_CONFIRM_TITLE, language)),
        "text": kit.plain(inert(text, kit.MAX_CONFIRM_TEXT, language)),
        "confirm": kit.plain(inert(yes, kit.MAX_CONFIRM_WORD, language)),
        "deny": kit.plain(inert(no, kit.MAX_CONFIRM_WORD, language)),
        **({"style": style} if style in _STYLES else {}),
    }
