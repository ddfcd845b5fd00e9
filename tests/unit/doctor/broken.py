"""Set-ups broken in one way each, and what the doctor must say of them."""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.doctor.findings import Level
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
from bot.settings import DATABASE_FILE
from bot.storage.audit import SqlFreeze
from bot.wiring import open_storage
from tests.unit.doctor.conftest import Patient, now

NOWHERE = "http://127.0.0.1:9"  # the discard port, where nothing listens
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
        setting(approvals_required=3),
        "approvers_few",
        Level.FAIL,
        "3 approvals are needed, and 2",
    ),
    Broken(
        "one approver, and nobody for the fourth kill",
        setting(approvers=APPROVER),
        "approvers_alone",
        Level.WARN,
        "more than 3 kills within 10 minutes need two",
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
        "prometheus: refuses the connection",
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
    Broken("no document", no_documents, "knowledge_empty", Level.WARN, "bot ingest --source"),
    Broken("a damaged index", damaged_index, "knowledge_failed", Level.FAIL, "bot ingest"),
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
    Broken(
        "a cluster without a name",
        setting(cluster_name="cluster"),
        "cluster_unnamed",
        Level.WARN,
        "CLUSTER_NAME",
    ),
    Broken("a dry run", setting(dry_run=True), "dry_run", Level.WARN, "DRY_RUN=false"),
)
