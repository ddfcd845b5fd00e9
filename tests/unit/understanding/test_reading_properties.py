"""What holds for every message: no error, no kill without an order, the same ranks however said."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.agents.understanding import understand
from bot.domain.conversation import Intent, ThreadView
from bot.domain.selection_resolver import Resolved
from bot.domain.selections import Ranks, Selection
from tests.unit.understanding.scene import found, view

VIEW = ThreadView(listed=9)
CONTEXTS = st.sampled_from(["none", "L3", "L5", "P", "K"])
KOREAN_ORDERS = [
    "죽여",
    "죽여줘",
    "죽여주세요",
    "종료해줘",
    "내려줘",
    "꺼줘",
    "킬해줘",
    "kill 해주세요",
    "중지시켜줘",
    "kill",
]
ENGLISH_ORDERS = [
    "kill",
    "please kill",
    "terminate",
    "stop",
    "can you kill",
    "pls kill",
    "shut down",
]
KOREAN_ORDINALS = [
    "첫번째",
    "두번째",
    "세번째",
    "네 번째",
    "다섯번째",
    "여섯 번째",
    "일곱번째",
    "여덟번째",
    "아홉번째",
]
ENGLISH_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
]
RANK_SETS = st.sets(st.integers(1, 9), min_size=1, max_size=5).map(sorted)


def ranks_of(selection: Selection | None) -> tuple[int, ...]:
    return selection.ranks if isinstance(selection, Ranks) else ()


def english_list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


KOREAN_FORMS: list[Callable[[list[int]], str]] = [
    lambda ranks: "이랑 ".join(f"{rank}번" for rank in ranks),
    lambda ranks: ", ".join(f"{rank}번" for rank in ranks),
    lambda ranks: ",".join(map(str, ranks)) + "번",
    lambda ranks: " ".join(f"{rank}번" for rank in ranks),
    lambda ranks: (
        "하고 ".join(f"{rank}번 잡" for rank in ranks)
        if len(ranks) == 1
        else "하고 ".join(f"{rank}번" for rank in ranks) + " 잡"
    ),
    lambda ranks: "랑 ".join(KOREAN_ORDINALS[rank - 1] for rank in ranks),
    lambda ranks: "과 ".join(f"#{rank}" for rank in ranks),
    lambda ranks: " 그리고 ".join(f"{rank}번" for rank in ranks) + "만",
    lambda ranks: "이랑 ".join(f"{rank}번째" for rank in ranks) + "꺼",
]
ENGLISH_FORMS: list[Callable[[list[int]], str]] = [
    lambda ranks: english_list([f"#{rank}" for rank in ranks]),
    lambda ranks: english_list([f"number {rank}" for rank in ranks]),
    lambda ranks: english_list(list(map(str, ranks))),
    lambda ranks: (
        "the "
        + english_list([ENGLISH_ORDINALS[rank - 1] for rank in ranks])
        + (" one" if len(ranks) == 1 else " ones")
    ),
    lambda ranks: " & ".join(f"#{rank}" for rank in ranks),
    lambda ranks: ",".join(map(str, ranks)),
    lambda ranks: "jobs " + english_list([str(rank) for rank in ranks]),
]


@settings(max_examples=150, deadline=None)
@given(RANK_SETS, st.sampled_from(KOREAN_FORMS), st.sampled_from(KOREAN_ORDERS))
def test_korean_ranks_parse_back(
    ranks: list[int], form: Callable[[list[int]], str], order: str
) -> None:
    """However a set of ranks is said in Korean, the kill is of that set."""
    reading = understand(f"{form(ranks)} {order}", VIEW)
    assert (reading.intent, ranks_of(reading.selection)) == (Intent.KILL, tuple(ranks))


@settings(max_examples=150, deadline=None)
@given(RANK_SETS, st.sampled_from(ENGLISH_FORMS), st.sampled_from(ENGLISH_ORDERS))
def test_english_ranks_parse_back(
    ranks: list[int], form: Callable[[list[int]], str], order: str
) -> None:
    """However a set of ranks is said in English, the kill is of that set."""
    reading = understand(f"{order} {form(ranks)}", VIEW)
    assert (reading.intent, ranks_of(reading.selection)) == (Intent.KILL, tuple(ranks))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 8),
    st.integers(1, 8),
    st.sampled_from(
        [
            "{}~{}번 죽여줘",
            "{}-{}번 종료",
            "{}번부터 {}번까지 내려줘",
            "{}번에서 {}번까지 죽여",
            "kill #{}-#{}",
            "kill {}-{}",
            "kill #{} to #{}",
            "terminate {} through {}",
        ]
    ),
)
def test_ranges_parse_back(first: int, length: int, form: str) -> None:
    """A range is every rank between its ends."""
    last = min(first + length, 9)
    reading = understand(form.format(first, last), VIEW)
    assert reading.intent is Intent.KILL
    assert ranks_of(reading.selection) == tuple(range(first, last + 1))


SUBJECTS = st.sampled_from(
    [
        "1번",
        "2번이랑 3번",
        "상위 2개",
        "bob꺼",
        "etl 큐 잡들",
        "전부 다",
        "그거",
        "제일 큰거",
        "ml_train_ctr",
        "아무것도",
        "",
    ]
)
FORBIDDEN = st.sampled_from(
    [
        "죽이지 마",
        "죽이지마세요",
        "죽이지 말아줘",
        "죽이지 말자",
        "종료하지 마",
        "내리지 말고",
        "끄지 마라",
        "kill 하지 마",
        "킬하지 말아주세요",
        "죽이면 안돼",
        "죽이면 안 됩니다",
        "죽이지는 말고",
        "죽이진 마",
        "안 죽여도 돼",
    ]
)
TARGETS = st.sampled_from(
    [
        "#1",
        "number 2",
        "the top 2",
        "bob's job",
        "anything",
        "the first one",
        "them",
        "all of them",
        "ml_train_ctr",
        "it",
    ]
)
NEVER = st.sampled_from(
    [
        "don't kill",
        "do not kill",
        "please don't stop",
        "never kill",
        "dont terminate",
        "we should not kill",
        "let's not kill",
        "you must not stop",
        "i don't want you to kill",
        "no need to kill",
        "can you not kill",
    ]
)


@settings(max_examples=150, deadline=None)
@given(SUBJECTS, FORBIDDEN, CONTEXTS)
def test_a_korean_prohibition_is_never_a_kill(subject: str, verb: str, context: str) -> None:
    """A forbidden kill makes no card."""
    assert understand(f"{subject} {verb}".strip(), view(context)).intent is not Intent.KILL


@settings(max_examples=150, deadline=None)
@given(NEVER, TARGETS, CONTEXTS)
def test_an_english_prohibition_is_never_a_kill(never: str, target: str, context: str) -> None:
    """A forbidden kill makes no card."""
    assert understand(f"{never} {target}", view(context)).intent is not Intent.KILL


ASKED = st.sampled_from(
    [
        "{} 죽여도 돼?",
        "{} 죽이면 어떻게 돼?",
        "{} 죽일까?",
        "{} 누가 죽였어?",
        "{} 죽이라고 했어",
        "{} 죽이는 방법 알려줘",
        "{} 죽였어?",
        "{} 종료됐어?",
        "{} 죽이려면 어떻게 해?",
        "{} 종료 방법",
        "{} 죽여야 하나?",
    ]
)


@settings(max_examples=120, deadline=None)
@given(ASKED, st.sampled_from(["1번", "2,3번", "상위 2개", "bob꺼", "ml_train_ctr"]), CONTEXTS)
def test_speaking_of_a_kill_orders_none(form: str, subject: str, context: str) -> None:
    """Conditions, doubts, reports, instructions and the past are no orders."""
    assert understand(form.format(subject), view(context)).intent is not Intent.KILL


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(
        [
            "what if we kill {}",
            "should we kill {}?",
            "who killed {}",
            "how do I kill {}",
            "bob said to kill {}",
            "was {} killed?",
            "is it ok to kill {}?",
            "did you kill {}?",
            "if we kill {} what happens",
            "can i kill {}?",
            'bob wrote "kill {}"',
            "would killing {} help?",
            "before we kill {} show me the cpu",
        ]
    ),
    st.sampled_from(["#1", "the top 2", "bob's job", "ml_train_ctr", "number 3"]),
    CONTEXTS,
)
def test_speaking_of_a_kill_in_english_orders_none(form: str, target: str, context: str) -> None:
    """Conditions, doubts, reports, instructions and the past are no orders."""
    assert understand(form.format(target), view(context)).intent is not Intent.KILL


STEADY = [
    "상위 2개 죽여줘",
    "1번이랑 3번 종료해줘",
    "etl 큐 잡들 다 내려줘",
    "bob이 돌린거 꺼줘",
    "첫번째 잡 죽여줘",
    "메모리 제일 많이 쓰는 잡 보여줘",
    "2번 자세히 알려줘",
    "클러스터 사용율 알려줘",
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STEADY), st.data())
def test_blanks_do_not_change_the_reading(text: str, data: st.DataObject) -> None:
    """Leaving a blank out between Korean words, or doubling it, reads the same."""
    places = [index for index, character in enumerate(text) if character == " "]
    place = data.draw(st.sampled_from(places))
    gap = data.draw(st.sampled_from(["  ", "\u3000", "\t"]))
    changed = text[:place] + gap + text[place + 1 :]
    plain, other = understand(text, view("L5")), understand(changed, view("L5"))
    assert (other.intent, other.selection, other.query) == (
        plain.intent,
        plain.selection,
        plain.query,
    )


@pytest.mark.parametrize("text", STEADY)
def test_no_blanks_at_all_read_the_same(text: str) -> None:
    """People in a hurry leave every blank out."""
    plain, other = understand(text, view("L5")), understand(text.replace(" ", ""), view("L5"))
    assert (other.intent, other.selection) == (plain.intent, plain.selection)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(STEADY[:5]),
    st.sampled_from(
        ["", "저기 ", "야 ", "일단 ", "미안한데 ", "<@U012AB3CD> ", "그럼 ", "ok ", "혹시 "]
    ),
    st.sampled_from(
        ["", "요", " 부탁해", "!!", " ㅠㅠ", " 🙏", " please", "~", " ㅋㅋ", " 급해", "?"]
    ),
)
def test_politeness_does_not_change_the_reading(text: str, before: str, after: str) -> None:
    """Greetings, pleading, emoji and mentions decide nothing."""
    plain, other = understand(text, view("L5")), understand(before + text + after, view("L5"))
    assert (other.intent, other.selection) == (plain.intent, plain.selection)


@settings(max_examples=300, deadline=None)
@example("", "L5")
@example("\u0000", "L5")
@example("번번번죽여", "L5")
@example("ㄴㄹㅆ", "L5")
@given(st.text(max_size=200), CONTEXTS)
def test_any_text_is_read(text: str, context: str) -> None:
    """Whatever is typed, one of the intents comes back and nothing is raised."""
    assert understand(text, view(context)).intent in Intent


WORDS = st.sampled_from(
    [
        "죽여",
        "죽여줘",
        "kill",
        "1번",
        "2",
        "#3",
        "번",
        "상위",
        "top",
        "개",
        "빼고",
        "except",
        "말고",
        "not",
        "다",
        "all",
        "그거",
        "it",
        "큐",
        "etl",
        "bob",
        "꺼",
        "'s",
        "이",
        "랑",
        "and",
        "or",
        "?",
        "!",
        ",",
        "~",
        "-",
        "첫",
        "두",
        "the",
        "마지막",
        "last",
        "9999999999999",
        "0063",
        "시간",
        "넘게",
        "over",
        "hours",
        "if",
        "면",
        "아니",
        "중에",
        "남기고",
        "keep",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join), CONTEXTS)
def test_any_jumble_of_our_words_is_read_and_resolved(text: str, context: str) -> None:
    """The grammar's own words in any order raise nothing, and select rows only or a question."""
    reading = understand(text, view(context))
    if reading.selection is not None:
        rows = found(reading.selection, context)
        assert not isinstance(rows, Resolved) or rows.rows


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "죽여",
                "kill",
                "1번",
                "2번",
                "#3",
                "4",
                "랑",
                "and",
                ",",
                "그거",
                "잡",
                "job",
                "좀",
                "please",
            ]
        ),
        max_size=9,
    )
)
def test_a_kill_of_ranks_names_no_other_rank(words: list[str]) -> None:
    """Where only ranks are said, no row but the said ones is in the kill."""
    reading = understand(" ".join(words), view("L5"))
    if reading.intent is not Intent.KILL or reading.selection is None:
        return
    rows = found(reading.selection, "L5")
    said = {int(letter) for word in words for letter in word if letter.isdigit()}
    if isinstance(rows, Resolved):
        assert {row.rank for row in rows.rows} <= said
