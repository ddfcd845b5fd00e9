"""A kill whose answer is known before anything is sent."""

from bot.domain.applications import KillAnswer, KillOutcome
from bot.ports import Left, SendKill


def answer_at_once(outcome: KillOutcome, detail: str) -> SendKill:
    """Return a request that sends nothing and gives this answer."""

    async def send(_reason: str, _left: Left) -> KillAnswer:
        return KillAnswer(outcome, detail)

    return send
