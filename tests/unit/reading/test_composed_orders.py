"""Kill messages composed of independent parts, with an oracle: the card is exact, or there is none.

The parts cross ways to point at rows, ways to order, what turns an order into none (quotes,
conditions, denials, parts of a job), corrections, and rows to be kept.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bot.agents.reading.kill_order import read_order
from bot.agents.reading.words import Morphemes
from bot.domain.conversation import ListingRow
from bot.wiring import load_reader
from tests.unit.reading.scene import NOW, ROWS, view

Sets = tuple[frozenset[int], ...]
CONTEXTS = ("L5", "A", "none", "D2")
SAMPLE, ALL = 600, 20_000
UNDERSTOOD = 0.25
LISTED = frozenset(range(1, 6))
PROTECTED = frozenset({5})
POINTING = {
    "ko": ("{n}번", "{n}번 잡", "#{n}", "{n}번째 거", "{name}", "{user}님 거", "{user}가 돌리는 거"),
    "en": ("{n}", "#{n}", "job {n}", "no. {n}", "{name}", "{user}'s job", "the one {user} is running"),
}  # fmt: skip
KILLS = {
    "ko": ("{} 죽여줘", "{} 종료해 주세요", "{} 내려줘", "{} 꺼줘", "{} 정리해 주실래요?", "{} 종료 부탁드립니다", "{} 날려버려", "{} kill 해줘"),
    "en": ("kill {}", "please terminate {}", "can you kill {}?", "stop {} please", "shut down {}", "take {} down", "{} has to go", "i want {} killed"),
}  # fmt: skip
BEFORE = {
    "ko": ("", "급해요 ", "죄송한데 ", "일단 ", "🔥 "),
    "en": ("", "hey, ", "sorry, ", "ok ", "🔥 "),
}
AFTER = {
    "ko": ("", "!!", " 🙏", " 지금 당장", " 너무 느려"),
    "en": ("", "!!", " now", " thanks", ", we are starving"),
}
PARTS = {
    "ko": (
        "{} 알람 꺼줘", "{} 로그 정리해줘", "{} 익스큐터 하나만 죽여줘", "{} 컨테이너 두 개만 내려줘", "{} 대시보드 내려줘", "{} 우선순위 내려줘",
        "{} 코어 좀 내려줘", "{} 캐시 날려줘", "{} 결과 파일 내려줘", "{} 티켓 종료해줘", "{} 다음 실행 중단해줘", "{} 죽이는 법", "{} 종료 시간",
        "{} 종료 이력", "{} 죽이면 어떻게 돼?", "{} 끝나면 알려줘", "{} 꺼진 거 맞아?", "{} 죽였어?", "{} 자동 재시작 꺼줘",
    ),
    "en": (
        "turn off the alert for {}", "kill one executor of {}", "stop showing {}", "drop the priority of {}", "kill half of {}",
        "cut the cores of {}", "close the ticket for {}", "stop {} from restarting", "kill the next run of {}", "kill list for {}",
        "kill everything like {}", "kill everything that depends on {}", "kill whatever blocks {}", "kill {} in 10 minutes",
        "kill {} tomorrow", "kill {} on dev", "kill {} and restart it", "did you kill {}?", "how do i kill {}?", "when will {} end?",
    ),
}  # fmt: skip
NO_ORDER = {
    "ko": (
        "{}라고 하던데", "{} 라고 bob이 그랬어", '누가 "{}" 라고 했음', "cpu 95 넘으면 {}", "{} 하지 마", "{} 하기 전에 물어봐", "10분 뒤에 {}",
        "{} 는 농담", "승인 나면 {}", "carol한테 {}라고 전해줘", "저번에 {} 했었지", "{} 안 해도 됨", "{} 는 아직 안 됨", "{} 했다가 혼났어",
    ),
    "en": (
        'bob said "{}"', "if it gets worse, {}", "{} unless bob objects", "do not {}", "{} in an hour", "{} when alice is back", "ask bob to {}",
        "i would not {}", "yesterday we had to {}", "maybe {}", "we could {}, or wait", "no need to {}", "{} was wrong", "remind me to {}",
        "they want us to {}", "the plan was to {}",
    ),
}  # fmt: skip
CORRECTIONS = {
    "ko": ("{0} 죽여줘 아니 {1}", "{0} 말고 {1} 죽여줘", "{0} 내려줘. 잘못 말했네 {1} 내려줘", "{0} 죽이지 말고 {1} 죽여", "아 {0} 아니라 {1}요 죽여주세요"),
    "en": ("kill {0}. no wait, {1}", "kill {1}, not {0}", "kill {0}... actually no, kill {1}", "kill {1} instead of {0}", "kill {0} oops {1}"),
}  # fmt: skip
KEEPS = {
    "ko": ("{0} 빼고 {1}", "{1}. {0}는 냅둬", "{0}는 건드리지 마, {1}", "{1} {0}는 살려두고"),
    "en": ("{1}, but keep {0}", "leave {0} alone. {1}", "{1}. do not touch {0}", "{1} except {0}"),
}  # fmt: skip

NO_EDIT = (
    "{0} 빼지 마", "{1} 넣지 마", "{0} 로그 빼줘", "{0} 코어 빼줘", "{0} 담당자 빼줘", "{1} 큐에 넣어줘", "{1} 추가하면 어떻게 돼?", "{0} 빼도 되나?",
    "{0} 끝나면 빼줘", "{0} 빼달라고 bob이 그랬어", "{0} 빼줘. 하지 마", "{1} 추가해줘 했다가 혼났어", "don't drop {0}", "do not add {1}",
    "drop the priority of {0}", "add a note about {1}", "what if we add {1}?", "bob says drop {0}", "add {1} if bob agrees", "add {1} cores",
    "add {1} to the queue", "add the owner of {1}", "drop half of {0}", "drop {0} to 10 cores", "drop {0} was wrong", "add {1} later",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A message and the sets of rows its card may show; none when it orders nothing."""

    context: str
    text: str
    allowed: Sets


