"""Each broken set-up is named in one line that says what to do; a whole one passes."""

import inspect
from pathlib import Path

import pytest
import yaml

from bot.doctor.examination import APART, report
from bot.doctor.findings import FINDINGS, Check, Level, said
from bot.doctor.slack import MANIFEST_SCOPES, Asked, check_slack
from bot.domain.language import Language
from bot.handlers.socket import REQUIRED_SCOPES, web_client
from bot.observability import Redactor
from bot.sandbox.slack.demo import (
    APP_TOKEN,
    BOT_TOKEN,
)
from bot.wiring import policy_of
from tests.openai import asked as wire
from tests.openai.server import OpenAIStandIn
from tests.unit.doctor.broken import BROKEN, NOWHERE, Broken
from tests.unit.doctor.conftest import Patient, now

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.what)
async def test_a_broken_set_up_is_named_in_one_line_with_the_fix(
    patient: Patient, broken: Broken
) -> None:
    """Found at its level, in both languages, on one line, with something to do."""
    waited = broken.by(patient)
    if inspect.isawaitable(waited):
        await waited
    checks = await patient.examined()
    found = [check for check in checks if check.key == broken.key and check.level is broken.level]
    assert found, [check.key for check in checks]
    lines = [said(check, Language.EN) for check in found]
    assert any(broken.line in line for line in lines), lines
    for check in found:
        for language in Language:
            line = said(check, language)
            assert "\n" not in line
            assert " → " in line, "a line that says what to do"


SHARED = ("stream", "notebook", "pyspark-shell", "zeppelin")


async def test_a_whole_set_up_passes(patient: Patient) -> None:
    """Nothing to fix and nothing to mind, once what never ends is protected."""
    patient.settings["protected"] = tuple(f"name:*{word}*" for word in SHARED)
    checks = await patient.examined(APART)
    odd = [said(check, Language.EN) for check in checks if check.level is not Level.OK]
    assert not odd
    assert {check.name for check in checks} == {
        "slack",
        "scopes",
        "clock",
        "channels",
        "approvers",
        "yarn",
        "spark",
        "prometheus",
        "PROTECTED",
        "storage",
        "knowledge",
        "model",
        "web search",
        "start",
    }


async def test_what_lacks_a_part_is_not_called_healthy(patient: Patient) -> None:
    """A package that only a child process imports, as much as one of our own."""
    checks = await patient.examined(["no_such_package"])
    (failed,) = [check for check in checks if check.level is Level.FAIL]
    assert "No module named 'no_such_package'" in said(failed, Language.EN)


async def test_looking_writes_nothing_to_slack(patient: Patient) -> None:
    """Only reading methods are called."""
    await patient.examined()
    called = {call.method for call in patient.slack.transcript.calls}
    assert called <= {
        "auth.test",
        "bots.info",
        "apps.connections.open",
        "conversations.history",
        "conversations.info",
        "users.conversations",
        "users.info",
        "usergroups.users.list",
    }


async def test_a_model_is_asked_for_words_and_for_a_tool(patient: Patient) -> None:
    """One real call each; an address may hold a version in its query and nothing else."""

    def script(asked: wire.Asked) -> wire.Reply:
        if asked.headers.get("authorization") != "Bearer sk-right-key":
            return wire.fail(401, "invalid_api_key")
        wants = asked.model == "house-model" and asked.tool_names and not asked.tool_results
        return wire.call(("look_at_clock", {})) if wants else wire.say("It is noon.")

    keys = []
    async with OpenAIStandIn(script) as server:
        for key, model, query in (
            ("sk-right-key", "house-model", ""),
            ("sk-right-key", "other", ""),
            ("sk-wrong-key", "house-model", ""),
            ("sk-right-key", "house-model", "?key=secret"),
        ):
            patient.set(openai_base_url=server.url + query, openai_api_key=key, openai_model=model)
            found = {check.key: check.level for check in await patient.examined()}
            keys.append(next(each for each in found.items() if each[0].startswith("model_")))
    assert keys == [
        ("model_fine", Level.OK),
        ("model_no_tools", Level.WARN),
        ("model_failed", Level.FAIL),
        ("model_failed", Level.FAIL),
    ]


async def test_a_silent_slack_ends_the_wait(patient: Patient) -> None:
    """After the limit, with a line that says so."""
    patient.slack.fault("users.info", "hang", times=9)
    settings = patient.loaded()
    client = web_client(BOT_TOKEN, settings.slack_api_url)
    asked = Asked(BOT_TOKEN, APP_TOKEN, (), policy_of(settings))
    checks = await check_slack(client, asked, now, limit=0.2)
    assert [check.key for check in checks] == ["slack_unreachable"]


async def test_secrets_stay_out_of_the_report(patient: Patient) -> None:
    """Whatever goes wrong."""
    patient.set(
        database_url="postgresql://me:hunter22@127.0.0.1:9/x",
        slack_bot_token="xoxb-planted-1",
        openai_api_key="sk-planted-secret",
        openai_base_url=f"{NOWHERE}/v1",
    )
    checks = await patient.examined()
    told = "\n".join(report(checks, Language.KO, Redactor(("sk-planted-secret",))))
    for secret in ("hunter22", "xoxb-planted-1", "sk-planted-secret"):
        assert secret not in told


def test_control_characters_of_an_answer_do_not_reach_the_terminal() -> None:
    """A backend's page could otherwise move the cursor."""
    values = {"kind": "bad_answer", "detail": "\x1b[2Jno JSON\r\n", "system": "yarn"}
    line = said(Check("yarn", Level.WARN, "backend_failed", values), Language.EN)
    assert line.isprintable()


def test_the_report_ends_with_the_sum() -> None:
    """In the language asked for."""
    checks = (Check("model", Level.OK, "model_none"), Check("DRY_RUN", Level.WARN, "dry_run"))
    assert report(checks, Language.EN, str)[-1] == "1 fine · 1 warnings · 0 to fix"
    assert report(checks, Language.KO, str)[0] == "✓ model: 키가 없습니다. 모델 없이 동작합니다"


def test_the_manifest_asks_for_what_the_doctor_wants() -> None:
    """And what the start requires is a part of it."""
    manifest = yaml.safe_load((ROOT / "slack-manifest.yaml").read_text(encoding="utf-8"))
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == MANIFEST_SCOPES
    assert REQUIRED_SCOPES <= MANIFEST_SCOPES


def test_every_table_entry_is_a_different_finding() -> None:
    """The texts know every key of the table."""
    assert {broken.key for broken in BROKEN} <= set(FINDINGS)
    assert len({broken.key for broken in BROKEN}) >= 15
