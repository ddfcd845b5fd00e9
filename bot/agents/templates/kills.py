"""A kill asked for or withdrawn: the sentence beside the card, or why there is none; and who asked and decided."""

import json

from bot.agents.facts import AuditFacts, CancelFacts, ReadingsFacts
from bot.agents.templates.details import ARE_PROTECTED
from bot.agents.templates.diagnosis import propose_button
from bot.agents.templates.wording import RANKED, Voice, Wording, bold, numbered
from bot.domain.answers import (
    Bullets,
    Button,
    Buttons,
    Note,
    Notice,
    Paragraph,
    Part,
    Span,
    Tone,
    plain,
)
from bot.domain.conversation import Intent, ListingRow, name_of
from bot.domain.language import Language, Text
from bot.domain.proposals import DecidingRules, Proposal, ProposalState, Target
from bot.texts import cards, figures
from bot.tools.kill_spark_job import KillFacts, Refusal

PROPOSED = Text(
    ko="{jobs} 종료 카드를 올렸습니다. 승인 전에는 그대로 돕니다.",
    en="Card up for {jobs}. Nothing stops until it is approved.",
)
NOT_PROPOSED = Text(ko="종료를 제안하지 않았습니다.", en="No kill was proposed.")
CHOOSE_OTHERS = Text(
    ko="다른 잡을 종료하시겠습니까? 번호로 말씀해 주세요.",
    en="Would you like to kill another one? Say its number.",
)
WITHDRAWN = Text(
    ko="{names} 종료 카드를 거두었습니다. 아무것도 종료되지 않았습니다.",
    en="Withdrew the card for {names}. Nothing was killed.",
)
WATCHES_ENDED = Text(ko="지켜보던 {count}건을 그만두었습니다.", en="I stopped watching ({count}).")
NOTHING_TO_CANCEL = Text(ko="취소할 제안이 없습니다.", en="There is nothing to cancel.")
TWO_READINGS = Text(
    ko="종료 요청이 두 가지로 읽힙니다. 어느 쪽입니까? 아직 아무것도 제안하지 않았습니다.",
    en="This can be read in two ways. Which one do you mean? Nothing has been proposed yet.",
)
PERHAPS_KILL = Text(
    ko="종료 요청인지 분명하지 않습니다. 종료하려면 버튼을 누르거나 번호로 다시 말씀해 주십시오.",
    en="It is not clear that you want a kill. If so, press the button or say the numbers.",
)
KILL_READING = Text(ko="{jobs} 종료", en="Kill {jobs}")
OTHER_READING = Text(ko="종료하지 않고 {intent}", en="No kill: {intent}")
PROPOSE_THESE = Text(ko="종료 제안: {ranks}번", en="Propose killing {ranks}")
REFUSALS: dict[str, Text] = {
    "elsewhere": Text(
        ko="이 스레드의 알람은 다른 클러스터({named})의 것이라 여기서는 종료 카드를 만들지 않습니다.",
        en="This thread's alert is about another cluster ({named}), so no kill card is made here.",
    ),
    "no_scope": Text(
        ko="이 토큰은 종료를 제안할 수 없습니다. propose 범위가 필요합니다.",
        en="This token may not propose kills: it lacks the scope propose.",
    ),
    "frozen": Text(
        ko="지금은 모든 종료가 동결되어 있습니다. 운영 책임자에게 해제를 요청해 주세요.",
        en="All kills are frozen right now. Ask the platform lead to lift the freeze.",
    ),
    "bad_targets": Text(
        ko="한 카드에 담을 수 없는 요청입니다. 잡을 더 적게 골라 주세요.",
        en="That does not fit on one card. Choose fewer jobs.",
    ),
    "protected": Text(
        ko="{name}은(는) 보호 대상이라 종료할 수 없습니다.",
        en="{name} is protected and cannot be killed.",
    ),
    "gone": Text(ko="{name}은(는) 이미 끝났습니다.", en="{name} is already over."),
    "changed": Text(
        ko="{name}은(는) 방금 바뀌었습니다. 목록을 다시 확인해 주세요.",
        en="{name} has just changed. Please list the jobs again.",
    ),
    "unreachable": Text(
        ko="클러스터가 응답하지 않아 종료를 제안할 수 없습니다. 잠시 뒤 다시 요청해 주세요.",
        en="The cluster does not answer, so no kill can be proposed. Ask again shortly.",
    ),
    "unchanged": Text(
        ko="바뀐 것이 없습니다. 이미 올라와 있는 카드와 같은 잡입니다.",
        en="Nothing changed: the card that is open holds exactly these jobs.",
    ),
    "target_open": Text(
        ko="{name}의 카드가 이미 승인을 기다립니다.", en="A card for {name} waits already."
    ),
    "channel_full": Text(
        ko="이 채널에 결정을 기다리는 종료 제안이 이미 {limit}건 있습니다. 먼저 그 카드를 결정해 주세요.",
        en="This channel already has {limit} kill proposals waiting. Decide those first.",
    ),
}
ELSEWHERE = Text(
    ko="{names}의 카드가 다른 스레드에서 {time}까지 승인을 기다립니다. ",
    en="A card for {names} waits in another thread until {time}. ",
)
UNDER_WAY = Text(
    ko="{names}은(는) 승인되어 지금 종료하는 중입니다. ",
    en="{names} has been approved and is being killed now. ",
)
WHERE = Text(ko="채널: ", en="Channel: ")
WHO = Text(ko=", 요청: ", en=", asked by ")
MOVE = Text(ko="여기로 옮기기", en="Move it here")
LEFT_OUT = {
    Refusal.OPEN: Text(
        ko="{name}의 카드는 이미 올라와 있습니다.", en="A card for {name} is up already."
    ),
    Refusal.PROTECTED: REFUSALS["protected"],
    Refusal.OVER: REFUSALS["gone"],
    Refusal.CHANGED: Text(
        ko="{name}은(는) 목록을 보여 드린 뒤 바뀌었습니다. 목록을 다시 확인해 주세요.",
        en="{name} has changed since it was listed. Please list the jobs again.",
    ),
}


