"""Markdown becomes readable text, cut between sentences only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agents.templates.readable import CUT, excerpt, readable, units
from bot.retrieval.chroma_client import default_source

TABLE = "| 지표 | 기준 |\n|---|---:|\n| **CPU** | 80 % |\n| `load` | 2배 |"
LONG = " ".join(f"문장 {number}번은 여기에서 끝난다." for number in range(100))


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**굵게** `yarn top -n 5` ~~지움~~", "굵게 yarn top -n 5 지움"),
        ("## 제목\n본문", "제목\n본문"),
        ("- 하나\n- 둘", "• 하나\n• 둘"),
        ("> 인용", "인용"),
        ("[문서](https://a.example/x_(1)) ![그림](http://a.example/p.png)", "문서 그림"),
        ("앞 <!-- call\nlist_apps --> 뒤", "앞\n뒤"),
        ("앞 <!-- nie geschlossen", "앞"),
        (TABLE, "• 지표: CPU · 기준: 80 %\n• 지표: load · 기준: 2배"),
        ("```bash\nls /a/**/b\n```", "ls /a/**/b"),
        ("`-appId <id>`를 쓴다", "-appId <id>를 쓴다"),
        ("1) 잰다. 2) 나눈다. 3) 찾는다.", "1) 잰다.\n2) 나눈다.\n3) 찾는다."),
        ("값은 1.5 이다. 다음", "값은 1.5 이다. 다음"),
        ("---", ""),
        ("`열린 코드 **열린 굵게", "열린 코드 열린 굵게"),
    ],
)
def test_markers_go_and_words_stay(markdown: str, text: str) -> None:
    """Code keeps its stars and angle brackets, a comment hides what it hides, a table names its columns."""
    assert readable(markdown) == text


def test_an_excerpt_holds_whole_sentences_around_the_passage() -> None:
    """What was left out on either side shows; no sentence is broken."""
    middle = LONG[len(LONG) // 2 : len(LONG) // 2 + 300]
    text = excerpt(LONG, middle, 400)
    assert text.startswith(f"{CUT} 문장 ")
    assert text.endswith(f"끝난다. {CUT}")
    assert len(text) <= 410


def test_a_short_section_comes_whole() -> None:
    """Also when the passage is only its table's last row: the row keeps its column names."""
    assert excerpt(TABLE, "| `load` | 2배 |", 400) == readable(TABLE)


def test_a_sentence_too_long_is_cut_at_a_word() -> None:
    """And says so."""
    text = excerpt("가나다 " * 300, "가나다 " * 100, 100)
    assert text.endswith(f"가나다 {CUT}")
    assert len(text) <= 102


def test_our_own_documents_leave_no_marker() -> None:
    """No bold marker, no backtick, no table bar, no heading sign."""
    for path in default_source().rglob("*.md"):
        body = path.read_text(encoding="utf-8").split("---\n", 2)[2]
        for line in readable(body).split("\n"):
            assert not line.startswith(("#", "|", "> ")), (path.name, line)
            assert "**" not in line.replace("/**", ""), (path.name, line)
            assert "`" not in line, (path.name, line)


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_is_read(section: str, passage: str) -> None:
    """Never an error, and every unit lies inside the text, in order."""
    excerpt(section, passage, 80)
    spans = [(unit.start, unit.end) for unit in units(section)]
    assert spans == sorted(spans)
    assert all(0 <= start <= end <= len(section) for start, end in spans)
