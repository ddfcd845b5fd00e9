"""Turns a Slack event into what it means to us; pure, and raises on nothing Slack can send."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.domain.alerts import Alert, AlertStatus
from bot.domain.conversation import Turn
from bot.domain.language import Language, language_of
from bot.handlers.alert_shapes import BUILT_IN_PATTERN, key_of, status_of
from bot.handlers.message_text import Json, readable, text_of, title_of, without_unfurls

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
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


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
    """What counts as an alert, and the language answers are forced to; empty means any."""

    channels: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    pattern: re.Pattern[str] = field(
        default_factory=lambda: re.compile(BUILT_IN_PATTERN, re.IGNORECASE)
    )
    language: Language | None = None


class Address(StrEnum):
    """How a question reached us; only in a thread must we have taken part before."""

    MENTION = "mention"
    DIRECT = "direct"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Question:
    """A person's words to us. `private_known` is False when the event did not tell the channel's kind."""

    turn: Turn
    address: Address
    private_known: bool = True


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
        if str(event.get("subtype") or "") not in _SPOKEN_SUBTYPES:
            return Ignored(f"subtype {event.get('subtype')}")
        if not (event.get("channel") and event.get("ts")):
            return Ignored("no channel or time")
        if self._ours(event) or event.get("user") == _SLACKBOT:
            return Ignored("our own post, or Slackbot's")
        return self._spoken(body, event)

    def _ours(self, event: Json) -> bool:
        mine = (self.who.bot_id, self.who.bot_user, self.who.app_id)
        said_by = (event.get("bot_id"), event.get("user"), event.get("app_id"))
        return any(known and known == said for known, said in zip(mine, said_by, strict=True))

    def _spoken(self, body: Json, event: Json) -> Heard:
        asked = self._mentioned(event) and not event.get("bot_id")
        if self._may_alert(event) and not asked:
            if self._is_alert(body, event):
                return AlertPost(self._alert(event, status_of(event)))
            if event.get("bot_id"):
                return Ignored("a bot's post that is no alert of ours")
        elif event.get("bot_id") or event.get("subtype") == "bot_message":
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

    def _is_alert(self, body: Json, event: Json) -> bool:
        listed = event.get("channel") in self.rules.channels
        if self.rules.channels and not listed:
            return False
        if body.get("is_ext_shared_channel") and not listed:
            return False
        return self.rules.pattern.search(text_of(event)) is not None

    def _alert(self, event: Json, status: AlertStatus) -> Alert:
        channel, ts = str(event["channel"]), str(event["ts"])
        return Alert(
            key=key_of(event, channel),
            status=status,
            title=title_of(event)[:200],
            text=text_of(event)[:MAX_TEXT],
            channel=channel,
            ts=ts,
            thread_ts=str(event.get("thread_ts") or ts),
            posted_at=moment(ts),
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
        if self._mentioned(now) and not self._mentioned(before) and not now.get("bot_id"):
            return self._question(body, now)
        return Ignored("an edit that asks nothing new")

    def _edited_alert(self, body: Json, now: Json, before: Json) -> Heard:
        """Hear an edit as news only when it turns firing into resolved, or back."""
        status = status_of(now)
        if not self._is_alert(body, now):
            return Ignored("a bot's post that is no alert of ours")
        if status is AlertStatus.FIRING and status_of(before) is AlertStatus.FIRING:
            return Ignored("an update of a firing alert")
        return AlertPost(self._alert(now, status))

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
        return Question(turn, address, private_known=bool(event.get("channel_type")))

    def _address(self, event: Json) -> Address | None:
        if not event.get("user"):
            return None
        if event.get("type") == "app_mention" or self._mentioned(event):
            return Address.MENTION
        if event.get("channel_type") == "im":
            return Address.DIRECT
        elsewhere = _MENTION.match(str(event.get("text") or "").strip())
        if event.get("thread_ts") and not elsewhere:  # "@minji please look" is said to Minji
            return Address.THREAD
        return None

    def _mentioned(self, message: Json) -> bool:
        return self.who.bot_user in _MENTION.findall(str(message.get("text") or ""))

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
            asker=str(event["user"]),
            text=text,
            language=self.rules.language or language_of(text),
            said_at=moment(ts),
            private=event.get("channel_type") in {"im", "mpim", "group"},
        )

    def _words(self, event: Json) -> str:
        wire = str(event.get("text") or "")
        ours = re.compile(rf"<@{re.escape(self.who.bot_user)}(?:\|[^>]*)?>")
        words = readable(ours.sub(" ", wire)) if wire.strip() else text_of(event)
        return _BLANKS.sub(" ", words).strip()[:MAX_TEXT]


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
