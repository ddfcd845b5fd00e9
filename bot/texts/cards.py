"""What the kill card, its confirm dialog, its refusals and its proof say."""

from bot.domain.language import Language, Text
from bot.domain.proposals import Caution, ProposalState, TargetState

ONE = Text(ko="애플리케이션 1개", en="1 application")
MANY = Text(ko="애플리케이션 {n}개", en="{n} applications")
TITLES = {
    ProposalState.PENDING: Text(ko="종료 승인 요청: {what}", en="Approve killing {what}?"),
    ProposalState.CLAIMED: Text(ko="승인됨, 종료하는 중: {what}", en="Approved, killing {what}"),
    ProposalState.DENIED: Text(
        ko="거절됨: 아무것도 종료하지 않았습니다", en="Rejected: nothing was killed"
    ),
    ProposalState.EXPIRED: Text(
        ko="시간 초과: 아무것도 종료하지 않았습니다", en="Expired: nothing was killed"
    ),
    ProposalState.CANCELLED: Text(
        ko="거둔 카드: 아무것도 종료하지 않았습니다", en="Withdrawn: nothing was killed"
    ),
}
DONE_ALL = Text(ko="종료 확인: {what}", en="Kill confirmed: {what}")
DONE_SOME = Text(
    ko="끝남: {n}개 중 {killed}개 종료 확인", en="Finished: {killed} of {n} confirmed killed"
)
DONE_DRY = Text(ko="시험 실행: 종료하지 않았습니다", en="Dry run: nothing was killed")

TARGET = {
    TargetState.WAITING: Text(ko="차례를 기다립니다", en="waiting its turn"),
    TargetState.CALLING: Text(ko="종료를 요청하는 중입니다", en="asking the cluster to kill it"),
    TargetState.ACCEPTED: Text(
        ko="클러스터가 요청을 받았습니다. 종료를 확인하는 중입니다",
        en="the cluster took the request; checking that it ends",
    ),
    TargetState.UNKNOWN: Text(
        ko="응답을 받지 못했습니다. 실제 상태를 확인하는 중입니다",
        en="no answer came; checking what really happened",
    ),
    TargetState.SUCCEEDED: Text(ko="종료를 확인했습니다", en="confirmed killed"),
    TargetState.REJECTED: Text(
        ko="클러스터가 요청을 거부했습니다", en="the cluster refused the request"
    ),
    TargetState.GONE: Text(ko="이미 끝나 있었습니다", en="it had already ended"),
    TargetState.ABORTED: Text(ko="종료하지 않았습니다", en="not killed"),
    TargetState.NEEDS_HUMAN: Text(ko="사람이 확인해야 합니다", en="a person must look"),
}
SIGNS = {
    TargetState.WAITING: "hourglass_flowing_sand",
    TargetState.CALLING: "hourglass_flowing_sand",
    TargetState.ACCEPTED: "hourglass_flowing_sand",
    TargetState.UNKNOWN: "grey_question",
    TargetState.SUCCEEDED: "white_check_mark",
    TargetState.REJECTED: "no_entry",
    TargetState.GONE: "wave",
    TargetState.ABORTED: "no_entry",
    TargetState.NEEDS_HUMAN: "rotating_light",
}
REASONS = {
    "absent": Text(ko="클러스터가 더는 모릅니다", en="the cluster no longer knows it"),
    "finished": Text(ko="스스로 끝났습니다", en="it finished by itself"),
    "failed": Text(ko="스스로 실패했습니다", en="it failed by itself"),
    "killed_before": Text(ko="다른 곳에서 먼저 종료했습니다", en="someone else killed it before"),
    "replaced": Text(
        ko="같은 id를 다른 애플리케이션이 쓰고 있습니다",
        en="its id now belongs to another application",
    ),
    "changed": Text(
        ko="목록을 만든 뒤 바뀌었습니다. 목록을 다시 보고 요청해 주세요",
        en="it changed since the list was made; list again and ask anew",
    ),
    "frozen": Text(ko="운영자가 종료를 막아 두었습니다", en="the operator has frozen all kills"),
    "protected": Text(ko="보호 대상입니다", en="it is protected"),
    "unapproved": Text(
        ko="기록된 승인이 모자랍니다", en="the stored record lacks the approvals it needs"
    ),
    "damaged": Text(
        ko="저장된 기록이 카드와 다릅니다", en="the stored record differs from the card"
    ),
    "deadline": Text(
        ko="승인 뒤 너무 오래 걸렸습니다. 다시 요청해 주세요",
        en="too long passed since the approval; ask anew",
    ),
    "dry_run": Text(ko="시험 실행입니다", en="this is a dry run"),
    "refused": Text(ko="권한을 확인해 주세요", en="check the bot's permissions"),
    "no_answer": Text(ko="클러스터가 답하지 않았습니다", en="the cluster did not answer"),
    "interrupted": Text(ko="봇이 다시 시작되었습니다", en="the bot was restarted"),
    "still_running": Text(
        ko="요청을 보냈지만 계속 실행 중입니다. 봇 계정의 종료 권한(YARN 큐 ACL, spark.ui.killEnabled)을"
        " 확인해 주세요",
        en="the request was sent but it still runs; check that the bot's account may kill (YARN"
        " queue ACL, spark.ui.killEnabled)",
    ),
    "unreachable": Text(ko="클러스터가 답하지 않습니다", en="the cluster gives no answer"),
    "paused": Text(
        ko="보내기 직전에 봇이 멈춰 있었습니다. 다시 요청해 주세요",
        en="the bot was suspended just before sending; ask anew",
    ),
    "unsent": Text(
        ko="클러스터에 제때 연결되지 않아 보내지 않았습니다. 다시 요청해 주세요",
        en="no connection to the cluster in time, so nothing was sent; ask anew",
    ),
}
NEEDS_HUMAN = Text(
    ko="클러스터에서 직접 상태를 확인하고 필요하면 종료해 주세요.",
    en="Look at it on the cluster yourself, and kill it there if needed.",
)

