"""Who asked, who decided and what came of it; who may decide."""

from bot.agents.facts import AuditFacts
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Bullets, Note, Paragraph, Part, Span, plain
from bot.domain.language import Language, Text
from bot.domain.proposals import DecidingRules, Proposal, Vote
from bot.texts import figures

DECIDING = Text(
    ko="종료는 {people} 중 {required}명이 카드의 승인 버튼을 눌러야 실행됩니다. 카드는 {ttl} 동안 유효합니다.",
    en="A kill needs {required} of {people} to press Approve on its card, which is valid for {ttl}.",
)
DECIDERS = Text(ko="승인자 {count}명", en="{count} approvers")
DECIDERS_GROUP = Text(ko="승인 그룹", en="the approver group")
DECIDERS_BOTH = Text(
    ko="승인자 {count}명과 승인 그룹", en="{count} approvers and the approver group"
)
NOBODY_DECIDES = Text(
    ko="정해진 승인자가 없어 아무도 승인할 수 없습니다.",
    en="No approvers are set, so nobody can approve.",
)
NO_DECISIONS = Text(
    ko="이 스레드에서 제안되거나 종료된 잡이 없습니다.",
    en="Nothing was proposed or killed in this thread.",
)
DECISIONS = Text(
    ko="이 스레드의 종료 제안 {count}건입니다.", en="{count} kill proposals in this thread."
)
ASKED_BY = Text(ko=" 요청: ", en=" Asked by ")
APPROVED_BY = Text(ko=" 승인: ", en=" Approved by ")
DENIED_BY = Text(ko=" 거절: ", en=" Rejected by ")
AT = Text(ko=" ({time})", en=" ({time})")
RESULT = Text(ko=" 결과: {result}.", en=" Result: {result}.")
PROPOSAL_STATES = {
    "pending": Text(ko="결정을 기다립니다", en="waiting for a decision"),
    "denied": Text(ko="거절되었습니다", en="rejected"),
    "expired": Text(ko="기한이 지났습니다", en="expired"),
    "cancelled": Text(ko="취소되었습니다", en="cancelled"),
    "claimed": Text(ko="처리 중입니다", en="being carried out"),
    "done": Text(ko="처리되었습니다", en="carried out"),
}
TARGET_STATES = {
    "waiting": Text(ko="차례를 기다립니다", en="waiting"),
    "calling": Text(ko="종료 요청 중", en="being killed"),
    "accepted": Text(ko="종료 확인 중", en="being verified"),
    "unknown": Text(ko="결과 확인 중", en="outcome being read"),
    "succeeded": Text(ko="종료 확인", en="killed, verified"),
    "rejected": Text(ko="클러스터가 거부", en="refused by the cluster"),
    "gone": Text(ko="스스로 끝남", en="ended by itself"),
    "aborted": Text(ko="중단(요청 보내지 않음)", en="stopped, no request sent"),
    "needs_human": Text(ko="사람의 확인 필요", en="needs a person"),
}


def audit(facts: AuditFacts, voice: Voice) -> Wording:
    """Tell who asked, who decided, and what came of it."""
    language = voice.language
    rules = _rules(facts.rules, language)
    if not facts.proposals:
        sentence = NO_DECISIONS(language)
        told = (plain(sentence), plain(rules)) if rules else (plain(sentence),)
        return Wording(f"{sentence} {rules}".rstrip(), told)
    sentence = DECISIONS(language, count=len(facts.proposals))
    items = tuple(_decision(proposal, voice) for proposal in facts.proposals[:10])
    parts: tuple[Part, ...] = (Paragraph((bold(sentence),)), Bullets(items))
    return Wording(sentence, (*parts, Note(rules)) if rules else parts)


def _rules(rules: DecidingRules | None, language: Language) -> str:
    """Say who decides a card and for how long; nothing when that is not known here."""
    if rules is None:
        return ""
    if rules.approvers and rules.group:
        people = DECIDERS_BOTH(language, count=rules.approvers)
    elif rules.approvers:
        people = DECIDERS(language, count=rules.approvers)
    elif rules.group:
        people = DECIDERS_GROUP(language)
    else:
        return NOBODY_DECIDES(language)
    ttl = figures.duration(rules.ttl, language)
    return DECIDING(language, people=people, required=rules.required, ttl=ttl)


def _decision(proposal: Proposal, voice: Voice) -> tuple[Span, ...]:
    language = voice.language
    spans = [bold(", ".join(target.name for target in proposal.targets))]
    spans.append(Span(" — " + PROPOSAL_STATES[proposal.state.value](language) + "."))
    if proposal.requester.startswith(("U", "W")):
        spans.extend((Span(ASKED_BY(language)), Span(proposal.requester, user=proposal.requester)))
        spans.append(Span("."))
    for vote in proposal.votes:
        spans.extend(_vote(vote, voice))
    if any(target.state.final for target in proposal.targets):
        result = ", ".join(
            f"{target.name} {TARGET_STATES[target.state.value](language)}"
            for target in proposal.targets
        )
        spans.append(Span(RESULT(language, result=result)))
    return tuple(spans)


def _vote(vote: Vote, voice: Voice) -> tuple[Span, ...]:
    label = APPROVED_BY if vote.approve else DENIED_BY
    at = AT(voice.language, time=voice.time(vote.at))
    return (Span(label(voice.language)), Span(vote.user, user=vote.user), Span(at + "."))
