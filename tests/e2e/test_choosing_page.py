"""The whole way from alert to proof with a pointer alone, in a real browser, in both languages."""

from pathlib import Path

import pytest

from tests.e2e.browser import CHROMIUM, DRIVER, OURS, Person, chromium
from tests.e2e.demo import running_demo
from tests.e2e.incident import APPROVE, MODAL, RUNAWAYS, Choosing, Incident

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not DRIVER, reason="chromedriver is not installed"),
]


@pytest.mark.parametrize("language", ["ko", "en"])
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
