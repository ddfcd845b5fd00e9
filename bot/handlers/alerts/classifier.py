"""How likely a post is an alert's that fires, an alert's between, an alert's end, or none.

A post is taken apart into lines, fields and the colour of its bar. What it shows becomes named
signs, words in their places and figures; a model made from labelled frames of posts weighs them
(`tests/training/alerts.py`).
"""

import colorsys
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.domain.alerts import AlertStatus
from bot.handlers.alerts import words
from bot.handlers.alerts.words import NOT, Sense, counts_in, height_of, state_words
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


MODEL = Path(__file__).with_name("model.npz")
STATUSES = (None, *AlertStatus)  # the columns of the model; None for a post that is no alert's
STEPS = 127  # weights are kept as whole numbers of this many steps of the largest
MOST_LINES, MOST_TOKENS, MOST_FIGURES = 14, 50, 3_000
_TOKEN = re.compile(
    r"<[A-Z]+>|[a-zß-ÿ']+|[가-힣]+|[\u3040-\u30ff\u4e00-\u9fff]+|->|→|[?!#=\[\]():|,]"
)
_LATIN = re.compile(r"(?<!<)\b[A-Za-zÀ-ÿ']+\b(?!>)")
_LETTERS = re.compile(r"[가-힣\u3040-\u30ff\u4e00-\u9fff]")  # joined to others without a blank
_OF_METRIC = re.compile(r"cpu|mem|disk|load", re.IGNORECASE)
PROSE = 6  # words of a line that tells of no host or figure
_MEASURED = frozenset({"<HOST>", "<NUMBER>", "<PERCENT>", "<NAME>"})
_STATES = frozenset(f"<{sense.name}>" for sense in Sense)
_ARROWS = frozenset({"->", "→", "to"})
_PAST = re.compile(
    r"^\W*(?:previous|prior|old|last|from|이전|직전|기존)\b[^:]{0,20}:", re.IGNORECASE
)
_STEM = 5  # letters of a word that stand for all its forms
# Names and numbers say nothing by themselves: what they are does.
_KINDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"https?://\S+"), " "),
    (re.compile(r"@[UWS][A-Z0-9]+\b"), " <PERSON> "),
    (re.compile(r"_TO_|[=-]>|➜"), " → "),
    (re.compile(r"(?<=지)\s+(?=[않못])|(?<=[가-힣])\s+(?=필요|예정|요망|범위)"), ""),
    (re.compile(r"\b[A-Z]{2,8}-\d+\b"), " <TICKET> "),
    (re.compile(r"\bv\d+(?:\.\d+)+|\b\d+\.\d+\.\d+\b"), " <VERSION> "),
    (re.compile(r"\d+(?:\.\d+)?\s?(?:%|퍼센트|percent)"), " <PERCENT> "),
    (words.BAD_EMOJI, " <BAD> "),
    (words.BETWEEN_EMOJI, " <AMID> "),
    (words.GOOD_EMOJI, " <GOOD> "),
    (words.EMOJI, " <EMOJI> "),
)
_ID = re.compile(
    r"(?<!\w)(?![Rr]e-)(?=[\w.-]*[\d_-])[A-Za-z]\w*(?:[.\-_]\w+)*(?!\w)"
    r"|\b[A-Z][a-z]+(?:[A-Z]+[a-z]*)+\b"
)
_NUMBERS = (
    (re.compile(r"(?<![\d.,:])0(?![\d.,:])"), " <ZERO> "),
    (re.compile(r"\d+(?:[.,:]\d+)*"), " <NUMBER> "),
)


@dataclass(frozen=True, slots=True)
class Classifier:
    """`weights` has a row of steps a sign, (signs, statuses); `step` is what one is worth."""

    places: dict[str, int]
    weights: NDArray[np.int8]
    bias: NDArray[np.float32]
    step: float

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Return the classifier of a model file's arrays."""
        names = arrays["signs"].tobytes().decode().split("\n")
        places = {name: at for at, name in enumerate(names)}
        weights, bias = (np.asarray(arrays[one]) for one in ("weights", "bias"))
        return cls(places, weights.astype(np.int8), bias.astype(np.float32), float(arrays["step"]))

    def likelihoods(self, signs: Iterable[str]) -> dict[AlertStatus | None, float]:
        """Return a probability for each status."""
        rows = [self.places[sign] for sign in signs if sign in self.places]
        scores = self.weights[rows].sum(axis=0, dtype=np.int64) * self.step + self.bias
        raised = [math.exp(float(score - scores.max())) for score in scores]
        return {status: each / sum(raised) for status, each in zip(STATUSES, raised, strict=True)}

    def knows(self, word: str) -> bool:
        """Tell whether a word is one that several producers use, and so hardly anybody's name."""
        folded = word.casefold()
        return folded in words.EMPTY or f"word {folded}" in self.places


