"""A whole incident in a real browser against the real demo process, in Korean and in English."""

import re
from pathlib import Path

import pytest
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.browser import CHROMIUM, DRIVER, OURS, Person, chromium
from tests.e2e.demo import START_LIMIT, running_demo
from tests.e2e.incident import APPROVE, RUNAWAYS, Incident

APPLICATION = re.compile(r"application_\d+_\d+")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not DRIVER, reason="chromedriver is not installed"),
]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_incident_from_alert_to_proof(language: str, tmp_path: Path) -> None:
    """Alert, list, card, a refused click, approval, proof, check, close; nothing else dies."""
    with (
        running_demo(tmp_path / "demo.log", language) as demo,
        chromium(tmp_path / "profile") as driver,
    ):
        person = Person(driver)
        incident = Incident(person, language)
        incident.arrive(demo.address)
        seconds = demo.started_s
        print(f"start to usable page: {seconds:.1f} s")  # noqa: T201 - a figure people ask for
        assert seconds <= START_LIMIT

        named(incident.facts())
        named(incident.jobs())
        assert len(set(APPLICATION.findall(named(incident.card())))) == len(RUNAWAYS)
        incident.refusal()
        named(incident.dialog())
        before, after = percentages(incident.proof().text)
        assert after < before - 20, "killing two runaways frees a fifth of the cluster and more"
        assert person.all(APPROVE) == [], "a decided card has no buttons"
        assert incident.words.fell in incident.verdict().text
        named(incident.closing())
        assert person.see(OURS, "✅")
        assert person.problems() == []


def named(element: WebElement) -> str:
    """Return the text, which names both runaways."""
    text = element.text
    assert all(name in text for name in RUNAWAYS), text
    return text


def percentages(text: str) -> tuple[int, int]:
    """Return the first two percentages of a text."""
    before, after = re.findall(r"(\d+)%", text)[:2]
    return int(before), int(after)
