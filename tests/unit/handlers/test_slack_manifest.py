"""The manifest asks Slack for what the code uses, and for nothing else."""

import re
from pathlib import Path
from typing import Any

import yaml

from bot.doctor.slack import MANIFEST_SCOPES
from bot.handlers.home_tab import INVESTIGATE, STATUS
from bot.handlers.socket import REQUIRED_SCOPES
from bot.sandbox.slack.demo import demo_workspace

ROOT = Path(__file__).parents[3]
# Slack's table of methods and the scopes each needs; those that need none map to nothing.
NEEDS = {
    "apps_connections_open": set(),
    "assistant_threads_setStatus": {"chat:write"},
    "auth_test": set(),
    "bots_info": {"users:read"},
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "files_upload_v2": {"files:write"},
    "usergroups_users_list": {"usergroups:read"},
    "users_conversations": {"channels:read", "groups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}
EVENTS = {"app_mention", "message.channels", "message.groups", "message.im", "app_home_opened"}
CALL = re.compile(r"client\.((?:[a-z]+_)+[A-Za-z0-9]+)")


def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "slack-manifest.yaml").read_text("utf-8"))
    return loaded


def test_the_scopes_are_those_doctor_looks_for() -> None:
    """What doctor misses can be had by pasting the manifest anew."""
    scopes = manifest()["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == MANIFEST_SCOPES
    assert len(scopes) == len(MANIFEST_SCOPES)
    assert REQUIRED_SCOPES <= MANIFEST_SCOPES


def test_every_scope_and_event_is_used_and_every_call_has_its_scope() -> None:
    """What the code calls, and what the listeners hear; asking for more would be asking too much."""
    texts = [path.read_text("utf-8") for path in (ROOT / "bot" / "handlers").rglob("*.py")]
    called = {name for text in texts for name in CALL.findall(text) if name in NEEDS}
    unknown = {
        name
        for text in texts
        for name in CALL.findall(text)
        if name.split("_")[0] in {each.split("_")[0] for each in NEEDS} | {"reactions"}
    } - set(NEEDS)
    assert not unknown
    needed = {scope for name in called for scope in NEEDS[name]}
    assert set(MANIFEST_SCOPES) == needed | {"app_mentions:read", "commands", "im:history"}
    listed = set(manifest()["settings"]["event_subscriptions"]["bot_events"])
    assert listed == EVENTS


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
