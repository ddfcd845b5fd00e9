"""What the passages say of a sentence: how near they come, and whether they deny it."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise, permutations

from bot.agents.model.evidence import Evidence
from bot.agents.model.quantities import ANY_UNIT, CLOCK, Quantity, numbered, quantities
from bot.agents.model.sentence import Sentence, sentences
from bot.agents.reading.words import listed, load_morphemes
from bot.domain.knowledge import Collection
from bot.ports import Documents

I = re.IGNORECASE  # noqa: E741 - the flag of nearly every line below
ENGLISH = re.compile(r"[a-z][a-z0-9_.-]+[a-z0-9_]")
PARTS, LONG = re.compile(r"[._-]"), 4  # of names of settings; letters, to be a word
HANGUL = re.compile(r"[가-힣]")
DENIED = re.compile(
    r"(?:\b(?:do not|don't|doesn't|does not|never|cannot|can't|must not|mustn't|won't|will not|not to|without|instead of|rather than|avoid)"
    r"|(?:\band|\bbut|,) not)\s+(?:(?:be|to|yet|the|its?|an?|in|on|by)\s+)*([a-z]{4,})"
)
NOT_KO = frozenset(
    {"않/VX", "말/VX", "못하/VX", "안/MAG", "못/MAG", "없/VA", "금지/NNG", "불가/NNG"}
)
"""Morphemes that deny the word beside them."""
CONTENT = ("NN", "XR", "VV", "VA")
NEGATIVE = re.compile(r"\b(?:no|not|never|nothing|nobody|neither|nor|cannot|without|avoid|only|refused|instead of|rather than|\w+n't)\b|않|지\s?[마말]|못|없|아니|아닌|금지|거절|만\s|(?<![가-힣])안\s", I)  # fmt: skip
ONLY = re.compile(r"\bonly (?:with|when|after|by)\b|[때후서]만\s", I)
SUPPOSED = re.compile(r"\S+기\s?전\S*|\S+(?:면|[아어]도)(?=[\s,])|\b(?:before|after|without) \w+ing\b|\b(?:if|when|until|unless)\b[^,]*|\"[^\"]*\"", I)  # fmt: skip
"""What a text does not say to happen."""
OPEN = re.compile(r"\b(?:if|when|whether|unless)\b|[는인은]지|여부", I)
"""What leaves it open whether something is so."""
WAIVED = re.compile(
    r"\b(?:no need|no \w+ (?:is|are) (?:needed|required|necessary)|need(?:n't| not)|(?:don't|doesn't|do not|does not) (?:need|have to|bother)|not (?:needed|required|necessary)|unnecessary|(?:can|may|could|just|then|and|or|to) skip)\b|^\W*skip\b"
    r"|필요(?:도|가|는)?\s?(?:까지\s?)?없|생략|건너뛰|(?<![가-힣])안\s(?:\S+\s)?\S+도\s?(?:되|돼|됩|괜찮|무방|상관)|지 않(?:으셔|아)도", I
)  # fmt: skip
"""What says that something may be left out."""
FREED = re.compile(r"\b(?:fine|okay|ok|enough|harmless|freely|safe to|allowed|no problem)\b|도\s?(?:되|돼|됩|된|괜찮|무방|상관|좋|문제)|괜찮|마음대로|자유롭|충분", I)  # fmt: skip
"""What says that something may be done, or is enough."""
ALLOWED = re.compile(rf"{FREED.pattern}|\b(?:may|can|safe|works?|alone)\b|안전|가능", I)
OPPOSED = tuple(
    (re.compile(one, I), re.compile(other, I))
    for one, other in (
        (r"멈[추춥춤췄]|중단|\bstop\w*", r"계속|\bkeeps? \w+ing|\bcontinu\w+"),
        (r"성공|해결|\bsucceed\w*|\bsolv\w+", r"실패|\bfail\w*"),
        (r"안전|\bsafe\w*|harmless", r"위험|\bdanger\w*|\brisk\w*"),
        (r"먼저|우선|\bfirst\b|\bbefore\b", r"나중|\bafterwards\b|\blater\b"),
        (r"올[리려린]|늘[리려린]|\brais\w+|\bincreas\w+", r"낮[추춰춘]|줄[이여인]|\blower\w*|\breduc\w+"),
        (r"기다[리려린]|\bwait\w*", r"바로|당장|즉시|곧장|죽[이여인]|종료|\bkill\w*|\bat once\b|\bright away\b|\bnow\b"),
        (r"살아|남아|그대로|\bsurviv\w*|\bstays?\b|\bremains?\b", r"사라|없어[지진져]|\bvanish\w*|\bdisappear\w*|\blost\b"),
        (r"항상|언제나|무조건|모든|모두|\balways\b|\bevery\b|\ball\b|\bany\b", r"\w만(?=[\s,.])|\bonly\b"),
        (r"넘[겨게어]|초과|보다 많|\bmore than\b|\bbeyond\b", r"까지만|\bup to\b|\bat most\b|\bwithin\b"),
    )
)  # fmt: skip
"""Words of which one says what the other denies."""
QUOTE = re.compile(r"`([^`\n]{4,})`")
SPLIT = re.compile(r"(?<=[.!?。])\s+|\n+|(?<=[.:;,)])\s(?=\d\)\s)")
BITS = re.compile(r"[,;:()]\s|\s[→-]\s|(?<=[.!?])\s|\s(?=\()")
RATE = re.compile(r"(?:\b(?:every|each|per)|\w once)\s*$", re.IGNORECASE)
STOP = frozenset(
    listed(
        "the and for that this with from are was were you your can not has have its then than when"
        " 하 되 있 않 보 때 것 수 거 뭐 좀 중 등 번 주 같 이 그"
    )
)
PER_SENTENCE = 2  # passages looked up for each
SPEAKING = 0.12  # of a sentence's words: below it, the passages are of another language
FEW = 3  # words: fewer are of anything
NEAR = 0.33  # of a sentence's words, for a passage to be speaking of the same
NEAREST = 8  # pieces that are looked at
ALIKE = 0.25  # for it to be of the same matter at all
CLOSER = 0.3  # that another figure must fit, to be the one that is meant
REPEATED = 0.7  # for it to say nearly all
SAME = 0.5  # for it to say the same


async def supported(evidence: Evidence, words: str, documents: Documents, channel: str) -> Evidence:
    """Return the evidence with what our manual says about each sentence, behind what was shown."""
    found = await asyncio.gather(
        *(
            documents.search(Collection.MANUAL, one, channel, PER_SENTENCE)
            for one in sentences(words)
        )
    )
    more = [(item.source, item.text) for each in found for item in each.passages]
    return replace(evidence, passages=tuple(dict.fromkeys((*evidence.passages, *more))))


@dataclass(frozen=True)
class Support:
    """A sentence beside the passages; those it cites where it cites some."""

    sentence: Sentence

    @cached_property
    def passages(self) -> tuple[str, ...]:
        """The texts it may rest on."""
        every = self.sentence.evidence.passages
        cited = [every[number - 1][1] for number in self.sentence.citations]
        return tuple(cited or (text for _, text in every))

    @cached_property
    def single(self) -> tuple[str, ...]:
        """The pieces of the passages: sentences, and entries of lists."""
        return tuple(
            piece for text in self.passages for piece in SPLIT.split(text) if piece.strip()
        )

    def nearest_to(self, text: str, pieces: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
        """Return the pieces that speak of the same as a text, the nearest first."""
        wanted = words_of(text)
        shares = (
            (len(wanted & offered) / len(wanted) - 0.0005 * len(offered), piece)
            for piece in (pieces if wanted else ())
            for offered in (words_of(piece),)
        )
        return tuple(sorted(shares, reverse=True)[:NEAREST])

    @cached_property
    def near(self) -> tuple[tuple[float, str], ...]:
        """The pieces of the passages that speak of the same, the nearest first."""
        pairs = (f"{one} {two}" for one, two in pairwise(self.single))
        return self.nearest_to(self.sentence.text, (*self.single, *pairs))

    @property
    def unquoted(self) -> str:
        """The sentence without the commands that a passage holds word by word."""
        said = self.sentence.said
        commands = (each for text in self.passages for each in QUOTE.findall(text))
        for command in sorted(commands, key=len, reverse=True):
            said = said.replace(command, "…")
        return said

    @property
    def overlap(self) -> float:
        """How much of the sentence the nearest piece says, 0 to 1."""
        return self.near[0][0] if self.near else 0.0

    @property
    def told(self) -> bool:
        """Whether passages speak of it, or are of a language in which words cannot be compared."""
        return self.overlap > ALIKE or bool(self.sentence.citations)

    @cached_property
    def pieces(self) -> tuple[tuple[float, str], ...]:
        """Where its figures must stand: the nearest pieces; all of what it cites, or of another language."""
        near = self.nearest_to(self.sentence.text, self.single)
        apart = self.sentence.citations or self.overlap <= SPEAKING
        return (*near, *((0.01, each) for each in self.single)) if apart else near

    def says(self, one: Quantity) -> bool:
        """Tell whether the same quantity stands there of the same, or it is a year in a source."""
        text, passages = self.sentence.text, self.sentence.evidence.passages
        if one.units == ANY_UNIT and any(f"/{one.value:.0f}-" in source for source, _ in passages):
            return True
        start, end = self.sentence.clause(one.start)
        named = (
            each for each in self.sentence.mentions if each.named and start <= each.start < end
        )
        names = [text[each.start : each.end] for each in named]
        wanted, best = words_of(text[start:end]), {True: 0.0, False: CLOSER}
        for share, piece in self.pieces:
            for same, bit in _given(one, text, piece):
                if not same or all(name in piece for name in names):
                    alike = share + len(wanted & words_of(bit)) / (len(wanted) or 1)
                    best[same] = max(best[same], alike)
        return best[True] > best[False] - CLOSER

    @property
    def says_times(self) -> bool:
        """Tell whether its times of day stand there."""
        times = CLOCK.findall(self.sentence.text)
        return all(any(time in piece for _, piece in self.pieces) for time in times)

    @cached_property
    def denied(self) -> bool:
        """Tell whether a clause of this is the reverse of what the piece nearest to it says."""
        clauses = self.sentence.clauses
        texts = {self.sentence.text, *clauses, *(one + two for one, two in pairwise(clauses))}
        return any(
            _reverses(text, [piece for _, piece in near])
            for text in texts
            if len(words_of(text)) >= (FEW if text == self.sentence.text else FEW + 1)
            and (near := self.nearest_to(text, self.single))
            and near[0][0] >= NEAR
        )

    @property
    def forbids(self) -> bool:
        """Tell whether a piece about the same says what not to do, as this does."""
        pieces = (piece for share, piece in self.near if share > ALIKE)
        return self.overlap >= SAME or any(map(NEGATIVE.search, pieces))

    @cached_property
    def grants(self) -> bool:
        """Tell whether this lets something be done, or left out, that no piece about the same does."""
        said = [one for one in self.sentence.clauses if WAIVED.search(one) or not OPEN.search(one)]
        least = max(ALIKE, 0.75 * self.overlap)
        return bool(self.passages) and any(
            any(map(way.search, said))
            and not any(share > near and bearing.search(piece) for share, piece in self.near)
            for way, bearing, near in ((WAIVED, WAIVED, SAME), (FREED, ALLOWED, least))
        )

    @property
    def limits(self) -> bool:
        """Tell whether the piece about the same denies something, and this nothing."""
        denies = self.near and NEGATIVE.search(self.near[0][1])
        return bool(denies) and not NEGATIVE.search(self.sentence.text)


def _given(one: Quantity, text: str, piece: str) -> Iterator[tuple[bool, str]]:
    """Yield for each quantity of a unit that a piece gives whether it is this one, and what is beside it."""
    for bit in BITS.split(numbered(piece)):
        for other in quantities(bit):
            if one.units & other.units:
                rates = [
                    bool(RATE.search(*each))
                    for each in ((text, 0, one.start), (bit, 0, other.start))
                ]
                same = abs(one.value - other.value) <= 1e-9 + 0.001 * other.value
                yield same and rates[0] == rates[1], bit


def _reverses(said: str, pieces: list[str]) -> bool:
    """Tell whether a text says what the nearest piece denies, or the reverse, and no other piece does."""
    piece = pieces[0]
    (mine, spoken), (theirs, offered) = _acts(said), _acts(piece)
    mine = mine.difference(*(_acts(each)[0] for each in pieces))
    shared, plain = len(spoken & offered), not NEGATIVE.search(said)
    if (
        plain
        and (acts := words_of(SUPPOSED.sub(" ", said)) & theirs)
        and (shared > len(acts) + 1 or offered <= spoken)
    ):
        return True
    only = not NEGATIVE.search(piece) or ONLY.search(piece)
    if only and (acts := (offered & mine) - theirs) and shared > len(acts):
        return True
    if WAIVED.search(said):
        return not WAIVED.search(piece)
    if plain and ALLOWED.search(said):
        return bool(NEGATIVE.search(piece)) and not ALLOWED.search(piece)
    piece = SUPPOSED.sub(" ", piece)
    return plain and any(
        way.search(said) and other.search(piece) and not (other.search(said) or way.search(piece))
        for pair in OPPOSED
        for way, other in permutations(pair)
    )


@lru_cache(maxsize=4096)
def _acts(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return what a text denies, forbids or leaves out, and all that it speaks of.

    Korean words are morphemes without their endings, English ones stems.
    """
    sure = SUPPOSED.sub(" ", text)
    denied = {_stem(act) for act in DENIED.findall(sure.lower())}
    words: list[str] = []  # in order
    after = False  # a "not" that stands in front
    for form, tag in _morphemes(sure):
        if f"{form}/{tag}" in NOT_KO:
            after = tag == "MAG"
            denied |= set() if after else set(words[-1:])
        elif tag.startswith(CONTENT) and form not in STOP and form != "필요":
            denied |= {form} if after else set()
            words.append(form)
            after = False
        elif after and form == "하":  # "재시도 안 해요"
            denied |= set(words[-1:])
            after = False
    english = ENGLISH.findall(text.lower())
    parts = (part for word in english for part in PARTS.split(word) if len(part) >= LONG)
    spoken = {_stem(word) for word in (*english, *parts)}
    spoken |= {form for form, tag in _morphemes(text) if tag.startswith(CONTENT)}
    return frozenset(denied - STOP), frozenset(spoken - STOP)


def _morphemes(text: str) -> list[tuple[str, str]]:
    """Return the Korean pieces of a text, each with what it is."""
    found = load_morphemes().tokenize(text) if HANGUL.search(text) else ()
    return [(each.form, each.tag) for each in found if HANGUL.match(each.form)]


def words_of(text: str) -> frozenset[str]:
    """Return what a text speaks of: English stems and Korean words without their endings."""
    return _acts(text)[1]


def denied_in(text: str) -> frozenset[str]:
    """Return what a text denies, forbids or leaves out."""
    return _acts(text)[0]


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 3:  # noqa: PLR2004 - a stem of its own
            return word.removesuffix(ending)
    return word.rstrip(".")
