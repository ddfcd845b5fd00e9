"""The console in a real browser: talk, a kill decided by its number, and who may not."""

import asyncio
import importlib.util
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from bot.domain.language import Language
from bot.sandbox.platform.faults import Kind
from bot.sandbox.platform.stand_in import PROMETHEUS, YARN
from bot.texts.console import UNREACHABLE
from tests.e2e.browser import CHROMIUM, DRIVER, PATIENCE, Person, chromium
from tests.e2e.console import (
    ASKED,
    BOT,
    CARD_UP,
    COMPARED,
    PASSWORD,
    Running,
    Visitor,
    running_console,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not DRIVER, reason="chromedriver is not installed"),
]
STAYS = {"ko": "되돌릴 수 없습니다", "en": "cannot be taken back"}
REFUSED = {"ko": "입력한 수가", "en": "not the number"}


AXE = importlib.util.find_spec("axe_core_python")
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def barriers(person: Person) -> list[str]:
    """Return what axe-core finds on the page against WCAG 2.1 A and AA, as `rule: element`."""
    assert AXE is not None
    assert AXE.origin is not None
    person.driver.execute_script(Path(AXE.origin).with_name("axe.min.js").read_text("utf-8"))
    script = "axe.run(document, arguments[0]).then(arguments[1])"
    found = person.driver.execute_async_script(script, WCAG)
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


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


@pytest.mark.skipif(AXE is None, reason="axe-core-python is not installed")
async def test_axe_finds_no_barrier_and_who_may_not_decide_no_button(tmp_path: Path) -> None:
    """At the door, and with a table, a card and the cluster beside it; who may only talk is told so."""

    def looked(at: Running, person: Person) -> None:
        person.driver.get(f"{at.url}login")
        person.see("#name")
        assert barriers(person) == []
        visitor = Visitor(person, at.url, "en")
        visitor.sign_in("oncall")
        _, listing, kill, _ = ASKED["en"]
        visitor.ask(listing, "ml_train_ctr")
        visitor.ask(kill, CARD_UP["en"])
        person.see("button.kill")
        person.see(".bar")
        assert barriers(person) == []
        for page, words in (("audit", "Asked for a kill"), ("digest", "CPU")):
            person.driver.get(f"{at.url}en/{page}")
            person.see("main", words)
            assert barriers(person) == []
        person.driver.delete_all_cookies()
        visitor.sign_in("talker")
        person.until(lambda: visitor.holds("may not propose or decide") or None, "why")
        assert person.all("button.kill") == []
        assert barriers(person) == []

    await at_the_console(tmp_path, looked)


@pytest.mark.long
@pytest.mark.parametrize("language", ["ko", "en"])
async def test_what_was_said_is_taken_back(language: str, tmp_path: Path) -> None:
    """With its answer; not once a card was made upon it. The thread can be taken away."""

    def lived(at: Running, person: Person) -> None:
        visitor = Visitor(person, at.url, language)
        visitor.sign_in("oncall")
        status, listing, kill, _ = ASKED[language]
        visitor.ask(listing, "ml_train_ctr")
        visitor.ask(status, "87%")
        person.click("button[aria-label=Undo], button[title=Undo]")
        person.until(lambda: len(person.all(BOT)) == 1 or None, "the answer gone")
        box = person.see("textarea:enabled")
        assert box.get_attribute("value") == status
        box.clear()
        visitor.ask(kill, CARD_UP[language])
        person.click("button[aria-label=Undo], button[title=Undo]")
        person.see(BOT, STAYS[language])

    await at_the_console(tmp_path, lived)


@pytest.mark.long
@pytest.mark.parametrize("language", ["ko", "en"])
async def test_nothing_is_lost_whatever_ends(language: str, tmp_path: Path) -> None:
    """The API in mid-turn, the page in mid-turn, the console; then the page is opened twice."""
    async with running_console(tmp_path) as at:
        loop = asyncio.get_running_loop()
        platform = at.gateway.world.platform

        def do(work: Coroutine[Any, Any, object]) -> None:
            asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)

        def lived(person: Person) -> None:
            for system in (YARN, PROMETHEUS):
                do(platform.fault(system, Kind.HANG))
            visitor = Visitor(person, at.url, language)
            visitor.sign_in("oncall")
            _, listing, kill, _ = ASKED[language]
            person.see("textarea:enabled").send_keys(listing, Keys.ENTER)
            person.see(".message.user", listing)
            do(at.gateway.stop())
            person.see(BOT, UNREACHABLE(Language(language)))
            box = person.see("textarea:enabled")
            person.until(lambda: box.get_attribute("value") == listing, "the words, kept")
            do(at.gateway.start())
            place = person.driver.current_url
            box.send_keys(Keys.ENTER)
            person.until(lambda: box.get_attribute("value") == "", "the words, said again")
            person.driver.refresh()
            do(platform.clear_faults())
            person.until(lambda: _answers(person) == 1, "the answer to a page that went away")
            visitor.ask(listing, "ml_train_ctr")
            visitor.ask(kill, CARD_UP[language])
            do(at.kill())
            do(at.start())
            visitor.sign_in("oncall")
            for tab in range(2):
                if tab:
                    person.driver.switch_to.new_window("tab")
                person.driver.get(place)
                person.see(BOT, CARD_UP[language])
                person.see("button.kill")
            visitor.approve("2")
            person.driver.switch_to.window(person.driver.window_handles[0])
            person.see(".card.done")
            assert person.all("button.kill") == []

        with chromium(tmp_path / "profile") as driver:
            await asyncio.to_thread(lived, Person(driver))
        assert len(platform.kill_requests) == 2


def _answers(person: Person) -> int:
    """Load the page anew and return how many answers it shows."""
    person.driver.refresh()
    person.see("textarea:enabled")
    return len(person.all(BOT))


async def test_a_thread_is_taken_away_and_the_trail_read(tmp_path: Path) -> None:
    """By whoever may; what the token may not see is refused in words."""
    async with running_console(tmp_path) as at, httpx.AsyncClient(base_url=at.url) as visitor:
        form = {"name": "oncall", "password": PASSWORD}
        assert (await visitor.post("login", data=form)).status_code == 303
        async with at.gateway.caller("oncall") as oncall:
            await oncall.post("/v1/threads/t/messages", json={"text": ASKED["en"][1]})
            card = (
                await oncall.post("/v1/threads/t/messages", json={"text": "kill the top 2"})
            ).json()
        kept = await visitor.get("en/threads/t.md")
        assert kept.headers["content-disposition"] == 'attachment; filename="dangjik-t.md"'
        assert card["proposal"]["digest"] in kept.text
        trail = (await visitor.get("ko/audit")).text
        assert "종료를 요청하는 카드를 보임" in trail
        assert card["proposal"]["targets"][0]["name"] in trail
        assert (await visitor.get("en/threads/..%2Fx.md")).status_code in {404, 422}
        assert (await visitor.get("en/digest")).status_code == 200


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
