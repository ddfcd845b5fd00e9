"""Kill orders built from fragments of known meaning: a card shows exactly what was said, or none."""

import random
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from bot.domain.conversation import Intent
from bot.domain.selection_resolver import Resolved
from tests.unit.understanding.scene import LISTED, found, read

Truth = frozenset[int]
Meaning = Callable[[int], Truth]
"""From the number of rows listed to the ranks meant; empty where nothing definite is meant."""


def ranks(*named: int) -> Meaning:
    return lambda listed: frozenset(named) if max(named) <= listed else frozenset()


def top(count: int) -> Meaning:
    return lambda listed: frozenset(range(1, count + 1)) if count <= listed else frozenset()


def bottom(count: int) -> Meaning:
    return lambda listed: frozenset(range(listed - count + 1, listed + 1))


def everything(listed: int) -> Truth:
    return frozenset(range(1, listed + 1))


def less(meaning: Meaning, *spared: int) -> Meaning:
    return lambda listed: (
        meaning(listed) - set(spared) if set(spared) <= meaning(listed) else frozenset()
    )


KOREAN: dict[str, Meaning] = {
    "1번": ranks(1),
    "2번 잡": ranks(2),
    "3번째 잡": ranks(3),
    "첫번째꺼": ranks(1),
    "두 번째 작업": ranks(2),
    "1번이랑 3번": ranks(1, 3),
    "1, 2번": ranks(1, 2),
    "2번하고 3번": ranks(2, 3),
    "1~3번": ranks(1, 2, 3),
    "1번부터 3번까지": ranks(1, 2, 3),
    "상위 2개": top(2),
    "위에서 세 개": top(3),
    "탑 3": top(3),
    "맨 위에꺼": top(1),
    "제일 큰 거 하나": top(1),
    "마지막꺼": bottom(1),
    "아래 두 개": bottom(2),
    "전부 다": everything,
    "bob꺼": ranks(1),
    "alice 잡": ranks(2),
    "carol이 돌리는 거": ranks(3),
    "adhoc 큐에 있는거": ranks(1),
    "ml_train_ctr": ranks(3),
    "0057": ranks(2),
    "메모리 제일 많이 쓰는 거": ranks(3),
    "메모리 상위 2개": ranks(1, 3),
    "메모리 순으로 1위": ranks(3),
    "두번째로 큰 거": ranks(2),
    "제일 오래 돈 거": ranks(3),
    "상위 3개 중에 2번 빼고 다": less(top(3), 2),
    "상위 3개에서 1번만 빼고 전부": less(top(3), 1),
    "1번 빼고 다": less(everything, 1),
    "2번 말고 나머지": less(everything, 2),
    "1번 3번 제외하고 전부": less(everything, 1, 3),
    "bob꺼 빼고 다": less(everything, 1),
    "1번 아니고 2번": ranks(2),
    "1번 말고 3번": ranks(3),
    "1번은 두고 2번만": ranks(2),
}
ENGLISH: dict[str, Meaning] = {
    "#1": ranks(1),
    "number 2": ranks(2),
    "job 3": ranks(3),
    "the second one": ranks(2),
    "the 3rd job": ranks(3),
    "#1 and #3": ranks(1, 3),
    "1, 2 and 3": ranks(1, 2, 3),
    "1-3": ranks(1, 2, 3),
    "jobs 2 and 3": ranks(2, 3),
    "the top 2": top(2),
    "the first three": top(3),
    "the biggest one": top(1),
    "the last one": bottom(1),
    "the bottom two": bottom(2),
    "all of them": everything,
    "everything": everything,
    "bob's job": ranks(1),
    "the job alice is running": ranks(2),
    "whatever is in the ml queue": ranks(3),
    "0031": ranks(3),
    "ml_train_ctr": ranks(3),
    "the top 2 by memory": ranks(1, 3),
    "the second biggest": ranks(2),
    "the oldest one": ranks(3),
    "all except #2": less(everything, 2),
    "everything but the first": less(everything, 1),
    "the top 3 except number 1": less(top(3), 1),
    "all of them but not bob's": less(everything, 1),
    "#2, not #1": ranks(2),
    "#1 but not #2": ranks(1),
}
SCOPES_KO = ("", "이 중에서 ", "위 목록에서 ", "저기 ", "그럼 ")
VERBS_KO = (
    "죽여줘", "죽여", "종료해줘", "kill 해줘", "내려주세요", "꺼줘", "종료 부탁드려요", "중지시켜", "좀 죽여줄래?", "킬",
)  # fmt: skip
SCOPES_EN = ("", "please ", "ok, ", "can you ", "hey, ")
VERBS_EN = (
    "kill {}",
    "terminate {}",
    "stop {} please",
    "shut down {}",
    "get rid of {}",
    "kill {} now",
)

