"""What a sentence says of the manual is what the passage about the same says, and not its reverse."""

import pytest

from bot.agents.model.evidence import Evidence
from bot.agents.model.fact_check import standing
from bot.domain.language import language_of

MANUAL = (
    (
        "manual/ticket.md#ticket",
        (
            "1. `klist`로 principal과 만료 시각을 본다.\n2. 사람 계정: `kinit user@REALM`.\n"
            "keytab을 다른 호스트로 복사하지 않고, 티켓 캐시를 동료와 나누지 않는다.\n"
            "KDC가 내려가면 새 제출은 모두 실패하고 도는 잡은 계속 돈다. 스트리밍에는 항상 keytab을 준다."
        ),
    ),
    (
        "manual/capacity.md#limits",
        (
            "DFS Used%: 75 % 이상 주의, 85 % 이상 warning, 92 % 이상 critical.\n"
            "`hdfs dfs -expunge`는 실행한 사람 자신의 trash만 비우므로 소유자가 직접 실행한다.\n"
            "용량 부족 자체는 balancer로 해결되지 않는다."
        ),
    ),
    (
        "manual/duty-en.md#escalation",
        (
            "Three calls 5 minutes apart without an answer: the next person. Say every 15 minutes where "
            "things stand, in the thread and not in direct messages. Only the lead lowers a severity."
        ),
    ),
    (
        "manual/kill-en.md#standalone",
        (
            "With a supervised driver kill the driver: it makes the application again after 25-30 seconds.\n"
            "Never call the `killall` path. Run `curl -s $M/ | grep -oP 'csrf' | head -1` for the token.\n"
            "If the state stays RUNNING, read the logs; sending the kill again changes nothing."
        ),
    ),
)
TRUE = (
    "일단 `klist`로 principal이랑 만료 시각부터 확인.",
    "keytab을 다른 호스트로 복사하지 말 것.",
    "KDC가 내려가도 돌던 잡은 계속 돌아요.",
    "85 %를 넘으면 warning이에요.",
    "`-expunge`는 실행한 사람의 trash만 비우니까 소유자가 직접 돌려야 합니다.",
    "Call three times, five minutes apart, then move on to the next person.",
    "Lowering a severity is up to the lead.",
    "The application is back after 25–30 seconds unless you kill the driver.",
    "Never call the killall path.",
    "For the token run `curl -s $M/ | grep -oP 'csrf' | head -1`.",
    "순서는 klist → kinit → 다시 제출.",
)
FALSE = (
    "급하면 티켓 캐시를 동료와 나눠 써도 됩니다.",
    "스트리밍에는 keytab을 안 줘도 괜찮아요.",
    "KDC가 내려가면 도는 잡도 멈춥니다.",
    "92 % 이상이 warning이에요.",
    "-expunge 한 번이면 모든 사용자의 trash가 비워집니다.",
    "balancer를 돌리면 용량 부족이 해결됩니다.",
    "Call eight times, five minutes apart, then move on to the next person.",
    "Say every 45 minutes where things stand.",
    "Say where things stand in direct messages.",
    "The application is back after 40-50 seconds.",
    "The killall path is fine to call.",
    "There is no need to read the logs when the state stays RUNNING.",
    "In your case the disk was filled by a leaking shuffle.",
    "The lead has approved it already.",
)


@pytest.mark.parametrize("sentence", TRUE)
def test_what_the_manual_says_in_other_words_stands(sentence: str) -> None:
    found = standing(sentence, Evidence(passages=MANUAL), language_of(sentence))
    assert found == (sentence.replace("`", ""),)


@pytest.mark.parametrize("sentence", FALSE)
def test_the_reverse_of_the_manual_is_dropped(sentence: str) -> None:
    assert standing(sentence, Evidence(passages=MANUAL), language_of(sentence)) == ()
