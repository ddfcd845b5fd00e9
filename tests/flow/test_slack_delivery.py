"""Nothing is lost and nothing is said twice, whatever Slack or we ourselves do meanwhile."""

import asyncio

from bot.domain.conversation import Turn
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from tests.unit.handlers.bench import bench
from tests.unit.handlers.memory import EchoTalk, MemoryDesk, MemoryOutbox, proposal


async def test_what_could_not_be_kept_is_not_acknowledged_and_comes_again() -> None:
    """The redelivery is the only copy then, and is answered."""
    async with bench() as at, at.edge():
        at.inbox.broken = 1
        ts = at.slack.say(APPROVER, "D0MINJI01", "상태?")
        await at.reply("D0MINJI01", ts, "heard")
        await at.settled()
        envelope = at.slack.transcript.envelopes[0]
        assert [attempt.ack_after_s is None for attempt in envelope.attempts] == [True, False]
        assert len(at.talk.turns) == 1


async def test_an_event_delivered_again_is_answered_once() -> None:
    """Three more deliveries of the same event change nothing."""
    async with bench() as at, at.edge():
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        await at.reply(ALERT_CHANNEL, ts, "heard")
        for _ in range(3):
            at.slack.redeliver(at.slack.transcript.envelopes[0].event_id)
        await at.settled()
        assert len(at.talk.turns) == 1
        assert len(at.replies(ALERT_CHANNEL, ts)) == 1


async def test_everything_is_acknowledged_even_what_is_not_for_us() -> None:
    """An event nobody acknowledges comes three times more."""
    async with bench() as at, at.edge():
        at.slack.say(APPROVER, ALERT_CHANNEL, "점심 뭐 먹죠")
        at.slack.people.open_home(APPROVER)
        await at.settled()
        assert all(each.acknowledged for each in at.slack.transcript.envelopes)
        assert all(len(each.attempts) == 1 for each in at.slack.transcript.envelopes)
        assert at.inbox.items == {}


async def test_rate_limits_are_waited_out_in_order() -> None:
    """Two 429s in a row neither lose nor reorder posts."""
    async with bench() as at, at.edge():
        at.slack.fault("chat.postMessage", "ratelimited", times=2, retry_after=0)
        roots = [at.slack.say(APPROVER, ALERT_CHANNEL, f"@당직 질문 {n}") for n in range(5)]
        for n, root in enumerate(roots):
            await at.reply(ALERT_CHANNEL, root, f"질문 {n}")
        assert all(len(at.replies(ALERT_CHANNEL, root)) == 1 for root in roots)


async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated() -> None:
    """The first call did post but timed out; the thread is searched before a second one."""
    async with bench() as at, at.edge():
        at.slack.fault("chat.postMessage", "timeout")
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        await at.outbox.changed.wait()
        assert len(at.replies(ALERT_CHANNEL, ts)) == 1
        assert list(at.outbox.stands.values()) == [at.replies(ALERT_CHANNEL, ts)[0].ts]
        assert len(at.calls("chat.postMessage")) == 1


async def test_a_dropped_connection_is_tried_again() -> None:
    """Nothing was posted the first time, so the second try posts."""
    async with bench() as at, at.edge():
        at.slack.fault("chat.postMessage", "reset")
        at.slack.fault("chat.postMessage", "html")
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        await at.reply(ALERT_CHANNEL, ts, "heard")
        await at.outbox.changed.wait()
        assert len(at.replies(ALERT_CHANNEL, ts)) == 1


async def test_refused_blocks_are_posted_as_plain_text() -> None:
    """People read the answer all the same."""
    async with bench() as at, at.edge():
        at.slack.fault("chat.postMessage", "error:invalid_blocks")
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "<@U0DANGJIK> a &lt; b", raw=True)
        posted = await at.reply(ALERT_CHANNEL, ts, "heard")
        assert posted.body["text"] == "heard: a &lt; b"
        assert not posted.body.get("blocks")


async def test_a_channel_we_were_removed_from_is_given_up_with_a_reason() -> None:
    """It is not tried for ever."""
    async with bench() as at, at.edge():
        at.slack.fault("chat.postMessage", "error:not_in_channel")
        at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        await at.outbox.changed.wait()
        assert list(at.outbox.given_up.values()) == ["not_in_channel"]


async def test_what_a_killed_process_had_begun_is_done_by_the_next() -> None:
    """The delivery was kept and acknowledged, but neither finished nor answered."""
    never = asyncio.Event()

    async def hang(_: Turn) -> None:
        await never.wait()

    talk = EchoTalk(hang)
    async with bench(talk) as at:
        async with at.edge():
            ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
            await at.slack.wait_for(lambda _: bool(talk.turns))
        assert at.replies(ALERT_CHANNEL, ts) == []
        at.inbox.reclaim()
        talk.hook = None
        async with at.edge():
            await at.reply(ALERT_CHANNEL, ts, "heard")
        assert len(at.replies(ALERT_CHANNEL, ts)) == 1


