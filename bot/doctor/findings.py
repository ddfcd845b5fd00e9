"""What the doctor found, and how it is said: one line each, what was found → what to do."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.language import Language, Text
from bot.errors import FaultKind, FaultReason
from bot.texts.figures import KINDS, REASONS


class Level(StrEnum):
    """How bad a finding is; only `fail` makes the doctor's exit code 1.

    What a setting names and does not work is a failure; what is merely not set up is a warning.
    """

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was checked, how it went, the key of its text and the text's values."""

    name: str
    level: Level
    key: str
    values: dict[str, str] = field(default_factory=dict)


# Three lines each: key, level and what was checked; the line in Korean; the line in English.
_TABLE = """\
slack_no_token fail slack
{variable}이 비어 있습니다 → slack-manifest.yaml로 앱을 만들고 토큰을 .env에 넣으세요
{variable} is empty → create the app from slack-manifest.yaml and put its token into .env
slack_swapped fail slack
두 토큰이 서로 바뀌었습니다 → SLACK_BOT_TOKEN과 SLACK_APP_TOKEN의 값을 맞바꾸세요
the two tokens are swapped → exchange SLACK_BOT_TOKEN and SLACK_APP_TOKEN
slack_kind fail slack
{variable}이 {prefix}로 시작하지 않습니다 → xoxb-는 OAuth & Permissions, xapp-는 App-Level Tokens에 있습니다
{variable} does not begin with {prefix} → xoxb- is under OAuth & Permissions, xapp- under App-Level Tokens
slack_refused fail slack
Slack이 {variable}을 거부합니다 ({code}) → 앱을 다시 설치하고 토큰을 새로 복사하세요. xapp- 토큰에는 connections:write가 필요합니다
Slack refuses {variable} ({code}) → reinstall the app and copy the token anew; an xapp- token needs connections:write
slack_unreachable fail slack
{address}에 닿지 않습니다 ({reason}) → SLACK_API_URL, 프록시, 방화벽(443)을 확인하세요
{address} cannot be reached ({reason}) → check SLACK_API_URL, the proxy and the firewall (443)
slack_found ok slack
{team}의 @{bot}
@{bot} in {team}
slack_app_token ok slack
Socket Mode를 열 수 있습니다
Socket Mode can be opened
scopes_whole ok scopes
매니페스트의 권한이 모두 있습니다
everything the manifest asks for
scopes_missing fail scopes
필수 권한이 없습니다: {scopes} → slack-manifest.yaml을 다시 붙여 넣고 앱을 다시 설치하세요
required scopes are missing: {scopes} → paste slack-manifest.yaml again and reinstall the app
scopes_fewer warn scopes
일부 기능의 권한이 없습니다: {scopes} → slack-manifest.yaml을 다시 붙여 넣고 앱을 다시 설치하세요
scopes of some features: {scopes} missing → paste slack-manifest.yaml again and reinstall the app
clock_right ok clock
Slack의 시각과 맞습니다
agrees with Slack's
clock_wrong fail clock
Slack의 시각과 {seconds}초 다릅니다 → 시각 동기화(chrony, systemd-timesyncd)를 켜세요. 승인 기한이 틀어집니다
is {seconds} s apart from Slack's → turn time synchronization on (chrony, systemd-timesyncd): approvals expire wrongly
channel_fine ok channels
{channel}에 들어가 있습니다
is in {channel}
channel_unknown fail channels
{channel} 채널이 없거나 초대받지 않은 비공개 채널입니다 → 이름이 아니라 채널 ID(C…)를 적고, 비공개 채널에는 봇을 초대하세요
{channel} does not exist, or is private without us → write the channel's id (C…), not its name, and invite the bot to private ones
channel_archived fail channels
{channel}은 보관된 채널입니다 → 다른 채널 ID를 적으세요
{channel} is archived → name another channel
channel_foreign fail channels
{channel}에 들어가 있지 않습니다 → 채널에서 /invite @{bot}
is not in {channel} → say /invite @{bot} in the channel
channel_failed fail channels
{channel}: Slack 오류 {code} → 권한(channels:read, groups:read)을 확인하고 다시 실행하세요
{channel}: Slack says {code} → check the scopes channels:read and groups:read, and run this again
sender_read ok senders
{sender}: 최근 글 중 울림 {firing}, 종료 {over}, 알람 아님 {none}
{sender}: of its latest posts {firing} fire, {over} end, {none} are no alerts
channel_none warn channels
아직 어느 채널에도 없습니다 → 알림 채널에서 /invite @{bot}
is in no channel yet → say /invite @{bot} in the alert channel
approvers_none warn approvers
아무도 승인할 수 없어 종료하지 못합니다 → APPROVERS에 사용자 ID(U…), 또는 APPROVER_GROUP에 그룹 ID(S…)를 적으세요
nobody may approve, so nothing can be killed → write user ids (U…) into APPROVERS, or a group id (S…) into APPROVER_GROUP
approver_unfit fail approvers
{user}는 승인할 수 없습니다: {code} → APPROVERS에서 빼고 정식 구성원을 적으세요
{user} may not approve: {code} → replace it in APPROVERS by a full member
approver_unknown fail approvers
{user}라는 사용자가 없습니다 → APPROVERS에 이름이 아니라 구성원 ID(U…)를 적으세요
there is no user {user} → APPROVERS wants member ids (U…), not names
approver_failed fail approvers
{user}: Slack 오류 {code} → users:read 권한을 확인하고 다시 실행하세요
{user}: Slack says {code} → check the scope users:read, and run this again
approvers_few fail approvers
승인 {needed}건이 필요하지만 승인할 수 있는 사람은 {able}명입니다 → 승인자를 더하거나 APPROVALS_REQUIRED를 낮추세요
{needed} approvals are needed, and {able} people can approve → add approvers or lower APPROVALS_REQUIRED
approvers_alone warn approvers
승인할 수 있는 사람이 한 명뿐입니다 → 승인자를 더하세요. {minutes}분 안에 {kills}건이 넘는 종료는 두 사람이 승인해야 합니다
one person alone can approve → add an approver: more than {kills} kills within {minutes} minutes need two
approvers_fine ok approvers
{able}명이 승인할 수 있고 {needed}건이 필요합니다
{able} people can approve, {needed} needed
group_missing fail approvers
{group} 그룹이 없습니다 → APPROVER_GROUP에 @이름이 아니라 그룹 ID(S…)를 적으세요
there is no user group {group} → APPROVER_GROUP wants the group's id (S…), not its @handle
group_empty fail approvers
{group} 그룹에 사람이 없습니다 → Slack에서 그룹에 승인자를 넣으세요
the user group {group} has no members → add the approvers to it in Slack
group_plan fail approvers
이 워크스페이스의 요금제에는 사용자 그룹이 없습니다 ({group}) → APPROVER_GROUP을 비우고 APPROVERS에 사용자 ID를 적으세요
this workspace's plan has no user groups ({group}) → empty APPROVER_GROUP and write user ids into APPROVERS
group_failed fail approvers
{group}: Slack 오류 {code} → usergroups:read 권한을 확인하고 다시 실행하세요
{group}: Slack says {code} → check the scope usergroups:read, and run this again
backend_none fail applications
볼 클러스터가 없습니다 → YARN_URL 또는 SPARK_MASTER_URL을 적으세요
there is no cluster to look at → set YARN_URL or SPARK_MASTER_URL
backend_failed fail -
{kind}: {detail} → 주소, 네트워크, 인증(앞단 프록시)을 확인하세요
{kind}: {detail} → check the address, the network, and any sign-in page in front
backend_wrong fail cluster
{detail} → 설정을 고치세요
{detail} → mend that setting
gateway_fine ok cluster
{address} 게이트웨이로 읽고 종료합니다. 이 프로세스에는 클러스터 주소가 없습니다
is read, and killed on, by the gateway at {address}; this process holds no address of it
gateway_token fail cluster
{address} 게이트웨이가 토큰을 거부합니다 → 게이트웨이에서 python -m bot api --add-token slack:execute로 만든 토큰을 GATEWAY_TOKEN에 적으세요
the gateway at {address} refuses the token → make one there with python -m bot api --add-token slack:execute and put it into GATEWAY_TOKEN
gateway_failed fail cluster
게이트웨이: {kind}: {detail} → GATEWAY_URL, 네트워크, 게이트웨이가 떠 있는지 확인하세요
the gateway: {kind}: {detail} → check GATEWAY_URL, the network, and that the gateway runs
yarn_active ok yarn
활성 {address} ({version})
active {address} ({version})
yarn_standby ok yarn
대기 {address} ({version})
standby {address} ({version})
yarn_no_active fail yarn
활성 ResourceManager가 없습니다 → YARN_URL에 ResourceManager 주소를 모두 적으세요
there is no active ResourceManager → name all ResourceManager addresses in YARN_URL
yarn_two_clusters fail yarn
YARN_URL에 서로 다른 클러스터가 둘 이상 있습니다(모두 ACTIVE): {addresses} → 클러스터마다 봇을 하나씩 두고 한 클러스터의 주소만 적으세요
YARN_URL names more than one cluster, each with an ACTIVE one: {addresses} → name one cluster only, and run one bot for each
yarn_hidden warn yarn
{user} 사용자에게 {count}개 잡의 수치를 숨깁니다 → {user}를 acl_administer_queue 또는 yarn.admin.acl에 넣으세요(VIEW_APP 권한)
hides the figures of {count} jobs from {user} → put {user} into acl_administer_queue, or yarn.admin.acl (the right VIEW_APP)
yarn_kill_proved ok yarn
{user} 사용자에게 종료 권한이 있습니다(큐 {queues}, 이미 끝난 잡으로 확인)
{user} may kill (queues {queues}; proved on jobs that had ended)
yarn_kill_partly warn yarn
{user} 사용자는 큐 {queues}에서는 종료할 수 있고 {refused}에서는 없습니다 → {user}를 그 큐의 acl_administer_queue에 넣으세요
{user} may kill in queues {queues}, and not in {refused} → put {user} into acl_administer_queue of those queues
yarn_kill_reachable ok yarn
종료 요청이 {user} 사용자로 전달됩니다. 끝난 다른 사용자의 잡이 없어 권한은 확인하지 못했습니다
kill requests arrive as {user}; nobody else's job has ended by itself, so the right is not proved
yarn_kill_forbidden fail yarn
{user} 사용자의 종료 요청이 거부됩니다: {detail} → {user}를 큐의 acl_administer_queue(또는 yarn.admin.acl)에 넣거나 YARN_AUTH를 맞추세요
kill requests of {user} are refused: {detail} → put {user} into acl_administer_queue of the queues (or yarn.admin.acl), or set YARN_AUTH
yarn_kill_unknown warn yarn
종료 권한을 확인하지 못했습니다: {detail} → 잠시 뒤 다시 실행하세요
the right to kill could not be tried: {detail} → run this again later
spark_master ok spark
{status} {address}
{status} {address}
spark_no_alive fail spark
ALIVE인 마스터가 없습니다 → SPARK_MASTER_URL에 마스터 웹 UI 주소를 모두 적으세요
no master is ALIVE → name the web UI addresses of all masters in SPARK_MASTER_URL
spark_kill_offered ok spark
종료를 받습니다
kills are accepted
spark_kill_off fail spark
마스터가 종료를 받지 않습니다 → 마스터에 spark.ui.killEnabled=true를 설정하세요
the master accepts no kills → set spark.ui.killEnabled=true at the master
spark_kill_untried warn spark
실행 중인 것이 없어 종료를 받는지 알 수 없습니다 → 애플리케이션이 돌 때 다시 실행하세요
nothing runs, so it cannot be told whether kills are accepted → run this again while an application runs
alertmanager_found ok alertmanager
{version}, 울리는 알람 {alerts}개, 적용 중인 사일런스 {silences}개
{version}, {alerts} alerts firing, {silences} silences in force
prometheus_found ok prometheus
찾았습니다 ({version})
found ({version})
prometheus_several fail prometheus
CPU 질의가 계열 {count}개를 돌려줍니다. 하나여야 합니다 → PROMETHEUS_SELECTOR로 한 클러스터만 고르거나 PROMETHEUS_QUERY_CPU를 고치세요
the CPU query gives {count} series where one is wanted → choose one cluster by PROMETHEUS_SELECTOR, or mend PROMETHEUS_QUERY_CPU
prometheus_no_cpu fail prometheus
CPU 값이 없습니다 → node_exporter를 수집하거나 PROMETHEUS_QUERY_CPU를 적으세요
has no CPU figures → scrape node_exporter, or set PROMETHEUS_QUERY_CPU
prometheus_applications ok prometheus
애플리케이션 {count}개의 실제 사용량(출처: {source})
real use of {count} applications (source: {source})
cores_nodes ok cores
NodeManager가 애플리케이션 {count}개의 실제 사용량을 알려 줍니다(노드 {nodes})
NodeManagers tell real use of {count} applications (nodes {nodes})
cores_soon ok cores
NodeManager {nodes}대가 실제 사용량을 잽니다. 두 번째 읽을 때부터 씁니다
{nodes} NodeManagers measure real use; told from the second reading on
cores_bound warn cores
애플리케이션 {count}개의 바쁜 태스크 슬롯뿐입니다. 실사용의 상한입니다 → yarn-site.xml에 yarn.nodemanager.container-metrics.period-ms=2000을 넣거나(docs/ko/clusters.md) process-exporter를 쓰세요
only busy task slots of {count} applications are known, an upper bound of use → set yarn.nodemanager.container-metrics.period-ms=2000 in yarn-site.xml (docs/clusters.md), or use process-exporter
cores_none warn cores
애플리케이션별 사용량을 알려 주는 것이 없어 할당량으로 줄을 세웁니다 → yarn-site.xml에 yarn.nodemanager.container-metrics.period-ms=2000을 넣거나(docs/ko/clusters.md) process-exporter를 쓰세요
nothing tells use by application, so ranking goes by what was granted → set yarn.nodemanager.container-metrics.period-ms=2000 in yarn-site.xml (docs/clusters.md), or use process-exporter
prometheus_none warn prometheus
없습니다. CPU는 스케줄러의 할당량으로만 보입니다 → PROMETHEUS_URL을 적으세요
is not set: CPU is known only as what schedulers granted → set PROMETHEUS_URL
query_refused fail prometheus
{variable}: {detail} → PromQL을 고치거나 비우세요
{variable}: {detail} → mend the PromQL, or leave it empty
query_several fail prometheus
{variable}: 계열이 {count}개입니다. 하나여야 합니다 → 클러스터 하나만 남도록 PromQL을 고치거나 PROMETHEUS_SELECTOR를 쓰세요
{variable}: {count} series where one is wanted → mend the PromQL so that one cluster is left, or use PROMETHEUS_SELECTOR
shared_unprotected warn PROTECTED
여러 사람이 함께 쓰거나 계속 도는 잡이 보호되지 않습니다: {names} → PROTECTED에 {patterns}
shared or never-ending jobs are not protected: {names} → set PROTECTED to {patterns}
query_empty warn prometheus
{variable}의 결과가 비어 있습니다 → PromQL과 수집 대상을 확인하세요
{variable} gives no series → check the PromQL and what is scraped
protected_idle warn PROTECTED
{pattern}에 맞는 실행 중 잡이 없습니다 → PROTECTED의 철자를 확인하세요
{pattern} matches nothing that runs now → check its spelling in PROTECTED
protected_fine ok PROTECTED
실행 중인 잡 {count}개를 지킵니다
{count} running applications are covered
storage_fine ok storage
{where}에 쓸 수 있습니다
{where} can be written
storage_failed fail storage
{detail} → DATA_DIR의 권한과 빈 공간, 또는 DATABASE_URL을 확인하세요
{detail} → check the rights and the space of DATA_DIR, or DATABASE_URL
start_fine ok start
버전 {version}, 시작할 수 있습니다
version {version}, can start
start_failed fail start
시작하지 못합니다: {detail} → 설치가 온전하지 않을 수 있습니다. 다시 설치하세요
cannot start: {detail} → the installation may lack a part: install it again
frozen warn freeze
동결되어 승인되어도 종료하지 않습니다 → 풀려면 python -m bot freeze off
is on: nothing is killed, whatever is approved → lift it with python -m bot freeze off
owed warn replies
Slack이 거부해 올리지 못한 첫 답이 {count}건 있습니다 → 봇이 그 채널에 있는지, 권한이 있는지 확인해 주세요
{count} first replies were refused by Slack and are owed → see whether the bot is in those channels and has its scopes
cluster_unnamed warn CLUSTER_NAME
없어서 다른 클러스터의 알람을 구분하지 못합니다 → 알람에 적히는 이름을 CLUSTER_NAME에 적어 주세요
is not set: alerts of other clusters cannot be told apart → set it to the name your alerts use
dry_run warn DRY_RUN
켜져 있어 종료 요청을 보내지 않습니다 → 실제로 쓰려면 DRY_RUN=false
is on: everything but the kill is done → set DRY_RUN=false for real use
knowledge_fine ok knowledge
매뉴얼 {manual}조각, 이력 {history}조각
{manual} passages of the manual, {history} of the history
knowledge_sample warn knowledge
제품에 들어 있는 예시 문서입니다(매뉴얼 {manual}조각, 이력 {history}조각). 답변마다 예시라고 적힙니다 → python -m bot ingest --source 팀의-문서-폴더
are the sample pages the product ships ({manual} passages of the manual, {history} of the history); every answer says so → replace them: python -m bot ingest --source DIRECTORY
knowledge_unread ok knowledge
아직 색인이 없습니다. 시작할 때 {source}에서 만듭니다
is not indexed yet; the first start does it from {source}
knowledge_empty warn knowledge
문서가 없습니다: {source} → python -m bot ingest --source 문서-폴더
holds no document: {source} → run python -m bot ingest --source DIRECTORY
knowledge_failed fail knowledge
{detail} → CHROMA_URL을 확인하거나 python -m bot ingest
{detail} → check CHROMA_URL, or run python -m bot ingest
knowledge_lonely warn knowledge
DATABASE_URL은 있고 CHROMA_URL은 없습니다 → 여러 대로 돌리려면 CHROMA_URL을 적으세요. 색인이 서로 달라집니다
DATABASE_URL is set and CHROMA_URL is not → set CHROMA_URL for several replicas, or each has an index of its own
model_none ok model
키가 없습니다. 모델 없이 동작합니다
no key: works without a model
model_fine ok model
{model} ({address})
{model} at {address}
model_no_tools warn model
{model} ({address}) 답하지만 도구를 쓰지 않습니다 → 도구 호출을 켜세요(docs/ko/models.md). 그때까지는 봇이 읽은 것만으로 답합니다
{model} at {address} answers and calls no tool → turn tool calls on (docs/models.md); until then it answers from what the bot has read
model_failed fail model
답하지 않습니다({why}) → OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL을 고치거나, 키를 비우고 모델 없이 쓰세요. 서버가 한 말은 로그에 있습니다
gives no answer ({why}) → mend OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL, or empty the key: it works without. The server's own words are in the log
web_none ok web search
키가 없어 웹 검색을 하지 않습니다
no key: no web search
web_set ok web search
키가 있습니다
a key is set
"""
# What mends a cause, in place of the finding's own advice; {variable} is the setting with the address.
_FIXES = """\
name
{variable}의 호스트 이름과 DNS를 확인하세요
check the host name in {variable}, and DNS
closed
{variable}의 포트와 서비스가 떠 있는지 확인하세요
check the port in {variable}, and that the service runs
foreign_ca
CA_BUNDLE에 그 인증서를 발급한 CA 파일을 적으세요
set CA_BUNDLE to the file of its CA
not_tls
{variable}을 http://로 바꾸세요
write http:// in {variable}
tls_wanted
{variable}을 https://로 바꾸세요
write https:// in {variable}
tls
클라이언트 인증서를 요구한다면 CLIENT_CERT에 적으세요
set CLIENT_CERT if it wants a client certificate
proxy
BACKEND_PROXY를 확인하세요
check BACKEND_PROXY
redirect
넘긴 곳을 보고 {variable}에 직접 닿는 주소를 적으세요
it names where to: write the address that answers itself in {variable}
login
앞단의 로그인을 거치지 않는 주소나 토큰(…_TOKEN, …_HEADERS)을 적으세요
use an address without a sign-in page in front, or a token (…_TOKEN, …_HEADERS)
not_found
{variable}의 경로를 확인하세요. YARN은 /cluster를 뺀 주소, Knox는 YARN_REST_PATH=/v1 또는 /
check the path in {variable}: for YARN without /cluster, behind Knox YARN_REST_PATH=/v1 or /
credentials
…_TOKEN, …_HEADERS 또는 주소에 사용자와 암호를 적으세요
set …_TOKEN or …_HEADERS, or write user and password into the address
negotiate
YARN_AUTH=kerberos를 적으세요
set YARN_AUTH=kerberos
no_ticket
KRB5_CLIENT_KTNAME에 keytab을 적거나 kinit을 하세요
set KRB5_CLIENT_KTNAME to a keytab, or run kinit
expired_ticket
KRB5_CLIENT_KTNAME에 keytab을 적으면 티켓이 저절로 갱신됩니다
set KRB5_CLIENT_KTNAME to a keytab, from which tickets are renewed
address
{variable}에 IP 주소 대신 HTTP/호스트 principal의 호스트 이름을 적으세요
write the host name of its HTTP/host principal in {variable}, not its address
"""
SIGNS = {Level.OK: "✓", Level.WARN: "!", Level.FAIL: "✗"}
SUM = Text(
    ko="정상 {ok} · 주의 {warn} · 고칠 것 {fail}", en="{ok} fine · {warn} warnings · {fail} to fix"
)
CODES = {
    "deleted": Text(ko="비활성화된 계정", en="a deactivated account"),
    "bot": Text(ko="봇", en="a bot"),
    "guest": Text(ko="게스트", en="a guest"),
    "stranger": Text(ko="다른 워크스페이스 사람", en="someone of another workspace"),
}


