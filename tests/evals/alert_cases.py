"""Plays cases of alert posts and talk (`data/alerts`) against the whole product, in lockstep.

Each case has a channel of its own, and its posts carry the times the case says. A step of every
case is posted, the product settles, and what it posted in each channel is judged.
"""

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.slack.demo import APPROVER, BOT_USER, COLLEAGUE, TEAM
from bot.sandbox.slack.transcript import Message
from bot.sandbox.slack.workspace import Channel, User
from bot.settings import DATABASE_FILE
from tests.flow.world import World, event_of, ours, payload_of

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "data" / "alerts"
KILLS = ("propose_kill", "choose_applications", "approve_proposal")
IDS = {"U0BOT": BOT_USER, "U0ONCALL": APPROVER, "T01": TEAM}
FOREIGN = re.compile(
    r"not (?:this|a node of|from this|of this|our)|것이 아닙니다|노드가 아닙니다|다른 클러스터"
)
CALM = 3  # looks in a row that find nothing to do
WAITING = (
    "select (select count(*) from inbox where state not in ('done', 'failed'))"
    " + (select count(*) from outbox where open = 1)"
)
WORDS = re.compile(r"[가-힣]")


@dataclass
class Played:
    """A case under way: the ts of its steps, and our posts after each."""

    case: Json
    channel: str
    begun: float
    ts: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Json] = field(default_factory=dict)
    posts: dict[str, list[Message]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def threads(self, names: Iterable[str]) -> set[str]:
        """Return the threads of these steps."""
        found = set()
        for name in names:
            body = self.bodies.get(name, {})
            found.add(str(body.get("thread_ts") or self.ts.get(name, "")))
        return found


def load(folder: Path = FOLDER) -> list[Json]:
    """Return all cases of a folder."""
    paths = sorted(folder.glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


async def play(world: World, cases: list[Json]) -> dict[str, list[str]]:
    """Play cases side by side in a running product; return what is wrong, by case."""
    last = max(step["at"] for case in cases for step in case["steps"])
    begun = time.time() - last - 60
    running = [
        Played(case, _channel(world, number), begun + number / 1000)
        for number, case in enumerate(cases)
    ]
    settled = _settling(world)
    for index in range(max(len(each.case["steps"]) for each in running)):
        for each in running:
            if index < len(each.case["steps"]):
                _step(world, each, each.case["steps"][index])
        await settled()
        for each in running:
            if index < len(each.case["steps"]):
                _collect(world, each, each.case["steps"][index]["name"])
        world.slack.faults.clear()
    return {each.case["name"]: list(_wrong(each)) for each in running}


def channels(count: int) -> list[str]:
    """Return the ids of the channels that so many cases are played in."""
    return [f"C0CASE{number:03d}" for number in range(count)]


def _channel(world: World, number: int) -> str:
    id_ = f"C0CASE{number:03d}"
    people = {APPROVER, COLLEAGUE, BOT_USER, "U0PEER", "U0LEAD"}
    workspace = world.slack.workspace
    workspace.channels[id_] = Channel(id_, id_.lower(), members=people)
    for user in ("U0PEER", "U0LEAD"):
        workspace.users[user] = User(user, user.lower(), user, TEAM)
    return id_


def _settling(world: World) -> Callable[[], Awaitable[None]]:
    """Return what waits until everything was delivered, worked off and posted."""
    path = world.settings.data_dir / DATABASE_FILE

    async def settled() -> None:
        quiet = 0
        while quiet < CALM:
            for envelope in list(world.slack.transcript.envelopes):
                await envelope.settled.wait()
            with closing(sqlite3.connect(path)) as rows:
                (waiting,) = rows.execute(WAITING).fetchone()
            quiet = quiet + 1 if not waiting else 0
            await asyncio.sleep(0.05)

    return settled


def _step(world: World, each: Played, step: Json) -> None:
    text = json.dumps(step["event"], ensure_ascii=False)
    for theirs, mine in IDS.items():
        text = text.replace(theirs, mine)
    event = json.loads(text)
    fails = step.get("fails")
    if fails:
        kind = f"error:{fails['error']}" if "error" in fails else "ratelimited"
        times = 1 if kind == "ratelimited" else 50
        world.slack.fault(fails["method"], kind, times=times)
    ts = f"{each.begun + step['at']:.6f}"
    if "edit" in step:
        _edit(world, each, step, event, ts)
        return
    body = {**event, "ts": ts}
    body.pop("channel_type", None)
    if "thread" in step:
        root = each.bodies[step["thread"]]
        body["thread_ts"] = root.get("thread_ts") or root["ts"]
    each.ts[step["name"]], each.bodies[step["name"]] = ts, body
    world.slack.people.put(each.channel, body)


def _edit(world: World, each: Played, step: Json, event: Json, at: str) -> None:
    old = each.bodies[step["edit"]]
    body = {**event, "ts": old["ts"]}
    body.pop("channel_type", None)
    if step.get("edited", True):
        body["edited"] = {"user": body.get("user", "B0"), "ts": at}
    each.bodies[step["edit"]] = body
    each.ts[step["name"]], each.bodies[step["name"]] = str(old["ts"]), body
    world.slack.people.put(each.channel, body, old)


def _collect(world: World, each: Played, name: str) -> None:
    seen = {id(post) for posts in each.posts.values() for post in posts}
    mine = [
        message
        for message in world.slack.transcript.messages
        if message.channel == each.channel and ours(message) and id(message) not in seen
    ]
    each.posts[name] = mine
    each.texts[name] = [_said(message) for message in mine]


def _said(message: Message) -> str:
    return f"{message.body.get('text', '')}\n" + json.dumps(
        message.body.get("blocks", ""), ensure_ascii=False
    )


def _wrong(each: Played) -> Iterable[str]:
    for expect in each.case["expect"]:
        for problem in _problems(each, expect):
            yield f"{expect['step']}: {expect['want']}: {problem}"
    wanted = [expect for expect in each.case["expect"] if expect["want"] == "card"]
    cards = [
        post for posts in each.posts.values() for post in posts if event_of(post) == "kill_proposal"
    ]
    if len(cards) > len(wanted):
        yield "a card nobody asked for"


def _firsts(posts: list[Message]) -> list[Message]:
    """Return first replies; under another cluster's alert that is a notice."""
    return [
        post
        for post in posts
        if _status(post) == "firing" or payload_of(post).get("kind") == "foreign"
    ]


def _ends(posts: list[Message]) -> list[Message]:
    return [post for post in posts if _status(post) == "resolved"]


def _status(post: Message) -> str:
    is_alert = event_of(post) == "alert_investigation"
    return str(payload_of(post).get("status", "")) if is_alert else ""


def _problems(each: Played, expect: Json) -> Iterable[str]:
    name, want = expect["step"], expect["want"]
    posts = each.posts.get(name, [])
    if expect.get("or_silent") and not posts:
        return
    yield from _wanted(each, expect, name, want, posts)
    said = "\n".join(each.texts.get(name, []))
    for needed in expect.get("names", []):
        options = needed if isinstance(needed, list) else [needed]
        if not any(_holds(option, said) for option in options):
            yield f"{needed} is not named"
    for banned in expect.get("not", []):
        if banned.casefold() in said.casefold():
            yield f"{banned} is said"
    if expect.get("buttons") == "none" and any(kill in said for kill in KILLS):
        yield "a button leads to a kill"
    if expect.get("says") == "foreign" and not FOREIGN.search(said):
        yield "it is not said to be foreign"
    if "language" in expect and posts:
        spoken = "ko" if WORDS.search(str(posts[0].body.get("text"))) else "en"
        if spoken != expect["language"]:
            yield f"said in {spoken}"


def _holds(option: str, said: str) -> bool:
    if option.startswith("re:"):
        return re.search(option[3:], said, re.IGNORECASE) is not None
    return option.casefold() in said.casefold()


def _wanted(  # noqa: C901, PLR0912 - one branch per kind of expectation
    each: Played, expect: Json, name: str, want: str, posts: list[Message]
) -> Iterable[str]:
    firsts, ends = _firsts(posts), _ends(posts)
    here = each.threads([name])
    same = expect.get("same_thread_as")
    match want:
        case "investigate":
            target = each.threads([same]) if same else here
            if len(firsts) != 1 or firsts[0].root not in target or ends:
                yield f"{len(firsts)} first replies, {len(ends)} ends"
        case "report":
            since = expect.get("since")
            names = [step["name"] for step in each.case["steps"]]
            counted = firsts
            if since:
                chosen = names[names.index(since) : names.index(name) + 1]
                counted = [one for each_ in chosen for one in _firsts(each.posts.get(each_, []))]
            if len(counted) != 1:
                yield f"{len(counted)} first replies"
        case "again":
            if not posts or ends:
                yield f"{len(posts)} posts, {len(ends)} ends"
        case "folded":
            if firsts or ends or len(posts) > 1:
                yield f"{len(posts)} posts"
        case "closed":
            names = same if isinstance(same, list) else [same or each.case["steps"][0]["name"]]
            if len(ends) != 1 or firsts or ends[0].root not in each.threads(names):
                yield f"{len(ends)} ends, {len(firsts)} first replies"
        case "answer":
            answers = [post for post in posts if event_of(post) == "oncall_answer"]
            if len(answers) != 1:
                yield f"{len(answers)} answers"
            elif "intent" in expect and payload_of(answers[0])["intent"] not in expect["intent"]:
                yield f"intent {payload_of(answers[0])['intent']}"
        case "card":
            if not any(event_of(post) == "kill_proposal" for post in posts):
                yield "no card"
        case "reply":
            if not any(post.root in here for post in posts):
                yield "no reply"
        case "silent":
            if posts:
                yield f"{len(posts)} posts"
        case "no_card":
            if any(event_of(post) == "kill_proposal" for post in posts):
                yield "a card"
