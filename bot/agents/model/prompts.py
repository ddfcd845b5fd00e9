"""The role prompts: Markdown files beside the code, read once."""

from functools import cache
from importlib.resources import files


@cache
def prompt_text(name: str) -> str:
    """Return the text of `bot/agents/prompts/<name>.md` without its heading."""
    text = (files("bot.agents") / "prompts" / f"{name}.md").read_text(encoding="utf-8")
    return text.partition("\n")[2].strip() if text.startswith("# ") else text.strip()
