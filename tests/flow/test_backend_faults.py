"""Whatever a backend does, the answer names what is missing and shows the rest."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox.platform import load
from bot.sandbox.platform.faults import Kind
from bot.sandbox.platform.stand_in import PROMETHEUS, YARN
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from bot.sandbox.slack.transcript import Message
from tests.flow.world import PATIENCE, QUICK_TIMING, World, payload_of, state_of, words_of, world

FAULTS = (
    Kind.REFUSED,
    Kind.HANG,
    Kind.SERVER_ERROR,
    Kind.HTML,
    Kind.CUT_BODY,
    Kind.REDIRECT_LOOP,
)
SYSTEM = {YARN: "YARN", PROMETHEUS: "Prometheus"}
LEAKS = ("Traceback", "Exception", "NullPointer", "<html", "httpx", "127.0.0.1", "참조 번호")
QUESTIONS = {
    "status": "현재 클러스터 가동율 알려줘?",
    "list": "상위 5개 잡 보여줘",
    "diagnose": "CPU가 왜 이렇게 높아?",
    "kill": "1번 죽여줘",
}
NEEDS = {  # what each answer cannot do without naming it
    "status": {PROMETHEUS},
    "list": {YARN},
    "diagnose": {YARN, PROMETHEUS},
    "kill": {YARN},
}


async def all_asked(at: World, threads: dict[str, str]) -> dict[str, Message]:
    """Ask every question at once, each in its thread; each is answered."""
    asked = (at.ask(words, threads[key]) for key, words in QUESTIONS.items())
    return dict(zip(QUESTIONS, await asyncio.gather(*asked), strict=True))


async def listed(at: World) -> dict[str, str]:
    """Return a thread per question, each with a list shown while all was well."""
    roots = [await at.ask("@당직 상위 5개 잡 보여줘") for _ in QUESTIONS]
    return dict(zip(QUESTIONS, (each.root for each in roots), strict=True))


async def no_open_cards(at: World, threads: dict[str, str]) -> None:
    for root in threads.values():
        for card in at.cards(ALERT_CHANNEL, root):
            if state_of(card) == "pending":
                at.slack.click(APPROVER, card.channel, card.ts, "reject_proposal")
                await at.card_state(card, "denied")


def check(question: str, answer: Message, broken: tuple[str, ...]) -> None:
    """Fail when a needed system is not named, the rest is not shown, or innards leak."""
    words = words_of(answer)
    for system in NEEDS[question] & set(broken):
        assert SYSTEM[system] in words, f"{question}, {broken}: {words}"
    for leak in LEAKS:
        assert leak not in words, f"{question}, {broken}: {words}"
    if YARN not in broken and question in {"list", "diagnose"}:
        assert payload_of(answer)["applications"], f"{question}, {broken}: {words}"
    if YARN not in broken and question == "kill":
        assert payload_of(answer)["intent"] == "kill", f"{broken}: {words}"
    if PROMETHEUS not in broken and question in {"status", "diagnose"}:
        assert "%" in words, f"{question}, {broken}: {words}"


@pytest.mark.parametrize("kind", FAULTS)
async def test_every_question_is_answered(tmp_path: Path, kind: Kind) -> None:
    """With YARN, Prometheus, or both broken in this way; afterwards all is well again."""
    scenario = replace(load("incident"), timing=QUICK_TIMING)
    async with world(tmp_path, scenario) as at, at.product():
        threads = await listed(at)
        for broken in ((YARN,), (PROMETHEUS,), (YARN, PROMETHEUS)):
            for system in broken:
                await at.platform.fault(system, kind)
            answers = await all_asked(at, threads)
            await at.platform.clear_faults()
            for question, answer in answers.items():
                check(question, answer, broken)
            await no_open_cards(at, threads)
        well = await at.ask(QUESTIONS["status"], threads["status"])
        assert "Prometheus" not in words_of(well)
        assert at.platform.kill_requests == []


async def test_a_slow_cluster_shows_that_we_are_at_work(tmp_path: Path) -> None:
    """The thread's status stands after a second, long before the answer."""
    scenario = replace(load("incident"), timing=QUICK_TIMING)
    async with world(tmp_path, scenario) as at, at.product():
        await at.platform.fault(PROMETHEUS, Kind.HANG)
        ts = at.say("@당직 현재 클러스터 가동율 알려줘?")
        shown = await at.slack.wait_for(
            lambda seen: next(
                (
                    each
                    for each in seen.calls
                    if each.method == "assistant.threads.setStatus"
                    and each.arguments["thread_ts"] == ts
                ),
                None,
            ),
            PATIENCE,
        )
        assert shown.arguments["status"] == "확인하고 있습니다…"
        await at.answer(ts)


@pytest.mark.parametrize("kind", FAULTS)
async def test_an_alert_gets_its_first_facts_whatever_is_broken(tmp_path: Path, kind: Kind) -> None:
    """Both systems broken: the reply under the alert says so."""
    scenario = replace(load("incident"), timing=QUICK_TIMING)
    async with world(tmp_path, scenario) as at, at.product():
        await at.platform.fault(YARN, kind)
        await at.platform.fault(PROMETHEUS, kind)
        reply = await at.alert("[FIRING:1] ClusterHighCPU (critical)")
        check("diagnose", reply, (YARN, PROMETHEUS))
