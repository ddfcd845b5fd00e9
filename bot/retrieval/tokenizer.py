"""What a text is found by: words without their endings, and the notions of the trade."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.retrieval.morphemes import letter_pairs
from bot.retrieval.synonyms import NOTIONS, STOP

VOWEL = re.compile(r"[aeiouy]")
LATIN_WORD = re.compile(r"[a-z][a-z0-9]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_'-]*")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
SPACES = re.compile(r"\s+")
SHORTEST = 3  # letters that are left of a word whose ending is cut
MARK = "="  # before a notion, so that no word of a text is taken for one


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
            return _undoubled(left + instead) if not instead else left + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > SHORTEST:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST + 1 else word


def _undoubled(word: str) -> str:
    if len(word) > SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiols":
        return word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST + 1 else word


def _notions() -> Iterator[tuple[str, str]]:
    for line in NOTIONS.strip().split("\n"):
        words = [word.strip() for word in line.split(",")]
        for word in words:
            yield word, MARK + words[0].replace(" ", "-")


def _tables() -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    latin: dict[str, set[str]] = {}
    phrases: dict[str, set[str]] = {}
    korean: dict[str, set[str]] = {}
    for word, notion in _notions():
        if HANGUL.search(word):
            korean.setdefault(word.replace(" ", ""), set()).add(notion)
        elif " " in word:
            phrases.setdefault(" ".join(map(stem, word.split())), set()).add(notion)
        else:
            latin.setdefault(stem(word), set()).add(notion)
    return latin, phrases, korean


LATIN_NOTIONS, PHRASES, KOREAN_NOTIONS = _tables()
LONGEST = max(map(len, KOREAN_NOTIONS))


def tokenize(text: str, morphemes: Sequence[str] | None) -> Terms:
    """Return what a text is found by; without morphemes (no analyser) by pairs of letters.

    A Korean word of three syllables or more speaks of its notion wherever it stands, spacing
    ignored. A shorter one does where the analyser found it as a word; without one, pairs do.
    """
    shortest = SHORTEST if morphemes is not None else SHORTEST - 1
    spoken = [*_latin(text), *_korean(SPACES.sub("", text), shortest)]
    for word in morphemes or ():
        if len(word) < SHORTEST:
            spoken += [(word, notion) for notion in KOREAN_NOTIONS.get(word, ())]
    notions = sorted(notion for _, notion in spoken)
    if morphemes is None:
        words = letter_pairs(text)
        return Terms((*words, *notions), frozenset(words), frozenset(notions))
    words = [
        stem(word)
        for word in morphemes
        if word not in STOP and (len(word) > 1 or HANGUL.match(word))
    ]
    said = {word for word, _ in spoken}
    rest = frozenset(
        word for word in words if not any(word == each or _in_korean(word, each) for each in said)
    )
    return Terms((*words, *notions), rest, frozenset(notions))


def _in_korean(word: str, said: str) -> bool:
    """Return True for a piece of a word the analyser does not know: 익스 of 익스큐터."""
    return HANGUL.match(word) is not None and word in said


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


def _korean(text: str, shortest: int) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        if "\uac00" <= text[position] <= "\ud7a3":
            for length in range(min(LONGEST, len(text) - position), shortest - 1, -1):
                word = text[position : position + length]
                if word in KOREAN_NOTIONS:
                    for notion in KOREAN_NOTIONS[word]:
                        yield word, notion
                    position += length - 1
                    break
        position += 1
