"""The desk over the real store, on a real event loop, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.approvals.model import ApprovalPolicy, Asker
from bot.approvals.policy import admit
from bot.domain.language import Language
from bot.domain.proposals import ProposalRequest, ProposalState, TargetState, digest_of
from bot.errors import ApprovalError
from bot.storage.audit import Audit
from bot.storage.database import Database
from bot.storage.proposals import SqlProposals
from tests.reliability.platform import application, target_of
from tests.reliability.processes import Process, nothing, now


async def test_an_approved_kill_from_card_to_proof(database: Database, tmp_path: Path) -> None:
    """Proposed, posted, approved, called once, proved, audited."""
    process = Process(database, tmp_path, nothing)
    card = await process.propose(1)
    await process.send()
    await process.deliver(card, "U1")
    await process.send()
    done = await process.desk.get(card.id)
    assert done is not None
    assert done.state is ProposalState.DONE
    assert done.targets[0].state is TargetState.SUCCEEDED
    assert done.cpu_after == 40.0
    assert (tmp_path / "calls").read_text() == "application_1_0001 p1\n"
    assert (await Audit(database).verify([done.audit_head])).sound
    assert await process.quiet()


async def test_five_presses_at_once_are_one_kill(database: Database, tmp_path: Path) -> None:
    """Two replicas, five people, one winner; the others are told."""
    replicas = [Process(database, tmp_path, nothing) for _ in range(2)]
    card = await replicas[0].propose(1)
    await replicas[0].send()
    outcomes = await asyncio.gather(
        *(
            replicas[number % 2].desk.decide(replicas[0].click(card, f"U{number}"))
            for number in range(5)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ApprovalError) for each in outcomes) == 4
    await asyncio.gather(*(each.desk.carry_out(card.id) for each in replicas))
    assert (tmp_path / "calls").read_text().count("\n") == 1


async def test_untrusted_names_come_back_as_they_were(database: Database) -> None:
    """NUL, lone surrogates and 10 kB in a name upset neither database."""
    store = SqlProposals(database, now)
    odd = replace(
        target_of(application(1)), name="a\x00b\ud800" + "가" * 10_000, user="\u202e'; --"
    )
    request = ProposalRequest(
        "p1", "T1", "C1", "1.0", "U1", Language.KO, (odd,), now(), alert_key="\x00key"
    )
    made = await store.admit("p1", lambda desk: admit(desk, request, ApprovalPolicy(), Asker()))
    kept = await store.get("p1")
    assert kept is not None
    assert kept.targets == (odd,)
    assert kept.alert_key == "\x00key"
    assert digest_of(kept.targets) == made.digest
