"""Reading clicks: exactly one button of ours, or nothing."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.conversation import AgentName, Intent
from bot.domain.language import Language
from bot.domain.posts import InboxItem, Incoming
from bot.domain.selections import Field, Having
from bot.handlers.clicks import decision_of, decision_value, question_of, read_press
from tests.unit.handlers.memory import NOW

BODY: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0ONCALL1", "team_id": "T0DATATEAM"},
    "team": {"id": "T0DATATEAM"},
    "container": {
        "type": "message",
        "message_ts": "2.5",
        "channel_id": "C1",
        "thread_ts": "1.0",
    },
    "channel": {"id": "C1"},
    "message": {"ts": "2.5", "thread_ts": "1.0"},
    "actions": [
        {
            "type": "button",
            "action_id": "approve_proposal",
            "block_id": "b1",
            "value": decision_value("p1", "abc"),
            "action_ts": "3.0",
            "text": {"type": "plain_text", "text": "승인"},
        }
    ],
}


def pressed(**action: Any) -> dict[str, Any]:
    body = copy.deepcopy(BODY)
    body["actions"][0].update(action)
    return body


def test_a_press_on_a_card_is_a_vote_of_exactly_this_person_on_exactly_this_card() -> None:
    """Nothing is taken from the message's text."""
    press = read_press(BODY)
    assert press is not None
    click = decision_of(press, InboxItem(press.key, Incoming.CLICK, BODY, NOW))
    assert click is not None
    assert (click.proposal_id, click.digest, click.approve) == ("p1", "abc", True)
    assert (click.user, click.team, click.channel, click.message_ts) == (
        "U0ONCALL1",
        "T0DATATEAM",
        "C1",
        "2.5",
    )
    assert click.at == NOW
    assert click.envelope_id == press.key == "click:2.5:3.0:U0ONCALL1:approve_proposal"


@pytest.mark.parametrize("actions", [[], BODY["actions"] * 2, None, "x", [{}], [None]])
def test_anything_but_one_button_is_nothing(actions: Any) -> None:
    """A card's buttons come one at a time."""
    assert read_press({**BODY, "actions": actions}) is None


@pytest.mark.parametrize("value", ["", "p1", ":abc", "p1:", 7, None])
def test_a_value_that_is_not_ours_is_no_vote(value: Any) -> None:
    """It is refused before the desk is asked."""
    press = read_press(pressed(value=value))
    assert press is not None
    assert decision_of(press, InboxItem(press.key, Incoming.CLICK, {}, NOW)) is None


@pytest.mark.parametrize(
    ("action", "value", "intent", "agent"),
    [
        ("refresh_status", "", Intent.STATUS, AgentName.INFRA_ENGINEER),
        ("list_top", "", Intent.LIST, AgentName.DATA_ENGINEER),
        ("show_help", "", Intent.HELP, AgentName.NONE),
        ("why", "junk", Intent.DIAGNOSE, AgentName.INFRA_ENGINEER),
    ],
)
def test_navigation_buttons_are_questions_already_understood(
    action: str, value: str, intent: Intent, agent: AgentName
) -> None:
    """In the language of their label."""
    press = read_press(pressed(action_id=action, value=value))
    assert press is not None
    asked = question_of(press, "T0DATATEAM")
    assert asked is not None
    turn, reading = asked
    assert (reading.intent, reading.agent, reading.language) == (intent, agent, Language.KO)
    assert (turn.channel, turn.thread_ts, turn.asker) == ("C1", "1.0", "U0ONCALL1")


def test_proposing_by_button_needs_an_id() -> None:
    """Without one nothing is proposed."""
    value = json.dumps({"id": "application_1_0042", "cluster": "prod"})
    for given_value, expected in ((value, Having(Field.ID, "application_1_0042")), ("{}", None)):
        press = read_press(pressed(action_id="propose_kill", value=given_value))
        assert press is not None
        asked = question_of(press, "T0DATATEAM")
        assert (asked[1].selection if asked else None) == expected


junk: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=5),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
PATHS = [
    ("actions",),
    ("user",),
    ("team",),
    ("container",),
    ("channel",),
    ("message",),
    ("user", "id"),
    ("user", "team_id"),
    ("container", "message_ts"),
    ("container", "channel_id"),
    ("container", "thread_ts"),
    ("actions", 0, "action_id"),
    ("actions", 0, "action_ts"),
    ("actions", 0, "value"),
    ("actions", 0, "type"),
    ("actions", 0, "text"),
]


@settings(max_examples=1000)
@given(st.sampled_from(PATHS), junk)
def test_a_forged_click_raises_nothing_and_never_becomes_another_vote(
    path: tuple[str | int, ...], value: Any
) -> None:
    """Whatever a mutated payload yields holds what the payload said, from where Slack says it."""
    body: Any = copy.deepcopy(BODY)
    node = body
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    press = read_press(body)
    if press is None:
        return
    click = decision_of(press, InboxItem(press.key, Incoming.CLICK, body, NOW))
    if click is None:
        return
    assert decision_value(click.proposal_id, click.digest) == body["actions"][0]["value"]
    assert click.user == body["user"]["id"]
    assert click.message_ts == body["container"]["message_ts"]
    assert click.channel in [body["container"].get("channel_id"), BODY["channel"]["id"]]
    assert click.team in [body["user"].get("team_id"), ""]
