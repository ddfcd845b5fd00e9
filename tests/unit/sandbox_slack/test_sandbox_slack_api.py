"""The Web API answers slack_sdk as Slack does: success, refusals, faults and limits."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import demo
from bot.sandbox.slack.server import SlackStandIn

from .conftest import Clock

CHANNEL = demo.ALERT_CHANNEL
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "b"}, "action_id": "b"}
CARD = [{"type": "actions", "elements": [BUTTON]}]


async def refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    data = caught.value.response.data
    assert isinstance(data, dict)
    return data


async def test_auth_test_tells_who_the_bot_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert answer["user_id"] == demo.BOT_USER
    assert answer["team_id"] == demo.TEAM
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("xoxb-wrong", "invalid_auth"),
        ("", "not_authed"),
        (demo.APP_TOKEN, "not_allowed_token_type"),
    ],
)
async def test_tokens_are_checked(slack: SlackStandIn, token: str, error: str) -> None:
    stranger = AsyncWebClient(token=token, base_url=slack.api_url)
    assert (await refusal(stranger.auth_test()))["error"] == error


async def test_a_missing_scope_is_named(slack: SlackStandIn) -> None:
    limited = AsyncWebClient(token=demo.ALERT_APP_TOKEN, base_url=slack.api_url)
    bot = slack.workspace.bots[demo.ALERT_APP_BOT]
    slack.workspace.bots[bot.id] = type(bot)(
        bot.id, bot.app_id, bot.name, bot.user_id, bot.token, frozenset({"users:read"})
    )
    data = await refusal(limited.chat_postMessage(channel=CHANNEL, text="x"))
    assert (data["error"], data["needed"]) == ("missing_scope", "chat:write")
    assert data["provided"] == "users:read"


REFUSALS: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown method": ("chat.shout", {}, "unknown_method"),
    "no channel": ("chat.postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
    "nothing": ("chat.postMessage", {"channel": CHANNEL}, "no_text"),
    "bad thread": (
        "chat.postMessage",
        {"channel": CHANNEL, "text": "x", "thread_ts": "now"},
        "invalid_thread_ts",
    ),
    "bad blocks": (
        "chat.postMessage",
        {"channel": CHANNEL, "blocks": [{"type": "nope"}]},
        "invalid_blocks",
    ),
    "no message": (
        "chat.update",
        {"channel": CHANNEL, "ts": "1.1", "text": "x"},
        "message_not_found",
    ),
    "outsider": (
        "chat.postEphemeral",
        {"channel": CHANNEL, "user": demo.STRANGER, "text": "x"},
        "user_not_in_channel",
    ),
    "no thread": ("conversations.replies", {"channel": CHANNEL, "ts": "1.1"}, "thread_not_found"),
    "no user": ("users.info", {"user": "U404"}, "user_not_found"),
    "no group": ("usergroups.users.list", {"usergroup": "S404"}, "no_such_subteam"),
    "old trigger": ("views.open", {"trigger_id": "1.2.3", "view": {}}, "invalid_trigger_id"),
    "no file": ("files.completeUploadExternal", {"files": [{"id": "F404"}]}, "file_not_found"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals_carry_slacks_codes(client: AsyncWebClient, name: str) -> None:
    method, arguments, error = REFUSALS[name]
    assert (await refusal(client.api_call(method, json=arguments)))["error"] == error


async def test_an_invalid_block_is_not_shown(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """The refusal names the JSON pointer and leaves no message."""
    data = await refusal(
        client.chat_postMessage(channel=CHANNEL, text="x", blocks=[{"type": "nope"}])
    )
    assert "[json-pointer:/blocks/0/type]" in data["response_metadata"]["messages"][0]
    assert slack.transcript.messages == []


async def test_a_channel_the_bot_is_not_in(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """It must be invited first; an archived one takes nothing."""
    channel = slack.workspace.channel("random")
    channel.members.discard(demo.BOT_USER)
    post = client.chat_postMessage
    assert (await refusal(post(channel=channel.id, text="x")))["error"] == "not_in_channel"
    channel.members.add(demo.BOT_USER)
    await post(channel=channel.id, text="x")
    channel.is_archived = True
    assert (await refusal(post(channel=channel.id, text="x")))["error"] == "is_archived"


async def test_a_thread_is_read_back(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """Replies come oldest first and in pages; the parent counts them; history leaves them out."""
    root = slack.say(demo.APPROVER, CHANNEL, "root")
    for number in range(3):
        await client.chat_postMessage(channel=CHANNEL, text=str(number), thread_ts=root)
    first = await client.conversations_replies(channel=CHANNEL, ts=root, limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_replies(channel=CHANNEL, ts=root, limit=3, cursor=cursor)
    texts = [each["text"] for each in [*first["messages"], *rest["messages"]]]
    assert texts == ["root", "0", "1", "2"]
    assert first["messages"][0]["reply_count"] == 3
    assert not rest["has_more"]
    history = await client.conversations_history(channel=CHANNEL)
    assert [each["ts"] for each in history["messages"]] == [root]


async def test_a_reply_to_a_reply_lands_in_the_thread(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    root = slack.say(demo.APPROVER, CHANNEL, "root")
    reply = await client.chat_postMessage(channel=CHANNEL, text="a", thread_ts=root)
    deeper = await client.chat_postMessage(channel=CHANNEL, text="b", thread_ts=reply["ts"])
    assert deeper["message"]["thread_ts"] == root


async def test_only_own_messages_change(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """chat.update keeps what it does not name; other people's posts are out of reach."""
    post = await client.chat_postMessage(channel=CHANNEL, text="a", blocks=CARD)
    await client.chat_update(channel=CHANNEL, ts=post["ts"], text="b")
    message = slack.transcript.find(CHANNEL, post["ts"])
    assert message.body["text"] == "b"
    assert message.body["blocks"][0]["type"] == "actions"
    assert message.body["edited"]["user"] == demo.BOT_USER
    theirs = slack.say(demo.APPROVER, CHANNEL, "mine")
    update = client.chat_update(channel=CHANNEL, ts=theirs, text="c")
    assert (await refusal(update))["error"] == "cant_update_message"


