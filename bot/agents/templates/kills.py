"""A kill asked for or withdrawn: the sentence beside the card, or why there is none."""

import json

from bot.agents.facts import CancelFacts
from bot.agents.templates.wording import Voice, Wording, numbered
from bot.domain.answers import (
    Bullets,
    Button,
    Buttons,
    Notice,
    Paragraph,
    Part,
    Span,
    Tone,
    plain,
)
from bot.domain.conversation import Intent
from bot.domain.language import Text
from bot.domain.proposals import Proposal, ProposalState
from bot.tools.kill_spark_job import KillFacts, Refusal

PROPOSED = Text(
    ko="{jobs} 종료 카드를 올렸습니다. 승인 전에는 그대로 돕니다.",
    en="Card up for {jobs}. Nothing stops until it is approved.",
)
NOT_PROPOSED = Text(ko="종료를 제안하지 않았습니다.", en="No kill was proposed.")
PROTECTED = Text(
    ko="{name}은(는) 보호 대상이라 종료할 수 없습니다.",
    en="{name} is protected and cannot be killed.",
)
OVER = Text(ko="{name}은(는) 이미 끝났습니다.", en="{name} is already over.")
CHANGED = Text(
    ko="{name}은(는) 목록을 보여 드린 뒤 바뀌었습니다. 목록을 다시 확인해 주세요.",
    en="{name} has changed since it was listed. Please list the jobs again.",
)
CHOOSE_OTHERS = Text(
    ko="다른 잡을 종료하시겠습니까? 번호로 말씀해 주세요.",
    en="Would you like to kill another one? Say its number.",
)
WITHDRAWN = Text(
    ko="{names} 종료 카드를 거두었습니다. 아무것도 종료되지 않았습니다.",
    en="Withdrew the card for {names}. Nothing was killed.",
)
NOT_YOURS = Text(
    ko="종료 제안은 요청한 사람이나 승인자만 취소할 수 있습니다. 카드는 그대로 열려 있습니다.",
    en="Only whoever asked for it or an approver may withdraw a kill proposal. The card stays open.",
)
WATCHES_ENDED = Text(ko="지켜보던 {count}건을 그만두었습니다.", en="I stopped watching ({count}).")
NOTHING_TO_CANCEL = Text(ko="취소할 제안이 없습니다.", en="There is nothing to cancel.")
REFUSALS: dict[str, Text] = {
    "elsewhere": Text(
        ko="이 스레드의 알람은 다른 클러스터({named})의 것이라 여기서는 종료 카드를 만들지 않습니다.",
        en="This thread's alert is about another cluster ({named}), so no kill card is made here.",
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
OPEN = Text(ko="{name}의 카드는 이미 올라와 있습니다.", en="A card for {name} is up already.")
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
    Refusal.OPEN: OPEN,
    Refusal.PROTECTED: PROTECTED,
    Refusal.OVER: OVER,
    Refusal.CHANGED: CHANGED,
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
    if facts.kept:
        sentence = NOT_YOURS(voice.language)
        return Wording(sentence, (plain(sentence),))
    if facts.watches:
        sentence = WATCHES_ENDED(voice.language, count=facts.watches)
        return Wording(sentence, (plain(sentence),))
    if not facts.withdrawn:
        sentence = NOTHING_TO_CANCEL(voice.language)
        return Wording(sentence, (plain(sentence),))
    names = ", ".join(each.name for card in facts.withdrawn for each in card.targets)
    sentence = WITHDRAWN(voice.language, names=names)
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
