"""Orders as a Slack process leaves them in the database when it asks its gateway for the call."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.approvals.model import DeskState, NewProposal, ProposalSnapshot, Transition
from bot.domain.language import Language
from bot.domain.proposals import (
    KillOrder,
    Proposal,
    ProposalState,
    Target,
    TargetState,
    Vote,
    digest_of,
    order_of,
)
from bot.storage.database import Database
from bot.storage.proposals import SqlProposals

APPROVER = "U0ONCALL1"
TEAM = "T0DATATEAM"


async def stored_order(
    database: Database,
    clock: Callable[[], datetime],
    target: Target,
    *,
    intent: bool = True,
    voter: str = APPROVER,
    **changes: Any,
) -> KillOrder:
    """Store a proposal that its holder is carrying out right now, and return the order to call.

    Without `intent` no row says that the call was begun, without a `voter` nobody approved;
    `changes` are of the proposal. Its lease lasts an hour, so that nobody else takes it up.
    """
    store, id_ = SqlProposals(database, clock), uuid.uuid4().hex

    def admit(desk: DeskState) -> NewProposal:
        made = Proposal(
            id=id_,
            team=TEAM,
            channel="C0ALERTS",
            thread_ts="1.0",
            requester=APPROVER,
            language=Language.KO,
            targets=(target,),
            digest=digest_of([target]),
            state=ProposalState.CLAIMED,
            votes=(),
            approvals_required=1,
            created_at=desk.now,
            listed_at=desk.now,
            expires_at=desk.now + timedelta(minutes=15),
            decided_at=desk.now,
        )
        return NewProposal(replace(made, **changes))

    def hold(case: ProposalSnapshot) -> Transition:
        state = TargetState.CALLING if intent else TargetState.WAITING
        calling = replace(case.proposal, targets=(replace(target, state=state),))
        return Transition(
            calling,
            "calling",
            vote=Vote(voter, approve=True, at=case.now) if voter else None,
            envelope_id=f"envelope-{id_}",
            attempt=0 if intent else None,
            lease=timedelta(hours=1),
            take=True,
        )

    await store.admit(id_, admit)
    case = await store.change(id_, hold)
    assert case is not None
    return order_of(case.proposal, 0)
