"""The page in a real browser: people read, type, confirm and switch persona."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import demo
from bot.sandbox.slack.server import SlackStandIn

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium and chromedriver here"),
]
CHANNEL = demo.ALERT_CHANNEL
T = TypeVar("T")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
)


class Browser:
    """A headless Chromium, driven outside the event loop the stand-in runs in."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    async def run(self, act: Callable[[webdriver.Chrome], T]) -> T:
        return await asyncio.to_thread(act, self._driver)

    async def open(self, url: str) -> None:
        await self.run(lambda driver: driver.get(url))
        await self.see("body[data-ready]")

    async def see(self, selector: str) -> WebElement:
        """Wait until the element is shown."""

        def shown(driver: webdriver.Chrome) -> WebElement | bool:
            found = driver.find_elements(By.CSS_SELECTOR, selector)
            return found[-1] if found and found[-1].is_displayed() else False

        def wait(driver: webdriver.Chrome) -> WebElement:
            element = WebDriverWait(driver, 10).until(shown)
            assert isinstance(element, WebElement)
            return element

        return await self.run(wait)

    async def click(self, selector: str) -> None:
        element = await self.see(selector)
        await asyncio.to_thread(element.click)

    async def type(self, selector: str, *keys: str) -> None:
        element = await self.see(selector)
        await asyncio.to_thread(element.send_keys, *keys)

    async def count(self, selector: str) -> int:
        return await self.run(lambda driver: len(driver.find_elements(By.CSS_SELECTOR, selector)))

    async def problems(self) -> list[str]:
        logs = await self.run(
            lambda driver: driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium leaves it so
        )
        return [str(each["message"]) for each in logs]


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = await asyncio.to_thread(webdriver.Chrome, options, Service(str(DRIVER)))
    yield Browser(driver)
    await asyncio.to_thread(driver.quit)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value), "value": value}


CONFIRM = {
    "title": plain("종료할까요?"),
    "text": plain("되돌릴 수 없습니다."),
    "confirm": plain("종료"),
    "deny": plain("취소"),
}
BUTTON = {"type": "button", "text": plain("승인"), "action_id": "approve", "value": "p1"}
CELL = {"type": "raw_text", "text": "<b>x</b>"}
SECTION = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}
EVERY_BLOCK: list[list[dict[str, Any]]] = [
    [
        {"type": "header", "text": plain("h")},
        {"type": "divider"},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*b* `c`"}, "accessory": BUTTON},
        {"type": "section", "fields": [plain("<img src=x onerror=alert(1)>")]},
        {"type": "context", "elements": [plain("c")]},
        {"type": "table", "rows": [[CELL], [{"type": "rich_text", "elements": [SECTION]}]]},
        {
            "type": "actions",
            "elements": [
                {**BUTTON, "action_id": "b2", "style": "danger", "confirm": CONFIRM},
                {"type": "checkboxes", "action_id": "c", "options": [option("1")]},
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                SECTION,
                {"type": "rich_text_list", "style": "bullet", "elements": [SECTION]},
                {"type": "rich_text_quote", "elements": SECTION["elements"]},
                {"type": "rich_text_preformatted", "elements": SECTION["elements"]},
            ],
        },
    ],
    [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "far"}],
]


async def test_every_block_is_drawn_and_data_stays_text(
    slack: SlackStandIn, client: AsyncWebClient, browser: Browser
) -> None:
    """Nothing of what the API accepts is unrendered; what it would refuse is a red box."""
    for blocks in EVERY_BLOCK:
        await client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)
    slack.post_as_bot(CHANNEL, {"attachments": [{"title": "<script>", "color": "danger"}]})
    await browser.open(slack.page_url)
    await browser.see(".attachment")
    assert await browser.count("[data-testid=unrendered]") == 0
    assert await browser.count(".message img, .message script, td b") == 0
    assert await browser.problems() == []
    slack.post_as_bot(CHANNEL, {"blocks": [{"type": "hologram"}]})
    box = await browser.see("[data-testid=unrendered]")
    assert "hologram" in await asyncio.to_thread(lambda: box.text)


