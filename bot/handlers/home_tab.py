"""Beside threads: the home tab, made anew for whoever opens it, the cluster's window, and shortcuts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.agents.facts import StatusFacts
from bot.agents.templates.cluster import status
from bot.agents.templates.wording import Voice
from bot.domain.alerts import Alert, AlertStatus, Investigation
from bot.domain.answers import Facts, Note, Notice
from bot.domain.cluster import ClusterMetrics
from bot.domain.language import Language
from bot.domain.posts import InboxItem, Post
from bot.domain.proposals import Proposal, ProposalState
from bot.errors import DangjikError
from bot.handlers.alerts.reading import read
from bot.handlers.delivery import SlackCallError, asked
from bot.handlers.events import MAX_TEXT, AlertPost, Parser
from bot.handlers.message_text import Json, record, text_of, title_of
from bot.handlers.modals import change_window, open_window
from bot.handlers.people import Channels, Users, Visitor
from bot.handlers.turns import Progress, Talk, meanwhile
from bot.handlers.views import blocks as kit
from bot.handlers.views.answer import Outcome, direct_post, investigation_post, private_post, render
from bot.handlers.views.blocks import sanitize_line
from bot.ports import Clock, ClusterHealth, Investigations, Past
from bot.texts import figures
from bot.texts import slack as texts
from bot.texts.slack import OUTSIDER

# What the tab and the window show: facts in, blocks out; at most a few of each kind.
SHOWN = 5
_NAMES = 3
_NAME = 48


@dataclass(frozen=True, slots=True)
class HomeLocale(Voice):
    """How the tab speaks; `slack` is where Slack's links begin."""

    slack: str


@dataclass(frozen=True, slots=True)
class HomeSettings:
    """The settings the tab tells in words."""

    cluster: str
    approvals: int
    ttl: timedelta
    self_approval: bool
    dry_run: bool
    protected: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """What is stored, for one person: cards they may decide, open work, last kills."""

    waiting: tuple[Proposal, ...] = ()
    open: tuple[Investigation, ...] = ()
    kills: tuple[Proposal, ...] = ()
    approver: bool = False


def status_blocks(metrics: ClusterMetrics, manner: HomeLocale) -> list[kit.Block]:
    """Return the cluster in a few lines: no tables and buttons, which only a message may hold."""
    wording = status(StatusFacts(metrics), manner)
    first, *more = wording.parts
    parts = (first, *(part for part in more if isinstance(part, Facts | Note | Notice)))
    return list(render(replace(wording, parts=parts), manner.language).blocks)


def window(title: str, blocks: Sequence[kit.Block], language: Language) -> Json:
    """Return a window that is read and closed."""
    return {
        "type": "modal",
        "title": kit.plain(title),
        "close": kit.plain(texts.CLOSE(language)),
        "blocks": list(blocks),
    }


def home_blocks(
    metrics: ClusterMetrics, records: Records | None, habits: HomeSettings, manner: HomeLocale
) -> list[kit.Block]:
    """Return the whole tab; without records, a line that says so in their place."""
    language = manner.language
    cluster = sanitize_line(habits.cluster, _NAME, language)
    blocks = [kit.header(texts.TITLE(language, cluster=cluster)), *status_blocks(metrics, manner)]
    if records is None:
        blocks.append(kit.note(texts.UNREADABLE(language)))
        return [*blocks, *what_to_ask(language)]
    waiting = [_waiting(each, manner) for each in records.waiting]
    opened = [_investigation(each, manner) for each in records.open]
    kills = [_kill(each, manner) for each in records.kills]
    for title, lines, none in (
        (texts.WAITING, waiting, texts.NO_WAITING),
        (texts.INVESTIGATIONS, opened, texts.NO_INVESTIGATIONS),
        (texts.KILLS, kills, texts.NO_KILLS),
    ):
        blocks += _section(title(language), _first(lines, language), none(language))
    blocks += _section(texts.SETTINGS(language), _habits(habits, records.approver, language), "")
    return [*blocks, *what_to_ask(language)]


def _section(title: str, lines: list[kit.Block], none: str) -> list[kit.Block]:
    if not lines:
        return [kit.paragraph(kit.words(title, bold=True)), kit.paragraph(kit.words(none))]
    listed = {"type": "rich_text_list", "style": "bullet", "elements": lines}
    return [kit.rich(kit.section(kit.words(title, bold=True)), listed)]


def _first(lines: list[kit.Block], language: Language) -> list[kit.Block]:
    left = len(lines) - SHOWN
    more = [kit.section(kit.words(texts.MORE(language, n=left)))] if left > 0 else []
    return [*lines[:SHOWN], *more]


