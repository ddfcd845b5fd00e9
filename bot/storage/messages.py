"""Messages in and out, each a row: an inbox and an outbox that outlive the process.

A delivery is a row before it is acknowledged, and stays until it is done; a post waits, in order
within its channel, however often Slack fails.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.approvals.model import View
from bot.domain.alerts import AlertStatus
from bot.domain.conversation import API
from bot.domain.posts import InboxItem, Incoming, Post
from bot.domain.proposals import Proposal
from bot.ports import Clock
from bot.storage.clock import RELEASED, Lease
from bot.storage.database import Database, Store, insert_once
from bot.storage.tables import EPOCH, cards, inbox, outbox

LATER = 2**48  # positions from here on: what nobody asked for goes behind all that somebody did


def queue(connection: Connection, post: Post, now: datetime) -> None:
    """Queue a post; one whose id is there already is left as it is, unless it is a draft."""
    row = _row(post, now)
    if insert_once(connection, outbox, row):
        return
    mine = outbox.c.id == post.id
    stored = connection.execute(sa.select(outbox.c.post).where(mine).with_for_update()).scalar()
    if stored and stored["draft"] and not post.draft:
        again = _due_again(now) | {"post": row["post"]}
        connection.execute(sa.update(outbox).where(mine).values(**again))


def queue_view(connection: Connection, proposal: Proposal, view: View, now: datetime) -> None:
    """Queue a view of a proposal, or make its row due again: one row, however many changes.

    What stands in the API alone has no view in Slack.
    """
    if proposal.channel.startswith(API):
        return
    post = Post(
        id=f"{view}:{proposal.id}",
        channel=proposal.channel,
        thread_ts=proposal.thread_ts,
        text="",
        blocks=(),
        event_type="kill_proposal",
        event_payload={"proposal_id": proposal.id},
        proposal_id=proposal.id,
        view=view,
    )
    again = sa.update(outbox).where(outbox.c.id == post.id).values(**_due_again(now))
    if connection.execute(again).rowcount == 0:
        queue(connection, post, now)


def _due_again(now: datetime) -> dict[str, Any]:
    return {
        "wanted": outbox.c.wanted + 1,
        "position": sa.case(
            (outbox.c.open == 1, outbox.c.position), else_=_position(pressing=True)
        ),
        "due_at": EPOCH,
        "open": 1,
        "changed_at": now,
    }


def post_of(row: Any, tries: int) -> Post:
    """Return the post of a row; what was posted once is edited from then on."""
    stored = row.post
    now = {"blocks": tuple(stored["blocks"]), "replaces_ts": row.ts or stored["replaces_ts"]}
    return Post(**stored | now | {"tries": tries})


def _row(post: Post, now: datetime) -> dict[str, Any]:
    return {
        "id": post.id,
        "channel": post.channel,
        "position": _position(pressing=post.pressing),
        "post": {field.name: getattr(post, field.name) for field in fields(Post)},
        "proposal_id": post.proposal_id,
        "wanted": 1,
        "sent": 0,
        "claimed": 0,
        "open": 1,
        "tries": 0,
        "due_at": EPOCH,  # at once, by anybody's clock
        "changed_at": now,
    }


def _position(*, pressing: bool) -> sa.ScalarSelect[int]:
    """Return the end of the line of those that cannot wait, or of those that can."""
    other = outbox.alias()
    mine = other.c.position < LATER if pressing else other.c.position >= LATER
    last = sa.func.coalesce(sa.func.max(other.c.position), 0 if pressing else LATER)
    return sa.select(last + 1).where(mine).scalar_subquery()


PER_LINE = 4  # at one post a second they are sent well within a lease
SENDING = timedelta(seconds=5)  # that long another replica's posts keep their channel in order
POSTS_AT_ONCE = 200


class SqlOutbox(Store):
    """The outbox in the database; see bot.ports.Outbox."""

    def __init__(self, database: Database, clock: Clock, lease: Lease) -> None:
        super().__init__(database, clock)
        self._lease = lease
        self._held: set[str] = set()  # claimed here and not reported: never claimed twice here

    async def add(self, posts: Sequence[Post]) -> None:
        """Queue posts; one whose id is there already is left as it is."""
        now = self._clock()

        def work(connection: Connection) -> None:
            for post in posts:
                queue(connection, post, now)

        await self._database.transact(work)

    async def due(self) -> tuple[Post, ...]:
        """Claim and return what is to be sent now, in order, at most 4 per line.

        A post behind one that waits for its retry, or that another is just sending, waits as well;
        one whose sender died holds up nobody else.
        """
        now = self._clock()
        if not await self._database.read(lambda c: c.scalar(_anything(self._lease, now))):
            return ()
        taken = await self._database.transact(lambda c: self._claim(c, now))
        self._held.update(post.id for post in taken)
        return taken

    async def sent(self, post: Post, ts: str) -> None:
        """Note that the post stands in Slack with this ts.

        What was asked for after it was claimed stays due. Each ts of a card is kept: a click on
        any of them is a click on this card.
        """
        now = self._clock()
        self._held.discard(post.id)
        await self._database.transact(lambda c: self._sent(c, post, ts, now))

    async def failed(self, post: Post, retry_at: datetime | None, reason: str) -> None:
        """Note a failure; with no `retry_at` it is given up and only the reason is kept."""
        self._held.discard(post.id)
        values: dict[str, Any] = {**RELEASED, "reason": reason, "changed_at": self._clock()}
        values |= {"open": 0} if retry_at is None else {"due_at": retry_at}
        if retry_at is None and first_reply(post):
            values["reason"] = {"owed": reason}
        await self._execute(sa.update(outbox).where(self._mine(post)).values(**values))

    async def revive(self, post_id: str) -> bool:
        """Send a post that was given up once more; False when it stands, waits, or is unknown."""
        return await self._execute(_revived((outbox.c.id == post_id) & _GIVEN_UP)) > 0

    async def revive_first_replies(self, within: timedelta) -> bool:
        """Send first replies given up within that time once more: a channel may work again."""
        owed = owed_rows() & (outbox.c.changed_at > self._clock() - within)
        if not await self._database.read(lambda c: c.scalar(sa.select(outbox.c.id).where(owed))):
            return False
        return await self._execute(_revived(owed)) > 0

    async def standing(self, post_id: str) -> Post | None:
        """Return a post that stands in Slack, with its ts as `replaces_ts`; None for any other."""
        query = sa.select(outbox).where(outbox.c.id == post_id, outbox.c.ts.is_not(None))
        row = await self._database.read(lambda c: c.execute(query).first())
        return post_of(row, 0) if row is not None else None

    async def card_stands(self, proposal_id: str, ts: str) -> None:
        """Note where a proposal's card stands, although its sender never said so."""

        def work(connection: Connection) -> None:
            insert_once(connection, cards, {"proposal_id": proposal_id, "ts": ts})
            card = outbox.c.id == f"card:{proposal_id}"
            known = sa.func.coalesce(outbox.c.ts, ts)
            connection.execute(sa.update(outbox).where(card).values(ts=known))

        await self._database.transact(work)

    async def prune(self, older_than: timedelta) -> int:
        """Forget posts sent that long ago, but not the views of proposals, which are edited."""
        old = (
            (outbox.c.open == 0)
            & (outbox.c.changed_at < self._clock() - older_than)
            & outbox.c.proposal_id.is_(None)
        )
        return await self._execute(sa.delete(outbox).where(old))

    def _claim(self, connection: Connection, now: datetime) -> tuple[Post, ...]:
        waiting = (
            sa.select(outbox, self._lease.free(outbox, now).label("free"))
            .where(outbox.c.open == 1)
            .order_by(outbox.c.position, outbox.c.id)
            .limit(POSTS_AT_ONCE)
        )
        # All waiting rows are locked in order, so replicas that claim together take turns.
        taken = self._first_free(connection.execute(waiting.with_for_update()).all(), now)
        values = {
            **self._lease.taken(now),
            "claimed": outbox.c.wanted,
            "tries": outbox.c.tries + 1,
        }
        if taken:
            ids = [row.id for row in taken]
            connection.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(**values))
        return tuple(post_of(row, row.tries + 1) for row in taken)

    def _first_free(self, waiting: Sequence[Any], now: datetime) -> list[Any]:
        """Return, per line, the rows before the first one that must wait."""
        taken: dict[str, list[Any]] = {}
        blocked: set[str] = set()
        for row in waiting:
            name = post_of(row, 0).line
            line = taken.setdefault(name, [])
            leased = row.id in self._held or not row.free
            if (
                leased
                and row.lease_until
                and now >= row.lease_until - self._lease.duration + SENDING
            ):
                continue
            if leased or row.due_at > now or len(line) >= PER_LINE:
                blocked.add(name)
            elif name not in blocked:
                line.append(row)
        order = {row.id: place for place, row in enumerate(waiting)}
        return sorted(
            (row for line in taken.values() for row in line), key=lambda row: order[row.id]
        )

    def _sent(self, connection: Connection, post: Post, ts: str, now: datetime) -> None:
        if post.view == "card" and post.proposal_id is not None:
            insert_once(connection, cards, {"proposal_id": post.proposal_id, "ts": ts})
        mine = self._mine(post)
        values = {
            "ts": sa.func.coalesce(outbox.c.ts, ts),
            "sent": outbox.c.claimed,
            "open": sa.case((outbox.c.wanted > outbox.c.claimed, 1), else_=0),
            "tries": 0,
            "changed_at": now,
            **RELEASED,
        }
        if connection.execute(sa.update(outbox).where(mine).values(**values)).rowcount == 0:
            self._show_again(connection, post, now)
        connection.execute(_revived(owed_rows() & (outbox.c.channel == post.channel)))

    def _mine(self, post: Post) -> sa.ColumnElement[bool]:
        """Return the condition that the post is still claimed as it was handed out."""
        return (outbox.c.id == post.id) & (outbox.c.owner == self._lease.owner)

    def _show_again(self, connection: Connection, post: Post, now: datetime) -> None:
        """Make a view due again: a sender that was stopped may have put older content over it."""
        view = (outbox.c.id == post.id) & outbox.c.proposal_id.is_not(None)
        values = {"wanted": outbox.c.wanted + 1, "open": 1, "due_at": EPOCH, "changed_at": now}
        connection.execute(sa.update(outbox).where(view).values(**values))


