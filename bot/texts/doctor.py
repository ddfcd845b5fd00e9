"""What the doctor says: for each finding what was found, and what to do where there is something."""

from bot.domain.findings import Check, Level
from bot.domain.language import Language, Text
from bot.errors import FaultKind, FaultReason
from bot.texts.missing import KINDS, REASONS

# What the doctor says of the systems looked at.


_MEASURE = Text(
    ko="yarn-site.xml에 yarn.nodemanager.container-metrics.period-ms=2000을 넣거나(docs/ko/clusters.md)"
    " process-exporter를 쓰세요",
    en="set yarn.nodemanager.container-metrics.period-ms=2000 in yarn-site.xml (docs/clusters.md),"
    " or use process-exporter",
)
# What mends a cause; {variable} is the setting with the system's address.
FIXES: dict[str, Text] = {
    FaultReason.NAME.value: Text(
        ko="{variable}의 호스트 이름과 DNS를 확인하세요",
        en="check the host name in {variable}, and DNS",
    ),
    FaultReason.CLOSED.value: Text(
        ko="{variable}의 포트와 서비스가 떠 있는지 확인하세요",
        en="check the port in {variable}, and that the service runs",
    ),
    FaultReason.FOREIGN_CA.value: Text(
        ko="CA_BUNDLE에 그 인증서를 발급한 CA 파일을 적으세요",
        en="set CA_BUNDLE to the file of its CA",
    ),
    FaultReason.NOT_TLS.value: Text(
        ko="{variable}을 http://로 바꾸세요", en="write http:// in {variable}"
    ),
    FaultReason.TLS_WANTED.value: Text(
        ko="{variable}을 https://로 바꾸세요", en="write https:// in {variable}"
    ),
    FaultReason.TLS.value: Text(
        ko="클라이언트 인증서를 요구한다면 CLIENT_CERT에 적으세요",
        en="set CLIENT_CERT if it wants a client certificate",
    ),
    FaultReason.PROXY.value: Text(ko="BACKEND_PROXY를 확인하세요", en="check BACKEND_PROXY"),
    FaultReason.REDIRECT.value: Text(
        ko="넘긴 곳을 보고 {variable}에 직접 닿는 주소를 적으세요",
        en="it names where to: write the address that answers itself in {variable}",
    ),
    FaultReason.LOGIN.value: Text(
        ko="앞단의 로그인을 거치지 않는 주소나 토큰(…_TOKEN, …_HEADERS)을 적으세요",
        en="use an address without a sign-in page in front, or a token (…_TOKEN, …_HEADERS)",
    ),
    FaultReason.NOT_FOUND.value: Text(
        ko="{variable}의 경로를 확인하세요. YARN은 /cluster를 뺀 주소, Knox는 YARN_REST_PATH=/v1 또는 /",
        en="check the path in {variable}: for YARN without /cluster, behind Knox YARN_REST_PATH=/v1 or /",
    ),
    FaultReason.CREDENTIALS.value: Text(
        ko="…_TOKEN, …_HEADERS 또는 주소에 사용자와 암호를 적으세요",
        en="set …_TOKEN or …_HEADERS, or write user and password into the address",
    ),
    FaultReason.NEGOTIATE.value: Text(
        ko="YARN_AUTH=kerberos를 적으세요", en="set YARN_AUTH=kerberos"
    ),
    FaultReason.NO_TICKET.value: Text(
        ko="KRB5_CLIENT_KTNAME에 keytab을 적거나 kinit을 하세요",
        en="set KRB5_CLIENT_KTNAME to a keytab, or run kinit",
    ),
    FaultReason.EXPIRED_TICKET.value: Text(
        ko="KRB5_CLIENT_KTNAME에 keytab을 적으면 티켓이 저절로 갱신됩니다",
        en="set KRB5_CLIENT_KTNAME to a keytab, from which tickets are renewed",
    ),
    FaultReason.ADDRESS.value: Text(
        ko="{variable}에 IP 주소 대신 HTTP/호스트 principal의 호스트 이름을 적으세요",
        en="write the host name of its HTTP/host principal in {variable}, not its address",
    ),
}

