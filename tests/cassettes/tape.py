"""A model whose replies are kept: asked of a server once, then given again turn by turn.

A kept exchange is {"kind": "reading"|"answer", "read": [text, …], "reply": {"content", "tool_calls"}}:
`read` is what the request held beside our own rules and was not read in the turn before, `tool_calls`
are {"name", "arguments"}.
"""

import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.openai.asked import Asked, Reply, text_of
from tests.openai.facts_said import NAME, NUMBER
from tests.openai.relay import completions
from tests.openai.wire import whole

Json = dict[str, Any]
MARKER = re.compile(r"Text between \[(\w+) and")
VALUE = re.compile(r'"([^"\\]{2,60})"(?!\s*:)')  # a string of the evidence's JSON that is no key
FOREVER = aiohttp.ClientTimeout(total=None)


class Tape:
    """Answers a bot's requests on this machine: what is kept first, else by asking `target`.

    `target` is a server's base URL with its /v1, or empty: then what is not kept is refused.
    `exchanges` are those of the turn begun last; `complaints` say what is no longer as it was kept.
    Use as an async context manager.
    """

    def __init__(self, target: str = "") -> None:
        self.target = target
        self.url = ""
        self.exchanges: list[Json] = []
        self.complaints: list[str] = []
        self._known: list[Json] = []
        self._then: list[str] = []
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.url = await self._open.enter_async_context(completions(self._chat))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def begin(self, known: Sequence[Json] = ()) -> None:
        """Begin a turn, of which these exchanges are kept."""
        self.exchanges, self.complaints = [], []
        self._known, self._then = [*known], []

    async def _chat(self, request: web.Request) -> web.Response:
        asked = Asked(await request.json())
        kind = "reading" if asked.structured else "answer"
        kept = next((each for each in self._known if each["kind"] == kind), None)
        if kept is not None:
            self._known.remove(kept)
            self._then += kept["read"]
            self._compare(kept, asked)
            reply = kept["reply"]
        elif self.target:
            status, body = await self._asked(asked)
            if status != 200:
                return web.json_response(body, status=status)
            reply = reply_of(body)
        else:
            self.complaints.append(f"nobody answered this {kind}: {asked.last[:200]}")
            return web.json_response({"error": {"message": "not kept"}}, status=404)
        read = [text for text in read_of(asked) if text not in self._read()]
        self.exchanges.append({"kind": kind, "read": read, "reply": reply})
        number = len(self.exchanges)
        return web.json_response(whole(asked, _said(reply), number))

    def _compare(self, kept: Json, asked: Asked) -> None:
        """Note what the reply says of what it read, and what is not there to be read any more."""
        words = kept["reply"].get("content") or ""
        if kept["kind"] == "answer":
            gone = lost(words, "\n".join(self._then), "\n".join(read_of(asked)))
            self.complaints += [f"no longer in the request: {each}" for each in gone]

    def _read(self) -> list[str]:
        return [text for each in self.exchanges for text in each["read"]]

    async def _asked(self, asked: Asked) -> tuple[int, Json]:
        key = {"Authorization": asked.headers.get("authorization", "")}
        address = f"{self.target.rstrip('/')}/chat/completions"
        async with (
            aiohttp.ClientSession(timeout=FOREVER) as client,
            client.post(address, json=asked.body, headers=key) as answer,
        ):
            return answer.status, await answer.json()


def read_of(asked: Asked) -> list[str]:
    """Return the texts of a request that are not our rules, with the fences' marker named alike."""
    found = MARKER.search(asked.prompt)
    marker = found[1] if found else "\0"
    texts = (text_of(each) for each in asked.messages if each["role"] in {"user", "tool"})
    return [text.replace(marker, "#") for text in texts]


def reply_of(body: Json) -> Json:
    """Return the reply in a chat completion."""
    message = body["choices"][0]["message"]
    calls = [
        {"name": each["function"]["name"], "arguments": each["function"]["arguments"]}
        for each in message.get("tool_calls") or []
    ]
    return {"content": message.get("content"), **({"tool_calls": calls} if calls else {})}


def lost(words: str, then: str, now: str) -> tuple[str, ...]:
    """Return the figures and names of a reply that stood in what it read, and do not stand now."""
    figures = _figures(words) & _figures(then) - _figures(now)
    names = {
        name
        for name in {*NAME.findall(words), *VALUE.findall(then)}
        if _says(words, name) and _says(then, name) and not _says(now, name)
    }
    return tuple(sorted(figures | names))


def _figures(text: str) -> set[str]:
    """Return the numbers of a text that are no part of a name."""
    return {found.replace(",", "") for found in NUMBER.findall(NAME.sub(" ", text))}


def _says(text: str, name: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text) is not None


def _said(reply: Json) -> Reply:
    calls = tuple((each["name"], each["arguments"]) for each in reply.get("tool_calls", ()))
    return Reply(reply["content"], calls, finish="tool_calls" if calls else "stop")
