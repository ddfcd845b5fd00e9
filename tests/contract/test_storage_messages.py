"""Inbox, outbox, investigations, runs and the freeze switch, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.alerts import Alert, AlertStatus, Identity, Metric
from bot.domain.posts import InboxItem, Incoming, Post
from bot.errors import StorageError
from bot.storage.audit import Audit, SqlFreeze
from bot.storage.clock import Lease, forget_leases
from bot.storage.database import Database
from bot.storage.investigations import SqlInvestigations
from bot.storage.messages import PER_LINE, SqlInbox, SqlOutbox
from bot.storage.records import SqlRuns
from bot.storage.tables import threads

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, time: timedelta) -> None:
        self.time += time


def item(key: str, minute: int = 0) -> InboxItem:
    payload: dict[str, Any] = {"text": "나쁜 \ud800 \x00 글자", "n": minute}
    return InboxItem(key, Incoming.EVENT, payload, START + minute * MINUTE)


def post(id_: str, channel: str = "C1") -> Post:
    return Post(id_, channel, "1.0", f"text of {id_}", ({"type": "divider"},))


def alert(ts: str, key: str = "HighCpu") -> Alert:
    return Alert(key, AlertStatus.FIRING, "CPU", "CPU 98%", "C1", ts, ts, START)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def inbox(database: Database, hand: Hand) -> SqlInbox:
    return SqlInbox(database, hand, Lease("a"))


@pytest.fixture
def outbox(database: Database, hand: Hand) -> SqlOutbox:
    return SqlOutbox(database, hand, Lease("a"))


async def test_a_delivery_is_stored_once_with_every_character(inbox: SqlInbox) -> None:
    """A redelivery has no second effect; lone surrogates and NUL come back as they came."""
    assert await inbox.put(item("k1"))
    assert not await inbox.put(item("k1", 5))
    taken = await inbox.claim("k1")
    assert taken == replace(item("k1"), tries=1)


async def test_an_item_is_held_by_one_and_retaken_after_its_lease(
    database: Database, hand: Hand, inbox: SqlInbox
) -> None:
    """A crashed replica's items go to another, which sees how often work began."""
    other = SqlInbox(database, hand, Lease("b"))
    await inbox.put(item("k1"))
    assert await inbox.claim("k1")
    assert await other.claim("k1") is None
    assert await other.waiting() == ()
    hand.pass_(MINUTE * 2)
    assert [each.tries for each in await other.waiting()] == [2]
    await other.finish("k1")
    hand.pass_(MINUTE * 2)
    assert await inbox.waiting() == ()
    assert await inbox.claim("k1") is None


async def test_what_is_renewed_stays_with_its_holder_and_nothing_else_does(
    database: Database, hand: Hand, inbox: SqlInbox
) -> None:
    """One that was paused for longer than its lease does not take back what went to another."""
    other = SqlInbox(database, hand, Lease("b"))
    for key in ("k1", "k2"):
        await inbox.put(item(key))
        assert await inbox.claim(key)
    hand.pass_(MINUTE / 2)
    await inbox.renew(["k1"])
    hand.pass_(MINUTE / 2)
    assert [each.key for each in await other.waiting()] == ["k2"]
    hand.pass_(MINUTE / 2)
    await inbox.renew(["k2"])
    assert [each.key for each in await inbox.waiting()] == ["k1"]
    hand.pass_(MINUTE / 2)
    assert [each.key for each in await inbox.waiting()] == ["k2"]


async def test_what_kills_its_process_again_and_again_is_still_handed_out(
    hand: Hand, inbox: SqlInbox
) -> None:
    """Whoever takes it sees how often, and answers with an apology instead of another try."""
    await inbox.put(item("k1"))
    for tries in range(1, 9):
        assert [each.tries for each in await inbox.waiting()] == [tries]
        hand.pass_(MINUTE * 2)


async def test_what_was_done_long_ago_is_forgotten_and_what_waits_is_not(
    hand: Hand, inbox: SqlInbox
) -> None:
    """A week after its end."""
    await inbox.put(item("k1"))
    await inbox.put(item("k2"))
    await inbox.finish("k1")
    hand.pass_(timedelta(days=8))
    assert await inbox.prune(timedelta(days=7)) == 1
    assert [each.key for each in await inbox.waiting()] == ["k2"]


