"""What is said when a model took part, or could not."""

from bot.domain.conversation import Intent
from bot.domain.language import Text

UNAVAILABLE = Text(
    ko="AI 문장 없이 답했습니다({why}).",
    en="Answered without the model ({why}).",
)
UNPROVED = Text(
    ko="AI가 쓴 문장은 확인된 사실과 맞지 않아 싣지 않았습니다.",
    en="What the model wrote did not match the checked facts and is left out.",
)
WRITING = Text(ko="AI가 문장을 쓰고 있습니다…", en="The model is still writing…")
BY_SECOND = Text(
    ko="예비 모델이 대신 답했습니다.", en="The fallback model stood in for the first one."
)
OVER_BUDGET = Text(ko="사용 한도 도달", en="its budget is used up")
RESTING = Text(ko="계속 실패하여 잠시 쉬는 중", en="it kept failing and is left alone for a while")
TOO_SLOW = Text(ko="제때 응답하지 않음", en="it did not answer in time")
THROTTLED = Text(ko="서버가 요청을 제한함", en="its server limits our requests")
NO_QUOTA = Text(ko="계정의 사용 한도 소진", en="its account has no quota left")
FILTERED = Text(ko="서버가 내용 때문에 거절함", en="its server refused the content")
TOO_LONG = Text(ko="질문이 모델에 비해 너무 김", en="the question is too long for it")
CANNOT = Text(ko="서버가 요청 형식을 받지 않음", en="its server does not take such requests")
KEY_REFUSED = Text(ko="서버가 키를 거절함", en="its server refused the key")
NOT_REACHED = Text(ko="서버에 닿지 않음", en="its server could not be reached")
FAILED = Text(ko="서버 오류", en="its server failed")
USELESS = Text(ko="쓸 수 있는 답을 주지 않음", en="it gave no usable answer")
TWO_READINGS = Text(
    ko="종료 요청이 두 가지로 읽힙니다. 어느 쪽입니까? 아직 아무것도 제안하지 않았습니다.",
    en="This can be read in two ways. Which one do you mean? Nothing has been proposed yet.",
)
PERHAPS_KILL = Text(
    ko="종료 요청인지 분명하지 않습니다. 종료하려면 버튼을 누르거나 번호로 다시 말씀해 주십시오.",
    en="It is not clear that you want a kill. If so, press the button or say the numbers.",
)
KILL_READING = Text(ko="{jobs} 종료", en="Kill {jobs}")
OTHER_READING = Text(ko="종료하지 않고 {intent}", en="No kill: {intent}")
JOB = Text(ko="{rank}번 {name}", en="#{rank} {name}")
PROPOSE_THESE = Text(ko="종료 제안: {ranks}번", en="Propose killing {ranks}")
READ_AS = Text(ko="‘{intent}’ 요청으로 읽었습니다.", en="Read as: {intent}.")
INTENTS = {
    Intent.STATUS: Text(ko="현황", en="status"),
    Intent.COMPARE: Text(ko="비교", en="comparison"),
    Intent.DIAGNOSE: Text(ko="원인 분석", en="diagnosis"),
    Intent.LIST: Text(ko="목록", en="list"),
    Intent.DETAIL: Text(ko="잡 상세", en="job details"),
    Intent.KILL: Text(ko="종료 요청", en="kill request"),
    Intent.WHAT_IF: Text(ko="종료 효과 예상", en="expected effect of a kill"),
    Intent.HOW_TO: Text(ko="방법 안내", en="how-to"),
    Intent.HISTORY: Text(ko="지난 사례", en="past incidents"),
    Intent.AUDIT: Text(ko="승인 이력", en="who decided"),
    Intent.CAPACITY: Text(ko="남은 자리", en="room left"),
    Intent.WATCH: Text(ko="지켜보기", en="a watch"),
    Intent.DRAFT: Text(ko="글 초안", en="a draft"),
    Intent.UNSUPPORTED: Text(ko="할 수 없는 일", en="something I cannot do"),
    Intent.CANCEL: Text(ko="제안 취소", en="withdrawal"),
    Intent.USE_BUTTONS: Text(ko="버튼 안내", en="use of the buttons"),
    Intent.CLARIFY: Text(ko="되묻기", en="question back"),
    Intent.HELP: Text(ko="도움말", en="help"),
    Intent.SMALLTALK: Text(ko="인사", en="small talk"),
    Intent.OUT_OF_SCOPE: Text(ko="다른 주제", en="another subject"),
    Intent.NONE: Text(ko="아무것도 하지 않음", en="nothing to do"),
}
