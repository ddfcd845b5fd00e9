"""Which rows a word may name: parts of a job's name, its owner, its queue, in either script.

Koreans write `clickstream` as 클릭스트림 and `bob` as 밥. Both scripts are reduced to the same
skeleton of consonants, so that a name is recognised by its sound; words that translate instead
stand in `TRANSLATED`. Names with something written onto them, and words that are nearly one the
grammar knows, are mended.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from bot.agents.reading.words import Token, listed
from bot.domain.conversation import ListingRow

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[가-힣]+")
_ONSETS = listed("k k n t t l m p p s s . c c c k t p .")
_CODAS = listed("k k k n n n t l k m l l l p l m p p s s n c c k t p .")
_LATIN = tuple(
    (re.compile(spelled), sound)
    for spelled, sound in (
        (r"[^a-z]", "."), (r"ng\b", "n"), (r"ck", "k"), (r"t?ch", "C"), (r"sh|sz", "s"), (r"ph", "p"), (r"th", "s"),
        (r"tion", "s.n"), (r"x", "ks"), (r"qu", "k"), (r"c(?=[eiy])", "s"), (r"dge|g(?=e)", "C"),
        (r"r(?![aeiouy])", ""), (r"[aeiouwyh]+", "."),
    )
)  # fmt: skip
_SOUNDS = str.maketrans("bcdfgjkqrvz", "pktpkckklpc")
_FRONT_VOWELS = {1, 3, 5, 7, 11, 15, 16, 19, 20}  # ㅐ ㅒ ㅔ ㅖ ㅚ ㅞ ㅟ ㅢ ㅣ
_NEVER = {"a": {13, 16, 17, 20}, "o": {2, 6}, "u": {2, 6}}
"""Vowels that a letter never sounds like, ㅣ for an a, ㅕ for an o: 실행 is no salinity."""
_FAINT_VOWELS = {18, 20}  # ㅡ ㅣ end many a foreign name: 마커스, 토마시
_FILLER = 18  # ㅡ stands between consonants that follow each other: 클릭
_SILENT = 11  # ㅇ before a vowel
FUZZY, FUZZY_LENGTH = 0.82, 5
SHORTEST = 3
OPENING = 4  # letters that open too much: "use" is no `user`, "back" no `backfill`
SHORTEST_SOUND = 2  # consonants; 오너 is not yuna
LONGEST_SAID = 40  # syllables in which anybody would say a name

TRANSLATED: Mapping[str, str] = {
    korean: english
    for line in (
        "학습 train training", "훈련 train training", "피처 feature", "적재 load ingest", "집계 agg rollup aggregation",
        "색인 index", "정산 settlement settle", "결제 payment pay", "주문 order orders", "추천 rec reco recsys recommend",
        "검색 search", "지도 geo map", "리포트 report", "보고서 report", "사기 fraud", "로그 log", "매시 hourly", "시간별 hourly",
        "일별 daily", "일일 daily", "주간 weekly", "월간 monthly", "배치 batch", "노트북 notebook", "탐지 detect scan",
        "내보내기 export", "갱신 refresh", "동기화 sync", "중복 dedupe dup", "광고 ad ads", "쿠폰 coupon", "리뷰 review",
        "장바구니 cart", "사용자 user", "조인 join", "타일 tile tiles", "피드 feed", "이탈 churn", "모델 model", "재구축 rebuild", "대사 recon", "유저 user", "세션 session", "압축 compact", "쉘 shell", "셸 shell",
    )
    for korean, english in [(line.split()[0], " ".join(line.split()[1:]))]
}  # fmt: skip


@lru_cache(maxsize=4096)
def sounds(word: str) -> str:
    """Return a word's consonants with a dot for every vowel between: 캐롤 and carol are `k.l.l`."""
    if any("가" <= letter <= "힣" for letter in word):
        heard = "".join(map(_syllable, word))
    else:
        heard = word.casefold()
        for spelled, sound in _LATIN:
            heard = spelled.sub(sound, heard)
        heard = heard.translate(_SOUNDS).lower()
    return re.sub(r"(.)\1+", r"\1", heard)


def skeleton(word: str) -> str:
    """Return the consonants of a word alone."""
    return sounds(word).replace(".", "")


