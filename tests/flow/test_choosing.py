"""The window over a listing, with the whole product: the same checks as for typed words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE, RANDOM_CHANNEL
from bot.sandbox.slack.transcript import Message, Transcript
from tests.flow.test_incident import begin, first_reply, incident, names, said_by_alertmanager
from tests.flow.world import FAST, World, event_of, payload_of, state_of, words_of, world

Json = dict[str, Any]
RUNAWAYS = {"adhoc_clickstream_join", "etl_orders_merge"}


async def window(at: World, post: Message, user: str = APPROVER) -> Json:
    """Press the button under a post and return the window it opens."""
    known = set(at.slack.transcript.views)
    at.slack.click(user, post.channel, post.ts, "choose_applications")

    def opened(now: Transcript) -> Json | None:
        return next((each["view"] for id_, each in now.views.items() if id_ not in known), None)

    return await at.slack.wait_for(opened)


def boxes(view: Json) -> dict[str, str]:
    """Return the ids that can be ticked, by the name shown."""
    return {
        option["text"]["text"].partition(". ")[2]: option["value"]
        for block in view["blocks"]
        if block["type"] == "input"
        for option in block["element"]["options"]
    }


def submit(at: World, view: Json, *ids: str, user: str = APPROVER) -> None:
    """Submit the window with these ids ticked, whether it offers them or not."""
    ticked = [{"text": {"type": "plain_text", "text": "x"}, "value": each} for each in ids]
    state = {"applications": {"type": "checkboxes", "selected_options": ticked}}
    at.slack.people.submit_view(user, view["id"], {"choose.0": state})


async def test_from_alert_to_proof_without_a_word(tmp_path: Path) -> None:
    """Ticked, proposed, approved, killed once each, proved; protected ones have no box."""
    async with world(tmp_path, incident()) as at, at.product():
        begin(at)
        facts = await first_reply(at, said_by_alertmanager(at, "firing"))
        view = await window(at, facts)
        offered = boxes(view)
        assert set(offered) >= RUNAWAYS
        assert not set(offered) & set(at.platform.scenario.protected)
        submit(at, view, *(offered[name] for name in sorted(RUNAWAYS)))
        card = await at.post(lambda each: event_of(each) == "kill_proposal")
        assert set(names(at, card)) == RUNAWAYS
        assert card.root == facts.root
        assert at.platform.kill_requests == []
        at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
        await at.card_state(card, "done")
        await at.post(lambda each: bool(payload_of(each).get("proposal_id")) and each.ts > card.ts)
        assert len(at.platform.kill_requests) == 2


async def test_a_forged_window_cannot_choose_what_is_protected(tmp_path: Path) -> None:
    """The boxes are a convenience; what is proposed is checked as ever, and refused privately."""
    async with world(tmp_path, incident()) as at, at.product():
        begin(at)
        facts = await first_reply(at, said_by_alertmanager(at, "firing"))
        shown = dict(zip(names(at, facts), payload_of(facts)["applications"], strict=True))
        guarded = next(shown[name] for name in at.platform.scenario.protected if name in shown)
        view = await window(at, facts)
        submit(at, view, guarded)
        whisper = await at.whisper(APPROVER)
        assert "보호 대상" in words_of(whisper) or "protected" in words_of(whisper)
        assert not [m for m in at.slack.transcript.messages if event_of(m) == "kill_proposal"]


async def test_an_application_on_another_open_card_is_refused_to_the_chooser(
    tmp_path: Path,
) -> None:
    """One open card a target, however it was asked for; the thread sees nothing."""
    async with world(tmp_path, incident()) as at, at.product():
        begin(at)
        facts = await first_reply(at, said_by_alertmanager(at, "firing"))
        wanted = boxes(await window(at, facts))["etl_orders_merge"]
        elsewhere = await at.ask("@당직 상위 5개 잡 보여줘", channel=RANDOM_CHANNEL)
        submit(at, await window(at, elsewhere), wanted)
        await at.post(lambda each: event_of(each) == "kill_proposal")
        before = len(at.ours(ALERT_CHANNEL, facts.root))
        submit(at, await window(at, facts, COLLEAGUE), wanted, user=COLLEAGUE)
        whisper = await at.whisper(COLLEAGUE)
        assert "is up already" in words_of(whisper) or "이미" in words_of(whisper)
        assert len(at.ours(ALERT_CHANNEL, facts.root)) == before


async def test_a_submission_outlives_a_restart(tmp_path: Path) -> None:
    """Acknowledged means kept: what the stopped process had no time for, the next one does."""
    async with world(tmp_path, incident()) as at:
        async with at.product() as oncall:
            begin(at)
            facts = await first_reply(at, said_by_alertmanager(at, "firing"))
            view = await window(at, facts)
            wanted = boxes(view)["adhoc_clickstream_join"]
            await oncall.edge.dispatcher.stop(0)
            submit(at, view, wanted)
            kept = [each for each in at.slack.transcript.envelopes if each.kind == "interactive"]
            await kept[-1].settled.wait()
            assert kept[-1].acknowledged
        async with at.product():
            card = await at.post(lambda each: event_of(each) == "kill_proposal")
            assert (state_of(card), payload_of(card)["applications"]) == ("pending", [wanted])


async def test_the_chart_comes_when_its_button_is_pressed(tmp_path: Path) -> None:
    """Drawn by the real artist from the real history, and uploaded into the thread."""
    pace = replace(FAST, edge=replace(FAST.edge, pictures=True))
    async with world(tmp_path, incident()) as at, at.product(pace):
        begin(at)
        facts = await first_reply(at, said_by_alertmanager(at, "firing"))
        at.slack.click(COLLEAGUE, ALERT_CHANNEL, facts.ts, "show_chart")
        picture = await at.post(lambda each: bool(each.body.get("files")), 30.0)
        assert picture.root == facts.root
        assert "90%" in picture.body["files"][0]["alt_txt"]
