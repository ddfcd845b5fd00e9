"""People talk in the alert's thread: nothing is posted, and no card changes."""

from pathlib import Path

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE
from tests.flow.world import event_of, world

TALK = (
    (COLLEAGUE, "혹시 네트워크 팀 작업 있었나요?"),
    (APPROVER, "아니요 오늘은 없었어요"),
    (COLLEAGUE, "저 지금 노트북 켜는 중이에요, 5분만요"),
    (APPROVER, "nope, still on the train"),
    (COLLEAGUE, "@minji 2번 내려도 돼요?"),
)


async def test_talk_between_people_leaves_the_card_alone(tmp_path: Path) -> None:
    """A question for the bot among it is answered, and knows of the card."""
    async with world(tmp_path) as at, at.product():
        first = await at.alert()
        await at.ask("상위 2개 종료해줘", first.root)
        card = await at.post(lambda each: event_of(each) == "kill_proposal")
        shown = str(card.body)
        for user, words in TALK:
            at.say(words, first.root, user=user)
        await at.ask("지금 CPU 몇 프로야?", first.root, user=COLLEAGUE)
        posts = [
            each
            for each in at.slack.transcript.thread(ALERT_CHANNEL, first.root)
            if event_of(each) == "oncall_answer"
        ]
        assert len(posts) == 2
        assert str(card.body) == shown


async def test_a_thread_somebody_opened_with_the_bot_needs_no_mention(tmp_path: Path) -> None:
    """Whatever they say there is for the bot, until somebody joins in."""
    async with world(tmp_path) as at, at.product():
        root = at.say("@당직 상위 3개 보여줘")
        await at.answer(root)
        await at.ask("아니 5개", root)
