"""The door of the one call: what is stored decides, and nobody's word."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.applications import Application, KillOutcome
from bot.domain.proposals import KillOrder, ProposalState
from bot.storage.audit import Audit, SqlFreeze
from tests.contract.gateways import Split, split
from tests.contract.orders import stored_order
from tests.reliability.platform import target_of


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Split]:
    async with split(tmp_path) as made:
        yield made


async def heaviest(at: Split) -> Application:
    found = (await at.remote.running()).applications
    return max(found, key=lambda app: (app.cores, app.ref.id))


async def sent(at: Split, order: KillOrder, app: Application) -> tuple[KillOutcome, str]:
    """Ask for the call; return the outcome, and the code of a refusal."""
    answer = await (await at.remote.prepare(app.ref))(order, lambda: 10.0)
    told = answer.detail
    return answer.outcome, told.partition('"code":"')[2].partition('"')[0]


async def test_every_question_gets_the_answer_of_the_cluster_itself(at: Split) -> None:
    """Whatever is missing with it."""
    app, earlier = await heaviest(at), at.clock() - timedelta(minutes=5)
    nodes = (await at.inner.now()).nodes[:2]
    told = [
        (
            replace(running := await each.running(), applications=tuple(running.applications)),
            await each.now(),
            await each.find(app.ref),
            await each.cpu(earlier, at.clock(), timedelta(seconds=30)),
            await each.usage_at(earlier),
            await each.cores_at(earlier),
            await each.cores_around(earlier, at.clock()),
            await each.cores_on(nodes),
            await each.risen([app.ref.id]),
        )
        for each in (at.remote, at.inner)
    ]
    assert told[0] == told[1]


FORGED: dict[str, dict[str, Any]] = {
    "unapproved": {"voter": ""},
    "unapproved by who may": {"voter": "U0NOBODY1"},
    "unapproved by enough": {"approvals_required": 2},
    "no_intent": {"intent": False},
    "not_claimed": {"state": ProposalState.PENDING},
    "not_claimed once over": {"state": ProposalState.DONE},
    "damaged": {"digest": "0" * 64},
    "dry_run": {"dry_run": True},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_a_forged_order_is_refused_and_stands_in_the_trail(
    at: Split, forged: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    """A proposal written into the database by somebody who asked nobody."""
    code = request.node.callspec.id.partition(" ")[0]
    app = await heaviest(at)
    order = await stored_order(at.database, at.clock, target_of(app), **forged)
    assert await sent(at, order, app) == (KillOutcome.UNSENT, code)
    assert at.kills() == 0
    last = (await Audit(at.database).trail(order.proposal_id))[-1]
    assert (last.event, last.actor, last.detail["why"]) == ("call_refused", "api:slack", code)
    assert (await Audit(at.database).verify()).sound


async def test_an_order_is_carried_out_once_however_often_it_is_sent(at: Split) -> None:
    """The second one is told so, and the trail has who asked."""
    app = await heaviest(at)
    order = await stored_order(at.database, at.clock, target_of(app))
    assert (await sent(at, order, app))[0] is KillOutcome.ACCEPTED
    assert await sent(at, order, app) == (KillOutcome.UNSENT, "called_before")
    assert at.kills() == 1
    events = [(each.event, each.actor) for each in await Audit(at.database).trail()]
    assert events[-2:] == [("handed_on", "api:slack"), ("call_refused", "api:slack")]


async def test_a_frozen_desk_or_another_digest_is_no_call(at: Split) -> None:
    """The switch and the digest are read at the gateway itself."""
    app = await heaviest(at)
    order = await stored_order(at.database, at.clock, target_of(app))
    other = replace(order, digest="f" * 64)
    assert await sent(at, other, app) == (KillOutcome.UNSENT, "other_targets")
    await SqlFreeze(at.database, at.clock).turn(on=True, actor="test")
    assert await sent(at, order, app) == (KillOutcome.UNSENT, "frozen")
    assert await sent(at, replace(order, position=3), app) == (
        KillOutcome.UNSENT,
        "unknown_proposal",
    )
    assert at.kills() == 0


async def test_what_changed_since_the_card_is_not_called(at: Split) -> None:
    """The gateway looks at the application itself: another attempt is another application."""
    app = await heaviest(at)
    other = replace(target_of(app), attempt=app.attempt + 1)
    order = await stored_order(at.database, at.clock, other)
    assert await sent(at, order, app) == (KillOutcome.UNSENT, "changed")
    assert at.kills() == 0


@pytest.mark.parametrize("scopes", ["read,talk,propose", "decide:U0ONCALL1"])
async def test_no_other_scope_reads_or_calls(tmp_path: Path, scopes: str) -> None:
    """Each refused with 403, and nothing was sent."""
    async with split(tmp_path, scopes) as at:
        seen = await at.remote.now()
        assert [each.kind for each in seen.missing] == ["refused"]
        answer = await at.remote._send(KillOrder("0" * 32, 0, "0" * 64, ()), lambda: 10.0)
        assert answer.outcome is KillOutcome.UNSENT
        assert answer.detail.startswith("403 ")
        assert at.kills() == 0
