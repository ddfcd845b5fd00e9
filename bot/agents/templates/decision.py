"""Words for proposals: asked for, looked back on, withdrawn."""

from bot.agents.facts import AuditFacts, CancelFacts, KillFacts, Refusal
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Bullets, Note, Notice, Paragraph, Part, Span, Tone, plain
from bot.domain.conversation import Intent
from bot.domain.language import Language
from bot.domain.proposals import DecidingRules, Proposal, Vote
from bot.texts import figures, jobs
from bot.texts.refusals import REFUSALS

LEFT_OUT = {
    Refusal.PROTECTED: jobs.PROTECTED,
    Refusal.OVER: jobs.OVER,
    Refusal.CHANGED: jobs.CHANGED,
}


def kill(facts: KillFacts, voice: Voice) -> Wording:
    """Say that a card was made, or why none was, naming everything left out."""
    language = voice.language
    left_out = tuple(
        (Span(LEFT_OUT[refusal](language, name=row.name)),) for row, refusal in facts.left_out
    )
    if facts.proposal is None:
        return _no_card(facts, left_out, language)
    sentence = jobs.PROPOSED(language, count=len(facts.proposal.targets))
    parts = (plain(sentence), *((Bullets(left_out),) if left_out else ()))
    ids = tuple(target.ref.id for target in facts.proposal.targets)
    return Wording(sentence, parts, ids, proposal_id=facts.proposal.id)


def audit(facts: AuditFacts, voice: Voice) -> Wording:
    """Tell who asked, who decided, and what came of it."""
    language = voice.language
    rules = _rules(facts.rules, language)
    if not facts.proposals:
        sentence = jobs.NO_DECISIONS(language)
        told = (plain(sentence), plain(rules)) if rules else (plain(sentence),)
        return Wording(f"{sentence} {rules}".rstrip(), told)
    sentence = jobs.DECISIONS(language, count=len(facts.proposals))
    items = tuple(_decision(proposal, voice) for proposal in facts.proposals[:10])
    parts: tuple[Part, ...] = (Paragraph((bold(sentence),)), Bullets(items))
    return Wording(sentence, (*parts, Note(rules)) if rules else parts)


def _rules(rules: DecidingRules | None, language: Language) -> str:
    """Say who decides a card and for how long; nothing when that is not known here."""
    if rules is None:
        return ""
    if rules.approvers and rules.group:
        people = jobs.DECIDERS_BOTH(language, count=rules.approvers)
    elif rules.approvers:
        people = jobs.DECIDERS(language, count=rules.approvers)
    elif rules.group:
        people = jobs.DECIDERS_GROUP(language)
    else:
        return jobs.NOBODY_DECIDES(language)
    ttl = figures.duration(rules.ttl, language)
    return jobs.DECIDING(language, people=people, required=rules.required, ttl=ttl)


def cancel(facts: CancelFacts, voice: Voice) -> Wording:
    """Say what was withdrawn, or who could withdraw it."""
    if facts.kept:
        sentence = jobs.NOT_YOURS(voice.language)
        return Wording(sentence, (plain(sentence),))
    if not facts.withdrawn:
        sentence = jobs.NOTHING_TO_CANCEL(voice.language)
        return Wording(sentence, (plain(sentence),))
    sentence = jobs.WITHDRAWN(voice.language, count=len(facts.withdrawn))
    return Wording(sentence, (plain(sentence),))


def _no_card(
    facts: KillFacts, left_out: tuple[tuple[Span, ...], ...], language: Language
) -> Wording:
    """No card exists, so the answer is a question back, not a kill."""
    if facts.refused:
        refusal = REFUSALS.get(facts.refused, jobs.NOT_PROPOSED)(language, **facts.values)
        parts = (Notice(refusal, Tone.WARNING), *((Bullets(left_out),) if left_out else ()))
        return Wording(refusal, parts, intent=Intent.CLARIFY)
    why = " ".join(span.text for spans in left_out for span in spans)
    ask = jobs.CHOOSE_OTHERS(language)
    return Wording(f"{why} {ask}", (Bullets(left_out), plain(ask)), intent=Intent.CLARIFY)


def _decision(proposal: Proposal, voice: Voice) -> tuple[Span, ...]:
    language = voice.language
    spans = [bold(", ".join(target.name for target in proposal.targets))]
    spans.append(Span(" — " + jobs.PROPOSAL_STATES[proposal.state.value](language) + "."))
    if proposal.requester.startswith(("U", "W")):
        spans.extend(
            (Span(jobs.ASKED_BY(language)), Span(proposal.requester, user=proposal.requester))
        )
        spans.append(Span("."))
    for vote in proposal.votes:
        spans.extend(_vote(vote, voice))
    if any(target.state.final for target in proposal.targets):
        result = ", ".join(
            f"{target.name} {jobs.TARGET_STATES[target.state.value](language)}"
            for target in proposal.targets
        )
        spans.append(Span(jobs.RESULT(language, result=result)))
    return tuple(spans)


def _vote(vote: Vote, voice: Voice) -> tuple[Span, ...]:
    label = jobs.APPROVED_BY if vote.approve else jobs.DENIED_BY
    at = jobs.AT(voice.language, time=voice.time(vote.at))
    return (Span(label(voice.language)), Span(vote.user, user=vote.user), Span(at + "."))
