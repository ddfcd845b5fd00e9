"""`python -m tests.e2e.console_screenshots [ko] [en]`: live an incident at the console, with pictures.

The documents' pictures go to `docs/images`; the same dark and on a phone to `build/screenshots`.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.e2e.browser import Person, chromium
from tests.e2e.console import ASKED, BOT, CARD_UP, COMPARED, Running, Visitor, running_console
from tests.e2e.screenshots import IMAGES, LOOKS, WIDE, Camera

_WHOLE = "return document.documentElement.scrollHeight"


def _live(at: Running, language: str, folder: Path) -> None:
    with chromium(folder / "profile", WIDE) as driver:
        person, camera = Person(driver), Camera(driver, language)
        visitor = Visitor(person, at.url, language)
        visitor.sign_in("oncall")
        status, listing, kill, compare = ASKED[language]
        visitor.ask(status, "87%")
        visitor.ask(listing, "ml_train_ctr")
        visitor.ask(kill, CARD_UP[language])
        person.see("button.kill")
        person.see(".bar")
        camera.keep("console-card")
        camera.looks("console-card")
        visitor.approve("2")
        person.until(lambda: not person.all("button.kill") or None, "the card decided")
        person.see(".card.done", "→")
        before = len(person.all(BOT))
        visitor.ask(compare, COMPARED[language])
        person.until(lambda: len(person.all(BOT)) > before or None, "the answer")
        driver.refresh()
        person.see("nav a[aria-current]")
        person.see(".bar")
        person.see(BOT, COMPARED[language])
        camera.keep("console")
        camera.looks("console")
        for page in ("audit", "digest"):
            driver.get(f"{at.url}{language}/{page}")
            person.see("main h1")
            camera.keep(f"console-{page}", IMAGES if page == "audit" else LOOKS)
            camera.looks(f"console-{page}")


async def take(language: str) -> None:
    """Live the incident in one language and take its pictures."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_console(Path(folder), slack=True) as at:
            text = {"ko": "CPU 사용률 97% prod-dw", "en": "CPU usage 97% prod-dw"}[language]
            await at.gateway.world.alert(text)
            await asyncio.to_thread(_live, at, language, Path(folder))


if __name__ == "__main__":
    for each in sys.argv[1:] or ["ko", "en"]:
        asyncio.run(take(each))