NOTHING_KO = (
    "1번 옆에꺼", "2번 다음꺼", "1번 아래 있는 거", "1번 바로 위에꺼", "2번 같은 거", "1번이랑 비슷한 거", "3번부터 다", "2번 이하",
    "3번 이상", "2번 밑으로", "2번 뒤로 전부", "1번이나 2번", "1번 또는 2번", "둘 중 하나", "1번하고 2번 중에 하나", "몇 개", "두세 개",
    "절반", "아무거나", "홀수번", "그거", "저놈", "느린 거", "필요없는 거", "다 필요없고 그냥", "다 느린데", "큰 거", "두 개", "잡 하나",
    "9번", "1번이랑 9번", "6개", "zed꺼", "zed가 돌리는 잡", "xyz 큐에 있는거", "etl 두번째", "1번 노드", "1번 executor", "2번 잡의 컨테이너",
    "1번 빼고", "bob 말고", "1.5번", "1번 있던 노드", "2번 돌리는 사람의 다른 잡", "1번 말고 다른 거", "나머지", "1번 2개",
    "메모리 순 1번", "상위 2개 아니 그냥", "bob이나 alice꺼", "제일 문제되는 놈", "제일 느린 거", "상위 전부", "1번 말고 다른 잡",
    "두번로 큰 거", "1번 고고 2번",
)  # fmt: skip
NOTHING_EN = (
    "the one after #2", "the one below 1", "jobs like #1", "#1 neighbor", "everything after the second",
    "everything below #2", "3 and up", "from 2 on", "1 or 2", "either of them", "one of them", "a couple",
    "half of them", "every other job", "odd ones", "it", "that", "the slow ones", "all the slow ones",
    "whatever you want", "two of them", "#9", "#1 and #9", "zed's job", "the xyz queue", "the second etl job",
    "node 1", "executor 2", "the container of #1", "the rest", "the other one", "some of them", "the unneeded ones",
    "the job next to #1", "the one above 3", "the jobs before #3", "the node #1 runs on", "anything but",
    "1.5", "the top few", "the one similar to #2", "jobs related to #1", "bob or alice's job", "the most annoying one",
    "the slowest one", "the top 2 neighbours", "the bottom to", "killa ll of them",
)  # fmt: skip
NO_ORDER_KO = (
    "{} 죽이지 마", "{} 죽이면 어떻게 돼?", "{} 죽여도 될까?", "{} 죽였어?", "{} 누가 죽였어?", "{} 죽이는 방법",
    "bob이 {} 죽이래", "{} 나중에 죽여", "{} 이따가 죽여줘", "{} 죽이려면?", "{} 죽일까 말까", "{} 안 죽여도 돼", "{} 죽이라고 한 사람?",
    "cpu 90 넘으면 {} 죽여", "{} 죽이기 전에 물어봐", "{} 죽은 이유", "{} 죽일 수 있어?", "{} 죽이면 안돼", "{} 아직 죽이지 말아줘",
    "{} 죽여야 돼?", "{} 죽이고 싶은데 괜찮아?", "{} 내일 종료해줘", "{} 종료되면 알려줘", "{} 종료됐는지 확인해줘",
)  # fmt: skip
NO_ORDER_EN = (
    "don't kill {}", "what if we kill {}", "should I kill {}?", "did you kill {}?", "who killed {}?",
    "how do I kill {}?", "bob says kill {}", "kill {} later", "kill {} tomorrow", "if cpu is over 90 kill {}",
    "never kill {}", "why was {} killed?", "is it safe to kill {}?", "before you kill {} ask me",
    "let me know when {} is killed", "do not stop {}", "i'll kill {} myself", "would killing {} help?",
    "kill {} if it gets worse", "wait, don't kill {}", "kill {} unless bob objects", "kill {} when it finishes",
)  # fmt: skip


