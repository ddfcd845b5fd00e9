"""What the scheduled digest is made of, and its words."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from bot.agents.templates.cluster import cpu_sentence
from bot.agents.templates.lists import job_table
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.alerts import Investigation
from bot.domain.answers import Bullets, Facts, Heading, Notice, Paragraph, Part, Span, Tone, plain
from bot.domain.cluster import ClusterMetrics, Window
from bot.domain.conversation import Listing
from bot.domain.core_usage import UsageSum
from bot.domain.knowledge import GuideFigures
from bot.domain.language import Language, Text
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.texts import figures

TITLE = Text(ko="클러스터 상태 요약: {cluster}", en="Cluster health: {cluster}")
PERIOD = Text(
    ko="{start} 이후 CPU는 평균 {mean}, 최고 {high}였습니다.",
    en="Since {start} CPU averaged {mean} and peaked at {high}.",
)
ALERTS = Text(ko="알람", en="Alerts")
ALERTS_SUM = Text(
    ko="{count}건 · 해소 {closed} · 진행 중 {open}",
    en="{count} · {closed} resolved · {open} open",
)
PERIOD_EARLIER = Text(
    ko="그전 같은 길이의 기간에는 평균 {mean}였습니다.",
    en="Over the same time before, it averaged {mean}.",
)
EARLIER = Text(ko="{sum} (그전 {count}건)", en="{sum} (before: {count})")
NONE = Text(ko="없었습니다", en="none")
KILLS = Text(ko="종료", en="Kills")
KILLS_SUM = Text(
    ko="확인 {killed} · 거절 {denied} · 기한 지남 {expired}",
    en="{killed} verified · {denied} rejected · {expired} expired",
)
GUIDES = Text(ko="문서 답변", en="Guide answers")
GUIDES_SUM = Text(ko="{count}건 · 👍 {up} · 👎 {down}", en="{count} · 👍 {up} · 👎 {down}")
EFFECT = Text(
    ko="{names} 종료: CPU {before} → {after}", en="Killed {names}: CPU {before} → {after}"
)
HEAVIEST = Text(ko="지금 가장 무거운 잡", en="Heaviest jobs now")
REPEAT = Text(ko="자주 종료된 사용자: {owners}", en="Owners killed more than once: {owners}")
NEEDS_HUMAN = Text(
    ko="종료 결과가 분명하지 않은 카드가 {count}건 있습니다. 사람이 확인해야 합니다.",
    en="Kill cards of unclear outcome: {count}. A person must look.",
)
WAITING = Text(
    ko="결정을 기다리는 카드가 {count}건 있습니다.",
    en="Kill cards that wait for a decision: {count}.",
)
STILL_OPEN = Text(
    ko="해소되지 않은 알람이 {count}건 있습니다. 가장 오래된 것은 {start}에 시작했습니다.",
    en="Alerts not resolved: {count}, the oldest since {start}.",
)
ALL_WELL = Text(ko="사람이 할 일은 없습니다.", en="Nothing needs a person.")
USED = Text(ko="사용한 코어·시간: {owners}.", en="Core-hours used: {owners}.")
USED_OWNER = Text(
    ko="{owner} {used} (쓰지 않은 할당 {wasted})",
    en="{owner} {used} ({wasted} granted and not used)",
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The period of the same length before: mean CPU in percent where known, alerts and kills."""

    cpu: float | None = None
    alerts: int = 0
    kills: int = 0


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """The cluster now and since `since`; `heaviest` is a list of what runs now.

    `earlier` is None where nothing is known of the period before; `usage` are core-hours by
    owner, the most used first.
    """

    since: datetime
    metrics: ClusterMetrics
    window: Window | None
    heaviest: Listing
    investigations: tuple[Investigation, ...]
    proposals: tuple[Proposal, ...]
    guides: GuideFigures = field(default_factory=GuideFigures)
    earlier: Earlier | None = None
    usage: tuple[UsageSum, ...] = ()

    @property
    def eventful(self) -> bool:
        """True when there is more to say than that all is well."""
        return bool(self.investigations or self.proposals or self.metrics.missing)


EFFECTS_SHOWN = 5


