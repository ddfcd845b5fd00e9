"""`python -m tests.openai.real_server URL`: the whole bot on a real OpenAI-compatible server.

Two incidents, one in Korean and one in English: the five questions of the product's brief, a kill
with approval, and questions only a model may try to read. The server's model may talk nonsense:
every turn must end in an answer, nobody but the listed ones may be aimed at, and nothing posted
of the model's words may hold a figure, id or name it was not given. Outside of CI.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.agents.model.limits import ModelTimeouts
from bot.agents.model.sentence import sentences
from bot.sandbox.slack.demo import ALERT_CHANNEL, APPROVER
from bot.sandbox.slack.transcript import Message
from tests.flow.test_incident import begin, first_reply, incident, said_by_alertmanager
from tests.flow.world import FAST, World, event_of, payload_of, words_of, world
from tests.openai.facts_said import invented
from tests.openai.relay import Exchange, Relay

BUILD = Path("build")
SLACK_SECONDS = 20.0  # beside the model's own time
TALKS = {
    "ko": (
        "현재 클러스터 가동율 알려줘?",
        "리소스를 많이 사용하는 spark 잡 3개 추출해줘?",
        "클러스터 가동율이 높을때 어떻게 해야되?",
        "이 중에서 상위 2개 spark 잡 Kill 해줘?",
        "클러스터 사용율이 떨어졌는지 확인해줘?",
        "왜 이렇게 높아?",
        "음 그거 있잖아 어제 그거",
    ),
    "en": (
        "how busy is the cluster right now?",
        "show me the top 3 spark jobs",
        "what should I do when utilization is high?",
        "kill the top 2",
        "did the CPU go down?",
        "why is it so high?",
        "hmm, you know, that thing from before",
    ),
}


@dataclass
class Turn:
    """One question and what came of it."""

    question: str
    seconds: float
    intent: str
    prose: tuple[str, ...]
    invented: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    llm: bool


@dataclass
class Talk:
    """One incident: its turns, and what was killed that nobody had chosen."""

    language: str
    turns: list[Turn] = field(default_factory=list)
    wrong_targets: int = 0
    killed: int = 0


def main(arguments: Sequence[str]) -> int:
    """Run both incidents, print the table, write `build/real_server.json`; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.openai.real_server")
    parser.add_argument("url", help="the server's base URL, with its /v1")
    parser.add_argument("--model", default="default", help="the model's name on that server")
    parser.add_argument("--key", default="no-key", help="its API key, where it wants one")
    parser.add_argument("--seconds", type=float, default=10.0, help="the longest call")
    chosen = parser.parse_args(arguments)
    talks = asyncio.run(_talks(chosen))
    BUILD.mkdir(exist_ok=True)
    told = json.dumps([_told(talk) for talk in talks], ensure_ascii=False, indent=1)
    (BUILD / "real_server.json").write_text(told + "\n", encoding="utf-8")
    figures = _figures(talks)
    Console().print(_table(figures))
    bars = ("turns_without_answer", "invented", "wrong_targets")
    return 1 if any(figures[name] for name in bars) or figures["killed"] != 2 * len(TALKS) else 0


async def _talks(chosen: argparse.Namespace) -> list[Talk]:
    tempo = ModelTimeouts(chosen.seconds, 2 * chosen.seconds, rest=1.0)
    pace = replace(
        FAST, model=tempo, edge=replace(FAST.edge, turn_limit=tempo.turn + SLACK_SECONDS)
    )
    limit = tempo.turn + SLACK_SECONDS
    found = []
    for language in TALKS:
        async with Relay(chosen.url) as relay:
            with tempfile.TemporaryDirectory() as folder:
                settings: dict[str, Any] = {
                    "openai_api_key": chosen.key,
                    "openai_base_url": relay.url,
                    "openai_model": chosen.model,
                    "embeddings": "local",
                }
                whole = world(Path(folder), incident(), documents=True, **settings)
                async with whole as at, at.product(pace):
                    found.append(await _talk(at, relay, language, limit))
    return found


