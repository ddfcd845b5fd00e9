"""What the scheduled health digest says."""

from bot.domain.language import Text

TITLE = Text(ko="클러스터 상태 요약: {cluster}", en="Cluster health: {cluster}")
PERIOD = Text(
    ko="{start} 이후 CPU는 평균 {mean}, 최고 {high}였습니다.",
    en="Since {start} CPU averaged {mean} and peaked at {high}.",
)
ALERTS = Text(ko="알람", en="Alerts")
ALERTS_SUM = Text(
    ko="{count}건 · 해소 {closed} · 진행 중 {open}",
    en="{count} · {closed} resolved · {open} open",
)
PERIOD_EARLIER = Text(
    ko="그전 같은 길이의 기간에는 평균 {mean}였습니다.",
    en="Over the same time before, it averaged {mean}.",
)
EARLIER = Text(ko="{sum} (그전 {count}건)", en="{sum} (before: {count})")
NO_ALERTS = Text(ko="없었습니다", en="none")
KILLS = Text(ko="종료", en="Kills")
KILLS_SUM = Text(
    ko="확인 {killed} · 거절 {denied} · 기한 지남 {expired}",
    en="{killed} verified · {denied} rejected · {expired} expired",
)
NO_KILLS = Text(ko="없었습니다", en="none")
GUIDES = Text(ko="문서 답변", en="Guide answers")
GUIDES_SUM = Text(ko="{count}건 · 👍 {up} · 👎 {down}", en="{count} · 👍 {up} · 👎 {down}")
EFFECT = Text(
    ko="{names} 종료: CPU {before} → {after}", en="Killed {names}: CPU {before} → {after}"
)
HEAVIEST = Text(ko="지금 가장 무거운 잡", en="Heaviest jobs now")
REPEAT = Text(ko="자주 종료된 사용자: {owners}", en="Owners killed more than once: {owners}")
NEEDS_HUMAN = Text(
    ko="종료 결과가 분명하지 않은 카드가 {count}건 있습니다. 사람이 확인해야 합니다.",
    en="Kill cards of unclear outcome: {count}. A person must look.",
)
WAITING = Text(
    ko="결정을 기다리는 카드가 {count}건 있습니다.",
    en="Kill cards that wait for a decision: {count}.",
)
STILL_OPEN = Text(
    ko="해소되지 않은 알람이 {count}건 있습니다. 가장 오래된 것은 {start}에 시작했습니다.",
    en="Alerts not resolved: {count}, the oldest since {start}.",
)
ALL_WELL = Text(ko="사람이 할 일은 없습니다.", en="Nothing needs a person.")
USED = Text(ko="사용한 코어·시간: {owners}.", en="Core-hours used: {owners}.")
USED_OWNER = Text(
    ko="{owner} {used} (쓰지 않은 할당 {wasted})",
    en="{owner} {used} ({wasted} granted and not used)",
)
