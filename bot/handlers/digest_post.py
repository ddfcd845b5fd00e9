"""Posts what is said without being asked, through the outbox: digests, and promises kept."""

from dataclasses import replace

from bot.agents.templates.wording import Wording
from bot.domain.answers import Answer
from bot.domain.conversation import AgentName, Intent, Watch
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.handlers.replies import noticed
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


async def put_digest(
    outbox: Outbox, channel: str, slot: str, language: Language, words: Wording
) -> None:
    """Queue the digest of a slot for a channel; the same slot leaves one post."""
    view = rendered(language, words)
    post = Post(f"digest:{slot}", channel, None, view.text, view.blocks)
    await outbox.add((replace(post, event_type="health_digest", event_payload={"slot": slot}),))


async def put_watch(outbox: Outbox, watch: Watch, words: Wording) -> None:
    """Queue what a watch was for; the same watch leaves one post, however often it is put."""
    agent = AgentName.INFRA_ENGINEER
    view = render(Answer(watch.language, Intent.WATCH, agent, words.summary, words.parts))
    post = Post(f"watch:{watch.id}", watch.channel, watch.thread_ts, view.text, view.blocks)
    await outbox.add((noticed(post, "watch", words.applications),))
