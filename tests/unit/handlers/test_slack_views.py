"""Cards, proofs and answers as people read them, in both languages."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.answers import (
    Answer,
    Bullets,
    Button,
    Buttons,
    Facts,
    Heading,
    Note,
    Notice,
    Paragraph,
    Part,
    Quote,
    Span,
    Table,
    Tone,
    plain,
)
from bot.domain.conversation import AgentName, Intent
from bot.domain.language import Language
from bot.domain.proposals import Proposal, ProposalState, TargetState, Vote
from bot.handlers.views.answer import render
from bot.handlers.views.blocks import plain_text
from bot.handlers.views.card import card, proof, relaunch
from bot.texts.cards import TARGET
from tests.unit.handlers.memory import NOW, proposal, target

KST = ZoneInfo("Asia/Seoul")
APPROVED = (Vote("U0ONCALL1", approve=True, at=NOW + timedelta(minutes=1)),)


def shown(stored: Proposal) -> str:
    return plain_text(card(stored, KST).blocks)


def done(language: Language) -> Proposal:
    made = proposal(language, state=ProposalState.DONE, votes=APPROVED, cpu_before=91.2)
    killed = replace(made.targets[0], state=TargetState.SUCCEEDED, reason="killed")
    stuck = replace(made.targets[1], state=TargetState.NEEDS_HUMAN, reason="still_running")
    return replace(made, targets=(killed, stuck), cpu_after=54.0, finished_at=NOW)


def test_a_pending_card_in_korean_shows_exactly_what_will_die() -> None:
    """Number, name, id, owner, queue, figures, who asked, how many must approve, until when."""
    assert shown(proposal(Language.KO)) == (
        "# 종료 승인 요청: 애플리케이션 2개\n"
        "• daily_sales_1 application_1719800000000_0001\n"
        "소유자 bob · 큐 etl · 128코어 (실사용) · 메모리 512 GiB · 실행 6시간 50분"
        " · 클러스터 코어의 32% · 예상 CPU 변화 -31%p\n"
        "• ml_features application_1719800000000_0002\n"
        "소유자 eve · 큐 ml · 128코어 (실사용) · 메모리 512 GiB · 실행 6시간 50분"
        " · 클러스터 코어의 32% · 예상 CPU 변화 -31%p\n"
        "요청: @U0COLLEAGUE\n"
        "승인 0/1명 · 14:15:00 KST까지 유효\n"
        "(prod · 목록 시각 13:58:00 KST (카드를 만들 때 2분 지남) · 확인 코드 01234567)\n"
        "[승인] [거절]"
    )


def test_a_pending_card_in_english_shows_exactly_what_will_die() -> None:
    """The same facts in English; one target, half the approvals in, a dry run."""
    stored = proposal(
        Language.EN,
        targets=(target(1, relief=None, attempt=2),),
        approvals_required=2,
        votes=APPROVED,
        dry_run=True,
        requester="system",
    )
    assert shown(stored) == (
        "# Approve killing 1 application?\n"
        ":test_tube: Dry run: approving sends no kill request.\n"
        "• daily_sales_1 application_1719800000000_0001\n"
        "owner bob · queue etl · 128 cores (used) · memory 512 GiB · running 6 h 50 min"
        " · 32% of the cluster's cores · expected CPU change unknown · attempt 2\n"
        "Asked by: the bot\n"
        "Approved by: @U0ONCALL1 (14:01:00 KST)\n"
        "Approvals 1/2 · valid until 14:15:00 KST\n"
        "(prod · listed at 13:58:00 KST (2 min before this card) · check code 01234567)\n"
        "[Approve] [Reject]"
    )


def test_the_confirm_dialog_names_the_applications() -> None:
    """The last look before a kill says what dies, and the code of the frozen targets."""
    button = card(proposal(Language.KO), KST).blocks[-1]["elements"][0]
    assert button["action_id"] == "approve_proposal"
    assert button["style"] == "danger"
    assert button["confirm"]["title"]["text"] == "종료할까요? 애플리케이션 2개"
    assert button["confirm"]["text"]["text"] == (
        "• daily_sales_1 (…0000_0001)\n"
        "• ml_features (…0000_0002)\n"
        "되돌릴 수 없습니다. 확인 코드 01234567"
    )


def test_many_targets_leave_a_confirm_dialog_that_counts_the_rest() -> None:
    """Slack allows 300 characters there."""
    targets = tuple(target(number, name="x" * 60) for number in range(1, 21))
    view = card(proposal(Language.EN, targets=targets), KST)
    text = view.blocks[-1]["elements"][0]["confirm"]["text"]["text"]
    assert len(text) <= 300
    assert "and 17 more" in text
    assert len(view.blocks) <= 50


def test_a_finished_card_in_korean_tells_each_targets_end_and_what_to_do() -> None:
    """Confirmed kills and what needs a person stand apart; nothing can be pressed."""
    lines = shown(done(Language.KO)).splitlines()
    assert lines[0] == "# 끝남: 2개 중 1개 종료 확인"
    assert ":white_check_mark: 종료를 확인했습니다" in lines
    assert (
        ":rotating_light: 사람이 확인해야 합니다: 요청을 보냈지만 계속 실행 중입니다. 봇 계정의 종료"
        " 권한(YARN 큐 ACL, spark.ui.killEnabled)을 확인해 주세요"
    ) in lines
    assert ":point_right: 클러스터에서 직접 상태를 확인하고 필요하면 종료해 주세요." in lines
    assert "승인: @U0ONCALL1 (14:01:00 KST)" in lines
    assert not any("[" in line for line in lines)


@pytest.mark.parametrize(
    ("state", "korean", "english"),
    [
        (
            ProposalState.DENIED,
            "거절됨: 아무것도 종료하지 않았습니다",
            "Rejected: nothing was killed",
        ),
        (
            ProposalState.EXPIRED,
            "시간 초과: 아무것도 종료하지 않았습니다",
            "Expired: nothing was killed",
        ),
        (
            ProposalState.CANCELLED,
            "거둔 카드: 아무것도 종료하지 않았습니다",
            "Withdrawn: nothing was killed",
        ),
        (
            ProposalState.CLAIMED,
            "승인됨, 종료하는 중: 애플리케이션 2개",
            "Approved, killing 2 applications",
        ),
    ],
)
def test_a_decided_card_says_so_and_has_no_buttons(
    state: ProposalState, korean: str, english: str
) -> None:
    """Every state has its own title in both languages."""
    for language, title in ((Language.KO, korean), (Language.EN, english)):
        view = card(proposal(language, state=state), KST)
        assert plain_text(view.blocks).splitlines()[0] == f"# {title}"
        assert view.text.startswith(title)
        assert not any(block["type"] == "actions" for block in view.blocks)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", TargetState)
def test_every_target_state_has_words(state: TargetState, language: Language) -> None:
    """And the words differ between the languages."""
    stored = proposal(language, state=ProposalState.DONE, targets=(target(1, state=state),))
    said = TARGET[state](language)
    assert f" {said}" in shown(stored)
    assert TARGET[state].ko != TARGET[state].en


def test_the_proof_compares_cpu_before_and_after() -> None:
    """What was not measured is said so."""
    assert plain_text(proof(done(Language.KO), KST).blocks) == (
        "종료 전후 클러스터 CPU: 91% → 54% (-37%p)\n"
        "사용 코어: 예상 -128코어, 아직 실측 전\n"
        "(종료를 확인함: 애플리케이션 1개 · 14:00:00 KST)\n"
        "[지금 상태 보기]"
    )
    close = replace(done(Language.KO), cpu_before=96.1, cpu_after=51.6)
    assert proof(close, KST).text == "종료 전후 클러스터 CPU: 96% → 52% (-44%p)"
    unmeasured = replace(done(Language.EN), cpu_before=None)
    assert proof(unmeasured, KST).text == (
        "Cluster CPU after the kill: 54% (it was not measured before)"
    )


@pytest.mark.parametrize(
    ("language", "basis", "after", "said"),
    [
        (Language.KO, "measured", 54.2, "사용 코어: 예상 -128코어, 실측 -5.8코어"),
        (Language.EN, "measured", 54.2, "Cores used: expected -128 cores, measured -5.8 cores"),
        (Language.EN, "measured", 61.0, "Cores used: expected -128 cores, measured +1 cores"),
        (Language.EN, "measured", None, "Cores used: expected -128 cores, not measured yet"),
        (Language.KO, "granted", None, "사용 코어: 예상 최대 -40코어, 실측 없음"),
        (Language.EN, "granted", None, "Cores used: expected at most -40 cores, not measured"),
    ],
)
def test_expected_and_measured_relief_stand_side_by_side(
    language: Language, basis: str, after: float | None, said: str
) -> None:
    """Of what was killed alone; what was not measured promises at most what was granted."""
    made = done(language)
    targets = tuple(replace(each, cores_basis=basis, granted_cores=40) for each in made.targets)
    told = replace(made, targets=targets, cores_before=60.0, cores_after=after)
    assert said in plain_text(proof(told, KST).blocks)


def test_a_relaunch_is_told_with_its_new_ids() -> None:
    """And that nothing is killed by itself."""
    stored = replace(done(Language.EN), relaunched=("application_1719800000000_0099",))
    assert plain_text(relaunch(stored, KST).blocks) == (
        ":warning: daily_sales_1 was started again under a new id.\n"
        "• application_1719800000000_0099\n"
        "It is not killed by itself. First stop what starts it again: a scheduler such as Airflow, "
        "a Spark driver run with --supervise, or a notebook."
    )


def answer(*parts: Part, language: Language = Language.EN) -> Answer:
    return Answer(language, Intent.STATUS, AgentName.NONE, "summary", parts)


def test_every_part_of_an_answer_becomes_blocks_in_order() -> None:
    """Buttons come last; the second table is aligned text, Korean letters two columns wide."""
    table = Table((("이름", "CPU"), ("a", "9%"), ("가나", "12%")), frozenset({1}))
    made = render(
        answer(
            Heading("Status"),
            Buttons((Button("refresh_status", "Refresh"),)),
            Paragraph(
                (Span("CPU is "), Span("97%", bold=True), Span(" on "), Span("dn-07", code=True))
            ),
            Bullets(((Span("one"),), (Span("two"),)), numbered=True),
            Facts((("CPU", "97%"), ("Memory", ""))),
            table,
            table,
            Notice("hot", Tone.BAD),
            Quote("line one\nline two", "manual/high-cpu.md#steps"),
            Note("taken at 14:00"),
        ),
        Language.EN,
    )
    assert plain_text(made.blocks) == (
        "# Status\n"
        "CPU is 97% on dn-07\n"
        "1. one\n2. two\n"
        "CPU: 97%\nMemory: –\n"
        "이름 | CPU\na | 9%\n가나 | 12%\n"
        "이름  CPU\na      9%\n가나  12%\n"
        ":rotating_light: hot\n"
        "> line one\n> line two\n— manual/high-cpu.md#steps\n"
        "(taken at 14:00)\n"
        "[Refresh]"
    )
    assert made.blocks[4]["column_settings"][1]["align"] == "right"


def test_buttons_of_one_name_are_numbered() -> None:
    """Slack refuses an action id twice in one block."""
    buttons = [Button("propose_kill", f"kill {n}", f"{n}") for n in range(3)]
    made = render(answer(Buttons((Button("refresh_status", "Refresh"), *buttons))), Language.EN)
    rows = [[each["action_id"] for each in row["elements"]] for row in made.blocks]
    assert rows == [["refresh_status", "propose_kill", "propose_kill.2", "propose_kill.3"]]


def test_what_does_not_fit_is_counted() -> None:
    """Nothing is left out silently; buttons always stay."""
    long = [plain("x" * 1900) for _ in range(9)]
    made = render(answer(*long, Buttons((Button("show_help", "Help"),))), Language.EN)
    assert plain_text(made.blocks).splitlines()[-2:] == ["(…(+5))", "[Help]"]
    rows = tuple((str(number), "name") for number in range(300))
    assert (
        plain_text(render(answer(Table(rows)), Language.EN).blocks).splitlines()[-1]
        == "…(+201) | –"
    )


def test_a_person_is_shown_by_name_not_by_id() -> None:
    """Who asked and who approved are Slack's own user elements."""
    spans = (Span("Approved by "), Span("U0ONCALL1", user="U0ONCALL1"))
    made = render(answer(Paragraph(spans)), Language.EN)
    elements = made.blocks[0]["elements"][0]["elements"]
    assert elements[1] == {"type": "user", "user_id": "U0ONCALL1"}
