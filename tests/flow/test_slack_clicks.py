"""Clicks over real sockets: acknowledged at once, answered visibly, counted once."""

import json
from typing import Any

from bot.domain.answers import Answer, Button, Buttons, Show
from bot.domain.conversation import Turn, Understanding
from bot.domain.proposals import Click, Proposal, ProposalState
from bot.domain.selections import Field, Having
from bot.errors import CardMismatchError
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE, SHARED_CHANNEL
from bot.sandbox.slack.transcript import Message
from tests.unit.handlers.bench import Bench, bench
from tests.unit.handlers.memory import EchoTalk, MemoryDesk, said


async def changed_to(at: Bench, card: Message, words: str) -> None:
    await at.slack.wait_for(lambda now: words in str(now.find(card.channel, card.ts).body))


async def test_an_approval_shows_on_the_card_and_is_carried_out() -> None:
    """The same message is edited; there is never a second card."""
    async with bench() as at, at.edge():
        card = await at.card()
        click = at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await click.settled.wait()
        assert click.acknowledged
        await changed_to(at, card, "종료 확인")
        assert at.desk.proposal.state is ProposalState.DONE
        assert "approve_proposal" not in str(at.slack.transcript.find(card.channel, card.ts).body)
        assert len(at.calls("chat.postMessage")) == 1
        decided = at.desk.clicks[0]
        assert (decided.proposal_id, decided.digest) == ("p1", at.desk.proposal.digest)
        assert (decided.user, decided.message_ts) == (APPROVER, card.ts)


async def test_a_card_somebody_deleted_is_posted_anew() -> None:
    """What became of a proposal is never invisible."""
    async with bench() as at, at.edge():
        card = await at.card()
        at.slack.fault("chat.update", "error:message_not_found", times=2)
        at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        again = await at.reply(ALERT_CHANNEL, card.root, "종료 확인")
        assert again.ts != card.ts


async def test_a_rejection_shows_on_the_card() -> None:
    """And nothing is carried out."""
    async with bench() as at, at.edge():
        card = await at.card()
        at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "reject_proposal")
        await changed_to(at, card, "거절됨")
        assert not at.desk.carried.is_set()


async def test_who_may_not_approve_is_told_in_private() -> None:
    """In the card's language; the card stays as it is."""
    async with bench() as at, at.edge():
        card = await at.card()
        at.slack.click(COLLEAGUE, ALERT_CHANNEL, card.ts, "approve_proposal")
        await at.slack.wait_for(lambda _: bool(at.whispers(COLLEAGUE)))
        assert at.whispers(COLLEAGUE)[0].body["text"] == (
            "승인 권한이 없습니다. 승인자에게 요청해 주세요."
        )
        assert at.desk.proposal.state is ProposalState.PENDING
        assert not at.whispers(APPROVER)


async def test_a_second_click_is_told_that_it_is_too_late() -> None:
    """Each click gets an answer of its own; one is counted."""
    async with bench() as at, at.edge():
        card = await at.card()
        for _ in range(2):
            at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await at.slack.wait_for(lambda _: bool(at.whispers(APPROVER)))
        await at.desk.carried.wait()
        assert len(at.whispers(APPROVER)) == 1


async def test_one_click_delivered_five_times_is_one_vote() -> None:
    """The same envelope may arrive again."""
    async with bench() as at, at.edge():
        card = await at.card()
        click = at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await click.settled.wait()
        for number in range(4):
            frame: dict[str, Any] = {
                "type": "interactive",
                "envelope_id": f"again-{number}",
                "payload": click.payload,
                "accepts_response_payload": True,
            }
            assert await at.slack.sockets.send_raw(json.dumps(frame))
        await at.desk.carried.wait()
        await changed_to(at, card, "종료 확인")
        assert len(at.desk.clicks) == 1
        assert at.whispers(APPROVER) == []


class ButtonTalk(EchoTalk):
    """Offers a button under every answer."""

    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        answer = await super().answer(turn, reading, show)
        value = '{"id": "application_1_0042", "cluster": "prod"}'
        row = Buttons((Button("propose_kill", "1번 종료 제안", value),))
        return Answer(
            answer.language, answer.intent, answer.agent, answer.summary, (*answer.parts, row)
        )


