"""Proposals and decisions: what waits, and a person's yes or no, counted as a press in Slack is."""

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

from bot.api.core import Core
from bot.api.problems import Problem
from bot.api.tokens import Scope, Token
from bot.api.views import ProposalView, TaskStatus, proposal_view
from bot.domain.language import Language
from bot.domain.proposals import Click, Proposal, ProposalState
from bot.errors import ApprovalError, CardMismatchError, NotAllowedError
from bot.texts import cards as texts

MOST_DAYS = 90
LONGEST_WAIT = 30
LOOK_EVERY = 0.25  # seconds
ProposalId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Verdict(StrEnum):
    """What a person decides."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision on exactly what was shown: `digest` is the proposal's."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    decision: Verdict
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Decisions:
    """Looks proposals up and takes decisions to the desk."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def recent(
        self, token: Token, state: ProposalState | None, days: int
    ) -> tuple[ProposalView, ...]:
        """Return the proposals of the last days that a token may see, newest first, at most 20."""
        now = self._core.clock()
        found = await self._core.desk.since(now - timedelta(days=days))
        seen = (each for each in found if state in {None, each.state} and may_see(token, each))
        return tuple(proposal_view(each, now) for each in seen)

    async def one(self, token: Token, proposal_id: str, wait: float = 0) -> ProposalView:
        """Return a proposal as it stands, or once it has changed; after `wait` seconds anyway.

        Raises Problem (404).
        """
        view, until = await self._view(token, proposal_id), time.monotonic() + wait
        first = view
        while view == first and view.status is TaskStatus.WORKING and time.monotonic() < until:
            await asyncio.sleep(LOOK_EVERY)  # any replica may decide: there is no event to wait for
            view = await self._view(token, proposal_id)
        return view

    async def decide(self, token: Token, proposal_id: str, decision: Decision) -> ProposalView:
        """Count a decision; an approval that suffices begins the kill. Raises Problem."""
        core, proposal = self._core, await self._seen(token, proposal_id)
        click = Click(
            envelope_id=f"{token.place}:{uuid.uuid4().hex}",
            proposal_id=proposal_id,
            digest=decision.digest,
            approve=decision.decision is Verdict.APPROVE,
            user=token.person,
            team=core.team,
            channel=proposal.channel,
            message_ts=None,
            at=core.clock(),
            via=token.place,
        )
        try:
            decided = await core.desk.decide(click)
        except ApprovalError as error:
            raise refusal(error, proposal.language) from None
        if decided.state is ProposalState.CLAIMED:
            core.carry_out(decided.id)
        return proposal_view(decided, core.clock())

    async def withdraw(self, token: Token, proposal_id: str) -> ProposalView:
        """Withdraw what this token's caller asked for. Raises Problem."""
        proposal = await self._seen(token, proposal_id)
        try:
            await self._core.desk.withdraw(proposal_id, token.asker)
        except NotAllowedError as error:
            raise refusal(error, proposal.language) from None
        return await self.one(token, proposal_id)

    async def _view(self, token: Token, proposal_id: str) -> ProposalView:
        return proposal_view(await self._seen(token, proposal_id), self._core.clock())

    async def _seen(self, token: Token, proposal_id: str) -> Proposal:
        proposal = await self._core.desk.get(proposal_id)
        if proposal is None or not may_see(token, proposal):
            raise Problem(404, "unknown_proposal", "There is no such proposal.")
        return proposal


def may_see(token: Token, proposal: Proposal) -> bool:
    """Tell whether a proposal is a token's own, or the token decides."""
    return Scope.DECIDE in token.scopes or proposal.thread_ts.startswith(f"{token.place}:")


def refusal(error: ApprovalError, language: Language) -> Problem:
    """Return why a decision did not count."""
    text = texts.REFUSALS.get(error.code, texts.REFUSED)(language)
    if isinstance(error, NotAllowedError):
        return Problem(403, error.code, text)
    missing = isinstance(error, CardMismatchError) and error.code == "unknown_card"
    return Problem(404 if missing else 409, error.code, text)
