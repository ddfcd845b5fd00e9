"""The record of an incident: facts only, and nothing a name from outside could forge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agents.templates.incident import document, harmless
from bot.agents.templates.wording import Voice
from bot.domain.applications import ApplicationRef
from bot.domain.knowledge import Collection, Culprit, Document, Incident, IncidentFacts
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, Target, TargetState, Vote
from bot.domain.runaway import Rule, RunawaySigns
from bot.retrieval.documents import parse_document, split, written

KST = ZoneInfo("Asia/Seoul")
BEGAN = datetime(2026, 11, 22, 5, 12, tzinfo=UTC)
HEADINGS = {
    Language.KO: ["상황과 원인", "조치와 효과", "교훈"],
    Language.EN: ["Situation and cause", "Action and effect", "Lesson"],
}
NAMES = {"U1": "김민지", "U2": "이도윤"}


def culprit(name: str = "adhoc_join") -> Culprit:
    evidence = (RunawaySigns(Rule.SHARE, 0.35, 0.15), RunawaySigns(Rule.GROWTH, 56, 20))
    return Culprit(name, "bob", "adhoc", 56.0, 0.35, runaway=True, evidence=evidence)


def incident(language: Language = Language.KO, **changes: object) -> Incident:
    facts = IncidentFacts(
        "prod-dw",
        "[FIRING:1] ClusterHighCPU (critical)",
        BEGAN,
        BEGAN + timedelta(minutes=38),
        (culprit(),),
        97.0,
        52.0,
    )
    return Incident("abcdef0123456789", "C1", "1.2", language, False, replace(facts, **changes))  # type: ignore[arg-type]


def proposal(state: ProposalState = ProposalState.DONE, name: str = "adhoc_join") -> Proposal:
    target = Target(
        ApplicationRef("prod-dw", "yarn", "application_1_0001"),
        1,
        name,
        "bob",
        "adhoc",
        BEGAN,
        56.0,
        0,
        "measured",
        state=TargetState.SUCCEEDED,
    )
    return Proposal(
        id="p1",
        team="T1",
        channel="C1",
        thread_ts="1.2",
        requester="U1",
        language=Language.KO,
        targets=(target,),
        digest="",
        state=state,
        votes=(Vote("U2", state is not ProposalState.DENIED, BEGAN),),
        approvals_required=1,
        created_at=BEGAN + timedelta(minutes=8),
        listed_at=BEGAN,
        expires_at=BEGAN + timedelta(minutes=23),
        cpu_before=97.0,
        cpu_after=61.0,
    )


def composed(item: Incident, *proposals: Proposal) -> Document:
    return document(item, proposals, NAMES, Voice(item.language, KST))


def stored(record: Document) -> Document:
    """Return the record after a round trip through its file."""
    return parse_document(written(record), Collection.HISTORY, record.file)


@pytest.mark.parametrize("language", Language)
def test_a_record_tells_what_happened_and_who_decided(language: Language) -> None:
    """Culprits with evidence, requester, approver, effect, duration; the lesson is left open."""
    record = composed(incident(language), proposal())
    assert record.title == "2026-11-22 ClusterHighCPU (critical): adhoc_join"
    for fact in (
        "prod-dw",
        "97%",
        "`adhoc_join`",
        "bob",
        "35%",
        "김민지",
        "이도윤",
        "61%",
        "52%",
        "38",
    ):
        assert fact in record.text, fact
    headings = [line[3:] for line in record.text.split("\n") if line.startswith("## ")]
    assert headings == HEADINGS[language]
    assert record.text.endswith(f"## {HEADINGS[language][2]}")
    assert {piece.heading for piece in split(stored(record))} == set(HEADINGS[language][:2])


def test_what_was_not_carried_out_is_not_told_as_done() -> None:
    """A rejected card names who rejected it and no result; without a card nothing was killed."""
    denied = composed(incident(), proposal(ProposalState.DENIED))
    assert "거절 이도윤" in denied.text
    assert "종료를 확인" not in denied.text
    assert "종료한 애플리케이션은 없습니다" in composed(incident()).text


def test_only_a_private_channels_record_belongs_to_its_channel() -> None:
    """A public one is for everyone."""
    assert composed(incident()).channel == ""
    assert composed(replace(incident(), private=True)).channel == "C1"


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_name_forges_a_heading_or_front_matter(title: str, name: str) -> None:
    """Whatever alert and application are called, the file reads back with our fields and headings."""
    item = replace(incident(alert_title=title, culprits=(culprit(name),)), private=True)
    record = composed(item, proposal(name=name))
    back = stored(record)
    assert (back.channel, back.dated) == ("C1", record.dated)
    heads = [line for line in back.text.split("\n") if line.startswith("#")]
    assert heads[1:] == [f"## {each}" for each in HEADINGS[Language.KO]]
    assert "<" not in record.text
    assert record.text.splitlines() == record.text.split("\n")


@given(st.text(max_size=300))
def test_a_harmless_name_is_one_short_line(name: str) -> None:
    """No line break, no control, nothing Markdown or HTML reads."""
    line = harmless(name, 80)
    assert len(line) <= 81
    assert len(line.splitlines()) <= 1
    assert not set("`<>*|#~\\") & set(line)
    assert "](" not in line
