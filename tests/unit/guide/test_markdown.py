"""Documents as parts of an answer: lists stay lists, and every command can be copied as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agents.templates.markdown import parts_of, words_of
from bot.domain.answers import Answer, Bullets, Code, Extract, Paragraph, Span
from bot.domain.conversation import AgentName, Intent
from bot.domain.language import Language
from bot.handlers.views.answer import render
from bot.retrieval.documents import FENCE, FOLDERS
from bot.retrieval.knowledge import default_source

TABLE = "| 지표 | 기준 |\n|---|---:|\n| **CPU** | 80 % |\n| `load` | 2배 |"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**굵게** `yarn top -n 5`", "굵게 yarn top -n 5"),
        ("## 제목\n본문", "제목\n본문"),
        ("- 하나\n- 둘", "• 하나\n• 둘"),
        ("1. 잰다.\n2. 나눈다.", "1. 잰다.\n2. 나눈다."),
        ("1) 잰다.\n2) 나눈다.", "1. 잰다.\n2. 나눈다."),
        ("> 인용", "인용"),
        ("[문서](https://a.example/x_(1)) ![그림](http://a.example/p.png)", "문서 그림"),
        ("앞 <!-- call\nlist_apps --> 뒤", "앞  뒤"),
        (TABLE, "• 지표: CPU · 기준: 80 %\n• 지표: load · 기준: 2배"),
        ("```bash\nls /a/**/b\n```", "ls /a/**/b"),
        ("`-appId <id>`를 쓴다", "-appId <id>를 쓴다"),
    ],
)
def test_markers_go_and_words_stay(markdown: str, text: str) -> None:
    """Code keeps its stars and angle brackets, a comment hides what it hides, a table names its columns."""
    assert words_of(parts_of(markdown)) == text


def test_steps_are_a_list_and_commands_are_code() -> None:
    """A fence inside a step stands after the list."""
    assert parts_of("1. `top` 을 본다\n2. 잰다\n\n   ```\n   yarn top\n   ```\n") == (
        Bullets(((Span("top", code=True), Span(" 을 본다")), (Span("잰다"),)), numbered=True),
        Code("yarn top"),
    )
    assert parts_of("**나**는") == (Paragraph((Span("나", bold=True), Span("는"))),)


def fences(text: str) -> list[str]:
    """Return what stands between the fences of a page, line by line as written."""
    found: list[str] = []
    lines: list[str] | None = None
    for line in text.split("\n"):
        if FENCE.match(line):
            found += ["\n".join(lines)] if lines is not None else []
            lines = [] if lines is None else None
        elif lines is not None:
            lines.append(line)
    return found


def test_every_command_of_every_page_is_posted_as_it_is() -> None:
    """Post and copy changes no letter of it, addresses and quotes included."""
    posted = 0
    for path in sorted(default_source().glob("*/*.md")):
        text = path.read_text(encoding="utf-8")
        for command in fences(text):
            extract = Extract("t", "s", parts_of(f"```\n{command}\n```"))
            answer = Answer(Language.KO, Intent.HOW_TO, AgentName.ADMIN_GUIDE, "t", (extract,))
            copied = [
                run["text"]
                for block in render(answer, answer.language).blocks
                for element in block["elements"]
                if element["type"] == "rich_text_preformatted"
                for run in element["elements"]
            ]
            assert copied == [command], path.name
            posted += 1
    assert posted >= len(FOLDERS)


@given(st.text(max_size=400))
def test_any_text_becomes_parts(text: str) -> None:
    """Nothing makes it fail."""
    words_of(parts_of(text))
