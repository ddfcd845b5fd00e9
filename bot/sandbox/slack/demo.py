"""The workspace of the demo and of most tests."""

from bot.sandbox.slack.workspace import AppShortcut, Bot, Channel, Team, User, UserGroup, Workspace

TEAM = "T0DATATEAM"
BOT_USER = "U0DANGJIK"
APPROVER = "U0ONCALL1"
SECOND_APPROVER = "U0ONCALL2"
COLLEAGUE = "U0COLLEAGUE"
GUEST = "U0GUEST01"
DELETED = "U0DELETED"
STRANGER = "U0STRANGER"
ALERT_CHANNEL = "C0ONCALL1"
RANDOM_CHANNEL = "C0RANDOM1"
PRIVATE_CHANNEL = "C0PRIVATE"
SHARED_CHANNEL = "C0SHARED1"
APPROVER_GROUP = "S0ONCALL1"
WEBHOOK_BOT = "B0ALERTHOOK"
ALERT_APP_BOT = "B0ALERTAPP"
BOT_TOKEN = "xoxb-sandbox-dangjik"  # noqa: S105  # a sandbox name, opens nothing
APP_TOKEN = "xapp-1-sandbox-dangjik"  # noqa: S105  # as above
ALERT_APP_TOKEN = "xoxb-sandbox-alertmanager"  # noqa: S105  # as above


def _people() -> list[User]:
    return [
        User(APPROVER, "minji", "김민지", TEAM, "데이터 플랫폼 당직", aliases=("민지",)),
        User(SECOND_APPROVER, "doyun", "이도윤", TEAM, "데이터 플랫폼", aliases=("도윤",)),
        User(COLLEAGUE, "junho", "박준호", TEAM, "데이터 분석", aliases=("준호",)),
        User(GUEST, "seoyeon", "이서연", TEAM, "협력사 (게스트)", is_ultra_restricted=True),
        User(DELETED, "eunwoo", "최은우", TEAM, deleted=True),
        User(STRANGER, "alex", "Alex Kim", "T0PARTNER", is_stranger=True, locale="en-US"),
        User(BOT_USER, "dangjik", "당직", TEAM, is_bot=True),
        User("U0ALERTAPP", "alertmanager", "Alertmanager", TEAM, is_bot=True),
    ]


def _channels() -> list[Channel]:
    staff = {APPROVER, SECOND_APPROVER, COLLEAGUE, BOT_USER}
    return [
        Channel(
            ALERT_CHANNEL,
            "data-oncall",
            members=staff | {GUEST, "U0ALERTAPP"},
            topic="클러스터 알림과 당직 · cluster alerts and on-call",
        ),
        Channel(RANDOM_CHANNEL, "random", members=staff, topic="잡담 · chatter"),
        Channel(PRIVATE_CHANNEL, "infra-private", "private", {APPROVER, BOT_USER}),
        Channel(SHARED_CHANNEL, "partner-shared", members=staff | {STRANGER}, is_ext_shared=True),
        Channel("D0MINJI01", "", "im", {APPROVER, BOT_USER}),
        Channel("D0JUNHO01", "", "im", {COLLEAGUE, BOT_USER}),
        Channel("D0SEOYEON", "", "im", {GUEST, BOT_USER}),
    ]


def demo_workspace() -> Workspace:
    """Return a fresh workspace: on-call, colleague, guest, leaver, stranger, two alert bots."""
    return Workspace(
        Team(TEAM, "데이터 플랫폼팀", "data-platform"),
        Bot("B0DANGJIK", "A0DANGJIK", "당직", BOT_USER, BOT_TOKEN, icon=":owl:"),
        APP_TOKEN,
        users=_people(),
        channels=_channels(),
        other_bots=[
            Bot(WEBHOOK_BOT, "A0WEBHOOKS", "Alertmanager", icon=":rotating_light:"),
            Bot(ALERT_APP_BOT, "A0ALERTAPP", "Alertmanager", "U0ALERTAPP", ALERT_APP_TOKEN),
        ],
        shortcuts=[
            AppShortcut("investigate", "message", "원인 조사", "Investigate"),
            AppShortcut("cluster_status", "global", "클러스터 상태", "Cluster status"),
        ],
        groups=[
            UserGroup(APPROVER_GROUP, "data-oncall", "데이터 당직", [APPROVER, SECOND_APPROVER])
        ],
    )
