"""Who is spoken to: lines for the bot are heard, talk between people is not."""

import pytest

from bot.agents.reading.attention import Attention
from bot.agents.reading.classifier import Classifier, load_model
from bot.agents.reading.labelled import view_of
from bot.domain.conversation import OverheardLine
from bot.retrieval.knowledge import LocalEmbeddings

LISTED, CARD = view_of("L5"), view_of("P12")


@pytest.fixture(scope="module")
def attention() -> Attention:
    arrays = load_model()
    return Attention.read(Classifier.read(LocalEmbeddings().vectors, arrays), arrays)


@pytest.mark.parametrize(
    "line",
    [
        OverheardLine("2번 상세 보여줘", LISTED),
        OverheardLine("show me the top 5 by memory", LISTED),
        OverheardLine("지금 CPU 몇 프로야?", LISTED, "커피 사올게요"),
        OverheardLine("kill 3 please", LISTED, "the owner says it can go"),
    ],
)
def test_a_question_or_an_order_is_heard(attention: Attention, line: OverheardLine) -> None:
    """What only the bot can answer is for the bot."""
    assert attention.addressed(line).addressed


@pytest.mark.parametrize(
    "line",
    [
        OverheardLine("네 그거 제 거예요", CARD, "2번 누구 거예요?"),
        OverheardLine("아니요 오늘은 없었어요", CARD, "혹시 배포 있었나요?"),
        OverheardLine("brb, getting coffee", CARD),
        OverheardLine("nope, still on the train", CARD, "are you at your desk?"),
        OverheardLine("제가 승인 누를게요", CARD),
    ],
)
def test_people_talk_to_each_other(attention: Attention, line: OverheardLine) -> None:
    """Answers to a colleague, and news about oneself, are not for the bot."""
    assert not attention.addressed(line).addressed


def test_a_line_that_mentions_somebody_is_for_them(attention: Attention) -> None:
    """Whatever else it says."""
    asked = OverheardLine("3번 상세 보여줘", LISTED, to_person=True)
    assert not attention.addressed(asked).addressed


def test_nothing_said_is_not_heard(attention: Attention) -> None:
    """A picture without words."""
    assert not attention.addressed(OverheardLine(" ", LISTED)).addressed
