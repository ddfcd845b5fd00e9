"""What is said of applications that could be given up."""

from bot.domain.language import Text

IDLE = Text(
    ko="{place}에서 줄인다면 {names}부터입니다. 코어를 잡고 거의 쓰지 않는데 다른 잡이 기다립니다.",
    en="In {place}, {names} should go first: it holds cores and idles while others wait.",
)
RUNAWAYS = Text(
    ko="{place}에서 줄인다면 {names}부터입니다. 폭주로 볼 근거가 있습니다.",
    en="In {place}, {names} should go first: there is evidence of a runaway.",
)
NO_RUNAWAY = Text(
    ko="{place}에서 줄여도 된다고 말할 근거가 있는 잡은 없습니다. 효과가 큰 순서이니 소유자에게 먼저 물어보세요.",
    en="Nothing in {place} is shown to be expendable. These would free most; ask the owners first.",
)
LITTLE = Text(
    ko="{place}에는 줄여서 효과가 있을 만한 잡이 없습니다.",
    en="No job in {place} would free much.",
)
NONE = Text(ko="{place}에는 줄일 수 있는 잡이 없습니다.", en="No job in {place} can be given up.")
QUEUE = Text(ko="{name} 큐", en="queue {name}")
ANYWHERE = Text(ko="클러스터", en="the cluster")
ROOM = Text(
    ko="{name} 큐는 보장 용량 {capacity} 중 {used}를 쓰고 있습니다(최대 {most}).",
    en="Queue {name} uses {used}; its capacity is {capacity}, at most {most}.",
)
WORTH = {
    "runaway": Text(
        ko=" — 폭주로 보입니다. {evidence}. {gain}",
        en=" — looks like a runaway: {evidence}. {gain}",
    ),
    "owner": Text(
        ko=" — {gain} 소유자 {user}에게 확인이 필요합니다.", en=" — {gain} Ask its owner, {user}."
    ),
    "idle": Text(
        ko=" — {held}만 씁니다. 소유자 {user}에게 확인이 필요합니다.",
        en=" — uses only {held}. Ask its owner, {user}.",
    ),
    "little": Text(ko=" — {gain} 효과가 작습니다.", en=" — {gain} Little to gain."),
}
GAIN = Text(ko="끝나면 CPU 약 {points}.", en="Its end should bring CPU {points}.")
GAIN_CORES = Text(ko="끝나면 {cores}가 풀립니다.", en="Its end would free {cores}.")
GAIN_AT_MOST = Text(
    ko="끝나면 최대 {cores}가 풀립니다. 실사용은 측정되지 않았습니다.",
    en="Its end would free {cores} at most; its use is not measured.",
)
PROTECTED = Text(ko="보호 대상이라 뺀 잡: {names}.", en="Left out because protected: {names}.")
NOTHING_DONE = Text(
    ko="아무것도 종료하지 않았습니다. 번호로 종료를 요청하면 승인 카드를 만듭니다.",
    en="Nothing was killed. Ask by number and a card is made for approval.",
)
