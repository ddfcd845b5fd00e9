"""An incident in an alert's thread, against a bot that is a process: asked, approved, proved."""

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from bot.sandbox.slack.transcript import Message
from tests.flow.test_incident import SCRIPTS, begin, first_reply, said_by_alertmanager
from tests.flow.world import World, event_of, payload_of, state_of, words_of

WITHIN = 60.0  # seconds for one step, on a busy machine
GUIDES = {
    "ko": "CPU 사용률이 높을 때 어떻게 대처해야 해?",
    "en": "What should I do when CPU utilization is high?",
}


async def alerted(at: World) -> str:
    """Let the runaways loose and the alert come; return its ts once facts stand under it."""
    begin(at)
    thread = said_by_alertmanager(at, "firing")
    facts = await first_reply(at, thread)
    assert "%" in words_of(facts), words_of(facts)
    return thread


async def carded(at: World, thread: str, language: str) -> Message:
    """Ask for the heaviest and for their end; return the card, which nobody has pressed."""
    script = SCRIPTS[language]
    listed = await at.ask(script.listing, thread, within=WITHIN)
    top = payload_of(listed)["applications"]
    assert len(top) == 3, words_of(listed)
    card = await at.card(await at.ask(script.kill, thread, within=WITHIN))
    assert payload_of(card)["applications"] == top[:2]
    assert calls(at, card) == [0, 0]
    return card


async def approved(at: World, card: Message, language: str) -> None:
    """Press Approve and see both end, one request each, with a proof in the thread."""
    at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
    try:
        await at.card_state(card, "done", WITHIN)
    except TimeoutError:
        raise AssertionError(f"{state_of(card)}, {calls(at, card)}: {words_of(card)}") from None
    assert SCRIPTS[language].confirmed in words_of(card), words_of(card)
    assert calls(at, card) == [1, 1]
    wanted = payload_of(card)["proposal_id"]
    proof = await at.post(
        lambda each: (
            event_of(each) == "oncall_notice" and payload_of(each).get("proposal_id") == wanted
        ),
        2 * WITHIN,
    )
    assert "%" in words_of(proof), words_of(proof)


async def guided(at: World, thread: str, language: str) -> None:
    """Ask the documents, and see the answer name where it is from."""
    answer = await at.ask(GUIDES[language], thread, within=2 * WITHIN)
    assert payload_of(answer)["sources"], words_of(answer)


def calls(at: World, card: Message) -> list[int]:
    """Return how many requests to end it each of a card's applications got."""
    return [at.platform.kill_count(each) for each in payload_of(card)["applications"]]
