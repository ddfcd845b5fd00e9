"""A whole selection: conjuncts joined, narrowed, corrected and excepted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.agents.understanding.frames import SUPERLATIVES, AskError, Frame, frame, selection_of
from bot.agents.understanding.items import Item, RanksItem, WordItem
from bot.domain.selections import (
    Both,
    Either,
    Everything,
    Exactly,
    Having,
    LongerThan,
    Pronoun,
    Ranks,
    Selection,
    Without,
)

CORRECTIONS = frozenset({"correction", "not_but", "no", "take_back"})


@dataclass(slots=True)
class _Parts:
    """Conjuncts as they are met: `open` is being read, `done` are finished."""

    open: list[Item] = field(default_factory=list)
    done: list[list[Item]] = field(default_factory=list)
    scope: list[list[Item]] = field(default_factory=list)
    minus: list[list[Item]] = field(default_factory=list)
    asides: list[list[Item]] = field(default_factory=list)
    excepting: bool = False
    joined: bool = False
    all: bool = False

    def close(self) -> None:
        """End the conjunct being read."""
        self.close_into(self.minus if self.excepting else self.done)

    def close_into(self, conjuncts: list[list[Item]]) -> None:
        """End the conjunct being read as one of these."""
        if self.open:
            conjuncts.append(self.open)
            self.open = []


def select(items: Sequence[Item], listed: int, spared: Sequence[Item] = ()) -> Selection | None:
    """Return the selection the items make, None when they name nothing; `AskError` if unclear.

    `spared` are the items of what has to stay alive.
    """
    meant = _others(_corrected(list(items)))
    _refuse_alternatives(meant)
    parts = _Parts(excepting=True)
    for item in (*spared, WordItem("boundary"), *meant):
        _place(item, parts)
    parts.close()
    if not any(map(_names, parts.done)):
        parts.done = [*parts.asides, *parts.done]
    base = _joined(parts.done, listed, parts.joined)
    minus = _joined(parts.minus, listed, parts.joined)
    if parts.minus and minus is None and any(map(_names, parts.minus)):
        raise AskError
    return _narrowed(_joined(parts.scope, listed, parts.joined), _less(base, minus, parts))


def _corrected(items: list[Item]) -> list[Item]:
    """Drop what a correction takes back: "1번 아니 3번", "not that, #2"."""
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if item == WordItem("no", "no"):
            _refuse_bare_no(items, index)
        if isinstance(item, WordItem) and item.concept in CORRECTIONS:
            after = items[index + 1 :]
            if _names(after):
                return after
    return items


def _refuse_bare_no(items: list[Item], index: int) -> None:
    """`#2, no, #1` corrects; `#2, no #1` may as well leave #1 out."""
    before, after = items[:index], items[index + 1 :]
    if after and isinstance(after[0], RanksItem) and _names(before):
        raise AskError


def _others(items: list[Item]) -> list[Item]:
    """`다른 거` is one other row, which is not said; `다른 거 다` are the rest."""
    if WordItem("other") not in items:
        return items
    said = frame(items)
    if not said.words & {"all", "many_jobs"}:
        raise AskError
    return [WordItem("rest") if item == WordItem("other") else item for item in items]


def _names(items: Sequence[Item]) -> bool:
    return not frame(items).empty


def _refuse_alternatives(items: list[Item]) -> None:
    """`1번이나 2번`: one of them is meant, and we do not choose."""
    for index, item in enumerate(items):
        between = isinstance(item, WordItem) and item.concept == "or"
        if between and _names(items[:index]) and _names(items[index + 1 :]):
            raise AskError


def _place(item: Item, parts: _Parts) -> None:
    concept = item.concept if isinstance(item, WordItem) else ""
    match concept:
        case "rest":
            parts.all = True
        case "comma":
            parts.close()
        case "conj":
            parts.close()
            parts.joined = True
        case "break" | "boundary":
            parts.close()
            parts.excepting = False
        case "aside":
            parts.asides = [*parts.done, parts.open]
            parts.done, parts.open = [], []
        case "within":
            _scope(parts)
        case "except_after":
            _except_after(parts)
        case "except_before":
            parts.close()
            parts.excepting = True
        case "but":
            parts.excepting = _everything(parts.open)
            parts.close_into(parts.done)
        case _:
            parts.open.append(item)


