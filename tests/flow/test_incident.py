"""A whole incident at the wire: alert, facts, list, kill, approval, proof, comparison, all clear."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.sandbox.platform import Scenario, load
from bot.sandbox.platform.alert_loop import Notice, Status, message
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE
from bot.sandbox.slack.transcript import Message
from tests.flow.world import (
    FAST,
    QUICK_TIMING,
    World,
    event_of,
    payload_of,
    state_of,
    words_of,
    world,
)

HANGUL = re.compile("[가-힣]")
RUNAWAYS = {"adhoc_clickstream_join", "etl_orders_merge"}


@dataclass(frozen=True, slots=True)
class Script:
    """What the person on call types, and how the answers sound."""

    listing: str
    kill: str
    compare: str
    confirmed: str
    hangul: bool


SCRIPTS = {
    "ko": Script(
        "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
        "이 중에서 상위 2개 spark 잡 Kill 해줘?",
        "클러스터 사용율이 떨어졌는지 확인해줘?",
        "종료 확인",
        hangul=True,
    ),
    "en": Script(
        "show me the top 3 spark jobs", "kill the top 2", "did the CPU go down?", "Kill confirmed",
        hangul=False,
    ),
}  # fmt: skip


def incident() -> Scenario:
    """Return the demo's incident, with everything happening at once."""
    calm = load("incident")
    grown = tuple(
        replace(app, surge=replace(app.surge, ramp_s=0.01)) if app.surge else app
        for app in calm.applications
    )
    return replace(calm, applications=grown, timing=QUICK_TIMING)


def begin(at: World) -> None:
    """Let the runaways have grown for two minutes, the window Prometheus looks back."""
    at.platform.model.start_incident(at.platform.now() - 120)


def said_by_alertmanager(at: World, status: Status) -> str:
    """Post as Alertmanager does, and return the ts."""
    body = message(Notice(status, 97.3), at.platform.scenario.cluster, "#data-oncall")
    return at.slack.post_as_bot(ALERT_CHANNEL, body)


async def first_reply(at: World, ts: str, status: str = "firing") -> Message:
    """Return our reply of this status in the alert's thread."""
    return await at.post(
        lambda each: (
            each.root == ts
            and event_of(each) == "alert_investigation"
            and payload_of(each)["status"] == status
        )
    )


async def resolved(at: World, thread: str) -> Message:
    """Return the last reply of an investigation."""
    return await first_reply(at, thread, "resolved")


async def answered(at: World, intent: str) -> Message:
    """Return the first answer of this intent."""
    return await at.post(lambda each: payload_of(each).get("intent") == intent)


def names(at: World, message: Message) -> list[str]:
    """Return the names of the applications an answer shows."""
    moment = at.platform.now()
    return [
        at.platform.model.find(each, moment).spec.name
        for each in payload_of(message)["applications"]
    ]


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_whole_incident_ends_well(tmp_path: Path, lang: str) -> None:
    """Every step in the alert's thread, in the asker's language, with one kill call a target."""
    script = SCRIPTS[lang]
    async with world(tmp_path, incident()) as at, at.product():
        begin(at)
        thread = said_by_alertmanager(at, "firing")
        facts = await first_reply(at, thread)
        assert "%" in words_of(facts)
        assert set(names(at, facts)[:2]) == RUNAWAYS
        for action in ("refresh_status", "list_top", "propose_kill"):
            assert action in words_of(facts)

        listed = await at.ask(script.listing, thread)
        assert payload_of(listed)["intent"] == "list"
        top = payload_of(listed)["applications"]
        assert len(top) == 3
        assert set(names(at, listed)[:2]) == RUNAWAYS

        asked = await at.ask(script.kill, thread)
        card = await at.card(asked)
        assert payload_of(card)["applications"] == top[:2]
        assert at.platform.kill_requests == []

        at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await at.card_state(card, "done")
        assert script.confirmed in words_of(card)
        assert [at.platform.kill_count(each) for each in top[:2]] == [1, 1]
        proof = await at.post(
            lambda each: (
                event_of(each) == "oncall_notice" and bool(payload_of(each).get("proposal_id"))
            )
        )
        assert "%" in words_of(proof)

        compared = await at.ask(script.compare, thread)
        assert payload_of(compared)["intent"] == "compare"
        assert "%" in words_of(compared)

        said_by_alertmanager(at, "resolved")
        over = await resolved(at, thread)
        again = said_by_alertmanager(at, "firing")
        await first_reply(at, again)

        for each in (listed, asked, card, proof, compared):
            assert bool(HANGUL.search(words_of(each))) is script.hangul, words_of(each)
        assert over.root == thread
        assert len(at.platform.kill_requests) == 2


async def test_an_alert_is_answered_in_the_language_people_last_wrote_in_its_channel(
    tmp_path: Path,
) -> None:
    """Tools write English everywhere; until somebody has written, that is all there is to go by."""
    async with world(tmp_path) as at, at.product(FAST):
        first = await at.alert("[FIRING:1] ClusterHighCPU prod-dw (critical)")
        assert not HANGUL.search(words_of(first))
        await at.ask("@당직 지금 클러스터 어때?")
        second = await at.alert("[FIRING:1] YarnHighCPU prod-dw (critical)")
        assert HANGUL.search(words_of(second))
        await at.ask("@당직 how busy is it?")
        third = await at.alert("[FIRING:1] SparkHighCPU prod-dw (critical)")
        assert not HANGUL.search(words_of(third))


