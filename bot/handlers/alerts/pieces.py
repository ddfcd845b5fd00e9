"""A post taken apart: lines as people read them, fields, and the colour of the bar."""

import colorsys
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.handlers.message_text import Json, block_texts, dicts, fields_of, readable, string

MAX_LINES, MAX_LINE = 120, 600
_DECORATION = re.compile(r"[*`~]+|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)")
_PAIR = re.compile(
    r"^[\W_]*\[?(?P<key>[A-Za-z가-힣][\w가-힣 ./]{0,28}?)\s?\]?\s*[:=：]\s*(?P<value>\S.*)$"
)
_SEGMENTS = re.compile(r"\s{2,}|\s[•|·]\s|[,;]\s|[{}]")
_WAY = re.compile(r"\(<[^<>|]+\|[^<>]+>\)")  # a link in parentheses leads on and states nothing
_NOTHING = "[no preview available]"
_NAMED = {"good": "green", "warning": "red", "danger": "red"}
_PALE, _GREEN, _RED = 0.2, (75 / 360, 172 / 360), (58 / 360, 330 / 360)


@dataclass(frozen=True, slots=True)
class Piece:
    """One attachment, or the message's own part; `titles` are lines set apart as titles."""

    titles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    colour: str = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Everything that stands as `key: value`, keys folded."""
        told = [pair for line in self.lines for pair in pairs_in(line)]
        return (*((folded(key), value) for key, value in self.fields), *told)


def pieces_of(message: Json) -> list[Piece]:
    """Return the message's own part, when it says anything, and its attachments."""
    own = Piece(
        tuple(_headers(message.get("blocks"))),
        _lines(
            [
                readable(_WAY.sub("", string(message.get("text")))),
                *_mails(message),
                *_blocks(message),
            ]
        ),
        tuple(_block_fields(message.get("blocks"))),
    )
    found = [own] if own.lines else []
    found += [_attachment(each) for each in dicts(message.get("attachments"))]
    return [each for each in found if each.lines or each.titles]


def merged(pieces: list[Piece]) -> Piece:
    """Return all pieces as one: while one of them is red, so is the post."""
    colours = {each.colour for each in pieces}
    return Piece(
        tuple(title for each in pieces for title in each.titles),
        tuple(dict.fromkeys(line for each in pieces for line in each.lines)),
        tuple(field for each in pieces for field in each.fields),
        next((colour for colour in ("red", "green") if colour in colours), ""),
    )


def pairs_in(line: str) -> Iterator[tuple[str, str]]:
    """Yield what a line tells as `key: value`, several of them when it is so divided."""
    whole = _PAIR.match(line)
    parts = _SEGMENTS.split(line)
    if whole and len(parts) == 1:
        yield folded(whole["key"]), whole["value"].strip()
        return
    for part in parts:
        if match := _PAIR.match(part):
            yield folded(match["key"]), match["value"].strip(" ,")


def folded(key: str) -> str:
    """Return a field's name without case, marks and doubled blanks."""
    return " ".join(re.split(r"[\W_]+", key.casefold())).strip()


def hue_of(colour: str) -> str:
    """Return `green`, `red` (yellow too) or nothing for the colour of a bar."""
    named = colour.casefold().lstrip("#")
    if named in _NAMED or not re.fullmatch(r"[0-9a-f]{6}", named):
        return _NAMED.get(named, "")
    red, green, blue = (int(named[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < _PALE:
        return ""
    if _GREEN[0] <= hue <= _GREEN[1]:
        return "green"
    return "red" if hue <= _RED[0] or hue >= _RED[1] else ""


def _attachment(attachment: Json) -> Piece:
    title = readable(string(attachment.get("title")))
    told = [
        *(
            readable(_WAY.sub("", string(attachment.get(key))))
            for key in ("pretext", "title", "text")
        ),
        *(f"{name}: {value}" for name, value in fields_of({"attachments": [attachment]})),
        *_blocks(attachment),
    ]
    fallback = readable(string(attachment.get("fallback")))
    if not any(told) and fallback != _NOTHING:
        told.append(fallback)
    return Piece(
        (*_lines([title]), *_headers(attachment.get("blocks"))),
        _lines(told),
        (
            *fields_of({"attachments": [attachment]}),
            *_block_fields(attachment.get("blocks")),
        ),
        hue_of(string(attachment.get("color"))),
    )


def _lines(texts: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        for line in text.splitlines():
            if clean := _DECORATION.sub("", line[:MAX_LINE]).strip():
                found.setdefault(clean)
    return tuple(found)[:MAX_LINES]


def _blocks(holder: Json) -> list[str]:
    return list(block_texts(holder.get("blocks")))


def _headers(blocks: Any) -> Iterator[str]:
    heads = [each for each in dicts(blocks) if each.get("type") == "header"]
    yield from _lines(list(block_texts(heads)))


def _block_fields(blocks: Any) -> Iterator[tuple[str, str]]:
    """Yield a section's fields: a title on the first line, its value below."""
    for block in dicts(blocks):
        for each in dicts(block.get("fields")):
            lines = _lines([readable(string(each.get("text")))])
            if len(lines) > 1:
                yield lines[0].strip(" :"), " ".join(lines[1:])


def _mails(message: Json) -> Iterator[str]:
    """Yield subject and words of a mail sent to the channel's address."""
    for each in dicts(message.get("files")):
        if each.get("mode") == "email" or each.get("filetype") == "email":
            for key in ("subject", "title", "plain_text", "preview_plain_text"):
                yield string(each.get(key))
