"""Words for the scheduled digest."""

from collections import Counter

from bot.agents.templates.cluster import cpu_sentence
from bot.agents.templates.lists import job_table
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Bullets, Facts, Heading, Notice, Paragraph, Part, Span, Tone, plain
from bot.domain.digests import DigestFacts
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.texts import digest as texts
from bot.texts import figures

EFFECTS_SHOWN = 5


def digest(facts: DigestFacts, voice: Voice) -> Wording:
    """Say how healthy the cluster is and was, and what needs a person."""
    language = voice.language
    title = texts.TITLE(language, cluster=facts.metrics.cluster)
    sentence = cpu_sentence(facts.metrics, language)
    parts: list[Part] = [Heading(title), Paragraph((bold(sentence), *_period(facts, voice)))]
    parts.extend(_todo(facts, voice))
    parts.append(Facts(_counts(facts, language)))
    effects = _effects(facts, language)
    if effects:
        parts.append(Bullets(effects))
    owners = _repeat_owners(facts)
    if owners:
        parts.append(plain(texts.REPEAT(language, owners=", ".join(owners))))
    if facts.usage:
        parts.append(plain(texts.USED(language, owners=", ".join(_owners(facts, language)))))
    if facts.heaviest.rows:
        parts.append(Paragraph((bold(texts.HEAVIEST(language)),)))
        parts.append(job_table(facts.heaviest, voice))
    parts.append(voice.footing(facts.metrics.taken_at, facts.metrics.missing))
    ids = tuple(row.ref.id for row in facts.heaviest.rows)
    return Wording(f"{title}. {sentence}", tuple(parts), ids)


def _period(facts: DigestFacts, voice: Voice) -> tuple[Span, ...]:
    if facts.window is None:
        return ()
    words = texts.PERIOD(
        voice.language,
        start=facts.since.astimezone(voice.zone).strftime("%m-%d %H:%M"),
        mean=figures.percent(facts.window.mean),
        high=figures.percent(facts.window.high),
    )
    if facts.earlier is not None and facts.earlier.cpu is not None:
        mean = figures.percent(facts.earlier.cpu)
        words = f"{words} {texts.PERIOD_EARLIER(voice.language, mean=mean)}"
    return (Span(" " + words),)


def _counts(facts: DigestFacts, language: Language) -> tuple[tuple[str, str], ...]:
    alerts = texts.NO_ALERTS(language)
    if facts.investigations:
        still_open = sum(item.closed_at is None for item in facts.investigations)
        count = len(facts.investigations)
        alerts = texts.ALERTS_SUM(language, count=count, closed=count - still_open, open=still_open)
    kills = texts.NO_KILLS(language)
    if facts.proposals:
        states = Counter(proposal.state for proposal in facts.proposals)
        kills = texts.KILLS_SUM(
            language,
            killed=sum(len(killed(proposal)) for proposal in facts.proposals),
            denied=states[ProposalState.DENIED],
            expired=states[ProposalState.EXPIRED],
        )
    if facts.earlier is not None:
        alerts = texts.EARLIER(language, sum=alerts, count=facts.earlier.alerts)
        kills = texts.EARLIER(language, sum=kills, count=facts.earlier.kills)
    counts = [(texts.ALERTS(language), alerts), (texts.KILLS(language), kills)]
    guides = facts.guides
    if guides.answers or guides.helpful or guides.unhelpful:
        said = texts.GUIDES_SUM(
            language, count=guides.answers, up=guides.helpful, down=guides.unhelpful
        )
        counts.append((texts.GUIDES(language), said))
    return tuple(counts)


def _effects(facts: DigestFacts, language: Language) -> tuple[tuple[Span, ...], ...]:
    done = [item for item in facts.proposals if killed(item) and item.cpu_after is not None]
    return tuple(
        (
            Span(
                texts.EFFECT(
                    language,
                    names=", ".join(killed(item)),
                    before=figures.percent(item.cpu_before),
                    after=figures.percent(item.cpu_after),
                )
            ),
        )
        for item in done[:EFFECTS_SHOWN]
    )


def _owners(facts: DigestFacts, language: Language) -> list[str]:
    return [
        texts.USED_OWNER(
            language,
            owner=each.owner,
            used=figures.number(each.used),
            wasted=figures.number(each.wasted),
        )
        for each in facts.usage[:EFFECTS_SHOWN]
    ]


def _repeat_owners(facts: DigestFacts) -> list[str]:
    owners = Counter(
        target.user
        for proposal in facts.proposals
        for target in proposal.targets
        if target.state is TargetState.SUCCEEDED
    )
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
        notices.append(Notice(texts.NEEDS_HUMAN(language, count=stuck), Tone.BAD))
    if waiting:
        notices.append(Notice(texts.WAITING(language, count=waiting), Tone.WARNING))
    opened = [each.opened_at for each in facts.investigations if each.closed_at is None]
    if opened:
        start = min(opened).astimezone(voice.zone).strftime("%m-%d %H:%M")
        words = texts.STILL_OPEN(language, count=len(opened), start=start)
        notices.append(Notice(words, Tone.WARNING))
    return notices or [plain(texts.ALL_WELL(language))]


def killed(proposal: Proposal) -> tuple[str, ...]:
    """Return the names of the applications this proposal is proved to have killed."""
    return tuple(
        target.name for target in proposal.targets if target.state is TargetState.SUCCEEDED
    )
