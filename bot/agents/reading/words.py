"""A message as tokens: Korean by Kiwi's morphemes, everything else by words.

What names a row (a rank, a job, an owner, a queue) is found by `references`, over these tokens.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock
from typing import Any, Protocol

from kiwipiepy import Kiwi

_LOADING = Lock()
_STRUCK = re.compile(r"~[^~\n]+~")
_QUOTED_LINE = re.compile(r"(?m)^\s*(?:>|&gt;).*$")
_CODE = re.compile(r"```.*?```|`([^`\n]*)`", re.DOTALL)
_PLAIN = (
    (r"\bno need to\b|\bneed not\b", "do not"),
    (r"\bcan['’]?t\b|\bcannot\b", "can not"),
    (r"\bwon['’]t\b", "will not"),
    (r"\b(do|does|did|is|are|was|were|should|would|could|have|has|need)n['’]?t\b", r"\1 not"),
    (r"(?<=\w)['’](re|ve|ll|d|m)\b", r" \1"),
    (r"\b(what|that|who|where|there|how)s\b", r"\1's"),
    (r"(?<=[\w번]) '?n'? (?=\w)", " and "),
    (r"\bw/o(?:ut)?\b", "without"),
    (r"(?<=\d)-(?=(?:v?cores?|gb|gigs?|hours?|minutes?|min)\b)", " "),
    (r"\b(last|past) (?=(?:hour|day|minute)\b)", r"\1 1 "),
    (r"\blet['’]?s\b", "let us"),
    (r"\bgotta\b", "got to"),
    (r"\bem\b", "them"),
    (r"\bu\b", "you"),
    (r"\bhalf an hour\b", "30 minutes"),
    (r"\b(?:an?|one) (?=(?:hour|day|minute|week)\b)", "1 "),
    (r"(\d)\+ ?(cores?|vcores?|gb|gigs?)\b", r"\1 \2 minimum"),
    (r"\b(?:at least|(?:no|not) (?:less|fewer) than) (\d+) ?(\w+)", r"\1 \2 minimum"),
    (
        r"\b(?:no|not) (?:older|longer|bigger|larger|heavier|greater|higher|over|above) than\b",
        "under",
    ),
    (r"\b(?:no|not) (?:younger|shorter|smaller|lower) than\b", "over"),
    (r"\b(?:at most|(?:no|not) more than|up to) (\d+) ?(\w+)", r"\1 \2 maximum"),
    (r"\b(?:a|one|two|half) ?-?(?:third|quarter|fifth)s? of\b", "a part of"),
    (r"\b(second|third|fourth|fifth)-(?=[a-z])", r"\1 "),
    (r"(\d번?)하고(?=\s)", r"\1이랑"),
    (
        r"(?:#|\bno\.?\s*|\bnumber\s+|\bnum\s+|\bjob\s+#?|\brank\s+)(\d{1,3})(?!\d|\s*(?:%|cores?|gb|min))",
        r"\1번",
    ),
    (r"(?<=\d)(?:st|nd|rd|th)\b", "번째"),
    (r"(?<=\d)(번?)\s*(?:-|–|to|through|thru)\s*(?:#\s*)?(?=\d{1,2}(?!\d))", r"\1~"),
    (r"\b(top|first|last|bottom|탑)(\d)", r"\1 \2"),
    (r"(?<=[여어아해려와워켜꺼])(?=(?:줘|주세|주시|주십|주라|줄래))", " "),
    (r"(?<=[가-힣])꺼(?=(?:로|를|만|는|랑|까지)(?:\s|$|[가-힣]))", " 거"),
    (r"(?<=[가-힣])껀(?=[\s,]|$)", " 거는"),
    (r"(?<=\S )거랑(?=\s)", "거 랑"),
    (r"내비(?=[두둬뒀])", "놔"),
    (r"(?<=\d)\.(?=\s+\d)", " ."),  # "2. 1." is no list's head
    (r"(이|그|저)건(?=[\s,])", r"\1거는"),
    (r"(이|그|저)걸(?=[\s,])", r"\1거를"),
    (r"(?<=\d)(?=코어|기가|테라|분|시간|개|위|등)", " "),
)
_CONTRACTIONS = tuple((re.compile(wrong, re.IGNORECASE), right) for wrong, right in _PLAIN)
_STOP = re.compile(r"(?:[.!?…]+|;{2,})(?=[\s\"')]|$)|\n")
_WORD = re.compile(
    r"['’]s\b|[A-Za-z][A-Za-z0-9]*(?:[._\-][A-Za-z0-9]+)+|[A-Za-z]+[0-9]*[A-Za-z0-9]*"
)
_WHOLE = re.compile(rf"{_WORD.pattern}|(?<![가-힣])[가-힣]{{2,4}}(?=님)")
"""What the analyser must not cut: words in Latin letters, and who is called 님 (배서준님)."""


_WITH_NOUN = 2


def listed(words: str) -> list[str]:
    """Return the words of a table's line."""
    return words.split()