def shown(text: str, context: str) -> Truth | None:
    """Return the ranks on the card the text brings, None for no card."""
    reading = read(text, context)
    if reading.intent is not Intent.KILL or reading.selection is None:
        return None
    rows = found(reading.selection, context)
    return frozenset(row.rank for row in rows.rows) if isinstance(rows, Resolved) else None


def orders() -> Iterator[tuple[str, str, Truth]]:
    """Yield (text, context, ranks meant) for every fragment in every frame."""
    for context in ("L3", "L5"):
        listed = LISTED[context]
        for scope, (said, meant), verb in product(SCOPES_KO, KOREAN.items(), VERBS_KO):
            yield f"{scope}{said} {verb}", context, meant(listed)
        for scope, (said, meant), verb in product(SCOPES_EN, ENGLISH.items(), VERBS_EN):
            yield scope + verb.format(said), context, meant(listed)


def mistyped(text: str, chance: random.Random) -> str:
    """Return the text with one slip: a blank lost, a letter doubled, lost or swapped, no digits."""
    places = [place for place, letter in enumerate(text[:-1]) if not letter.isdigit()]
    place = chance.choice(places)
    here, after = text[place], text[place + 1]
    slips = [text[:place] + here + text[place:]]
    if f" {here} " not in f" {text} ":
        slips.append(text[:place] + text[place + 1 :])
    if not after.isdigit():
        slips.append(text[:place] + after + here + text[place + 2 :])
    return chance.choice(slips)


def sample(count: int, seed: int) -> list[tuple[str, str, Truth]]:
    return random.Random(seed).sample(list(orders()), count)


def test_a_clear_order_is_its_rows_or_a_question() -> None:
    """No card shows other rows than were said, and nine of ten clear orders get their card."""
    cases = sample(1200, seed=1)
    read = [(text, context, meant, shown(text, context)) for text, context, meant in cases]
    assert [case for case in read if case[3] is not None and case[3] != case[2]] == []
    clear = [case for case in read if case[2]]
    asked = [case[:2] for case in clear if case[3] is None]
    assert len(asked) <= len(clear) * 0.1, asked[:40]


def test_a_mistyped_order_is_its_rows_or_a_question() -> None:
    """One slip of the finger may cost a question, never another row."""
    chance = random.Random(2)
    for text, context, meant in sample(700, seed=3):
        typed = mistyped(text, chance)
        assert shown(typed, context) in {None, meant}, (typed, text)


@pytest.mark.parametrize("context", ["L3", "L5"])
def test_what_names_no_rows_brings_no_card(context: str) -> None:
    """Neighbours, open ranges, alternatives, vague counts and strangers are asked about."""
    for said, verb in product(NOTHING_KO, ("죽여줘", "종료해", "kill 해줘")):
        assert shown(f"{said} {verb}", context) is None, said
    for said, verb in product(NOTHING_EN, ("kill {}", "please stop {}")):
        assert shown(verb.format(said), context) is None, said


@pytest.mark.parametrize("context", ["L3", "L5", "P", "K"])
def test_speaking_of_a_kill_brings_no_card(context: str) -> None:
    """Prohibitions, questions, reports, conditions and plans are no orders, whatever they name."""
    for form, said in product(NO_ORDER_KO, ("1번", "상위 2개", "bob꺼", "ml_train_ctr")):
        assert shown(form.format(said), context) is None, form.format(said)
    for form, said in product(NO_ORDER_EN, ("#1", "the top 2", "bob's job", "ml_train_ctr")):
        assert shown(form.format(said), context) is None, form.format(said)
