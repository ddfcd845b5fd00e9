"""The whole way from alert to proof with a pointer alone, in a real browser, in both languages."""

import json
import urllib.request
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from bot.sandbox.slack.demo import APPROVER
from tests.e2e.browser import CHROMIUM, DRIVER, OURS, Person, chromium
from tests.e2e.demo import running_demo
from tests.e2e.incident import APPROVE, MODAL, RUNAWAYS, Choosing, Home, Incident

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not DRIVER, reason="chromedriver is not installed"),
]


@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.long)])
def test_an_incident_without_typing_a_word(language: str, tmp_path: Path) -> None:
    """Alert, window, two ticks, card, approval, proof; nothing is typed anywhere."""
    with (
        running_demo(tmp_path / "demo.log", language) as demo,
        chromium(tmp_path / "profile") as driver,
    ):
        person = Person(driver)
        incident, choosing = Incident(person, language), Choosing(person)
        incident.arrive(demo.address)
        incident.facts()
        hour = incident.chart().get_attribute("alt") or ""
        assert "90%" in hour, "the picture tells the alert's threshold to whoever cannot see it"

        window = choosing.window()
        assert all(name in window.text for name in RUNAWAYS)
        choosing.submit()
        assert person.see("[data-testid=modal-error]"), "an empty choice stays in the window"
        for name in RUNAWAYS:
            choosing.tick(name)
        ticked = [each for each in person.all(f"{MODAL} input") if each.is_selected()]
        assert len(ticked) == len(RUNAWAYS)
        choosing.submit()

        card = choosing.card().text
        assert all(name in card for name in RUNAWAYS), card
        incident.dialog()
        proof = incident.proof().text
        assert "→" in proof
        assert person.all(APPROVE) == [], "a decided card has no buttons"
        typed = [each.get_attribute("value") for each in person.all("textarea")]
        assert typed == [""] * len(typed)
        said = person.all("article:not([data-author=B0DANGJIK])")
        assert not any(each.get_attribute("data-author") == "U0ONCALL1" for each in said)
        assert person.see(OURS)
        assert person.problems() == []


@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.long)])
def test_the_home_tab_and_the_shortcuts(language: str, tmp_path: Path) -> None:
    """The tab in the person's own language, the cluster in a window, an answer under any message."""
    with (
        running_demo(tmp_path / "demo.log", language) as demo,
        chromium(tmp_path / "profile") as driver,
    ):
        person = Person(driver)
        person.until(lambda: _connections(demo.address), "the bot's sockets")
        person.open(f"{demo.address}?lang={language}&me={APPROVER}")
        assert "prod-dw" in Home(person).open().text

        person.click("[data-channel=C0ONCALL1]")
        person.click("#channel .composer [data-shortcut=cluster_status]")
        assert "%" in person.see(MODAL, "%").text
        person.click("[data-testid=modal-close]")

        person.click("[data-channel=C0RANDOM1]")
        person.see("[data-testid=composer-channel]").send_keys("느려요", Keys.ENTER)
        message = person.see("#messages article", "느려요")
        ActionChains(driver).move_to_element(message).perform()
        person.click("#messages [data-shortcut=investigate]")
        person.click("[data-testid=replies]")
        assert "CPU" in person.see(OURS, "prod-dw").text
        assert person.problems() == []


def _connections(address: str) -> list[int]:
    """Return the sockets the bot has open; the page is there before the bot."""
    with urllib.request.urlopen(f"{address}control/connections", timeout=5) as answer:
        numbers: list[int] = json.load(answer)
    return numbers
