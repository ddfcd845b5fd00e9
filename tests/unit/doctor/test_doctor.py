"""Each broken set-up is named in one line that says what to do; a whole one passes."""

import inspect
import socket
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from bot.app import DATABASE_FILE, open_storage, policy_of
from bot.doctor import report
from bot.domain.findings import Check, Level
from bot.domain.language import Language
from bot.handlers.doctor import MANIFEST_SCOPES, Asked, check_slack
from bot.handlers.socket import REQUIRED_SCOPES, web_client
from bot.logs import Redactor
from bot.sandbox.platform import Kind
from bot.sandbox.platform.stand_in import PROMETHEUS, YARN
from bot.sandbox.slack.demo import (
    ALERT_CHANNEL,
    APP_TOKEN,
    APPROVER,
    APPROVER_GROUP,
    BOT_TOKEN,
    BOT_USER,
    DELETED,
    GUEST,
    PRIVATE_CHANNEL,
    RANDOM_CHANNEL,
    STRANGER,
)
from bot.storage.freeze import SqlFreeze
from bot.texts.doctor import FINDINGS, said
from tests.unit.doctor.conftest import Patient, now

NOWHERE = "http://127.0.0.1:9"  # the discard port, where nothing listens
ROOT = Path(__file__).parents[3]
Break = Callable[[Patient], Awaitable[None] | None]


@dataclass(frozen=True)
class Broken:
    """A set-up, how it is broken, and what the doctor must say of it."""

    what: str
    by: Break
    key: str
    level: Level
    line: str  # a part of the English line that names the thing


def setting(**values: object) -> Break:
    return lambda patient: patient.set(**values)


def fewer_scopes(*scopes: str) -> Break:
    def take(patient: Patient) -> None:
        workspace = patient.slack.workspace
        bot = replace(workspace.bot, scopes=workspace.bot.scopes - set(scopes))
        workspace.bot = bot
        workspace.bots[bot.id] = bot

    return take


def out_of(channel: str, **values: object) -> Break:
    def take(patient: Patient) -> None:
        patient.set(**values)
        patient.slack.workspace.channels[channel].members.discard(BOT_USER)

    return take


def out_of_all(patient: Patient) -> None:
    patient.set(alert_channels="")
    for channel in patient.slack.workspace.channels.values():
        channel.members.discard(BOT_USER)


def archived(patient: Patient) -> None:
    patient.slack.workspace.channels[ALERT_CHANNEL].is_archived = True


def group(members: list[str] | None = None, *, paid: bool = True) -> Break:
    def take(patient: Patient) -> None:
        patient.set(approvers="", approver_group=APPROVER_GROUP)
        patient.slack.workspace.paid = paid
        if members is not None:
            patient.slack.workspace.groups[APPROVER_GROUP].members = members

    return take


def yarn(kind: Kind, match: str = "") -> Break:
    return lambda patient: patient.platform.fault(YARN, kind, match=match)


def prometheus(kind: Kind) -> Break:
    return lambda patient: patient.platform.fault(PROMETHEUS, kind)


def slack_fault(method: str, kind: str) -> Break:
    return lambda patient: patient.slack.fault(method, kind, times=9)


def standby_master(patient: Patient) -> None:
    patient.master.status = "STANDBY"


def kills_off(patient: Patient) -> None:
    patient.master.kill_enabled = False


def late(patient: Patient) -> None:
    patient.clock_ahead = timedelta(minutes=5)


def file_for_a_directory(patient: Patient) -> None:
    (patient.folder / "file").write_text("")
    patient.set(data_dir=patient.folder / "file" / "data")


def damaged(patient: Patient) -> None:
    (patient.folder / DATABASE_FILE).write_bytes(b"no database, but long enough to be read" * 40)


def foreign(patient: Patient) -> None:
    with sqlite3.connect(patient.folder / DATABASE_FILE) as connection:
        connection.execute("CREATE TABLE of_somebody_else (x)")
    connection.close()


def no_documents(patient: Patient) -> None:
    (patient.folder / "documents" / "manual" / "cpu.md").unlink()


def damaged_index(patient: Patient) -> None:
    chroma = patient.folder / "chroma"
    chroma.mkdir()
    (chroma / "chroma.sqlite3").write_bytes(b"no database, but long enough to be read" * 40)


async def frozen(patient: Patient) -> None:
    async with open_storage(patient.loaded()) as database:
        await SqlFreeze(database, now).turn(on=True, actor="test")


