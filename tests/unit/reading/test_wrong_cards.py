"""No card with a row the words did not mean: sentences made by construction.

A kill clause, a clause that spares another row, what stands between them, their order and the
register are crossed; and kill clauses stand beside what people said to each other in threads. The
card must hold exactly the row to be killed, or there is none.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from bot.agents.reading.kill_order import read_order
from bot.agents.reading.labelled import sentences
from bot.agents.reading.words import Morphemes
from bot.wiring import load_reader
from tests.unit.reading.scene import DATA, ROWS, view

TENTH = 10
OF_JOBS = re.compile(r"\d|kill|stop|jobs?\b|잡|죽|내리|종료", re.IGNORECASE)
FOREIGN, FOREIGN_WORDS = 6_000, 3  # "3번" alone beside an order is a list of two, and no clause
KILLS = {
    "ko": (
        "{}번 죽여", "{}번 죽여줘", "{}번만 내려줘", "{}번 종료해주세요", "{}번 꺼줘", "{}번 킬", "{}번은 종료 부탁드립니다",
        "{}번 좀 정리해 주시겠어요", "{}번 잡 종료해 주세요", "#{} 죽여줘", "{}번 날려버려", "{}번 끊어줘",
    ),
    "en": (
        "kill {}", "kill #{}", "please kill {}", "terminate {}", "can you stop number {}", "kill job {}",
        "take down #{}", "{} has to go", "get rid of {}", "shut {} down please",
    ),
}  # fmt: skip
SPARES = {
    "ko": (
        "{}번은 냅둬", "{}번은 놔둬", "{}번은 살려", "{}번은 그냥 두세요", "{}번은 건드리지 마", "{}번은 유지", "{}번은 빼고",
        "{}번 말고", "{}번은 죽이지 말고", "{}번은 제외", "{}번은 남겨두고", "{}번은 종료하지 마세요", "{}번은 필요해", "{}번은 중요해",
        "{}번은 계속 돌려야 해", "{}번은 내 거야",
    ),
    "en": (
        "keep {}", "leave {}", "not {}", "don't touch {}", "don't kill {}", "spare {}", "leave {} alone", "without {}",
        "skip {}", "we need {}", "keep {} running", "{} stays",
    ),
}  # fmt: skip
BETWEEN = {
    "ko": (". ", ", ", " ", "\n", "! ", ".. ", "; "),
    "en": (". ", ", ", "\n", "; ", " but ", ", and ", ", please "),
}
EDITS = {
    "drop": ("drop {0}", "take {0} off", "{0}번은 빼줘", "{0}번 빼고", "take number {0} off the card please"),
    "swap": (
        "swap {0} for {1}", "replace {0} with {1}", "{0} 대신 {1}번 올려줘", "{0} 자리에 {1} 넣어줘", "take {0} off and put {1} there",
        "drop {0} and put {1} on the card", "{0} 말고 {1}로", "not {0}. {1}.",
    ),
    "only": ("only {1}", "make it {1}", "should be {1} on that card", "{1}번만"),
    "add": ("also {1}", "{1} as well", "add {1}, same card", "{1}번도 같이", "{1}번 추가해줘"),
}  # fmt: skip
AROUND = (
    "{}", "{}, i will tell bob", "sorry, {}", "wait, {}", "{}. the others are fine", "아 {}", "{} 급해요", "{}, not {other}", "{}. {other}번은 그대로",
    "{} and keep {other}",
)  # fmt: skip
COMPLAINT_SUBJECTS = (
    "ml_train_ctr",
    "hourly_sessionize",
    "report_daily_kpi",
    "2번",
    "carol 잡",
    "etl 잡들",
    "#3",
    "the kpi report",
    "bob's join",
)
COMPLAINTS = {
    "ko": (
        "가 자꾸 {}", "이 또 {}", "가 계속 {}", "가 왜 {}", "가 맨날 {}", "가 중간에 {}", "가 혼자 {}", " 요즘 {}", "가 이유 없이 {}", "가 새벽마다 {}",
    ),
    "en": (" keeps {}", " is always {}", " was {} again", " got {} twice", " has been {} all week", " ends up {}", " seems to be {}", " is getting {}"),
}  # fmt: skip
VERBS = {
    "ko": ("죽어", "멈춰", "죽네요", "멈추는데요", "꺼져", "꺼집니다", "종료돼", "종료되고 있어요", "중단돼요", "내려가", "내려갔어", "죽었어요", "끊겨요", "멈췄습니다", "죽는다"),
    "en": ("killed", "stopped", "dying", "terminated", "aborted", "stopping", "ending", "shut down", "cancelled", "killed by something"),
}  # fmt: skip


@pytest.fixture(scope="module")
def kiwi() -> Morphemes:
    return load_reader().kiwi


def _orders(language: str) -> Iterator[tuple[str, int, int]]:
    """Yield (message, row to kill, row to spare)."""
    pairs = [(kill, spare) for kill, spare in product(range(1, 5), repeat=2) if kill != spare]
    shapes = product(KILLS[language], SPARES[language], BETWEEN[language], (True, False), pairs)
    for kill, spare, between, killed_first, (one, other) in shapes:
        clauses = (kill.format(one), spare.format(other))
        yield between.join(clauses if killed_first else clauses[::-1]), one, other


def _sample(made: list[tuple[str, int, int]], share: int) -> list[tuple[str, int, int]]:
    return random.Random(14).sample(made, len(made) // share)


def _beside_talk(
    language: str, count: int, said_of: re.Pattern[str] | None = None
) -> list[tuple[str, int, int]]:
    """Return orders with one clause beside them that was said between people, and not `said_of` that."""
    chance = random.Random(5)
    talk = [
        row.text
        for row in sentences()
        if row.intent is None
        and row.language.value == language
        and len(row.text.split()) >= FOREIGN_WORDS
        and not (said_of and said_of.search(row.text))
    ]
    marks = (". ", "\n", "! ", " — ", *((", ", " ") if language == "ko" else ()))
    made = []
    for _ in range(count):
        row = chance.randint(1, 5)
        clauses = [chance.choice(KILLS[language]).format(row), chance.choice(talk)]
        chance.shuffle(clauses)
        made.append((chance.choice(marks).join(clauses), row, 0))
    return made


def _wrong(made: list[tuple[str, int, int]], kiwi: Morphemes) -> list[str]:
    found = []
    for text, kill, _ in made:
        order = read_order(text, view("L5"), kiwi)
        if order is not None and order.whole and [row.rank for row in order.rows] != [kill]:
            found.append(f"{text!r}: {[row.rank for row in order.rows]}")
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_spared_row_is_never_on_the_card(language: str, kiwi: Morphemes) -> None:
    """A tenth of some 40,000 sentences, always the same ones."""
    assert _wrong(_sample(list(_orders(language)), TENTH), kiwi) == []


@pytest.mark.long
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_spared_row_is_never_on_the_card_in_all_sentences(language: str, kiwi: Morphemes) -> None:
    """All of them."""
    made = list(_orders(language))
    assert len(made) >= 10_000
    assert _wrong(made, kiwi) == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_else_is_said_changes_no_card(language: str, kiwi: Morphemes) -> None:
    """A tenth of the messages that hold one foreign clause, always the same ones."""
    assert _wrong(_beside_talk(language, FOREIGN // 2 // TENTH), kiwi) == []


@pytest.mark.long
@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_else_is_said_changes_no_card_in_all_messages(language: str, kiwi: Morphemes) -> None:
    """All of them."""
    assert _wrong(_beside_talk(language, FOREIGN // 2), kiwi) == []


def test_orders_are_understood_beside_talk(kiwi: Morphemes) -> None:
    """A clause that says nothing of the order takes nothing from it; one that speaks of jobs may."""
    for language in ("ko", "en"):
        made = _beside_talk(language, FOREIGN // 2 // TENTH, said_of=OF_JOBS)
        read = [read_order(text, view("L5"), kiwi) for text, _, _ in made]
        assert sum(order is not None and order.whole for order in read) >= len(read) / 3


def test_most_of_them_are_understood(kiwi: Morphemes) -> None:
    """A reader that always asked would make no wrong card either."""
    for language in ("ko", "en"):
        made = _sample(list(_orders(language)), 4 * TENTH)
        read = [read_order(text, view("L5"), kiwi) for text, _, _ in made]
        assert sum(order is not None and order.whole for order in read) >= len(read) / 3


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_complaint_orders_nothing(language: str, kiwi: Morphemes) -> None:
    """Jobs that stop, die or are killed by themselves."""
    shapes = product(COMPLAINT_SUBJECTS, COMPLAINTS[language], VERBS[language])
    cards = []
    for text in (subject + shape.format(verb) for subject, shape, verb in shapes):
        order = read_order(text, view("L5", ROWS), kiwi)
        if order is not None and order.whole:
            cards.append(text)
    assert cards == []


QUEUE_ORDERS = ("daily 큐 잡 다 죽여줘", "kill all jobs in the daily queue")


@pytest.mark.parametrize("text", QUEUE_ORDERS)
def test_the_end_of_two_queues_is_asked_about(text: str, kiwi: Morphemes) -> None:
    """Two queues end alike: neither is taken for the other, nor both for one. One alone is known."""
    two = [replace(row, queue=f"root.{('etl', 'adhoc')[row.rank % 2]}.daily") for row in ROWS]
    order = read_order(text, view("none", tuple(two)), kiwi)
    assert order is not None
    assert not order.whole
    one = [replace(row, queue=f"root.etl.{'daily' if row.rank < 3 else 'x'}") for row in ROWS]
    order = read_order(text, view("none", tuple(one)), kiwi)
    assert order is not None
    assert order.whole
    assert {row.queue for row in order.rows} == {"root.etl.daily"}


def _edited() -> Iterator[tuple[str, str, set[int]]]:
    """Yield (context, message, the rows the card must then show)."""
    for context, (card, free) in {"P12": ((1, 2), (3, 4)), "P34": ((3, 4), (1, 2))}.items():
        for act, left, new, around in product(EDITS, card, free, AROUND):
            stays = set(card) - {left}
            shown = {"drop": stays, "swap": stays | {new}, "only": {new}, "add": {*card, new}}[act]
            for shape in EDITS[act]:
                text = around.format(shape.format(left, new), other=min(stays))
                yield context, text, shown - stays if ", not " in around else shown


def test_an_edited_card_is_exact_or_stays(kiwi: Morphemes) -> None:
    """Every edit beside what people add to it, on two cards; half of them are understood."""
    wrong, understood, made = [], 0, list(_edited())
    for context, text, shown in made:
        order = read_order(text, view(context), kiwi)
        if order is not None and order.whole:
            understood += 1
            ranks = {row.rank for row in order.rows}
            wrong += [f"{context} {text!r}: {ranks}"] if ranks != shown else []
    assert wrong == []
    assert understood >= len(made) / 2


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        ("kill 3 first", []),
        ("first kill 2", []),
        ("stop number 4 first please", []),
        ("under 15 cores, kill them", [4, 6, 7, 8]),
        ("less than 15 cores: kill", [4, 6, 7, 8]),
        ("over 30 cores, kill them", [1, 2]),
        ("kill the 12-core job", [4]),
    ],
)
def test_a_word_of_time_or_of_size_adds_no_row(
    order: str, rows: list[int], kiwi: Morphemes
) -> None:
    """The word first tells when, and under bounds the number behind it, wherever the sentence begins."""
    read = read_order(order, view("L5"), kiwi)
    assert read is not None
    card = [row.rank for row in read.rows if read.whole and not row.protected]
    assert card == rows


KNOWN_WRONG = 40
"""Of the attacked orders; docs/evals.md says of which kinds."""


def test_orders_that_once_made_a_wrong_card_make_none(kiwi: Morphemes) -> None:
    """Each was found by somebody who tried to get a card that the words do not mean."""
    lines = (DATA / "attacked_orders.jsonl").read_text(encoding="utf-8").splitlines()
    wrong = []
    for row in map(json.loads, lines):
        read = read_order(row["order"], view("L5"), kiwi)
        whole = read is not None and read.whole
        card = [each.rank for each in read.rows if not each.protected] if read and whole else []
        if card and sorted(card) != sorted(row["meant"]):
            wrong.append(row["order"])
    assert len(wrong) <= KNOWN_WRONG, wrong
