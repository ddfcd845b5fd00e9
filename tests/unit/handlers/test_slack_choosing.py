"""The window to choose applications: what it shows, when it opens, what submitting comes to."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.answers import Answer, Button, Buttons, Show
from bot.domain.applications import ApplicationRef
from bot.domain.conversation import Intent, Listing, ListingRow, Turn, Understanding
from bot.domain.language import Language
from bot.domain.selections import Either, Field, Having, Measure
from bot.handlers.modals import Place, chooser
from bot.sandbox.slack.blocks import view_problems
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, COLLEAGUE, STRANGER
from bot.sandbox.slack.transcript import Message, Transcript
from tests.unit.handlers.bench import KST, Bench, bench
from tests.unit.handlers.memory import NOW, EchoTalk, Hook

Json = dict[str, Any]
HOSTILE = "<!channel> $x^2$ *bold* \u202e 긴 이름" + "가" * 200


def row(rank: int, name: str = "", *, protected: bool = False) -> ListingRow:
    return ListingRow(
        rank=rank,
        ref=ApplicationRef("prod", "yarn", f"application_1719800000000_{rank:04d}"),
        attempt=1,
        name=name or f"job_{rank}",
        user="bob",
        queue="etl",
        started_at=NOW - timedelta(hours=2),
        cores=12.0,
        memory=1,
        cores_basis="measured",
        share=0.31,
        protected=protected,
    )


def listing(*rows: ListingRow) -> Listing:
    return Listing(NOW, Measure.CPU, rows)


class Listings:
    def __init__(self, known: Listing | None) -> None:
        self.known = known

    async def __call__(self, channel: str, thread_ts: str) -> Listing | None:
        return self.known


class Offering(EchoTalk):
    """Answers with a button under the words; a kill comes back with a card when `proposes`."""

    def __init__(self, *, proposes: bool = True) -> None:
        super().__init__()
        self.proposes = proposes

    async def answer(
        self, turn: Turn, reading: Understanding | None = None, show: Show | None = None
    ) -> Answer:
        answer = await super().answer(turn, reading, show)
        if reading is not None and reading.intent is Intent.KILL:
            return replace(answer, proposal_id="p1" if self.proposes else None)
        button = Button("choose_applications", "Choose applications")
        return replace(answer, parts=(*answer.parts, Buttons((button,))))


def options(view: Json) -> list[Json]:
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    return [option for block in inputs for option in block["element"]["options"]]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("count", [1, 10, 11, 20])
def test_the_window_fits_slack_for_any_listing(language: Language, count: int) -> None:
    """One box a row, ten boxes a block, every text within Slack's limits, hostile names too."""
    rows = [row(rank, HOSTILE if rank % 2 else "") for rank in range(1, count + 1)]
    view = chooser(listing(*rows), Place("C1", "1.2", language), KST)
    assert view_problems(view, "modal") == []
    assert [each["value"] for each in options(view)] == [each.ref.id for each in rows]
    assert all(each["text"]["type"] == "plain_text" for each in options(view))


def test_protected_rows_are_named_and_cannot_be_ticked() -> None:
    """A protected row has no box; with nothing else there is nothing to submit."""
    mixed = chooser(
        listing(row(1, "billing", protected=True), row(2)), Place("C1", "1.2", Language.EN), KST
    )
    assert [each["value"][-4:] for each in options(mixed)] == ["0002"]
    assert "billing" in str(mixed["blocks"])
    none = chooser(listing(row(1, protected=True)), Place("C1", "1.2", Language.KO), KST)
    assert "submit" not in none
    assert view_problems(none, "modal") == []


async def opened(at: Bench, post: Message, user: str = APPROVER) -> Json:
    """Press the button and return the window it opens."""
    at.slack.click(user, ALERT_CHANNEL, post.ts, "choose_applications")

    def window(now: Transcript) -> Json | None:
        return next((each for each in now.views.values() if each["open"]), None)

    found: Json = (await at.slack.wait_for(window))["view"]
    return found


async def offered(at: Bench) -> Message:
    root = at.slack.say(COLLEAGUE, ALERT_CHANNEL, "<@U0DANGJIK> top jobs", raw=True)
    return await at.reply(ALERT_CHANNEL, root, "choose_applications")


def ticked(view: Json, *values: str) -> Json:
    return {
        block["block_id"]: {
            block["element"]["action_id"]: {
                "type": "checkboxes",
                "selected_options": [
                    each for each in block["element"]["options"] if each["value"] in values
                ],
            }
        }
        for block in view["blocks"]
        if block["type"] == "input"
    }


