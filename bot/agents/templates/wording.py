"""What every template gets and gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from bot.domain.answers import Note, Notice, Part, Span, Tone
from bot.domain.conversation import Intent
from bot.domain.language import Language, Text
from bot.domain.runaway import GROWTH_FACTOR, Rule, RunawaySigns
from bot.errors import Missing
from bot.texts import cluster, figures
from bot.texts.figures import said, takeover

NUMBERED = Text(ko="{rank}번({name})", en="#{rank} {name}")
JOB = Text(ko="{name} 잡", en="{name}")
RANKED = Text(ko="{rank}번 {name}", en="#{rank} {name}")
MORE = Text(ko="그 밖의 잡 {count}개 등", en="{count} more")
NAMED = 5
LABEL = 75  # characters of a button


@dataclass(frozen=True, slots=True)
class Voice:
    """In which language and time zone to speak."""

    language: Language
    zone: tzinfo

    def time(self, at: datetime) -> str:
        """Return a time of day as people here read it."""
        return figures.clock_time(at, self.zone)

    def minute(self, at: datetime) -> str:
        """Return a time of day to the minute: for what began at about that time."""
        return figures.minute_time(at, self.zone)

    def moment(self, at: datetime) -> str:
        """Return a date and a time of day as people here read it."""
        return figures.date_time(at, self.zone)

    def footing(self, at: datetime, missing: tuple[Missing, ...], *more: str) -> Note:
        """Return the quiet line: when the figures were taken, on what basis, what is missing."""
        parts = [cluster.TAKEN(self.language, time=self.time(at)), *more]
        gap = said(missing, self.language)
        return Note(" · ".join([*parts, gap] if gap else parts))


@dataclass(frozen=True, slots=True)
class Wording:
    """An answer's words; `intent` is set where the outcome differs from what was asked."""

    summary: str
    parts: tuple[Part, ...]
    applications: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    proposal_id: str | None = None
    intent: Intent | None = None


def numbered(jobs: Sequence[tuple[int | None, str]], language: Language) -> str:
    """Return jobs by their list's numbers and names, the first few of many; a Korean 을 fits."""
    words = [
        NUMBERED(language, rank=rank, name=name) if rank else JOB(language, name=name)
        for rank, name in jobs[:NAMED]
    ]
    left = len(jobs) - len(words)
    return ", ".join([*words, *([MORE(language, count=left)] if left else [])])


def settling_first(wording: Wording, missing: Iterable[Missing], language: Language) -> Wording:
    """Return the words with a takeover said before anything else, where one is under way."""
    first = takeover(missing, language)
    if not first:
        return wording
    parts = (Notice(first, Tone.WARNING), *wording.parts)
    return replace(wording, summary=f"{first} {wording.summary}", parts=parts)


def bold(text: str) -> Span:
    """Return an emphasised span."""
    return Span(text, bold=True)


def risen(name: str, rise: tuple[datetime, float], now: float | None, voice: Voice) -> str:
    """Say since when an application uses so much, and what it used before."""
    return cluster.RISEN(
        voice.language,
        name=name,
        time=voice.minute(rise[0]),
        before=figures.number(rise[1]),
        now=figures.cores(now, voice.language),
    )


_OF_FIGURES = {
    Rule.LONG: cluster.EVIDENCE_LONG,
    Rule.UNUSUAL: cluster.EVIDENCE_UNUSUAL,
    Rule.GROWTH: cluster.EVIDENCE_GROWTH,
}


def evidence_words(evidence: RunawaySigns, language: Language) -> str:
    """Return one rule that holds, with the figure seen."""
    if evidence.rule is Rule.SHARE:
        seen, limit = figures.share(evidence.seen), figures.share(evidence.limit)
        text = cluster.EVIDENCE_NODES if evidence.of else cluster.EVIDENCE_SHARE
        return text(language, seen=seen, limit=limit, nodes=evidence.of)
    if evidence.rule is Rule.QUEUE:
        seen, limit = figures.share(evidence.seen), figures.share(evidence.limit)
        return cluster.EVIDENCE_QUEUE(language, seen=seen, limit=limit)
    seen, limit = figures.number(evidence.seen), figures.number(evidence.limit)
    before = figures.number(evidence.limit / GROWTH_FACTOR)
    return _OF_FIGURES[evidence.rule](language, seen=seen, limit=limit, before=before)
