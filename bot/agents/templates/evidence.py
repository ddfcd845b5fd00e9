"""Words for the rules of the runaway judgement that hold."""

from bot.domain.language import Language
from bot.domain.runaway import GROWTH_FACTOR, Rule, RunawaySigns
from bot.texts import cluster as texts
from bot.texts import figures

_OF_FIGURES = {
    Rule.LONG: texts.EVIDENCE_LONG,
    Rule.UNUSUAL: texts.EVIDENCE_UNUSUAL,
    Rule.GROWTH: texts.EVIDENCE_GROWTH,
}


def evidence_words(evidence: RunawaySigns, language: Language) -> str:
    """Return one rule that holds, with the figure seen."""
    if evidence.rule is Rule.SHARE:
        seen, limit = figures.share(evidence.seen), figures.share(evidence.limit)
        return texts.EVIDENCE_SHARE(language, seen=seen, limit=limit)
    if evidence.rule is Rule.QUEUE:
        seen, limit = figures.share(evidence.seen), figures.share(evidence.limit)
        return texts.EVIDENCE_QUEUE(language, seen=seen, limit=limit)
    seen, limit = figures.number(evidence.seen), figures.number(evidence.limit)
    before = figures.number(evidence.limit / GROWTH_FACTOR)
    return _OF_FIGURES[evidence.rule](language, seen=seen, limit=limit, before=before)
