"""Posting to Slack, timed."""

from bot.domain.posts import Post
from bot.handlers.messenger import Sender
from bot.observability.spans import Spans


class TracedSender:
    """A sender whose posts are steps of the turn they come from."""

    def __init__(self, sender: Sender, spans: Spans) -> None:
        self._sender = sender
        self._spans = spans

    async def send(self, post: Post) -> str:
        """Post and return the ts; see Delivery."""
        thread = f"{post.channel}:{post.thread_ts or ''}"
        with self._spans.step("slack post", thread, kind=post.view or post.event_type):
            return await self._sender.send(post)
