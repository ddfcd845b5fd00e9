"""Who may decide, when: 14 kinds of people, 6 states of a card, 2 buttons, in Slack and at the page."""

import random
from dataclasses import replace
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.api.gateway import Gateway
from bot.api.tokens import Scope, Token
from bot.api.views import Decision, Problem, Verdict
from bot.approvals.model import ApprovalPolicy
from bot.domain.proposals import Click, Person, Proposal, ProposalState
from bot.errors import ApprovalError
from bot.texts.cards import REFUSALS
from bot.tools.toolbox import Toolbox
from tests.reliability.bench import Bench

GROUP = ApprovalPolicy(approver_group="S1", self_approval=False)
MEMBERS = frozenset({"U1", "U2", "U5", "U6", "U7", "U8"})
PEOPLE = {
    "U5": Person("U5", "T1", guest=True),
    "U6": Person("U6", "T9", stranger=True),
    "U7": Person("U7", "T1", deleted=True),
    "U8": Person("U8", "T1", bot=True),
    "U9": Person("U9", "T1", name="mina"),
    "U2": Person("U2", "T1", name="mina"),
}

# who: user, what was changed around the click, what bars them (None: nothing)
CLICKERS: dict[str, tuple[str, str, str | None]] = {
    "member": ("U2", "", None),
    "non-member": ("U3", "", "not_approver"),
    "requester": ("U1", "", None),
    "owner of the application": ("U4", "", "not_approver"),
    "guest": ("U5", "", "guest"),
    "stranger": ("U6", "", "stranger"),
    "deleted": ("U7", "", "deleted"),
    "bot": ("U8", "", "bot"),
    "same display name": ("U9", "", "not_approver"),
    "removed 61 s ago": ("U2", "removed", "not_approver"),
    "disabled group": ("U2", "disabled", "not_approver"),
    "other workspace": ("U2", "workspace", "stranger"),
    "slack down for 5 minutes": ("U2", "down 5", None),
    "slack down for 11 minutes": ("U2", "down 11", "unchecked"),
}
STATES = {
    "pending": "",
    "claimed": "claimed",
    "calling": "claimed",
    "denied": "denied",
    "expired": "expired",
    "succeeded": "done",
}


def _prepare(bench: Bench, state: str, trick: str) -> Proposal:
    bench.people.persons = dict(PEOPLE)
    bench.people.groups = {"S1": MEMBERS}
    bench.desk = bench.make_desk(GROUP)
    if trick.startswith("down"):
        _remember(bench)
        bench.people.down = True
        bench.later(minutes=float(trick.removeprefix("down ")))
    if trick == "removed":
        _remember(bench)
        bench.people.groups = {"S1": MEMBERS - {"U2"}}
        bench.later(seconds=61)
    if trick == "disabled":
        bench.people.groups = {}
    return _in_state(bench, state)


def _remember(bench: Bench) -> None:
    """Let the desk look U2 up, on another card."""
    other = bench.card(9, channel="C9")
    bench.press(other, "U2", approve=False)


def _in_state(bench: Bench, state: str) -> Proposal:
    card = bench.card()
    if state == "pending":
        return card
    if state == "expired":
        bench.database.run(lambda c: c.exec_driver_sql("UPDATE proposals SET expires_at = 1"))
        return card
    column = {"succeeded": "done", "calling": "claimed"}.get(state, state)
    bench.database.run(
        lambda c: c.exec_driver_sql(
            f"UPDATE proposals SET state = '{column}' WHERE id = '{card.id}'"
        )
    )
    return card


def _outcome(bench: Bench, click: Click) -> str:
    try:
        return bench.do(bench.desk.decide(click)).state.value
    except ApprovalError as error:
        return error.code


def _expected(who: str, state: str, *, approve: bool) -> str:
    barred = CLICKERS[who][2]
    if barred:
        return barred
    if state != "pending":
        return STATES[state]
    if who == "requester" and approve:
        return "self_approval"
    return "claimed" if approve else "denied"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", CLICKERS)
def test_only_those_who_may_decide_in_time(bench: Bench, who: str, state: str) -> None:
    """Everybody else is told why, and nothing changes."""
    user, trick, _ = CLICKERS[who]
    for approve, decide in product((True, False), (_in_slack, _at_the_page)):
        own = Bench(bench.database._connection)
        card = _prepare(own, state, trick)
        team = "T9" if trick == "workspace" or who == "stranger" else "T1"
        seen = decide(own, card, user, team, approve=approve)
        assert seen == _expected(who, state, approve=approve), decide.__name__
        assert own.platform.calls == []


