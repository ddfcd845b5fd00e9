"""Why nothing of the web is shown: each cause in its own words, naming what to set."""

import pytest

from bot.domain.language import Language
from bot.errors import FaultKind, FaultReason, Missing
from bot.texts.figures import said


@pytest.mark.parametrize(
    ("missing", "ko", "en"),
    [
        (Missing("web", FaultKind.NOT_CONFIGURED), "TAVILY_API_KEY 설정이 필요", "TAVILY_API_KEY"),
        (
            Missing("web", FaultKind.REFUSED, reason=FaultReason.CREDENTIALS),
            "TAVILY_API_KEY를 거부",
            "refused TAVILY_API_KEY",
        ),
        (Missing("web", FaultKind.REFUSED, reason=FaultReason.LIMIT), "한도를 다", "used up"),
        (Missing("web", FaultKind.NO_DATA), "웹은 검색하지 않았습니다", "not asked"),
        (Missing("web", FaultKind.TIMEOUT), "웹 검색: 제때", "web search did not answer"),
        (Missing("web", FaultKind.UNREACHABLE), "웹 검색: 연결", "web search cannot be reached"),
    ],
)
def test_every_cause_is_told_apart(missing: Missing, ko: str, en: str) -> None:
    """In both languages, as one sentence that a person can act on."""
    assert ko in said([missing], Language.KO)
    assert en in said([missing], Language.EN)