def _by_head(table: str) -> dict[str, Text]:
    lines = iter(table.splitlines())
    return {head: Text(ko=ko, en=en) for head, ko, en in zip(lines, lines, lines, strict=True)}


_HEADS = {
    head.split(" ")[0]: (head.split(" ", 2)[1:], text) for head, text in _by_head(_TABLE).items()
}
FINDINGS = {key: text for key, (_, text) in _HEADS.items()}
FIXES = _by_head(_FIXES)


def finding(key: str, **values: object) -> Check:
    """Return the finding of that key, as the table has it, with its text's values."""
    (level, name), _ = _HEADS[key]
    return Check(name, Level(level), key, {each: str(value) for each, value in values.items()})


def said(check: Check, language: Language) -> str:
    """Return the finding as one line: sign, what was checked, what was found, what to do."""
    values = dict(check.values)
    cause = values.pop("cause", "")
    if "kind" in values:
        why = REASONS[FaultReason(cause)] if cause else KINDS[FaultKind(values["kind"])]
        values["kind"] = why(language, detail="", count="")
    if values.get("code") in CODES:
        values["code"] = CODES[values["code"]](language)
    line = FINDINGS[check.key](language, **values)
    if cause in FIXES:
        line = f"{line.partition(' → ')[0]} → {FIXES[cause](language, **values)}"
    line = f"{SIGNS[check.level]} {check.name}: {line}"
    return "".join(letter if letter.isprintable() else " " for letter in line)
