"""What must hold in every run, checked at the fake cluster, in the tables and in what Slack shows."""

from typing import Any

import sqlalchemy as sa

from bot.domain.proposals import Proposal, ProposalState, TargetState
from bot.storage import audit
from bot.storage.tables import attempts, inbox, proposals, targets, votes
from bot.storage.tables import audit as AUDIT  # noqa: N812 - told from the module
from tests.reliability.platform import Call
from tests.reliability.world import APPROVERS, World, shown

OVER = {ProposalState.DENIED, ProposalState.EXPIRED, ProposalState.CANCELLED, ProposalState.DONE}
FINAL = {state.value for state in OVER} | {state.value for state in TargetState if state.final}


class Watch:
    """Collects violations of the invariants of one run."""

    def __init__(self, world: World, proposal: Proposal) -> None:
        self.world = world
        self.frozen = proposal
        self.found: list[str] = []
        self.commits = -1
        self.last: dict[str, str] = {}
        self.heads: list[str] = []
        world.platform.on_call = self.called

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        return self.world.database.run(lambda connection: list(connection.execute(query).all()))

    def called(self, call: Call) -> None:
        """I1, I2, I3, I4, I8 at the moment a kill request arrives."""
        world = self.world
        self._approved(call)
        same = [each for each in world.platform.calls if each.ref == call.ref]
        if len(same) > 1:
            self.found.append("I2 a second call for one target")
        target = next((each for each in self.frozen.targets if each.ref == call.ref), None)
        if target is None:
            self.found.append("I3 a call for something that was never shown")
        elif call.found and not call.found.state.over and not target.same_identity(call.found):
            self.found.append("I3 another application got the call")
        state = self.rows(sa.select(proposals.c.state))[0][0]
        if state != ProposalState.CLAIMED.value:
            self.found.append(f"I4 a call while {state}")
        if not self.rows(
            sa.select(attempts.c.position).where(attempts.c.position == self._at(call))
        ):
            self.found.append("I8 a call without its intent row")

    def _approved(self, call: Call) -> None:
        stored = self.rows(sa.select(votes.c.user, votes.c.at).where(votes.c.approve == 1))
        people = {row.user.partition("#")[0] for row in stored}
        if not people <= set(APPROVERS):
            self.found.append("I1 a vote of somebody who may not approve")
        if not self.world.policy.self_approval and self.world.requester in people:
            self.found.append("I1 the requester approved")
        if len(people) < self.world.policy.approvals_required:
            self.found.append("I1 too few approvers")
        if any(row.at > self.frozen.expires_at for row in stored):
            self.found.append("I1 a vote after the time was over")

    def _at(self, call: Call) -> int:
        refs = [target.ref for target in self.frozen.targets]
        return refs.index(call.ref) if call.ref in refs else -1

    def step(self) -> None:
        """I4 after every commit: what is final stays as it is."""
        if self.world.database.commits == self.commits:
            return
        self.commits = self.world.database.commits
        states: dict[str, str] = {}
        for state, head in self.rows(sa.select(proposals.c.state, proposals.c.audit_head)):
            states["proposal"] = state
            if head not in self.heads:
                self.heads.append(head)
        for position, state in self.rows(sa.select(targets.c.position, targets.c.state)):
            states[str(position)] = state
        for name, state in states.items():
            before = self.last.get(name, state)
            if before in FINAL and before != state:
                self.found.append(f"I4 {name} left {before} for {state}")
            self.last[name] = state

    def end(self) -> None:
        """I5 to I8 once everything is healed and quiet."""
        world = self.world
        proposal = world.stored()
        kept = {row.key: row.state for row in self.rows(sa.select(inbox.c.key, inbox.c.state))}
        if any(kept.get(key) != "done" for key in world.acked):
            self.found.append("I5 an acknowledged click was lost")
        content = world.slack.messages.get(proposal.card_ts or "", ("", ()))[1]
        if content != shown(proposal):
            self.found.append(f"I6 the card shows {content}, the row says {shown(proposal)}")
        if proposal.state not in OVER:
            self.found.append(f"I7 still {proposal.state}")
        self._truthful(proposal)
        verified = world.database.run(lambda c: audit.verify(c, self.heads))
        self.found += [f"I8 {problem}" for problem in verified.problems]
        self._audited()

    def _truthful(self, proposal: Proposal) -> None:
        for target in proposal.targets:
            there = self.world.platform.applications.get(target.ref)
            runs = there is not None and not there.state.over and target.same_identity(there)
            if runs and target.state is TargetState.SUCCEEDED:
                self.found.append("I6 shown as killed, but it runs")

    def _audited(self) -> None:
        details = [row.detail for row in self.rows(sa.select(AUDIT.c.detail))]
        moves = sum(len(detail.get("targets", ())) for detail in details[1:])
        finals = self.rows(sa.select(targets.c.state))
        moved = [row.state for row in finals if row.state != TargetState.WAITING.value]
        if moves < len(moved):
            self.found.append("I8 a transition without its audit row")