async def test_finishing_queues_the_posts_in_the_same_step(
    inbox: SqlInbox, outbox: SqlOutbox
) -> None:
    """Work done twice leaves its posts once."""
    await inbox.put(item("k1"))
    for _ in range(2):
        await inbox.finish("k1", (post("p1"), post("p2")))
    assert [each.id for each in await outbox.due()] == ["p1", "p2"]


async def test_posts_keep_their_order_within_a_channel(hand: Hand, outbox: SqlOutbox) -> None:
    """A post that waits for its retry holds back those behind it, but no other channel."""
    await outbox.add([post("a1"), post("b1", "C2"), post("a2")])
    due = await outbox.due()
    assert [each.id for each in due] == ["a1", "b1", "a2"]
    assert due[0] == replace(post("a1"), tries=1)
    await outbox.failed(due[0], hand() + MINUTE, "ratelimited")
    await outbox.failed(due[2], hand(), "not tried")
    await outbox.sent(due[1], "2.0")
    await outbox.add([post("b2", "C2")])
    assert [each.id for each in await outbox.due()] == ["b2"]
    hand.pass_(MINUTE)
    assert [(each.id, each.tries) for each in await outbox.due()] == [("a1", 2), ("a2", 2)]


async def test_a_sender_that_died_is_followed_by_another(
    database: Database, hand: Hand, outbox: SqlOutbox
) -> None:
    """What was claimed and never reported goes to another replica, not twice to the same."""
    other = SqlOutbox(database, hand, Lease("b"))
    await outbox.add([post("a1")])
    assert len(await outbox.due()) == 1
    hand.pass_(MINUTE)
    assert await outbox.due() == ()
    assert [each.tries for each in await other.due()] == [2]


async def test_a_post_given_up_frees_the_line(outbox: SqlOutbox) -> None:
    """With no time to retry, the post is out of the way."""
    await outbox.add([post("a1"), post("a2")])
    first, second = await outbox.due()
    await outbox.failed(first, None, "channel_not_found")
    await outbox.sent(second, "1.2")
    assert await outbox.due() == ()


async def test_the_post_that_stands_is_the_one_asked_for(outbox: SqlOutbox) -> None:
    """Where it stands is what an edit needs; of one that waits nothing is known yet."""
    await outbox.add([post("a1"), post("a2")])
    first, second = await outbox.due()
    await outbox.sent(first, "1.1")
    await outbox.sent(second, "1.2")
    await outbox.add([post("a3")])
    stands = await outbox.standing("a2")
    assert stands
    assert (stands.id, stands.replaces_ts) == ("a2", "1.2")
    assert await outbox.standing("a3") is None


async def test_where_a_card_was_found_is_kept_although_its_sender_never_said(
    outbox: SqlOutbox,
) -> None:
    """It is edited there from then on; where it was known to stand is not changed."""
    await outbox.add([replace(post("card:p1"), proposal_id="p1", view="card")])
    for ts in ("9.1", "9.2"):
        await outbox.card_stands("p1", ts)
    stands = await outbox.standing("card:p1")
    assert stands
    assert stands.replaces_ts == "9.1"


async def test_what_waits_keeps_its_place_when_it_changes_and_an_edit_goes_to_the_end(
    outbox: SqlOutbox,
) -> None:
    """A thread reads in the order in which things were said."""
    draft = replace(post("d1"), draft=True)
    await outbox.add([draft, post("a1")])
    await outbox.add([post("d1")])
    first, second = await outbox.due()
    assert [first.id, second.id] == ["d1", "a1"]
    await outbox.sent(first, "1.1")
    await outbox.sent(second, "1.2")
    await outbox.add([replace(draft, id="d2")])
    (standing,) = await outbox.due()
    await outbox.sent(standing, "1.3")
    await outbox.add([post("a2")])
    await outbox.add([post("d2")])
    assert [each.id for each in await outbox.due()] == ["a2", "d2"]


async def test_a_first_reply_given_up_is_owed_until_it_is_too_old(
    hand: Hand, outbox: SqlOutbox
) -> None:
    """A channel may take posts again; of what was given up, people still need that one alone."""
    reply = replace(
        post("i1"), event_type="alert_investigation", event_payload={"status": "firing"}
    )
    await outbox.add([reply, post("a1")])
    for each in await outbox.due():
        await outbox.failed(each, hand() + MINUTE, "ratelimited")
    assert not await outbox.revive_first_replies(2 * MINUTE)
    hand.pass_(MINUTE)
    for each in await outbox.due():
        await outbox.failed(each, None, "not_in_channel")
    assert await outbox.due() == ()
    assert await outbox.revive_first_replies(2 * MINUTE)
    (owed,) = await outbox.due()
    assert owed.id == "i1"
    await outbox.failed(owed, None, "not_in_channel")
    hand.pass_(3 * MINUTE)
    assert not await outbox.revive_first_replies(2 * MINUTE)


