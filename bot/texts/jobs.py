"""What is said of applications: lists, one in detail, a kill weighed, asked for, or looked back on."""

from bot.domain.language import Text
from bot.domain.selections import Measure

HEADS = {
    "rank": Text(ko="#", en="#"),
    "name": Text(ko="잡", en="Job"),
    "id": Text(ko="ID", en="ID"),
    "user": Text(ko="사용자", en="Owner"),
    "queue": Text(ko="큐", en="Queue"),
    "cores": Text(ko="코어", en="Cores"),
    "memory": Text(ko="메모리", en="Memory"),
    "share": Text(ko="비율", en="Share"),
    "time": Text(ko="실행 시간", en="Running"),
}
ORDERS = {
    Measure.CPU: Text(ko="CPU 순", en="by CPU"),
    Measure.MEMORY: Text(ko="메모리 순", en="by memory"),
    Measure.DURATION: Text(ko="실행 시간 순", en="by running time"),
}
LISTED = Text(
    ko="실행 중인 Spark 잡 {matching}개 중 {shown}개입니다({order}).",
    en="{shown} of {matching} running Spark jobs, {order}.",
)
LISTED_WAITING = Text(
    ko="대기 중인 Spark 잡 {matching}개 중 {shown}개입니다({order}).",
    en="{shown} of {matching} waiting Spark jobs, {order}.",
)
NONE_MATCH = Text(
    ko="조건에 맞는 실행 중인 Spark 잡이 없습니다.",
    en="No running Spark job matches.",
)
NONE_WAIT = Text(
    ko="대기 중인 Spark 잡이 없습니다.",
    en="No Spark job is waiting.",
)
BASIS = Text(ko="코어는 {basis}", en="cores {basis}")
MEMORY_UNKNOWN = Text(
    ko="메모리가 –인 잡은 사용량을 알 수 없어 맨 뒤에 두었습니다. Spark 마스터는 알려 주지 않습니다.",
    en="The memory of jobs with a – is unknown, so they come last: a Spark master does not tell it.",
)
PROTECTED_MARK = Text(ko="{name} (보호)", en="{name} (protected)")
SHORTER = Text(
    ko="{count}개를 요청했지만 한 번에 {most}개까지 보여 드립니다.",
    en="You asked for {count}; at most {most} are shown at a time.",
)

STATES = {
    "waiting": Text(ko="대기 중", en="waiting"),
    "running": Text(ko="실행 중", en="running"),
    "finished": Text(ko="정상 종료", en="finished"),
    "failed": Text(ko="실패", en="failed"),
    "killed": Text(ko="강제 종료됨", en="killed"),
}
DETAIL = Text(ko="{name} — {state}", en="{name} — {state}")
LOOKS_RUNAWAY = Text(
    ko="폭주로 보입니다. 근거: {evidence}.", en="It looks like a runaway: {evidence}."
)
LOOKS_HEAVY = Text(
    ko="무겁지만 폭주로 볼 근거는 부족합니다: {evidence}.",
    en="It is heavy, but not enough says it is out of hand: {evidence}.",
)
AS_ALWAYS = Text(
    ko="이 시간대에 평소 쓰는 만큼입니다(평소 {cores}).",
    en="It uses what it usually does at this hour ({cores}).",
)
IS_PROTECTED = Text(
    ko="보호 대상이라 여기서 종료할 수 없습니다.",
    en="It is protected and cannot be killed from here.",
)
GONE = Text(
    ko="{name}({id})은(는) 클러스터에 더 이상 없습니다.",
    en="{name} ({id}) is no longer known to the cluster.",
)
LABEL_STATE = Text(ko="상태", en="State")
LABEL_STARTED = Text(ko="시작", en="Started")
LABEL_SHARE = Text(ko="클러스터 비율", en="Share of the cluster")
LABEL_CONTAINERS = Text(ko="컨테이너", en="Containers")
LABEL_ATTEMPT = Text(ko="시도", en="Attempt")
LABEL_DIAGNOSTICS = Text(ko="진단 메시지", en="Diagnostics")

EXPECTED = Text(
    ko="{count}개를 종료하면 CPU 사용률이 {now}에서 약 {then}로 내려갈 것으로 예상합니다.",
    en="Killing {count} should bring CPU from {now} down to about {then}.",
)
EXPECTED_CORES = Text(
    ko="{count}개를 종료하면 {cores}가 풀립니다. CPU 사용률에 미치는 영향은 계산할 수 없습니다.",
    en="Killing {count} would free {cores}. The effect on CPU use cannot be worked out.",
)
RELIEF = Text(ko="예상 CPU 변화", en="Expected CPU change")
ESTIMATE = Text(
    ko="예상값입니다. 대기 중인 잡이 빈 자리를 채우면 덜 내려갑니다. 아무것도 종료하지 않았습니다.",
    en="This is an estimate: waiting jobs may take the room. Nothing was killed.",
)
ALREADY_OVER = Text(ko="이미 끝난 잡: {names}.", en="Already over: {names}.")

