"""The edge's ports in memory, and things to put through them; for tests only."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.alerts import Alert, AlertStatus, Heard, Investigation
from bot.domain.answers import Answer, Show, plain
from bot.domain.applications import ApplicationRef
from bot.domain.conversation import AgentName, Intent, Turn, Understanding
from bot.domain.language import Language, language_of
from bot.domain.posts import InboxItem, Post
from bot.domain.proposals import Click, Proposal, ProposalState, Target, TargetState, Vote
from bot.errors import NotAllowedError, StorageError, TooLateError

NOW = datetime(2026, 7, 1, 5, 0, tzinfo=UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)


class MemoryInbox:
    """Keeps deliveries; `broken` puts fail, `reclaim` ends every lease as a restart does."""

    def __init__(self) -> None:
        self.items: dict[str, InboxItem] = {}
        self.done: dict[str, tuple[Post, ...]] = {}
        self.leased: set[str] = set()
        self.renewed = asyncio.Event()
        self.broken = 0
        self.outbox = MemoryOutbox()

    async def put(self, item: InboxItem) -> bool:
        if self.broken:
            self.broken -= 1
            raise StorageError("disk full")
        if item.key in self.items:
            return False
        self.items[item.key] = item
        return True

    async def claim(self, key: str) -> InboxItem | None:
        if key not in self.items or key in self.done or key in self.leased:
            return None
        self.leased.add(key)
        item = replace(self.items[key], tries=self.items[key].tries + 1)
        self.items[key] = item
        return item

    async def last_at(self) -> datetime | None:
        return max((item.received_at for item in self.items.values()), default=None)

    async def waiting(self) -> tuple[InboxItem, ...]:
        found = [await self.claim(key) for key in self.items]
        return tuple(item for item in found if item)

    async def renew(self, keys: Sequence[str]) -> None:
        assert set(keys) <= self.leased
        self.renewed.set()

    async def finish(self, key: str, posts: Sequence[Post] = ()) -> None:
        self.done[key] = tuple(posts)
        self.leased.discard(key)
        await self.outbox.add(posts)

    def reclaim(self) -> None:
        self.leased.clear()


class MemoryOutbox:
    """Keeps posts in order; a claimed post comes back only after `failed` or `reclaim`."""

    def __init__(self) -> None:
        self.posts: dict[str, Post] = {}
        self.stands: dict[str, str] = {}
        self.given_up: dict[str, str] = {}
        self.claimed: set[str] = set()
        self.later: list[tuple[str, datetime]] = []
        self.noted: set[tuple[str, str]] = set()
        self.changed = asyncio.Event()

    async def add(self, posts: Sequence[Post]) -> None:
        for post in posts:
            known = self.posts.setdefault(post.id, post)
            if known.draft and not post.draft:
                self.posts[post.id] = post
                if post.id in self.stands:
                    self._again(post.id, self.stands.pop(post.id))

    def _again(self, id_: str, ts: str) -> None:
        """Let a post take the place of its draft, which stands at `ts`."""
        self.posts[id_] = replace(self.posts[id_], replaces_ts=ts)
        self.claimed.discard(id_)

    async def due(self) -> tuple[Post, ...]:
        found = []
        for post in self.posts.values():
            if post.id in self.stands or post.id in self.given_up or post.id in self.claimed:
                continue
            self.claimed.add(post.id)
            self.posts[post.id] = replace(post, tries=post.tries + 1)
            found.append(self.posts[post.id])
        return tuple(found)

    async def sent(self, post: Post, ts: str) -> None:
        if post.draft and not self.posts[post.id].draft:
            self._again(post.id, ts)
        else:
            self.stands[post.id] = ts
        self.changed.set()

    async def card_stands(self, proposal_id: str, ts: str) -> None:
        self.noted.add((proposal_id, ts))

    async def failed(self, post: Post, retry_at: datetime | None, reason: str) -> None:
        if retry_at is None:
            self.given_up[post.id] = reason
        else:
            self.later.append((post.id, retry_at))
            self.claimed.discard(post.id)
        self.changed.set()

    async def revive(self, post_id: str) -> bool:
        self.claimed.discard(post_id)
        return self.given_up.pop(post_id, None) is not None

    async def standing(self, post_id: str) -> Post | None:
        ts = self.stands.get(post_id)
        return replace(self.posts[post_id], replaces_ts=ts) if ts else None

    def reclaim(self) -> None:
        self.claimed.clear()


class MemoryInvestigations:
    def __init__(self) -> None:
        self.open_ones: dict[str, Investigation] = {}
        self.threads: set[tuple[str, str]] = set()

    async def open(self, alert: Alert, reply: str = "", *, anew: bool = False) -> Heard:
        known = None if anew else self.open_ones.get(alert.key)
        if known:
            self.open_ones[alert.key] = replace(known, repeats=known.repeats + 1)
            return Heard(self.open_ones[alert.key])
        key = alert.key
        made = Investigation(key, key, alert.channel, alert.thread_ts, alert.posted_at, reply=reply)
        self.open_ones[key] = made
        return Heard(made, new=True)

    async def close(self, alert: Alert) -> Investigation | None:
        known = self.open_ones.pop(alert.key, None)
        return known and replace(known, closed_at=alert.posted_at)

    async def join(self, channel: str, thread_ts: str) -> None:
        self.threads.add((channel, thread_ts))

    async def joined(self, channel: str, thread_ts: str) -> bool:
        return (channel, thread_ts) in self.threads


Hook = Callable[[Turn], Awaitable[None]]


class EchoTalk:
    """Answers with what it heard; `hook` runs first and may wait or raise."""

    def __init__(self, hook: Hook | None = None) -> None:
        self.turns: list[Turn] = []
        self.readings: list[Understanding | None] = []
        self.alerts: list[Alert] = []
        self.overheard: list[str] = []
        self.hook = hook

    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        self.turns.append(turn)
        self.readings.append(reading)
        if self.hook is not None:
            await self.hook(turn)
        return said(f"heard: {turn.text}", turn.language)

    async def hear(self, turn: Turn, *, to_person: bool, judge: bool = True) -> bool:
        addressed = judge and not to_person
        if not addressed:
            self.overheard.append(turn.text)
        return addressed

    async def investigate(self, alert: Alert) -> Answer:
        self.alerts.append(alert)
        return said(f"facts: {alert.title}", Language.EN)

    async def conclude(self, alert: Alert) -> Answer | None:
        self.alerts.append(alert)
        return said(f"over: {alert.title}", Language.EN)

    async def language_for(self, alert: Alert) -> Language:
        return language_of(alert.text)


def said(text: str, language: Language = Language.EN) -> Answer:
    return Answer(
        language, Intent.STATUS, AgentName.INFRA_ENGINEER, text, (plain(text),), ("app-1",)
    )


class MemoryDesk:
    """One proposal; the one approver is `approver`."""

    def __init__(self, proposal: Proposal, outbox: MemoryOutbox, approver: str) -> None:
        self.proposal = proposal
        self.outbox = outbox
        self.approver = approver
        self.clicks: list[Click] = []
        self.carried = asyncio.Event()

    async def post_card(self) -> None:
        await self.outbox.add([self._card()])

    def _card(self) -> Post:
        state = self.proposal.state.value
        return Post(
            id=f"card:{self.proposal.id}:{state}",
            channel=self.proposal.channel,
            thread_ts=self.proposal.thread_ts,
            text="",
            blocks=(),
            event_type="kill_proposal",
            proposal_id=self.proposal.id,
            view="card",
        )

    async def decide(self, click: Click) -> Proposal:
        self.clicks.append(click)
        if click.user != self.approver:
            raise NotAllowedError("not_approver")
        if self.proposal.state is not ProposalState.PENDING:
            raise TooLateError(self.proposal.state.value)
        state = ProposalState.CLAIMED if click.approve else ProposalState.DENIED
        votes = (Vote(click.user, click.approve, click.at),)
        self.proposal = replace(self.proposal, state=state, votes=votes)
        await self.post_card()
        return self.proposal

    async def carry_out(self, proposal_id: str) -> None:
        targets = tuple(
            replace(target, state=TargetState.SUCCEEDED, reason="killed")
            for target in self.proposal.targets
        )
        self.proposal = replace(
            self.proposal, state=ProposalState.DONE, targets=targets, finished_at=NOW
        )
        await self.post_card()
        self.carried.set()

    async def get(self, proposal_id: str) -> Proposal | None:
        return self.proposal if proposal_id == self.proposal.id else None


def target(number: int = 1, **changes: object) -> Target:
    made = Target(
        ref=ApplicationRef("prod", "yarn", f"application_1719800000000_{number:04d}"),
        attempt=1,
        name=f"daily_sales_{number}",
        user="bob",
        queue="etl",
        started_at=NOW - timedelta(hours=6, minutes=50),
        cores=128.0,
        memory=512 * 1024**3,
        cores_basis="measured",
        share=0.32,
        relief=31.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # tests name fields freely


def proposal(language: Language = Language.KO, **changes: object) -> Proposal:
    made = Proposal(
        id="p1",
        team="T0DATATEAM",
        channel="C0ONCALL1",
        thread_ts="1.000001",
        requester="U0COLLEAGUE",
        language=language,
        targets=(target(1), target(2, name="ml_features", user="eve", queue="ml")),
        digest="0123456789abcdef" * 4,
        state=ProposalState.PENDING,
        votes=(),
        approvals_required=1,
        created_at=NOW,
        listed_at=NOW - timedelta(minutes=2),
        expires_at=NOW + timedelta(minutes=15),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # as above


def alert(status: AlertStatus = AlertStatus.FIRING) -> Alert:
    return Alert("C1:abc", status, "CPU", "CPU 97%", "C1", "1.0", "1.0", NOW)