async def test_a_post_that_arrived_brings_the_first_replies_its_channel_is_owed(
    outbox: SqlOutbox,
) -> None:
    """And those of no other channel, which may still refuse them."""
    reply = replace(
        post("i1"), event_type="alert_investigation", event_payload={"status": "firing"}
    )
    await outbox.add([reply, replace(reply, id="i2", channel="C2")])
    for each in await outbox.due():
        await outbox.failed(each, None, "not_in_channel")
    await outbox.add([post("a1")])
    (arrived,) = await outbox.due()
    await outbox.sent(arrived, "1.1")
    assert [each.id for each in await outbox.due()] == ["i1"]


async def test_a_late_word_of_a_stopped_sender_shows_that_card_again_and_no_other(
    database: Database, hand: Hand, outbox: SqlOutbox
) -> None:
    """It may have put older content over that one."""
    stopped = SqlOutbox(database, hand, Lease("b"))
    cards = [replace(post(f"card:{name}"), proposal_id=name, view="card") for name in ("p1", "p2")]
    await stopped.add(cards)
    late, other = await stopped.due()
    hand.pass_(MINUTE)
    for each in await outbox.due():
        await outbox.sent(each, "1.1")
    assert await outbox.due() == ()
    await stopped.sent(late, "1.1")
    assert [each.id for each in await outbox.due()] == [late.id]
    assert other.id != late.id


async def test_two_senders_never_hold_one_post(
    database: Database, hand: Hand, outbox: SqlOutbox
) -> None:
    """At most 4 per channel are taken at once, and the rest waits behind them."""
    other = SqlOutbox(database, hand, Lease("b"))
    await outbox.add([post(f"a{number}") for number in range(6)])
    first, second = await asyncio.gather(outbox.due(), other.due())
    taken = [each.id for each in (*first, *second)]
    assert taken == [f"a{number}" for number in range(PER_LINE)]


async def test_an_answer_to_a_person_goes_before_a_thousand_alerts(outbox: SqlOutbox) -> None:
    """What is said under alerts by itself goes behind all that somebody asked for, in order."""
    reply = replace(post("x"), event_type="alert_investigation")
    await outbox.add([replace(reply, id=f"r{number}") for number in range(300)])
    taken = [each.id for each in await outbox.due()]
    assert taken == [f"r{number}" for number in range(PER_LINE)]
    await outbox.add([post("a1"), replace(reply, id="r300"), post("a2")])
    assert [each.id for each in await outbox.due()] == ["a1", "a2"]


async def test_what_one_person_alone_sees_waits_for_no_channel(
    database: Database, hand: Hand, outbox: SqlOutbox
) -> None:
    """Neither behind a full line, nor behind one that Slack asked to wait for."""
    other = SqlOutbox(database, hand, Lease("b"))
    await outbox.add([post(f"a{number}") for number in range(9)])
    (first, *_) = await outbox.due()
    await outbox.failed(first, hand() + MINUTE, "ratelimited")
    await other.add([replace(post("whisper"), ephemeral_to="U1")])
    assert [each.id for each in await other.due()] == ["whisper"]


async def test_a_dead_senders_post_holds_up_no_channel(
    database: Database, hand: Hand, outbox: SqlOutbox
) -> None:
    """A moment long it keeps the channel in order; then only itself, until its lease is over."""
    lease = timedelta(seconds=15)
    dead = SqlOutbox(database, hand, Lease("b", lease))
    outbox = SqlOutbox(database, hand, Lease("a", lease))
    await dead.add([post("a1")])
    assert [each.id for each in await dead.due()] == ["a1"]
    await outbox.add([post("a2")])
    assert await outbox.due() == ()
    hand.pass_(timedelta(seconds=6))
    (second,) = await outbox.due()
    assert second.id == "a2"
    await outbox.sent(second, "2.0")
    hand.pass_(timedelta(seconds=9))
    assert [(each.id, each.tries) for each in await outbox.due()] == [("a1", 2)]


