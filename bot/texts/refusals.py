"""Why no kill card was made, by the code of the refusal."""

from bot.domain.language import Text

REFUSALS: dict[str, Text] = {
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
