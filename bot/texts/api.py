"""What callers of the API are told."""

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
