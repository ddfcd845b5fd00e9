"""The console as a process of its own, in front of a product that serves its API."""

import asyncio
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bot.console.door import add_member
from tests.e2e.browser import Person
from tests.flow.gateway import Gateway, gateway

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
CARD_UP = {"ko": "종료 카드를 올렸습니다", "en": "Card up for"}
COMPARED = {"ko": "에서", "en": " from "}
PASSWORD = "a long enough one"
MEMBERS = ("oncall", "talker")  # names of callers of the gateway


@dataclass
class Running:
    """The gateway, the console in front of it, and the console's address."""

    gateway: Gateway
    folder: Path
    url: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    async def start(self) -> None:
        """Start the console; once more where it was before."""
        port = self.url.rstrip("/").rpartition(":")[2] or "0"
        command = [sys.executable, "-m", "bot", "console"]
        settings = {
            **os.environ,  # noqa: TID251 - handed on, not read
            "API_PORT": self.gateway.url.rpartition(":")[2],
            "CONSOLE_USERS_FILE": str(self.folder / "console-users"),
            "CONSOLE_PORT": port,
        }
        with (self.folder / "console.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                command, stdout=subprocess.PIPE, stderr=log, env=settings
            )
        self.process = process
        assert process.stdout is not None
        told = (await asyncio.to_thread(process.stdout.readline)).decode()
        assert told.startswith("console: "), (self.folder / "console.log").read_text()
        self.url = told.removeprefix("console: ").strip()
        await asyncio.to_thread(_answers, self.url, process)

    async def kill(self) -> None:
        """End the console without a word."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.kill()
        await asyncio.to_thread(self.process.wait)
        self.process.stdout.close()


@asynccontextmanager
async def running_console(
    folder: Path, *, slack: bool = False, **settings: Any
) -> AsyncIterator[Running]:
    """Start the product with its API, and the console in front of it."""
    async with gateway(folder, slack=slack, **settings) as at:
        members = folder / "console-users"
        for name in MEMBERS:
            add_member(members, name, PASSWORD, at.tokens[name])
        running = Running(at, folder)
        try:
            await running.start()
            yield running
        finally:
            await running.kill()


def _answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            continue
    raise AssertionError(f"the console ended with {process.returncode}")


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