async def test_an_ephemeral_is_no_message(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """Only its reader sees it; it cannot be edited and is not in the history."""
    sent = await client.chat_postEphemeral(channel=CHANNEL, user=demo.APPROVER, text="psst")
    assert slack.transcript.find(CHANNEL, sent["message_ts"]).visible_to == demo.APPROVER
    update = client.chat_update(channel=CHANNEL, ts=sent["message_ts"], text="x")
    assert (await refusal(update))["error"] == "message_not_found"
    assert (await client.conversations_history(channel=CHANNEL))["messages"] == []


async def test_a_status_ends_with_the_answer(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """It goes when the bot posts in the thread."""
    ts = slack.say(demo.APPROVER, CHANNEL, "hi")
    await client.assistant_threads_setStatus(channel_id=CHANNEL, thread_ts=ts, status="is looking")
    assert slack.transcript.statuses[CHANNEL, ts]["status"] == "is looking"
    await client.chat_postMessage(channel=CHANNEL, text="done", thread_ts=ts)
    assert not slack.transcript.statuses


async def test_files_arrive_in_the_thread(
    slack: SlackStandIn, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    root = slack.say(demo.APPROVER, CHANNEL, "chart?")
    await client.files_upload_v2(
        channel=CHANNEL, thread_ts=root, content=b"\x89PNG", filename="c.png", title="CPU"
    )
    message = slack.transcript.thread(CHANNEL, root)[-1]
    file = message.body["files"][0]
    assert (file["title"], file["mimetype"]) == ("CPU", "image/png")
    async with http.get(file["url_private"]) as answer:
        assert await answer.read() == b"\x89PNG"


async def test_people_and_groups(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """Guests, leavers, strangers and the plan's limits are told as Slack tells them."""
    flags = {
        demo.GUEST: "is_ultra_restricted",
        demo.DELETED: "deleted",
        demo.STRANGER: "is_stranger",
        demo.BOT_USER: "is_bot",
    }
    for user, flag in flags.items():
        assert (await client.users_info(user=user))["user"][flag] is True
    members = await client.usergroups_users_list(usergroup=demo.APPROVER_GROUP)
    assert demo.APPROVER in members["users"]
    slack.workspace.paid = False
    asked = client.usergroups_users_list(usergroup=demo.APPROVER_GROUP)
    assert (await refusal(asked))["error"] == "plan_upgrade_required"


@pytest.mark.parametrize("kind", ["500", "html", "reset"])
async def test_a_broken_answer_is_no_answer(
    slack: SlackStandIn, http: aiohttp.ClientSession, kind: str
) -> None:
    """The fault hits the named number of calls and does nothing behind the scenes."""
    slack.fault("chat.postMessage", kind)
    post = {"channel": CHANNEL, "text": "x"}
    headers = {"Authorization": f"Bearer {demo.BOT_TOKEN}"}
    try:
        async with http.post("/api/chat.postMessage", headers=headers, json=post) as answer:
            assert answer.status >= 500
    except aiohttp.ClientConnectionError:
        assert kind == "reset"
    assert slack.transcript.messages == []
    async with http.post("/api/chat.postMessage", headers=headers, json=post) as answer:
        assert (await answer.json())["ok"] is True
    assert [each.error for each in slack.transcript.calls] == [f"fault:{kind}", ""]


@pytest.mark.parametrize(("kind", "posts"), [("hang", 0), ("timeout", 1)])
async def test_no_answer_may_hide_a_post(slack: SlackStandIn, kind: str, posts: int) -> None:
    """`hang` does nothing, `timeout` posts and stays silent."""
    hasty = AsyncWebClient(token=demo.BOT_TOKEN, base_url=slack.api_url, timeout=1)
    slack.fault("chat.postMessage", kind)
    with pytest.raises(asyncio.TimeoutError):
        await hasty.chat_postMessage(channel=CHANNEL, text="x")
    assert len(slack.transcript.messages) == posts


async def test_a_named_error_and_a_429(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.fault("*", "error:fatal_error")
    assert (await refusal(client.auth_test()))["error"] == "fatal_error"
    slack.fault("auth.test", "ratelimited", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"


async def test_one_post_a_second_when_limited(
    slack: SlackStandIn, client: AsyncWebClient, clock: Clock
) -> None:
    """After a short burst a channel takes one post a second; another channel is free."""
    slack.limits.enabled = True
    for number in range(4):
        await client.chat_postMessage(channel=CHANNEL, text=str(number))
    blocked = client.chat_postMessage(channel=CHANNEL, text="5")
    assert (await refusal(blocked))["error"] == "ratelimited"
    await client.chat_postMessage(channel=demo.RANDOM_CHANNEL, text="free")
    clock.forward(1)
    await client.chat_postMessage(channel=CHANNEL, text="5")


async def test_a_trigger_opens_one_modal_in_time(
    slack: SlackStandIn, client: AsyncWebClient, clock: Clock
) -> None:
    """A trigger id is good once and for three seconds; a hash guards the update."""
    post = await client.chat_postMessage(channel=CHANNEL, text="card", blocks=CARD)
    view = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": []}

    def trigger() -> str:
        return str(slack.click(demo.APPROVER, CHANNEL, post["ts"], "b").payload["trigger_id"])

    first = trigger()
    opened = await client.views_open(trigger_id=first, view=view)
    again = client.views_open(trigger_id=first, view=view)
    assert (await refusal(again))["error"] == "exchanged_trigger_id"
    late = trigger()
    clock.forward(4)
    assert (await refusal(client.views_open(trigger_id=late, view=view)))["error"] == (
        "expired_trigger_id"
    )
    stale = client.views_update(view_id=opened["view"]["id"], view=view, hash="1.x")
    assert (await refusal(stale))["error"] == "hash_conflict"


async def test_a_home_tab_is_published_and_clicked(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    """The home view is the person's own; a button in it sends the view along."""
    view = {"type": "home", "blocks": CARD}
    published = await client.views_publish(user_id=demo.APPROVER, view=view)
    click = slack.people.click_view(demo.APPROVER, published["view"]["id"], "b")
    assert click.payload["view"]["type"] == "home"
    stale = client.views_publish(user_id=demo.APPROVER, view=view, hash="1.x")
    assert (await refusal(stale))["error"] == "hash_conflict"


async def test_a_click_tells_what_is_chosen_in_the_message(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    """What is ticked comes as selected_options, and as state with every later click."""
    option = {"text": {"type": "plain_text", "text": "one"}, "value": "1"}
    boxes = {"type": "checkboxes", "action_id": "pick", "options": [option]}
    blocks = [{"type": "actions", "block_id": "row", "elements": [boxes, BUTTON]}]
    post = await client.chat_postMessage(channel=CHANNEL, text="card", blocks=blocks)
    chosen = slack.click(demo.APPROVER, CHANNEL, post["ts"], "pick", value="1")
    assert chosen.payload["actions"][0]["selected_options"] == [option]
    later = slack.click(demo.APPROVER, CHANNEL, post["ts"], "b")
    assert later.payload["state"]["values"]["row"]["pick"]["selected_options"] == [option]
