"""Answers and short messages as posts, with the metadata the contract names."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace

from bot.agents.templates.wording import Wording
from bot.domain.alerts import Alert, AlertStatus, Identity, fitting
from bot.domain.answers import Answer
from bot.domain.conversation import Turn, Watch
from bot.domain.language import Language, language_of
from bot.domain.posts import Post
from bot.handlers.events import AlertPost, Parser
from bot.handlers.message_text import Json
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import escaped, plain_text
from bot.ports import Outbox
from bot.texts import alerts as texts

# Sorts what was posted meanwhile: which alerts still stand, and which are over already.


@dataclass(slots=True, eq=False)
class Backlog:
    """One channel's missed messages, page by page, the newest page first.

    An alert's newest post decides: one that fires is answered, and older posts of it are folded
    into it; one that is over is named in `ended`, unless an investigation of it is open.
    """

    parser: Parser
    channel: str
    _newest: dict[str, tuple[Identity, Alert]] = field(default_factory=dict, init=False)
    ended: dict[str, str] = field(default_factory=dict, init=False)

    def sorted_out(self, page: list[Json]) -> list[Json]:
        """Return a page (newest first) in the order things happened, folded posts marked."""
        return list(reversed(list(self._marked(page))))

    def _marked(self, page: list[Json]) -> Iterator[Json]:
        for message in page:
            event = {"type": "message", **message, "channel": self.channel}
            heard = self.parser.read({"team_id": self.parser.who.team, "event": event})
            folded = isinstance(heard, AlertPost) and self._older(heard.alert)
            yield {**message, "folded": folded}

    def _older(self, alert: Alert) -> bool:
        """Tell whether a newer post of the alert was seen; note what is over."""
        known = ((id_, identity) for id_, (identity, _) in self._newest.items())
        found = fitting(alert, known)
        if found is None:
            self._newest[alert.ts] = (alert.identity, alert)
            return False
        newest = self._newest[found][1]
        if newest.status is AlertStatus.RESOLVED and alert.status is AlertStatus.FIRING:
            self.ended[found] = newest.title
        return True


_MAX_NAMED, _MOST_NAMED = 80, 5  # characters of a title, and titles, in one line
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


def missed_post(channel: str, backlog: Backlog, since: str) -> Post:
    """Return the one line for alerts that came and went while we were down."""
    titles = tuple(dict.fromkeys(backlog.ended.values()))
    language = language_of(" ".join(titles))
    named = ", ".join(title[:_MAX_NAMED] for title in titles[:_MOST_NAMED])
    text = texts.MISSED(language, count=len(backlog.ended), names=named)
    return channel_notice(f"missed:{channel}:{since}", channel, "missed", text)


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