BACKENDS: dict[str, tuple[Text, ...]] = {
    "backend_none": (
        Text(ko="볼 클러스터가 없습니다", en="there is no cluster to look at"),
        Text(ko="YARN_URL 또는 SPARK_MASTER_URL을 적으세요", en="set YARN_URL or SPARK_MASTER_URL"),
    ),
    "backend_failed": (
        Text(ko="{kind}: {detail}", en="{kind}: {detail}"),
        Text(
            ko="주소, 네트워크, 인증(앞단 프록시)을 확인하세요",
            en="check the address, the network, and any sign-in page in front",
        ),
    ),
    "backend_wrong": (
        Text(ko="{detail}", en="{detail}"),
        Text(ko="설정을 고치세요", en="mend that setting"),
    ),
    "yarn_active": (Text(ko="활성 {address} ({version})", en="active {address} ({version})"),),
    "yarn_standby": (Text(ko="대기 {address} ({version})", en="standby {address} ({version})"),),
    "yarn_no_active": (
        Text(ko="활성 ResourceManager가 없습니다", en="there is no active ResourceManager"),
        Text(
            ko="YARN_URL에 ResourceManager 주소를 모두 적으세요",
            en="name all ResourceManager addresses in YARN_URL",
        ),
    ),
    "yarn_two_clusters": (
        Text(
            ko="YARN_URL에 서로 다른 클러스터가 둘 이상 있습니다(모두 ACTIVE): {addresses}",
            en="YARN_URL names more than one cluster, each with an ACTIVE one: {addresses}",
        ),
        Text(
            ko="클러스터마다 봇을 하나씩 두고 한 클러스터의 주소만 적으세요",
            en="name one cluster only, and run one bot for each",
        ),
    ),
    "yarn_hidden": (
        Text(
            ko="{user} 사용자에게 {count}개 잡의 수치를 숨깁니다",
            en="hides the figures of {count} jobs from {user}",
        ),
        Text(
            ko="{user}를 acl_administer_queue 또는 yarn.admin.acl에 넣으세요(VIEW_APP 권한)",
            en="put {user} into acl_administer_queue, or yarn.admin.acl (the right VIEW_APP)",
        ),
    ),
    "yarn_kill_proved": (
        Text(
            ko="{user} 사용자에게 종료 권한이 있습니다(큐 {queues}, 이미 끝난 잡으로 확인)",
            en="{user} may kill (queues {queues}; proved on jobs that had ended)",
        ),
    ),
    "yarn_kill_partly": (
        Text(
            ko="{user} 사용자는 큐 {queues}에서는 종료할 수 있고 {refused}에서는 없습니다",
            en="{user} may kill in queues {queues}, and not in {refused}",
        ),
        Text(
            ko="{user}를 그 큐의 acl_administer_queue에 넣으세요",
            en="put {user} into acl_administer_queue of those queues",
        ),
    ),
    "yarn_kill_reachable": (
        Text(
            ko="종료 요청이 {user} 사용자로 전달됩니다. 끝난 다른 사용자의 잡이 없어 권한은 확인하지 못했습니다",
            en="kill requests arrive as {user}; nobody else's job has ended by itself, so the right is not proved",
        ),
    ),
    "yarn_kill_forbidden": (
        Text(
            ko="{user} 사용자의 종료 요청이 거부됩니다: {detail}",
            en="kill requests of {user} are refused: {detail}",
        ),
        Text(
            ko="{user}를 큐의 acl_administer_queue(또는 yarn.admin.acl)에 넣거나 YARN_AUTH를 맞추세요",
            en="put {user} into acl_administer_queue of the queues (or yarn.admin.acl), or set YARN_AUTH",
        ),
    ),
    "yarn_kill_unknown": (
        Text(
            ko="종료 권한을 확인하지 못했습니다: {detail}",
            en="the right to kill could not be tried: {detail}",
        ),
        Text(ko="잠시 뒤 다시 실행하세요", en="run this again later"),
    ),
    "spark_alive": (Text(ko="{status} {address}", en="{status} {address}"),),
    "spark_standby": (Text(ko="{status} {address}", en="{status} {address}"),),
    "spark_no_alive": (
        Text(ko="ALIVE인 마스터가 없습니다", en="no master is ALIVE"),
        Text(
            ko="SPARK_MASTER_URL에 마스터 웹 UI 주소를 모두 적으세요",
            en="name the web UI addresses of all masters in SPARK_MASTER_URL",
        ),
    ),
    "spark_kill_offered": (Text(ko="종료를 받습니다", en="kills are accepted"),),
    "spark_kill_off": (
        Text(ko="마스터가 종료를 받지 않습니다", en="the master accepts no kills"),
        Text(
            ko="마스터에 spark.ui.killEnabled=true를 설정하세요",
            en="set spark.ui.killEnabled=true at the master",
        ),
    ),
    "spark_kill_untried": (
        Text(
            ko="실행 중인 것이 없어 종료를 받는지 알 수 없습니다",
            en="nothing runs, so it cannot be told whether kills are accepted",
        ),
        Text(
            ko="애플리케이션이 돌 때 다시 실행하세요", en="run this again while an application runs"
        ),
    ),
    "alertmanager_found": (
        Text(
            ko="{version}, 울리는 알람 {alerts}개, 적용 중인 사일런스 {silences}개",
            en="{version}, {alerts} alerts firing, {silences} silences in force",
        ),
    ),
    "prometheus_found": (Text(ko="찾았습니다 ({version})", en="found ({version})"),),
    "prometheus_several": (
        Text(
            ko="CPU 질의가 계열 {count}개를 돌려줍니다. 하나여야 합니다",
            en="the CPU query gives {count} series where one is wanted",
        ),
        Text(
            ko="PROMETHEUS_SELECTOR로 한 클러스터만 고르거나 PROMETHEUS_QUERY_CPU를 고치세요",
            en="choose one cluster by PROMETHEUS_SELECTOR, or mend PROMETHEUS_QUERY_CPU",
        ),
    ),
    "prometheus_no_cpu": (
        Text(ko="CPU 값이 없습니다", en="has no CPU figures"),
        Text(
            ko="node_exporter를 수집하거나 PROMETHEUS_QUERY_CPU를 적으세요",
            en="scrape node_exporter, or set PROMETHEUS_QUERY_CPU",
        ),
    ),
    "prometheus_applications": (
        Text(
            ko="애플리케이션 {count}개의 실제 사용량(출처: {source})",
            en="real use of {count} applications (source: {source})",
        ),
    ),
    "cores_nodes": (
        Text(
            ko="NodeManager가 애플리케이션 {count}개의 실제 사용량을 알려 줍니다(노드 {nodes})",
            en="NodeManagers tell real use of {count} applications (nodes {nodes})",
        ),
    ),
    "cores_soon": (
        Text(
            ko="NodeManager {nodes}대가 실제 사용량을 잽니다. 두 번째 읽을 때부터 씁니다",
            en="{nodes} NodeManagers measure real use; told from the second reading on",
        ),
    ),
    "cores_bound": (
        Text(
            ko="애플리케이션 {count}개의 바쁜 태스크 슬롯뿐입니다. 실사용의 상한입니다",
            en="only busy task slots of {count} applications are known, an upper bound of use",
        ),
        _MEASURE,
    ),
    "cores_none": (
        Text(
            ko="애플리케이션별 사용량을 알려 주는 것이 없어 할당량으로 줄을 세웁니다",
            en="nothing tells use by application, so ranking goes by what was granted",
        ),
        _MEASURE,
    ),
    "prometheus_none": (
        Text(
            ko="없습니다. CPU는 스케줄러의 할당량으로만 보입니다",
            en="is not set: CPU is known only as what schedulers granted",
        ),
        Text(ko="PROMETHEUS_URL을 적으세요", en="set PROMETHEUS_URL"),
    ),
    "query_refused": (
        Text(ko="{variable}: {detail}", en="{variable}: {detail}"),
        Text(ko="PromQL을 고치거나 비우세요", en="mend the PromQL, or leave it empty"),
    ),
    "query_several": (
        Text(
            ko="{variable}: 계열이 {count}개입니다. 하나여야 합니다",
            en="{variable}: {count} series where one is wanted",
        ),
        Text(
            ko="클러스터 하나만 남도록 PromQL을 고치거나 PROMETHEUS_SELECTOR를 쓰세요",
            en="mend the PromQL so that one cluster is left, or use PROMETHEUS_SELECTOR",
        ),
    ),
    "shared_unprotected": (
        Text(
            ko="여러 사람이 함께 쓰거나 계속 도는 잡이 보호되지 않습니다: {names}",
            en="shared or never-ending jobs are not protected: {names}",
        ),
        Text(ko="PROTECTED에 {patterns}", en="set PROTECTED to {patterns}"),
    ),
    "query_empty": (
        Text(ko="{variable}의 결과가 비어 있습니다", en="{variable} gives no series"),
        Text(ko="PromQL과 수집 대상을 확인하세요", en="check the PromQL and what is scraped"),
    ),
    "protected_idle": (
        Text(
            ko="{pattern}에 맞는 실행 중 잡이 없습니다",
            en="{pattern} matches nothing that runs now",
        ),
        Text(ko="PROTECTED의 철자를 확인하세요", en="check its spelling in PROTECTED"),
    ),
    "protected_fine": (
        Text(ko="실행 중인 잡 {count}개를 지킵니다", en="{count} running applications are covered"),
    ),
}


