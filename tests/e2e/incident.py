"""One incident from alert to proof, as people at the page live it, in either language."""

from collections.abc import Mapping
from dataclasses import dataclass

from selenium.webdriver.remote.webelement import WebElement

from bot.sandbox.slack.demo import APPROVER, COLLEAGUE
from tests.e2e.browser import OURS, Person

APPROVE = "#replies [data-action-id=approve_proposal]"
CHART = "#replies [data-action-id=show_chart]"
RUNAWAYS = ("adhoc_clickstream_join", "etl_orders_merge")


@dataclass(frozen=True, slots=True)
class Words:
    """What people type, and what they look for in the answers."""

    list_jobs: str
    kill: str
    verify: str
    refused: str
    proof: str
    fell: str
    closed: str


WORDS: Mapping[str, Words] = {
    "ko": Words(
        list_jobs="리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
        kill="이 중에서 상위 2개 spark 잡 Kill 해줘?",
        verify="클러스터 사용율이 떨어졌는지 확인해줘?",
        refused="승인 권한이 없습니다",
        proof="종료 전후 클러스터 CPU",
        fell="내려갔습니다",
        closed="알람이 해소되었습니다",
    ),
    "en": Words(
        list_jobs="top 3 spark jobs",
        kill="kill the top 2",
        verify="did the CPU go down?",
        refused="You may not approve",
        proof="Cluster CPU before and after the kill",
        fell="went down",
        closed="The alert is resolved",
    ),
}


class Incident:
    """The steps of the incident; each ends when its answer is on the page."""

    def __init__(self, person: Person, language: str) -> None:
        self.person = person
        self.words = WORDS[language]
        self._language = language

    def arrive(self, address: str) -> None:
        """Open the page as the on-call engineer."""
        self.person.open(f"{address}?lang={self._language}&me={APPROVER}")

    def facts(self) -> WebElement:
        """Open the alert's thread when it has a reply; return the bot's first one."""
        self.person.click("[data-testid=replies]")
        return self.person.see(OURS, RUNAWAYS[0])

    def chart(self) -> WebElement:
        """Ask for the thread's chart, and return it."""
        self.person.click(CHART)
        return self.person.see("#replies figure.image img")

    def jobs(self) -> WebElement:
        """Ask for the heaviest jobs."""
        return self.person.ask(self.words.list_jobs)

    def card(self) -> WebElement:
        """Ask for the kill; return the card that waits for a decision."""
        self.person.ask(self.words.kill)
        self.person.see(APPROVE)
        return self.person.see(OURS, "application_")

    def refusal(self) -> WebElement:
        """Press Approve as the colleague who may not."""
        self.person.become(COLLEAGUE)
        self.person.press(APPROVE, "[data-testid=confirm-dialog]")
        self.person.click("[data-testid=confirm-ok]")
        refused = self.person.see("#replies article.ephemeral", self.words.refused)
        assert self.person.see(APPROVE), "the card must stay open"
        self.person.become(APPROVER)
        return refused

    def dialog(self) -> WebElement:
        """Press Approve as the on-call engineer; return the dialog that asks once more."""
        return self.person.press(APPROVE, "[data-testid=confirm-dialog]")

    def proof(self) -> WebElement:
        """Confirm, and wait for the figures before and after."""
        self.person.click("[data-testid=confirm-ok]")
        return self.person.see(OURS, self.words.proof)

    def verdict(self) -> WebElement:
        """Ask whether it helped."""
        return self.person.ask(self.words.verify)

    def closing(self) -> WebElement:
        """Wait until the resolved alert closes the investigation."""
        return self.person.see(OURS, self.words.closed)


CHOOSE = f"{OURS} [data-action-id=choose_applications]"
MODAL = "dialog[data-testid=modal]"


class Choosing:
    """The same incident with a pointer alone: nothing is typed."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def window(self) -> WebElement:
        """Press the button under the bot's last post that has one; return the window."""
        return self.person.press(CHOOSE, MODAL)

    def tick(self, name: str) -> None:
        """Tick the application of this name."""
        self.person.click(f"{MODAL} .ticks label", name)

    def submit(self) -> None:
        """Send the window."""
        self.person.click("[data-testid=modal-submit]")

    def card(self) -> WebElement:
        """Wait for the card that waits for a decision."""
        self.person.see(APPROVE)
        assert self.person.all(MODAL) == [], "the window closes by itself"
        return self.person.see(OURS, "application_")


class Home:
    """The app's home tab, reached from the sidebar."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def open(self) -> WebElement:
        """Open the tab and wait for what the bot publishes; return it."""
        self.person.click("[data-channel=D0MINJI01]")
        self.person.click("[data-testid=tab-home]")
        self.person.see("[data-testid=home] h3")
        return self.person.see("[data-testid=home]")

    def leave(self) -> None:
        """Go back to the alert's thread."""
        self.person.click("[data-channel=C0ONCALL1]")
        self.person.click("[data-testid=replies]")
        self.person.see(APPROVE)