CAUTIONS = {
    Caution.PROD: Text(ko="운영(prod) 큐에서 돕니다", en="runs in a prod queue"),
    Caution.STREAMING: Text(
        ko="이름으로 보아 스트리밍입니다. 멈추면 처리가 밀립니다",
        en="a streaming job by its name: what it handles piles up",
    ),
    Caution.SHARED: Text(
        ko="이름으로 보아 여럿이 함께 쓰는 서비스입니다. 다른 사람의 작업도 끊깁니다",
        en="a shared service by its name: other people's work dies with it",
    ),
    Caution.YOUNG: Text(ko="시작한 지 몇 분 안 되었습니다", en="started only minutes ago"),
    Caution.SCHEDULED: Text(
        ko="스케줄러({user})가 띄웠습니다. DAG를 멈추지 않으면 다시 뜰 수 있습니다",
        en="started by a scheduler ({user}): it may start again unless its DAG is paused",
    ),
}
WITHDRAWALS = {
    "withdrawn": Text(ko="님이 거두었습니다.", en="withdrew this card."),
    "superseded": Text(
        ko="님이 새 카드를 요청해 이 카드를 거두었습니다.",
        en="asked for another card, so this one was withdrawn.",
    ),
    "outranked": Text(
        ko="님(승인자)이 다른 스레드에서 같은 잡의 카드를 요청해 이 카드를 거두었습니다.",
        en="(an approver) asked for these jobs in another thread, so this card was withdrawn.",
    ),
    "moved": Text(
        ko="님이 이 카드를 다른 스레드로 옮겼습니다.", en="moved this card to another thread."
    ),
}
TOTAL_RELIEF = Text(
    ko="모두 종료하면 CPU {before} → 약 {after}", en="All of it: CPU {before} → about {after}"
)
OWNER = Text(ko="소유자", en="owner")
QUEUE = Text(ko="큐", en="queue")
ATTEMPT = Text(ko="시도 {n}", en="attempt {n}")
MEMORY = Text(ko="메모리 {value}", en="memory {value}")
RUNNING = Text(ko="실행 {value}", en="running {value}")
SHARE = Text(ko="클러스터 코어의 {value}", en="{value} of the cluster's cores")
RELIEF = Text(ko="예상 CPU 변화 {value}", en="expected CPU change {value}")
RELIEF_AT_MOST = Text(
    ko="예상 CPU 변화 알 수 없음, 최대 {cores}", en="expected CPU change unknown, at most {cores}"
)
RELIEF_UNKNOWN = Text(ko="예상 CPU 변화 알 수 없음", en="expected CPU change unknown")
ASKED_BY = Text(ko="요청: ", en="Asked by: ")
BY_BOT = Text(ko="봇", en="the bot")
NEEDED = Text(
    ko="승인 {have}/{need}명 · {until}까지 유효", en="Approvals {have}/{need} · valid until {until}"
)
APPROVED_BY = Text(ko="승인: ", en="Approved by: ")
REJECTED_BY = Text(ko="거절: ", en="Rejected by: ")
BASED_ON = Text(
    ko="{cluster} · 목록 시각 {time} (카드를 만들 때 {age} 지남) · 확인 코드 {digest}",
    en="{cluster} · listed at {time} ({age} before this card) · check code {digest}",
)
AUDIT_HEAD = Text(ko=" · 감사 기록 {head}", en=" · audit entry {head}")
DRY_RUN = Text(
    ko=" 시험 실행: 승인해도 종료 요청을 보내지 않습니다.",
    en=" Dry run: approving sends no kill request.",
)
ASK_AGAIN = Text(
    ko="필요하면 스레드에서 다시 요청해 주세요.", en="If still needed, ask again in the thread."
)
APPROVE = Text(ko="승인", en="Approve")
REJECT = Text(ko="거절", en="Reject")
CONFIRM_TITLE = Text(ko="종료할까요? {what}", en="Kill {what}?")
CONFIRM_TEXT = Text(
    ko="{names}\n되돌릴 수 없습니다. 확인 코드 {digest}",
    en="{names}\nThis cannot be undone. Check code {digest}",
)
CONFIRM_MORE = Text(ko="외 {n}개", en="and {n} more")
CONFIRM_YES = Text(ko="종료 승인", en="Approve kill")
CONFIRM_NO = Text(ko="돌아가기", en="Go back")

