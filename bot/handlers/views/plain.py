"""Blocks as plain text: what is posted when Slack refuses the blocks, and what tests compare."""

from collections.abc import Iterable
from typing import Any

from bot.handlers.views.blocks import Block


def plain_text(blocks: Iterable[Block]) -> str:
    """Return the blocks line by line; buttons in brackets, people as `@id`, emoji as `:name:`."""
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(block: Block) -> list[str]:  # noqa: PLR0911 - one return per kind of block
    kind = block.get("type")
    if kind == "header":
        return [f"# {block['text']['text']}"]
    if kind == "section":
        return [field["text"].replace("\n", ": ", 1) for field in block.get("fields", [])]
    if kind == "context":
        return [f"({element['text']})" for element in block["elements"]]
    if kind == "actions":
        return [" ".join(f"[{element['text']['text']}]" for element in block["elements"])]
    if kind == "table":
        return [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
    if kind == "rich_text":
        return [line for element in block["elements"] for line in _rich(element)]
    return []


def _rich(element: Block) -> list[str]:
    kind = element["type"]
    if kind == "rich_text_list":
        signs = (
            [f"{n}. " for n in range(1, len(element["elements"]) + 1)]
            if element["style"] == "ordered"
            else ["• "] * len(element["elements"])
        )
        lines = [sign + _runs(item) for sign, item in zip(signs, element["elements"], strict=True)]
    else:
        lines = _runs(element).split("\n")
    quoted = kind == "rich_text_quote" or element.get("border")
    return [f"> {line}" for line in lines] if quoted else lines


def _runs(element: Block) -> str:
    return "".join(_run(run) for run in element["elements"])


def _run(run: dict[str, Any]) -> str:
    if run["type"] == "emoji":
        return f":{run['name']}:"
    if run["type"] == "user":
        return f"@{run['user_id']}"
    if run["type"] == "channel":
        return f"#{run['channel_id']}"
    return str(run["text"])
