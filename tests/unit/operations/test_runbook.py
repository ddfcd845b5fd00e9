"""The operators' document tells of every alert, figure and logged event it should, and of no other."""

import re
from pathlib import Path

import pytest
import yaml

from bot.observability import Telemetry

ROOT = Path(__file__).parents[3]
ENGLISH = ROOT / "docs" / "operations.md"
KOREAN = ROOT / "docs" / "ko" / "operations.md"
BOTH = pytest.mark.parametrize(
    "text", [page.read_text(encoding="utf-8") for page in (ENGLISH, KOREAN)], ids=["en", "ko"]
)


@BOTH
def test_every_alert_rule_has_a_paragraph_and_every_paragraph_a_rule(text: str) -> None:
    """What to do stands under the alert's own name."""
    rules = yaml.safe_load((ROOT / "deploy/prometheus/dangjik-rules.yaml").read_text("utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    assert set(re.findall(r"\*\*(Dangjik\w+?)\.?\*\*", text)) == alerts


@BOTH
def test_every_figure_is_told_of_and_no_other(text: str) -> None:
    """As /metrics names them; the creation times the client adds are none of ours."""
    given = set(re.findall(r"^# TYPE (dangjik_\w+)", Telemetry().text().decode(), re.MULTILINE))
    ours = {name for name in given if not name.endswith("_created")}
    assert set(re.findall(r"^\| `(dangjik_\w+)`", text, re.MULTILINE)) == ours


@BOTH
def test_logged_events_that_are_named_exist(text: str) -> None:
    """An operator searches the log for them."""
    told = set(re.findall(r"`((?:delivery|post|events)_[a-z_]+)`", text))
    code = "".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    assert told
    assert [event for event in told if f'"{event}"' not in code] == []


@BOTH
def test_commands_that_are_named_exist(text: str) -> None:
    """Of `make` and of `python -m bot`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    parser = (ROOT / "bot" / "__main__.py").read_text(encoding="utf-8")
    assert [
        name for name in re.findall(r"`make ([a-z-]+)`", text) if f"\n{name}:" not in makefile
    ] == []
    assert [name for name in re.findall(r"-m bot (\w+)", text) if f'"{name}"' not in parser] == []