def _everything(items: list[Item]) -> bool:
    """`everything but #3` leaves out; any other `but` only goes on."""
    return bool(items) and isinstance(items[-1], WordItem) and items[-1].concept == "all"


def _scope(parts: _Parts) -> None:
    """Look for the rest within what came before."""
    parts.close()
    parts.scope.extend(map(_counted_whole, parts.done))
    parts.done = []


def _counted_whole(items: list[Item]) -> list[Item]:
    """`5개 중에서` speaks of a list of five rows."""
    said = frame(items)
    alone = said.counts and not (said.ranks or said.filters or said.words & SUPERLATIVES)
    return [*items, WordItem("all")] if alone else items


def _except_after(parts: _Parts) -> None:
    """Leave out what came before, back to the last boundary."""
    kept: list[Item] = []
    for item in parts.open:
        if isinstance(item, WordItem) and item.concept in {"all", "both"}:
            parts.all = True
        else:
            kept.append(item)
    conjuncts = [*parts.done, kept]
    if not any(conjuncts):
        raise AskError
    parts.minus.extend(part for part in conjuncts if part)
    parts.done, parts.open = [], []


def _joined(conjuncts: list[list[Item]], listed: int, joined: bool) -> Selection | None:
    """Join conjuncts: "and" adds rows, but an attribute and a duration both have to hold."""
    frames = [frame(items) for items in conjuncts]
    frames = [said for said in frames if not _chatter(said)] or frames
    together = _counted_together(frames) if joined else 0
    found = [part for said in frames if (part := selection_of(said, listed)) is not None]
    found = [part for part in found if joined or not isinstance(part, Pronoun)] or found[:1]
    if len(found) <= 1:
        return found[0] if found else None
    if any(isinstance(part, Pronoun) for part in found):
        raise AskError
    if all(isinstance(part, Ranks) for part in found):
        return Ranks(
            tuple(sorted({r for part in found if isinstance(part, Ranks) for r in part.ranks}))
        )
    kinds = {type(part) for part in found}
    if kinds == {Having, LongerThan}:
        return Both(tuple(found))
    if any(isinstance(part, Everything) for part in found):
        raise AskError
    either = Either(tuple(found))
    return Both((either, Exactly(together))) if together else either


def _counted_together(frames: list[Frame]) -> int:
    """Take the count off `carol이랑 alice 잡 둘 다`: it counts them all; 0 when there is none."""
    last = frames[-1] if len(frames) > 1 else Frame()
    count = 2 if "both" in last.words else 0
    if len(last.counts) == 1 and "all" in last.words:
        count = last.counts[0]
    plain = all(said.filters and not said.ranks for said in frames)
    if not plain or count != len(frames) or any(said.counts for said in frames[:-1]):
        return 0
    last.counts.clear()
    last.words -= {"both", "all"}
    return count


def _chatter(said: Frame) -> bool:
    """Tell a clause beside the order, such as "it's melting everything"."""
    named = said.ranks or said.counts or said.filters
    busy = {"run", "use", "high", "state", "rise", "die", "drop", "usage", "cluster", "aside"}
    verbs = len(said.unknown) + len(said.words & busy)
    return not named and verbs > 0 and (verbs > 1 or bool(said.words & {"pronoun", "pronouns"}))


def _less(base: Selection | None, minus: Selection | None, parts: _Parts) -> Selection | None:
    if minus is None:
        if parts.all:
            raise AskError
        return base
    if isinstance(minus, Pronoun):
        if base is None or parts.all:
            raise AskError
        return base
    if base is None or parts.all:
        if not parts.all and not parts.scope:
            raise AskError
        base = base or Everything()
    return Without(base, minus)


def _narrowed(scope: Selection | None, chosen: Selection | None) -> Selection | None:
    if scope is None or isinstance(scope, Everything | Pronoun):
        return chosen
    if chosen is None:
        return scope
    if isinstance(chosen, Without):
        return Without(_narrowed(scope, chosen.base) or chosen.base, chosen.minus)
    if isinstance(chosen, Everything) and isinstance(scope, Having | LongerThan):
        return Both((scope, Everything()))
    return scope if isinstance(chosen, Everything) else Both((scope, chosen))
