"""What the Slack edge itself says: progress, refusals, apologies, and how often an alert fired."""

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
NO_CHART = Text(
    ko="지금은 그래프를 그릴 수 없습니다. Prometheus의 CPU 기록을 읽지 못했거나 올리지 못했습니다.",
    en="No chart right now: the CPU history could not be read from Prometheus, or not posted.",
)
REFRESH = Text(ko="지금 상태 보기", en="Show the status now")
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


# What modals and shortcuts say.


CLOSE = Text(ko="닫기", en="Close")

CHOOSE_TITLE = Text(ko="종료할 잡 고르기", en="Choose applications")
CHOOSE_SUBMIT = Text(ko="종료 제안", en="Propose the kill")
CHOOSE_CANCEL = Text(ko="돌아가기", en="Go back")
CHOOSE_INTRO = Text(
    ko="고른 잡으로 승인 카드를 만듭니다. 승인자가 카드에서 승인하기 전에는 아무것도 종료되지"
    " 않습니다.",
    en="A card is made for what you choose. Nothing is killed before an approver presses Approve"
    " on it.",
)
CHOOSE_LABEL = Text(ko="실행 중인 잡", en="Running applications")
CHOOSE_MORE = Text(ko="이어서", en="More applications")
CHOOSE_TAKEN = Text(ko="{time}에 만든 목록입니다.", en="List taken at {time}.")
CHOOSE_PROTECTED = Text(ko="보호 대상이라 고를 수 없습니다", en="Protected, cannot be chosen")
CHOOSE_ALL_PROTECTED = Text(
    ko="목록에 있는 잡이 모두 보호 대상입니다.", en="Every application on the list is protected."
)
CHOOSE_NOTHING = Text(ko="하나 이상 골라 주세요.", en="Choose at least one.")
CHOSEN = Text(ko="종료 제안: {ids}", en="Propose killing: {ids}")
NO_LIST = Text(
    ko="이 스레드에 고를 목록이 없습니다. 먼저 상위 잡을 보여 달라고 해 주세요.",
    en="This thread has no list to choose from. Please ask for the top jobs first.",
)
NOT_OPENED = Text(
    ko="창을 열지 못했습니다. 버튼을 다시 눌러 주세요.",
    en="The window could not be opened. Please press the button again.",
)


# What the app's home tab and the cluster's window say.


TITLE = Text(ko="당직 · {cluster}", en="Dangjik · {cluster}")
STATUS_TITLE = Text(ko="클러스터 상태", en="Cluster status")
READING = Text(ko="클러스터를 읽고 있습니다…", en="Reading the cluster…")
UNREADABLE = Text(
    ko="지금은 기록을 읽을 수 없습니다. 홈 탭을 다시 열어 주세요.",
    en="The records cannot be read right now. Please open this tab again.",
)
MORE = Text(ko="외 {n}건", en="and {n} more")
OPEN = Text(ko="열기", en="Open")

WAITING = Text(ko="내 결정을 기다리는 카드", en="Cards waiting for me")
NO_WAITING = Text(ko="없습니다.", en="None.")
WAITS = Text(ko=" · {until}까지 · ", en=" · until {until} · ")

INVESTIGATIONS = Text(ko="진행 중인 조사", en="Open investigations")
NO_INVESTIGATIONS = Text(ko="없습니다.", en="None.")
INVESTIGATED = Text(ko=" {since}부터 · ", en=" since {since} · ")
REPEATED = Text(ko="알람 {n}회 · ", en="{n} alerts · ")

KILLS = Text(ko="최근 종료", en="Last kills")
NO_KILLS = Text(
    ko="지난 7일 동안 종료한 잡이 없습니다.", en="No job was killed in the last 7 days."
)
KILLED = Text(ko="{time} · ", en="{time} · ")
EFFECT = Text(ko=" · CPU {before} → {after}", en=" · CPU {before} → {after}")
APPROVED_BY = Text(ko=" · 승인 ", en=" · approved by ")
DASH = Text(ko=" · ", en=" · ")

SETTINGS = Text(ko="설정", en="Settings")
MAY_APPROVE = Text(ko="나는 종료를 승인할 수 있습니다.", en="You may approve kills.")
MAY_NOT_APPROVE = Text(
    ko="나는 종료를 승인할 수 없습니다. 요청은 할 수 있습니다.",
    en="You may ask for kills, and not approve them.",
)
ONE_APPROVAL = Text(
    ko="승인자 한 명이 승인하면 종료합니다. 카드는 {ttl} 동안 유효합니다.",
    en="One approver decides on a kill; a card is valid for {ttl}.",
)
APPROVALS = Text(
    ko="서로 다른 승인자 {n}명이 승인해야 종료합니다. 카드는 {ttl} 동안 유효합니다.",
    en="A kill needs {n} different approvers; a card is valid for {ttl}.",
)
SELF_APPROVAL = Text(
    ko="승인자는 본인이 요청한 종료도 승인할 수 있습니다.",
    en="An approver may approve their own request.",
)
NO_SELF_APPROVAL = Text(
    ko="본인이 요청한 종료는 다른 승인자가 승인해야 합니다.",
    en="Another approver must approve what you asked for.",
)
PROTECTED = Text(ko="보호 대상: {patterns}", en="Protected: {patterns}")
NOTHING_PROTECTED = Text(ko="보호 대상으로 정한 잡이 없습니다.", en="No application is protected.")
DRY_RUN = Text(
    ko="시험 실행 중입니다. 승인해도 종료 요청을 보내지 않습니다.",
    en="Dry run: approving sends no kill request.",
)
ALERTS_EVERYWHERE = Text(
    ko="초대된 모든 채널의 CPU 알람에 답합니다.",
    en="CPU alerts are answered in every joined channel.",
)
ALERTS_IN = Text(ko="CPU 알람에 답하는 채널: ", en="CPU alerts are answered in ")

ASK = Text(ko="이렇게 물어보세요", en="What you can ask")

MEMBERS_ONLY = Text(
    ko="이 워크스페이스의 정식 멤버만 쓸 수 있습니다.",
    en="Only full members of this workspace may use this.",
)
INVITE_TITLE = Text(ko="당직", en="Dangjik")
INVITE = Text(
    ko="이 채널에 당직 봇이 없어 답할 수 없습니다. 채널에서 봇을 초대한 뒤 다시 눌러 주세요.",
    en="The bot is not in this channel and cannot answer here. Please invite it, then try again.",
)
UNHEARD = Text(
    ko="{time}에 조사한 앞선 알람의 종료는 듣지 못했습니다. 그사이 정상이었던 것으로 보여 새로 조사합니다.",
    en="The end of the earlier alert ({time}) was not heard. It had been normal since, so this is looked at anew.",
)
STILL = Text(ko="계속 울립니다, {span}째.", en="Still firing, for {span} now.")
TRACE = Text(ko="울림 {count}번째, {time}", en="Fired {count} times, last at {time}")
FLOOD = Text(
    ko="알람이 몰리고 있습니다. 1분 사이 {posts}건, 서로 다른 알람은 {alerts}개입니다. 알람마다 빠짐없이 차례로 답합니다.",
    en="Alerts are flooding in: {posts} within a minute, {alerts} different ones. Each gets its answer, one after the other.",
)
MISSED = Text(
    ko="제가 멈춰 있던 동안 울렸다가 끝난 알람이 {count}건 있습니다: {names}",
    en="{count} alerts fired and ended while I was down: {names}",
)
LATE = Text(
    ko="제가 멈춰 있던 동안의 질문이라 답이 늦었습니다. 죄송합니다.",
    en="Sorry for the late answer: I was down when you asked.",
)