async def test_a_button_that_proposes_asks_for_exactly_that_application() -> None:
    """No typing, and no reading of words: the button carries the id."""
    talk = ButtonTalk()
    async with bench(talk) as at, at.edge():
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        answer = await at.reply(ALERT_CHANNEL, ts, "propose_kill")
        at.slack.click(APPROVER, ALERT_CHANNEL, answer.ts, "propose_kill")
        await at.slack.wait_for(lambda _: len(talk.turns) == 2)
        reading = talk.readings[1]
        assert reading is not None
        assert reading.selection == Having(Field.ID, "application_1_0042")
        assert talk.turns[1].thread_ts == ts
        assert talk.turns[1].asker == APPROVER


async def test_an_outsider_is_refused_in_private() -> None:
    """In a channel shared with another workspace nothing of the cluster is told."""
    async with bench() as at, at.edge():
        at.slack.say(APPROVER, SHARED_CHANNEL, "@당직 상태?")
        await at.slack.wait_for(lambda _: bool(at.whispers(APPROVER)))
        assert at.talk.turns == []


async def test_every_post_is_sent_literally() -> None:
    """No unfurling, no names linked, nothing parsed, on posts and on edits; ids in metadata."""
    async with bench() as at, at.edge():
        card = await at.card()
        at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await changed_to(at, card, "종료 확인")
        calls = [*at.calls("chat.postMessage"), *at.calls("chat.update")]
        for call in calls:
            sent = call.arguments
            assert not any(
                _true(sent[name]) for name in ("unfurl_links", "unfurl_media", "link_names")
            )
            assert sent["parse"] == "none"
        shown = at.slack.transcript.find(card.channel, card.ts).body["metadata"]
        assert shown["event_type"] == "kill_proposal"
        assert shown["event_payload"]["state"] == "done"
        assert shown["event_payload"]["proposal_id"] == "p1"
        assert len(shown["event_payload"]["applications"]) == 2


def _true(value: object) -> bool:
    return value in (True, 1, "1", "true")


async def test_an_answer_carries_what_the_contract_names() -> None:
    """Agent, intent, applications, sources and whether a model spoke."""
    async with bench() as at, at.edge():
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        answer = await at.reply(ALERT_CHANNEL, ts, "heard")
        metadata = answer.body["metadata"]
        assert metadata["event_type"] == "oncall_answer"
        assert metadata["event_payload"] == {
            "agent": "infra_engineer",
            "intent": "status",
            "applications": list(said("").applications),
            "sources": [],
            "llm": False,
            "post": f"msg:T0DATATEAM:{ALERT_CHANNEL}:{ts}:answer",
        }


class ForgetfulDesk(MemoryDesk):
    """Knows of a card's place only what was noted after a look at Slack."""

    async def decide(self, click: Click) -> Proposal:
        if (click.proposal_id, click.message_ts) not in self.outbox.noted:
            raise CardMismatchError("other_card")
        return await super().decide(click)


async def test_a_press_on_a_card_whose_sender_died_before_noting_it_counts() -> None:
    """The message's own metadata says whose card it is; the first press is counted."""
    async with bench() as at:
        at.desk = ForgetfulDesk(at.desk.proposal, at.outbox, APPROVER)
        async with at.edge():
            card = await at.card()
            at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
            await changed_to(at, card, "종료 확인")
        assert at.outbox.noted == {("p1", card.ts)}
        assert not at.whispers(APPROVER)


async def test_a_card_of_another_proposal_or_app_is_not_taken_for_ours() -> None:
    """Nothing but our own metadata with this proposal's id makes a message its card."""
    async with bench() as at:
        at.desk = ForgetfulDesk(at.desk.proposal, at.outbox, APPROVER)
        async with at.edge():
            card = await at.card()
            message = at.slack.transcript.find(card.channel, card.ts).body
            message["metadata"]["event_payload"]["proposal_id"] = "p2"
            at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
            await at.slack.wait_for(lambda _: bool(at.whispers(APPROVER)))
            message["metadata"]["event_payload"]["proposal_id"] = "p1"
            message["bot_id"] = "B0OTHER"
            at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "reject_proposal")
            await at.settled()
        assert at.outbox.noted == set()
        assert at.desk.clicks == []


async def test_sixty_presses_of_one_person_get_one_refusal_and_hold_up_nobody() -> None:
    """Each is acknowledged; within ten seconds they share an answer."""
    async with bench() as at, at.edge():
        card = await at.card()
        for _ in range(60):
            at.slack.click(COLLEAGUE, ALERT_CHANNEL, card.ts, "approve_proposal")
        await at.settled()
        assert all(each.acknowledged for each in at.slack.transcript.envelopes)
        at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await changed_to(at, card, "종료 확인")
        assert 1 <= len(at.whispers(COLLEAGUE)) <= 2
