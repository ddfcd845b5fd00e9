"""Reads the items of a selection off the pieces of a message, one by one."""

from collections.abc import Callable, Iterator, Sequence

from bot.agents.understanding.durations import duration
from bot.agents.understanding.items import (
    COMMAS,
    CountItem,
    FilterItem,
    Found,
    Item,
    MeasureItem,
    RanksItem,
    WordItem,
    piece_at,
)
from bot.agents.understanding.ranks import RankList
from bot.agents.understanding.segment import ID, NAME, NUMBER, UNKNOWN, WORD, Piece
from bot.domain.conversation import ThreadView
from bot.domain.selections import Field, Having, Measure

FRAGMENT_DIGITS = 3
"""A bare number this long is the end of an application id, not a rank."""
_ONWARDS = frozenset({"up", "down", "on", "onward", "onwards", "later", "higher", "lower"})
BESIDE = frozenset({"비교", "compare", "comparison", "vs", "versus", "차이"})
BREAKS = frozenset({".", "!", "\n", ";"})
_BY_TEXT = {
    **dict.fromkeys(COMMAS, "comma"),
    **dict.fromkeys(BREAKS, "break"),
    **dict.fromkeys(("다른", "딴", "other"), "other"),
    **dict.fromkeys(("다음", "그다음", "next"), "following"),
}
MEASURES = {"cpu": Measure.CPU, "memory": Measure.MEMORY}
STATES = {"waiting": "waiting", "failed": "failed"}


class Scanner:
    """Reads items off the pieces of one message."""

    def __init__(self, pieces: Sequence[Piece], view: ThreadView) -> None:
        self._pieces = pieces
        self._users = {name.casefold() for name in view.users}
        self._queues = {name.casefold() for name in view.queues} | {
            name.casefold().rpartition(".")[2] for name in view.queues
        }
        self._names = {name.casefold() for name in view.names}
        self._readers: tuple[Callable[[int], Found], ...] = (
            lambda index: duration(self._pieces, index),
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
            found = next((got for read in self._readers if (got := read(index))), None)
            if found is None:
                index += 1
                continue
            yield found[0]
            index = found[1]

    def _at(self, index: int) -> Piece:
        return piece_at(self._pieces, index)

    def _is(self, index: int, *concepts: str) -> bool:
        return self._at(index).concept in concepts

    def _percent(self, index: int) -> Found:
        share = self._is(index + 1, "percent") or self._at(index + 1).text == "%"
        if self._is(index, NUMBER) and share:
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
            index + 1, "adnominal", "ongoing", "thing", "plain", "did", "light", "passive"
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
        read = RankList(self._pieces, index)
        if read.ranks and self._open_ended(read, index):
            return WordItem("relative"), read.end
        if not read.ranks:
            return None
        return RanksItem(tuple(read.ranks), read.ordinal, not read.marked), read.end

    def _open_ended(self, read: RankList, index: int) -> bool:
        """Tell whether rows beyond those named are meant: 3번부터, below #2, 3 and up, from 3 on."""
        before = index - 1
        while self._at(before).text in {"the", "row", "rows"}:
            before -= 1
        later = self._is(before, "after") and self._at(before).text.casefold() not in BESIDE
        if later or self._is(before, "longer", "shorter", "negation", "relative"):
            return True
        if self._is(before, "from_to") and not self._is(before - 1, "card", "pronoun", "change"):
            return True
        if self._starts_with(read.end):
            return False
        end = read.end + 1 if self._is(read.end, "conj") else read.end
        beyond = (
            self._is(end, "from_to", "longer", "shorter", "till") or self._at(end).text == "이상"
        )
        started = self._at(before).text == "from" and len(read.ranks) == 1
        return beyond or started or (end > read.end and self._at(end).text in _ONWARDS)

    def _starts_with(self, end: int) -> bool:
        """`1번부터 죽여줘` starts with it; `3번부터 다` goes on from there."""
        return self._at(end).text == "부터" and self._is(end + 1, "kill", "stop", "remove")

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
        if self._is(end, "rank_word") or self._at(end).text == "째":
            return WordItem("relative"), end
        return CountItem(piece.value), end

    def _attribute(self, index: int) -> Found:
        """Return a state, a measure, or a bare word that is known to be a name or looks like one."""
        piece = self._at(index)
        if piece.concept in STATES:
            return FilterItem(Having(Field.STATE, STATES[piece.concept])), index + 1
        if piece.concept in MEASURES:
            return MeasureItem(MEASURES[piece.concept]), index + 1
        if piece.concept not in {WORD, NAME}:
            return None
        field = self._field(piece.text)
        named = WordItem(UNKNOWN, piece.text) if field is None else None
        return named or FilterItem(Having(field or Field.ANY, piece.text)), index + 1

    def _field(self, word: str) -> Field | None:
        """Return what a word is the name of; ANY for several things or a name never seen."""
        folded = word.casefold()
        known = (
            (Field.NAME, self._names),
            (Field.USER, self._users),
            (Field.QUEUE, self._queues),
        )
        fields = [field for field, names in known if folded in names]
        if fields:
            return fields[0] if len(fields) == 1 else Field.ANY
        return None if word.strip(":").isalpha() else Field.ANY

    def _word(self, index: int) -> Found:
        piece = self._at(index)
        concept = self._by_place(index) or _BY_TEXT.get(piece.text, piece.concept)
        if concept == UNKNOWN and not self._name_place(index):
            concept = "noise"
        return WordItem(concept, "" if concept != piece.concept else piece.text), index + 1

    def _by_place(self, index: int) -> str:
        """Return what a word means only beside a count: `4개에서`, `위에 있는 2개`."""
        if self._at(index).text == "에서" and self._is(index - 1, "item", "job"):
            return "within"
        if self._is(index, "from_to") and self._is(index - 1, "top", "bottom"):
            return "relative"
        if self._is(index, "above") and self._is(index + 1, NUMBER, "num"):
            return "top"
        return ""

    def _name_place(self, index: int) -> bool:
        """Tell whether a name would stand here: only there an unknown Korean word may be one."""
        places = {
            "job",
            "one_job",
            "many_jobs",
            "object",
            "conj",
            "except_after",
            "kill",
            "stop",
            "remove",
        }
        return len(self._at(index).text) > 1 and self._at(index + 1).concept in places