def _in_slack(bench: Bench, card: Proposal, user: str, team: str, *, approve: bool) -> str:
    return _outcome(bench, bench.click(card, user, approve=approve, team=team))


@cache
def _gateway() -> tuple[SimpleNamespace, Gateway]:
    """Return a gateway, made once, and its core, to be put before each desk."""
    tools = Toolbox(*[cast("Any", None)] * 3)
    core: Any = SimpleNamespace(tools=tools, desk=None, carry_out=lambda _: None)
    return core, Gateway(core)


def _at_the_page(bench: Bench, card: Proposal, user: str, team: str, *, approve: bool) -> str:
    """Decide as the console does: over the API, with a token that stands for the person."""
    core, gateway = _gateway()
    core.desk, core.team, core.clock = bench.desk, team, bench.time.now
    token = Token("console", b"", frozenset({Scope.DECIDE}), user)
    verdict = Verdict.APPROVE if approve else Verdict.REJECT
    decision = Decision(decision=verdict, digest=card.digest)
    try:
        return bench.do(gateway.decide(token, card.id, decision)).state.value
    except Problem as problem:
        return problem.code


def test_nobody_may_approve_where_no_approvers_are_set(bench: Bench) -> None:
    """The card is made all the same, and says no to everybody."""
    bench.desk = bench.make_desk(ApprovalPolicy())
    card = bench.card()
    assert _outcome(bench, bench.click(card, "U2")) == "nobody"
    assert _outcome(bench, bench.click(card, "U1", approve=False)) == "cancelled"


def test_every_refusal_says_why() -> None:
    """None of them sends somebody to the latest card when it is not the card that is at fault."""
    barred = {code for _, _, code in CLICKERS.values() if code}
    late = {code for code in STATES.values() if code}
    told = {"nobody", "self_approval", "frozen", "already_voted", "not_requester"}
    assert (barred | late | told) - REFUSALS.keys() == set()


def test_people_are_looked_up_once_a_minute(bench: Bench) -> None:
    """Slack is not asked for every click, and a removal counts within a minute."""
    bench.people.groups = {"S1": MEMBERS}
    bench.desk = bench.make_desk(replace(GROUP, approvals_required=9))
    card = bench.card()
    for _ in range(3):
        _outcome(bench, bench.click(card, "U2"))
    assert bench.people.asked == 3  # the asker, U2 and the group
    bench.later(seconds=61)
    _outcome(bench, bench.click(card, "U2"))
    assert bench.people.asked == 5


def test_1000_forged_clicks_count_for_nothing(bench: Bench) -> None:
    """Whatever part of a click is not the card's own, the click is refused with a reason."""
    card = bench.card()
    bench.card(2, channel="C2")
    draw = random.Random(20260105)
    good = bench.click(card, "U1")
    for number in range(1000):
        forged = replace(good, envelope_id=f"f{number}", **_mutation(draw, card))
        with pytest.raises(ApprovalError) as refused:
            bench.do(bench.desk.decide(forged))
        assert refused.value.code
    assert bench.stored(card.id).votes == ()
    assert bench.press(card).state is ProposalState.CLAIMED


def _mutation(draw: random.Random, card: Proposal) -> dict[str, Any]:
    """Return one or more forged parts; each alone makes the click a forgery."""
    digits = "0123456789abcdef"
    other = "".join(draw.choice(digits) for _ in range(8))
    digest = other if other != card.digest[:8] else "00000000"
    forged: dict[str, tuple[Any, ...]] = {
        "digest": (digest, "", card.digest[:8], card.digest[:-1], card.digest.upper() + "x"),
        "message_ts": ("ts-p2", "", "ts-p1 ", "0", "17000.000001"),
        "channel": ("C2", "", "c1", "D1"),
        "proposal_id": ("p2", "", "p1 ", "P1", "p1'; --", "\x00"),
        "team": ("T9", "", "t1"),
        "user": ("U9", "", "u1", "U1 ", "system", "bot"),
    }
    fields = draw.sample(sorted(forged), draw.choice((1, 1, 1, 2, 3)))
    return {field: draw.choice(forged[field]) for field in fields}