BROKEN = (
    Broken(
        "tokens swapped",
        setting(slack_bot_token=APP_TOKEN, slack_app_token=BOT_TOKEN),
        "slack_swapped",
        Level.FAIL,
        "exchange SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
    ),
    Broken(
        "no tokens",
        setting(slack_bot_token=None),
        "slack_no_token",
        Level.FAIL,
        "SLACK_BOT_TOKEN is empty",
    ),
    Broken(
        "a user's token",
        setting(slack_bot_token="xoxp-1"),
        "slack_kind",
        Level.FAIL,
        "does not begin with xoxb-",
    ),
    Broken(
        "a bad bot token",
        setting(slack_bot_token="xoxb-wrong"),
        "slack_refused",
        Level.FAIL,
        "SLACK_BOT_TOKEN (invalid_auth)",
    ),
    Broken(
        "a bad app token",
        setting(slack_app_token="xapp-wrong"),
        "slack_refused",
        Level.FAIL,
        "SLACK_APP_TOKEN (invalid_auth)",
    ),
    Broken(
        "Slack out of reach",
        setting(slack_api_url=f"{NOWHERE}/api/"),
        "slack_unreachable",
        Level.FAIL,
        "SLACK_API_URL",
    ),
    Broken(
        "Slack behind a page",
        slack_fault("auth.test", "html"),
        "slack_unreachable",
        Level.FAIL,
        "proxy",
    ),
    Broken(
        "a required scope missing",
        fewer_scopes("chat:write", "im:history"),
        "scopes_missing",
        Level.FAIL,
        "chat:write, im:history",
    ),
    Broken(
        "a further scope missing",
        fewer_scopes("files:write"),
        "scopes_fewer",
        Level.WARN,
        "files:write",
    ),
    Broken(
        "not in the alert channel",
        out_of(ALERT_CHANNEL),
        "channel_foreign",
        Level.FAIL,
        "#data-oncall (C0ONCALL1) → say /invite @dangjik",
    ),
    Broken(
        "not in the digest channel",
        out_of(RANDOM_CHANNEL, digest_channel=RANDOM_CHANNEL),
        "channel_foreign",
        Level.FAIL,
        "#random",
    ),
    Broken(
        "an unknown channel",
        setting(alert_channels="C0NOWHERE"),
        "channel_unknown",
        Level.FAIL,
        "C0NOWHERE does not exist",
    ),
    Broken(
        "a private channel without us",
        out_of(PRIVATE_CHANNEL, alert_channels=PRIVATE_CHANNEL),
        "channel_unknown",
        Level.FAIL,
        "private without us",
    ),
    Broken("an archived channel", archived, "channel_archived", Level.FAIL, "is archived"),
    Broken(
        "no right to look at channels",
        slack_fault("conversations.info", "error:missing_scope"),
        "channel_failed",
        Level.FAIL,
        "missing_scope",
    ),
    Broken("in no channel", out_of_all, "channel_none", Level.WARN, "/invite @dangjik"),
    Broken("no approvers", setting(approvers=""), "approvers_none", Level.WARN, "APPROVER_GROUP"),
    Broken(
        "a guest as approver",
        setting(approvers=f"{APPROVER},{GUEST}"),
        "approver_unfit",
        Level.FAIL,
        "U0GUEST01 may not approve: a guest",
    ),
    Broken(
        "a leaver as approver",
        setting(approvers=f"{APPROVER},{DELETED}"),
        "approver_unfit",
        Level.FAIL,
        "a deactivated account",
    ),
    Broken(
        "a bot as approver",
        setting(approvers=f"{APPROVER},{BOT_USER}"),
        "approver_unfit",
        Level.FAIL,
        "a bot",
    ),
    Broken(
        "a stranger as approver",
        setting(approvers=f"{APPROVER},{STRANGER}"),
        "approver_unfit",
        Level.FAIL,
        "another workspace",
    ),
    Broken(
        "a name for an id",
        setting(approvers=f"{APPROVER},minji"),
        "approver_unknown",
        Level.FAIL,
        "no user minji",
    ),
    Broken(
        "more approvals than approvers",
        setting(approvals_required=2),
        "approvers_few",
        Level.FAIL,
        "2 approvals are needed, and 1",
    ),
    Broken(
        "an unknown group",
        setting(approvers="", approver_group="S0NOBODY1"),
        "group_missing",
        Level.FAIL,
        "S0NOBODY1",
    ),
    Broken("an empty group", group([]), "group_empty", Level.FAIL, "has no members"),
    Broken("a group of guests", group([GUEST]), "approvers_few", Level.FAIL, "0 people"),
    Broken("a free plan", group(paid=False), "group_plan", Level.FAIL, "plan has no user groups"),
    Broken("a wrong clock", late, "clock_wrong", Level.FAIL, "s apart from Slack's"),
    Broken(
        "no cluster", setting(yarn_url="", spark_master_url=""), "backend_none", Level.FAIL, "YARN"
    ),
    Broken(
        "YARN down",
        setting(yarn_url=NOWHERE),
        "backend_failed",
        Level.WARN,
        "127.0.0.1:9/ws/v1/cluster/info",
    ),
    Broken("YARN without an active", yarn(Kind.STANDBY), "yarn_no_active", Level.FAIL, "YARN_URL"),
    Broken(
        "no right to kill",
        yarn(Kind.UNAUTHORIZED, "PUT"),
        "yarn_kill_forbidden",
        Level.FAIL,
        "yarn.admin.acl",
    ),
    Broken("a sign-in page for YARN", yarn(Kind.HTML), "backend_failed", Level.WARN, "no JSON"),
    Broken(
        "an address that is none",
        setting(yarn_url="rm1:8088/?x=1"),
        "backend_wrong",
        Level.FAIL,
        "http://host:port",
    ),
    Broken(
        "Prometheus down",
        prometheus(Kind.REFUSED),
        "backend_failed",
        Level.FAIL,
        "prometheus: cannot be reached",
    ),
    Broken("no Prometheus", setting(prometheus_url=None), "prometheus_none", Level.WARN, "set"),
    Broken(
        "Prometheus without figures",
        prometheus(Kind.EMPTY),
        "prometheus_no_cpu",
        Level.FAIL,
        "node_exporter",
    ),
    Broken(
        "a bad query of one's own",
        setting(prometheus_query_disk="sum(("),
        "query_refused",
        Level.FAIL,
        "PROMETHEUS_QUERY_DISK",
    ),
    Broken("a standby master", standby_master, "spark_no_alive", Level.FAIL, "ALIVE"),
    Broken("a master without kills", kills_off, "spark_kill_off", Level.FAIL, "killEnabled"),
    Broken(
        "nothing to protect",
        setting(protected="name:misspelled-*"),
        "protected_idle",
        Level.WARN,
        "name:misspelled-*",
    ),
    Broken("no directory", file_for_a_directory, "storage_failed", Level.FAIL, "DATA_DIR"),
    Broken("a damaged database", damaged, "storage_failed", Level.FAIL, "database"),
    Broken("another program's file", foreign, "storage_failed", Level.FAIL, "another program"),
    Broken(
        "PostgreSQL down",
        setting(database_url="postgresql://me:hunter22@127.0.0.1:9/x"),
        "storage_failed",
        Level.FAIL,
        "PostgreSQL",
    ),
    Broken("no document", no_documents, "knowledge_empty", Level.WARN, "ingest.py --source"),
    Broken("a damaged index", damaged_index, "knowledge_failed", Level.FAIL, "ingest.py --rebuild"),
    Broken(
        "Chroma down", setting(chroma_url=NOWHERE), "knowledge_failed", Level.FAIL, "CHROMA_URL"
    ),
    Broken(
        "a model out of reach",
        setting(openai_api_key="sk-planted-secret", openai_base_url=f"{NOWHERE}/v1"),
        "model_failed",
        Level.FAIL,
        "OPENAI_BASE_URL",
    ),
    Broken("the freeze on", frozen, "frozen", Level.WARN, "freeze off"),
    Broken("a dry run", setting(dry_run=True), "dry_run", Level.WARN, "DRY_RUN=false"),
)


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


