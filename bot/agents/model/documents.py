"""What the passages say of a sentence: how near they come, and whether they deny it."""

import asyncio
import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from bot.agents.model.evidence import Evidence
from bot.agents.model.quantities import ANY_UNIT, CLOCK, Quantity, numbered, quantities
from bot.agents.model.sentence import Sentence, sentences
from bot.agents.reading.words import listed
from bot.domain.knowledge import Collection
from bot.ports import Documents

ENGLISH = re.compile(r"[a-z][a-z0-9_.-]{2,}")
HANGUL = re.compile(r"[\uac00-\ud7a3]{2,}")
DENIED = re.compile(
    r"([\uac00-\ud7a3]{2,4}?)(?:하)?(?:지\s*(?:는|도)?\s*(?:마|말|않|못)|면\s*안)"
    r"|\b(?:not|never|without|instead of|rather than|avoid|\w+n't)\s+(?:be\s+|to\s+|yet\s+)?([a-z]{4,})"
)
CONDITION = re.compile(r"\bif\b|[가-힣]면(?:\s|,)", re.IGNORECASE)
COMMAND = re.compile(r"`([^`\s]*[a-z][A-Z_.-][^`\s]*|[^`]+\s-[^`]+)`")
"""A command or an option as a passage writes it, that is no ordinary word."""
LIMITED = re.compile(
    r"\b(?:not|never|only|unless|without|avoid|\w+n't|lead|owner|approv\w+)\b|지 않|지 마|말[고것아]|없이|금지|에만|때만|경우에만|리더|담당|승인",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r"(?:위험|해롭|나쁘)\S*지 않\S*|\b(?:not|never|isn't|without) (?:\w+ )?(?:danger\w*|risk\w*|harm\w*)",
    re.IGNORECASE,
)
"""A "not" that limits nothing."""
POLITE = re.compile(
    r"하십시오|하세요|합니다|한다|됩니다|된다|입니다|습니다|십시오|니다|에서|으로|부터|까지|에게"
)
SPLIT = re.compile(r"(?<=[.!?。])\s+|\n+|(?<=\S)\s(?=\d\)\s)")
STOP = frozenset(
    listed(
        "the and for that this with from are was were you your can not has have its then than when"
    )
)
PER_SENTENCE = 2  # passages looked up for each
SPEAKING = 0.12  # of a sentence's words: below it, the passages are of another language
NEAR = 0.34  # of a sentence's words, for a passage to be speaking of the same
ALIKE = 0.25  # for it to be of the same matter at all
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
    def near(self) -> tuple[tuple[float, str], ...]:
        """The pieces of the passages that speak of the same, the nearest first."""
        wanted = words_of(self.sentence.text)
        if not wanted:
            return ()
        found = []
        for text in self.passages:
            pieces = [piece for piece in SPLIT.split(text) if piece.strip()]
            for window in (*pieces, *(f"{one} {two}" for one, two in pairwise(pieces))):
                offered = words_of(window)
                share = len(wanted & offered) / len(wanted)
                found.append((share - 0.0005 * len(offered), window))
        return tuple(sorted(found, reverse=True)[:4])

    @property
    def overlap(self) -> float:
        """How much of the sentence the nearest piece says, 0 to 1."""
        return self.near[0][0] if self.near else 0.0

    @property
    def documented(self) -> bool:
        """Whether a passage says about the same, or is cited for it."""
        return self.overlap >= SAME or bool(self.sentence.citations)

    @property
    def told(self) -> bool:
        """Whether passages speak of it, or are of a language in which words cannot be compared."""
        if not self.sentence.evidence.passages:
            return False
        return self.overlap > ALIKE or bool(self.sentence.citations)

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Where its figures must stand: the nearest pieces; all of what it cites, or of another language."""
        apart = self.sentence.citations or self.overlap <= SPEAKING
        return self.passages if apart else tuple(text for _, text in self.near)

    def says(self, one: Quantity) -> bool:
        """Tell whether the same quantity stands there, or it is the year in a passage's source."""
        if one.units == ANY_UNIT and any(
            f"/{one.value:.0f}-" in source for source, _ in self.sentence.evidence.passages
        ):
            return True
        return any(
            abs(one.value - other.value) <= 1e-9 + 0.001 * other.value and one.units & other.units
            for piece in self.pieces
            for other in quantities(numbered(piece))
        )

    @property
    def says_times(self) -> bool:
        """Tell whether its times of day stand there."""
        times = CLOCK.findall(self.sentence.text)
        return all(any(time in piece for piece in self.pieces) for time in times)

    @property
    def nearest(self) -> str:
        """The piece that speaks of the same matter, if any does."""
        return self.near[0][1] if self.overlap > ALIKE else ""

    @property
    def denied(self) -> bool:
        """Tell whether what this says is what the nearest piece says not to do, or the reverse."""
        if self.overlap < NEAR:
            return False
        said = [one for one in self.sentence.clauses if not CONDITION.search(one)]
        text = " ".join(said).lower()
        mine = _negated(text)
        theirs, piece = _negated(self.near[0][1]), self.near[0][1].lower()
        return any(_affirmed(act, text, mine) for act in theirs - mine) or any(
            _affirmed(act, piece, theirs) for act in mine - theirs
        )

    @property
    def forbids(self) -> bool:
        """Tell whether what this says not to do is what a piece says not to do."""
        mine = _negated(self.sentence.text)
        same = any(mine & _negated(text) for _, text in self.near) and self.overlap > ALIKE
        return not self.denied and (same or self.overlap >= SAME)

    @cached_property
    def frees(self) -> bool:
        """Tell whether it says of a command something else than the passages that limit the command."""
        text = self.sentence.text
        korean = bool(HANGUL.search(text))
        pieces = [
            (command, piece)
            for passage in self.passages
            for piece in SPLIT.split(passage)
            for command in COMMAND.findall(piece)
            if command in text and bool(HANGUL.search(piece)) is korean
        ]
        limiting = [each for each in pieces if LIMITED.search(each[1])]
        if not limiting or LIMITED.search(HARMLESS.sub("", text)):
            return False
        wanted = words_of(text.replace(limiting[0][0], " "))
        offered = [words_of(piece.replace(command, " ")) for command, piece in pieces]
        return all(len(wanted & each) < ALIKE * len(wanted) for each in offered)


def _negated(text: str) -> frozenset[str]:
    """Return the acts a text denies or forbids: the stem in front of a Korean "not", a verb behind ours."""
    found = (match[1] or match[2] for match in DENIED.finditer(text.lower()))
    return frozenset(_stem(act) for act in found if act not in STOP)


def _affirmed(act: str, text: str, negated: frozenset[str]) -> bool:
    """Tell whether an act stands in a text that does not deny it."""
    return act not in negated and re.search(rf"(?<![a-z]){re.escape(act)}", text) is not None


def words_of(text: str) -> frozenset[str]:
    """Return English words and pairs of Korean syllables: endings differ, pairs mostly stay."""
    words = {_stem(word) for word in ENGLISH.findall(text.lower()) if word not in STOP}
    plain = POLITE.sub(" ", text)
    pairs = {run[at : at + 2] for run in HANGUL.findall(plain) for at in range(len(run) - 1)}
    return frozenset(words | pairs)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 3:  # noqa: PLR2004 - a stem of its own
            return word.removesuffix(ending)
    return word.rstrip(".")
