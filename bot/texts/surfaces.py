"""What modals and shortcuts say."""

from bot.domain.language import Text

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