async def test_what_takes_long_stays_with_the_replica_that_works_on_it() -> None:
    """Its lease is short, for another to go on soon after a death; so it is renewed."""
    async with bench() as at, at.edge():

        async def until_renewed(_: Turn) -> None:
            await at.inbox.renewed.wait()

        at.talk.hook = until_renewed
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        await at.reply(ALERT_CHANNEL, ts, "heard")


async def test_stopping_finishes_what_is_being_answered() -> None:
    """The answer is posted, every delivery acknowledged, and only then the sockets close."""
    going_on = asyncio.Event()

    async def slowly(_: Turn) -> None:
        await going_on.wait()

    talk = EchoTalk(slowly)
    async with bench(talk) as at:
        async with at.edge() as edge:
            ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
            await at.slack.wait_for(lambda _: bool(talk.turns))
            stopping = asyncio.create_task(edge.stop(grace=5))
            going_on.set()
            await stopping
            assert len(at.replies(ALERT_CHANNEL, ts)) == 1
        await at.settled()
        assert all(each.acknowledged for each in at.slack.transcript.envelopes)


async def test_a_failing_turn_ends_in_an_apology_with_a_reference() -> None:
    """Three tries; people see a reference and nothing of the error."""

    async def fail(_: Turn) -> None:
        raise KeyError("secret detail")

    talk = EchoTalk(fail)
    async with bench(talk) as at, at.edge():
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        apology = await at.reply(ALERT_CHANNEL, ts, "참조 번호")
        assert len(talk.turns) == 3
        assert "secret" not in str(apology.body)
        assert "KeyError" not in str(apology.body)


async def test_one_thread_is_answered_in_order_while_others_go_on() -> None:
    """A second question waits for the first of its thread; another thread does not."""
    first_may_end = asyncio.Event()

    async def hook(turn: Turn) -> None:
        if turn.text == "first":
            await first_may_end.wait()

    talk = EchoTalk(hook)
    async with bench(talk) as at, at.edge():
        root = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 first")
        await at.slack.wait_for(lambda _: bool(talk.turns))
        at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 second", root)
        elsewhere = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 elsewhere")
        await at.reply(ALERT_CHANNEL, elsewhere, "elsewhere")
        assert [turn.text for turn in talk.turns] == ["first", "elsewhere"]
        first_may_end.set()
        await at.reply(ALERT_CHANNEL, root, "second")
        assert [turn.text for turn in talk.turns] == ["first", "elsewhere", "second"]


async def test_slow_work_shows_that_it_goes_on() -> None:
    """The thread's status is set in the asker's language."""
    shown = asyncio.Event()

    async def hook(_: Turn) -> None:
        await shown.wait()

    async with bench(EchoTalk(hook)) as at, at.edge():
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        await at.slack.wait_for(lambda _: bool(at.calls("assistant.threads.setStatus")))
        call = at.calls("assistant.threads.setStatus")[0]
        assert call.arguments["status"] == "확인하고 있습니다…"
        assert call.arguments["thread_ts"] == ts
        shown.set()
        await at.reply(ALERT_CHANNEL, ts, "heard")


async def test_a_burst_of_repeated_alerts_is_one_investigation_a_group() -> None:
    """200 posts over 10 groups, while the sockets are recycled."""
    async with bench() as at, at.edge():
        for number in range(200):
            if number == 100:
                await at.slack.disconnect("refresh_requested", number=1)
            title = f"[FIRING:1] HighCPU cluster-{number % 10}"
            at.slack.post_as_bot(ALERT_CHANNEL, {"text": "", "attachments": [{"title": title}]})
            await asyncio.sleep(0)
        await at.settled()
        one_a_group_and_that_it_floods = 11
        await at.slack.wait_for(lambda _: len(at.outbox.stands) == one_a_group_and_that_it_floods)
        assert len(at.inbox.items) == 200
        assert len(at.talk.alerts) == 10
        assert sum(each.repeats for each in at.investigations.open_ones.values()) == 200


async def test_sockets_tell_how_they_are_and_come_back() -> None:
    """Two sockets; after both are cut, questions are answered again."""
    async with bench() as at, at.edge() as edge:
        state = await edge.state()
        assert (state.connected, state.total) == (2, 2)
        await at.slack.disconnect(cut="close")
        ts = at.slack.say(APPROVER, ALERT_CHANNEL, "@당직 상태?")
        await at.reply(ALERT_CHANNEL, ts, "heard")


async def test_a_card_posted_by_a_process_that_died_is_found_again() -> None:
    """Its ts was not stored; the thread holds it under its proposal's id."""
    async with bench() as at:
        async with at.edge():
            card = await at.card()
        outbox = MemoryOutbox()
        at.inbox.outbox = at.outbox = outbox
        at.desk = MemoryDesk(proposal(thread_ts=card.root), outbox, APPROVER)
        await at.desk.post_card()
        await outbox.due()
        outbox.reclaim()
        async with at.edge():
            await outbox.changed.wait()
        assert list(outbox.stands.values()) == [card.ts]
        assert len(at.calls("chat.postMessage")) == 1
