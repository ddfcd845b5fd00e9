"""Who asked, who decided and what came of it; who may decide."""

from bot.agents.facts import AuditFacts
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Bullets, Note, Paragraph, Part, Span
from bot.domain.language import Language, Text
from bot.domain.proposals import DecidingRules, Proposal, Target, TargetState
from bot.texts import figures

DECIDING = Text(
    ko="종료는 {people} 중 {required}명이 카드의 승인 버튼을 눌러야 실행됩니다. 카드는 {ttl} 동안 유효합니다.",
    en="A kill needs {required} of {people} to press Approve on its card, which is valid for {ttl}.",
)
NAMED = Text(ko="승인자({names})", en="the approvers ({names})")
DECIDERS = Text(ko="승인자 {count}명", en="{count} approvers")
DECIDERS_GROUP = Text(ko="승인 그룹", en="the approver group")
NOBODY_DECIDES = Text(
    ko="정해진 승인자가 없어 아무도 승인할 수 없습니다.",
    en="No approvers are set, so nobody can approve.",
)
KILLED = Text(
    ko="{where} 종료한 잡은 {count}개입니다: {jobs}.", en="Killed {where}: {count}. {jobs}."
)
KILLED_ONE = Text(ko="{name}({time})", en="{name} ({time})")
NOTHING_KILLED = Text(
    ko="{where} 종료한 잡은 없습니다. 종료 제안은 {count}건 있었습니다.",
    en="Nothing was killed {where}; kill cards: {count}.",
)
NOTHING = Text(
    ko="{where} 제안되거나 종료된 잡이 없습니다.", en="Nothing was proposed or killed {where}."
)
HERE = Text(ko="이 스레드에서", en="in this thread")
SINCE = Text(ko="{time}부터", en="since {time}")
ASKED_BY = Text(ko=" 요청: ", en=" Asked by ")
APPROVED_BY = Text(ko=" 승인: ", en=" Approved by ")
DENIED_BY = Text(ko=" 거절: ", en=" Rejected by ")
AT = Text(ko=" ({time})", en=" ({time})")
RESULT = Text(ko=" 결과: {result}.", en=" Result: {result}.")
UNTIL = Text(ko=" {time}까지.", en=" Open until {time}.")
PROPOSAL_STATES = {
    "pending": Text(ko="결정을 기다립니다", en="waiting for a decision"),
    "denied": Text(ko="거절되었습니다", en="rejected"),
    "expired": Text(ko="기한이 지났습니다", en="expired"),
    "cancelled": Text(ko="거두었습니다", en="withdrawn"),
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
SHOWN = 10


def audit(facts: AuditFacts, voice: Voice) -> Wording:
    """Tell what was killed, then who asked, who decided, and what came of each card."""
    language = voice.language
    where = SINCE(language, time=voice.moment(facts.since)) if facts.since else HERE(language)
    rules = rules_of(facts, language)
    if not facts.proposals:
        sentence = NOTHING(language, where=where)
        lead = (bold(sentence), *([Span(" " + rules)] if rules else []))
        return Wording(f"{sentence} {rules}".rstrip(), (Paragraph(lead),))
    sentence = _killed(facts, where, voice)
    items = tuple(_decision(each, voice) for each in facts.proposals[:SHOWN])
    parts: tuple[Part, ...] = (Paragraph((bold(sentence),)), Bullets(items))
    return Wording(sentence, (*parts, Note(rules)) if rules else parts)


def killed_targets(proposals: tuple[Proposal, ...]) -> list[tuple[Target, Proposal]]:
    """Return what is proved to have been killed, the first kill first."""
    return [
        (target, each)
        for each in reversed(proposals)
        for target in each.targets
        if target.state is TargetState.SUCCEEDED
    ]


def rules_of(facts: AuditFacts, language: Language) -> str:
    """Say who decides a card and for how long; nothing when that is not known here."""
    rules = facts.rules
    if rules is None:
        return ""
    if not rules.approvers and rules.group is None:
        return NOBODY_DECIDES(language)
    ttl = figures.duration(rules.ttl, language)
    people = _people(facts, rules, language)
    return DECIDING(language, people=people, required=rules.required, ttl=ttl)


def _people(facts: AuditFacts, rules: DecidingRules, language: Language) -> str:
    names = [facts.names[user] for user in facts.approvers if user in facts.names]
    if names:
        more = len(facts.approvers) - len(names[:SHOWN])
        return NAMED(language, names=", ".join([*names[:SHOWN], *([f"+{more}"] if more else [])]))
    if rules.group is not None:
        return DECIDERS_GROUP(language)
    return DECIDERS(language, count=len(rules.approvers))


def _killed(facts: AuditFacts, where: str, voice: Voice) -> str:
    killed = killed_targets(facts.proposals)
    if not killed:
        return NOTHING_KILLED(voice.language, where=where, count=len(facts.proposals))
    jobs = (
        KILLED_ONE(
            voice.language, name=target.name, time=voice.time(each.finished_at or each.created_at)
        )
        for target, each in killed[:SHOWN]
    )
    return KILLED(voice.language, where=where, count=len(killed), jobs=", ".join(jobs))


def _decision(proposal: Proposal, voice: Voice) -> tuple[Span, ...]:
    language = voice.language
    spans = [bold(", ".join(target.name for target in proposal.targets))]
    spans.append(Span(" — " + PROPOSAL_STATES[proposal.state.value](language) + "."))
    if proposal.state.value == "pending":
        spans.append(Span(UNTIL(language, time=voice.time(proposal.expires_at))))
    if proposal.requester.startswith(("U", "W")):
        spans += [
            Span(ASKED_BY(language)),
            Span(proposal.requester, user=proposal.requester),
            Span("."),
        ]
    for vote in proposal.votes:
        label = APPROVED_BY if vote.approve else DENIED_BY
        at = AT(language, time=voice.time(vote.at))
        spans += [Span(label(language)), Span(vote.user, user=vote.user), Span(at + ".")]
    if any(target.state.final for target in proposal.targets):
        result = ", ".join(
            f"{target.name} {TARGET_STATES[target.state.value](language)}"
            for target in proposal.targets
        )
        spans.append(Span(RESULT(language, result=result)))
    return tuple(spans)
