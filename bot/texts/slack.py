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
BUTTON_UNKNOWN = Text(
    ko="이 버튼은 더 쓰이지 않습니다. 스레드에서 다시 물어봐 주세요.",
    en="This button is no longer in use. Please ask again in the thread.",
)
REFRESH = Text(ko="지금 상태 보기", en="Show the status now")