NOUNS = listed("기가 테라 코어 큐 킬 잡 노드 익스큐터 세션화 백필 강종 제일 젤")
"""Words of the trade that a general dictionary cuts into pieces."""


def load_morphemes() -> "Morphemes":
    """Return the process's one analyser: a second of work and some 270 MB, whoever asks first."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> "Morphemes":
    kiwi = Kiwi(num_workers=1, load_default_dict=False, load_multi_dict=False)
    for noun in NOUNS:
        kiwi.add_user_word(noun, "NNG", 3.0)
    return kiwi  # type: ignore[no-any-return]  # kiwipiepy publishes no types


class Morphemes(Protocol):
    """Cuts Korean text into morphemes, as kiwipiepy's `Kiwi.tokenize` does."""

    def tokenize(self, text: str) -> list[Any]:
        """Return tokens with `form`, `tag`, `start` and `len`."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """One morpheme or word: dictionary form in lower case, tag, and its place in `Words.text`.

    Tags are Kiwi's (Sejong set); a Latin word is `SL`, a number `SN`, punctuation `SF`, `SP` …
    """

    form: str
    tag: str
    start: int
    end: int

    @property
    def latin(self) -> bool:
        """True for a word in Latin letters."""
        return self.tag == "SL"

    @property
    def stem(self) -> bool:
        """True for the stem of a verb or an adjective."""
        return self.tag.startswith(("VV", "VA", "VX", "XSV", "XSA"))

    @property
    def noun(self) -> bool:
        """True for a noun, a pronoun or a Latin word."""
        return self.tag.startswith(("NN", "NP", "NR", "SL", "XR"))


def _is_thing(before: Sequence[Token], piece: Any, after: Sequence[Any]) -> bool:
    """Tell whether "꺼" is the noun and no verb: "마지막꺼 빼고" is written as one word."""
    if (
        len(before) < _WITH_NOUN
        or piece.form not in {"어", "어요"}
        or piece.tag not in {"EC", "EF"}
    ):
        return False
    noun, stem = before[-2:]
    if after[0].tag.startswith("VX") if after else noun.tag not in {"NNP", "NNG", "SL"}:
        return False
    return stem.form == "끄" and noun.end == stem.start and noun.tag[0] in "NS"


_CUT = {("세", "요"): ("세요", "EF"), ("아니", "고"): ("아니고", "EC")}
"""Endings that the analyser takes apart where the next sentence follows without a mark."""


@dataclass(frozen=True)
class Words:
    """A message made comparable, and its tokens."""

    raw: str
    kiwi: Morphemes

    @cached_property
    def text(self) -> str:
        """The words that count: quoted lines and struck-out words are gone, widths are even."""
        text = unicodedata.normalize("NFC", self.raw).replace("’", "'")
        text = _STRUCK.sub(" ", _QUOTED_LINE.sub(" ", text))
        text = _CODE.sub(lambda found: f" {found.group(1) or ''} ", text)
        for pattern, plain in _CONTRACTIONS:
            text = pattern.sub(plain, text)
        return text

    @cached_property
    def quotes(self) -> bool:
        """True when somebody else's words, or struck-out ones, stand in the message."""
        return bool(re.search(r'["“”「」『』]|(?:^|\s)\'[^\']+\'(?=\W|$)', self.text)) or bool(
            _QUOTED_LINE.search(self.raw)
        )

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens in order."""
        text = self.text
        words = [(found.start(), found.end()) for found in _WHOLE.finditer(text)]
        masked = list(text)
        for start, end in words:  # Kiwi would cut `daily_user.features` or 구한별님 into pieces
            masked[start:end] = "A" * (end - start)
        found = []
        inside = iter([*words, (len(text) + 1, len(text) + 1)])
        start, end = next(inside)
        pieces = self.kiwi.tokenize("".join(masked))
        for place, piece in enumerate(pieces):
            at = piece.start
            while at >= end and end <= len(text):
                start, end = next(inside)
            if start <= at < end:
                if at == start:
                    word = text[start:end].casefold()
                    found.append(Token(word, "SL" if word.isascii() else "NNP", start, end))
                continue
            if _is_thing(found, piece, pieces[place + 1 :]):
                found[-1] = Token("거", "NNB", found[-1].start, at + piece.len)
                continue
            whole = _CUT.get((found[-1].form, piece.form)) if found else None
            if whole is not None and found[-1].end == at and found[-1].tag in {"EC", "IC"}:
                found[-1] = Token(*whole, found[-1].start, at + piece.len)
                continue
            form = piece.form.casefold().rstrip(".") or piece.form
            tag = "SN" if form.isdigit() else piece.tag  # "3." is no bullet here
            found.append(Token(form, tag, at, at + piece.len))
        return tuple(found)

    @cached_property
    def stops(self) -> tuple[tuple[int, str], ...]:
        """Where sentences end: (offset, the marks that end it)."""
        return tuple((found.end(), found.group()) for found in _STOP.finditer(self.text))

    @property
    def korean(self) -> bool:
        """True when the message holds Hangul."""
        return any("가" <= letter <= "힣" or "ㄱ" <= letter <= "ㅣ" for letter in self.text)