async def test_an_incident_by_hand(
    slack: SlackStandIn, client: AsyncWebClient, browser: Browser
) -> None:
    """Thread, composer, live reply, confirm dialog with Escape and OK, all without a mouse trick."""
    await browser.open(slack.page_url)
    root = slack.post_as_bot(CHANNEL, {"attachments": [{"title": "[FIRING:1] HighCPU"}]})
    card = {"type": "actions", "elements": [{**BUTTON, "confirm": CONFIRM}]}
    await client.chat_postMessage(channel=CHANNEL, thread_ts=root, text="card", blocks=[card])
    await browser.click(f"[data-ts='{root}'] [data-testid=replies]")
    await browser.type("[data-testid=composer-thread]", "@당직 상위", Keys.SHIFT, Keys.ENTER)
    await browser.type("[data-testid=composer-thread]", Keys.NULL, "2개", Keys.ENTER)
    said = await slack.wait_for(
        lambda record: next(
            (each for each in record.messages if "client_msg_id" in each.body), None
        )
    )
    assert said.body["text"] == f"<@{demo.BOT_USER}> 상위\n2개"
    assert said.root == root
    await browser.see(f"#replies [data-ts='{said.ts}'] .mention")
    await browser.click("#replies [data-action-id=approve]")
    await browser.see("[data-testid=confirm-dialog]")
    await browser.type("[data-testid=confirm-deny]", Keys.ESCAPE)
    await browser.click("#replies [data-action-id=approve]")
    await browser.click("[data-testid=confirm-ok]")
    envelope = await slack.wait_for(
        lambda record: next((each for each in record.envelopes if each.kind == "interactive"), None)
    )
    assert envelope.payload["user"]["id"] == demo.APPROVER
    assert envelope.payload["actions"][0]["value"] == "p1"
    await browser.see("[data-testid=unacked]")
    assert len([each for each in slack.transcript.envelopes if each.kind == "interactive"]) == 1
    await browser.type("[data-testid=composer-thread]", Keys.ESCAPE)
    assert await browser.count("#thread:not([hidden])") == 0


async def test_a_persona_sees_only_their_own(
    slack: SlackStandIn, client: AsyncWebClient, browser: Browser
) -> None:
    """An ephemeral and a private channel are shown to their people only, in both languages."""
    await client.chat_postEphemeral(channel=CHANNEL, user=demo.APPROVER, text="psst")
    await browser.open(f"{slack.page_url}?lang=en")
    note = await browser.see(".only-you")
    assert "Only visible to you" in await asyncio.to_thread(lambda: note.text)
    assert await browser.count("[data-channel=C0PRIVATE]") == 1
    await browser.click(f"[data-testid=persona] option[value={demo.GUEST}]")
    await browser.see("[data-channel=D0SEOYEON]")
    assert await browser.count(".only-you") == 0
    assert await browser.count("[data-channel=C0PRIVATE]") == 0


async def test_boxes_of_a_modal_are_ticked_required_and_corrected(
    slack: SlackStandIn, client: AsyncWebClient, browser: Browser
) -> None:
    """A box's label ticks that box alone; what is required is asked for before the app hears."""
    await browser.open(slack.page_url)
    card = {"type": "actions", "elements": [BUTTON]}
    post = await client.chat_postMessage(channel=CHANNEL, text="card", blocks=[card])
    click = slack.click(demo.APPROVER, CHANNEL, post["ts"], "approve")
    boxes = {"type": "checkboxes", "action_id": "a", "options": [option("1"), option("2")]}
    blocks = [{"type": "input", "block_id": "b", "label": plain("고르기"), "element": boxes}]
    view = {"type": "modal", "title": plain("고르기"), "submit": plain("제안"), "blocks": blocks}
    await client.views_open(trigger_id=click.payload["trigger_id"], view=view)
    await browser.click("[data-testid=modal-submit]")
    await browser.see("[data-testid=modal-error]")
    submitted = [
        each for each in slack.transcript.envelopes if each.payload.get("type") == "view_submission"
    ]
    assert submitted == []
    await browser.click("[data-testid=modal] .ticks label:nth-of-type(2)")
    await browser.click("[data-testid=modal-submit]")
    sent = await slack.wait_for(
        lambda record: next(
            (each for each in record.envelopes if each.payload.get("type") == "view_submission"),
            None,
        )
    )
    state = sent.payload["view"]["state"]["values"]["b"]["a"]
    assert [each["value"] for each in state["selected_options"]] == ["2"]
