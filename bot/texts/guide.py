"""What is said around passages of our documents, and about incidents that are kept."""

from bot.domain.language import Text

MANUAL = Text(ko="운영 매뉴얼 · {file}", en="Operation manual · {file}")
HISTORY = Text(ko="지난 사례 · {date}", en="Past incident · {date}")
WEB = Text(ko="웹 · {domain}", en="Web · {domain}")
BEST = Text(ko="{title}", en="{title}")
MAYBE = Text(
    ko="질문과 꼭 맞는지는 확실하지 않습니다. 가장 가까운 내용입니다: {title}",
    en="This may not be what you asked; the closest I have: {title}",
)
NOTHING_FOUND = Text(
    ko="매뉴얼과 지난 사례에 맞는 내용이 없습니다.",
    en="Nothing in the manual or past incidents fits.",
)
NOTHING_IN_HISTORY = Text(
    ko="비슷한 지난 사례를 찾지 못했습니다.", en="No similar past incident was found."
)
NOT_SEARCHED = Text(ko="문서를 검색하지 못했습니다.", en="The documents could not be searched.")
SAMPLE = Text(
    ko="제품에 들어 있는 예시 문서입니다. 이 팀의 규정이나 실제 사례가 아닙니다.",
    en="From the sample pages the product ships: not this team's rules, nor real incidents.",
)
RECENT_FIRST = Text(
    ko="지금 클러스터 상황으로 찾아 최근 사례부터 보여 드립니다. 더 정확히 찾으려면 증상이나 잡 이름을 말씀해 주세요.",
    en="Searched by what the cluster does now, newest first. Name a symptom or a job to narrow it.",
)
WHOLE_PAGE = Text(ko="전체 보기: {title}", en="Whole page: {title}")
RELATED = Text(ko="관련 문서: {titles}", en="Related pages: {titles}")
RELATED_SAMPLES = Text(ko="관련 문서(예시): {titles}", en="Related pages (samples): {titles}")
GOES_ON = Text(ko="이어서", en="Continued")
HELPFUL = Text(ko="👍 도움 됨", en="👍 Helpful")
UNHELPFUL = Text(ko="👎 도움 안 됨", en="👎 Not helpful")
VOTED_UP = Text(
    ko="👍 의견을 남겼습니다. 다시 눌러 바꿀 수 있습니다.",
    en="👍 noted. You can change it by pressing the other button.",
)
VOTED_DOWN = Text(
    ko="👎 의견을 남겼습니다. 다시 눌러 바꿀 수 있습니다.",
    en="👎 noted. You can change it by pressing the other button.",
)
SOURCE_GONE = Text(
    ko="이 원문은 지금 읽을 수 없습니다. 문서가 바뀌었거나 지워졌습니다.",
    en="This source cannot be read now: the document was changed or removed.",
)
ANSWER_GONE = Text(
    ko="이 답변의 기록이 없습니다. 다시 질문해 주세요.",
    en="Nothing is known of this answer any more. Please ask again.",
)

CAUSE = Text(ko="상황과 원인", en="Situation and cause")
EFFECT = Text(ko="조치와 효과", en="Action and effect")
LESSON = Text(ko="교훈", en="Lesson")
ALERTED = Text(
    ko="{start} {cluster} 알람: {title}. 그때 CPU는 {cpu}였습니다.",
    en="{start}, alert on {cluster}: {title}. CPU was {cpu} then.",
)
NO_CULPRIT = Text(ko="두드러지게 큰 애플리케이션은 없었습니다.", en="No application stood out.")
RUNAWAY = Text(
    ko="- {name}(사용자 {user}, 큐 {queue}): {cores}, 전체의 {share}, 폭주로 판단했습니다({evidence}).",
    en="- {name} (user {user}, queue {queue}): {cores}, {share} of all; judged a runaway ({evidence}).",
)
HEAVY = Text(
    ko="- {name}(사용자 {user}, 큐 {queue}): {cores}, 전체의 {share}를 썼습니다.",
    en="- {name} (user {user}, queue {queue}): {cores}, {share} of all.",
)
NO_ACTION = Text(
    ko="봇의 카드로 종료한 애플리케이션은 없습니다.", en="Nothing was killed through the bot."
)
DECIDED = {
    "pending": Text(ko="결정되지 않음", en="not decided"),
    "denied": Text(ko="거절됨", en="rejected"),
    "expired": Text(ko="기한 지남", en="expired"),
    "cancelled": Text(ko="취소됨", en="cancelled"),
    "claimed": Text(ko="승인됨, 종료하는 중", en="approved, being carried out"),
    "done": Text(ko="승인됨", en="approved"),
}
PROPOSED = Text(
    ko="- {time} 종료 요청({requester}): {state}{approvers}. {results}.{effect}{relaunched}",
    en="- {time} kill requested ({requester}): {state}{approvers}. {results}.{effect}{relaunched}",
)
APPROVERS = Text(ko="(승인 {names})", en=" (approved by {names})")
REJECTERS = Text(ko="(거절 {names})", en=" (rejected by {names})")
DRY_RUN = Text(ko=", 모의 실행", en=", dry run")
RESULT = Text(ko="{name}: {state}", en="{name}: {state}")
CPU_EFFECT = Text(ko=" CPU {before} → {after}.", en=" CPU {before} → {after}.")
RELAUNCHED = Text(
    ko=" 같은 이름으로 다시 뜬 애플리케이션이 {count}개 있었습니다.",
    en=" {count} came back under the same name.",
)
ENDED = Text(
    ko="{end}에 알람이 끝났습니다. 걸린 시간 {duration}, CPU {before} → {after}.",
    en="The alert ended at {end}, after {duration}. CPU {before} → {after}.",
)
UNKNOWN_REQUESTER = Text(ko="봇", en="the bot")

RECORD = Text(ko="이 알람의 기록", en="Record of this alert")
NO_LESSON = Text(ko="아직 적지 않았습니다.", en="None written yet.")
KEEP_ASK = Text(
    ko="보관하면 다음에 비슷한 일을 물을 때 보여 드립니다.",
    en="Keep it and I will show it when something like this is asked about.",
)
KEEP_ASK_PRIVATE = Text(
    ko="남기면 다음에 '전에도 이런 적 있어?'라고 물을 때, 이 비공개 채널에서만 찾을 수 있습니다.",
    en="If kept, “any past incidents like this one?” will find it, in this private channel only.",
)
KEEP = Text(ko="사례로 남기기", en="Keep this record")
DISCARD = Text(ko="버리기", en="Discard")
KEPT = Text(ko="지난 사례로 남겼습니다: {title}", en="Kept as a past incident: {title}")
KEPT_BY = Text(ko="사례로 남긴 사람: ", en="Kept by ")
DISCARDED_BY = Text(ko="기록을 버린 사람: ", en="Record discarded by ")
ALREADY_KEPT = Text(ko="이미 사례로 남겼습니다.", en="This record was kept already.")
ALREADY_DISCARDED = Text(ko="이미 버린 기록입니다.", en="This record was discarded already.")
NOT_KEPT = Text(
    ko="지금은 남길 수 없습니다(문서 저장소가 응답하지 않습니다). 잠시 뒤 다시 눌러 주세요.",
    en="It cannot be kept now: the document store does not answer. Please press again later.",
)
RECORD_GONE = Text(ko="이 기록을 찾을 수 없습니다.", en="This record cannot be found.")
