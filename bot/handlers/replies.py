"""Answers and short messages as posts, with the metadata the contract names."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.agents.templates.wording import Wording
from bot.domain.alerts import Alert
from bot.domain.answers import Answer
from bot.domain.conversation import Turn, Watch
from bot.domain.language import Language
from bot.domain.posts import Post
from bot.handlers.message_text import Json
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import escaped, plain_text
from bot.ports import Outbox

_MAX_LISTED = 20  # ids in metadata: Slack keeps metadata small


def answer_post(key: str, turn: Turn, answer: Answer) -> Post:
    """Return the post answering a turn, in the thread of its message."""
    return _answer(f"{key}:answer", turn.channel, turn.thread_ts, answer)


def draft_post(key: str, turn: Turn, answer: Answer) -> Post:
    """Return the post of an answer as far as it stands; `answer_post` of the same key ends it."""
    return replace(answer_post(key, turn, answer), draft=True)


def investigation_post(key: str, alert: Alert, answer: Answer) -> Post:
    """Return the post under an alert: the first facts, or that it is over."""
    subject = {
        "metric": alert.subject.metric.value,
        "hosts": list(alert.subject.hosts[:_MAX_LISTED]),
        "cluster": alert.subject.cluster,
    }
    payload: Json = {
        "alert_key": alert.key,
        "status": alert.status.value,
        "subject": subject,
        "applications": list(answer.applications[:_MAX_LISTED]),
    }
    post = _answer(f"{key}:answer", alert.channel, alert.thread_ts, answer)
    return replace(post, event_type="alert_investigation", event_payload=payload)


def foreign_post(key: str, alert: Alert, answer: Answer) -> Post:
    """Return the line under an alert of another cluster."""
    post = _answer(f"{key}:answer", alert.channel, alert.thread_ts, answer)
    return noticed(post, "foreign")


def channel_notice(id_: str, channel: str, kind: str, text: str) -> Post:
    """Return a line that nobody asked for, told in the channel itself. `text` is ours."""
    return noticed(Post(id_, channel, None, escaped(text), ()), kind)


def private_post(key: str, channel: str, thread_ts: str, user: str, text: str) -> Post:
    """Return a line only `user` sees. `text` is ours."""
    return Post(f"{key}:private", channel, thread_ts, escaped(text), (), ephemeral_to=user)


def notice_post(key: str, turn: Turn, kind: str, text: str) -> Post:
    """Return a line that nobody asked for, told in the thread of a turn. `text` is ours."""
    post = Post(f"{key}:notice", turn.channel, turn.thread_ts, escaped(text), ())
    return noticed(post, kind)


def line_post(key: str, channel: str, thread_ts: str, text: str) -> Post:
    """Return a line everybody in the thread sees. `text` is ours."""
    return Post(f"{key}:line", channel, thread_ts, escaped(text), (), event_payload=_of_nobody())


def direct_post(key: str, user: str, text: str, blocks: tuple[Json, ...]) -> Post:
    """Return a direct message; Slack opens the conversation for a user's id. `text` is ours."""
    return Post(f"{key}:private", user, None, escaped(text), blocks, event_payload=_of_nobody())


def noticed(post: Post, kind: str, applications: tuple[str, ...] = ()) -> Post:
    """Return a post as one that nobody asked for."""
    payload: Json = {"kind": kind, "applications": list(applications)}
    return replace(post, event_type="oncall_notice", event_payload=payload)


def _of_nobody() -> Json:
    return {"agent": "none", "intent": "none", "applications": [], "sources": [], "llm": False}


def _answer(id_: str, channel: str, thread_ts: str, answer: Answer) -> Post:
    view = render(answer, answer.language)
    payload: Json = {
        "agent": answer.agent.value,
        "intent": answer.intent.value,
        "applications": list(answer.applications[:_MAX_LISTED]),
        "sources": list(answer.sources[:_MAX_LISTED]),
        "llm": answer.llm,
    }
    if len(answer.intents) > 1:
        payload["intents"] = [intent.value for intent in answer.intents]
    return Post(id_, channel, thread_ts, view.text, view.blocks, event_payload=payload)


# What working on one delivery comes to: posts to be queued, and work to follow.


@dataclass(frozen=True, slots=True)
class Outcome:
    """The posts are queued in the transaction that ends the delivery; `then` runs after it."""

    posts: tuple[Post, ...] = ()
    then: Callable[[], Awaitable[object]] | None = None


NOTHING = Outcome()


def printed(language: Language, words: Wording) -> str:
    """Return the digest as plain text, for a terminal."""
    return plain_text(render(words, language).blocks)


async def put_digest(
    outbox: Outbox, channel: str, slot: str, language: Language, words: Wording
) -> None:
    """Queue the digest of a slot for a channel; the same slot leaves one post."""
    view = render(words, language)
    post = Post(f"digest:{slot}", channel, None, view.text, view.blocks)
    await outbox.add((replace(post, event_type="health_digest", event_payload={"slot": slot}),))


async def put_watch(outbox: Outbox, watch: Watch, words: Wording) -> None:
    """Queue what a watch was for; the same watch leaves one post, however often it is put."""
    view = render(words, watch.language)
    post = Post(f"watch:{watch.id}", watch.channel, watch.thread_ts, view.text, view.blocks)
    await outbox.add((noticed(post, "watch", words.applications),))
