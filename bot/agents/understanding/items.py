"""The words of a selection, read one by one: ranks, counts, owners, queues, durations, joints."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.agents.understanding.lexicon import ENDING, PARTICLE
from bot.agents.understanding.segment import ID, NAME, NUMBER, UNKNOWN, WORD, Piece
from bot.domain.conversation import ThreadView
from bot.domain.selections import Field, Having, LongerThan, Measure

FRAGMENT_DIGITS = 3
"""A bare number this long is the end of an application id, not a rank."""
MOST_RANKS = 100
RANGE_MARKS = frozenset({"~", "-", "–", "—", "〜"})
COMMAS = frozenset({",", "/", "·", "、"})
BREAKS = frozenset({".", "!", "\n", ";"})
UNITS = {"hour": timedelta(hours=1), "minute": timedelta(minutes=1), "day": timedelta(days=1)}
MOST_UNITS = 100_000


@dataclass(frozen=True, slots=True)
class RanksItem:
    """Numbers of rows. `ordinal` when said as an order (두 번째, second), `bare` without 번 or #."""

    ranks: tuple[int, ...]
    ordinal: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class CountItem:
    """How many."""

    count: int


@dataclass(frozen=True, slots=True)
class FilterItem:
    """An attribute rows must have."""

    filter: Having | LongerThan


@dataclass(frozen=True, slots=True)
class MeasureItem:
    """What the order is by."""

    measure: Measure


@dataclass(frozen=True, slots=True)
class WordItem:
    """A word of the lexicon, by its concept, or an unknown one (`concept` is `unknown`)."""

    concept: str
    text: str = ""


Item = RanksItem | CountItem | FilterItem | MeasureItem | WordItem
Found = tuple[Item, int] | None
MEASURES = {"cpu": Measure.CPU, "memory": Measure.MEMORY}


