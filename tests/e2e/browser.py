"""A person at the sandbox page: a headless Chromium that reads, types, clicks and waits."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
T = TypeVar("T")
OURS = "#replies article[data-author=B0DANGJIK]"
PATIENCE = 60.0  # seconds: the machine may be busy, the demo's cluster takes its time
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@dataclass(frozen=True, slots=True)
class Look:
    """How the window looks; sizes in CSS pixels."""

    width: int = 1400
    height: int = 900
    dark: bool = False


@contextmanager
def chromium(profile: Path, look: Look | None = None) -> Iterator[webdriver.Chrome]:
    """Start a headless Chromium that keeps its profile in the folder and nothing elsewhere."""
    look = look or Look()
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    size = f"--window-size={look.width},{look.height}"
    for argument in (*_ARGUMENTS, size, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(str(DRIVER)))
    try:
        resize(driver, look)
        yield driver
    finally:
        driver.quit()


def resize(driver: webdriver.Chrome, look: Look) -> None:
    """Give the page exactly this viewport and colour scheme; a narrow one counts as a phone."""
    viewport = {
        "width": look.width,
        "height": look.height,
        "deviceScaleFactor": 2 if look.width < 600 else 1,
        "mobile": look.width < 600,
    }
    features = [
        {"name": "prefers-color-scheme", "value": "dark" if look.dark else "light"},
        {"name": "prefers-reduced-motion", "value": "reduce"},  # nothing is caught half-way
    ]
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", viewport)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


MOVED = [StaleElementReferenceException, ElementClickInterceptedException]
"""What a press meets when the page changes under it."""


class Person:
    """What one person does at the page. Every wait is for something to be seen."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self._wait = WebDriverWait(driver, PATIENCE, 0.05, ignored_exceptions=MOVED)

    def open(self, address: str) -> None:
        """Open the page and wait until it can be used."""
        self.driver.get(address)
        self.see("body[data-ready]")

    def all(self, selector: str) -> list[WebElement]:
        """Return what is there now."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def see(self, selector: str, holding: str = "") -> WebElement:
        """Wait for the last such element that holds the words and is shown."""

        def shown() -> WebElement | None:
            for element in reversed(self.all(selector)):
                if element.is_displayed() and holding in element.text:
                    return element
            return None

        return self.until(shown, f"{selector} holding {holding!r}")

    def until(self, found: Callable[[], T | None], what: str) -> T:
        """Wait until something is found; on timeout say what was awaited."""
        result: T = self._wait.until(lambda _: found() or False, what)
        return result

    def click(self, selector: str, holding: str = "") -> None:
        self.see(selector, holding).click()

    def press(self, selector: str, opens: str) -> WebElement:
        """Press a button until what it opens is seen; a post arriving just then may move it."""

        def opened() -> WebElement | None:
            shown = [each for each in self.all(opens) if each.is_displayed()]
            if not shown:
                self.see(selector).click()
                return None
            return shown[-1]

        return self.until(opened, f"{opens} after pressing {selector}")

    def become(self, user: str) -> None:
        """Switch persona."""
        self.click(f"[data-testid=persona] option[value={user}]")
        self.see(f"[data-testid=persona] option[value={user}]:checked")

    def ask(self, text: str) -> WebElement:
        """Type into the thread and wait for the bot's next post there."""
        before = len(self._worded())
        box = self.see("[data-testid=composer-thread]")
        box.send_keys(text, Keys.ENTER)
        return self.until(lambda: next(iter(self._worded()[before:]), None), "an answer in words")

    def _worded(self) -> list[WebElement]:
        """Return the bot's posts but for pictures, which somebody asked for."""
        return [each for each in self.all(OURS) if not each.find_elements(By.TAG_NAME, "figure")]

    def problems(self) -> list[str]:
        """Return what went wrong on the page: red boxes, late answers, console messages."""
        boxes = [each.text for each in self.all("[data-testid=unrendered], [data-testid=unacked]")]
        logs = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium leaves it so
        return boxes + [str(each["message"]) for each in logs]
