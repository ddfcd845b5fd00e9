"""The app's home tab and the cluster's window: facts in, blocks out; at most a few of each kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.agents.facts import StatusFacts
from bot.agents.templates.cluster import status
from bot.agents.templates.wording import Voice
from bot.domain.alerts import Investigation
from bot.domain.answers import Facts, Note, Notice
from bot.domain.cluster import ClusterMetrics
from bot.domain.language import Language
from bot.domain.proposals import Proposal
from bot.handlers.message_text import Json
from bot.handlers.views import blocks as kit
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import sanitize_line
from bot.texts import figures
from bot.texts import slack as texts

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