async def test_a_lease_of_a_clock_set_back_since_ends_at_once(
    database: Database, hand: Hand, inbox: SqlInbox, outbox: SqlOutbox
) -> None:
    """An hour of waiting for nobody would be an hour without an answer."""
    await inbox.put(item("k1"))
    await outbox.add([post("a1")])
    assert await inbox.claim("k1")
    assert await outbox.due()
    hand.pass_(-timedelta(hours=1))
    assert await SqlInbox(database, hand, Lease("b")).claim("k1")
    assert [each.id for each in await SqlOutbox(database, hand, Lease("b")).due()] == ["a1"]


async def test_old_posts_are_forgotten(hand: Hand, outbox: SqlOutbox) -> None:
    """Sent posts do not pile up."""
    await outbox.add([post("a1")])
    (due,) = await outbox.due()
    await outbox.sent(due, "1.2")
    hand.pass_(timedelta(days=8))
    assert await outbox.prune(timedelta(days=7)) == 1


async def test_an_alert_group_has_one_open_investigation(database: Database, hand: Hand) -> None:
    """Repeats are counted once each; the post that opened it finds it again as its own."""
    kept = SqlInvestigations(database, hand)
    opened = [await kept.open(alert(ts)) for ts in ("1.0", "1.0", "2.0", "2.0", "3.0")]
    assert [each.new for each in opened] == [True, True, False, False, False]
    assert [each.investigation.repeats for each in opened] == [1, 1, 2, 2, 3]
    assert len({each.investigation.id for each in opened}) == 1
    for _ in range(2):
        closed = await kept.close(alert("4.0"))
        assert closed is not None
        assert closed.closed_at == START
    assert await kept.close(alert("5.0")) is None
    again = await kept.open(alert("6.0"))
    assert again.new
    assert again.investigation.id != opened[0].investigation.id


async def test_investigations_opened_together_are_one(database: Database, hand: Hand) -> None:
    """Twenty posts of one group at once: one new, nineteen repeats."""
    kept = SqlInvestigations(database, hand)
    opened = await asyncio.gather(*(kept.open(alert(f"{n}.0")) for n in range(20)))
    assert sum(each.new for each in opened) == 1
    assert max(each.investigation.repeats for each in opened) == 20


async def test_a_repeat_after_a_silence_is_told_as_such_and_may_open_another(
    database: Database, hand: Hand
) -> None:
    """How long nothing was heard stays the answer for the same post; `anew` closes the old one."""
    kept = SqlInvestigations(database, hand)
    first = await kept.open(alert("1.0"), "first")
    late = replace(alert("2.0"), posted_at=START + timedelta(hours=13))
    for _ in range(2):
        heard = await kept.open(late)
        assert (heard.new, heard.quiet) == (False, timedelta(hours=13))
        assert heard.investigation.reply == "first"
    anew = await kept.open(late, "second", anew=True)
    assert anew.new
    assert (await kept.open(late, "second", anew=True)).investigation == anew.investigation
    assert anew.investigation.id != first.investigation.id


async def test_an_end_that_says_it_otherwise_finds_its_alert(
    database: Database, hand: Hand
) -> None:
    """The best fit of the same sender; what fits two equally well ends none of them."""
    kept = SqlInvestigations(database, hand)
    cpu = Identity("kibana", "cpu usage", hosts=("node-3",), metric=Metric.CPU)
    await kept.open(replace(alert("1.0", "a"), identity=cpu))
    other = replace(cpu, hosts=("node-4",))
    assert (await kept.open(replace(alert("2.0", "b"), identity=other))).new
    vague = replace(alert("3.0", "c"), status=AlertStatus.RESOLVED, identity=Identity("kibana"))
    assert await kept.close(vague) is None
    end = replace(vague, identity=Identity("kibana", hosts=("node-4",)), ts="4.0")
    closed = await kept.close(end)
    assert closed is not None
    assert closed.alert_key == "b"


async def test_an_end_of_one_host_leaves_the_others_open(database: Database, hand: Hand) -> None:
    """Of two hosts that one post named, the end of each ends its part."""
    kept = SqlInvestigations(database, hand)
    both = Identity("am", "cpu", hosts=("node-3", "node-4"))
    await kept.open(replace(alert("1.0"), identity=both))
    for ts, host in (("2.0", "node-3"), ("3.0", "node-4")):
        end = replace(alert(ts), status=AlertStatus.RESOLVED, identity=replace(both, hosts=(host,)))
        assert (await kept.close(end) is not None) is (host == "node-4")


