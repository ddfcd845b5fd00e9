"""Where what is proposed here goes, so that people decide on it where they decide."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.api.tokens import Scope, Token
from bot.domain.conversation import API
from bot.domain.proposals import Proposal, ProposalRequest
from bot.errors import ProposalRefusedError
from bot.ports import Proposals


class PlacedProposals:
    """The desk, as threads of the API see it: their cards stand in Slack, if it is there.

    What comes from Slack's own threads passes unchanged. `channel` is where cards go; empty: they
    stand in the API alone. `named` looks tokens up: one without `propose` gets no card.
    """

    def __init__(self, desk: Proposals, channel: str, named: Callable[[str], Token | None]) -> None:
        self._desk = desk
        self._channel = channel
        self._named = named

    async def propose(self, request: ProposalRequest) -> Proposal:
        """Store a proposal and its card. Raises ProposalRefusedError."""
        if not request.channel.startswith(API):
            return await self._desk.propose(request)
        token = self._named(request.channel.removeprefix(API))
        if token is None or Scope.PROPOSE not in token.scopes:
            raise ProposalRefusedError("no_scope")
        channel, thread = self._place(request.channel, request.thread_ts)
        return await self._desk.propose(replace(request, channel=channel, thread_ts=thread))

    async def get(self, proposal_id: str) -> Proposal | None:
        """Return a proposal; None when there is none."""
        return await self._desk.get(proposal_id)

    async def in_thread(self, channel: str, thread_ts: str) -> tuple[Proposal, ...]:
        """Return the thread's proposals, newest first, at most 20."""
        return await self._desk.in_thread(*self._place(channel, thread_ts))

    async def since(self, at: datetime) -> tuple[Proposal, ...]:
        """Return the proposals made from then on in any thread, newest first, at most 20."""
        return await self._desk.since(at)

    async def withdraw(self, proposal_id: str, user: str) -> Proposal | None:
        """Cancel an open proposal. Raises NotAllowedError."""
        return await self._desk.withdraw(proposal_id, user)

    def protected(self, name: str, user: str, queue: str) -> bool:
        """Return True when the policy forbids offering or killing such an application."""
        return self._desk.protected(name, user, queue)

    def _place(self, channel: str, thread: str) -> tuple[str, str]:
        if not channel.startswith(API):
            return channel, thread
        return self._channel or channel, f"{channel}:{thread}"
