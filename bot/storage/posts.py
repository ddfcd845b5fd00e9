"""Posts in the outbox's rows: shared by what queues them and what sends them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.approvals.model import View
from bot.domain.posts import Post
from bot.domain.proposals import Proposal
from bot.storage.columns import EPOCH
from bot.storage.database import insert_once
from bot.storage.tables import outbox

FIELDS = (
    "id",
    "channel",
    "thread_ts",
    "text",
    "event_type",
    "event_payload",
    "replaces_ts",
    "ephemeral_to",
    "proposal_id",
    "view",
)


LATER = 2**48  # positions from here on: what nobody asked for goes behind all that somebody did


def queue(connection: Connection, post: Post, now: datetime) -> None:
    """Queue a post; one whose id is there already is left as it is, unless it is a draft."""
    row = _row(post, now)
    if insert_once(connection, outbox, row):
        return
    mine = outbox.c.id == post.id
    stored = connection.execute(sa.select(outbox.c.post).where(mine).with_for_update()).scalar()
    if stored and stored.get("draft") and not post.draft:
        again = _due_again(now) | {"post": row["post"]}
        connection.execute(sa.update(outbox).where(mine).values(**again))


def queue_view(connection: Connection, proposal: Proposal, view: View, now: datetime) -> None:
    """Queue a view of a proposal, or make its row due again: one row, however many changes."""
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
    return Post(
        **{name: stored[name] for name in FIELDS if name != "replaces_ts"},
        blocks=tuple(stored["blocks"]),
        replaces_ts=row.ts or stored["replaces_ts"],
        tries=tries,
        draft=bool(stored.get("draft")),
    )


def _row(post: Post, now: datetime) -> dict[str, Any]:
    stored = {name: getattr(post, name) for name in FIELDS}
    stored |= {"blocks": list(post.blocks), "draft": post.draft}
    return {
        "id": post.id,
        "channel": post.channel,
        "position": _position(pressing=post.pressing),
        "post": stored,
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
