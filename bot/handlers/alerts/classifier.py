"""How likely a post is an alert's that fires, an alert's between, an alert's end, or none.

What a post shows becomes named signs, words in their places and figures; a model made from
labelled frames of posts (`train`) weighs them.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.domain.alerts import AlertStatus
from bot.handlers.alerts import words
from bot.handlers.alerts.pieces import Piece
from bot.handlers.alerts.words import NOT, Sense, counts_in, height_of, state_words

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
    lines = (line for line in (*titles, *piece.lines) if not _PAST.match(line))
    for line in list(dict.fromkeys(lines))[:MOST_LINES]:
        tokens = _tokens(line, hosts)
        found.update(_of_line(tokens, "title" if line in titles else "line"))
    said = [sense.name for sense in Sense if f"word <{sense.name}>" in found]
    return found | {f"says {' and '.join(said)}"}


def _of_line(tokens: list[str], place: str) -> Iterator[str]:
    """Yield a line's words, pairs of them with states by their sense, and what surrounds a state."""
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
