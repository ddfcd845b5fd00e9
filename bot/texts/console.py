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
ASK = Text(ko="클러스터에 대해 물어보세요", en="Ask about the cluster")
SEND = Text(ko="보내기", en="Send")
NEW_THREAD = Text(ko="새 대화", en="New thread")
NOW = Text(ko="지금", en="Now")
STATUS = Text(ko="현재 클러스터 가동율 알려줘", en="What is the cluster's utilization now?")
CARDS = Text(ko="종료 카드", en="Kill cards")
NO_CARDS = Text(ko="기다리는 카드가 없습니다.", en="No card is waiting.")
READ_ONLY = Text(
    ko="이 계정은 종료를 제안하거나 결정할 수 없습니다.",
    en="This account may not propose or decide kills.",
)
ASKED_BY = Text(ko="요청: {who}", en="Asked for by {who}")
TARGET = Text(
    ko="{rank}. `{name}` · {user} · {queue} · {cores}코어 · `{id}`",
    en="{rank}. `{name}` · {user} · {queue} · {cores} cores · `{id}`",
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
