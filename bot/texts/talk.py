"""What is said when there is nothing to look up: questions back, help, thanks."""

from bot.domain.language import Text

QUESTIONS = {
    "no_listing": Text(
        ko="아직 보여 드린 목록이 없습니다. 먼저 상위 잡을 볼까요? 애플리케이션 ID로 말씀하셔도 됩니다.",
        en="No list has been shown here yet. Shall I list the top jobs first? An application id works too.",
    ),
    "unknown_rank": Text(
        ko="보여 드린 목록에 {rank}번이 없습니다. 몇 번을 말씀하십니까?",
        en="The list shown has no #{rank}. Which one do you mean?",
    ),
    "fewer_rows": Text(
        ko="보여 드린 목록은 {rows}개입니다. 몇 번을 말씀하십니까?",
        en="The list shown has only {rows} rows. Which ones do you mean?",
    ),
    "nobody": Text(
        ko="실행 중인 잡 가운데 '{value}'에 맞는 것이 없습니다. 번호나 이름으로 말씀해 주세요.",
        en="Nothing that runs matches “{value}”. Say its number or name.",
    ),
    "not_listed": Text(
        ko="실행 중이지만 보여 드린 목록에는 없는 잡입니다: {names}."
        " 종료하려면 목록을 다시 요청하거나 애플리케이션 ID로 말씀해 주세요.",
        en="Running, but not on the list shown: {names}."
        " To kill it, list the jobs again or say its application id.",
    ),
    "ambiguous": Text(
        ko="여러 잡에 해당합니다. 몇 번을 말씀하십니까?",
        en="That fits several jobs. Which numbers do you mean?",
    ),
    "which_one": Text(
        ko="몇 번 잡인가요? 이름이나 ID로 말씀하셔도 됩니다.",
        en="Which job: its number, name or id?",
    ),
    "nothing_left": Text(
        ko="빼고 나면 남는 잡이 없습니다. 어느 잡을 말씀하십니까?",
        en="Nothing is left after leaving those out. Which jobs do you mean?",
    ),
    "which_queue": Text(
        ko="어느 큐를 말씀하십니까? 지금 잡이 실행 중인 큐: {names}.",
        en="Which queue do you mean? Queues with running jobs: {names}.",
    ),
    "two_requests": Text(
        ko="한 번에 여러 가지를 말씀하셨습니다. 종료할 잡만 번호로 다시 말씀해 주세요.",
        en="That was several things at once. Please say only which numbers to kill.",
    ),
    "which_reading": Text(ko="어느 쪽입니까?", en="Which do you mean?"),
    "not_understood": Text(
        ko="질문을 이해하지 못했습니다. 조금 다르게 말씀해 주시겠습니까? '도움말'이라고 하시면 예를 보여 드립니다.",
        en="I did not understand. Could you put it differently? Say “help” for examples.",
    ),
}
MAKE_CARD = Text(ko="종료 카드 만들기", en="make a kill card")
ROW = Text(ko="{rank}번 {name}", en="#{rank} {name}")
MEANT = Text(ko="{jobs} {wanted}", en="{jobs}: {wanted}")
CANDIDATE = Text(ko="{rank}번 {name} ({user}, {id})", en="#{rank} {name} ({user}, {id})")

HELP_TITLE = Text(ko="이렇게 물어보세요", en="What you can ask")
HELP_ITEMS = (
    Text(ko="현재 클러스터 가동율 알려줘", en="How busy is the cluster right now?"),
    Text(ko="CPU가 왜 높아?", en="Why is CPU so high?"),
    Text(ko="리소스를 많이 사용하는 spark 잡 3개 보여줘", en="Show the top 3 Spark jobs"),
    Text(
        ko="2번 자세히 알려줘 · 1번 죽이면 얼마나 내려가?",
        en="Tell me more about #2 · What if we kill #1?",
    ),
    Text(ko="이 중에서 상위 2개 종료해줘", en="Kill the top 2"),
    Text(ko="클러스터 사용율이 떨어졌는지 확인해줘", en="Did the CPU go down?"),
    Text(
        ko="어제 이 시간이랑 비교해줘", en="Compare with yesterday · Is it higher than an hour ago?"
    ),
    Text(ko="이 큐에서 줄여도 되는 잡은?", en="Which jobs in this queue could we cut?"),
    Text(
        ko="가동율이 높을 때 어떻게 해야 돼? · 전에도 이런 적 있어?",
        en="What does the runbook say? · Any past incidents?",
    ),
    Text(
        ko="etl 큐에 20코어 자리 있어? · 유저별 코어 합계",
        en="Is there room for 20 cores? · Cores per user",
    ),
    Text(
        ko="CPU 80 밑으로 내려가면 알려줘 · 인수인계 써줘",
        en="Tell me when CPU is below 80 · Write a handover",
    ),
    Text(ko="누가 승인했어? · 취소해", en="Who approved it? · Cancel that"),
)
HELP_KILL = Text(
    ko="잡은 승인자가 카드의 승인 버튼을 눌러야만 종료됩니다. 글로 쓴 승인은 세지 않습니다.",
    en="A job dies only when an approver presses Approve on the card. Typed approvals do not count.",
)
HOLD = Text(
    ko="기다리겠습니다. 카드는 열려 있습니다. 거둘까요?",
    en="Holding. The card is still open; shall I withdraw it?",
)
WITHDRAW = Text(ko="카드 거두기", en="Withdraw the card")
WORDS = {
    "help": Text(ko="도움말", en="Help"),
    "smalltalk": Text(
        ko="네, 필요하면 언제든 불러 주세요.", en="Any time. Ask me whenever you need me."
    ),
    "none": Text(
        ko="알겠습니다. 아무것도 종료하지 않습니다.", en="Understood. Nothing will be killed."
    ),
    "unsure": Text(
        ko="무슨 말씀인지 이해하지 못했습니다. '상위 5개 잡'이나 'CPU가 왜 높아?'처럼 말씀해 주세요. '도움말'에 예가 더 있습니다.",
        en="I did not understand that. Try “top 5 jobs” or “why is CPU high?”, or say “help”.",
    ),
    "out_of_scope": Text(
        ko="저는 클러스터와 Spark 잡에 관한 일만 돕습니다. '도움말'이라고 하시면 예를 보여 드립니다.",
        en="I only help with the cluster and its Spark jobs. Say “help” for examples.",
    ),
    "use_buttons": Text(
        ko="글로 쓴 승인은 세지 않습니다. 카드의 승인 또는 거절 버튼을 눌러 주세요.",
        en="Typed approvals do not count. Please press Approve or Reject on the card.",
    ),
}

UNREADABLE = Text(
    ko="지금은 클러스터를 읽을 수 없어 답할 수 없습니다.",
    en="The cluster cannot be read right now, so this cannot be answered.",
)
