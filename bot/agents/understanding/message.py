"""One message as the deciding functions see it: its pieces, actions, items and marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.agents.understanding.items import FilterItem, Item, WordItem
from bot.agents.understanding.lexer import atoms
from bot.agents.understanding.lexicon import Lexicon
from bot.agents.understanding.moods import Act, Mood, acts
from bot.agents.understanding.normal import is_hangul, normalise
from bot.agents.understanding.scanning import Scanner
from bot.agents.understanding.segment import Piece, segment
from bot.agents.understanding.senses import rejoined, things, told_past
from bot.domain.conversation import ThreadView
from bot.domain.language import Language, language_of
from bot.domain.selections import Having

_MACHINE_SIGNS = ('":', "': ", "```", "${", "{{", "<!--", "</", "=>")
_QUOTES = frozenset('"“”「」『』`«»')


@dataclass(frozen=True)
class Message:
    """What was typed and what may be known of the thread; everything else is read from these."""

    text: str
    view: ThreadView
    lexicon: Lexicon

    @cached_property
    def normal(self) -> str:
        """The text made comparable."""
        return normalise(self.text)

    @cached_property
    def language(self) -> Language:
        """The language to answer in."""
        return language_of(self.text)

    @cached_property
    def korean(self) -> bool:
        """True when the message holds Hangul."""
        return any(map(is_hangul, self.normal))

    @cached_property
    def pieces(self) -> list[Piece]:
        """The message, cut into known and unknown pieces."""
        names = self.view.names | self.view.users | self.view.queues
        folded = frozenset(name.casefold() for name in names) - self.lexicon.words
        found = segment(atoms(self.normal, names), self.lexicon, folded)
        return told_past(things(rejoined(found, self.lexicon)))

    @cached_property
    def concepts(self) -> frozenset[str]:
        """Every concept that occurs."""
        return frozenset(piece.concept for piece in self.pieces)

    @cached_property
    def acts(self) -> list[Act]:
        """Every action named, with its mood; words inside quotation marks are reported."""
        return [self._quoted(act) for act in acts(self.pieces)]

    @cached_property
    def items(self) -> list[Item]:
        """The items of a selection anywhere in the message."""
        return list(self.items_of(0, len(self.pieces)))

    @cached_property
    def filters(self) -> list[FilterItem]:
        """The attributes named anywhere in the message."""
        return [item for item in self.items if isinstance(item, FilterItem)]

    @property
    def machine_like(self) -> bool:
        """True when the text looks like data or markup rather than words of a person."""
        braces = "{" in self.normal and "}" in self.normal
        return braces or any(sign in self.normal for sign in _MACHINE_SIGNS)

    def has(self, *concepts: str) -> bool:
        """Tell whether any of the concepts occurs."""
        return not self.concepts.isdisjoint(concepts)

    def moods_of(self, *concepts: str) -> set[Mood]:
        """Return the moods in which these actions are spoken of."""
        return {act.mood for act in self.acts if act.concept in concepts}

    def names_words(self) -> Iterator[str]:
        """Yield the words that stand for nothing known."""
        for item in self.items:
            if isinstance(item, WordItem) and item.concept == "unknown":
                yield item.text

    def names_field(self, *fields: str) -> bool:
        """Tell whether an attribute of one of these fields is named."""
        return any(
            isinstance(item.filter, Having) and item.filter.field.value in fields
            for item in self.filters
        )

    def items_of(self, start: int, end: int) -> Iterator[Item]:
        """Yield the items of a stretch of pieces."""
        return Scanner(self.pieces, self.view).items(start, end)

    def _quoted(self, act: Act) -> Act:
        before = sum(piece.text in _QUOTES for piece in self.pieces[: act.at])
        if before % 2 == 0:
            return act
        return Act(act.concept, act.at, act.end, Mood.QUOTED, act.korean, act.sequel)
