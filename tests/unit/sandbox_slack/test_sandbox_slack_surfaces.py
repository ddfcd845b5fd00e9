"""Shortcuts, permalinks, alt texts and locales, in Slack's shapes."""

from http import HTTPStatus

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import demo
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.workspace import UnknownError
from tests.unit.sandbox_slack.conftest import Connect

CHANNEL = demo.ALERT_CHANNEL


async def test_bolt_takes_both_kinds_of_shortcut(
    slack: SlackStandIn, app: AsyncApp, connect: Connect
) -> None:
    """A message action carries the message and its channel; a global one carries neither."""
    heard = []

    @app.shortcut({"type": "message_action", "callback_id": "investigate"})
    async def on_message(ack: object, shortcut: dict[str, object]) -> None:
        heard.append(shortcut)
        await ack()  # type: ignore[operator]  # bolt hands it over untyped

    @app.shortcut({"type": "shortcut", "callback_id": "cluster_status"})
    async def anywhere(ack: object, shortcut: dict[str, object]) -> None:
        heard.append(shortcut)
        await ack()  # type: ignore[operator]  # as above

    await connect(app)
    ts = slack.say(demo.COLLEAGUE, CHANNEL, "느려요")
    for sent in (
        slack.people.use_shortcut(demo.APPROVER, "investigate", CHANNEL, ts),
        slack.people.use_shortcut(demo.APPROVER, "cluster_status"),
    ):
        await sent.settled.wait()
        assert sent.acknowledged
    first, second = heard
    assert first["message_ts"] == ts
    assert first["channel"] == {"id": CHANNEL, "name": "data-oncall"}
    assert {"trigger_id", "action_ts", "user", "team"} <= set(second)
    assert not {"channel", "message", "response_url"} & set(second)


async def test_a_shortcut_is_used_only_where_it_belongs(slack: SlackStandIn) -> None:
    """One on messages needs a message, a global one takes none, and others do not exist."""
    ts = slack.say(demo.COLLEAGUE, CHANNEL, "x")
    for wrong in (("investigate", "", ""), ("cluster_status", CHANNEL, ts), ("none", "", "")):
        with pytest.raises(UnknownError):
            slack.people.use_shortcut(demo.APPROVER, *wrong)


async def test_a_permalink_leads_to_its_thread(
    slack: SlackStandIn, http: aiohttp.ClientSession
) -> None:
    """Without its dot, as Slack writes it; a reply's link names its thread."""
    root = slack.say(demo.COLLEAGUE, CHANNEL, "x")
    reply = slack.say(demo.APPROVER, CHANNEL, "y", root)
    for path in (
        f"/archives/{CHANNEL}/p{root.replace('.', '')}",
        f"/archives/{CHANNEL}/p{reply.replace('.', '')}?thread_ts={root}&cid={CHANNEL}",
    ):
        async with http.get(path, allow_redirects=False) as answer:
            assert answer.status == HTTPStatus.FOUND
            assert answer.headers["Location"] == f"/#{CHANNEL}/{root}"


async def test_the_alt_text_is_told_with_the_address(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    """Slack takes it there; what is said at the completion is not looked at."""
    await client.files_upload_v2(
        channel=CHANNEL, filename="a.png", content=b"\x89PNG", title="t", alt_txt="what it shows"
    )
    (file,) = slack.transcript.files.values()
    assert (file["alt_txt"], file["title"], file["mimetype"]) == ("what it shows", "t", "image/png")


async def test_a_locale_is_told_when_asked_for(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """users.info leaves it out otherwise."""
    plain = await client.users_info(user=demo.APPROVER)
    told = await client.users_info(user=demo.APPROVER, include_locale=True)
    assert "locale" not in plain["user"]
    assert told["user"]["locale"] == "ko-KR"
