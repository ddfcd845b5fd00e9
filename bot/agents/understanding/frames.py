"""One conjunct of a selection: "etl 큐 상위 2개", "the second biggest", "bob꺼"."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.agents.understanding.items import (
    CountItem,
    FilterItem,
    Item,
    MeasureItem,
    RanksItem,
    WordItem,
)
from bot.agents.understanding.segment import UNKNOWN
from bot.domain.selections import (
    Both,
    Bottom,
    Everything,
    Exactly,
    Field,
    Having,
    LongerThan,
    Measure,
    Pronoun,
    Ranks,
    Selection,
    Top,
    Without,
)

SUPERLATIVES = frozenset({"top", "most", "least", "oldest", "newest", "bottom"})
NOT_JOBS = frozenset({"other_target", "node", "hdfs", "network", "disk", "trouble"})
UNCLEAR = frozenset({"vague", "scheduled", "length", "self", "this_or_two", "till", "relative"})
MOST_COUNTED = 100


class AskError(Exception):
    """The words do not say which rows; `question` is the key of what to ask."""

    def __init__(self, question: str = "which_one") -> None:
        super().__init__(question)
        self.question = question


@dataclass(slots=True)
class Frame:
    """What one conjunct says, gathered in any order; `placed` are the words after a row's name."""

    ranks: tuple[int, ...] = ()
    ordinal: bool = False
    scattered: bool = False
    bare: bool = False
    counts: list[int] = field(default_factory=list)
    filters: list[Having | LongerThan] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """True when it names no rows at all."""
        names = self.ranks or self.counts or self.filters or self.unknown
        return not names and not self.words & (SUPERLATIVES | _WHOLE)


_WHOLE = frozenset({"all", "both", "rest", "pronoun", "pronouns", "middle", "much", "long"})


def frame(items: Iterable[Item]) -> Frame:
    """Gather the items of one conjunct."""
    said = Frame()
    for item in items:
        match item:
            case RanksItem(ranks, ordinal, bare):
                said.bare = bare
                said.scattered = bool(said.ranks)
                said.ranks += ranks
                said.ordinal = said.ordinal or ordinal
            case CountItem(count):
                said.counts.append(count)
            case FilterItem(condition):
                said.filters.append(condition)
            case MeasureItem(measure):
                said.measures.append(measure)
            case WordItem(concept, text) if concept == UNKNOWN:
                said.unknown.append(text)
            case WordItem(concept):
                said.words.add(concept)
                if said.ranks or said.filters:
                    said.placed.add(concept)
    return said


def selection_of(said: Frame, listed: int) -> Selection | None:
    """Return what a conjunct selects, None when it names nothing; ask when it is unclear."""
    if (
        said.words & UNCLEAR
        or ("anything" in said.words and not said.filters)
        or (said.words & NOT_JOBS and not said.filters)
    ):
        raise AskError
    if "queue" in said.words and not said.filters:
        raise AskError
    part = _rows_said(said, listed)
    if not said.filters:
        return part if part is not None else _by_fragment(said)
    return _filtered(said, part)


def _rows_said(said: Frame, listed: int) -> Selection | None:
    if said.ranks:
        return _nth_of_those(said) if said.ordinal and said.filters else _ranked(said)
    if said.words & SUPERLATIVES or (said.words & {"much", "long"} and said.counts):
        return _superlative(said)
    if said.words & {"much", "long"}:
        raise AskError
    return _whole(said, listed)


def _whole(said: Frame, listed: int) -> Selection | None:
    """Return what is said of the list as a whole: all, both, the middle one, those."""
    if "middle" in said.words:
        return _middle(listed)
    if said.counts or "both" in said.words:
        return _exactly(said, listed)
    if "all" in said.words:
        if said.words & _DESCRIBING:
            raise AskError
        return Everything()
    if "rest" in said.words:
        raise AskError
    return _pronoun(said)


_ONE_ROW = {Field.NAME, Field.ID, Field.ANY}
_UNMEASURED = frozenset({"rise", "high", "drop", "trouble", "state", "noise", "die", "failed"})
_DESCRIBING = frozenset({"rise", "high", "drop", "trouble", "noise"})


def _pronoun(said: Frame) -> Selection | None:
    if "pronouns" in said.words:
        return Pronoun(plural=True)
    return Pronoun() if "pronoun" in said.words else None


