"""Sends posts: each to Slack and what came of it in four words, and what waits, at Slack's pace."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta, tzinfo
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.language import language_of
from bot.domain.posts import Post
from bot.domain.proposals import Proposal
from bot.errors import DangjikError, StorageError
from bot.handlers.message_text import Json
from bot.handlers.views import blocks as kit
from bot.handlers.views.blocks import cut, escaped, plain_text
from bot.handlers.views.card import card, proof, relaunch
from bot.observability import Spans
from bot.ports import Clock, Outbox

_LOG = structlog.get_logger(__name__)
_LITERAL: Json = {
    "unfurl_links": False,
    "unfurl_media": False,
    "link_names": False,
    "parse": "none",  # chat.update would otherwise read the text as a client does
}
_REFUSED_BLOCKS = frozenset(
    {"invalid_blocks", "msg_blocks_too_long", "msg_too_long", "invalid_blocks_format"}
)
_NOT_EDITABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_LIMITED = frozenset({"ratelimited", "rate_limited"})
_SEARCHED = timedelta(hours=1)
_DEFAULT_WAIT = 1.0


class SlackCallError(Exception):
    """A call did not do what it was made for; its kinds say what is known of that."""


class ThrottledError(SlackCallError):
    """Slack asks to wait so many `seconds`; nothing was posted."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"rate limited for {seconds} s")
        self.seconds = seconds


class UnsureError(SlackCallError):
    """The answer was lost: the post may stand in Slack. Search before posting again."""


class UndeliverableError(SlackCallError):
    """Slack will not take the post, now or later; the message is Slack's error code."""


