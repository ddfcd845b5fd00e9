"""Saying something to the bot in the Slack stand-in, and waiting for what it posts."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER, BOT_USER, TEAM
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Message, Transcript
from tests.flow.world import event_of, ours, payload_of, words_of
from tests.lab.expectations import LabError, Stopwatch, expect

ANSWER_S = 10.0


@dataclass
class Talk:
    """One thread of the alert channel; without a `root` the first question begins it."""

    slack: SlackStandIn
    watch: Stopwatch
    root: str | None = None

    async def ask(self, text: str) -> Message:
        """Say something to the bot; return the answer to exactly that. Raises LabError."""
        begun = self.watch.now()
        ts = self.slack.say(APPROVER, ALERT_CHANNEL, f"<@{BOT_USER}> {text}", self.root)
        self.root = self.root or ts
        post = f"msg:{TEAM}:{ALERT_CHANNEL}:{ts}:answer"
        answer = await self.seen(
            f"an answer to {text!r}", lambda each: payload_of(each).get("post") == post, 30.0
        )
        self.watch.note(f"{text} → answered", begun, ANSWER_S)
        return answer

    async def card(self, order: str, wanted: list[str]) -> Message:
        """Order a kill; return its card, which must show exactly these applications."""
        await self.ask(order)
        card = await self.post("the kill card", "kill_proposal", ANSWER_S)
        shown = payload_of(card)["applications"]
        expect(f"a card for {wanted}", shown == wanted, f"{shown} {words_of(card)}")
        return card

    def approve(self, card: Message, approvers: tuple[str, ...] = (APPROVER,)) -> float:
        """Let each of them press Approve; return when."""
        for person in approvers:
            self.slack.click(person, ALERT_CHANNEL, card.ts, "approve_proposal")
        return self.watch.now()

    async def post(self, what: str, event: str, within: float, skip: int = 0) -> Message:
        """Return the bot's first post of this kind in the thread, or a later one."""

        def found(seen: Transcript) -> Message | None:
            thread = seen.thread(ALERT_CHANNEL, self.root or "")
            kind = [each for each in thread if ours(each) and event_of(each) == event]
            return kind[skip] if len(kind) > skip else None

        return await self.wait(what, found, within)

    async def seen(self, what: str, fits: Callable[[Message], bool], within: float) -> Message:
        """Return the first message that fits, whoever posted it. Raises LabError."""
        return await self.wait(
            what, lambda seen: next((each for each in seen.messages if fits(each)), None), within
        )

    async def wait(
        self, what: str, found: Callable[[Transcript], Message | None], within: float
    ) -> Message:
        """Wait for something in all that was said. Raises LabError with the last posts."""
        try:
            return await self.slack.wait_for(found, within)
        except TimeoutError:
            posts = "\n".join(text_of(each) for each in self.slack.transcript.messages[-5:])
            raise LabError(f"not within {within:g} s: {what}; last posts:\n{posts}") from None


def text_of(message: Message) -> str:
    """Return a post's fallback text, or its attachments where it has none."""
    return str(message.body.get("text", "")) or str(message.body.get("attachments", ""))


def relief_of(proof: Message) -> str:
    """Return the line of a proof that sets expected and measured relief side by side."""
    found = re.search(r"(?:사용 코어|Cores used): [^'\n]+", words_of(proof))
    return found[0] if found else ""
