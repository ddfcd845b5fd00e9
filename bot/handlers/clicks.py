"""Reads button presses: who pressed what, where; pure, and None for anything malformed."""

import json
from dataclasses import dataclass, replace

from bot.domain.conversation import AgentName, Intent, Query, Turn, Understanding, reading_in
from bot.domain.language import Language, language_of
from bot.domain.posts import InboxItem
from bot.domain.proposals import Click
from bot.domain.selections import Either, Field, Having, Selection
from bot.handlers.events import moment
from bot.handlers.message_text import Json, record, string
from bot.handlers.views.answer import Outcome, private_post

TAKE = "take_reading"
APPROVE, REJECT = "approve_proposal", "reject_proposal"
CHOOSE = "choose_applications"
CHART = "show_chart"
_AGENTS = {
    "refresh_status": (Intent.STATUS, AgentName.INFRA_ENGINEER),
    "list_top": (Intent.LIST, AgentName.DATA_ENGINEER),
    "propose_kill": (Intent.KILL, AgentName.DATA_ENGINEER),
    "move_card": (Intent.KILL, AgentName.DATA_ENGINEER),
    "cancel_watch": (Intent.CANCEL, AgentName.DATA_ENGINEER),
    "show_help": (Intent.HELP, AgentName.NONE),
    "why": (Intent.DIAGNOSE, AgentName.INFRA_ENGINEER),
}
_ID_KEYS = ("application", "application_id", "id")
_MAX_ROWS = 20


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """One press of one button, in Slack's words.

    `label` is the button's text, ours. `trigger` may open a window, for three seconds.
    """

    key: str
    action: str
    value: str
    label: str
    user: str
    user_team: str
    channel: str
    message_ts: str
    thread_ts: str
    action_ts: str
    trigger: str = ""

    @property
    def decides(self) -> bool:
        """True for Approve and Reject."""
        return self.action in {APPROVE, REJECT}

    @property
    def language(self) -> Language:
        """The language the button was written in."""
        return language_of(self.label)


def read_press(body: Json) -> ButtonPress | None:
    """Return the press a `block_actions` body tells of; None unless it is exactly one button."""
    actions = body.get("actions")
    if not isinstance(actions, list) or len(actions) != 1:
        return None
    action, user = record(actions[0]), record(body.get("user"))
    container, message = record(body.get("container")), record(body.get("message"))
    if action.get("type") != "button":
        return None
    message_ts = string(container.get("message_ts"))
    channel = string(container.get("channel_id")) or string(record(body.get("channel")).get("id"))
    action_id, action_ts, who = (
        string(action.get("action_id")),
        string(action.get("action_ts")),
        string(user.get("id")),
    )
    if not (message_ts and channel and action_id and action_ts and who):
        return None
    thread = string(container.get("thread_ts")) or string(message.get("thread_ts"))
    return ButtonPress(
        key=f"click:{message_ts}:{action_ts}:{who}:{action_id}",
        action=action_id.partition(".")[0],
        value=string(action.get("value")),
        label=string(record(action.get("text")).get("text")),
        user=who,
        user_team=string(user.get("team_id")),  # none: a stranger
        channel=channel,
        message_ts=message_ts,
        thread_ts=thread or message_ts,
        action_ts=action_ts,
        trigger=string(body.get("trigger_id")),
    )


def decision_of(press: ButtonPress, item: InboxItem) -> Click | None:
    """Return the vote a press on a card casts; None when its value is not one of ours."""
    proposal_id, _, digest = press.value.partition(":")
    if not (press.decides and proposal_id and digest):
        return None
    return Click(
        envelope_id=item.key,
        proposal_id=proposal_id,
        digest=digest,
        approve=press.action == APPROVE,
        user=press.user,
        team=press.user_team,
        channel=press.channel,
        message_ts=press.message_ts,
        at=item.received_at,
    )


def decision_value(proposal_id: str, digest: str) -> str:
    """Return the value of a card's buttons."""
    return f"{proposal_id}:{digest}"


def question_of(press: ButtonPress, team: str) -> tuple[Turn, Understanding] | None:
    """Return the question a button stands for, understood; None for one that stands for none.

    Some carry a whole reading: what a message was asked back about.
    """
    if press.action == TAKE and (taken := reading_in(press.value)) is not None:
        return turn_of(press, team), replace(taken, language=press.language)
    if press.action not in _AGENTS:
        return None
    intent, agent = _AGENTS[press.action]
    value = _json(press.value)
    selection = None
    if intent is Intent.KILL:
        selection = _named(value)
        if selection is None:
            return None
    count = value.get("count")
    rows = count if isinstance(count, int) and 0 < count <= _MAX_ROWS else 5
    reading = Understanding(
        intent=intent,
        agent=agent,
        language=press.language,
        selection=selection,
        query=Query(count=rows),
        evidence=("button", press.action, str(value.get("move", press.value))),
    )
    return turn_of(press, team), reading


def _named(value: Json) -> Selection | None:
    """Return the one application, or the several, a button's value names by id."""
    several = value.get("ids")
    if isinstance(several, list) and 0 < len(several) <= _MAX_ROWS:
        ids = [item for item in several if isinstance(item, str) and item]
        return Either(tuple(Having(Field.ID, item) for item in ids)) if ids else None
    wanted = next((value[key] for key in _ID_KEYS if isinstance(value.get(key), str)), "")
    return Having(Field.ID, wanted) if wanted else None


def turn_of(press: ButtonPress, team: str) -> Turn:
    """Return the press as a turn: its words are the button's label."""
    return Turn(
        id=press.key,
        team=team,
        channel=press.channel,
        thread_ts=press.thread_ts,
        ts=press.action_ts,
        asker=press.user,
        text=press.label,
        language=press.language,
        said_at=moment(press.action_ts),
        private=press.channel.startswith("D"),
    )


def privately(press: ButtonPress, text: str, key: str = "") -> Outcome:
    """Return a line that only whoever pressed sees."""
    post = private_post(key or press.key, press.channel, press.thread_ts, press.user, text)
    return Outcome((post,))


def _json(text: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return record(value)
