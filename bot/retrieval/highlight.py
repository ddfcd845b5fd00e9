"""Where the asked words stand in a passage."""

import re
from collections.abc import Iterable

from bot.retrieval.egress_terms import words_of

Span = tuple[int, int]
ASKED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[\uac00-\ud7a3]{2,}")
LATIN = re.compile(r"[A-Za-z0-9._-]+")
MAX_WORDS = 30
MIN_LENGTH = 2
COMMON = words_of(
    "a an and are at be by can do does for from how i in is it me my of on or our that the this to"
    " was we what when where which who why with you"
)


def spans(text: str, question: str, morphemes: Iterable[str] = ()) -> tuple[Span, ...]:
    """Return (start, end) of every asked word in the text, in order, none overlapping.

    A Latin word counts only as a whole word; a Korean one wherever it stands, since particles
    are written onto it.
    """
    words = [*morphemes, *ASKED.findall(question)]
    wanted = [
        word
        for word in dict.fromkeys(word.lower() for word in words)
        if len(word) >= MIN_LENGTH and word not in COMMON
    ][:MAX_WORDS]
    found = sorted(
        match.span()
        for word in wanted
        for match in re.finditer(_pattern(word), text, re.IGNORECASE)
    )
    merged: list[Span] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _pattern(word: str) -> str:
    if LATIN.fullmatch(word):
        return rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])"
    return re.escape(word)
