"""slack_bolt's AsyncApp and Socket Mode handler work against the stand-in as against Slack."""

import asyncio
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import demo
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.transcript import Envelope, Transcript

from .conftest import Connect

CARD = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "approve",
                "text": {"type": "plain_text", "text": "승인"},
                "value": "p-1",
            }
        ],
    }
]


def collect(app: AsyncApp, kind: str) -> "asyncio.Queue[dict[str, Any]]":
    got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    @app.event(kind)
    async def keep(body: dict[str, Any]) -> None:
        got.put_nowait(body)

    return got


def settled(kind: str) -> Any:
    def predicate(record: Transcript) -> Envelope | None:
        return next(
            (each for each in record.envelopes if each.kind == kind and each.settled.is_set()), None
        )

    return predicate


async def test_a_mention_arrives_twice_with_one_ts(
    slack: SlackStandIn, app: AsyncApp, connect: Connect
) -> None:
    """A mention is a message and an app_mention with the same ts and different event ids."""
    messages, mentions = collect(app, "message"), collect(app, "app_mention")
    await connect(app)
    ts = slack.say(demo.APPROVER, "#data-oncall", "@당직 현재 클러스터 가동율 알려줘?")
    message, mention = await messages.get(), await mentions.get()
    assert message["event"]["ts"] == mention["event"]["ts"] == ts
    assert message["event"]["text"] == f"<@{demo.BOT_USER}> 현재 클러스터 가동율 알려줘?"
    assert message["event_id"] != mention["event_id"]


async def test_a_webhook_alert_is_a_bot_message_with_empty_text(
    slack: SlackStandIn, app: AsyncApp, connect: Connect, http: aiohttp.ClientSession
) -> None:
    """What Alertmanager posts reaches the app as another bot's attachments."""
    messages = collect(app, "message")
    await connect(app)
    payload = {"channel": "#x", "attachments": [{"title": "[FIRING:1] HighCPU", "text": ""}]}
    async with http.post(slack.webhook_url("data-oncall"), json=payload) as answer:
        assert await answer.text() == "ok"
    event = (await messages.get())["event"]
    assert event["subtype"] == "bot_message"
    assert event["text"] == ""
    assert "user" not in event
    assert event["attachments"][0]["title"] == "[FIRING:1] HighCPU"


async def test_a_click_is_answered_on_the_card(
    slack: SlackStandIn, app: AsyncApp, connect: Connect, client: AsyncWebClient
) -> None:
    """block_actions carries who, where and the value; chat.update leaves an edit history."""

    @app.action("approve")
    async def approve(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        done = f"{body['user']['id']} {body['actions'][0]['value']}"
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text=done, blocks=[]
        )

    await connect(app)
    post = await client.chat_postMessage(channel=demo.ALERT_CHANNEL, text="card", blocks=CARD)
    slack.click(demo.APPROVER, demo.ALERT_CHANNEL, post["ts"], "approve")
    message = await slack.wait_for(
        lambda record: next((each for each in record.messages if each.history), None)
    )
    assert message.body["text"] == f"{demo.APPROVER} p-1"
    assert message.history[0]["text"] == "card"
    assert not message.warnings


async def test_an_unanswered_event_is_retried(
    slack: SlackStandIn, app: AsyncApp, connect: Connect
) -> None:
    """Without an ack the same event id comes back with a retry number."""
    seen: list[tuple[str, Any]] = []

    @app.middleware
    async def refuse_first(req: Any, next: Any) -> None:  # noqa: A002  # bolt passes it by name
        seen.append((req.body["event_id"], req.headers.get("x-slack-retry-num")))
        if len(seen) > 1:
            await next()

    collect(app, "message")
    await connect(app)
    slack.say(demo.APPROVER, demo.RANDOM_CHANNEL, "hi")
    envelope = await slack.wait_for(settled("events_api"))
    assert envelope.acknowledged
    assert len(envelope.attempts) == len(seen) == 2
    assert seen[0][0] == seen[1][0]
    assert envelope.attempts[0].ack_after_s is None
    assert envelope.attempts[1].ack_after_s is not None


async def test_retries_run_while_no_socket_is_open(
    slack: SlackStandIn, app: AsyncApp, connect: Connect
) -> None:
    """An event said into the void reaches the app that connects later."""
    messages = collect(app, "message")
    slack.say(demo.APPROVER, demo.RANDOM_CHANNEL, "anybody?")
    await connect(app)
    envelope = await slack.wait_for(settled("events_api"))
    assert (await messages.get())["event"]["text"] == "anybody?"
    assert envelope.attempts[0].connection == 0


async def test_a_click_nobody_acknowledges_is_marked(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    """Interactive payloads are not retried; the message shows a warning."""
    post = await client.chat_postMessage(channel=demo.ALERT_CHANNEL, text="card", blocks=CARD)
    slack.click(demo.APPROVER, demo.ALERT_CHANNEL, post["ts"], "approve")
    envelope = await slack.wait_for(settled("interactive"))
    assert len(envelope.attempts) == 1
    message = slack.transcript.find(demo.ALERT_CHANNEL, post["ts"])
    assert message.warnings == [{"action_id": "approve", "user": demo.APPROVER}]


async def test_the_handler_reconnects_after_a_disconnect(
    slack: SlackStandIn, app: AsyncApp, connect: Connect
) -> None:
    """A disconnect frame leads to a new socket that gets the next event."""
    messages = collect(app, "message")
    await connect(app)
    first = slack.sockets.connections[0].number
    await slack.disconnect("refresh_requested")
    await slack.wait_for(lambda _: any(c.number > first for c in slack.sockets.connections))
    slack.say(demo.APPROVER, demo.RANDOM_CHANNEL, "still there?")
    assert (await messages.get())["event"]["text"] == "still there?"