@lru_cache(maxsize=1)
def classifier() -> Classifier:
    """Return the model of the file."""
    with np.load(MODEL, allow_pickle=False) as arrays:
        return Classifier.of(dict(arrays))


def signs_of(
    piece: Piece, titles: tuple[str, ...], hosts: tuple[str, ...], sender: str
) -> set[str]:
    """Return a post's signs; `titles` are the lines in which a state has its place."""
    found = {f"by {word}" for word in re.findall(r"[a-z]+|[가-힣]+", sender.casefold())}
    height = height_of("\n".join(piece.lines)[:MOST_FIGURES])
    found |= {f"lines {min(len(piece.lines), 5)}", f"bar {piece.colour}", f"at {height}"}
    found |= {f"counts {sense.name}" for line in titles for sense in counts_in(line)}
    found |= {"host"} if hosts else set()
    found |= {"metric"} if words.METRIC_WORD.search("\n".join(titles)) else set()
    fields = ((key, [*state_words(value[:30])]) for key, value in piece.pairs)
    found |= {f"field {key} {told[-1][2].name}" for key, told in fields if told}
    lines = (line for line in (*titles, *piece.lines) if not _PAST.match(line))
    for line in list(dict.fromkeys(lines))[:MOST_LINES]:
        tokens = _tokens(line, hosts)
        found.update(_of_line(tokens, "title" if line in titles else "line"))
    said = [sense.name for sense in Sense if f"word <{sense.name}>" in found]
    return found | {f"says {' and '.join(said)}"}


def _of_line(tokens: list[str], place: str) -> Iterator[str]:
    """Yield a line's words, pairs of them with states by their sense, and what surrounds a state."""
    plain = sum(len(each) > 1 and not each.startswith("<") for each in tokens)
    if plain >= PROSE and not _MEASURED & set(tokens):
        yield f"{place} prose"
    for token in (each for each in tokens if len(each) > 1 and each not in words.COPULA):
        for form in _forms(token):
            yield f"word {form}"
            if place == "title":
                yield f"title {form}"
    pairs = zip(("", *tokens), tokens, strict=False)
    told = [f"<{s.name}>" if (s := _sense(each, before)) else each for before, each in pairs]
    said = ["^", *_without_past(told), "$"]
    yield from (f"word {each}" for each in said if each in _STATES)
    for before, after in pairwise(said):
        yield f"pair {before} {after}"
        if before in _STATES or after in _STATES:
            yield f"{place} {before} {after}"
    for before, state, after in zip(said, said[1:], said[2:], strict=False):
        if state in _STATES:
            yield f"{place} {before} {state} {after}"


def _without_past(told: list[str]) -> Iterator[str]:
    """Yield words without the states that were before: of `OK -> ALARM` the last is told."""
    for at, word in enumerate(told):
        after, then = (*told[at + 1 : at + 3], "", "")[:2]
        if not (word in _STATES and after in _ARROWS and then in _STATES):
            yield word


def _tokens(line: str, hosts: tuple[str, ...]) -> list[str]:
    """Return a line's words and marks, with names and numbers replaced by their kinds."""
    for host in hosts:
        line = re.sub(re.escape(host), " <HOST> ", line, flags=re.IGNORECASE)
    for pattern, kind in _KINDS:
        line = pattern.sub(kind, line)
    line = _ID.sub(_kind_of_name, line)
    for pattern, kind in _NUMBERS:
        line = pattern.sub(kind, line)
    line = words.METRIC_WORD.sub(" <METRIC> ", line)
    return _TOKEN.findall(_LATIN.sub(lambda word: word[0].lower(), line))[:MOST_TOKENS]


def _kind_of_name(match: re.Match[str]) -> str:
    return " <METRIC> <NAME> " if _OF_METRIC.search(match[0]) else " <NAME> "


def _forms(token: str) -> set[str]:
    """Return a word and the parts by which its other forms are known."""
    if _LETTERS.match(token):
        parts = {token[at : at + size] for size in (2, 3) for at in range(len(token) - size + 1)}
        return {token} | parts
    return {token, f"{token[:_STEM]}…"} if len(token) > _STEM else {token}


def _sense(token: str, before: str) -> Sense | None:
    told = list(state_words(f"{before} {token}" if before in NOT else token))
    return told[-1][2] if told else None
