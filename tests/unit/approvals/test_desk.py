"""The life of a kill: card, decision, call, proof."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.approvals.model import Timers
from bot.domain.applications import ApplicationState
from bot.domain.proposals import ProposalState, TargetState
from bot.errors import NotAllowedError, ProposalRefusedError, TooLateError
from bot.storage.audit import Audit
from tests.reliability.bench import POLICY, Bench
from tests.reliability.platform import application


def test_an_approved_kill_is_called_once_and_proved(bench: Bench) -> None:
    """One click, one call, and CPU before and after."""
    card = bench.card()
    done = bench.approve(card)
    assert done.state is ProposalState.DONE
    assert [target.state for target in done.targets] == [TargetState.SUCCEEDED]
    assert len(bench.platform.calls) == 1
    assert bench.platform.calls[0].reason == f"approved by U1, proposal {card.id}"
    assert (done.cpu_before, done.cpu_after) == (95.0, 40.0)
    assert [(post.view, post.replaces_ts) for post in bench.posted()] == [
        ("card", f"ts-{card.id}"),
        ("proof", None),
    ]


def test_the_effect_is_measured_once_a_takeover_is_over(bench: Bench) -> None:
    """Until its nodes are back a ResourceManager cannot tell them to end what was killed."""
    card = bench.card()
    bench.platform.whole_at = bench.time.ticks + 45
    assert bench.approve(card).cpu_after == 40.0


def test_the_trail_tells_the_whole_story(bench: Bench) -> None:
    """Who asked, what was shown, who decided, what was called, what was proved."""
    card = bench.card()
    done = bench.approve(card)
    audit = Audit(bench.database)
    trail = bench.do(audit.trail(card.id))
    assert [(each.event, each.actor) for each in trail] == [
        ("proposed", "U1"),
        ("approved", "U1"),
        ("taken", "bot"),
        ("calling", "bot"),
        ("accepted", "bot"),
        ("succeeded", "bot"),
        ("watched", "bot"),
        ("watch_over", "bot"),
    ]
    assert trail[0].detail["targets"][0]["id"] == card.targets[0].ref.id
    assert trail[-1].head == done.audit_head
    assert bench.do(audit.verify([card.audit_head, done.audit_head])).sound


def test_a_repeated_request_makes_no_second_card(bench: Bench) -> None:
    """The same turn again returns the stored proposal."""
    found = bench.platform.put(application(1))
    request = bench.request(found)
    first = bench.do(bench.desk.propose(request))
    bench.platform.applications.clear()
    assert bench.do(bench.desk.propose(request)) == first


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "gone"),
        ({"name": "other"}, "changed"),
        ({"attempt": 2}, "changed"),
        ({"state": ApplicationState.FINISHED}, "gone"),
    ],
)
def test_what_is_not_there_as_listed_gets_no_card(
    bench: Bench, change: dict[str, object], code: str
) -> None:
    """A card is made of what is there now, or not at all."""
    found = application(1)
    if change:
        bench.platform.put(replace(found, **change))  # type: ignore[arg-type]
    with pytest.raises(ProposalRefusedError, match=code):
        bench.do(bench.desk.propose(bench.request(found)))


def test_a_cluster_that_does_not_answer_gets_no_card(bench: Bench) -> None:
    """No identity, no proposal."""
    found = bench.platform.put(application(1))
    bench.platform.down = True
    with pytest.raises(ProposalRefusedError, match="unreachable"):
        bench.do(bench.desk.propose(bench.request(found)))


def test_no_card_for_nothing_or_for_the_same_twice(bench: Bench) -> None:
    """A proposal names each application once."""
    found = bench.platform.put(application(1))
    for targets in ((), (found, found)):
        with pytest.raises(ProposalRefusedError, match="bad_targets"):
            bench.do(bench.desk.propose(bench.request(*targets)))


def test_a_new_kill_in_the_thread_replaces_the_open_card(bench: Bench) -> None:
    """The old card can no longer be approved."""
    old = bench.card(1, thread_ts="9.0")
    new = bench.card(1, 2, thread_ts="9.0")
    assert bench.stored(old.id).state is ProposalState.CANCELLED
    with pytest.raises(TooLateError, match="cancelled"):
        bench.press(old)
    in_thread = bench.do(bench.desk.in_thread("C1", "9.0"))
    assert [each.id for each in in_thread] == [new.id, old.id]
    assert bench.approve(new).state is ProposalState.DONE


def test_one_open_card_per_application_and_three_per_channel(bench: Bench) -> None:
    """People are not flooded with cards, and no application has two."""
    bench.card(1)
    with pytest.raises(ProposalRefusedError, match="target_open"):
        bench.card(1)
    bench.card(2)
    bench.card(3)
    with pytest.raises(ProposalRefusedError, match="channel_full"):
        bench.card(4)
    assert bench.card(4, channel="C2").state is ProposalState.PENDING
    bench.later(minutes=16)
    assert bench.card(1).state is ProposalState.PENDING


def test_a_partial_failure_is_told_per_target(bench: Bench) -> None:
    """What changed is left alone, the others are killed, and a retry needs a new card."""
    card = bench.card(1, 2, 3)
    bench.platform.end(card.targets[0].ref, ApplicationState.FINISHED)
    bench.platform.put(replace(application(2), attempt=2))
    done = bench.approve(card)
    assert [(target.state, target.reason) for target in done.targets] == [
        (TargetState.GONE, "finished"),
        (TargetState.ABORTED, "changed"),
        (TargetState.SUCCEEDED, "killed"),
    ]
    assert [call.ref for call in bench.platform.calls] == [card.targets[2].ref]


@pytest.mark.parametrize(
    ("how", "state", "reason"),
    [
        ("lost answer", TargetState.SUCCEEDED, "killed"),
        ("lost request", TargetState.NEEDS_HUMAN, "still_running"),
        ("silent", TargetState.NEEDS_HUMAN, "still_running"),
        ("late", TargetState.SUCCEEDED, "killed"),
        ("no", TargetState.REJECTED, "refused"),
    ],
)
def test_an_unclear_answer_is_read_never_repeated(
    bench: Bench, how: str, state: TargetState, reason: str
) -> None:
    """What the request came to is read off the cluster; there is one request in any case."""
    bench.platform.choose = lambda _: how
    done = bench.approve(bench.card())
    assert [(target.state, target.reason) for target in done.targets] == [(state, reason)]
    assert len(bench.platform.calls) == 1


def test_a_cluster_lost_after_the_call_ends_with_a_person(bench: Bench) -> None:
    """After half an hour without an answer somebody has to look."""
    card = bench.card()
    bench.platform.on_call = lambda _: setattr(bench.platform, "down", True)
    done = bench.approve(card)
    assert done.targets[0].reason == "unreachable"
    assert bench.time.ticks >= Timers().unreachable.total_seconds()


def test_a_cluster_lost_before_the_call_ends_without_one(bench: Bench) -> None:
    """No fresh identity, no kill."""
    card = bench.card()
    bench.platform.down = True
    done = bench.approve(card)
    assert (done.targets[0].state, done.targets[0].reason) == (TargetState.ABORTED, "unreachable")
    assert bench.platform.calls == []


def test_the_same_job_under_a_new_id_is_noticed_once(bench: Bench) -> None:
    """A scheduler may resubmit; the thread hears of it, and nothing is killed by itself."""
    card = bench.card()

    def resubmit(_: object) -> None:
        again = replace(application(1, bench.time.wall), ref=application(77).ref)
        bench.platform.put(again)

    bench.platform.on_call = resubmit
    done = bench.approve(card)
    assert done.relaunched == (application(77).ref.id,)
    assert [post.view for post in bench.posted()].count("relaunch") == 1
    assert len(bench.platform.calls) == 1


def test_a_requester_may_withdraw_and_others_may_not(bench: Bench) -> None:
    """Cancelling is for who asked and for approvers."""
    card = bench.card(requester="U9")
    with pytest.raises(NotAllowedError, match="not_requester"):
        bench.do(bench.desk.withdraw(card.id, "U8"))
    cancelled = bench.do(bench.desk.withdraw(card.id, "U9"))
    assert cancelled is not None
    assert cancelled.state is ProposalState.CANCELLED
    assert bench.do(bench.desk.withdraw(card.id, "U9")) is None
    other = bench.card(2, requester="U9")
    assert bench.press(other, "U9", approve=False).state is ProposalState.CANCELLED


def test_two_must_approve_when_the_policy_says_so(bench: Bench) -> None:
    """The same person twice is one person."""
    bench.desk = bench.make_desk(replace(POLICY, approvals_required=2))
    card = bench.card()
    assert bench.press(card).state is ProposalState.PENDING
    with pytest.raises(TooLateError, match="already_voted"):
        bench.press(card)
    assert bench.press(card, "U2").state is ProposalState.CLAIMED


def test_the_same_click_again_is_no_second_answer(bench: Bench) -> None:
    """A click whose work was interrupted is worked on again without a refusal."""
    card = bench.card()
    click = bench.click(card)
    assert bench.do(bench.desk.decide(click)).state is ProposalState.CLAIMED
    assert bench.do(bench.desk.decide(click)).state is ProposalState.CLAIMED


def test_one_rejection_ends_it(bench: Bench) -> None:
    """An approver's no outweighs approvals still being collected."""
    bench.desk = bench.make_desk(replace(POLICY, approvals_required=2))
    card = bench.card()
    bench.press(card)
    assert bench.press(card, "U2", approve=False).state is ProposalState.DENIED
    with pytest.raises(TooLateError, match="denied"):
        bench.press(card, "U3")