# What the doctor says of Slack: tokens, scopes, clock, channels, approvers.


SLACK: dict[str, tuple[Text, ...]] = {
    "slack_no_token": (
        Text(ko="{variable}이 비어 있습니다", en="{variable} is empty"),
        Text(
            ko="slack-manifest.yaml로 앱을 만들고 토큰을 .env에 넣으세요",
            en="create the app from slack-manifest.yaml and put its token into .env",
        ),
    ),
    "slack_swapped": (
        Text(ko="두 토큰이 서로 바뀌었습니다", en="the two tokens are swapped"),
        Text(
            ko="SLACK_BOT_TOKEN과 SLACK_APP_TOKEN의 값을 맞바꾸세요",
            en="exchange SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
        ),
    ),
    "slack_kind": (
        Text(
            ko="{variable}이 {prefix}로 시작하지 않습니다",
            en="{variable} does not begin with {prefix}",
        ),
        Text(
            ko="xoxb-는 OAuth & Permissions, xapp-는 App-Level Tokens에 있습니다",
            en="xoxb- is under OAuth & Permissions, xapp- under App-Level Tokens",
        ),
    ),
    "slack_refused": (
        Text(ko="Slack이 {variable}을 거부합니다 ({code})", en="Slack refuses {variable} ({code})"),
        Text(
            ko="앱을 다시 설치하고 토큰을 새로 복사하세요. xapp- 토큰에는 connections:write가 필요합니다",
            en="reinstall the app and copy the token anew; an xapp- token needs connections:write",
        ),
    ),
    "slack_unreachable": (
        Text(
            ko="{address}에 닿지 않습니다 ({reason})", en="{address} cannot be reached ({reason})"
        ),
        Text(
            ko="SLACK_API_URL, 프록시, 방화벽(443)을 확인하세요",
            en="check SLACK_API_URL, the proxy and the firewall (443)",
        ),
    ),
    "slack_found": (Text(ko="{team}의 @{bot}", en="@{bot} in {team}"),),
    "slack_app_token": (Text(ko="Socket Mode를 열 수 있습니다", en="Socket Mode can be opened"),),
    "scopes_whole": (
        Text(ko="매니페스트의 권한이 모두 있습니다", en="everything the manifest asks for"),
    ),
    "scopes_missing": (
        Text(ko="필수 권한이 없습니다: {scopes}", en="required scopes are missing: {scopes}"),
        Text(
            ko="slack-manifest.yaml을 다시 붙여 넣고 앱을 다시 설치하세요",
            en="paste slack-manifest.yaml again and reinstall the app",
        ),
    ),
    "scopes_fewer": (
        Text(
            ko="일부 기능의 권한이 없습니다: {scopes}",
            en="scopes of some features: {scopes} missing",
        ),
        Text(
            ko="slack-manifest.yaml을 다시 붙여 넣고 앱을 다시 설치하세요",
            en="paste slack-manifest.yaml again and reinstall the app",
        ),
    ),
    "clock_right": (Text(ko="Slack의 시각과 맞습니다", en="agrees with Slack's"),),
    "clock_wrong": (
        Text(ko="Slack의 시각과 {seconds}초 다릅니다", en="is {seconds} s apart from Slack's"),
        Text(
            ko="시각 동기화(chrony, systemd-timesyncd)를 켜세요. 승인 기한이 틀어집니다",
            en="turn time synchronization on (chrony, systemd-timesyncd): approvals expire wrongly",
        ),
    ),
}
CHANNELS: dict[str, tuple[Text, ...]] = {
    "channel_fine": (Text(ko="{channel}에 들어가 있습니다", en="is in {channel}"),),
    "channel_unknown": (
        Text(
            ko="{channel} 채널이 없거나 초대받지 않은 비공개 채널입니다",
            en="{channel} does not exist, or is private without us",
        ),
        Text(
            ko="이름이 아니라 채널 ID(C…)를 적고, 비공개 채널에는 봇을 초대하세요",
            en="write the channel's id (C…), not its name, and invite the bot to private ones",
        ),
    ),
    "channel_archived": (
        Text(ko="{channel}은 보관된 채널입니다", en="{channel} is archived"),
        Text(ko="다른 채널 ID를 적으세요", en="name another channel"),
    ),
    "channel_foreign": (
        Text(ko="{channel}에 들어가 있지 않습니다", en="is not in {channel}"),
        Text(ko="채널에서 /invite @{bot}", en="say /invite @{bot} in the channel"),
    ),
    "channel_failed": (
        Text(ko="{channel}: Slack 오류 {code}", en="{channel}: Slack says {code}"),
        Text(
            ko="권한(channels:read, groups:read)을 확인하고 다시 실행하세요",
            en="check the scopes channels:read and groups:read, and run this again",
        ),
    ),
    "sender_read": (
        Text(
            ko="{sender}: 최근 글 중 울림 {firing}, 종료 {over}, 알람 아님 {none}",
            en="{sender}: of its latest posts {firing} fire, {over} end, {none} are no alerts",
        ),
    ),
    "channel_none": (
        Text(ko="아직 어느 채널에도 없습니다", en="is in no channel yet"),
        Text(ko="알림 채널에서 /invite @{bot}", en="say /invite @{bot} in the alert channel"),
    ),
}
APPROVERS: dict[str, tuple[Text, ...]] = {
    "approvers_none": (
        Text(
            ko="아무도 승인할 수 없어 종료하지 못합니다",
            en="nobody may approve, so nothing can be killed",
        ),
        Text(
            ko="APPROVERS에 사용자 ID(U…), 또는 APPROVER_GROUP에 그룹 ID(S…)를 적으세요",
            en="write user ids (U…) into APPROVERS, or a group id (S…) into APPROVER_GROUP",
        ),
    ),
    "approver_unfit": (
        Text(ko="{user}는 승인할 수 없습니다: {code}", en="{user} may not approve: {code}"),
        Text(
            ko="APPROVERS에서 빼고 정식 구성원을 적으세요",
            en="replace it in APPROVERS by a full member",
        ),
    ),
    "approver_unknown": (
        Text(ko="{user}라는 사용자가 없습니다", en="there is no user {user}"),
        Text(
            ko="APPROVERS에 이름이 아니라 구성원 ID(U…)를 적으세요",
            en="APPROVERS wants member ids (U…), not names",
        ),
    ),
    "approver_failed": (
        Text(ko="{user}: Slack 오류 {code}", en="{user}: Slack says {code}"),
        Text(
            ko="users:read 권한을 확인하고 다시 실행하세요",
            en="check the scope users:read, and run this again",
        ),
    ),
    "approvers_few": (
        Text(
            ko="승인 {needed}건이 필요하지만 승인할 수 있는 사람은 {able}명입니다",
            en="{needed} approvals are needed, and {able} people can approve",
        ),
        Text(
            ko="승인자를 더하거나 APPROVALS_REQUIRED를 낮추세요",
            en="add approvers or lower APPROVALS_REQUIRED",
        ),
    ),
    "approvers_fine": (
        Text(
            ko="{able}명이 승인할 수 있고 {needed}건이 필요합니다",
            en="{able} people can approve, {needed} needed",
        ),
    ),
    "group_missing": (
        Text(ko="{group} 그룹이 없습니다", en="there is no user group {group}"),
        Text(
            ko="APPROVER_GROUP에 @이름이 아니라 그룹 ID(S…)를 적으세요",
            en="APPROVER_GROUP wants the group's id (S…), not its @handle",
        ),
    ),
    "group_empty": (
        Text(ko="{group} 그룹에 사람이 없습니다", en="the user group {group} has no members"),
        Text(ko="Slack에서 그룹에 승인자를 넣으세요", en="add the approvers to it in Slack"),
    ),
    "group_plan": (
        Text(
            ko="이 워크스페이스의 요금제에는 사용자 그룹이 없습니다 ({group})",
            en="this workspace's plan has no user groups ({group})",
        ),
        Text(
            ko="APPROVER_GROUP을 비우고 APPROVERS에 사용자 ID를 적으세요",
            en="empty APPROVER_GROUP and write user ids into APPROVERS",
        ),
    ),
    "group_failed": (
        Text(ko="{group}: Slack 오류 {code}", en="{group}: Slack says {code}"),
        Text(
            ko="usergroups:read 권한을 확인하고 다시 실행하세요",
            en="check the scope usergroups:read, and run this again",
        ),
    ),
}


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
OURS: dict[str, tuple[Text, ...]] = {
    "storage_fine": (Text(ko="{where}에 쓸 수 있습니다", en="{where} can be written"),),
    "storage_failed": (
        Text(ko="{detail}", en="{detail}"),
        Text(
            ko="DATA_DIR의 권한과 빈 공간, 또는 DATABASE_URL을 확인하세요",
            en="check the rights and the space of DATA_DIR, or DATABASE_URL",
        ),
    ),
    "start_fine": (
        Text(ko="버전 {version}, 시작할 수 있습니다", en="version {version}, can start"),
    ),
    "start_failed": (
        Text(ko="시작하지 못합니다: {detail}", en="cannot start: {detail}"),
        Text(
            ko="설치가 온전하지 않을 수 있습니다. 다시 설치하세요",
            en="the installation may lack a part: install it again",
        ),
    ),
    "frozen": (
        Text(
            ko="동결되어 승인되어도 종료하지 않습니다",
            en="is on: nothing is killed, whatever is approved",
        ),
        Text(ko="풀려면 python -m bot freeze off", en="lift it with python -m bot freeze off"),
    ),
    "owed": (
        Text(
            ko="Slack이 거부해 올리지 못한 첫 답이 {count}건 있습니다",
            en="{count} first replies were refused by Slack and are owed",
        ),
        Text(
            ko="봇이 그 채널에 있는지, 권한이 있는지 확인해 주세요",
            en="see whether the bot is in those channels and has its scopes",
        ),
    ),
    "cluster_unnamed": (
        Text(
            ko="없어서 다른 클러스터의 알람을 구분하지 못합니다",
            en="is not set: alerts of other clusters cannot be told apart",
        ),
        Text(
            ko="알람에 적히는 이름을 CLUSTER_NAME에 적어 주세요",
            en="set it to the name your alerts use",
        ),
    ),
    "dry_run": (
        Text(
            ko="켜져 있어 종료 요청을 보내지 않습니다", en="is on: everything but the kill is done"
        ),
        Text(ko="실제로 쓰려면 DRY_RUN=false", en="set DRY_RUN=false for real use"),
    ),
    "knowledge_fine": (
        Text(
            ko="매뉴얼 {manual}조각, 이력 {history}조각",
            en="{manual} passages of the manual, {history} of the history",
        ),
    ),
    "knowledge_sample": (
        Text(
            ko="제품에 들어 있는 예시 문서입니다(매뉴얼 {manual}조각, 이력 {history}조각). 답변마다 예시라고 적힙니다",
            en="are the sample pages the product ships ({manual} passages of the manual, {history} of the history); every answer says so",
        ),
        Text(
            ko="python -m bot ingest --source 팀의-문서-폴더",
            en="replace them: python -m bot ingest --source DIRECTORY",
        ),
    ),
    "knowledge_unread": (
        Text(
            ko="아직 색인이 없습니다. 시작할 때 {source}에서 만듭니다",
            en="is not indexed yet; the first start does it from {source}",
        ),
    ),
    "knowledge_empty": (
        Text(ko="문서가 없습니다: {source}", en="holds no document: {source}"),
        Text(
            ko="python -m bot ingest --source 문서-폴더",
            en="run python -m bot ingest --source DIRECTORY",
        ),
    ),
    "knowledge_failed": (
        Text(ko="{detail}", en="{detail}"),
        Text(
            ko="CHROMA_URL을 확인하거나 python -m bot ingest --rebuild",
            en="check CHROMA_URL, or run python -m bot ingest --rebuild",
        ),
    ),
    "knowledge_lonely": (
        Text(
            ko="DATABASE_URL은 있고 CHROMA_URL은 없습니다",
            en="DATABASE_URL is set and CHROMA_URL is not",
        ),
        Text(
            ko="여러 대로 돌리려면 CHROMA_URL을 적으세요. 색인이 서로 달라집니다",
            en="set CHROMA_URL for several replicas, or each has an index of its own",
        ),
    ),
    "model_none": (
        Text(ko="키가 없습니다. 모델 없이 동작합니다", en="no key: works without a model"),
    ),
    "model_fine": (Text(ko="{model} ({address})", en="{model} at {address}"),),
    "model_no_tools": (
        Text(
            ko="{model} ({address}) 답하지만 도구를 쓰지 않습니다",
            en="{model} at {address} answers and calls no tool",
        ),
        Text(
            ko="도구 호출을 켜세요(docs/ko/models.md). 그때까지는 봇이 읽은 것만으로 답합니다",
            en="turn tool calls on (docs/models.md); until then it answers from what the bot has read",
        ),
    ),
    "model_failed": (
        Text(ko="답하지 않습니다({why})", en="gives no answer ({why})"),
        Text(
            ko="OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL을 고치거나, 키를 비우고 모델 없이 쓰세요. 서버가 한 말은 로그에 있습니다",
            en="mend OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL, or empty the key: it works without. The server's own words are in the log",
        ),
    ),
    "web_none": (Text(ko="키가 없어 웹 검색을 하지 않습니다", en="no key: no web search"),),
    "web_set": (Text(ko="키가 있습니다", en="a key is set"),),
    "health_off": (Text(ko="꺼져 있습니다", en="is off"),),
    "health_free": (Text(ko="{port}번 포트를 쓸 수 있습니다", en="port {port} is free"),),
    "health_running": (
        Text(
            ko="{port}번 포트에서 당직이 이미 돌고 있습니다",
            en="port {port}: dangjik runs there already",
        ),
    ),
    "health_taken": (
        Text(ko="{port}번 포트를 쓸 수 없습니다: {reason}", en="port {port}: {reason}"),
        Text(
            ko="HEALTH_PORT에 다른 포트를 적으세요 (0이면 끔)",
            en="set HEALTH_PORT to another port (0 = off)",
        ),
    ),
}
FINDINGS = {**SLACK, **CHANNELS, **APPROVERS, **BACKENDS, **OURS}


def said(check: Check, language: Language) -> str:
    """Return the finding as one line: sign, what was checked, what was found, what to do."""
    values = dict(check.values)
    if "kind" in values:
        kind, cause = FaultKind(values["kind"]), values.get("cause")
        values["kind"] = (REASONS[FaultReason(cause)] if cause else KINDS[kind])(
            language, detail="", count=""
        )
    known = values.pop("cause", "")
    if values.get("code") in CODES:
        values["code"] = CODES[values["code"]](language)
    found, *fix = (text(language, **values) for text in FINDINGS[check.key])
    if known in FIXES:
        fix = [FIXES[known](language, **values)]
    line = " → ".join((f"{SIGNS[check.level]} {check.name}: {found}", *fix))
    return "".join(letter if letter.isprintable() else " " for letter in line)
