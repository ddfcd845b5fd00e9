"""Which words a sentence may be made of, given what holds."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.agents.model.evidence import Claim

WORDS = re.compile(r"[A-Za-z][A-Za-z']*|[\uac00-\ud7a3]+")
ENDINGS = ("'s", "s", "es", "d", "ed", "ing", "ly")
LONGEST_TAIL = 6  # syllables after a Korean beginning
FORBIDDEN_TAIL = re.compile(
    "종료|중단|승인|반려|실패|장애|삭제|죽|해제|복구|완료|재시작|오류|고장|않|못|없"
)


@dataclass(frozen=True, slots=True)
class Words:
    """Some allowed words: English ones, Korean beginnings, Korean words whole."""

    en: frozenset[str]
    ko: tuple[str, ...]
    ko_whole: frozenset[str]
    inflected: bool = False

    def hold(self, word: str) -> bool:
        """Tell whether a word is one of these."""
        if word.isascii():
            return self._english(word.lower())
        return word in self.ko_whole or any(
            word.startswith(beginning)
            and len(word) - len(beginning) <= LONGEST_TAIL
            and not FORBIDDEN_TAIL.search(word[len(beginning) :])
            for beginning in self.ko
        )

    def _english(self, word: str) -> bool:
        return word in self.en or any(
            self.inflected and word.endswith(ending) and word.removesuffix(ending) in self.en
            for ending in ENDINGS
        )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The plain words, and those that stand for a claim."""

    plain: Words
    claims: dict[Claim, Words]

    def unknown(self, text: str, claims: Iterable[Claim]) -> tuple[str, ...]:
        """Return the words of a text that neither are plain nor stand for what holds."""
        allowed = [self.plain, *(self.claims[claim] for claim in claims)]
        return tuple(
            word for word in WORDS.findall(text) if not any(words.hold(word) for words in allowed)
        )

    def claimed(self, text: str, claims: Iterable[Claim]) -> bool:
        """Tell whether a text says anything beyond plain words that holds."""
        return any(
            self.claims[claim].hold(word) and not self.plain.hold(word)
            for claim in claims
            for word in WORDS.findall(text)
        )


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, read from its file once."""
    path = files("bot.agents.model") / "vocabulary.toml"
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    return Vocabulary(
        _words(read["plain"], inflected=True),
        {Claim(name): _words(found) for name, found in read["claims"].items()},
    )


def _words(found: dict[str, str], *, inflected: bool = False) -> Words:
    return Words(
        frozenset(found.get("en", "").split()),
        tuple(found.get("ko", "").split()),
        frozenset(found.get("ko_whole", "").split()),
        inflected,
    )
