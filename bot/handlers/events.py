"""Turns a Slack event into what it means to us; pure, and raises on nothing Slack can send."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.domain.alerts import Alert, AlertStatus, ClusterNames
from bot.domain.conversation import Turn
from bot.domain.language import Language, language_of
from bot.handlers.alerts.reading import Reading, read
from bot.handlers.message_text import Json, mentions_of, readable, text_of, without_unfurls

MAX_TEXT = 4_000  # characters of a message that are read; nobody asks a longer question
_SPOKEN_SUBTYPES = frozenset({"", "bot_message", "thread_broadcast", "file_share", "me_message"})
_SLACKBOT = "USLACKBOT"
_NAMES = frozenset(
    {
        "type",
        "subtype",
        "channel",
        "ts",
        "thread_ts",
        "user",
        "bot_id",
        "app_id",
        "username",
        "text",
    }
    | {"channel_type", "user_team", "source_team", "team"}
)
_BLANKS = re.compile(r"[^\S\n]+")
_GROUP = re.compile(r"<!(?:subteam\^[^>]*|here|channel|everyone)[^>]*>")
# "cc @minji" tells somebody of a question and is no part of it.
_ASIDE = re.compile(r"(?:\b(?:cc|fyi)|참조|공유)\W*(?:@[UW][A-Z0-9]+\W*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Installation:
    """Who we are in this workspace, as `auth.test` told at the start; `url` is its address."""

    team: str
    bot_user: str
    bot_id: str
    app_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as an alert, and the language answers are forced to; empty means any.

    `pattern` is the operator's; without one a word of a metric is needed.
    `mentions_only` answers no line of a thread that does not name us.
    """

    channels: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    names: ClusterNames = field(default_factory=ClusterNames)
    language: Language | None = None
    mentions_only: bool = False


class Address(StrEnum):
    """How a question reached us; only in a thread must we have taken part before."""

    MENTION = "mention"
    DIRECT = "direct"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Question:
    """A person's words, to us or in a thread of ours.

    `private_known` is False when the event did not tell the channel's kind; `to_person` is True
    when they mention a person or a group beside us.
    """

    turn: Turn
    address: Address
    private_known: bool = True
    to_person: bool = False


@dataclass(frozen=True, slots=True)
class AlertPost:
    """A monitoring tool's post, firing or resolved."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Outsider:
    """A question from another workspace, or in a channel shared with one: refused visibly."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us, and why."""

    reason: str


