"""`python -m tests.e2e.screenshots [ko] [en]`: live an incident and keep the pictures of it."""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium import webdriver

from bot.sandbox.slack.demo import APPROVER
from tests.e2e.browser import Look, Person, chromium, resize
from tests.e2e.demo import running_demo
from tests.e2e.incident import Incident

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WIDE = Look(1400, 900)
PHONE = Look(390, 844)
MARGIN = 24  # pixels of room under the last message

# The whole thread beside its channel, nothing cut off.
_THREAD_HEIGHT = """
  const list = document.getElementById("replies");
  return document.documentElement.clientHeight - list.clientHeight + list.scrollHeight;
"""


def take(language: str) -> None:
    """Live the incident in one language and take its pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder) / "demo.log", language) as demo,
        chromium(Path(folder) / "profile", WIDE) as driver,
    ):
        person = Person(driver)
        incident = Incident(person, language)
        incident.arrive(demo.address)
        incident.facts()
        incident.jobs()
        incident.card()
        incident.dialog()
        keep(driver, f"card-{language}")
        incident.proof()
        incident.verdict()
        incident.closing()
        tall(driver)
        keep(driver, f"incident-{language}")
        if language == "ko":
            resize(driver, Look(1400, 1000, dark=True))
            keep(driver, "dark")
            phone(person, demo.address)


def phone(person: Person, address: str) -> None:
    """Open the thread as on a phone."""
    resize(person.driver, PHONE)
    person.open(f"{address}?lang=ko&me={APPROVER}")
    person.click("[data-testid=replies]")
    person.see("#replies article")
    keep(person.driver, "phone")


def tall(driver: webdriver.Chrome) -> None:
    """Make the window as high as the thread, pointer and focus out of the way."""
    driver.execute_script("document.activeElement.blur()")
    height = int(driver.execute_script(_THREAD_HEIGHT))
    resize(driver, Look(WIDE.width, height + MARGIN))


def keep(driver: webdriver.Chrome, name: str) -> None:
    """Write the picture, the pointer out of the way."""
    driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": 1, "y": 1})
    picture = Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture.save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    for each in sys.argv[1:] or ["ko", "en"]:
        take(each)
