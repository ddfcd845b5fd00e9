"""Posts the health digest through the outbox."""

from bot.agents.templates.wording import Wording
from bot.domain.answers import Answer
from bot.domain.conversation import AgentName, Intent, Watch
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import Rendered, plain_text
from bot.ports import Outbox


def rendered(language: Language, words: Wording) -> Rendered:
    """Return the digest as blocks."""
    agent = AgentName.INFRA_ENGINEER
    return render(Answer(language, Intent.STATUS, agent, words.summary, words.parts))


def printed(language: Language, words: Wording) -> str:
    """Return the digest as plain text, for a terminal."""
    return plain_text(rendered(language, words).blocks)


class DigestOutlet:
    """Queues digests for one channel."""

    def __init__(self, outbox: Outbox, channel: str) -> None:
        self._outbox = outbox
        self._channel = channel

    async def put(self, slot: str, language: Language, words: Wording) -> None:
        """Queue the digest of a slot; the same slot leaves one post."""
        view = rendered(language, words)
        post = Post(
            id=f"digest:{slot}",
            channel=self._channel,
            thread_ts=None,
            text=view.text,
            blocks=view.blocks,
            event_type="health_digest",
            event_payload={"slot": slot},
        )
        await self._outbox.add((post,))


# What is said in a thread without being asked again: promises that are kept.


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
