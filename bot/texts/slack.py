"""What the Slack edge itself says: progress, refusals, apologies."""

from bot.domain.language import Text

LEFT_OUT = Text(ko="…(+{n})", en="…(+{n})")
WORKING = Text(ko="확인하고 있습니다…", en="is looking into it…")
APOLOGY = Text(
    ko="처리하지 못했습니다. 다시 물어봐 주세요. 계속되면 운영자에게 참조 번호를 알려 주세요: {reference}",
    en="I could not handle this. Please ask again. If it keeps failing, tell the operator this"
    " reference: {reference}",
)
OUTSIDER = Text(
    ko="다른 워크스페이스와 공유된 곳에서는 답하지 않습니다. 내부 채널에서 물어봐 주세요.",
    en="I do not answer people or channels outside this workspace. Please ask in an internal"
    " channel.",
)
GUEST = Text(
    ko="게스트 계정에는 클러스터 정보를 알려 드리지 않습니다. 정식 멤버에게 물어봐 주세요.",
    en="I tell guest accounts nothing about the cluster. Please ask a full member.",
)
BUTTON_UNKNOWN = Text(
    ko="이 버튼은 더 쓰이지 않습니다. 스레드에서 다시 물어봐 주세요.",
    en="This button is no longer in use. Please ask again in the thread.",
)
REFRESH = Text(ko="지금 상태 보기", en="Show the status now")
HOME_TITLE = Text(ko="당직", en="Dangjik, the on-call engineer")
HOME_INTRO = Text(
    ko="CPU 알림이 오면 그 스레드에서 원인을 알려 줍니다. 스레드나 DM에서 이렇게 물어보세요.",
    en="When a CPU alert comes, I say in its thread what causes it. Ask there or in a DM, like this:",
)
HOME_EXAMPLES = (
    Text(ko="현재 클러스터 가동율 알려줘", en="What is the cluster's utilization now?"),
    Text(ko="리소스를 많이 쓰는 Spark 잡 3개 보여줘", en="Show the top 3 Spark jobs"),
    Text(ko="이 중에서 상위 2개 종료해줘", en="Kill the top 2 of these"),
    Text(ko="클러스터 사용율이 떨어졌는지 확인해줘", en="Did utilization go down?"),
    Text(ko="가동율이 높을 때 어떻게 해야 돼?", en="What should I do when utilization is high?"),
)
HOME_SAFETY = Text(
    ko="승인자가 카드에서 승인을 누르기 전에는 아무것도 종료하지 않습니다.",
    en="Nothing is killed before an approver presses Approve on the card.",
)
HELP = Text(ko="도움말", en="help")  # what somebody asks who only says our name
