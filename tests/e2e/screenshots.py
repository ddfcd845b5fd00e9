"""`python -m tests.e2e.screenshots [ko] [en]`: live an incident and keep the pictures of it.

The documents' pictures go to `docs/images`; each surface in the dark and on a phone as well, for
looking at, to `build/screenshots`.
"""

import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from selenium import webdriver

from tests.e2e.browser import Look, Person, chromium, resize
from tests.e2e.demo import running_demo
from tests.e2e.incident import MODAL, RUNAWAYS, Choosing, Home, Incident

ROOT = Path(__file__).parents[2]
IMAGES, LOOKS = ROOT / "docs" / "images", ROOT / "build" / "screenshots"
WIDE, DARK = Look(1400, 900), Look(1400, 900, dark=True)
PHONE, PHONE_DARK = Look(390, 844), Look(390, 844, dark=True)
MARGIN = 24  # pixels of room under the last message

# The whole thread beside its channel, nothing cut off.
_THREAD_HEIGHT = """
  const list = document.getElementById("replies");
  return document.documentElement.clientHeight - list.clientHeight + list.scrollHeight;
"""
_HOME_HEIGHT = """
  const list = document.querySelector("[data-testid=home]");
  return document.documentElement.clientHeight - list.clientHeight + list.scrollHeight;
"""
_TO_PICTURE = "document.querySelector('#replies figure.image').scrollIntoView({block: 'center'})"


@dataclass(frozen=True, slots=True)
class Camera:
    """Keeps pictures of one run, in one language."""

    driver: webdriver.Chrome
    language: str

    def keep(self, name: str, folder: Path = IMAGES) -> None:
        """Write the picture, pointer and focus out of the way."""
        self.driver.execute_script(
            "if (!document.querySelector('dialog')) document.activeElement.blur()"
        )
        away = {"type": "mouseMoved", "x": 1, "y": 1}
        self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", away)
        picture = Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB")
        folder.mkdir(parents=True, exist_ok=True)
        picture.save(folder / f"{name}-{self.language}.png", optimize=True)

    def looks(self, name: str, ready: Callable[[], object] = lambda: None) -> None:
        """Keep the same thing dark, on a phone, and on a phone in the dark; then go back."""
        for look, suffix in ((DARK, "dark"), (PHONE, "phone"), (PHONE_DARK, "phone-dark")):
            resize(self.driver, look)
            ready()
            self.keep(f"{name}-{suffix}", LOOKS)
        resize(self.driver, WIDE)

    def whole(self, name: str, script: str, folder: Path = IMAGES) -> None:
        """Keep what a list holds, the window made as high as that."""
        height = int(self.driver.execute_script(script))
        resize(self.driver, Look(WIDE.width, height + MARGIN))
        self.keep(name, folder)
        resize(self.driver, WIDE)


def take(language: str) -> None:
    """Live the incident in one language and take its pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder) / "demo.log", language) as demo,
        chromium(Path(folder) / "profile", WIDE) as driver,
    ):
        person, camera = Person(driver), Camera(driver, language)
        incident = Incident(person, language)
        incident.arrive(demo.address)
        incident.facts()
        _chart(incident, camera)
        _window(person, camera)
        incident.jobs()
        incident.card()
        _home(person, camera)
        incident.dialog()
        camera.keep("card")
        camera.looks("card")
        incident.proof()
        incident.verdict()
        incident.closing()
        camera.whole("incident", _THREAD_HEIGHT, LOOKS)
        camera.looks("incident")


def _chart(incident: Incident, camera: Camera) -> None:
    person = incident.person
    incident.chart()
    camera.whole("answer", _THREAD_HEIGHT)
    show = lambda: person.driver.execute_script(_TO_PICTURE)  # noqa: E731 - said once, used twice
    camera.looks("chart", show)


def _window(person: Person, camera: Camera) -> None:
    choosing = Choosing(person)
    choosing.window()
    for name in RUNAWAYS:
        choosing.tick(name)
    camera.keep("choose")
    camera.looks("choose")
    person.click("[data-testid=modal-close]")
    person.until(lambda: not person.all(MODAL), "the window closed")


def _home(person: Person, camera: Camera) -> None:
    home = Home(person)
    home.open()
    camera.whole("home", _HOME_HEIGHT)
    camera.looks("home")
    home.leave()


if __name__ == "__main__":
    for each in sys.argv[1:] or ["ko", "en"]:
        take(each)