class Reader:
    """Reads items off the pieces of one message."""

    def __init__(self, pieces: Sequence[Piece], view: ThreadView) -> None:
        self._pieces = pieces
        self._users = {name.casefold() for name in view.users}
        self._queues = {name.casefold() for name in view.queues} | {
            name.casefold().rpartition(".")[2] for name in view.queues
        }
        self._names = {name.casefold() for name in view.names}
        self._readers: tuple[Callable[[int], Found], ...] = (
            self._duration,
            self._percent,
            self._owner,
            self._queue,
            self._id,
            self._ranks,
            self._count,
            self._attribute,
            self._word,
        )

    def items(self, start: int, end: int) -> Iterator[Item]:
        """Yield the items of pieces `start` to `end`."""
        index = start
        while index < end:
            found = next((item for read in self._readers if (item := read(index))), None)
            if found is None:
                index += 1
                continue
            item, index = found
            yield item

    def _at(self, index: int) -> Piece:
        return self._pieces[index] if 0 <= index < len(self._pieces) else _NOTHING

    def _is(self, index: int, *concepts: str) -> bool:
        return self._at(index).concept in concepts

    def _duration(self, index: int) -> Found:
        """6시간 넘게, over 90 min, 1시간 30분 이상."""
        ahead = self._is(index, "longer", "shorter")
        length, end = self._length(index + 1 if ahead else index)
        if length is None:
            return None
        comparing = self._at(index) if ahead else self._at(self._over_object(end))
        if self._is(end, "ago", "bottom", "after") or self._at(end).text in {"뒤", "후"}:
            return WordItem("scheduled"), end + 1
        if not ahead and comparing.concept not in {"longer", "shorter"}:
            return WordItem("length"), end
        shorter = comparing.concept == "shorter"
        after = end if ahead else self._over_object(end) + 1
        return FilterItem(LongerThan(length, shorter)), after

    def _over_object(self, index: int) -> int:
        return index + 1 if self._is(index, "object", "at") else index

    def _length(self, index: int) -> tuple[timedelta | None, int]:
        total: timedelta | None = None
        while self._is(index, NUMBER, "num") and self._is(index + 1, *UNITS):
            count = self._at(index).value
            if not 0 <= count <= MOST_UNITS:
                return None, index
            total = (total or timedelta()) + count * UNITS[self._at(index + 1).concept]
            index += 2
        return total, index

    def _percent(self, index: int) -> Found:
        if self._is(index, NUMBER) and self._is(index + 1, "percent"):
            return WordItem("percent"), index + 2
        return None

    def _owner(self, index: int) -> Found:
        """bob꺼, bob이 돌린, alice's, owned by carol, user bob."""
        if self._is(index, "owner") and self._nameable(index + 1):
            return FilterItem(Having(Field.USER, self._at(index + 1).text)), index + 2
        if not self._nameable(index):
            return None
        name = self._at(index).text
        end = index + 1
        while self._is(end, "owner"):
            end += 1
        mark = self._at(end)
        if mark.text == "'s" and not self._is(end + 1, "queue"):
            return FilterItem(Having(Field.USER, name)), end + 1
        if mark.concept == "thing" or mark.text == "의":
            return self._possessed(index, end)
        if mark.concept in {"object", "at"} and self._runs(end + 1):
            return FilterItem(Having(Field.USER, name)), end + 1
        return (FilterItem(Having(Field.USER, name)), end) if end > index + 1 else None

    def _possessed(self, index: int, end: int) -> Found:
        """`etl꺼` is of the queue, `bob꺼` of the user."""
        name = self._at(index).text
        folded = name.casefold()
        if folded in self._queues and folded not in self._users:
            return FilterItem(Having(Field.QUEUE, name)), end
        if folded in self._names:
            return None
        return FilterItem(Having(Field.USER, name)), end

    def _runs(self, index: int) -> bool:
        while self._is(index, "filler"):
            index += 1
        return self._is(index, "run", "use") and self._is(
            index + 1, "adnominal", "ongoing", "thing", "plain", "past", "light", "passive"
        )

    def _nameable(self, index: int) -> bool:
        piece = self._at(index)
        if piece.concept in {WORD, NAME}:
            return True
        if piece.concept == UNKNOWN and piece.korean:
            return True
        return piece.text.casefold() in self._users and not piece.korean

    def _queue(self, index: int) -> Found:
        """Etl 큐, queue etl, the adhoc queue."""
        if self._is(index, "queue") and self._at(index + 1).concept in {WORD, NAME}:
            name = self._at(index + 1).text
            if name.casefold() in self._queues:
                return FilterItem(Having(Field.QUEUE, name)), index + 2
        named = self._at(index).text.casefold() in self._queues
        if self._at(index).concept not in {WORD, NAME, UNKNOWN} and not named:
            return None
        after = index + 2 if self._at(index + 1).text == "'s" else index + 1
        if not self._is(after, "queue") or self._is(index, "queue"):
            return None
        return FilterItem(Having(Field.QUEUE, self._at(index).text)), after + 1

    def _id(self, index: int) -> Found:
        piece = self._at(index)
        if piece.concept == ID:
            return FilterItem(Having(Field.ID, piece.text)), index + 1
        long = len(piece.text) >= FRAGMENT_DIGITS or piece.text.startswith("0")
        if piece.concept == NUMBER and piece.text.isdigit() and long:
            return FilterItem(Having(Field.ID, piece.text)), self._after_rank_word(index + 1)
        return None

    def _after_rank_word(self, index: int) -> int:
        return index + 1 if self._is(index, "rank_word") else index

    def _ranks(self, index: int) -> Found:
        if self._first_few(index):
            return WordItem("top"), index + 1
        if self._is(index - 1, "top", "bottom", "most", "least", "next") and self._unmarked(index):
            return None
        read = _RankList(self._pieces, index)
        if not read.ranks:
            return None
        return RanksItem(tuple(read.ranks), read.ordinal, not read.marked), read.end

    def _unmarked(self, index: int) -> bool:
        """`top 2` counts, `상위 2번` and `위에서 #2` rank."""
        return self._is(index, NUMBER) and not self._is(index + 1, "rank_word")

    def _first_few(self, index: int) -> bool:
        """First three, 첫 두개, 처음 3개."""
        piece = self._at(index)
        if piece.concept != "ord" or piece.value != 1:
            return False
        return self._is(index + 1, NUMBER, "num") and not self._is(index + 2, "rank_word")

    def _count(self, index: int) -> Found:
        piece = self._at(index)
        if piece.concept not in {NUMBER, "num"} or piece.value <= 0:
            return None
        end = index + 1
        while self._is(end, "item") or self._at(end).text == "x":
            end += 1
        return CountItem(piece.value), end

    def _attribute(self, index: int) -> Found:
        """Return a bare word that is a known user, queue or name, or looks like a name."""
        piece = self._at(index)
        if piece.concept == "waiting":
            return FilterItem(Having(Field.STATE, "waiting")), index + 1
        if piece.concept == "failed":
            return FilterItem(Having(Field.STATE, "failed")), index + 1
        if piece.concept in MEASURES:
            return MeasureItem(MEASURES[piece.concept]), index + 1
        if piece.concept not in {WORD, NAME}:
            return None
        folded = piece.text.casefold()
        fields = [
            field
            for field, known in (
                (Field.NAME, self._names),
                (Field.USER, self._users),
                (Field.QUEUE, self._queues),
            )
            if folded in known
        ]
        if fields:
            field = fields[0] if len(fields) == 1 else Field.ANY
            return FilterItem(Having(field, piece.text)), index + 1
        if any(not character.isalpha() for character in piece.text.strip(":")):
            return FilterItem(Having(Field.ANY, piece.text)), index + 1
        return WordItem(UNKNOWN, piece.text), index + 1

    def _word(self, index: int) -> Found:
        piece = self._at(index)
        if piece.text in COMMAS:
            return WordItem("comma"), index + 1
        if piece.concept == UNKNOWN and not self._name_place(index):
            return WordItem("noise"), index + 1
        if piece.text in BREAKS:
            return WordItem("break"), index + 1
        if piece.concept == "aside" and piece.kind == ENDING:
            return WordItem("aside"), index + 1
        return WordItem(piece.concept, piece.text), index + 1

    def _name_place(self, index: int) -> bool:
        """An unknown Korean word may be a name only where a name would stand."""
        places = {"job", "one_job", "many_jobs", "object", "conj", "except_after", "kill", "stop"}
        return len(self._at(index).text) > 1 and self._at(index + 1).concept in places