async def _talk(at: World, relay: Relay, language: str, limit: float) -> Talk:
    talk, questions = Talk(language), TALKS[language]
    begin(at)
    thread = said_by_alertmanager(at, "firing")
    await first_reply(at, thread)
    listed: tuple[str, ...] = ()
    for question in questions:
        seen, begun = len(relay.exchanges), time.monotonic()
        try:
            answer = await _whole(at, await at.ask(question, thread, within=limit), limit)
        except TimeoutError:
            talk.turns.append(Turn(question, limit, "", (), (), (), llm=False))
            continue
        took = time.monotonic() - begun
        talk.turns.append(_turn(question, took, answer, relay.exchanges[seen:]))
        shown = tuple(payload_of(answer)["applications"])
        if payload_of(answer)["intent"] == "list":
            listed = shown
        if question == questions[3]:
            await _kill(at, talk, answer, listed[:2])
    return talk


async def _whole(at: World, answer: Message, within: float) -> Message:
    """Return an answer once it is no draft any more."""
    return await at.slack.wait_for(
        lambda _: None if payload_of(answer).get("draft") else answer, within
    )


def _turn(question: str, took: float, answer: Message, exchanges: list[Exchange]) -> Turn:
    payload, shown = payload_of(answer), words_of(answer)
    said = [one for each in exchanges for one in sentences(each.said) if one in shown]
    read = "\n".join([question, *(each.read for each in exchanges)])
    return Turn(
        question,
        took,
        str(payload["intent"]),
        tuple(dict.fromkeys(said)) if payload["llm"] else (),
        tuple(found for one in said if payload["llm"] for found in invented(one, read)),
        tuple(exchanges),
        llm=bool(payload["llm"]),
    )


async def _kill(at: World, talk: Talk, answer: Message, chosen: tuple[str, ...]) -> None:
    """Take the card, or the button that stands for what was said, and approve it."""
    if payload_of(answer)["intent"] == "clarify":
        at.slack.click(APPROVER, ALERT_CHANNEL, answer.ts, "propose_kill")
        card = await at.post(lambda each: event_of(each) == "kill_proposal")
    else:
        card = await at.card(answer)
    talk.wrong_targets += set(payload_of(card)["applications"]) != set(chosen)
    at.slack.click(APPROVER, ALERT_CHANNEL, card.ts, "approve_proposal")
    await at.card_state(card, "done")
    killed = [each.application_id for each in at.platform.kill_requests]
    talk.killed = len(killed)
    talk.wrong_targets += sum(each not in chosen for each in killed)


def _figures(talks: Sequence[Talk]) -> dict[str, float]:
    turns = [turn for talk in talks for turn in talk.turns]
    exchanges = [each for turn in turns for each in turn.exchanges]
    worked = Counter(each.asked.format for each in exchanges if each.status == 200 and each.said)
    refused = Counter(each.asked.format for each in exchanges if each.status != 200)
    return {
        "turns": len(turns),
        "turns_without_answer": sum(not turn.intent for turn in turns),
        "killed": sum(talk.killed for talk in talks),
        "wrong_targets": sum(talk.wrong_targets for talk in talks),
        "invented": sum(len(turn.invented) for turn in turns),
        "sentences_posted": sum(len(turn.prose) for turn in turns),
        "calls": len(exchanges),
        "calls_not_answered_in_time": sum(each.status == 0 or not each.said for each in exchanges),
        **{f"answered_{form}": count for form, count in worked.items()},
        **{f"refused_{form}": count for form, count in refused.items() if form},
        "prompt_tokens": sum(each.prompt_tokens for each in exchanges),
        "seconds_turn_max": max(turn.seconds for turn in turns),
    }


def _table(figures: dict[str, float]) -> Table:
    bars = {"turns_without_answer": "0", "wrong_targets": "0", "invented": "0", "killed": "4"}
    shown = Table("what", "result", "bar", title="A real server")
    for name, value in figures.items():
        shown.add_row(name, f"{value:,.4g}", bars.get(name, ""))
    return shown


def _told(talk: Talk) -> dict[str, object]:
    turns = [
        {
            "question": turn.question,
            "intent": turn.intent,
            "seconds": round(turn.seconds, 1),
            "posted": turn.prose,
            "invented": turn.invented,
            "calls": [
                {
                    "asked_for": each.asked.format,
                    "status": each.status,
                    "seconds": round(each.seconds, 1),
                    "said": each.said[:2_000],
                }
                for each in turn.exchanges
            ],
        }
        for turn in talk.turns
    ]
    return {"language": talk.language, "wrong_targets": talk.wrong_targets, "turns": turns}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
