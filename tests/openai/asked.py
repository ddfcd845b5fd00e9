"""One request as a server of models sees it, and what the script may answer."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A chat request: its raw body, and the parts scripts and assertions look at.

    `headers` are by lower-case name.
    """

    body: Json
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def messages(self) -> list[Json]:
        return list(self.body.get("messages", []))

    @property
    def prompt(self) -> str:
        """Every text of the request, in order."""
        return "\n".join(text_of(message) for message in self.messages)

    @property
    def last(self) -> str:
        """The text of the last message."""
        return text_of(self.messages[-1]) if self.messages else ""

    @property
    def tool_names(self) -> tuple[str, ...]:
        return tuple(tool["function"]["name"] for tool in self.body.get("tools", []))

    @property
    def tool_results(self) -> tuple[str, ...]:
        return tuple(text_of(item) for item in self.messages if item["role"] == "tool")

    @property
    def format(self) -> str:
        """`json_schema`, `json_object`, `function` (one forced), or `text`."""
        wanted = (self.body.get("response_format") or {}).get("type", "text")
        if wanted != "text":
            return str(wanted)
        return "function" if isinstance(self.body.get("tool_choice"), dict) else "text"

    @property
    def structured(self) -> bool:
        """True when a JSON object is wanted, by whatever method."""
        return self.format != "text" or '"type": "object"' in self.prompt


@dataclass(frozen=True)
class Reply:
    """What to answer: words, tool calls, or a fault.

    `fault`: hang (never answers), cut (the stream or body ends half way), drop (the connection
    closes at once), drip (a stream says its words again and again, and never ends). `raw` is sent as the whole body, whatever it is.
    """

    content: str | None = None
    calls: tuple[tuple[str, str], ...] = ()
    refusal: str | None = None
    finish: str = "stop"
    status: int = 200
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    raw: str | None = None
    fault: str = ""
    until: asyncio.Event | None = None


Script = Callable[[Asked], Reply]


def text_of(message: Json) -> str:
    """Return the text of a message, whether its content is a string or parts."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return content or ""


def say(text: str) -> Reply:
    """Answer in words."""
    return Reply(content=text)


def fill(asked: Asked, value: Any) -> Reply:
    """Answer with a JSON value, in the way this request wants structure."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if asked.format == "function":
        name = str(asked.body["tool_choice"]["function"]["name"])
        return Reply(calls=((name, text),), finish="tool_calls")
    return Reply(content=text)


def call(*calls: tuple[str, Json]) -> Reply:
    """Call tools."""
    return Reply(
        calls=tuple((name, json.dumps(arguments)) for name, arguments in calls),
        finish="tool_calls",
    )


def refuse(text: str = "I cannot help with that.") -> Reply:
    """Refuse, as the API words it."""
    return Reply(refusal=text)


def fail(status: int, code: str = "", **headers: str) -> Reply:
    """Answer with an error; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, code=code, headers=named)