def test_an_interrupted_call_is_looked_into_never_repeated(bench: Bench) -> None:
    """Whoever takes over a call that may have been sent only reads."""
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    while not bench.platform.calls:
        work.send(None)
    work.close()
    assert bench.do(bench.desk.carry_out(card.id)) is None
    bench.later(seconds=31)
    assert bench.do(bench.desk.sweep()) == (card.id,)
    done = bench.do(bench.desk.carry_out(card.id))
    assert done is not None
    assert done.targets[0].state is TargetState.SUCCEEDED
    assert len(bench.platform.calls) == 1


def test_a_process_stopped_before_the_call_sends_nothing_late(bench: Bench) -> None:
    """Six seconds between reading the identity and the call are too many."""
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    while "found" not in str(work.send(None)):
        pass
    bench.later(seconds=6)
    done = bench.do(work)
    assert done is not None
    assert (done.targets[0].state, done.targets[0].reason) == (TargetState.ABORTED, "paused")
    assert bench.platform.calls == []


def test_a_record_that_differs_from_the_card_is_not_carried_out(bench: Bench) -> None:
    """The stored targets must still have the digest that was shown."""
    card = bench.card()
    bench.press(card)
    bench.database.run(
        lambda c: c.exec_driver_sql(
            "UPDATE targets SET snapshot = replace(snapshot, 'job-1', 'job-2')"
        )
    )
    bench.platform.put(replace(application(1), name="job-2"))
    done = bench.do(bench.desk.carry_out(card.id))
    assert done is not None
    assert done.targets[0].reason == "damaged"
    assert bench.platform.calls == []