class _RankList:
    """A run of ranks from one piece on: `1~3번`, `#1 and #4`, `첫번째랑 세번째`, `2,4`."""

    def __init__(self, pieces: Sequence[Piece], start: int) -> None:
        self._pieces = pieces
        self.ranks: list[int] = []
        self.ordinal = False
        self.marked = False
        self.end = start
        self._read(start)
        if self.ranks and not self.marked and self._counted(self.end):
            self.ranks = []

    def _at(self, index: int) -> Piece:
        return self._pieces[index] if index < len(self._pieces) else _NOTHING

    def _read(self, start: int) -> None:
        rank = self._rank(start)
        while rank is not None and len(self.ranks) < MOST_RANKS:
            value, end, _ = rank
            through = self._range(value, end)
            if through is not None:
                last, end = through
                self.ranks.extend(range(value, last + 1))
            else:
                self.ranks.append(value)
            self.end = end
            rank = self._next(end)

    def _rank(self, index: int) -> tuple[int, int, bool] | None:
        """Return (rank, end, said to be a rank)."""
        signed = self._at(index).concept == "rank_sign"
        while self._at(index).concept == "rank_sign":
            index += 1
        piece = self._at(index)
        if piece.concept in {"ord", "ordinal", "spoken_rank"}:
            return self._ordinal(index)
        words = piece.concept in {"num", "one_job"} and signed
        if (piece.concept != NUMBER and not words) or not 0 < piece.value < 10**2:
            return None
        end = index + 1
        marked = signed
        while self._at(end).concept == "rank_word" and self._at(end).text not in {"개"}:
            marked, end = True, end + 1
        if not marked and self._counted(end):
            return None
        self.marked = self.marked or marked
        return piece.value, end, marked

    def _ordinal(self, index: int) -> tuple[int, int, bool] | None:
        piece, end = self._at(index), index + 1
        if self._at(end).concept in {NUMBER, "num"} and piece.concept == "ord":
            if self._at(end + 1).concept != "rank_word":
                return None
        while self._at(end).concept == "rank_word":
            end += 1
        self.ordinal = self.ordinal or piece.concept != "spoken_rank"
        self.marked = True
        return piece.value, end, True

    def _counted(self, index: int) -> bool:
        """A number before 개, 시간, jobs or % counts; it is no rank."""
        return self._at(index).concept in {
            "item",
            "hour",
            "minute",
            "day",
            "percent",
            "job",
            "one_job",
            "many_jobs",
            "spark",
            "most",
            "much",
            "least",
            "oldest",
            "newest",
            "long",
        }

    def _range(self, first: int, index: int) -> tuple[int, int] | None:
        """Return (last, end) of a range whose first rank ends here."""
        joint = self._at(index)
        particle = joint.concept in {"from_to", "at"}
        if joint.text not in RANGE_MARKS and not particle:
            return None
        last = self._rank(index + 1)
        if last is None:
            return None
        value, end, _ = last
        closed = self._at(end).concept == "till"
        if joint.concept == "at" and not closed:
            return None
        if not first <= value <= first + MOST_RANKS:
            return None
        return value, end + 1 if closed else end

    def _next(self, index: int) -> tuple[int, int, bool] | None:
        """Return the next rank when this one is followed by a joint, or directly by another."""
        joint = self._at(index)
        if joint.concept in {"object", "only"} and self._at(index + 1).text in COMMAS:
            index, joint = index + 1, self._at(index + 1)
        thing = 0
        while self._at(index + thing).concept in {"thing"}:
            thing += 1
        after = index + thing
        step = after
        while self._at(step).text in COMMAS or self._at(step).concept == "conj":
            step += 1
        while self._at(step).concept == "filler" and self._at(step).text in {"the", "그"}:
            step += 1
        before = (self.marked, self.ordinal)
        rank = self._rank(step)
        if rank is None or (step == after and not rank[2]):
            self.marked, self.ordinal = before
            return None
        return rank


_NOTHING = Piece("", PARTICLE, "")