def _count(said: Frame) -> int:
    if len(set(said.counts)) != 1 or not 0 < said.counts[0] <= MOST_COUNTED:
        raise AskError
    return said.counts[0]


def _exactly(said: Frame, listed: int) -> Selection:
    """`셋 다`, `these two`, `etl 잡 두 개`: clear only when there are just so many rows."""
    count = _count(said) if said.counts else 2
    if said.filters:
        return Exactly(count)
    whole = said.words & {"all", "both", "pronoun", "pronouns"}
    if count == listed and whole:
        return Exactly(count)
    raise AskError


def _middle(listed: int) -> Selection:
    if listed % 2 == 0:
        raise AskError
    return Ranks((listed // 2 + 1,))


def _measure(said: Frame) -> Measure | None:
    """Return what "most" is by; two measures at once are unclear."""
    measures = set(said.measures)
    if said.words & {"oldest", "newest", "long"}:
        measures.add(Measure.DURATION)
    if len(measures) > 1:
        raise AskError
    return next(iter(measures), None)


def _ranked(said: Frame) -> Selection:
    if said.scattered or said.placed & {"top", "bottom", "following", "middle", "above", "past"}:
        raise AskError
    if said.counts and _count(said) != len(set(said.ranks)):
        raise AskError
    if "from_bottom" in said.words or ("bottom" in said.words and said.ordinal):
        return _nth_from_end(said.ranks)
    ordered = said.words & (SUPERLATIVES | {"much", "long", "order"}) - {"top", "bottom"}
    if said.ordinal and (ordered or said.measures):
        return _nth(said)
    if ordered and said.measures:
        raise AskError
    return Ranks(tuple(sorted(set(said.ranks))))


def _nth_of_those(said: Frame) -> Selection:
    """`첫 etl 잡` is the first of them; the second of them is not the second row: ask."""
    named = all(isinstance(one, Having) and one.field in _ONE_ROW for one in said.filters)
    if named:
        return _ranked(said)
    if said.ranks != (1,) or said.words & SUPERLATIVES:
        raise AskError
    return Top(1)


def _nth_from_end(ranks: tuple[int, ...]) -> Selection:
    if len(ranks) != 1:
        raise AskError
    return _difference(Bottom(ranks[0]), Bottom(ranks[0] - 1))


def _nth(said: Frame) -> Selection:
    """Second most by memory: the first two without the first one."""
    if len(said.ranks) != 1:
        raise AskError
    place, smallest = said.ranks[0], _smallest(said)
    by = _measure(said)
    return _difference(Top(place, by, smallest), Top(place - 1, by, smallest))


def _difference(more: Top | Bottom, less: Top | Bottom) -> Selection:
    return Without(more, less) if less.count else more


def _smallest(said: Frame) -> bool:
    return bool(said.words & {"least", "newest"})


def _superlative(said: Frame) -> Selection:
    if "top" in said.words and said.words & {"least", "newest", "bottom"}:
        raise AskError
    if said.counts:
        count = _count(said)
    elif said.words & {"many_jobs", "pronouns", "all"}:
        raise AskError
    else:
        count = 1
    by = _measure(said)
    if by is None and "most" in said.words and "laugh" in said.words:
        raise AskError
    if by is None and said.words & _UNMEASURED and not said.words & {"usage", "cluster"}:
        raise AskError
    if "bottom" in said.words and by is None:
        return Bottom(count)
    return Top(count, by, _smallest(said))


def _by_fragment(said: Frame) -> Selection | None:
    """Read unknown words as the name of a job: it is looked up, and asked about when unknown."""
    if not said.unknown:
        return None
    names = tuple(Having(Field.ANY, word) for word in said.unknown)
    return names[0] if len(names) == 1 else Both(names)


def _filtered(said: Frame, part: Selection | None) -> Selection:
    """Look for `part` among the rows that have every attribute."""
    parts: tuple[Selection, ...] = tuple(dict.fromkeys(said.filters))
    if isinstance(part, Pronoun) and not part.plural:
        return parts[0] if len(parts) == 1 else Both(parts)
    if part is not None:
        return Both((*parts, part))
    if said.words & {"many_jobs", "anything"}:
        return Both((*parts, Everything()))
    if "one_job" in said.words:
        return Both((*parts, Pronoun()))
    return parts[0] if len(parts) == 1 else Both(parts)