def _waiting(proposal: Proposal, manner: HomeLocale) -> kit.Block:
    until, card = manner.minute(proposal.expires_at), proposal.card_ts or proposal.thread_ts
    return kit.section(
        *_names((target.name for target in proposal.targets), manner.language),
        kit.words(texts.WAITS(manner.language, until=until)),
        _open(proposal.channel, card, manner, proposal.slack_thread),
    )


def _investigation(item: Investigation, manner: HomeLocale) -> kit.Block:
    language = manner.language
    since = manner.minute(item.opened_at)
    repeats = texts.REPEATED(language, n=item.repeats) if item.repeats > 1 else ""
    return kit.section(
        kit.channel(item.channel),
        kit.words(texts.INVESTIGATED(language, since=since) + repeats),
        _open(item.channel, item.thread_ts, manner),
    )


def _kill(proposal: Proposal, manner: HomeLocale) -> kit.Block:
    language = manner.language
    at = proposal.finished_at or proposal.created_at
    time, killed = manner.moment(at), (each.name for each in proposal.killed)
    runs = [kit.words(texts.KILLED(language, time=time)), *_names(killed, language)]
    if proposal.cpu_before is not None and proposal.cpu_after is not None:
        before, after = figures.percent(proposal.cpu_before), figures.percent(proposal.cpu_after)
        runs.append(kit.words(texts.EFFECT(language, before=before, after=after)))
    approvers = [vote.user for vote in proposal.votes if vote.approve]
    if approvers:
        runs += [kit.words(texts.APPROVED_BY(language)), kit.person(approvers[0])]
    runs.append(kit.words(texts.DASH(language)))
    return kit.section(*runs, _open(proposal.channel, proposal.slack_thread, manner))


def _habits(habits: HomeSettings, approver: bool, language: Language) -> list[kit.Block]:
    ttl = figures.duration(habits.ttl, language)
    said = [
        texts.MAY_APPROVE if approver else texts.MAY_NOT_APPROVE,
        texts.SELF_APPROVAL if habits.self_approval else texts.NO_SELF_APPROVAL,
    ]
    lines = [kit.words(text(language)) for text in said]
    needed = texts.ONE_APPROVAL if habits.approvals == 1 else texts.APPROVALS
    lines.insert(1, kit.words(needed(language, n=habits.approvals, ttl=ttl)))
    if habits.dry_run:
        lines.insert(0, kit.words(texts.DRY_RUN(language), bold=True))
    if habits.protected:
        patterns = sanitize_line(", ".join(habits.protected), 400, language)
        lines.append(kit.words(texts.PROTECTED(language, patterns=patterns)))
    else:
        lines.append(kit.words(texts.NOTHING_PROTECTED(language)))
    return [*(kit.section(line) for line in lines), _channels(habits, language)]


def _channels(habits: HomeSettings, language: Language) -> kit.Block:
    if not habits.channels:
        return kit.section(kit.words(texts.ALERTS_EVERYWHERE(language)))
    shown = [kit.channel(each) for each in habits.channels[:SHOWN]]
    runs = _joined(shown, len(habits.channels) - SHOWN, language)
    return kit.section(kit.words(texts.ALERTS_IN(language)), *runs)


def what_to_ask(language: Language) -> list[kit.Block]:
    """Return what can be asked: all there is for somebody who is told nothing of the cluster."""
    examples = [kit.section(kit.words(line(language))) for line in texts.HOME_EXAMPLES]
    return [
        kit.header(texts.ASK(language)),
        kit.paragraph(kit.words(texts.HOME_INTRO(language))),
        kit.rich({"type": "rich_text_list", "style": "bullet", "elements": examples}),
        kit.note(texts.HOME_SAFETY(language)),
    ]


def _names(names: Iterable[str], language: Language) -> list[kit.Block]:
    """Return the first names, each in a run of its own: their text is not ours."""
    known = [kit.words(sanitize_line(name, _NAME, language), code=True) for name in names]
    return _joined(known[:_NAMES], len(known) - _NAMES, language)


def _joined(shown: Sequence[kit.Block], left: int, language: Language) -> list[kit.Block]:
    """Return runs with commas between, and how many more there are."""
    runs = [run for each in shown for run in (kit.words(", "), each)][1:]
    return [*runs, kit.words(" " + texts.MORE(language, n=left))] if left > 0 else runs


def _open(channel: str, ts: str, manner: HomeLocale, thread_ts: str = "") -> kit.Block:
    """Return the link to a message; plain words where Slack's address is unknown."""
    label = texts.OPEN(manner.language)
    if not manner.slack.startswith(("https://", "http://")):
        return kit.words(label)
    url = f"{manner.slack.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    if thread_ts and thread_ts != ts:
        url += f"?thread_ts={thread_ts}&cid={channel}"
    return kit.link(url, label)


