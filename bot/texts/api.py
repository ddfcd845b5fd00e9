"""What callers of the API are told, and what stands in a thread they take away as a document."""

from bot.domain.language import Text
from bot.domain.proposals import ProposalState

STATES = {
    ProposalState.PENDING: Text(
        ko="사람의 승인을 기다립니다.", en="Waiting for a person to decide."
    ),
    ProposalState.CLAIMED: Text(
        ko="승인되어 종료하는 중입니다.", en="Approved, being carried out."
    ),
    ProposalState.DONE: Text(
        ko="끝났습니다. 잡마다 결과가 있습니다.", en="Over; each target says how it ended."
    ),
    ProposalState.DENIED: Text(
        ko="거절되어 아무것도 종료하지 않았습니다.", en="Rejected; nothing was killed."
    ),
    ProposalState.EXPIRED: Text(
        ko="승인 시간이 지나 아무것도 종료하지 않았습니다.",
        en="Nobody decided in time; nothing was killed.",
    ),
    ProposalState.CANCELLED: Text(
        ko="거두어져 아무것도 종료하지 않았습니다.", en="Withdrawn; nothing was killed."
    ),
}

THREAD = Text(ko="대화", en="Thread")
EXPORTED = Text(ko="{at}에 저장했습니다.", en="Saved {at}.")
LAST_LINES = Text(
    ko="봇이 기억하는 마지막 20줄이며, 답은 요약입니다.",
    en="The last 20 lines the bot remembers; answers as their summaries.",
)
SAID = Text(ko="주고받은 말", en="What was said")
BY = {
    "person": Text(ko="사람", en="Person"),
    "bot": Text(ko="당직", en="Dangjik"),
    "room": Text(ko="다른 사람", en="Somebody else"),
}
CARDS = Text(ko="종료 카드", en="Kill cards")
CARD_HEADS = Text(
    ko="#|잡|id|사용자|큐|코어|메모리|결과",
    en="#|Job|id|User|Queue|Cores|Memory|Outcome",
)
ASKED_BY = Text(ko="요청: {who}", en="Asked for by {who}")
APPROVED = Text(ko="승인: {who}, {at}", en="Approved by {who}, {at}")
REJECTED = Text(ko="거절: {who}, {at}", en="Rejected by {who}, {at}")
