"""What a turn, a thread and a day may cost, booked from what the server reports."""

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.agents.llm.breaker import Seconds
from bot.agents.llm.port import Bill, Trouble

DAY = 86_400.0  # seconds
REMEMBERED = 1_000  # turns and threads whose spending is known; the oldest are forgotten


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one turn (calls, tokens, seconds) and on a thread's and the bot's day (tokens)."""

    turn_calls: int = 8
    turn_tokens: int = 12_000
    turn_seconds: float = 20.0
    thread_tokens: int = 200_000
    day_tokens: int = 3_000_000


@dataclass(slots=True)
class _Spent:
    since: float
    calls: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Budgets:
    """Counts in memory; a restart begins a new day."""

    clock: Seconds
    limits: Limits = field(default_factory=Limits)
    _turns: OrderedDict[str, _Spent] = field(default_factory=OrderedDict)
    _threads: OrderedDict[str, _Spent] = field(default_factory=OrderedDict)
    _day: OrderedDict[str, _Spent] = field(default_factory=OrderedDict)

    def seconds_left(self, bill: Bill) -> float | Trouble:
        """Return the seconds the turn still has, or why it may not ask again."""
        now, limits = self.clock(), self.limits
        turn = self._of(self._turns, bill.turn)
        left = turn.since + limits.turn_seconds - now
        if left <= 0:
            return Trouble.TIMEOUT
        within = (
            turn.calls < limits.turn_calls
            and turn.tokens < limits.turn_tokens
            and self._of(self._threads, bill.thread).tokens < limits.thread_tokens
            and self._of(self._day, "").tokens < limits.day_tokens
        )
        return left if within else Trouble.BUDGET

    def book(self, bill: Bill, tokens: int, calls: int = 1) -> None:
        """Book an answer's tokens, prompt and completion together."""
        for spent in (
            self._of(self._turns, bill.turn),
            self._of(self._threads, bill.thread),
            self._of(self._day, ""),
        ):
            spent.calls += calls
            spent.tokens += tokens

    @property
    def today(self) -> tuple[int, int]:
        """Return the day's (calls, tokens) so far."""
        day = self._of(self._day, "")
        return day.calls, day.tokens

    def _of(self, book: OrderedDict[str, _Spent], key: str) -> _Spent:
        now = self.clock()
        spent = book.get(key)
        if spent is None or now - spent.since >= DAY:
            spent = book[key] = _Spent(now)
        book.move_to_end(key)
        while len(book) > REMEMBERED:
            book.popitem(last=False)
        return spent
