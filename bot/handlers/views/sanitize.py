"""Makes text from outside harmless: nothing in it mentions, links, hides or reorders.

Blocks hold such text in plain_text and rich_text elements only, which Slack shows literally; this
is the second layer, and the only one where Slack still reads markup (the fallback text).
"""

import re
import unicodedata

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
    return _defused(_visible(text.replace("\t", " ")))


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


def _defused(text: str) -> str:
    """Break what Slack would take for a mention or a link; the reader still sees what it was."""
    return _SCHEME.sub(r"\1[:]", _LIVE.sub("＜", text))