def test_deadline_after_the_approval(bench: Bench) -> None:
    """What was approved two minutes ago and not begun is not begun any more."""
    card = bench.card()
    bench.press(card)
    bench.later(seconds=121)
    (due,) = bench.do(bench.desk.sweep())
    done = bench.do(bench.desk.carry_out(due))
    assert done is not None
    assert done.targets[0].reason == "deadline"
    assert bench.platform.calls == []


def test_an_orderly_stop_lets_another_go_on_at_once(bench: Bench) -> None:
    """A lease is given back, so the next replica need not wait for its end."""
    card = bench.card()
    bench.press(card)
    work = bench.desk.carry_out(card.id)
    while "find" not in str(work.send(None)):
        pass
    work.throw(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        bench.do(work)
    assert bench.do(bench.desk.sweep()) == (card.id,)
    bench.later(seconds=1)
    assert timedelta(seconds=bench.time.ticks) < Timers().lease
    assert bench.do(bench.desk.carry_out(card.id)) is not None


def test_a_card_like_the_open_one_is_refused_as_nothing_new(bench: Bench) -> None:
    """Whatever the order of its targets; the open card stands."""
    old = bench.card(1, 2, thread_ts="9.0")
    with pytest.raises(ProposalRefusedError, match="unchanged"):
        bench.card(2, 1, thread_ts="9.0")
    assert bench.stored(old.id).state is ProposalState.PENDING


def test_only_the_asker_or_an_approver_replaces_a_card(bench: Bench) -> None:
    """Else both stand; the card that goes says who replaced it, and why."""
    old = bench.card(1, thread_ts="9.0", requester="U1")
    other = bench.card(2, thread_ts="9.0", requester="U9")
    assert bench.stored(old.id).state is ProposalState.PENDING
    mine = bench.card(3, thread_ts="9.0", requester="U9")
    assert bench.stored(other.id).state is ProposalState.CANCELLED
    assert bench.stored(old.id).state is ProposalState.PENDING
    bench.card(4, thread_ts="9.0", requester="U2")
    gone = bench.stored(mine.id)
    assert (gone.ended_why, gone.ended_by) == ("superseded", "U2")


def test_an_approver_s_request_outranks_a_card_elsewhere(bench: Bench) -> None:
    """But not another approver's, unless it is moved; and nobody else's request does."""
    theirs = bench.card(1, requester="U9")
    with pytest.raises(ProposalRefusedError, match="target_open"):
        bench.card(1, requester="U8")
    mine = bench.card(1, requester="U1")
    assert bench.stored(theirs.id).ended_why == "outranked"
    with pytest.raises(ProposalRefusedError, match="target_open"):
        bench.card(1, requester="U2")
    with pytest.raises(ProposalRefusedError, match="target_open"):
        bench.card(1, requester="U9", moving=mine.id)
    moved = bench.card(1, requester="U2", moving=mine.id)
    assert moved.state is ProposalState.PENDING
    assert bench.stored(mine.id).ended_why == "moved"


def test_the_list_s_numbers_stay_with_the_targets(bench: Bench) -> None:
    """They are no part of what is approved: the digest is of the application's own identity."""
    card = bench.card(1)
    request = bench.request(bench.platform.put(application(2)), thread_ts="8.0")
    ranked = replace(request, targets=tuple(replace(each, rank=4) for each in request.targets))
    stored = bench.do(bench.desk.propose(ranked))
    assert [target.rank for target in bench.stored(stored.id).targets] == [4]
    assert card.targets[0].rank is None
