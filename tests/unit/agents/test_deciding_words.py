"""Whoever asks who may approve is told how a card is decided here."""

from datetime import UTC, timedelta

import pytest

from bot.agents.facts import AuditFacts
from bot.agents.templates.kills import audit
from bot.agents.templates.wording import Voice
from bot.domain.language import Language
from bot.domain.proposals import DecidingRules

TTL = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("rules", "ko", "en"),
    [
        (DecidingRules(("U1", "U2", "U3"), None, 1, TTL), "승인자 3명 중 1명", "1 of 3 approvers"),
        (DecidingRules((), "S1", 2, TTL), "승인 그룹 중 2명", "2 of the approver group"),
        (DecidingRules((), None, 1, TTL), "아무도 승인할 수 없습니다", "nobody can approve"),
    ],
)
def test_the_rules_of_deciding_are_told(rules: DecidingRules, ko: str, en: str) -> None:
    for language, words in ((Language.KO, ko), (Language.EN, en)):
        assert words in audit(AuditFacts((), rules), Voice(language, UTC)).summary


def test_nothing_is_said_of_rules_that_are_unknown() -> None:
    said = audit(AuditFacts(()), Voice(Language.EN, UTC))
    assert said.summary == "Nothing was proposed or killed in this thread."


def test_approvers_are_told_by_name() -> None:
    rules = DecidingRules(("U1", "U2"), None, 1, TTL)
    facts = AuditFacts((), rules, {"U1": "민지", "U2": "도윤"}, ("U1", "U2"))
    assert "승인자(민지, 도윤) 중 1명" in audit(facts, Voice(Language.KO, UTC)).summary
