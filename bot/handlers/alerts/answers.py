"""Alert posts: the first one opens an investigation, repeats fold into it, a resolved one ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.alerts import (
    SILENT_GAP,
    Alert,
    AlertBoard,
    AlertStatus,
    Heard,
    Investigation,
    Metric,
    Scope,
)
from bot.domain.answers import Answer, plain
from bot.domain.cluster import Window
from bot.domain.hypotheses import HIGH_CPU
from bot.domain.language import Language, language_of
from bot.errors import BackendError, DangjikError, StorageError
from bot.handlers.delivery import SlackCallError, asked
from bot.handlers.people import Channels
from bot.handlers.turns import Talk
from bot.handlers.views import blocks as kit
from bot.handlers.views.answer import (
    NOTHING,
    Outcome,
    channel_notice,
    foreign_post,
    investigation_post,
    line_post,
)
from bot.ports import ClusterHealth, Investigations, Outbox
from bot.services.guides import IncidentDesk
from bot.texts import figures
from bot.texts import slack as texts

_LOG = structlog.get_logger(__name__)


# Ends that no post told: the figure had been normal, or Alertmanager knows a younger alert.


STEPS = 60
SPELL = timedelta(minutes=10)  # below the limit for so long is normal


async def ended(health: ClusterHealth, alert: Alert, since: datetime) -> bool:
    """Tell whether an alert had ended after `since`; False where nobody knows."""
    step = max((alert.posted_at - since) / STEPS, timedelta(minutes=1))
    window, now = await asyncio.gather(_history(health, alert, since, step), health.now())
    if now.alerts is not None and _younger(now.alerts, alert, since):
        return True
    limit = alert.subject.threshold or HIGH_CPU
    return window is not None and _calm_spell(window, limit)


async def _history(
    health: ClusterHealth, alert: Alert, since: datetime, step: timedelta
) -> Window | None:
    if alert.subject.metric is not Metric.CPU or alert.subject.hosts:
        return None
    try:
        return await health.cpu(since, alert.posted_at, step)
    except BackendError:
        return None


def _younger(board: AlertBoard, alert: Alert, since: datetime) -> bool:
    """Tell whether the standing alert of that name began after the last post of the old one."""
    words = alert.identity.name.split()
    begun = [each.since for each in board.alerts if each.name.casefold() in words and each.since]
    return bool(begun) and min(begun) > since


def _calm_spell(window: Window, limit: float) -> bool:
    """Tell whether the figure stayed below its limit for a spell."""
    begun: datetime | None = None
    for at, percent in window.points:
        if percent >= limit:
            begun = None
        elif begun is None:
            begun = at
        elif at - begun >= SPELL:
            return True
    return False


# Tells that a channel floods: people see why a reply takes its turn, and that none is left out.


FLOOD = 20  # posts of alerts in one channel within `FLOOD_WINDOW`
FLOOD_WINDOW = timedelta(minutes=1)
FLOOD_TOLD = timedelta(minutes=30)  # once in that time, whichever replica tells


@dataclass(frozen=True, slots=True)
class Flood:
    """What floods: posts and different alerts within the window; `slot` numbers its half hour."""

    posts: int
    alerts: int
    slot: int


class Floods:
    """Counts what fires in each channel, as far as this replica hears it."""

    def __init__(self) -> None:
        self._fired: dict[str, dict[str, tuple[datetime, str]]] = {}
        self._told: dict[str, datetime] = {}

    def told_by(self, alert: Alert, investigation: str) -> Flood | None:
        """Count a post of an investigation; return the flood when it is to be told of now."""
        at = alert.posted_at
        before = self._fired.get(alert.channel, {}) | {alert.ts: (at, investigation)}
        fired = {ts: each for ts, each in before.items() if at - each[0] <= FLOOD_WINDOW}
        self._fired[alert.channel] = fired
        told = self._told.get(alert.channel, at)
        if len(fired) < FLOOD or timedelta(0) < at - told < FLOOD_TOLD:
            return None
        self._told[alert.channel] = at
        alerts = len({id_ for _, id_ in fired.values()})
        return Flood(len(fired), alerts, int(at.timestamp() // FLOOD_TOLD.total_seconds()))


# Leaves a folded repeat's trace in the first reply, edited in place, and never in its way.


MOST_BLOCKS = 50


@dataclass(slots=True, eq=False)
class RepeatTraces:
    """Edits without haste: many repeats are one edit, and none is owed.

    What is not edited today is told by the next repeat, for the count is kept with the
    investigation.
    """

    client: AsyncWebClient
    posts: Outbox
    zone: tzinfo
    _due: dict[str, tuple[str, int, datetime]] = field(default_factory=dict, init=False)

    def note(self, investigation: Investigation, alert: Alert) -> None:
        """Have the first reply tell of this repeat, soon."""
        told = (investigation.reply, investigation.repeats, alert.posted_at)
        self._due[investigation.id] = told

    async def edit_one(self) -> None:
        """Edit one reply that is due, if any: the pace is whoever's who asks."""
        if self._due:
            _, told = self._due.popitem()
            await self._edit(*told)

    async def _edit(self, reply: str, count: int, at: datetime) -> None:
        try:
            post = await self.posts.standing(reply)
            if post is None:
                return
            language = language_of(post.text)
            time = at.astimezone(self.zone).strftime("%H:%M")
            line = texts.TRACE(language, count=count, time=time)
            await asked(
                self.client.chat_update,
                {
                    "channel": post.channel,
                    "ts": post.replaces_ts,
                    "text": post.text,
                    "blocks": [*post.blocks[: MOST_BLOCKS - 1], kit.note(line)],
                    "metadata": {
                        "event_type": post.event_type,
                        "event_payload": {**post.event_payload, "post": post.id},
                    },
                },
            )
        except (SlackCallError, StorageError) as error:
            _LOG.info("trace_not_left", reason=str(error))