async def test_a_whole_set_up_passes(patient: Patient) -> None:
    """Nothing to fix, nothing to mind, and nobody is killed by looking."""
    checks = await patient.examined()
    assert {check.level for check in checks} == {Level.OK}, [said(c, Language.EN) for c in checks]
    assert all(
        request.application_id.startswith("application_1000000000000")
        for request in patient.platform.kill_requests
    )
    assert {check.name for check in checks} == {
        "slack",
        "scopes",
        "clock",
        "channels",
        "approvers",
        "yarn",
        "spark",
        "prometheus",
        "storage",
        "knowledge",
        "model",
        "web search",
        "health",
    }


async def test_looking_writes_nothing_to_slack(patient: Patient) -> None:
    """Only reading methods are called."""
    await patient.examined()
    called = {call.method for call in patient.slack.transcript.calls}
    assert called <= {
        "auth.test",
        "apps.connections.open",
        "conversations.info",
        "conversations.list",
        "users.info",
        "usergroups.users.list",
    }


async def test_a_port_taken_by_another_program_fails_and_by_us_does_not(patient: Patient) -> None:
    """What answers /healthz as we do is dangjik itself."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        patient.set(health_port=other.getsockname()[1])
        found = {check.key: check.level for check in await patient.examined()}
        assert found["health_taken"] is Level.FAIL
    ours = web.Application()

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    ours.router.add_get("/healthz", alive)
    runner = web.AppRunner(ours)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    patient.set(health_port=runner.addresses[0][1])
    found = {check.key: check.level for check in await patient.examined()}
    await runner.cleanup()
    assert found["health_running"] is Level.OK


async def test_a_model_that_answers_is_named(patient: Patient) -> None:
    """Its server is asked for its models only, with the key."""
    seen: list[str] = []
    server = web.Application()

    async def models(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        if not seen[-1].endswith("sk-right-key"):
            return web.json_response({"error": {"message": "bad key"}}, status=401)
        return web.json_response({"object": "list", "data": [{"id": "house-model"}]})

    server.router.add_get("/v1/models", models)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    patient.set(openai_base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
    keys = []
    for key, model in (
        ("sk-right-key", "house-model"),
        ("sk-right-key", "other"),
        ("sk-wrong-key", "house-model"),
    ):
        patient.set(openai_api_key=key, openai_model=model)
        found = {check.key: check.level for check in await patient.examined()}
        keys.append(next(each for each in found.items() if each[0].startswith("model_")))
    await runner.cleanup()
    assert keys == [
        ("model_fine", Level.OK),
        ("model_unlisted", Level.WARN),
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
