"""What may leave for the web: a query put together from public words, never from the question.

A word of the question only chooses an entry of the vocabulary; what is sent is the entry. A word
glued to anything else (a host, a path, an application's or a user's name) chooses nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from bot.agents.reading.words import load_morphemes
from bot.retrieval import egress_terms as known
from bot.retrieval.tokens import MARK, terms

MAX_WORDS = 12
MAX_QUESTION = 4000
RUN = re.compile(r"[A-Za-z0-9_.:/\\@#$%+=~&*-]+|[\uac00-\ud7a3]+(?: [\uac00-\ud7a3]+)*")
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
VERSION = re.compile(r"v?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)")
KEY = re.compile(r"[a-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)+")
CLASS = re.compile(r"[A-Za-z0-9_$]+(?:\.[A-Za-z0-9_$]+)*")
CAMEL = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|$)|[A-Z]?[a-z]+|[A-Z]+|\d+")
HOST_ENDS = frozenset({"local", "net", "io"})  # hive.metastore.local is a machine, not a key
TRAILING = ".,:;!?%"


class Weight(IntEnum):
    """How much a word tells: a shade, a subject, or a product, an error class or a setting's key."""

    SHADE = 0
    SUBJECT = 1
    ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Word:
    """An entry of the vocabulary that the question chose."""

    text: str
    weight: Weight


def allowed_query(question: str) -> str:
    """Return the query that may leave, at most 12 words; empty when it would say nothing.

    A product, an error class or a configuration key is enough; a subject needs a second word.
    """
    words: dict[str, Word] = {}
    for word in _words(question):
        words.setdefault(word.text, word)
    # What tells most goes first when there is too much: long questions end in pleasantries.
    kept = sorted(words.values(), key=lambda word: -word.weight)[:MAX_WORDS]
    weights = [word.weight for word in kept]
    if Weight.ENOUGH not in weights and not (Weight.SUBJECT in weights and len(kept) > 1):
        return ""
    return " ".join(word.text for word in words.values() if word in kept)


def _words(question: str) -> Iterator[Word]:
    before = ""
    for match in RUN.finditer(question[:MAX_QUESTION]):
        run = match.group()
        if "\uac00" <= run[0] <= "\ud7a3":
            yield from _korean(run)
            before = ""
            continue
        for part in filter(None, run.split("=", 1)):
            word = _latin(part.rstrip(TRAILING), before)
            if word is not None:
                yield word
            before = word.text if word is not None else ""


def _latin(run: str, before: str) -> Word | None:
    if PLAIN.fullmatch(run):
        return _plain(run)
    version = VERSION.fullmatch(run)
    if version:
        return Word(version.group(1), Weight.SHADE) if before in known.PRODUCTS else None
    if run in known.CODES:
        return Word(run, Weight.SHADE) if before in known.BEFORE_CODES else None
    if KEY.fullmatch(run) and _is_key(run):
        return Word(run, Weight.ENOUGH)
    if CLASS.fullmatch(run) and run.startswith(known.PUBLIC_PACKAGES):
        last = re.split(r"[.$]", run)[-1]
        return Word(last, Weight.ENOUGH) if _is_error(last) else None
    return None


def _plain(run: str) -> Word | None:
    word = run.lower()
    if word in known.ERROR_WORDS:
        return Word(word, Weight.ENOUGH)
    return _weighed(word) or (Word(run, Weight.ENOUGH) if _is_error(run) else None)


def _weighed(word: str) -> Word | None:
    if word in known.PRODUCTS:
        return Word(word, Weight.ENOUGH)
    if word in known.SUBJECTS:
        return Word(word, Weight.SUBJECT)
    return Word(word, Weight.SHADE) if word in known.SHADES else None


def _is_error(name: str) -> bool:
    parts = CAMEL.findall(name)
    return (
        name.endswith(known.ERROR_ENDS)
        and len(parts) > 1
        and "".join(parts) == name
        and all(part.lower() in known.PARTS for part in parts)
    )


def _is_key(key: str) -> bool:
    segments = re.split(r"[._-]", key)
    if segments[0] not in known.KEY_ROOTS or "." not in key or segments[-1] in HOST_ENDS:
        return False
    parts = [part for segment in segments for part in CAMEL.findall(segment)]
    return "".join(parts) == "".join(segments) and all(
        part.lower() in known.PARTS for part in parts
    )


def _korean(run: str) -> Iterator[Word]:
    """Yield the public English of each notion of the trade that is said."""
    for notion in sorted(terms(run, load_morphemes()).notions):
        word = _weighed(notion.removeprefix(MARK))
        if word is not None:
            yield word