# The home tab is made anew for whoever opens it; shortcuts are deliveries like any other.


_LOG = structlog.get_logger(__name__)
PAST = timedelta(days=7)
FORGOTTEN = timedelta(days=1)  # an alert whose end was never told is open for ever
MOST_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class HomeData:
    """Where the home tab and the status window take what they show."""

    health: ClusterHealth
    past: Past
    barred: Callable[[str, str], Awaitable[str | None]]  # why one may not approve
    habits: HomeSettings
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What handlers ask Slack beside a turn, and show there; `slack` is where its links begin."""

    client: AsyncWebClient
    visitors: Users
    rooms: Channels
    progress: Progress
    housing: HomeData | None
    zone: tzinfo
    slack: str

    def manner(self, language: Language) -> HomeLocale:
        """Return how the tab and windows speak."""
        return HomeLocale(language, self.zone, self.slack)


@dataclass(frozen=True, slots=True)
class Home:
    """Publishes the home tab for whoever opens it."""

    around: Surroundings
    clock: Clock
    team: str

    def register(self, app: AsyncApp) -> None:
        """Listen; to be registered before the listeners that take everything."""
        app.event("app_home_opened")(self.opened)

    async def opened(self, event: dict[str, Any]) -> None:
        """Publish the tab for whoever opened it."""
        user = event.get("user")
        if event.get("tab") != "home" or not isinstance(user, str):
            return
        view = {"type": "home", "blocks": await self._blocks(await self.around.visitors.of(user))}
        try:
            await asked(self.around.client.views_publish, {"user_id": user, "view": view})
        except SlackCallError as error:
            _LOG.warning("home_not_shown", error=str(error))

    async def _blocks(self, visitor: Visitor) -> list[kit.Block]:
        manner = self.around.manner(visitor.language)
        if self.around.housing is None or not visitor.insider:
            return what_to_ask(visitor.language)
        metrics, records = await asyncio.gather(
            self.around.housing.health.now(), self._records(self.around.housing, visitor)
        )
        return home_blocks(metrics, records, self.around.housing.habits, manner)

    async def _records(self, housing: HomeData, visitor: Visitor) -> Records | None:
        """Return what is stored for a person; None when it cannot be read."""
        now = self.clock()
        try:
            proposals, investigations, barred = await asyncio.gather(
                housing.past.proposals(now - PAST),
                housing.past.investigations(now - FORGOTTEN),
                housing.barred(visitor.id, self.team),
            )
        except DangjikError as error:
            _LOG.warning("home_without_records", error=str(error))
            return None
        approver = barred is None
        waiting = [
            each
            for each in proposals
            if approver and waits_for(each, visitor.id, now, own=housing.habits.self_approval)
        ]
        open_ones = [
            each
            for each in investigations[:MOST_LOOKED_AT]
            if each.closed_at is None
            and each.opened_at >= now - FORGOTTEN
            and not await self.around.rooms.private(each.channel)
        ]
        kills = [
            each
            for each in proposals[:MOST_LOOKED_AT]
            if each.killed
            and (took_part(each, visitor.id) or not await self.around.rooms.private(each.channel))
        ]
        return Records(tuple(waiting), tuple(open_ones), tuple(kills), approver)


def waits_for(proposal: Proposal, user: str, now: datetime, *, own: bool) -> bool:
    """Tell whether an approver's decision is still asked for; `own` when their own request counts."""
    return (
        proposal.state is ProposalState.PENDING
        and proposal.expires_at > now
        and all(vote.user != user for vote in proposal.votes)
        and (own or proposal.requester != user)
    )


def took_part(proposal: Proposal, user: str) -> bool:
    """Tell whether somebody asked for a proposal or decided on it."""
    return proposal.requester == user or any(vote.user == user for vote in proposal.votes)


# Shortcuts: look into any message as into an alert, and the cluster's state in a window.