@dataclass(slots=True, eq=False)
class Delivery:
    """Posts, edits, and finds what was posted already. `bot_id` is ours, `zone` people's."""

    client: AsyncWebClient
    proposal: Callable[[str], Awaitable[Proposal | None]]
    clock: Clock
    zone: tzinfo
    bot_id: str
    spans: Spans = field(default_factory=Spans)
    _cards: dict[str, tuple[str, Post]] = field(default_factory=dict, init=False)

    async def send(self, post: Post) -> str:
        """Post and return the ts.

        Raises ThrottledError, UnsureError or UndeliverableError.
        """
        thread = f"{post.channel}:{post.thread_ts or ''}"
        with self.spans.step("slack post", thread, kind=post.view or post.event_type):
            ready = await self._rendered(post)
            if ready.view == "card" and ready.proposal_id:
                return await self._card(ready, ready.proposal_id)
            return await self._once(ready)

    async def _card(self, post: Post, proposal_id: str) -> str:
        """Post the card once, then edit it; the same content is not sent twice."""
        known, shown = self._cards.get(proposal_id, ("", None))
        post = replace(post, replaces_ts=known or post.replaces_ts)
        if shown is not None and (shown.blocks, shown.text) == (post.blocks, post.text):
            return known
        ts = await self._once(post)
        self._cards[proposal_id] = (ts, post)
        if len(self._cards) > 500:  # noqa: PLR2004 - a cache's size; older cards have their ts stored
            self._cards.pop(next(iter(self._cards)))
        return ts

    async def _once(self, post: Post) -> str:
        if post.tries > 1 and not post.replaces_ts and not post.ephemeral_to:
            found, is_draft = await self._find(post)
            if found and not is_draft:
                return found
            post = replace(post, replaces_ts=found or None)
        try:
            return await self._call(post, post.text, list(post.blocks))
        except UndeliverableError as error:
            if str(error) in _NOT_EDITABLE and post.replaces_ts:
                _LOG.warning("post_no_longer_there", post=post.id, error=str(error))
                return await self._once(replace(post, replaces_ts=None))
            if str(error) not in _REFUSED_BLOCKS:
                raise
            _LOG.error("blocks_refused", post=post.id, error=str(error))
            said = plain_text(post.blocks)
            shortened = cut(said, kit.MAX_FALLBACK // 2, language_of(said))
            return await self._call(post, escaped(shortened) or post.text, [])

    async def _rendered(self, post: Post) -> Post:
        if not post.view:
            return post
        proposal = await self.proposal(post.proposal_id or "")
        if proposal is None:
            raise UndeliverableError("proposal_not_found")
        post = replace(post, thread_ts=proposal.slack_thread or None)
        ids = [target.ref.id for target in proposal.targets]
        if post.view == "card":
            view = card(proposal, self.zone)
            payload: Json = {
                "proposal_id": proposal.id,
                "applications": ids,
                "state": proposal.state.value,
            }
            post = replace(
                post,
                event_type="kill_proposal",
                event_payload=payload,
                replaces_ts=post.replaces_ts or proposal.card_ts,
            )
        else:
            view = (proof if post.view == "proof" else relaunch)(proposal, self.zone)
            payload = {"kind": post.view, "applications": ids, "proposal_id": proposal.id}
            post = replace(post, event_type="oncall_notice", event_payload=payload)
        return replace(post, text=view.text, blocks=view.blocks)

    async def _call(self, post: Post, text: str, blocks: list[Json]) -> str:
        common: Json = {"channel": post.channel, "text": text, "blocks": blocks, **_LITERAL}
        payload = {**post.event_payload, "post": post.id, **({"draft": True} if post.draft else {})}
        metadata = {"event_type": post.event_type, "event_payload": payload}
        method: Callable[..., Awaitable[Any]] = self.client.chat_postMessage
        own: Json = {"thread_ts": post.thread_ts, "metadata": metadata}
        if post.ephemeral_to:
            method = self.client.chat_postEphemeral
            own = {"thread_ts": post.thread_ts, "user": post.ephemeral_to}
        elif post.replaces_ts:
            method = self.client.chat_update
            own = {"ts": post.replaces_ts, "metadata": metadata}
        response = await asked(method, {**common, **own})
        return str(response.get("ts") or response.get("message_ts") or "")

    async def _find(self, post: Post) -> tuple[str, bool]:
        """Return the ts under which this post stands in Slack already, or empty; and if as a draft.

        What was sent as a draft and is to be one still counts as this very post.
        """
        oldest = (self.clock() - _SEARCHED).timestamp()
        arguments: Json = {
            "channel": post.channel,
            "include_all_metadata": True,
            "oldest": f"{oldest:.6f}",
            "limit": 200,
        }
        if post.thread_ts:
            arguments["ts"] = post.thread_ts
            page = await asked(self.client.conversations_replies, arguments)
        else:
            page = await asked(self.client.conversations_history, arguments)
        for message in page.get("messages") or []:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if post.view == "card" and metadata.get("event_type") == "kill_proposal":
                this = payload.get("proposal_id") == post.proposal_id
            else:
                this = payload.get("post") == post.id
            if this and message.get("bot_id") == self.bot_id:
                return str(message["ts"]), bool(payload.get("draft")) and not post.draft
        return "", False


async def asked(method: Callable[..., Awaitable[Any]], arguments: Json) -> Json:
    """Call a Web API method; raise ThrottledError, UnsureError or UndeliverableError."""
    try:
        response = await method(**{k: v for k, v in arguments.items() if v is not None})
    except SlackApiError as error:
        raise _meaning(error) from None
    except (aiohttp.ClientError, TimeoutError, OSError, SlackClientError) as error:
        raise UnsureError(type(error).__name__) from None
    return dict(response.data) if isinstance(response.data, dict) else {}


def _meaning(error: SlackApiError) -> Exception:
    response = error.response
    body = response.data if isinstance(getattr(response, "data", None), dict) else {}
    code = str(body.get("error") or "")
    status = getattr(response, "status_code", 0)
    if status == 429 or code in _LIMITED:  # noqa: PLR2004 - HTTP's own number
        return ThrottledError(_seconds(getattr(response, "headers", {})))
    if not code or status >= 500 or code in _PASSING:  # noqa: PLR2004 - as above
        return UnsureError(code or f"HTTP {status}")
    return UndeliverableError(code)


def _seconds(headers: Any) -> float:
    value = headers.get("Retry-After") or headers.get("retry-after") or ""
    value = value[0] if isinstance(value, list) else value
    return float(value) if str(value).isdigit() else _DEFAULT_WAIT


# Sends what waits in the outbox: each channel in order and at Slack's pace.


_MAX_UNSURE = 4  # tries in a row before the post goes back to the outbox
_LONG_WAIT = 8.0  # seconds; waited out in the outbox, so that a post's lease does not end


# Sends one post and returns its ts; raises ThrottledError, UnsureError or UndeliverableError.
Send = Callable[[Post], Awaitable[str]]


class SendingPace:
    """A token bucket: `burst` at once, then one every `every` seconds. `now` is monotonic."""

    def __init__(self, now: Callable[[], float], every: float = 1.0, burst: int = 3) -> None:
        self._now = now
        self._every = every
        self._burst = burst
        self._free_at = now() - burst * every

    def delay(self) -> float:
        """Take one token and return how long to wait for it, in seconds."""
        now = self._now()
        self._free_at = max(self._free_at, now - self._burst * self._every) + self._every
        return max(self._free_at - now, 0.0)


@dataclass(slots=True, eq=False)
class Messenger:
    """Runs until `stop`; `wake` makes it look at once instead of every `period` seconds.

    `posted` is called with each post once it stands in Slack and that is noted.
    """

    outbox: Outbox
    send: Send
    clock: Clock
    period: float = 0.5
    every: float = 1.0
    pause: float = 1.0
    posted: Callable[[Post], None] = lambda _: None
    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _stopping: bool = field(default=False, init=False)
    _lanes: dict[str, deque[Post]] = field(default_factory=dict, init=False)
    _paces: dict[str, SendingPace] = field(default_factory=dict, init=False)
    _busy: set[str] = field(default_factory=set, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def wake(self) -> None:
        """Look into the outbox now."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due, until `stop`."""
        while not self._stopping:
            self._woken.clear()
            await self._take()
            try:
                await asyncio.wait_for(self._woken.wait(), self.period)
            except TimeoutError:
                continue

    async def stop(self, grace: float = 10.0) -> None:
        """Send what is due once more and wait for it; the rest waits for the next start."""
        self._stopping = True
        self._woken.set()
        await self._take()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _take(self) -> None:
        try:
            due = await self.outbox.due()
        except StorageError as error:
            _LOG.error("outbox_not_read", error=str(error))
            return
        for post in due:
            if post.id in self._busy:
                continue
            self._busy.add(post.id)
            lane = self._lanes.get(post.line)
            if lane is not None:
                lane.append(post)
                continue
            self._lanes[post.line] = deque([post])
            task = asyncio.create_task(self._drive(post.line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _drive(self, line: str) -> None:
        """Send the line's posts one after another."""
        lane = self._lanes[line]
        loop = asyncio.get_running_loop()
        pace = self._paces.setdefault(line, SendingPace(loop.time, self.every))
        try:
            while lane:
                await asyncio.sleep(pace.delay())
                post = next((each for each in lane if each.pressing), lane[0])
                lane.remove(post)
                try:
                    await self._send(post, lane)
                finally:
                    self._busy.discard(post.id)
        except DangjikError as error:
            _LOG.error("post_not_noted", channel=line.partition("/")[0], error=str(error))
        finally:
            self._busy.difference_update(post.id for post in lane)
            del self._lanes[line]
            self._woken.set()  # the outbox hands out a few posts a channel at a time

    async def _send(self, post: Post, lane: deque[Post]) -> None:
        unsure, waited = 0, 0.0
        while True:
            try:
                ts = await self.send(post)
            except ThrottledError as error:
                waited += error.seconds
                if waited > _LONG_WAIT:
                    await self._put_back([post, *lane], error.seconds, str(error))
                    self._busy.difference_update(each.id for each in lane)
                    lane.clear()
                    return
                await asyncio.sleep(error.seconds)
            except UnsureError as error:
                unsure += 1
                post = replace(post, tries=max(post.tries, 1) + 1)
                if unsure >= _MAX_UNSURE:
                    await self._put_back([post], 30 * self.pause, str(error))
                    return
                await asyncio.sleep(self.pause * unsure)
            except UndeliverableError as error:
                _LOG.error("post_given_up", post=post.id, channel=post.channel, error=str(error))
                await self.outbox.failed(post, None, str(error))
                return
            except Exception:  # noqa: BLE001 - a post that cannot be made must not block its channel
                _LOG.exception("post_failed", post=post.id, channel=post.channel)
                await self.outbox.failed(post, None, "unexpected error")
                return
            else:
                await self.outbox.sent(post, ts)
                self.posted(post)
                return

    async def _put_back(self, posts: list[Post], seconds: float, reason: str) -> None:
        again = self.clock() + timedelta(seconds=seconds)
        for post in posts:
            await self.outbox.failed(post, again, reason)
