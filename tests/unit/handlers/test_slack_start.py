"""Starting with wrong tokens ends at once with one line; people are read as Slack tells them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.proposals import Person
from bot.errors import BackendError, FaultKind, StartError
from bot.handlers.people import Channels, SlackPeople
from bot.handlers.socket import preflight, web_client
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APP_TOKEN,
    APPROVER,
    APPROVER_GROUP,
    BOT_TOKEN,
    COLLEAGUE,
    DELETED,
    GUEST,
    PRIVATE_CHANNEL,
    STRANGER,
    TEAM,
    demo_workspace,
)
from bot.sandbox.slack.server import SlackStandIn
from tests.unit.handlers.memory import utc_now


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    standin = SlackStandIn(demo_workspace(), utc_now, seed=7)
    await standin.start()
    yield standin
    await standin.stop()


async def test_the_preflight_tells_who_we_are(slack: SlackStandIn) -> None:
    """Team, bot user, bot id and app id."""
    who = await preflight(web_client(BOT_TOKEN, slack.api_url), APP_TOKEN)
    assert (who.team, who.bot_user, who.bot_id, who.app_id) == (
        TEAM,
        "U0DANGJIK",
        "B0DANGJIK",
        "A0DANGJIK",
    )


@pytest.mark.parametrize(
    ("bot_token", "app_token", "said"),
    [
        (APP_TOKEN, BOT_TOKEN, "swapped"),
        ("xoxb-wrong", APP_TOKEN, r"refuses SLACK_BOT_TOKEN \(invalid_auth\)"),
        (BOT_TOKEN, "xapp-wrong", r"refuses SLACK_APP_TOKEN \(invalid_auth\)"),
        ("xoxp-user", APP_TOKEN, "SLACK_BOT_TOKEN does not begin with xoxb-"),
        (BOT_TOKEN, "", "SLACK_APP_TOKEN does not begin with xapp-"),
    ],
)
async def test_wrong_tokens_end_the_start_in_one_line_without_the_token(
    slack: SlackStandIn, bot_token: str, app_token: str, said: str
) -> None:
    """The socket client alone would try for ever."""
    with pytest.raises(StartError, match=said) as caught:
        await preflight(web_client(bot_token, slack.api_url), app_token)
    assert "\n" not in str(caught.value)
    assert not any(token and token in str(caught.value) for token in (bot_token, app_token))


async def test_missing_scopes_are_named(slack: SlackStandIn) -> None:
    """At the start, not at the first event that never comes."""
    bot = slack.workspace.bot
    fewer = replace(bot, scopes=bot.scopes - {"chat:write", "im:history"})
    slack.workspace.bot = fewer
    slack.workspace.bots[bot.id] = fewer
    with pytest.raises(StartError, match="lacks the scopes chat:write, im:history"):
        await preflight(web_client(BOT_TOKEN, slack.api_url), APP_TOKEN)


async def test_an_unreachable_slack_ends_the_start() -> None:
    """Nothing listens on the port."""
    with pytest.raises(StartError, match="cannot be reached"):
        await preflight(web_client(BOT_TOKEN, "http://127.0.0.1:9/api/"), APP_TOKEN)


async def test_a_hanging_slack_ends_the_start(slack: SlackStandIn) -> None:
    """After the limit."""
    slack.fault("auth.test", "hang")
    with pytest.raises(StartError, match="did not answer"):
        await preflight(web_client(BOT_TOKEN, slack.api_url), APP_TOKEN, limit=0.1)


async def test_people_are_read_as_slack_tells_them(slack: SlackStandIn) -> None:
    """Guests, leavers, bots and strangers are marked."""
    people = SlackPeople(web_client(BOT_TOKEN, slack.api_url), TEAM)
    approver = await people.person(APPROVER)
    assert approver == Person(APPROVER, TEAM, "김민지", locale="ko-KR")
    assert (await people.person(GUEST)).guest
    assert (await people.person(DELETED)).deleted
    assert (await people.person("U0ALERTAPP")).bot
    stranger = await people.person(STRANGER)
    assert stranger.stranger
    assert stranger.team == "T0PARTNER"


async def test_a_group_is_read_anew_each_time(slack: SlackStandIn) -> None:
    """Who is a member is remembered by the desk alone."""
    people = SlackPeople(web_client(BOT_TOKEN, slack.api_url), TEAM)
    assert APPROVER in await people.group_members(APPROVER_GROUP)
    slack.workspace.groups[APPROVER_GROUP].members = [COLLEAGUE]
    assert await people.group_members(APPROVER_GROUP) == {COLLEAGUE}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("500", FaultKind.UNREACHABLE),
        ("html", FaultKind.UNREACHABLE),
        ("ratelimited", FaultKind.REFUSED),
        ("error:user_not_found", FaultKind.REFUSED),
    ],
)
async def test_no_answer_about_a_person_is_an_error_and_never_a_person(
    slack: SlackStandIn, fault: str, kind: FaultKind
) -> None:
    """The desk then refuses the click."""
    slack.fault("users.info", fault)
    people = SlackPeople(web_client(BOT_TOKEN, slack.api_url), TEAM)
    with pytest.raises(BackendError) as caught:
        await people.person(APPROVER)
    assert caught.value.missing.kind is kind


async def test_a_room_slack_says_nothing_of_counts_as_private(slack: SlackStandIn) -> None:
    """And an answer is remembered."""
    rooms = Channels(web_client(BOT_TOKEN, slack.api_url))
    slack.fault("conversations.info", "500")
    assert await rooms.private(ALERT_CHANNEL)
    assert not await rooms.private(ALERT_CHANNEL)
    assert await rooms.private(PRIVATE_CHANNEL)
    assert await rooms.private("D0MINJI01")
