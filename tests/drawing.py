"""`python -m tests.drawing`: draws the graph into docs/architecture.md and its Korean page."""

import sys
from datetime import UTC
from pathlib import Path

from langgraph.checkpoint.memory import InMemorySaver

from bot.agents.graph import Help, assemble
from tests.evals.platform import platform_scene
from tests.evals.world import World, read_now

DOCS = Path(__file__).parents[1] / "docs"
DOCUMENTS = (DOCS / "architecture.md", DOCS / "ko" / "architecture.md")
BEGIN = "<!-- graph: drawn by `python -m tests.drawing` -->\n"
END = "<!-- end of graph -->\n"


def drawing() -> str:
    """Return the compiled graph as Mermaid text; nothing is asked of any network."""
    graph = assemble(World(platform_scene()).tools, UTC, InMemorySaver(), Help(read_now))
    return f"```mermaid\n{graph.get_graph().draw_mermaid().strip()}\n```\n"


def drawn(text: str) -> str:
    """Return the document with the present graph between its two marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("the document has lost its marks")
    return f"{before}{BEGIN}{drawing()}{END}{after}"


def main() -> int:
    """Draw it."""
    for document in DOCUMENTS:
        document.write_text(drawn(document.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