def kill(facts: KillFacts, voice: Voice) -> Wording:
    """Say that a card was made, or why none was, naming everything left out."""
    language = voice.language
    left_out = tuple(
        (Span(LEFT_OUT[refusal](language, name=row.name)),) for row, refusal in facts.left_out
    )
    if facts.proposal is None:
        return _no_card(facts, left_out, voice)
    jobs = numbered([(each.rank, each.name) for each in facts.proposal.targets], language)
    sentence = PROPOSED(language, jobs=jobs)
    parts = (plain(sentence), *((Bullets(left_out),) if left_out else ()), *_others(facts, voice))
    ids = tuple(target.ref.id for target in facts.proposal.targets)
    return Wording(sentence, parts, ids, proposal_id=facts.proposal.id)


def cancel(facts: CancelFacts, voice: Voice) -> Wording:
    """Say what was withdrawn, or who could withdraw it."""
    names = ", ".join(each.name for card in facts.withdrawn for each in card.targets)
    if facts.kept:
        sentence = cards.REFUSALS["not_requester"](voice.language)
    elif facts.watches:
        sentence = WATCHES_ENDED(voice.language, count=facts.watches)
    else:
        text = WITHDRAWN if facts.withdrawn else NOTHING_TO_CANCEL
        sentence = text(voice.language, names=names)
    return Wording(sentence, (plain(sentence),))


def _others(facts: KillFacts, voice: Voice) -> tuple[Part, ...]:
    """Say where else the chosen ones stand on a card, who asked there, and offer to move it."""
    language = voice.language
    parts: list[Part] = []
    for other in facts.others:
        names = ", ".join(target.name for target in other.targets)
        waits = other.state is ProposalState.PENDING
        words = (ELSEWHERE if waits else UNDER_WAY)(
            language, names=names, time=voice.minute(other.expires_at)
        )
        spans = [Span(words), Span(WHERE(language)), Span(other.channel, channel=other.channel)]
        if other.requester.startswith(("U", "W")):
            spans += [Span(WHO(language)), Span(other.requester, user=other.requester)]
        parts.append(Paragraph(tuple(spans)))
        if waits:
            parts.append(Buttons((Button("move_card", MOVE(language), moved_value(other)),)))
    return tuple(parts)


def moved_value(other: Proposal) -> str:
    """Return what a button that moves a card carries: the card, and its applications by id."""
    ids = [target.ref.id for target in other.targets]
    return json.dumps({"move": other.id, "ids": ids})


def _no_card(facts: KillFacts, left_out: tuple[tuple[Span, ...], ...], voice: Voice) -> Wording:
    """No card exists, so the answer is a question back, not a kill."""
    language = voice.language
    if facts.others:
        parts = _others(facts, voice)
        told = " ".join(span.text for spans in left_out for span in spans)
        return Wording(told, (Bullets(left_out), *parts), intent=Intent.CLARIFY)
    if facts.refused:
        refusal = REFUSALS.get(facts.refused, NOT_PROPOSED)(language, **facts.values)
        parts = (Notice(refusal, Tone.WARNING), *((Bullets(left_out),) if left_out else ()))
        return Wording(refusal, parts, intent=Intent.CLARIFY)
    why = " ".join(span.text for spans in left_out for span in spans)
    ask = CHOOSE_OTHERS(language)
    return Wording(f"{why} {ask}", (Bullets(left_out), plain(ask)), intent=Intent.CLARIFY)


def readings(facts: ReadingsFacts, voice: Voice) -> Wording:
    """Show each reading, with a button for those that make a card."""
    language = voice.language
    alone = len(facts.kills) == 1 and facts.other is None
    sentence = (PERHAPS_KILL if alone else TWO_READINGS)(language)
    items = []
    for rows in facts.kills:
        jobs = ", ".join(RANKED(language, rank=row.rank, name=row.name) for row in rows)
        items.append((Span(KILL_READING(language, jobs=jobs)),))
    if facts.other is not None:
        other = OTHER_READING(language, intent=name_of(facts.other, language))
        items.append((Span(other),))
    parts: list[Part] = [plain(sentence), Bullets(tuple(items))]
    kept = {row.name: None for rows in facts.kills for row in rows if row.protected}
    if kept:
        parts.append(plain(ARE_PROTECTED(language, names=", ".join(kept))))
    buttons = tuple(
        _propose_all(rows, language)
        for rows in facts.kills
        if not any(row.protected for row in rows)
    )
    if buttons:
        parts.append(Buttons(buttons))
    return Wording(sentence, tuple(parts), intent=Intent.CLARIFY)


def _propose_all(rows: tuple[ListingRow, ...], language: Language) -> Button:
    """Return a button that proposes exactly these applications, by their ids."""
    if len(rows) == 1:
        return propose_button(rows[0], language)
    ranks = ", ".join(f"#{row.rank}" if language is Language.EN else str(row.rank) for row in rows)
    value = json.dumps({"ids": [row.ref.id for row in rows], "cluster": rows[0].ref.cluster})
    return Button("propose_kill", PROPOSE_THESE(language, ranks=ranks), value)


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
    return [(target, each) for each in reversed(proposals) for target in each.killed]


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
            f"{target.name} {cards.TARGET[target.state](language)}" for target in proposal.targets
        )
        spans.append(Span(RESULT(language, result=result)))
    return tuple(spans)
