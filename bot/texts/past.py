"""What is said of the present against an earlier time."""

from bot.domain.language import Text

AROUND = Text(
    ko="{when} 무렵의 평균과 비교했습니다.",
    en="Compared with the average around {when}.",
)
NO_PAST = Text(
    ko="CPU 사용률은 {now}입니다. {when}의 측정값이 없어 비교할 수 없습니다.",
    en="CPU use is {now}. Nothing was measured at {when}, so it cannot be compared.",
)
NOT_KEPT = Text(
    ko="과거 값은 Prometheus가 보관하는 기간 안에서만 알 수 있습니다.",
    en="Earlier figures are known only as far back as Prometheus keeps them.",
)
NO_PROMETHEUS = Text(
    ko="과거 값은 Prometheus를 연결해야(PROMETHEUS_URL) 알 수 있습니다.",
    en="Earlier figures are known only with Prometheus connected (PROMETHEUS_URL).",
)
NOT_MEASURED = Text(
    ko="지금 값은 측정값이 아니라 할당률이어서 {when}의 측정값 {before}와 비교하지 않습니다.",
    en="The present figure is what was granted, not measured; it is not compared with"
    " the {before} measured at {when}.",
)
MEMORY = Text(ko="메모리", en="Memory")
CHANGED = Text(ko="{before} → {now} ({points})", en="{before} → {now} ({points})")
MOVERS = Text(ko="CPU 사용이 가장 많이 바뀐 잡", en="Jobs whose CPU use changed most")
MOVER_HEADS = (
    Text(ko="잡", en="Job"),
    Text(ko="사용자", en="Owner"),
    Text(ko="그때 코어", en="Cores then"),
    Text(ko="지금 코어", en="Cores now"),
    Text(ko="변화", en="Change"),
)
NODE_HEADS = (
    Text(ko="노드", en="Node"),
    Text(ko="그때 CPU", en="CPU then"),
    Text(ko="지금 CPU", en="CPU now"),
    Text(ko="변화", en="Change"),
)
NOT_STARTED = Text(ko="시작 전", en="not started")
ENDED = Text(
    ko="그때 {cores}를 쓰던 잡 {count}개는 끝났습니다.",
    en="Over since then: {count}, which used {cores}.",
)
NO_MOVERS = Text(
    ko="그때부터 크게 바뀐 잡은 없습니다.", en="No running job has changed much since then."
)
