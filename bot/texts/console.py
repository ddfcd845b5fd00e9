"""What the web console says."""

from bot.domain.language import Text

TITLE = Text(ko="당직 콘솔", en="Dangjik console")
OTHER_LANGUAGE = Text(ko="English", en="한국어")
SIGN_IN = Text(ko="로그인", en="Sign in")
SIGN_OUT = Text(ko="로그아웃", en="Sign out")
NAME = Text(ko="이름", en="Name")
PASSWORD = Text(ko="비밀번호", en="Password")
WRONG = Text(ko="이름이나 비밀번호가 맞지 않습니다.", en="That name and password do not fit.")
SLOWER = Text(
    ko="시도가 너무 많습니다. 1분 뒤에 다시 해 주세요.",
    en="Too many attempts. Please try again in a minute.",
)
NOT_LISTED = Text(
    ko="로그인한 이름이 콘솔의 사용자 파일에 없거나, 프록시를 거치지 않은 요청입니다.",
    en="The name you signed in with is not in the console's users, or this came past the proxy.",
)
ASK = Text(ko="클러스터에 대해 물어보세요", en="Ask about the cluster")
SEND = Text(ko="보내기", en="Send")
NEW_THREAD = Text(ko="새 대화", en="New thread")
NOW = Text(ko="지금", en="Now")
THREADS = Text(ko="대화", en="Threads")
NO_THREADS = Text(ko="아직 대화가 없습니다.", en="No thread yet.")
ALERTS = Text(ko="알림 조사", en="Alerts")
NO_ALERTS = Text(ko="조사한 알림이 없습니다.", en="No alert has been looked into.")
OPEN = Text(ko="진행 중", en="Open")
OVER = Text(ko="끝남", en="Over")
MEMORY = Text(ko="메모리", en="Memory")
THRESHOLD = Text(ko="기준 {percent}%", en="threshold {percent}%")
GRANTED = Text(ko="할당 기준", en="as granted")
UNKNOWN = Text(ko="알 수 없음", en="unknown")
NODES = Text(ko="노드 {members}대, 이상 {faulty}대", en="{members} nodes, {faulty} faulty")
JOBS = Text(ko="실행 {running}, 대기 {waiting}", en="{running} running, {waiting} waiting")
UNREAD = Text(ko="읽지 못함: {systems}", en="Could not be read: {systems}")
TOP_JOBS = Text(ko="코어를 많이 쓰는 잡", en="Jobs by cores")
NAME_OF_JOB = Text(ko="잡", en="Job")
USER = Text(ko="사용자", en="User")
QUEUE = Text(ko="큐", en="Queue")
CORES = Text(ko="코어", en="Cores")
AS_OF = Text(ko="{at} 기준", en="As of {at}")
CARDS = Text(ko="종료 카드", en="Kill cards")
NO_CARDS = Text(ko="기다리는 카드가 없습니다.", en="No card is waiting.")
READ_ONLY = Text(
    ko="이 계정은 종료를 제안하거나 결정할 수 없습니다.",
    en="This account may not propose or decide kills.",
)
ASKED_BY = Text(ko="요청: {who}", en="Asked for by {who}")
ASKED_BY_UNTIL = Text(
    ko="요청: {who} · {until}까지 결정할 수 있습니다", en="Asked for by {who} · open until {until}"
)
TYPE_COUNT = Text(
    ko="승인하려면 종료될 잡의 수({count})를 입력하세요",
    en="To approve, type how many applications will die ({count})",
)
APPROVE = Text(ko="승인하고 종료", en="Approve the kill")
REJECT = Text(ko="거절", en="Reject")
OTHER_COUNT = Text(
    ko="입력한 수가 카드의 잡 수와 다릅니다. 아무것도 종료하지 않았습니다.",
    en="That is not the number on the card. Nothing was killed.",
)
EFFECT = Text(ko="CPU {before}% → {after}%", en="CPU {before}% → {after}%")
FAILED = Text(
    ko="처리하지 못했습니다: {reason}",
    en="That did not work: {reason}",
)
UNREACHABLE = Text(
    ko="게이트웨이에 닿지 않습니다. 쓰신 내용은 그대로 있습니다. 잠시 뒤 다시 보내 주세요.",
    en="The gateway cannot be reached. What you wrote is still here; please send it again shortly.",
)
STAYS = Text(
    ko="이 말은 되돌릴 수 없습니다. 마지막 말이 아니거나, 이 말로 카드를 만들었거나 거두었습니다."
    " 다시 물으려면 새로 입력해 주세요.",
    en="This cannot be taken back: it is not the last thing said, or a card was made or withdrawn"
    " upon it. To ask again, please type it anew.",
)
AUDIT = Text(ko="감사 기록", en="Audit trail")
DIGEST = Text(ko="다이제스트", en="Digest")
BACK = Text(ko="← 콘솔", en="← Console")
SAVE = Text(ko="Markdown으로 저장", en="Save as Markdown")
NO_SCOPE = Text(
    ko="이 계정에는 그 권한이 없습니다.",
    en="This account has no right to that.",
)
CHAIN_SOUND = Text(
    ko="기록 {rows}건의 사슬이 이어져 있습니다. 바뀐 것이 없습니다.",
    en="The chain of all {rows} entries holds: nothing was changed.",
)
CHAIN_BROKEN = Text(
    ko="사슬이 끊겼습니다. 이 데이터베이스를 보존하고 백업과 대조하세요.",
    en="The chain is broken. Keep this database and compare it with a backup.",
)
CHECKED = Text(ko="{at}에 확인", en="Checked {at}")
TRAIL = Text(ko="마지막 {count}건, 최근 것부터", en="The last {count} entries, newest first")
WHEN = Text(ko="시각", en="When")
WHAT = Text(ko="일", en="What")
WHO = Text(ko="누가", en="Who")
DETAIL = Text(ko="내용", en="About")
CARD = Text(ko="카드", en="card")
EVENTS = {
    "proposed": Text(ko="종료를 요청하는 카드를 보임", en="Asked for a kill; card shown"),
    "approved": Text(ko="승인", en="Approved"),
    "voted": Text(ko="승인 한 표", en="One approval of several"),
    "denied": Text(ko="거절", en="Rejected"),
    "expired": Text(ko="승인 시간 지남", en="Expired"),
    "withdrawn": Text(ko="거둠", en="Withdrawn"),
    "superseded": Text(ko="새 카드로 바뀜", en="Replaced by a newer card"),
    "outranked": Text(ko="다른 카드가 대신함", en="Another card took its place"),
    "moved": Text(ko="다른 곳으로 옮김", en="Moved elsewhere"),
    "taken": Text(ko="실행을 맡음", en="Work on it began"),
    "released": Text(ko="실행을 내려놓음", en="Work on it was let go"),
    "calling": Text(ko="클러스터에 종료 요청", en="Cluster called to kill"),
    "accepted": Text(ko="클러스터가 요청을 받음", en="Cluster took the call"),
    "unknown": Text(ko="응답 없음", en="No answer came"),
    "succeeded": Text(ko="종료 확인", en="Kill proved"),
    "rejected": Text(ko="클러스터가 요청을 거부", en="Cluster refused the call"),
    "gone": Text(ko="이미 끝나 있었음", en="Had already ended"),
    "aborted": Text(ko="종료하지 않음", en="Not killed"),
    "needs_human": Text(ko="사람이 확인해야 함", en="A person must look"),
    "watched": Text(ko="효과를 잼", en="Effect measured"),
    "watch_over": Text(ko="살펴보기 끝", en="Watching over"),
    "freeze_on": Text(ko="모든 종료를 막음", en="All kills stopped"),
    "freeze_off": Text(ko="종료를 다시 허용", en="Kills allowed again"),
    "api_calls": Text(ko="API 호출 집계", en="API calls, counted"),
    "clock_set_right": Text(ko="시계를 바로잡음", en="Clock set right"),
}
