"""What is said in a thread without being asked again: promises that are kept."""

from bot.agents.templates.wording import Wording
from bot.domain.answers import Answer
from bot.domain.conversation import AgentName, Intent
from bot.domain.posts import Post
from bot.domain.watches import Watch
from bot.handlers.views.answer import render
from bot.ports import Outbox


class WatchPosts:
    """Queues what a watch was for."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def put(self, watch: Watch, words: Wording) -> None:
        """Queue the post; the same watch leaves one post, however often it is put."""
        agent = AgentName.INFRA_ENGINEER
        view = render(Answer(watch.language, Intent.WATCH, agent, words.summary, words.parts))
        post = Post(
            id=f"watch:{watch.id}",
            channel=watch.channel,
            thread_ts=watch.thread_ts,
            text=view.text,
            blocks=view.blocks,
            event_type="oncall_notice",
            event_payload={"kind": "watch", "applications": list(words.applications)},
        )
        await self._outbox.add((post,))
