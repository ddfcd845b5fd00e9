"""Troubles of a real YARN, each played and asked about: what the bot must say, and never may."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from bot.sandbox.slack.transcript import Message
from tests.flow.world import payload_of, state_of, words_of
from tests.lab.expectations import expect, until
from tests.lab.hadoop import HOSTS, SICK_WORDS
from tests.lab.incident import IDLE, KILLED_S, SCRIPTS, Lab
from tests.lab.talk import Talk
from tests.lab.yarn import Yarn

WITHOUT_RIGHTS = "erin"  # owns nothing, administers nothing
REFUSED_S = 60.0


@dataclass(frozen=True, slots=True)
class Words:
    """What is asked, what the right answer says (`*_told`), and what none may say (`no_*`)."""

    nodes: str
    no_all_respond: re.Pattern[str]
    running: str
    no_nothing_runs: re.Pattern[str]
    takeover_told: re.Pattern[str]
    kill: str
    hidden_told: re.Pattern[str]
    refused_told: re.Pattern[str]


WORDS: Mapping[str, Words] = {
    "ko": Words(
        "죽은 노드 있어?",
        re.compile(r"모두 응답|모든 노드가"),
        "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
        re.compile(r"잡이 없습니다|아무것도 .*없|실행 중인 .*없"),
        re.compile(r"ResourceManager가 방금"),
        "{name} 종료해줘",
        re.compile(r"YARN이 1개 잡의 수치를 숨깁니다"),
        re.compile(r"거부"),
    ),
    "en": Words(
        "is any node down?",
        re.compile(r"(?i)all \d+ nodes respond|every node responds"),
        "show me the top 3 spark jobs",
        re.compile(
            r"(?i)no (spark )?(jobs|applications) (are running|match)|nothing (is running|runs)"
        ),
        re.compile(r"ResourceManager has just taken over"),
        "kill {name}",
        re.compile(r"YARN hides the figures of 1 job"),
        re.compile(r"refused"),
    ),
}
# startedTime 0 read as a time, and an allocation of 0 read as a figure.
_SINCE_1970 = re.compile(r"20[,.]?\d{3} ?(일|d\b|days)")
_NO_CORES = re.compile(r"(?<![\d.])0 ?(코어|cores)|(?<![\d.])0 ?GiB")


class Scene:
    """The troubles in one language; each raises LabError when the bot does not tell it rightly."""

    def __init__(self, lab: Lab, yarn: Yarn, language: str, idle: str) -> None:
        self._lab = lab
        self._yarn = yarn
        self._words = WORDS[language]
        self._idle = idle
        self._ended = 0

    async def unhealthy_node(self) -> None:
        """Make a node's health check fail, ask, and let it pass again."""
        node = await self._free_node()
        begun = self._lab.watch.now()
        await self._yarn.sicken(self._lab.client, node)
        self._lab.watch.note(f"{HOSTS[node]} is UNHEALTHY", begun)
        said = words_of(await self._ask(self._words.nodes))
        _expect_not("all nodes respond with one UNHEALTHY", self._words.no_all_respond, said)
        expect("the unhealthy node named", HOSTS[node] in said, said)
        expect("the reason of its health check", SICK_WORDS in said, said)
        await self._yarn.heal(self._lab.client, node)

    async def retired_node(self) -> None:
        """Decommission a node, ask, and take it back: the others are all there is meanwhile."""
        node = await self._free_node()
        begun = self._lab.watch.now()
        await self._yarn.retire(self._lab.client, node)
        begun = self._lab.watch.note(f"{HOSTS[node]} is DECOMMISSIONED", begun)
        said = words_of(await self._ask(self._words.nodes))
        others = str(len(HOSTS) - 1)
        expect(
            "only members counted",
            re.search(rf"(?<!\d){others} ?(대|nodes)", said) is not None,
            said,
        )
        every = re.compile(rf"(?<!\d){len(HOSTS)} ?(대|nodes)")
        _expect_not("a decommissioned node counted as one that responds", every, said)
        begun = self._lab.watch.now()
        await self._yarn.take_back(self._lab.client, node)
        self._lab.watch.note(f"{HOSTS[node]} is back", begun)

    async def taken_over(self) -> None:
        """Kill the active ResourceManager and ask at once: for 10 s or more it is not whole."""
        begun = self._lab.watch.now()
        self._ended = await self._yarn.take_over(self._lab.client)
        self._lab.watch.note("active ResourceManager killed → the other is active", begun)
        for question in (self._words.running, self._words.nodes):
            said = words_of(await self._ask(question))
            expect("a question before all is back", not await self._yarn.whole(self._lab.client))
            _expect_not("that nothing runs after a takeover", self._words.no_nothing_runs, said)
            _expect_not("that all nodes respond after it", self._words.no_all_respond, said)
            told = self._words.takeover_told.search(said) is not None
            expect("that a ResourceManager has just taken over", told, said)

    async def whole_again(self) -> None:
        """Start the killed ResourceManager as the standby; see the list as it was."""
        begun = self._lab.watch.now()
        await self._yarn.start_manager(self._ended)
        await self._yarn.wait_whole(self._lab.client)
        self._lab.watch.note("every node and application back", begun)
        answer = await self._ask(self._words.running)
        shown = payload_of(answer)["applications"]
        expect("the list as it was", shown == [self._idle], f"{shown} {words_of(answer)}")

    async def without_rights(self) -> None:
        """Ask for the list, whose figures are hidden, and for a kill, which is refused."""
        said = words_of(await self._ask(self._words.running))
        for what, absurd in (("a start in 1970", _SINCE_1970), ("figures of 0", _NO_CORES)):
            _expect_not(f"{what} told for a hidden application", absurd, said)
        told = self._words.hidden_told.search(said) is not None
        expect("that YARN hides figures", told, said)
        talk = Talk(self._lab.slack, self._lab.watch)
        card = await talk.card(self._words.kill.format(name=IDLE.name), [self._idle])
        for what, absurd in (("a start in 1970", _SINCE_1970), ("figures of 0", _NO_CORES)):
            _expect_not(f"{what} on the card of a hidden application", absurd, words_of(card))
        expect("a dash for what is hidden", "–" in words_of(card), words_of(card))
        pressed = talk.approve(card)

        def over(_: object) -> Message | None:
            return card if state_of(card) == "done" else None

        await talk.wait("the card of the refused kill over", over, REFUSED_S)
        self._lab.watch.note("approved → refusal on the card", pressed)
        told = self._words.refused_told.search(words_of(card)) is not None
        expect("the refusal told", told, words_of(card))
        expect("the application alive", await self._yarn.left(self._lab.client) == [self._idle])

    async def _ask(self, text: str) -> Message:
        return await Talk(self._lab.slack, self._lab.watch).ask(text)

    async def _free_node(self) -> int:
        """Return a node without a container: one that fails takes its containers with it."""

        async def free() -> list[int]:
            rows = await self._yarn.nodes(self._lab.client)
            counts = {each["nodeHostName"]: each["numContainers"] for each in rows}
            return [number for number, host in enumerate(HOSTS) if counts[host] == 0]

        return (await until("a node without containers", free, 30.0))[-1]


async def through_spnego(lab: Lab, yarn: Yarn, client: httpx.AsyncClient, language: str) -> None:
    """Submit an application, list it, kill it: all that the bot asks is signed in."""
    words, load = WORDS[language], SCRIPTS[language].heavy
    begun = lab.watch.now()
    await yarn.submit(load)
    wanted = [(await yarn.running(client, load.name))[load.name]]
    lab.watch.note("submitted → runs", begun)
    talk = Talk(lab.slack, lab.watch)
    listed = await talk.ask(words.running)
    shown = payload_of(listed)["applications"]
    expect("the list through SPNEGO", shown == wanted, f"{shown} {words_of(listed)}")
    card = await talk.card(words.kill.format(name=load.name), wanted)
    expect("nothing killed before the press", not await yarn.killed(client, *wanted))
    pressed = talk.approve(card)
    await until("KILLED in YARN", lambda: yarn.killed(client, *wanted), 60.0)
    lab.watch.note("approved → KILLED, through SPNEGO", pressed, KILLED_S)


def _expect_not(what: str, pattern: re.Pattern[str], said: str) -> None:
    found = pattern.search(said)
    expect(f"not: {what}", found is None, said)
