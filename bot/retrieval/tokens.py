"""What a text is found by: words without their endings, and the notions of the trade."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.agents.reading.words import Morphemes
from bot.retrieval.synonyms import STOP, notions

TAGS = ("NN", "NR", "VV", "VA", "XR", "SL", "SN", "SH", "W_")
DOTTED = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)+")
VOWEL = re.compile(r"[aeiouy]")
LATIN_WORD = re.compile(r"[a-z][a-z0-9]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_'-]*")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
SPACES = re.compile(r"\s+")
SHORTEST = 3  # letters that are left of a word whose ending is cut
MARK = "="  # before a notion, so that no word of a text is taken for one
MAX_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text is found by.

    `words` holds everything, as often as it is said; `rest` the words that say no notion, and
    `notions` the notions: together what has to be found for the whole text to be found.
    """

    words: tuple[str, ...]
    rest: frozenset[str]
    notions: frozenset[str]


def stem(word: str) -> str:
    """Return an English word without its ending: queries, queried and querying are one."""
    if not LATIN_WORD.fullmatch(word):
        return word
    for ending, instead in (("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", "")):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            left = word[: -len(ending)]
            if not VOWEL.search(left):
                return word
            return left + instead if instead else _undoubled(left)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > SHORTEST:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST + 1 else word


def _undoubled(word: str) -> str:
    if len(word) > SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiols":
        return word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST + 1 else word


def _tables() -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    latin: dict[str, set[str]] = {}
    phrases: dict[str, set[str]] = {}
    korean: dict[str, set[str]] = {}
    for word, notion in notions():
        if HANGUL.search(word):
            korean.setdefault(word.replace(" ", ""), set()).add(MARK + notion)
        elif " " in word:
            phrases.setdefault(" ".join(map(stem, word.split())), set()).add(MARK + notion)
        else:
            latin.setdefault(stem(word), set()).add(MARK + notion)
    return latin, phrases, korean


LATIN_NOTIONS, PHRASES, KOREAN_NOTIONS = _tables()
_LONG = (word for word in KOREAN_NOTIONS if len(word) >= SHORTEST and HANGUL.match(word))
LONG_KOREAN = re.compile("|".join(sorted(_LONG, key=len, reverse=True)))  # the longest that fits


def terms(text: str, kiwi: Morphemes) -> Terms:
    """Return what a text is found by.

    A Korean word of three syllables or more speaks of its notion wherever it stands, spacing
    ignored; a shorter one only where the analyser found it as a word.
    """
    text = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()
    morphemes = [
        token.form.lower() for token in kiwi.tokenize(text) if token.tag.startswith(TAGS)
    ] + [word.lower() for word in DOTTED.findall(text)]
    spoken = [*_latin(text), *_korean(SPACES.sub("", text))]
    for word in morphemes:
        if len(word) < SHORTEST:
            spoken += [(word, notion) for notion in KOREAN_NOTIONS.get(word, ())]
    said = {word for word, _ in spoken}
    found = tuple(
        stem(word)
        for word in morphemes
        if word not in STOP and (len(word) > 1 or HANGUL.match(word))
    )
    # A piece of a word the analyser does not know says nothing by itself: 익스 of 익스큐터.
    rest = frozenset(
        word
        for word in found
        if word not in said and not (HANGUL.match(word) and any(word in each for each in said))
    )
    every = sorted(notion for _, notion in spoken)
    return Terms((*found, *every), rest, frozenset(every))


def _latin(text: str) -> Iterator[tuple[str, str]]:
    words = [stem(word.lower()) for word in LATIN.findall(text)]
    for word in words:
        for notion in LATIN_NOTIONS.get(word, ()):
            yield word, notion
    line = f" {' '.join(words)} "
    for phrase, meant in PHRASES.items():
        if f" {phrase} " in line:
            for notion in meant:
                yield phrase, notion


def _korean(text: str) -> Iterator[tuple[str, str]]:
    for word in LONG_KOREAN.findall(text):
        for notion in KOREAN_NOTIONS[word]:
            yield word, notion