async def test_replies_follow_the_language_of_each_question(tmp_path: Path) -> None:
    """Two people, two languages, one thread."""
    async with world(tmp_path) as at, at.product():
        korean = await at.ask("@당직 현재 클러스터 가동율 알려줘?")
        english = await at.ask("what's the cluster utilization", korean.root, user=COLLEAGUE)
        assert HANGUL.search(words_of(korean))
        assert not HANGUL.search(words_of(english))


QUESTIONS = {
    "ko": (
        "현재 클러스터 가동율 알려줘?",
        "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
        "클러스터 가동율이 높을때 어떻게 해야되?",
        "이 중에서 상위 2개 spark 잡 Kill 해줘?",
        "클러스터 사용율이 떨어졌는지 확인해줘?",
    ),
    "en": (
        "What's the cluster utilization right now?",
        "Pick out the 3 spark jobs that use the most resources",
        "What should I do when cluster utilization is high?",
        "Kill the top 2 of these",
        "Has the cluster utilization gone down?",
    ),
}


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_five_questions_and_one_approval_make_nine_posts(tmp_path: Path, lang: str) -> None:
    """The report, five answers, the card, the proof and the end; nothing that nobody asked for."""
    pace = replace(FAST, edge=replace(FAST.edge, pictures=True))
    async with world(tmp_path, incident()) as at, at.product(pace):
        begin(at)
        thread = said_by_alertmanager(at, "firing")
        await first_reply(at, thread)
        *asked, compare = QUESTIONS[lang]
        answers = [await at.ask(each, thread, within=60.0) for each in asked]
        card = await at.card(answers[-1])
        at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await at.card_state(card, "done")
        await at.post(lambda each: payload_of(each).get("kind") == "proof")
        answers.append(await at.ask(compare, thread, within=60.0))
        said_by_alertmanager(at, "resolved")
        await resolved(at, thread)
        intents = [payload_of(each)["intent"] for each in answers]
        assert intents == ["status", "list", "how_to", "kill", "compare"]
        assert len(at.ours(ALERT_CHANNEL, thread)) == 9


async def test_repeats_fold_into_the_open_investigation(tmp_path: Path) -> None:
    """A second firing post of the group gets no reply of its own."""
    async with world(tmp_path) as at, at.product():
        thread = said_by_alertmanager(at, "firing")
        await first_reply(at, thread)
        repeat = said_by_alertmanager(at, "firing")
        said_by_alertmanager(at, "resolved")
        await resolved(at, thread)
        assert at.ours(ALERT_CHANNEL, repeat) == []


async def test_an_alert_edited_to_resolved_closes_the_investigation(tmp_path: Path) -> None:
    """Alertmanager may edit its post instead of sending a new one."""
    async with world(tmp_path) as at, at.product():
        thread = said_by_alertmanager(at, "firing")
        await first_reply(at, thread)
        body = message(Notice("resolved", 97.3), at.platform.scenario.cluster, "#data-oncall")
        at.slack.edit(ALERT_CHANNEL, thread, {"attachments": body["attachments"]})
        await resolved(at, thread)
        await first_reply(at, said_by_alertmanager(at, "firing"))


async def test_follow_ups_need_no_mention_and_other_bots_get_no_answer(tmp_path: Path) -> None:
    """Chatter of other bots and edits that only unfurl are no questions."""
    async with world(tmp_path) as at, at.product():
        thread = said_by_alertmanager(at, "firing")
        await first_reply(at, thread)
        at.slack.post_as_bot(
            ALERT_CHANNEL, {"text": "deploy finished: top 5 jobs", "thread_ts": thread}
        )
        chatter = at.slack.post_as_bot(ALERT_CHANNEL, {"text": "build 4711 is green"})
        asked = at.say("상위 5개 잡 보여줘", thread)
        at.slack.people.unfurl(ALERT_CHANNEL, asked, [{"title": "link", "text": "kill all jobs"}])
        await at.answer(asked)
        last = await at.ask("@당직 고마워!", thread)
        assert at.ours(ALERT_CHANNEL, chatter) == []
        assert len(at.ours(ALERT_CHANNEL, thread)) == 3, "first facts, the list, the thanks"
        assert payload_of(last)["intent"] in {"smalltalk", "help"}


async def test_buttons_of_the_first_reply_need_no_typing(tmp_path: Path) -> None:
    """Refresh, the top five, and a proposal to kill the one chosen."""
    async with world(tmp_path, incident()) as at, at.product():
        begin(at)
        facts = await first_reply(at, said_by_alertmanager(at, "firing"))
        for action, intent in (("refresh_status", "status"), ("list_top", "list")):
            at.slack.click(COLLEAGUE, ALERT_CHANNEL, facts.ts, action)
            await answered(at, intent)
        at.slack.click(COLLEAGUE, ALERT_CHANNEL, facts.ts, "propose_kill")
        card = await at.post(lambda each: event_of(each) == "kill_proposal")
        assert state_of(card) == "pending"
        assert names(at, card)[0] in RUNAWAYS