PROOF = Text(
    ko="종료 전후 클러스터 CPU: {before} → {after} ({change})",
    en="Cluster CPU before and after the kill: {before} → {after} ({change})",
)
PROOF_AFTER = Text(
    ko="종료 후 클러스터 CPU: {after} (종료 전 값은 재지 못했습니다)",
    en="Cluster CPU after the kill: {after} (it was not measured before)",
)
PROOF_NONE = Text(
    ko="종료 후 클러스터 CPU를 재지 못했습니다.",
    en="Cluster CPU could not be measured after the kill.",
)
EFFECT = Text(
    ko="사용 코어: 예상 {expected}, {measured}", en="Cores used: expected {expected}, {measured}"
)
EFFECT_AT_MOST = Text(ko="최대 -{cores}", en="at most -{cores}")
EFFECT_UNKNOWN = Text(ko="알 수 없음", en="unknown")
EFFECT_MEASURED = Text(ko="실측 {cores}", en="measured {cores}")
EFFECT_PENDING = Text(ko="아직 실측 전", en="not measured yet")
EFFECT_UNMEASURED = Text(ko="실측 없음", en="not measured")
PROOF_KILLED = Text(
    ko="종료를 확인함: {what} · {time}",
    en="Confirmed killed: {what} · {time}",
)
RELAUNCH = Text(
    ko=" {names}이(가) 새 id로 다시 떴습니다.",
    en=" {names} was started again under a new id.",
)
RELAUNCH_NEXT = Text(
    ko="자동으로 종료하지 않습니다. 다시 띄우는 쪽을 먼저 멈춰 주세요: 스케줄러(Airflow 등), "
    "--supervise로 띄운 Spark 드라이버, 노트북.",
    en="It is not killed by itself. First stop what starts it again: a scheduler such as Airflow, "
    "a Spark driver run with --supervise, or a notebook.",
)

REFUSALS = {
    "not_approver": Text(
        ko="승인 권한이 없습니다. 승인자에게 요청해 주세요.",
        en="You may not approve. Please ask an approver.",
    ),
    "nobody": Text(
        ko="승인자가 정해져 있지 않습니다. 운영자가 APPROVERS나 APPROVER_GROUP을 정해야 합니다.",
        en="No approvers are set. The operator must set APPROVERS or APPROVER_GROUP.",
    ),
    "self_approval": Text(
        ko="본인이 요청한 종료는 승인할 수 없습니다. 다른 승인자에게 요청해 주세요.",
        en="You asked for this kill, so another approver must decide.",
    ),
    "guest": Text(ko="게스트는 승인할 수 없습니다.", en="Guests may not approve."),
    "bot": Text(ko="봇은 승인할 수 없습니다.", en="Bots may not approve."),
    "deleted": Text(
        ko="비활성 계정은 승인할 수 없습니다.", en="A deactivated account may not approve."
    ),
    "stranger": Text(
        ko="다른 워크스페이스의 사용자는 승인할 수 없습니다.",
        en="People of other workspaces may not approve.",
    ),
    "unchecked": Text(
        ko="권한을 확인하지 못해 받아들이지 않았습니다. 잠시 뒤 다시 눌러 주세요.",
        en="Your permission could not be checked, so the click was not counted. Please try again"
        " shortly.",
    ),
    "not_requester": Text(
        ko="종료 제안은 요청한 사람이나 승인자만 취소할 수 있습니다. 카드는 그대로 열려 있습니다.",
        en="Only whoever asked for it or an approver may withdraw a kill proposal. The card stays"
        " open.",
    ),
    "frozen": Text(
        ko="운영자가 모든 종료를 막아 두었습니다.", en="The operator has frozen all kills."
    ),
    "expired": Text(
        ko="승인 시간이 지났습니다. 스레드에서 다시 요청해 주세요.",
        en="The time to decide is over. Please ask again in the thread.",
    ),
    "already_voted": Text(ko="이미 승인했습니다.", en="You have approved already."),
    "denied": Text(ko="이미 거절되었습니다.", en="It was rejected already."),
    "cancelled": Text(
        ko="이미 거둔 카드입니다.",
        en="This card was withdrawn.",
    ),
    "claimed": Text(
        ko="이미 승인되어 진행 중입니다.", en="It is approved already and being carried out."
    ),
    "done": Text(ko="이미 끝났습니다.", en="It is over already."),
    "other_targets": Text(
        ko="카드의 대상이 저장된 기록과 다릅니다. 최신 카드에서 눌러 주세요.",
        en="The card shows other targets than the record. Please use the latest card.",
    ),
}
REFUSED = Text(
    ko="이 클릭은 받아들이지 않았습니다. 최신 카드에서 다시 눌러 주세요.",
    en="This click was not counted. Please use the latest card.",
)


def counted(n: int, language: Language) -> str:
    """Return so many applications in words."""
    return (ONE if n == 1 else MANY)(language, n=n)