INVESTIGATE, STATUS = "investigate", "cluster_status"
_MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One use of a shortcut; `message` and `channel` are empty for one used anywhere.

    `trigger` may open a window, for three seconds.
    """

    key: str
    name: str
    user: str
    user_team: str
    trigger: str
    channel: str = ""
    message: Json | None = None

    @property
    def thread_ts(self) -> str:
        """The thread of the message it was used on."""
        message = self.message or {}
        return str(message.get("thread_ts") or message.get("ts") or "")


def read_shortcut(body: Json) -> Shortcut | None:
    """Return the use a `message_action` or `shortcut` body tells of; None for none of ours."""
    user, channel, message = (record(body.get(key)) for key in ("user", "channel", "message"))
    name, at, who = body.get("callback_id"), body.get("action_ts"), user.get("id")
    wanted = {"message_action": INVESTIGATE, "shortcut": STATUS}.get(str(body.get("type")))
    if not (name and name == wanted and at and who):
        return None
    if name == INVESTIGATE and not (channel.get("id") and message.get("ts")):
        return None
    return Shortcut(
        key=f"shortcut:{name}:{at}:{who}",
        name=str(name),
        user=str(who),
        user_team=str(user.get("team_id") or ""),
        trigger=str(body.get("trigger_id") or ""),
        channel=str(channel.get("id") or ""),
        message=message or None,
    )


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """Answers each use visibly: in the message's thread, or in a window."""

    parser: Parser
    talk: Talk
    investigations: Investigations
    around: Surroundings

    async def handle(self, item: InboxItem, used: Shortcut) -> Outcome:
        """Return what the use comes to."""
        if used.name == STATUS:
            return await self._status(used)
        return await self._investigate(item, used)

    async def _status(self, used: Shortcut) -> Outcome:
        """Open the window at once, for its trigger does not wait for the cluster; then fill it."""
        visitor = await self.around.visitors.of(used.user)
        manner = self.around.manner(visitor.language)
        if not visitor.insider or self.around.housing is None:
            return await self._refuse(used, texts.MEMBERS_ONLY(visitor.language), visitor.language)
        title, reading = texts.STATUS_TITLE(visitor.language), texts.READING(visitor.language)
        waiting = window(title, [kit.paragraph(kit.words(reading))], visitor.language)
        opened = await open_window(self.around.client, used.trigger, waiting)
        blocks = status_blocks(await self.around.housing.health.now(), manner)
        if opened is None:
            return Outcome((direct_post(used.key, used.user, title, tuple(blocks)),))
        filled = window(title, blocks, visitor.language)
        await change_window(self.around.client, opened, filled)
        return Outcome()

    async def _investigate(self, item: InboxItem, used: Shortcut) -> Outcome:
        around = self.around
        visitor = await around.visitors.of(used.user)
        place = await around.rooms.place(used.channel)
        listed = used.channel in self.parser.rules.channels
        if not visitor.insider:
            return await self._refuse(used, texts.MEMBERS_ONLY(visitor.language), visitor.language)
        if place.shared and not listed:
            return await self._refuse(used, OUTSIDER(visitor.language), visitor.language)
        if not place.member:
            return await self._refuse(used, texts.INVITE(visitor.language), visitor.language)
        alert = await self._alert(item, used)
        await self.investigations.join(alert.channel, alert.thread_ts)
        shown = around.progress.show(alert.channel, alert.thread_ts, visitor.language)
        async with meanwhile(shown):
            answer = await self.talk.investigate(alert)
        return Outcome((investigation_post(used.key, alert, answer),))

    async def _alert(self, item: InboxItem, used: Shortcut) -> Alert:
        """Return the message as an alert of now; one that is an alert is closed by its own end."""
        message = used.message or {}
        event = {**message, "type": "message", "channel": used.channel}
        heard = self.parser.read({"team_id": self.parser.who.team, "event": event})
        if isinstance(heard, AlertPost) and heard.alert.status is AlertStatus.FIRING:
            await self.investigations.open(heard.alert, f"{used.key}:answer")
            return heard.alert
        reading = read(message)
        return Alert(
            key=reading.key(used.channel),
            status=AlertStatus.FIRING,
            title=(reading.title or title_of(message))[:_MAX_TITLE],
            text=text_of(message)[:MAX_TEXT],
            channel=used.channel,
            ts=str(message["ts"]),
            thread_ts=used.thread_ts,
            posted_at=item.received_at,
            subject=reading.subject,
            identity=reading.identity,
        )

    async def _refuse(self, used: Shortcut, text: str, language: Language) -> Outcome:
        """Say no in a window: where the bot is no member it cannot even whisper."""
        view = window(texts.INVITE_TITLE(language), [kit.paragraph(kit.words(text))], language)
        if await open_window(self.around.client, used.trigger, view) is None and used.channel:
            post = private_post(used.key, used.channel, used.thread_ts, used.user, text)
            return Outcome((post,))
        return Outcome()


def apology_post(used: Shortcut, text: str) -> Post:
    """Return a line for whoever used a shortcut, where they used it or in their messages."""
    if used.channel:
        return private_post(used.key, used.channel, used.thread_ts, used.user, text)
    return direct_post(used.key, used.user, text, (kit.paragraph(kit.words(text)),))
