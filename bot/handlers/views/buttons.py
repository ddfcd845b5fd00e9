"""Buttons as Slack blocks."""

from collections import Counter
from collections.abc import Iterable

from bot.domain.answers import Button
from bot.domain.language import Language
from bot.handlers.views import blocks as kit
from bot.handlers.views.sanitize import inert_lines, sanitize_line

_PER_ROW = 5  # a phone shows no more without folding
_STYLES = frozenset({"primary", "danger"})


def button_rows(buttons: Iterable[Button], language: Language) -> list[kit.Block]:
    """Return actions blocks.

    Slack wants action ids unique within a block: the second button of a name is `name.2`, and
    `clicks` reads the name alone.
    """
    seen: Counter[str] = Counter()
    elements = []
    for each in list(buttons)[: kit.MAX_BUTTONS]:
        seen[each.action] += 1
        count = seen[each.action]
        elements.append(
            _button(each, each.action if count == 1 else f"{each.action}.{count}", language)
        )
    return [
        {"type": "actions", "elements": elements[start : start + _PER_ROW]}
        for start in range(0, len(elements), _PER_ROW)
    ]


def _button(button: Button, action_id: str, language: Language) -> kit.Block:
    block: kit.Block = {
        "type": "button",
        "action_id": action_id[:255],
        "text": kit.plain(sanitize_line(button.label, kit.MAX_BUTTON, language)),
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
        "title": kit.plain(sanitize_line(title, kit.MAX_CONFIRM_TITLE, language)),
        "text": kit.plain(inert_lines(text, kit.MAX_CONFIRM_TEXT, language)),
        "confirm": kit.plain(sanitize_line(yes, kit.MAX_CONFIRM_WORD, language)),
        "deny": kit.plain(sanitize_line(no, kit.MAX_CONFIRM_WORD, language)),
        **({"style": style} if style in _STYLES else {}),
    }
