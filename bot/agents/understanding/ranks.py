"""Runs of ranks: `1~3번`, `#1 and #4`, `첫번째랑 세번째`, `2,4`."""

from collections.abc import Callable, Sequence

from bot.agents.understanding.items import COMMAS, piece_at
from bot.agents.understanding.segment import NUMBER, Piece

MOST_RANKS = 100
_PLACES = frozenset({"위", "등", "순위"})
RANGE_MARKS = frozenset({"~", "-", "–", "—", "〜"})
COUNTED = frozenset(
    [
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
    ]
)


class RankList:
    """A run of ranks from one piece on: `1~3번`, `#1 and #4`, `첫번째랑 세번째`, `2,4`."""

    def __init__(self, pieces: Sequence[Piece], start: int) -> None:
        self._pieces = pieces
        self.ranks: list[int] = []
        self.ordinal = False
        self.marked = False
        self._signed = False
        self.end = start
        self._read(start)
        if self.ranks and not self.marked and self._counted(self.end):
            self.ranks = []

    def _at(self, index: int) -> Piece:
        return piece_at(self._pieces, index)

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
        self._signed = self._signed or signed
        words = piece.concept in {"num", "one_job"} and self._signed
        if (piece.concept != NUMBER and not words) or not 0 < piece.value < MOST_RANKS:
            return None
        end = index + 1
        marked = signed
        while self._at(end).concept == "rank_word":
            self.ordinal = self.ordinal or self._at(end).text in _PLACES
            marked, end = True, end + 1
        if not marked and self._counted(end):
            return None
        self.marked = self.marked or marked
        return piece.value, end, marked

    def _ordinal(self, index: int) -> tuple[int, int, bool] | None:
        piece, end = self._at(index), index + 1
        number_next = piece.concept == "ord" and self._at(end).concept in {NUMBER, "num"}
        if number_next and self._at(end + 1).concept != "rank_word":
            return None
        while self._at(end).concept == "rank_word":
            end += 1
        self.ordinal = self.ordinal or piece.concept != "spoken_rank"
        self.marked = True
        return piece.value, end, True

    def _counted(self, index: int) -> bool:
        """Tell whether a number counts what stands here (개, 시간, jobs, %) and is no rank."""
        return self._at(index).concept in COUNTED

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
        if self._at(index).concept in {"object", "only"} and self._at(index + 1).text in COMMAS:
            index += 1
        after = self._over(index, lambda piece: piece.concept == "thing")
        joined = self._over(after, _joins)
        before = (self.marked, self.ordinal)
        rank = self._rank(self._over(joined, lambda piece: piece.text in {"the", "그"}))
        if rank is None or (joined == after and not rank[2]):
            self.marked, self.ordinal = before
            return None
        return rank

    def _over(self, index: int, skipped: Callable[[Piece], bool]) -> int:
        while index < len(self._pieces) and skipped(self._pieces[index]):
            index += 1
        return index


def _joins(piece: Piece) -> bool:
    return piece.text in COMMAS or piece.concept == "conj"
