"""The console in a real browser: talk, a kill decided by its number, and who may not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.browser import CHROMIUM, DRIVER, Person, chromium
from tests.e2e.console import PASSWORD, Running, running_console

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not DRIVER, reason="chromedriver is not installed"),
]
BOT = ".message.bot"
ASKED = {
    "ko": (
        "현재 클러스터 가동율 알려줘?",
        "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
        "이 중에서 상위 2개 spark 잡 Kill 해줘?",
        "클러스터 사용율이 떨어졌는지 확인해줘?",
    ),
    "en": (
        "What's the cluster utilization right now?",
        "Pick out the 3 spark jobs that use the most resources",
        "Kill the top 2 of these",
        "Has the cluster utilization gone down?",
    ),
}
REFUSED = {"ko": "입력한 수가", "en": "not the number"}
CARD_UP = {"ko": "종료 카드를 올렸습니다", "en": "Card up for"}
COMPARED = {"ko": "에서", "en": " from "}


class Visitor:
    """Somebody at the console."""

    def __init__(self, person: Person, url: str, language: str) -> None:
        self.person = person
        self._url, self._language = url, language

    def sign_in(self, name: str) -> None:
        self.person.driver.get(f"{self._url}login")
        self.person.see("#name").send_keys(name)
        self.person.see("#password").send_keys(PASSWORD, Keys.ENTER)
        self.person.until(
            lambda: "/login" not in self.person.driver.current_url or None, "the page"
        )
        self.person.driver.get(f"{self._url}{self._language}/")

    def ask(self, text: str, holding: str) -> None:
        """Say something and wait for an answer that holds the words."""
        self.person.see("textarea:enabled").send_keys(text, Keys.ENTER)
        self.person.see(BOT, holding)

    def approve(self, typed: str) -> None:
        box = self.person.see(".count textarea, .count input")
        box.clear()
        box.send_keys(typed)
        self.person.see("button.kill").click()

    def holds(self, words: str) -> bool:
        body = self.person.driver.find_element(By.TAG_NAME, "body").text
        return words in body


async def at_the_console(tmp_path: Path, what: Callable[[Running, Person], None]) -> Running:
    async with running_console(tmp_path) as at:

        def drive() -> None:
            with chromium(tmp_path / "profile") as driver:
                what(at, Person(driver))

        await asyncio.to_thread(drive)
        return at


@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.long)])
async def test_an_incident_at_the_console(language: str, tmp_path: Path) -> None:
    """Status, top three, a card; a wrong number kills nothing, the right one does; it went down."""

    def lived(at: Running, person: Person) -> None:
        visitor = Visitor(person, at.url, language)
        visitor.sign_in("oncall")
        status, listing, kill, compare = ASKED[language]
        visitor.ask(status, "87%")
        visitor.ask(listing, "ml_train_ctr")
        visitor.ask(kill, CARD_UP[language])
        person.see("button.kill")
        visitor.approve("3")
        person.until(lambda: visitor.holds(REFUSED[language]) or None, "the refusal")
        assert at.gateway.world.platform.kill_requests == []
        visitor.approve("2")
        person.until(lambda: (not person.all("button.kill")) or None, "the card decided")
        person.until(lambda: len(at.gateway.world.platform.kill_requests) == 2 or None, "the kills")
        visitor.ask(compare, COMPARED[language])
        kept = person.driver.current_url
        person.driver.get(kept)
        person.until(lambda: visitor.holds(listing) or None, "what was said, after a reload")

    await at_the_console(tmp_path, lived)


async def test_who_may_not_decide_is_told_and_sees_no_button(tmp_path: Path) -> None:
    """Talk alone: the panel says so."""

    def looked(at: Running, person: Person) -> None:
        visitor = Visitor(person, at.url, "en")
        visitor.sign_in("talker")
        person.until(lambda: visitor.holds("may not propose or decide") or None, "why")
        assert person.all("button.kill") == []

    await at_the_console(tmp_path, looked)


async def test_the_door_lets_no_stranger_in(tmp_path: Path) -> None:
    """Without a session nothing is served; other origins, hosts and wrong passwords are refused."""
    async with (
        running_console(tmp_path) as at,
        httpx.AsyncClient(base_url=at.url) as stranger,
    ):
        for path in ("ko/", "en/config", "en/gradio_api/info", "en/gradio_api/file=/etc/passwd"):
            assert (await stranger.get(path)).status_code == 401, path
        form = {"name": "oncall", "password": PASSWORD}
        foreign = await stranger.post("login", data=form, headers={"Origin": "http://evil.test"})
        assert foreign.status_code == 403
        assert (await stranger.get("login", headers={"Host": "evil.test"})).status_code == 400
        for _ in range(10):
            wrong = await stranger.post("login", data={**form, "password": "not this one"})
            assert wrong.status_code == 401
        assert (await stranger.post("login", data=form)).status_code == 429
        assert at.gateway.tokens["oncall"] not in (tmp_path / "console.log").read_text()
