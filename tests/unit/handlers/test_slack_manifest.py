"""The manifest asks Slack for what the code uses, and for nothing else."""

from pathlib import Path
from typing import Any

import yaml

from bot.doctor.slack import MANIFEST_SCOPES
from bot.handlers.shortcuts import INVESTIGATE, STATUS
from bot.handlers.socket import REQUIRED_SCOPES
from bot.sandbox.slack.demo import demo_workspace

ROOT = Path(__file__).parents[3]


def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "slack-manifest.yaml").read_text("utf-8"))
    return loaded


def test_the_scopes_are_those_doctor_looks_for() -> None:
    """What doctor misses can be had by pasting the manifest anew."""
    scopes = manifest()["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == MANIFEST_SCOPES
    assert len(scopes) == len(MANIFEST_SCOPES)
    assert REQUIRED_SCOPES <= MANIFEST_SCOPES


def test_the_shortcuts_are_those_the_code_answers() -> None:
    """Their names fit Slack's limits, and the sandbox offers the same ones."""
    listed = manifest()["features"]["shortcuts"]
    assert {(each["type"], each["callback_id"]) for each in listed} == {
        ("message", INVESTIGATE),
        ("global", STATUS),
    }
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in listed)
    assert set(demo_workspace().shortcuts) == {INVESTIGATE, STATUS}
    assert manifest()["settings"]["interactivity"]["is_enabled"] is True


def test_the_home_tab_is_on() -> None:
    """Without the event and the tab nobody would ever see it."""
    assert manifest()["features"]["app_home"]["home_tab_enabled"] is True
    assert "app_home_opened" in manifest()["settings"]["event_subscriptions"]["bot_events"]