Heard = Question | AlertPost | Outsider | Ignored


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads events of one installation by one set of rules."""

    who: Installation
    rules: Rules = field(default_factory=Rules)

    def read(self, body: Json) -> Heard:
        """Return what an `event_callback` body means."""
        event = _sound(body.get("event"))
        if event.get("type") not in {"message", "app_mention"}:
            return Ignored("not a message")
        if event.get("hidden") or event.get("subtype") == "message_changed":
            return self._edit(body, event)
        checks = (  # why a message is nothing to us, whatever it says
            (str(event.get("subtype") or "") not in _SPOKEN_SUBTYPES, "a subtype nobody speaks"),
            (not (event.get("channel") and event.get("ts")), "no channel or time"),
            (self._ours(event), "our own post"),
            (event.get("user") == _SLACKBOT and not self._may_alert(event), "Slackbot's post"),
            (event.get("type") == "app_mention" and event.get("edited"), "an edit comes itself"),
        )
        unheard = next((why for holds, why in checks if holds), "")
        return Ignored(unheard) if unheard else self._spoken(body, event)

    def _ours(self, event: Json) -> bool:
        mine = (self.who.bot_id, self.who.bot_user, self.who.app_id)
        said_by = (event.get("bot_id"), event.get("user"), event.get("app_id"))
        return any(known and known == said for known, said in zip(mine, said_by, strict=True))

    def _spoken(self, body: Json, event: Json) -> Heard:
        if self._may_alert(event) and not (self._mentioned(event) and not is_bot(event)):
            reading = self._alert_in(body, event)
            if reading.status is not None and (reading.status is not AlertStatus.ACKNOWLEDGED):
                return AlertPost(self._alert(event, reading))
            if is_bot(event) and not self._mentioned(event):
                return Ignored(reading.why or "a state between, which is no news")
        elif is_bot(event) and not self._mentioned(event):
            return Ignored("another bot's post")
        return self._question(body, event)

    def _may_alert(self, event: Json) -> bool:
        profile = event.get("bot_profile")
        names = {event.get(key) for key in ("bot_id", "app_id", "username", "user")}
        names.add(profile.get("name") if isinstance(profile, dict) else None)
        if not self.rules.senders:
            return bool(event.get("bot_id")) or event.get("subtype") == "bot_message"
        wanted = {sender.casefold() for sender in self.rules.senders}
        return any(isinstance(name, str) and name.casefold() in wanted for name in names)

    def _alert_in(self, body: Json, event: Json) -> Reading:
        """Read a post as an alert's; its status is None, with a reason, when it is none for us."""
        reading = read(event, self._speaks_of(), trusted=bool(self.rules.senders))
        listed = event.get("channel") in self.rules.channels
        if self.rules.channels and not listed:
            return replace(reading, status=None, why="not in a channel of ALERT_CHANNELS")
        if body.get("is_ext_shared_channel") and not listed:
            return replace(reading, status=None, why="in a channel shared with others, not listed")
        return reading

    def _speaks_of(self) -> Callable[[str], bool] | None:
        pattern = self.rules.pattern
        return None if pattern is None else lambda text: pattern.search(text) is not None

    def _alert(self, event: Json, reading: Reading) -> Alert:
        """Return the alert; an edit tells it at its own time."""
        channel, ts = str(event["channel"]), str(event["ts"])
        edited = event.get("edited")
        at = str(edited["ts"]) if isinstance(edited, dict) and edited.get("ts") else ts
        text = text_of(event)[:MAX_TEXT]
        scope, elsewhere = self.rules.names.scope_of(reading.subject, f"{reading.title}\n{text}")
        return Alert(
            key=reading.key(channel),
            status=reading.status or AlertStatus.FIRING,
            title=reading.title,
            text=text,
            channel=channel,
            ts=at,
            thread_ts=str(event.get("thread_ts") or ts),
            posted_at=moment(at),
            subject=reading.subject,
            identity=reading.identity,
            colour=reading.colour,
            scope=scope,
            elsewhere=elsewhere,
        )

    def _edit(self, body: Json, event: Json) -> Heard:
        message, before = _sound(event.get("message")), _sound(event.get("previous_message"))
        if event.get("subtype") != "message_changed":
            return Ignored(f"subtype {event.get('subtype')}")
        if self._ours(message) or not (event.get("channel") and message.get("ts")):
            return Ignored("our own post, or none")
        if text_of(without_unfurls(message)) == text_of(without_unfurls(before)):
            return Ignored("an edit that changes no words")
        place: Json = {key: event[key] for key in ("channel", "channel_type") if key in event}
        return self._reworded(body, {**message, **place}, before)

    def _reworded(self, body: Json, now: Json, before: Json) -> Heard:
        if self._may_alert(now):
            return self._edited_alert(body, now, before)
        if not self._mentioned(now) or is_bot(now):
            return Ignored("an edit that asks nothing new")
        if self._mentioned(before) and _bare(self._words(now)) == _bare(self._words(before)):
            return Ignored("an edit that asks nothing new")
        return self._question(body, now)

    def _edited_alert(self, body: Json, now: Json, before: Json) -> Heard:
        """Hear an edit as news only when the state is another."""
        reading = self._alert_in(body, now)
        if reading.status is None or reading.status is AlertStatus.ACKNOWLEDGED:
            return Ignored(reading.why or "a state between, which is no news")
        if reading.status is self._alert_in(body, {**before, "channel": now["channel"]}).status:
            return Ignored("an edit that leaves the state as it was")
        return AlertPost(self._alert(now, reading))

    def _question(self, body: Json, event: Json) -> Heard:
        address = self._address(event)
        if address is None:
            return Ignored("not addressed to us")
        turn = self._turn(body, event)
        foreign = self._foreign(body, event)
        if foreign and address is Address.THREAD:
            return Ignored("from another workspace")
        if foreign:
            return Outsider(turn)
        others = bool(mentions_of(event) - {self.who.bot_user})
        opens = address is Address.MENTION and turn.thread_ts == turn.ts and not others
        return Question(
            replace(turn, opens_thread=opens),
            address,
            private_known=bool(event.get("channel_type")),
            to_person=others,
        )

    def _address(self, event: Json) -> Address | None:
        shown = f"<@{self.who.bot_user}" in str(event.get("text") or "")  # in code or a quote
        if self._mentioned(event) or (event.get("type") == "app_mention" and not shown):
            return Address.MENTION
        if not event.get("user") or is_bot(event):
            return None
        if event.get("channel_type") == "im":
            return Address.DIRECT
        return Address.THREAD if event.get("thread_ts") else None

    def _mentioned(self, message: Json) -> bool:
        """Tell whether it names us, but not in code or a quote; words that stand only in blocks count."""
        return self.who.bot_user in mentions_of(message)

    def _foreign(self, body: Json, event: Json) -> bool:
        home = event.get("user_team") or event.get("source_team") or event.get("team")
        if home and home != self.who.team:
            return True
        listed = event.get("channel") in self.rules.channels
        return bool(body.get("is_ext_shared_channel")) and not listed

    def _turn(self, body: Json, event: Json) -> Turn:
        text = self._words(event)
        ts = str(event["ts"])
        return Turn(
            id=work_key(body) or f"msg:{self.who.team}:{event['channel']}:{ts}",
            team=self.who.team,
            channel=str(event["channel"]),
            thread_ts=str(event.get("thread_ts") or ts),
            ts=ts,
            asker=str(event.get("user") or event.get("bot_id") or ""),
            text=text,
            language=self.rules.language or language_of(text),
            said_at=moment(ts),
            private=event.get("channel_type") in {"im", "mpim", "group"},
        )

    def _words(self, event: Json) -> str:
        wire = str(event.get("text") or "")
        ours = re.compile(rf"<@{re.escape(self.who.bot_user)}(?:\|[^>]*)?>")
        wire = _GROUP.sub(" ", wire)
        words = readable(ours.sub(" ", wire)) if wire.strip() else text_of(event)
        words = _ASIDE.sub(" ", words.replace(f"@{self.who.bot_user}", " "))
        return _BLANKS.sub(" ", words).strip()[:MAX_TEXT]


def is_bot(event: Json) -> bool:
    """Tell whether a bot, a webhook or Slackbot posted it."""
    return bool(event.get("bot_id")) or (
        event.get("subtype") == "bot_message" or event.get("user") == _SLACKBOT
    )


def _bare(words: str) -> str:
    return "".join(re.findall(r"\w+", words.casefold()))


def _sound(event: Any) -> Json:
    """Return the event without names and texts that are none; empty when it is no object."""
    if not isinstance(event, dict):
        return {}
    return {k: v for k, v in event.items() if k not in _NAMES or isinstance(v, str)}


def work_key(body: Json) -> str:
    """Return the key of the piece of work an event is: one for a message and its app_mention."""
    event = body.get("event")
    if not isinstance(event, dict):
        return ""
    message = event.get("message")
    if event.get("subtype") == "message_changed" and isinstance(message, dict):
        edited = message.get("edited")
        when = edited.get("ts") if isinstance(edited, dict) else event.get("event_ts")
        return f"edit:{event.get('channel')}:{message.get('ts')}:{when}"
    return f"msg:{body.get('team_id')}:{event.get('channel')}:{event.get('ts')}"


def moment(ts: str) -> datetime:
    """Return a Slack ts as a time; the epoch for a ts that is none."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
