"""What the app's home tab and the cluster's window say."""

from bot.domain.language import Text

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