def _revived(which: sa.ColumnElement[bool]) -> sa.Update:
    values = {"open": 1, "due_at": EPOCH, "tries": 0, "reason": None}
    return sa.update(outbox).where(which).values(**values)


_GIVEN_UP = (outbox.c.open == 0) & (outbox.c.sent == 0) & outbox.c.ts.is_(None)


def owed_rows() -> sa.ColumnElement[bool]:
    """Return the condition that a first reply was given up; it is still owed."""
    reason = sa.cast(outbox.c.reason, sa.Text)
    return _GIVEN_UP & sa.type_coerce(reason, sa.Text).like('{"owed"%')


def first_reply(post: Post) -> bool:
    """Tell whether a post is the first under an alert."""
    firing = post.event_payload.get("status") == AlertStatus.FIRING.value
    return post.event_type == "alert_investigation" and firing


def _anything(lease: Lease, now: datetime) -> sa.Select[Any]:
    """Return the question whether anything can be claimed: it costs no disk flush."""
    return (
        sa.select(sa.literal(1))
        .where(
            outbox.c.open == 1,
            outbox.c.due_at <= now,
            lease.free(outbox, now),
        )
        .limit(1)
    )


DELIVERIES_AT_ONCE = 50
WAITING, DONE = "waiting", "done"