def _minutes(row: ListingRow) -> float:
    assert row.started_at is not None
    return (NOW - row.started_at).total_seconds() / 60


def _which(fits: Callable[[ListingRow], bool]) -> Sets:
    rows = frozenset(row.rank for row in ROWS if fits(row))
    return (rows, rows & LISTED)


class Composer:
    """Composes messages; the same seed composes the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def cases(self, count: int) -> Iterator[Case]:
        """Yield so many messages of every kind in turn."""
        kinds = (self._order, self._part, self._no_order, self._corrected, self._kept)
        for place in range(count):
            language = self._chance.choice(("ko", "en"))
            text, allowed = kinds[place % len(kinds)](language)
            yield Case(self._chance.choice(CONTEXTS), text, allowed)

    def _one(self, language: str) -> tuple[str, Sets]:
        row = self._chance.choice(ROWS[:5])
        shape = self._chance.choice(POINTING[language])
        return shape.format(n=row.rank, name=row.name, user=row.user), (frozenset({row.rank}),)

    def _several(self, language: str) -> tuple[str, Sets]:
        count, cores = self._chance.randint(2, 4), self._chance.choice((5, 10, 25, 30))
        minutes = self._chance.choice((20, 30, 90, 240))
        owner = self._chance.choice(ROWS).user
        shapes = (
            (f"상위 {count}개", f"the top {count}", (frozenset(range(1, count + 1)),)),
            (f"마지막 {count}개", f"the last {count}", (frozenset(range(6 - count, 6)),)),
            (f"{count}번부터 5번까지", f"{count} to 5", (frozenset(range(count, 6)),)),
            (f"1번이랑 {count}번", f"1 and {count}", (frozenset({1, count}),)),
            (f"{owner} 잡 전부", f"all of {owner}'s jobs", _which(lambda row: row.user == owner)),
            (
                f"{cores}코어 넘는 거 다",
                f"everything over {cores} cores",
                _which(lambda row: (row.cores or 0) > cores),
            ),
            (
                f"코어 {cores}개 이상인 거 전부",
                f"all jobs with at least {cores} cores",
                _which(lambda row: (row.cores or 0) >= cores),
            ),
            (
                f"최근 {minutes}분 안에 뜬 거 다",
                f"everything started in the last {minutes} minutes",
                _which(lambda row: _minutes(row) < minutes),
            ),
            (
                f"{minutes}분 넘게 돈 거 전부",
                f"everything running longer than {minutes} minutes",
                _which(lambda row: _minutes(row) > minutes),
            ),
        )
        korean, english, rows = self._chance.choice(shapes)
        return (korean if language == "ko" else english), rows

    def _clause(self, language: str) -> tuple[str, Sets]:
        rows, allowed = self._chance.choice((self._one, self._several))(language)
        return self._chance.choice(KILLS[language]).format(rows), allowed

    def _order(self, language: str) -> tuple[str, Sets]:
        text, allowed = self._clause(language)
        around = (self._chance.choice(BEFORE[language]), self._chance.choice(AFTER[language]))
        return around[0] + text + around[1], allowed

    def _part(self, language: str) -> tuple[str, Sets]:
        rows, _ = self._chance.choice((self._one, self._several))(language)
        return self._chance.choice(PARTS[language]).format(rows), ()

    def _no_order(self, language: str) -> tuple[str, Sets]:
        text, _ = self._clause(language)
        return self._chance.choice(NO_ORDER[language]).format(text.rstrip("?")), ()

    def _corrected(self, language: str) -> tuple[str, Sets]:
        (wrong, _), (right, meant) = self._one(language), self._one(language)
        return self._chance.choice(CORRECTIONS[language]).format(wrong, right), meant

    def _kept(self, language: str) -> tuple[str, Sets]:
        (row, kept), (text, allowed) = self._one(language), self._clause(language)
        shown = tuple(rows - kept[0] for rows in allowed)
        return self._chance.choice(KEEPS[language]).format(row, text), shown


@pytest.fixture(scope="module")
def kiwi() -> Morphemes:
    return load_reader().kiwi


def _judged(count: int, kiwi: Morphemes) -> tuple[list[str], int]:
    """Return the cards that must not be, and how many orders were understood."""
    wrong, understood = [], 0
    for case in Composer(14).cases(count):
        order = read_order(case.text, view(case.context), kiwi)
        if order is None or not order.whole:
            continue
        understood += 1
        shown = frozenset(row.rank for row in order.rows)
        if shown not in {*case.allowed, *(rows - PROTECTED for rows in case.allowed)}:
            wrong.append(f"{case.context} {case.text!r}: {sorted(shown)}")
    return wrong, understood


def test_a_composed_order_is_exact_or_none(kiwi: Morphemes) -> None:
    """Some of every kind, always the same ones; and not all of them are asked about."""
    wrong, understood = _judged(SAMPLE, kiwi)
    assert wrong == []
    assert understood >= SAMPLE * UNDERSTOOD


@pytest.mark.parametrize("shape", NO_EDIT)
def test_what_is_no_edit_leaves_the_card(shape: str, kiwi: Morphemes) -> None:
    """Denials, questions, conditions, and what is said of a part of a job, change no card."""
    for left, new in (("1번", "3번"), ("2", "4"), ("#1", "hourly_sessionize")):
        order = read_order(shape.format(left, new), view("P12"), kiwi)
        assert order is None or not order.whole, (shape, order)


@pytest.mark.parametrize("text", ["1번 빼줘 아니 2번", "drop 1. no wait, 2"])
def test_an_edit_taken_back_is_asked_about(text: str, kiwi: Morphemes) -> None:
    """Which row leaves the card is not certain: it is no order for the other."""
    order = read_order(text, view("P12"), kiwi)
    assert order is None or not order.whole


WISHES = ("아 1번 진짜 없애고 싶다", "2번 그냥 종료하고 싶네요", "3번도 끄고 싶은데")


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_is_no_order(text: str, kiwi: Morphemes) -> None:
    order = read_order(text, view("L5"), kiwi)
    assert order is None or not order.whole


TOPICS = ("etl은 airflow 것만 남기고 나머지 내려줘", "adhoc 큐 쪽은 bob 거 빼고 나머지 다 죽여")


@pytest.mark.parametrize("text", TOPICS)
def test_the_rest_of_a_topic_is_asked_about(text: str, kiwi: Morphemes) -> None:
    """The rest of that queue may be meant, or of the whole list."""
    order = read_order(text, view("L5"), kiwi)
    assert order is None or not order.whole


@pytest.mark.long
def test_composed_orders_are_exact_or_none_in_all_messages(kiwi: Morphemes) -> None:
    """Many more of them."""
    assert _judged(ALL, kiwi)[0] == []