async def test_ticked_applications_go_the_way_of_a_typed_kill() -> None:
    """The turn carries the ids; the answer with its card stands in the thread; the window closes."""
    rows = (row(1), row(2), row(3))
    async with bench(Offering()) as at, at.edge(listings=Listings(listing(*rows))):
        post = await offered(at)
        view = await opened(at, post)
        wanted = [rows[0].ref.id, rows[2].ref.id]
        sent = at.slack.people.submit_view(APPROVER, view["id"], ticked(view, *wanted))
        await sent.settled.wait()
        await at.reply(ALERT_CHANNEL, post.root, "application_")
        reading, turn = at.talk.readings[-1], at.talk.turns[-1]
        assert reading is not None
        assert reading.selection == Either(tuple(Having(Field.ID, each) for each in wanted))
        assert (turn.asker, turn.thread_ts) == (APPROVER, post.root)
        assert not at.slack.transcript.views[view["id"]]["open"]
        assert at.whispers(APPROVER) == []


async def test_the_same_window_makes_one_turn() -> None:
    """A submission delivered twice is one piece of work."""
    async with bench(Offering()) as at, at.edge(listings=Listings(listing(row(1)))):
        post = await offered(at)
        view = await opened(at, post)
        values = ticked(view, row(1).ref.id)
        for _ in range(2):
            at.slack.people.submit_view(APPROVER, view["id"], values)
        await at.reply(ALERT_CHANNEL, post.root, "application_")
        await at.settled()
        kills = [each for each in at.talk.readings if each and each.intent is Intent.KILL]
        assert len(kills) == 1


async def test_an_empty_choice_is_told_in_the_window() -> None:
    """Nothing is stored, nothing asked; the window stays open with a line at its boxes."""
    async with bench(Offering()) as at, at.edge(listings=Listings(listing(row(1)))):
        view = await opened(at, await offered(at))
        envelope = at.slack.people.submit_view(APPROVER, view["id"], ticked(view))
        await envelope.settled.wait()
        assert envelope.ack_payload["response_action"] == "errors"
        assert set(envelope.ack_payload["errors"]) == {"choose.0"}
        assert at.slack.transcript.views[view["id"]]["open"]


async def test_a_refusal_is_shown_to_whoever_chose_alone() -> None:
    """Without a card the answer is ephemeral; a stranger is refused before anything is asked."""
    async with bench(Offering(proposes=False)) as at, at.edge(listings=Listings(listing(row(1)))):
        post = await offered(at)
        view = await opened(at, post)
        before = len(at.replies(ALERT_CHANNEL, post.root))
        at.slack.people.submit_view(APPROVER, view["id"], ticked(view, row(1).ref.id))
        await at.slack.wait_for(lambda _: at.whispers(APPROVER) or None)
        at.slack.workspace.channel(ALERT_CHANNEL).members.add(STRANGER)
        at.slack.people.submit_view(STRANGER, view["id"], ticked(view, row(1).ref.id))
        await at.slack.wait_for(lambda _: at.whispers(STRANGER) or None)
        assert len(at.replies(ALERT_CHANNEL, post.root)) == before
        kills = [each for each in at.talk.readings if each and each.intent is Intent.KILL]
        assert len(kills) == 1


async def test_the_window_waits_for_no_answer_in_its_thread() -> None:
    """A trigger lives three seconds; a turn of the same thread may take longer."""
    talk = Offering()
    async with bench(talk) as at, at.edge(listings=Listings(listing(row(1)))):
        post = await offered(at)
        release = asyncio.Event()
        talk.hook = _waiting_for(release)
        at.slack.say(COLLEAGUE, ALERT_CHANNEL, "<@U0DANGJIK> slow one", post.root, raw=True)
        view = await opened(at, post)
        assert view["callback_id"] == "choose_applications"
        release.set()


def _waiting_for(event: asyncio.Event) -> Hook:
    async def hook(turn: Turn) -> None:
        await event.wait()

    return hook


async def test_no_list_and_no_window_are_told() -> None:
    """Nothing to choose from, or a window Slack does not show: the presser hears of it."""
    listings = Listings(None)
    async with bench(Offering()) as at, at.edge(listings=listings):
        post = await offered(at)
        at.slack.click(APPROVER, ALERT_CHANNEL, post.ts, "choose_applications")
        await at.slack.wait_for(lambda _: at.whispers(APPROVER) or None)
        listings.known = listing(row(1))
        at.slack.fault("views.open", "error:expired_trigger_id")
        at.slack.click(COLLEAGUE, ALERT_CHANNEL, post.ts, "choose_applications")
        await at.slack.wait_for(lambda _: at.whispers(COLLEAGUE) or None)
        assert at.slack.transcript.views == {}