class SqlInbox(Store):
    """The inbox in the database; see bot.ports.Inbox."""

    def __init__(self, database: Database, clock: Clock, lease: Lease) -> None:
        super().__init__(database, clock)
        self._lease = lease

    async def put(self, item: InboxItem) -> bool:
        """Store a delivery; False when its key is there already. Raises StorageError."""
        row = {
            "key": item.key,
            "kind": item.kind.value,
            "payload": item.payload,
            "received_at": item.received_at,
            "state": WAITING,
            "tries": item.tries,
        }
        return await self._insert(inbox, row)

    async def claim(self, key: str) -> InboxItem | None:
        """Take one item under a lease; None when done or taken by another."""
        taken = await self._take((inbox.c.key == key) & (inbox.c.state == WAITING), 1)
        return taken[0] if taken else None

    async def waiting(self) -> tuple[InboxItem, ...]:
        """Claim and return what is not done and under nobody's lease, oldest first, at most 50."""
        return await self._take(inbox.c.state == WAITING, DELIVERIES_AT_ONCE)

    async def renew(self, keys: Sequence[str]) -> None:
        """Hold what we took for a whole lease from now; what another has taken stays its own."""
        ours = inbox.c.key.in_(keys) & (inbox.c.owner == self._lease.owner)
        held = self._lease.taken(self._clock())
        await self._execute(sa.update(inbox).where(ours).values(**held))

    async def finish(self, key: str, posts: Sequence[Post] = ()) -> None:
        """Mark an item done and queue its posts, in one transaction."""
        now = self._clock()
        done = {"state": DONE, "finished_at": now, **RELEASED}

        def work(connection: Connection) -> None:
            connection.execute(sa.update(inbox).where(inbox.c.key == key).values(**done))
            for post in posts:
                queue(connection, post, now)

        await self._database.transact(work)

    async def last_at(self) -> datetime | None:
        """Return when something was last taken in; None when nothing ever was."""
        query = sa.select(sa.func.max(inbox.c.received_at))
        return await self._database.read(lambda c: c.scalar(query))

    async def prune(self, older_than: timedelta) -> int:
        """Forget what was done that long ago; keep it well above Slack's 5 minutes of retries."""
        old = (inbox.c.state == DONE) & (inbox.c.finished_at < self._clock() - older_than)
        return await self._execute(sa.delete(inbox).where(old))

    async def _take(self, where: sa.ColumnElement[bool], limit: int) -> tuple[InboxItem, ...]:
        now = self._clock()
        free = where & self._lease.free(inbox, now)
        first = sa.select(inbox).where(free).order_by(inbox.c.received_at, inbox.c.key).limit(limit)
        values = {**self._lease.taken(now), "tries": inbox.c.tries + 1}

        def work(connection: Connection) -> tuple[InboxItem, ...]:
            found = connection.execute(first.with_for_update(skip_locked=True)).all()
            mine = inbox.c.key.in_([row.key for row in found])
            connection.execute(sa.update(inbox).where(mine).values(**values))
            return tuple(
                InboxItem(row.key, Incoming(row.kind), row.payload, row.received_at, row.tries + 1)
                for row in found
            )

        return await self._database.transact(work)