PROPOSED = Text(
    ko="{count}개 잡의 종료를 제안했습니다. 카드에서 승인되기 전에는 아무것도 종료되지 않습니다.",
    en="Proposed killing {count}. Nothing dies until someone approves on the card.",
)
NOT_PROPOSED = Text(ko="종료를 제안하지 않았습니다.", en="No kill was proposed.")
PROTECTED = Text(
    ko="{name}은(는) 보호 대상이라 종료할 수 없습니다.",
    en="{name} is protected and cannot be killed.",
)
OVER = Text(ko="{name}은(는) 이미 끝났습니다.", en="{name} is already over.")
CHANGED = Text(
    ko="{name}은(는) 목록을 보여 드린 뒤 바뀌었습니다. 목록을 다시 확인해 주세요.",
    en="{name} has changed since it was listed. Please list the jobs again.",
)
CHOOSE = Text(ko="종료할 잡 고르기", en="Choose applications")
CHOOSE_OTHERS = Text(
    ko="다른 잡을 종료하시겠습니까? 번호로 말씀해 주세요.",
    en="Would you like to kill another one? Say its number.",
)

DECIDING = Text(
    ko="종료는 {people} 중 {required}명이 카드의 승인 버튼을 눌러야 실행됩니다. 카드는 {ttl} 동안 유효합니다.",
    en="A kill needs {required} of {people} to press Approve on its card, which is valid for {ttl}.",
)
DECIDERS = Text(ko="승인자 {count}명", en="{count} approvers")
DECIDERS_GROUP = Text(ko="승인 그룹", en="the approver group")
DECIDERS_BOTH = Text(
    ko="승인자 {count}명과 승인 그룹", en="{count} approvers and the approver group"
)
NOBODY_DECIDES = Text(
    ko="정해진 승인자가 없어 아무도 승인할 수 없습니다.",
    en="No approvers are set, so nobody can approve.",
)
NO_DECISIONS = Text(
    ko="이 스레드에서 제안되거나 종료된 잡이 없습니다.",
    en="Nothing was proposed or killed in this thread.",
)
DECISIONS = Text(
    ko="이 스레드의 종료 제안 {count}건입니다.", en="{count} kill proposals in this thread."
)
ASKED_BY = Text(ko=" 요청: ", en=" Asked by ")
APPROVED_BY = Text(ko=" 승인: ", en=" Approved by ")
DENIED_BY = Text(ko=" 거절: ", en=" Rejected by ")
AT = Text(ko=" ({time})", en=" ({time})")
RESULT = Text(ko=" 결과: {result}.", en=" Result: {result}.")
PROPOSAL_STATES = {
    "pending": Text(ko="결정을 기다립니다", en="waiting for a decision"),
    "denied": Text(ko="거절되었습니다", en="rejected"),
    "expired": Text(ko="기한이 지났습니다", en="expired"),
    "cancelled": Text(ko="취소되었습니다", en="cancelled"),
    "claimed": Text(ko="처리 중입니다", en="being carried out"),
    "done": Text(ko="처리되었습니다", en="carried out"),
}
TARGET_STATES = {
    "waiting": Text(ko="차례를 기다립니다", en="waiting"),
    "calling": Text(ko="종료 요청 중", en="being killed"),
    "accepted": Text(ko="종료 확인 중", en="being verified"),
    "unknown": Text(ko="결과 확인 중", en="outcome being read"),
    "succeeded": Text(ko="종료 확인", en="killed, verified"),
    "rejected": Text(ko="클러스터가 거부", en="refused by the cluster"),
    "gone": Text(ko="스스로 끝남", en="ended by itself"),
    "aborted": Text(ko="중단(요청 보내지 않음)", en="stopped, no request sent"),
    "needs_human": Text(ko="사람의 확인 필요", en="needs a person"),
}
WITHDRAWN = Text(
    ko="열려 있던 종료 제안 {count}건을 취소했습니다. 아무것도 종료되지 않았습니다.",
    en="Withdrew {count} open kill proposal(s). Nothing was killed.",
)
NOT_YOURS = Text(
    ko="종료 제안은 요청한 사람이나 승인자만 취소할 수 있습니다. 카드는 그대로 열려 있습니다.",
    en="Only whoever asked for it or an approver may withdraw a kill proposal. The card stays open.",
)
NOTHING_TO_CANCEL = Text(ko="취소할 제안이 없습니다.", en="There is nothing to cancel.")
