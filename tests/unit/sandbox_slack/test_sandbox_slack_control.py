"""Tests steer the stand-in in process and over HTTP; foreign pages may not."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.sandbox.slack import demo
from bot.sandbox.slack.server import SlackStandIn
from bot.sandbox.slack.typed import wire_text
from bot.sandbox.slack.workspace import UnknownError

from .conftest import Connect

CHANNEL = demo.ALERT_CHANNEL


def payloads(slack: SlackStandIn) -> list[dict[str, Any]]:
    return [each.payload["event"] for each in slack.transcript.envelopes if each.event_id]


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        ("CPU > 80% & <b>", "CPU &gt; 80% &amp; &lt;b&gt;"),
        ("<!channel> <!here>", "&lt;!channel&gt; &lt;!here&gt;"),
        ("@당직아 도와줘", f"<@{demo.BOT_USER}>아 도와줘"),
        ("@Dangjik help", f"<@{demo.BOT_USER}> help"),
        ("me@dangjik.example", "me@dangjik.example"),
        (f"<@{demo.COLLEAGUE}> hi", f"<@{demo.COLLEAGUE}> hi"),
        ("<@U404> hi", "&lt;@U404&gt; hi"),
        ("https://x.example/?a=1&b=2", "<https://x.example/?a=1&amp;b=2>"),
    ],
)
def test_typed_text_becomes_wire_text(typed: str, wire: str) -> None:
    """Only known mentions and links become entities; the rest is escaped as Slack escapes."""
    assert wire_text(typed, demo.demo_workspace()) == wire


async def test_the_same_seed_and_clock_give_the_same_ids() -> None:
    async def events() -> list[dict[str, Any]]:
        slack = SlackStandIn(
            demo.demo_workspace(), lambda: datetime(2026, 11, 22, tzinfo=UTC), seed=3
        )
        await slack.start()
        slack.say(demo.APPROVER, CHANNEL, "@당직 hi")
        sent = [each.payload for each in slack.transcript.envelopes]
        await slack.stop()
        return sent

    assert await events() == await events()


async def test_a_direct_message_is_no_mention(slack: SlackStandIn) -> None:
    slack.say(demo.APPROVER, "D0MINJI01", "@당직 hi")
    events = payloads(slack)
    assert [(each["type"], each["channel_type"]) for each in events] == [("message", "im")]


async def test_an_edit_by_another_bot_is_message_changed(slack: SlackStandIn) -> None:
    """A firing alert edited to resolved carries both versions; an unfurl no edited mark."""
    ts = slack.post_as_bot(CHANNEL, {"attachments": [{"title": "[FIRING]"}]}, demo.ALERT_APP_BOT)
    slack.edit(CHANNEL, ts, {"attachments": [{"title": "[RESOLVED]"}]})
    slack.people.unfurl(CHANNEL, ts, [{"title": "preview"}])
    posted, edited, unfurled = payloads(slack)
    assert "subtype" not in posted
    assert posted["app_id"] == "A0ALERTAPP"
    assert edited["subtype"] == "message_changed"
    assert edited["hidden"] is True
    assert edited["message"]["attachments"][0]["title"] == "[RESOLVED]"
    assert edited["previous_message"]["attachments"][0]["title"] == "[FIRING]"
    assert unfurled["message"]["edited"] == edited["message"]["edited"]
    slack.delete(CHANNEL, ts)
    assert payloads(slack)[-1]["deleted_ts"] == ts


async def test_the_home_is_announced(slack: SlackStandIn) -> None:
    slack.people.open_home(demo.GUEST)
    (opened,) = payloads(slack)
    assert (opened["type"], opened["tab"], opened["channel"]) == (
        "app_home_opened",
        "home",
        "D0SEOYEON",
    )


async def test_nobody_speaks_where_they_are_not(slack: SlackStandIn) -> None:
    with pytest.raises(UnknownError):
        slack.say(demo.GUEST, demo.RANDOM_CHANNEL, "hi")


async def test_an_event_can_be_delivered_again(
    slack: SlackStandIn, app: AsyncApp, connect: Connect
) -> None:
    """A redelivery repeats envelope id and event id."""
    got: asyncio.Queue[str] = asyncio.Queue()

    @app.event("message")
    async def keep(body: dict[str, Any]) -> None:
        got.put_nowait(body["event_id"])

    await connect(app)
    slack.say(demo.APPROVER, CHANNEL, "hi")
    event_id = await got.get()
    envelope = slack.redeliver(event_id)
    assert await got.get() == event_id
    assert len({each.envelope_id for each in envelope.attempts}) == 1


async def test_a_ticket_opens_one_socket(slack: SlackStandIn, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {demo.APP_TOKEN}"}
    async with http.post("/api/apps.connections.open", headers=headers) as answer:
        url = (await answer.json())["url"]
    async with http.ws_connect(url) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(url)


async def test_the_eleventh_socket_is_turned_away(
    slack: SlackStandIn, http: aiohttp.ClientSession
) -> None:
    def url() -> str:
        base = slack.page_url.replace("http", "ws")
        return f"{base}link/?ticket={slack.sockets.ticket()}"

    sockets = [await http.ws_connect(url()) for _ in range(10)]
    for socket in sockets:
        await socket.receive_json()
    async with http.ws_connect(url()) as eleventh:
        assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
    for socket in sockets:
        await socket.close()


@pytest.mark.parametrize("cut", ["close", "abort", "half_open"])
async def test_a_cut_socket_is_replaced(
    slack: SlackStandIn, app: AsyncApp, connect: Connect, cut: Any
) -> None:
    """Close frame, lost TCP and half-open connections all end in a new socket."""
    await connect(app)
    first = slack.sockets.connections[0].number
    await slack.disconnect(cut=cut)
    await slack.wait_for(
        lambda _: any(each.number > first for each in slack.sockets.connections), 20
    )


async def test_the_page_acts_over_http(slack: SlackStandIn, http: aiohttp.ClientSession) -> None:
    """A wrong argument is a 400; a person or an action that does not exist a 404."""

    async def act(action: str, **arguments: Any) -> Any:
        async with http.post(f"/control/{action}", json=arguments) as answer:
            return (await answer.json()).get("result", answer.status)

    ts = await act("say", user=demo.APPROVER, channel="data-oncall", text="hi")
    assert slack.transcript.find(CHANNEL, ts).body["text"] == "hi"
    assert await act("say", user="U404", channel=CHANNEL, text="x") == 404
    assert await act("say", nonsense=1) == 400
    assert await act("dance") == 404
    async with http.get("/control/connections") as answer:
        assert await answer.json() == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}], ids=["page", "dns"]
)
async def test_another_sites_page_is_refused(
    slack: SlackStandIn, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    body = {"user": demo.APPROVER, "channel": CHANNEL, "text": "x"}
    async with http.post("/control/say", json=body, headers=headers) as answer:
        assert answer.status == 403
    assert slack.transcript.messages == []


async def test_the_page_is_one_file_that_may_load_nothing_else(
    slack: SlackStandIn, http: aiohttp.ClientSession
) -> None:
    async with http.get("/") as answer:
        html = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert 'src="http' not in html
    assert "innerHTML" not in html
