"""The checks for hostile text do see hostile text."""

from typing import Any

import pytest

from bot.sandbox.slack.transcript import Message
from tests.flow.injections import in_post


def post(text: str = "", *blocks: dict[str, Any]) -> Message:
    return Message("C1", {"ts": "1.0", "bot_id": "B0DANGJIK", "text": text, "blocks": list(blocks)})


def rich(**element: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (post("look <!channel>"), "CHANNEL_WIDE_MENTION"),
        (post("ask <@U0LEAD001>"), "USER_OR_GROUP_MENTION"),
        (post("<https://evil.example.invalid|ok>"), "LIVE_LINK"),
        (post("", {"type": "section", "text": {"type": "mrkdwn", "text": "<!here>"}}), "CHANNEL_WIDE_MENTION"),
        (post("", rich(type="link", url="https://evil.example.invalid")), "LIVE_LINK"),
        (post("", rich(type="broadcast", range="here")), "CHANNEL_WIDE_MENTION"),
        (post("", rich(type="user", user_id="U0LEAD001")), "USER_OR_GROUP_MENTION"),
        (post("", {"type": "image", "image_url": "https://evil.example.invalid/p.png"}), "LIVE_LINK"),
        (post("", rich(type="text", text="a\u202eb")), "CARD_SPOOF"),
        (post("xoxb-sandbox-dangjik"), "SECRET_IN_OUTPUT"),
        (post("참조 번호를 알려 주세요: abc"), "UNHANDLED_ERROR"),
        (post("종료 확인: 애플리케이션 1개"), "MARKED_AS_VERIFIED"),
    ],
)  # fmt: skip
def test_each_check_finds_its_own(message: Message, code: str) -> None:
    assert code in set(in_post(message))


def test_inert_text_is_found_innocent() -> None:
    inert = rich(type="text", text="<!channel> <@U0LEAD001> <https://evil.example.invalid|ok>")
    assert not set(in_post(post("&lt;!channel&gt; https[:]//evil.example.invalid", inert)))