Ended = Callable[[Alert, datetime], Awaitable[bool]]  # whether an end was missed since then


@dataclass(slots=True, eq=False)
class Alerts:
    """Answers in the alert's thread."""

    talk: Talk
    investigations: Investigations
    replies: Outbox
    ended: Ended | None = None
    traces: RepeatTraces | None = None
    incidents: IncidentDesk | None = None
    rooms: Channels | None = None
    zone: tzinfo = UTC
    _floods: Floods = field(default_factory=Floods, init=False)

    async def handle(self, key: str, alert: Alert) -> Outcome:
        """Return the first reply, the last one, a line for a repeat after a silence, or nothing.

        Beside it, once, the line that the channel floods.
        """
        if alert.status is AlertStatus.RESOLVED:
            return await self._resolved(key, alert)
        heard = await self.investigations.open(alert, f"{key}:answer")
        outcome = await self._fired(key, alert, heard)
        flood = self._floods.told_by(alert, heard.investigation.id)
        if flood is None:
            return outcome
        text = texts.FLOOD(
            await self.talk.language_for(alert), posts=flood.posts, alerts=flood.alerts
        )
        post = channel_notice(f"flood:{alert.channel}:{flood.slot}", alert.channel, "flood", text)
        return replace(outcome, posts=(post, *outcome.posts))

    async def _fired(self, key: str, alert: Alert, heard: Heard) -> Outcome:
        if heard.turned:
            return await self._resolved(key, replace(alert, status=AlertStatus.RESOLVED))
        if heard.new:
            return await self._first(key, alert)
        if await self.replies.revive(heard.investigation.reply):
            return NOTHING
        if heard.quiet < SILENT_GAP:
            if self.traces is not None and alert.scope is not Scope.FOREIGN:
                self.traces.note(heard.investigation, alert)
            return NOTHING
        return await self._again(key, alert, heard)

    async def _first(self, key: str, alert: Alert, before: Investigation | None = None) -> Outcome:
        if alert.scope is Scope.FOREIGN:
            return Outcome((foreign_post(key, alert, await self.talk.investigate(alert)),))
        joined = self.investigations.join(alert.channel, alert.thread_ts)
        _, answer = await asyncio.gather(joined, self.talk.investigate(alert))
        if before is not None:
            time = figures.date_time(before.opened_at, self.zone)
            said = plain(texts.UNHEARD(answer.language, time=time))
            answer = replace(answer, parts=(*answer.parts, said))
        return Outcome((investigation_post(key, alert, answer),))

    async def _again(self, key: str, alert: Alert, heard: Heard) -> Outcome:
        """Tell of a repeat after a silence: as a new incident when the old one had ended."""
        since = alert.posted_at - heard.quiet
        ended = self.ended is not None and await self.ended(alert, since)
        if ended or alert.scope is Scope.FOREIGN:
            await self.investigations.open(alert, f"{key}:answer", anew=True)
            return await self._first(key, alert, heard.investigation)
        language = await self.talk.language_for(alert)
        span = figures.duration(alert.posted_at - heard.investigation.opened_at, language)
        thread = heard.investigation.thread_ts
        text = texts.STILL(language, span=span)
        return Outcome((line_post(key, alert.channel, thread, text),))

    async def _resolved(self, key: str, alert: Alert) -> Outcome:
        investigation = await self.investigations.close(alert)
        if investigation is None or alert.scope is Scope.FOREIGN:
            return NOTHING
        told = investigation.subject
        here = replace(
            alert,
            thread_ts=investigation.thread_ts,
            key=investigation.alert_key,
            title=investigation.title or alert.title,
            subject=told if told.metric is not Metric.OTHER else alert.subject,
        )
        answer = await self.talk.conclude(here)
        if answer is None:
            return NOTHING
        record = await self._record(investigation, here, answer.language)
        said = replace(answer, parts=(*answer.parts, *record.parts)) if record else answer
        return Outcome((investigation_post(key, here, said),))

    async def _record(
        self, investigation: Investigation, alert: Alert, language: Language
    ) -> Answer | None:
        """Return the record of the investigation, to be kept or discarded by a click."""
        if self.incidents is None or self.rooms is None:
            return None
        private = await self.rooms.private(alert.channel)
        try:
            return await self.incidents.offer(investigation, alert, language, private=private)
        except DangjikError as error:  # the alert's end is told all the same
            _LOG.error("incident_not_offered", alert=alert.key[:80], error=str(error))
            return None
