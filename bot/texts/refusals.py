"""Why no kill card was made, by the code of the refusal."""

from bot.domain.language import Text

REFUSALS: dict[str, Text] = {
    "frozen": Text(
        ko="지금은 모든 종료가 동결되어 있습니다. 운영 책임자에게 해제를 요청해 주십시오.",
        en="All kills are frozen right now. Ask the platform lead to lift the freeze.",
    ),
    "protected": Text(
        ko="{name}은(는) 보호 대상이라 종료할 수 없습니다.",
        en="{name} is protected and cannot be killed.",
    ),
    "open_elsewhere": Text(
        ko="{name}에 대한 종료 제안이 이미 다른 카드로 열려 있습니다. 그 카드에서 결정해 주십시오.",
        en="A kill of {name} is already proposed on another card. Decide there.",
    ),
    "too_many_open": Text(
        ko="이 채널에 결정을 기다리는 종료 제안이 이미 {limit}건 있습니다. 먼저 그 카드를 결정해 주십시오.",
        en="This channel already has {limit} kill proposals waiting. Decide those first.",
    ),
}
