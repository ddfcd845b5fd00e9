"""A kill asked for or withdrawn: the sentence beside the card, or why there is none."""

from bot.agents.facts import CancelFacts, KillFacts, Refusal
from bot.agents.templates.wording import Voice, Wording
from bot.domain.answers import Bullets, Notice, Span, Tone, plain
from bot.domain.conversation import Intent
from bot.domain.language import Language, Text

PROPOSED = Text(
    ko="{count}개 잡의 종료를 제안했습니다. 카드에서 승인되기 전에는 아무것도 종료되지 않습니다.",
    en="Proposed killing {count}. Nothing dies until someone approves on the card.",
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
    ko="열려 있던 종료 제안 {count}건을 취소했습니다. 아무것도 종료되지 않았습니다.",
    en="Withdrew {count} open kill proposal(s). Nothing was killed.",
)
NOT_YOURS = Text(
    ko="종료 제안은 요청한 사람이나 승인자만 취소할 수 있습니다. 카드는 그대로 열려 있습니다.",
    en="Only whoever asked for it or an approver may withdraw a kill proposal. The card stays open.",
)
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
    "target_open": Text(
        ko="{name}의 종료는 이미 다른 카드에서 진행 중입니다. 그 카드에서 결정해 주세요.",
        en="A kill of {name} is already under way on another card. Decide there.",
    ),
    "channel_full": Text(
        ko="이 채널에 결정을 기다리는 종료 제안이 이미 {limit}건 있습니다. 먼저 그 카드를 결정해 주세요.",
        en="This channel already has {limit} kill proposals waiting. Decide those first.",
    ),
}
LEFT_OUT = {
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
        return _no_card(facts, left_out, language)
    sentence = PROPOSED(language, count=len(facts.proposal.targets))
    parts = (plain(sentence), *((Bullets(left_out),) if left_out else ()))
    ids = tuple(target.ref.id for target in facts.proposal.targets)
    return Wording(sentence, parts, ids, proposal_id=facts.proposal.id)


def cancel(facts: CancelFacts, voice: Voice) -> Wording:
    """Say what was withdrawn, or who could withdraw it."""
    if facts.kept:
        sentence = NOT_YOURS(voice.language)
        return Wording(sentence, (plain(sentence),))
    if not facts.withdrawn:
        sentence = NOTHING_TO_CANCEL(voice.language)
        return Wording(sentence, (plain(sentence),))
    sentence = WITHDRAWN(voice.language, count=len(facts.withdrawn))
    return Wording(sentence, (plain(sentence),))


def _no_card(
    facts: KillFacts, left_out: tuple[tuple[Span, ...], ...], language: Language
) -> Wording:
    """No card exists, so the answer is a question back, not a kill."""
    if facts.refused:
        refusal = REFUSALS.get(facts.refused, NOT_PROPOSED)(language, **facts.values)
        parts = (Notice(refusal, Tone.WARNING), *((Bullets(left_out),) if left_out else ()))
        return Wording(refusal, parts, intent=Intent.CLARIFY)
    why = " ".join(span.text for spans in left_out for span in spans)
    ask = CHOOSE_OTHERS(language)
    return Wording(f"{why} {ask}", (Bullets(left_out), plain(ask)), intent=Intent.CLARIFY)