def _syllable(letter: str) -> str:
    if not "가" <= letter <= "힣":
        return letter.casefold()
    number = ord(letter) - ord("가")
    coda = number % 28
    filler = number % 588 // 28 == _FILLER and number // 588 != _SILENT
    return _ONSETS[number // 588] + "." * (not filler) + (_CODAS[coda - 1] if coda else "")


@lru_cache(maxsize=4096)
def parts_of(name: str) -> tuple[str, ...]:
    """Return the words a name is made of: `ml_train_ctr`, `geo-tile`, `SearchIndex`."""
    return tuple(part.casefold() for part in _PARTS.findall(name))


@dataclass(frozen=True)
class Hits:
    """The rows a word may stand for; `whole` when it is exactly an owner, a queue or a name."""

    rows: frozenset[int]
    whole: str = ""


def queues_of(hits: Hits, rows: Sequence[ListingRow]) -> tuple[str, ...]:
    """Return the paths of the queues a word may stand for: several where only their end was said."""
    if hits.whole != "queue":
        return ()
    return tuple(sorted({rows[place].queue for place in hits.rows}))


@dataclass(frozen=True)
class _Name:
    """A name some rows have, and what may be said of it: its parts, and two that are said as one."""

    whole: str
    parts: frozenset[str]
    said: frozenset[str]
    joined: str
    rows: frozenset[int]


def _name(name: str, rows: frozenset[int]) -> _Name:
    parts = parts_of(name)
    said = (*parts, *("".join(pair) for pair in pairwise(parts)))
    spoken = frozenset(part for part in said if part.isalpha())
    return _Name(name.casefold(), frozenset(parts), spoken, "".join(parts), rows)


class Names:
    """What may be named among some rows; numbers are the rows' places in that sequence.

    Each different value is looked at once, for many rows share an owner, a queue, a part of a name.
    """

    def __init__(self, rows: Sequence[ListingRow]) -> None:
        self._values = {
            "name": _places(row.name.casefold() for row in rows),
            "user": _places(row.user.casefold() for row in rows),
            "queue": _places(row.queue.casefold() for row in rows),
            "leaf": _places(row.queue.rpartition(".")[2].casefold() for row in rows),
        }
        self._names = [_name(*item) for item in _places(row.name for row in rows).items()]
        self._written = frozenset[str]().union(*(name.parts for name in self._names))
        self._said = frozenset[str]().union(*(name.said for name in self._names))

    def hits(self, word: str, *, person: bool = False, proper: bool = False) -> Hits:
        """Return the rows a word names; none for a word that names nothing here.

        `person`: it is said with 님 or 씨, so one consonant is enough to tell an owner.
        `proper`: the analyser takes it for a name, so part of an owner's id may be meant.
        """
        word = word.casefold().removesuffix("님").removesuffix("씨").rstrip("*_")
        for field, values in self._values.items():
            if word in values:
                return Hits(values[word], "queue" if field == "leaf" else field)
        for field in () if word.isascii() else ("user", "queue"):
            shortest = 1 if person and field == "user" else SHORTEST_SOUND
            values = self._values[field]
            found = _union(
                rows for value, rows in values.items() if _sounds_like(value, word, shortest)
            )
            if found:
                return Hits(found, field)
        if (person or proper) and not word.isascii():
            users = self._values["user"].items()
            found = _union(rows for user, rows in users if _is_called(user, word))
            if found:
                return Hits(found, "user")
        if not word.isascii() and len(word) > LONGEST_SAID:
            return Hits(frozenset())  # pasted text: its halves would be tried at every syllable
        found = self._parts(word)
        return Hits(found or self._compound(word))

    def _parts(self, word: str) -> frozenset[int]:
        if word.isascii():
            fit = _latin_parts(self._written, word)
            bare = word.replace("_", "") if len(word) > OPENING else None
            return _union(
                name.rows
                for name in self._names
                if not fit.isdisjoint(name.parts)
                or (bare is not None and (word in name.whole or bare in name.joined))
            )
        meant = frozenset(TRANSLATED.get(word, "").split())
        fit = {part for part in self._said if len(word) > 1 and _is_spoken_part(part, word)}
        return _union(
            name.rows
            for name in self._names
            if not meant.isdisjoint(name.parts) or not fit.isdisjoint(name.said)
        )

    def _compound(self, word: str) -> frozenset[int]:
        """Return the rows that both halves of a word written in one name: 쿠폰시뮬."""
        if word.isascii():
            return frozenset()
        for at in range(2, len(word) - 1):
            found = self._parts(word[:at]) & self._parts(word[at:])
            if found:
                return found
        return frozenset()


def _places(values: Iterable[str]) -> dict[str, frozenset[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for place, value in enumerate(values):
        found[value].add(place)
    return {value: frozenset(places) for value, places in found.items()}


def _union(rows: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset[int]().union(*rows)


def spoken(name: str, word: str) -> bool:
    """Tell whether a word is a name: in other letters, or in Hangul as it sounds."""
    if word.isascii():
        return word.casefold() == name.casefold()
    return _sounds_like(name.casefold(), word, SHORTEST_SOUND)


def _sounds_like(name: str, word: str, shortest: int) -> bool:
    """Tell whether a word in Hangul is how a name in Latin letters is said."""
    if len(skeleton(word)) < shortest or not _opens_alike(name, word):
        return False
    if len(skeleton(word)) > SHORTEST and skeleton(word) == skeleton(name):
        return True
    last = (ord(word[-1]) - ord("가")) % 588 // 28
    said = sounds(word).rstrip(".") if last in _FAINT_VOWELS else sounds(word)
    return said == (sounds(name).rstrip(".") if last in _FAINT_VOWELS else sounds(name))


def _is_called(user: str, word: str) -> bool:
    """Tell whether a Korean name, with or without the surname, is that of an id: 배서준, seojun.bae."""
    parts = parts_of(user)
    if len(parts) < 2 or not 2 <= len(word) <= 4:  # noqa: PLR2004 - a given name, and a surname
        return False
    if any(_sounds_like(part, word, SHORTEST_SOUND) for part in parts):
        return True
    given = [part for part in parts if _sounds_like(part, word[1:], SHORTEST_SOUND)]
    return any(_sounds_like(part, word[0], 1) for part in parts if given and part not in given)


def _opens_alike(name: str, word: str) -> bool:
    """Tell whether the first vowels can be the same sound: `minji` is not 문제."""
    written = next((letter for letter in name.casefold()[1:] if letter in "aeiouy"), "y")
    written = name[0].casefold() if name[0].casefold() in "aeiou" else written
    vowels = [(ord(letter) - ord("가")) % 588 // 28 for letter in word if "가" <= letter <= "힣"]
    spoken = next((vowel for vowel in vowels if vowel != _FILLER), 0)
    front = spoken in _FRONT_VOWELS
    if written in "ay" or re.match(r"[^aeiouy]*e[ou]", name.casefold()):  # eo is ㅓ, eu ㅡ
        return spoken not in _NEVER["a"] if written == "a" else written == "y" or not front
    return spoken not in _NEVER.get(written, ()) and front == (written in "ie")


def _is_spoken_part(part: str, word: str) -> bool:
    said = skeleton(word)
    return len(said) >= SHORTEST and _opens_alike(part, word) and skeleton(part).startswith(said)


def _latin_parts(parts: Iterable[str], word: str) -> set[str]:
    """Return the parts a word is, begins, or nearly is."""
    stem = re.sub(r"(ing|er|ize|s)$", "", word)
    opens = len(stem) > OPENING
    alike = SequenceMatcher(None, "", word) if len(word) >= FUZZY_LENGTH else None
    return {
        part
        for part in parts
        if part in (word, word.rstrip("s"))
        or (opens and part.startswith(stem))
        or (
            alike is not None
            and len(part) > SHORTEST
            and part[0] == word[0]
            and _nearly(alike, part)
        )
    }


def _nearly(alike: SequenceMatcher[str], part: str) -> bool:
    """Tell whether a part is nearly the second word; what cannot be is seen by a look."""
    alike.set_seq1(part)
    return (
        alike.real_quick_ratio() >= FUZZY
        and alike.quick_ratio() >= FUZZY
        and alike.ratio() >= FUZZY
    )


# Words that are nearly one the grammar knows, and names with something written onto them.


_PARTICLES = tuple(listed("까지 만 은 는 이 가 을 를 도 랑"))


def mended(tokens: Sequence[Token], names: Names, vocabulary: Collection[str]) -> tuple[Token, ...]:
    """Return the tokens, those mended that are neither words of `vocabulary` nor names."""
    return tuple(each for token in tokens for each in _mended(token, names, vocabulary))


def _mended(token: Token, names: Names, vocabulary: Collection[str]) -> Iterator[Token]:
    form = token.form
    if not token.noun or form in vocabulary or names.hits(form).whole:
        yield token
    elif not token.latin:
        yield from _without_particle(token, names)
    elif form.endswith("s") and names.hits(form[:-1]).whole == "user":
        yield replace(token, form=form[:-1])  # "bobs join"
    elif names.hits(form).rows or len(form) < SHORTEST:
        yield token
    else:
        meant = {word for word in vocabulary if _slipped(word, form)}
        yield replace(token, form=meant.pop()) if len(meant) == 1 else token


def _without_particle(token: Token, names: Names) -> Iterator[Token]:
    """Yield an owner's name and the particle the analyser left on it: 앨리스만."""
    for particle in _PARTICLES:
        name = token.form.removesuffix(particle)
        if name and name != token.form and names.hits(name).whole == "user":
            end = token.end - len(particle)
            yield Token(name, "NNP", token.start, end)
            yield Token(particle, "JX", end, token.end)
            return
    yield token


def _slipped(word: str, typed: str) -> bool:
    """Tell whether a finger slipped: letters changed places, one is missing, one came twice.

    Another letter makes another word: "bill" is no "kill".
    """
    if word[0] != typed[0] or not word.isascii() or len(word) < SHORTEST:
        return False
    if len(word) == len(typed):
        wrong = [at for at in range(len(word)) if word[at] != typed[at]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1  # noqa: PLR2004 - a pair of letters
        return swapped and word[wrong[0]] == typed[wrong[1]] and word[wrong[1]] == typed[wrong[0]]
    if len(word) == len(typed) + 1:
        return any(word[:at] + word[at + 1 :] == typed for at in range(1, len(word)))
    twice = (at for at in range(1, len(typed)) if typed[at] == typed[at - 1])
    return any(typed[:at] + typed[at + 1 :] == word for at in twice)
