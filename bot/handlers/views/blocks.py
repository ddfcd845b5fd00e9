"""The Block Kit pieces we use, each within Slack's limits; all text literal, none of it markup."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.domain.answers import Button
from bot.domain.language import Language, Text

CUT = Text(ko="…(+{n}자)", en="…(+{n})")
_LIVE = re.compile(r"<(?=[!@#]|[a-z][a-z0-9+.-]{0,20}:|/)", re.IGNORECASE)
_MENTION = re.compile(r"<(?=[!@#]|[a-z][a-z0-9+.-]{0,20}:)", re.IGNORECASE)
_SCHEME = re.compile(r"\b([a-z][a-z0-9+.-]{0,20}):(?=//)", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn"})  # control, format (bidi, zero width), unassigned
_EXTRA_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")  # drawn as nothing
_MAX_MARKS = 3  # combining marks on one letter; more paint over the lines around it
_REPLACEMENT = "\ufffd"


def sanitize_line(text: str, limit: int, language: Language) -> str:
    """Return one harmless line of at most `limit` characters, its cut told as `…(+n)`."""
    return cut(" ".join(_clean(text).split()), limit, language)


def inert_lines(text: str, limit: int, language: Language) -> str:
    """As `inert`, with line breaks kept: only for text in a frame of its own, such as a quote."""
    lines = [line.strip() for line in _SPACES.sub(" ", _clean(text)).split("\n")]
    return cut("\n".join(lines).strip(), limit, language)


def copyable(text: str, limit: int, language: Language) -> str:
    """Return code as it is, for where Slack reads no markup.

    Only what hides, reorders or spells a mention is changed: an address in a command stays.
    """
    return cut(_MENTION.sub("＜", _visible(text)), limit, language)


def escaped(text: str) -> str:
    """Return text for a sink where Slack reads markup: `& < >` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int, language: Language) -> str:
    """Return text of at most `limit` characters, saying how many are left out."""
    if len(text) <= limit:
        return text
    keep = limit
    while keep > 0:
        tail = CUT(language, n=len(text) - keep)
        if keep + len(tail) <= limit:
            return text[:keep] + tail
        keep -= 1
    return text[:limit]


def _clean(text: str) -> str:
    """Break what Slack would take for a mention or a link; the reader still sees what it was."""
    return _SCHEME.sub(r"\1[:]", _LIVE.sub("＜", _visible(text.replace("\t", " "))))


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(character)
        if category == "Cs":
            kept.append(_REPLACEMENT)
        elif character in "\n\t" or category in {"Zl", "Zp"}:
            kept.append("\t" if character == "\t" else "\n")
        elif category not in _INVISIBLE and character not in _EXTRA_INVISIBLE:
            marks = marks + 1 if category in {"Mn", "Me"} else 0
            if marks <= _MAX_MARKS:
                kept.append(character)
    return "".join(kept)


Block = dict[str, Any]

MAX_BLOCKS = 50
MAX_CHARACTERS = 9_500  # Slack refuses a message somewhere near 13,000 characters of blocks
MAX_TEXT = 3_000
MAX_HEADER = 150
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


_PER_ROW = 5  # a phone shows no more without folding
_STYLES = frozenset({"primary", "danger"})


def button_rows(buttons: Iterable[Button], language: Language) -> list[Block]:
    """Return actions blocks.

    Slack wants action ids unique within a block: the second button of a name is `name.2`, and
    `clicks` reads the name alone.
    """
    seen: Counter[str] = Counter()
    elements = []
    for each in list(buttons)[:MAX_BUTTONS]:
        seen[each.action] += 1
        count = seen[each.action]
        elements.append(
            _button(each, each.action if count == 1 else f"{each.action}.{count}", language)
        )
    return [
        {"type": "actions", "elements": elements[start : start + _PER_ROW]}
        for start in range(0, len(elements), _PER_ROW)
    ]


def _button(button: Button, action_id: str, language: Language) -> Block:
    block: Block = {
        "type": "button",
        "action_id": action_id[:255],
        "text": plain(sanitize_line(button.label, MAX_BUTTON, language)),
    }
    if button.value:
        encodable = button.value.encode("utf-8", "replace").decode("utf-8")
        block["value"] = encodable[:MAX_VALUE]
    if button.style in _STYLES:
        block["style"] = button.style
    if button.confirm is not None:
        block["confirm"] = _confirm(button.confirm, button.style, language)
    return block


def _confirm(asked: tuple[str, str, str, str], style: str, language: Language) -> Block:
    title, text, yes, no = asked
    return {
        "title": plain(sanitize_line(title, MAX_CONFIRM_TITLE, language)),
        "text": plain(inert_lines(text, MAX_CONFIRM_TEXT, language)),
        "confirm": plain(sanitize_line(yes, MAX_CONFIRM_WORD, language)),
        "deny": plain(sanitize_line(no, MAX_CONFIRM_WORD, language)),
        **({"style": style} if style in _STYLES else {}),
    }


def plain_text(blocks: Iterable[Block]) -> str:
    """Return the blocks line by line; buttons in brackets, people as `@id`, emoji as `:name:`."""
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(block: Block) -> list[str]:  # noqa: PLR0911 - one return per kind of block
    kind = block.get("type")
    if kind == "header":
        return [f"# {block['text']['text']}"]
    if kind == "section":
        return [field["text"].replace("\n", ": ", 1) for field in block.get("fields", [])]
    if kind == "context":
        return [f"({element['text']})" for element in block["elements"]]
    if kind == "actions":
        return [" ".join(f"[{element['text']['text']}]" for element in block["elements"])]
    if kind == "table":
        return [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
    if kind == "rich_text":
        return [line for element in block["elements"] for line in _rich(element)]
    return []


def _rich(element: Block) -> list[str]:
    kind = element["type"]
    if kind == "rich_text_list":
        signs = (
            [f"{n}. " for n in range(1, len(element["elements"]) + 1)]
            if element["style"] == "ordered"
            else ["• "] * len(element["elements"])
        )
        lines = [sign + _runs(item) for sign, item in zip(signs, element["elements"], strict=True)]
    else:
        lines = _runs(element).split("\n")
    quoted = kind == "rich_text_quote" or element.get("border")
    return [f"> {line}" for line in lines] if quoted else lines


def _runs(element: Block) -> str:
    return "".join(_run(run) for run in element["elements"])


def _run(run: dict[str, Any]) -> str:
    if run["type"] == "emoji":
        return f":{run['name']}:"
    if run["type"] == "user":
        return f"@{run['user_id']}"
    if run["type"] == "channel":
        return f"#{run['channel_id']}"
    return str(run["text"])