async def test_threads_joined_are_remembered(database: Database, hand: Hand) -> None:
    """Joining twice is joining."""
    kept = SqlInvestigations(database, hand)
    assert not await kept.joined("C1", "1.0")
    await kept.join("C1", "1.0")
    await kept.join("C1", "1.0")
    assert await kept.joined("C1", "1.0")


async def test_threads_joined_long_ago_are_forgotten(database: Database, hand: Hand) -> None:
    """A mention joins one again."""
    kept = SqlInvestigations(database, hand)
    await kept.join("C1", "1.0")
    hand.pass_(timedelta(days=91))
    await kept.join("C1", "2.0")
    assert await kept.prune(timedelta(days=90)) == 1
    assert not await kept.joined("C1", "1.0")
    assert await kept.joined("C1", "2.0")


async def test_a_slot_is_run_once_by_whoever_comes_first(database: Database, hand: Hand) -> None:
    """A dead or failed holder's slot is taken again, a done one never."""
    runs = [SqlRuns(database, hand, Lease(owner)) for owner in ("a", "b")]
    assert sorted(await asyncio.gather(*(each.claim("digest", "s1") for each in runs))) == [
        False,
        True,
    ]
    hand.pass_(MINUTE * 2)
    assert await runs[1].claim("digest", "s1")
    await runs[1].failed("digest", "s1")
    assert await runs[0].claim("digest", "s1")
    await runs[0].done("digest", "s1")
    hand.pass_(MINUTE * 2)
    assert not await runs[1].claim("digest", "s1")


async def test_the_freeze_switch_is_kept_and_audited(database: Database, hand: Hand) -> None:
    """Turning it twice is turning it once; the trail says who did."""
    freeze = SqlFreeze(database, hand)
    assert not await freeze.on()
    assert await freeze.turn(on=True, actor="operator")
    assert not await freeze.turn(on=True, actor="operator")
    assert await freeze.on()
    assert await freeze.turn(on=False, actor="operator")
    trail = await Audit(database).trail()
    assert [(each.event, each.actor) for each in trail] == [
        ("freeze_on", "operator"),
        ("freeze_off", "operator"),
    ]


async def test_one_unit_of_work_that_fails_leaves_the_others(database: Database) -> None:
    """Units share a commit on SQLite, not a fate."""

    def insert(ts: str) -> Any:
        row = {"channel": "C1", "thread_ts": ts, "joined_at": START}
        return database.transact(lambda c: c.execute(sa.insert(threads).values(**row)).rowcount)

    outcomes = await asyncio.gather(
        insert("1"), insert("2"), insert("1"), insert("3"), return_exceptions=True
    )
    assert sum(isinstance(each, StorageError) for each in outcomes) == 1
    count = sa.select(sa.func.count()).select_from(threads)
    assert await database.read(lambda c: c.scalar(count)) == 3


async def test_after_a_restart_a_lone_process_takes_its_work_at_once(
    database: Database, hand: Hand, inbox: SqlInbox
) -> None:
    """On SQLite the dead process was the only one; on PostgreSQL its lease has to end."""
    await inbox.put(item("k1"))
    await inbox.claim("k1")
    await forget_leases(database)
    retaken = await SqlInbox(database, hand, Lease("b")).claim("k1")
    assert (retaken is None) == database.shared


async def test_a_draft_is_replaced_once_by_what_it_was_a_draft_of(
    hand: Hand, inbox: SqlInbox, outbox: SqlOutbox
) -> None:
    """Before it was sent, while it is sent, or after: then by an edit. Nothing replaces an answer."""
    await inbox.put(item("k1"))
    draft, whole = replace(post("p1"), draft=True), replace(post("p1"), text="whole")
    await outbox.add([draft, replace(draft, text="another draft")])
    (claimed,) = await outbox.due()
    assert (claimed.draft, claimed.text) == (True, draft.text)
    await inbox.finish("k1", [whole])
    await outbox.sent(claimed, "1.5")
    (again,) = await outbox.due()
    assert (again.text, again.draft, again.replaces_ts) == ("whole", False, "1.5")
    await outbox.sent(again, "1.5")
    await outbox.add([draft, replace(whole, text="something else")])
    assert await outbox.due() == ()
    await outbox.add([replace(draft, id="p2")])
    await outbox.add([replace(whole, id="p2")])
    (only,) = await outbox.due()
    assert (only.text, only.draft, only.replaces_ts) == ("whole", False, None)
