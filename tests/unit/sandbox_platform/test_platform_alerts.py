"""The alert on cluster CPU: when a message is due, what it looks like, how it is delivered."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.local import Listener
from bot.sandbox.platform import AlertLoop, PlatformStandIn
from bot.sandbox.platform.alert_loop import AlertState, Notice, message, step
from bot.sandbox.platform.scenario import AlertRule

from .conftest import MovableClock

RULE = AlertRule(threshold=90, for_s=10, repeat_interval_s=60)


class Webhook:
    """A Slack incoming webhook that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        app = web.Application()
        app.router.add_post("/services/T/B/x", self._receive)
        self.listener = Listener(app)

    async def _receive(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, text="ok")

    @property
    def titles(self) -> list[str]:
        return [body["attachments"][0]["title"] for body in self.bodies]


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    hook = Webhook()
    await hook.listener.start()
    yield hook
    await hook.listener.stop()


def play(values: dict[float, float]) -> list[tuple[float, str, float]]:
    state = AlertState()
    seen: list[tuple[float, str, float]] = []
    for now, cpu in values.items():
        state, notice = step(state, RULE, now, cpu)
        if notice:
            seen.append((now, notice.status, notice.value))
    return seen


def test_it_fires_after_the_whole_period_above_the_threshold() -> None:
    """A dip starts the period anew."""
    assert play({0: 95, 5: 80, 6: 96, 15: 97, 16: 98}) == [(16, "firing", 98)]


def test_it_repeats_after_the_interval_and_not_before() -> None:
    seen = play({0: 95, 10: 95, 40: 95, 69: 95, 70: 99})
    assert seen == [(10, "firing", 95), (70, "firing", 99)]


def test_a_resolved_message_carries_the_last_value_that_was_too_high() -> None:
    seen = play({0: 95, 10: 95, 12: 97.5, 13: 40, 14: 40})
    assert seen == [(10, "firing", 95), (13, "resolved", 97.5)]


def test_the_message_has_no_text_and_one_attachment() -> None:
    body = message(Notice("firing", 97.66), "prod-dw", "#data-oncall")
    assert set(body) == {"channel", "username", "attachments"}
    (attachment,) = body["attachments"]
    assert attachment["title"] == "[FIRING:1] ClusterHighCPU (critical)"
    assert "*Cluster CPU is 97.7%*" in attachment["text"]
    assert attachment["color"] == "danger"


async def test_an_incident_is_posted_and_its_end_too(
    platform: PlatformStandIn, clock: MovableClock, http: aiohttp.ClientSession, webhook: Webhook
) -> None:
    url = f"{webhook.listener.url}/services/T/B/x"
    platform.start_incident()
    for _ in range(40):
        clock.forward(1)
        await platform.alerts.tick(http, url)
    assert platform.alerts.state.firing
    for name in ("adhoc_clickstream_join", "etl_orders_merge"):
        row = platform.model.named(name, platform.now())
        platform.model.kill(row.id, "dangjik", platform.now())
    for seconds in (3, 12):
        clock.forward(seconds)
        await platform.alerts.tick(http, url)
    assert webhook.titles == [
        "[FIRING:1] ClusterHighCPU (critical)",
        "[RESOLVED] ClusterHighCPU (critical)",
    ]
    assert platform.alerts.state == AlertState()


@pytest.mark.parametrize(("status", "posts"), [(500, 2), (404, 1)])
async def test_a_post_is_tried_again_after_5xx_only(
    http: aiohttp.ClientSession, webhook: Webhook, status: int, posts: int
) -> None:
    times = iter([0.0, 10.0, 11.0])
    loop = AlertLoop(RULE, "prod-dw", lambda _at: 95.0, lambda: next(times))
    webhook.statuses = [status]
    for _ in range(3):
        await loop.tick(http, f"{webhook.listener.url}/services/T/B/x")
    assert len(webhook.bodies) == posts


async def test_a_webhook_that_is_gone_does_not_end_the_loop(http: aiohttp.ClientSession) -> None:
    times = iter([0.0, 10.0])
    loop = AlertLoop(RULE, "prod-dw", lambda _at: 95.0, lambda: next(times))
    for _ in range(2):
        await loop.tick(http, "http://127.0.0.1:1/services/T/B/x")
    assert loop.state.firing


def test_a_resolved_message_waits_until_the_figure_has_stayed_down() -> None:
    """`keep_firing_s` holds the alert through a dip, and ends it once."""
    rule = replace(RULE, keep_firing_s=12)
    state = AlertState(above_since=0.0, firing=True, notified_at=10.0, value=96.0)
    state, notice = step(state, rule, 20.0, 50.0)
    assert (notice, state.firing) == (None, True)
    state, notice = step(state, rule, 25.0, 95.0)
    state, notice = step(state, rule, 30.0, 50.0)
    assert (notice, state.firing) == (None, True)
    state, notice = step(state, rule, 42.0, 50.0)
    assert notice == Notice("resolved", 95.0)
    assert state == AlertState()