def digest(facts: DigestFacts, voice: Voice) -> Wording:
    """Say how healthy the cluster is and was, and what needs a person."""
    language = voice.language
    title = TITLE(language, cluster=facts.metrics.cluster)
    sentence = cpu_sentence(facts.metrics, language)
    parts: list[Part] = [Heading(title), Paragraph((bold(sentence), *_period(facts, voice)))]
    parts.extend(_todo(facts, voice))
    parts.append(Facts(_counts(facts, language)))
    effects = _effects(facts, language)
    if effects:
        parts.append(Bullets(effects))
    owners = _repeat_owners(facts)
    if owners:
        parts.append(plain(REPEAT(language, owners=", ".join(owners))))
    if facts.usage:
        parts.append(plain(USED(language, owners=", ".join(_owners(facts, language)))))
    if facts.heaviest.rows:
        parts.append(Paragraph((bold(HEAVIEST(language)),)))
        parts.append(job_table(facts.heaviest, voice))
    parts.append(voice.footing(facts.metrics.taken_at, facts.metrics.missing))
    ids = tuple(row.ref.id for row in facts.heaviest.rows)
    return Wording(f"{title}. {sentence}", tuple(parts), ids)


def _period(facts: DigestFacts, voice: Voice) -> tuple[Span, ...]:
    if facts.window is None:
        return ()
    words = PERIOD(
        voice.language,
        start=facts.since.astimezone(voice.zone).strftime("%m-%d %H:%M"),
        mean=figures.percent(facts.window.mean),
        high=figures.percent(facts.window.high),
    )
    if facts.earlier is not None and facts.earlier.cpu is not None:
        mean = figures.percent(facts.earlier.cpu)
        words = f"{words} {PERIOD_EARLIER(voice.language, mean=mean)}"
    return (Span(" " + words),)


def _counts(facts: DigestFacts, language: Language) -> tuple[tuple[str, str], ...]:
    alerts = NONE(language)
    if facts.investigations:
        still_open = sum(item.closed_at is None for item in facts.investigations)
        count = len(facts.investigations)
        alerts = ALERTS_SUM(language, count=count, closed=count - still_open, open=still_open)
    kills = NONE(language)
    if facts.proposals:
        states = Counter(proposal.state for proposal in facts.proposals)
        kills = KILLS_SUM(
            language,
            killed=sum(len(proposal.killed) for proposal in facts.proposals),
            denied=states[ProposalState.DENIED],
            expired=states[ProposalState.EXPIRED],
        )
    if facts.earlier is not None:
        alerts = EARLIER(language, sum=alerts, count=facts.earlier.alerts)
        kills = EARLIER(language, sum=kills, count=facts.earlier.kills)
    counts = [(ALERTS(language), alerts), (KILLS(language), kills)]
    guides = facts.guides
    if guides.answers or guides.helpful or guides.unhelpful:
        said = GUIDES_SUM(language, count=guides.answers, up=guides.helpful, down=guides.unhelpful)
        counts.append((GUIDES(language), said))
    return tuple(counts)


def _effects(facts: DigestFacts, language: Language) -> tuple[tuple[Span, ...], ...]:
    done = [item for item in facts.proposals if item.killed and item.cpu_after is not None]
    return tuple(
        (
            Span(
                EFFECT(
                    language,
                    names=", ".join(each.name for each in item.killed),
                    before=figures.percent(item.cpu_before),
                    after=figures.percent(item.cpu_after),
                )
            ),
        )
        for item in done[:EFFECTS_SHOWN]
    )


def _owners(facts: DigestFacts, language: Language) -> list[str]:
    return [
        USED_OWNER(
            language,
            owner=each.owner,
            used=figures.number(each.used),
            wasted=figures.number(each.wasted),
        )
        for each in facts.usage[:EFFECTS_SHOWN]
    ]


def _repeat_owners(facts: DigestFacts) -> list[str]:
    owners = Counter(each.user for proposal in facts.proposals for each in proposal.killed)
    return [f"{owner} ({count})" for owner, count in owners.most_common(3) if count > 1]


def _todo(facts: DigestFacts, voice: Voice) -> list[Part]:
    """Say what needs a person, the most urgent first; it stands above the figures."""
    language = voice.language
    stuck = sum(
        any(target.state is TargetState.NEEDS_HUMAN for target in proposal.targets)
        for proposal in facts.proposals
    )
    waiting = sum(proposal.state is ProposalState.PENDING for proposal in facts.proposals)
    notices: list[Part] = []
    if stuck:
        notices.append(Notice(NEEDS_HUMAN(language, count=stuck), Tone.BAD))
    if waiting:
        notices.append(Notice(WAITING(language, count=waiting), Tone.WARNING))
    opened = [each.opened_at for each in facts.investigations if each.closed_at is None]
    if opened:
        start = min(opened).astimezone(voice.zone).strftime("%m-%d %H:%M")
        words = STILL_OPEN(language, count=len(opened), start=start)
        notices.append(Notice(words, Tone.WARNING))
    return notices or [plain(ALL_WELL(language))]
